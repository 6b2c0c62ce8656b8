//! The roles that a catalog's resources offer, as a list of their own (graph-contract 1.5 C5).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde_json::Value;

use super::super::envelope::Answer;
use super::super::filter::{Literal, Operator};
use super::super::query::{Place, Query, invalid_filter};
use super::super::resources::{Resource, Role};
use super::super::shared::Shared;
use super::super::tenant::Tenant;
use super::catalogs::{known, resources};
use super::node::{self, Collection, Node};
use super::payload::guid;

/// A role on its way out of a catalog; the lists of roles filter and expand it.
struct RoleRow<'t>(&'t Role, &'t Resource);

/// `GET catalogs/{id}/resourceRoles`, which wants the pair `originSystem eq '…' and resource/id eq '…'` [graph-contract 1.5 C5].
///
/// One vendor document (seed 003) filters this path by the resource's own `id` and expands `roles,scopes`: that answers the resource.
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let query = Query::parse(&place, &["$select", "$filter", "$expand", "$top"])?;
    if matches!(query.filter.0.as_slice(), [only] if only.path.eq_ignore_ascii_case("id")) {
        return resources(State(shared), Path(id), Extension(place)).await;
    }
    let id = guid(&id)?;
    node::check::<RoleRow<'_>>(&query)?;
    let wanted = |path: &str| {
        let comparison = query.filter.0.iter().find(|comparison| comparison.path.eq_ignore_ascii_case(path));
        comparison.and_then(|comparison| match &comparison.literal {
            Literal::Text(text) => Some(text.to_lowercase()),
            _ => None,
        })
    };
    let (Some(_), Some(resource_id)) = (wanted("originSystem"), wanted("resource/id")) else {
        return Err(invalid_filter("originSystem and resource/id must both be compared; anything less"));
    };
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            known(tenant, &id)?;
            let resources = tenant.resources.get(&resource_id).into_iter().filter(|resource| resource.catalog_id == id);
            let rows = resources.flat_map(|resource| resource.roles.iter().map(move |role| RoleRow(role, resource)));
            let rows = rows
                .filter(|row| query.filter.0.iter().all(|comparison| node::holds(row, tenant, comparison)))
                .skip_while(|row| query.after.as_ref().is_some_and(|after| *after != row.0.origin_id))
                .skip(usize::from(query.after.is_some()))
                .map(|RoleRow(role, resource)| (role.origin_id.as_str(), Node::Role(role, Some(resource))));
            query.page_of(&place, rows, |row| {
                node::render(row, tenant, query.select.as_deref(), &query.expand).map(Value::Object)
            })
        })
        .await
        .map(Json)
}

impl Collection for RoleRow<'_> {
    const FILTERS: &'static [(&'static str, &'static [Operator])] = &[
        ("originsystem", node::EQUAL),
        ("resource/id", node::EQUAL),
        ("displayname", node::EQUAL),
        ("originid", node::EQUAL),
    ];
    const EXPANSIONS: &'static [&'static str] = &["resource"];

    fn node<'t>(&'t self, _: &'t Tenant) -> Node<'t> {
        Node::Role(self.0, Some(self.1))
    }

    fn filtered(&self, _: &Tenant, property: &str) -> Value {
        Value::from(match property {
            "originsystem" => self.0.origin_system.name(),
            "resource/id" => &self.1.id,
            "originid" => &self.0.origin_id,
            _ => &self.0.display_name,
        })
    }
}
