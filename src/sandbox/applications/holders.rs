//! Who holds an application's roles.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::envelope::Answer;
use super::super::grants;
use super::super::query::{Place, Query, selected};
use super::super::resources::OriginSystem;
use super::super::shared::Shared;
use super::known;

/// `GET /servicePrincipals/{id}/appRoleAssignedTo`: what packages have given; the ids are derived, always the same.
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let query = Query::parse(&place, &["$select", "$top"])?;
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            let application = known(tenant, &id)?;
            let mut rows = Vec::new();
            let default = Uuid::nil().hyphenated().to_string();
            let roles = application.roles.iter().map(|role| &role.id).chain(std::iter::once(&default));
            for role in roles {
                let key = grants::role_key(tenant, OriginSystem::AadApplication, &application.id, role);
                for user in tenant.role_holders(&key).into_iter().flatten() {
                    rows.push((tenant.derived_id("appRoleAssignment", &format!("{key}/{user}")), role, user));
                }
            }
            rows.sort_by(|one, other| one.0.cmp(&other.0));
            let behind = |row: &&(String, &String, &String)| query.after.as_ref().is_none_or(|after| row.0 > *after);
            query.page_of(&place, rows.iter().filter(behind).map(|row| (row.0.as_str(), row)), |(id, role, user)| {
                let name = tenant.users.get(user).and_then(|user| user.text("displayName"));
                let assignment = json!({
                    "id": id, "appRoleId": role, "principalId": user, "principalDisplayName": name,
                    "principalType": "User", "resourceId": application.id,
                    "resourceDisplayName": application.display_name, "createdDateTime": null,
                });
                let Value::Object(assignment) = assignment else { return Ok(Value::Null) };
                selected(assignment, query.select.as_deref()).map(Value::Object)
            })
        })
        .await
        .map(Json)
}
