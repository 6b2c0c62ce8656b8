//! Where a tenant's sites are: its `accessPackageResourceEnvironment`.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::super::envelope::Answer;
use super::super::filter::Operator;
use super::super::query::{Place, Query, invalid_filter};
use super::super::resources::OriginSystem;
use super::super::shared::Shared;
use super::super::tenant::Tenant;
use super::node::{self, Collection, EQUAL, Node};

/// Where the tenant's sites are.
#[derive(Clone)]
pub(super) struct Environment {
    pub(super) id: String,
    pub(super) address: String,
    pub(super) admin_address: String,
}

impl Environment {
    /// The tenant's one environment, called after the tenant.
    pub(super) fn of(tenant: &Tenant) -> Self {
        let name = &tenant.profile.name;
        Self {
            id: tenant.derived_id("environment", "SharePointOnline"),
            address: format!("https://{name}.sharepoint.com/"),
            admin_address: format!("https://{name}-admin.sharepoint.com/"),
        }
    }
}

/// `GET resourceEnvironments`, which wants `originSystem eq 'SharePointOnline'`: the one place where this tenant's sites are.
pub(super) async fn list(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>) -> Answer {
    let query = Query::parse(&place, &["$select", "$filter", "$expand", "$top"])?;
    node::check::<Environment>(&query)?;
    if query.filter.0.is_empty() {
        return Err(invalid_filter("without originSystem Equals SharePointOnline this"));
    }
    shared
        .with_tenant(|tenant, _| {
            let environment = Environment::of(tenant);
            let matches = query.filter.0.iter().all(|comparison| node::holds(&environment, tenant, comparison));
            let rows = matches.then_some((environment.id.as_str(), &environment)).into_iter();
            query.page_of(&place, rows, |row| {
                node::render(Node::Environment(row.clone()), tenant, query.select.as_deref(), &query.expand)
                    .map(Value::Object)
            })
        })
        .await
        .map(Json)
}

impl Collection for Environment {
    const FILTERS: &'static [(&'static str, &'static [Operator])] = &[("originsystem", EQUAL)];
    const EXPANSIONS: &'static [&'static str] = &[];

    fn node<'t>(&'t self, _: &'t Tenant) -> Node<'t> {
        Node::Environment(self.clone())
    }

    fn filtered(&self, _: &Tenant, _: &str) -> Value {
        json!(OriginSystem::SharePointOnline.name())
    }
}
