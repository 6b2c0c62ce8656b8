//! New, changed and deleted users and groups.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{patch, post};
use axum::{Extension, Json, Router};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::body::Edit;
use super::{DirectoryObject, Kind};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::groups::object_id;
use crate::sandbox::query::Place;
use crate::sandbox::records::{Group, User};
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// The most a mail nickname of a group may not hold (Graph's `group: mailNickname`).
const NOT_IN_NICKNAME: &str = "@()\\[]\";:<>, ";

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/users", post(create_user))
        .route("/users/{id}", patch(update_user).delete(delete_user))
        .route("/groups", post(create_group))
        .route("/groups/{id}", patch(update_group).delete(delete_group))
}

/// The refusal of a sign-in name that another user has.
pub(super) fn name_taken() -> ApiError {
    ApiError::bad_request("Another object with the same value for property userPrincipalName already exists.")
}

/// Refuses a manual change of members where the service keeps them: 403 for rules, 400 for what is mastered on premises.
///
/// # Errors
/// As said, and 404 without the group.
pub(in crate::sandbox) fn check_members_can_change(tenant: &Tenant, group_id: &str) -> Result<(), ApiError> {
    let group = tenant.groups.get(group_id).ok_or_else(|| ApiError::unknown_object(group_id))?;
    let types = group.properties.get("groupTypes").and_then(Value::as_array);
    if types.is_some_and(|types| types.iter().any(|kind| kind == "DynamicMembership")) {
        return Err(ApiError::of_status(StatusCode::FORBIDDEN, None));
    }
    if group.properties.get("onPremisesSyncEnabled") == Some(&Value::Bool(true)) {
        let message = "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.";
        return Err(ApiError::bad_request(message));
    }
    Ok(())
}

async fn create_user(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let edit = Edit::of_new(Kind::User, &read_json(body, &headers).await?)?;
    let name = checked_name(&edit.properties)?.unwrap_or_default();
    shared
        .with_tenant(|tenant, now| {
            if tenant.user(&name).is_some() {
                return Err(name_taken());
            }
            let id = new_id(tenant, "user", &name);
            let mut properties = own_properties(&id, now);
            properties.insert("userType".to_owned(), json!("Member"));
            properties.insert("signInSessionsValidFromDateTime".to_owned(), json!(now));
            properties.extend(edit.properties);
            let user = User { id, properties, manager: None, access_pass: None };
            let shown = created(&place, DirectoryObject::from(&user));
            tenant.put_user(user);
            Ok(shown)
        })
        .await
}

async fn update_user(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let edit = Edit::of_changes(Kind::User, &read_json(body, &headers).await?)?;
    let name = checked_name(&edit.properties)?;
    shared
        .with_tenant(|tenant, _| {
            let mut user = tenant.user(&id).ok_or_else(|| ApiError::unknown_object(&id))?.clone();
            if name.and_then(|name| tenant.user(&name)).is_some_and(|other| other.id != user.id) {
                return Err(name_taken());
            }
            user.properties.extend(edit.properties);
            tenant.put_user(user);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

async fn delete_user(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    shared
        .with_tenant(|tenant, now| {
            let user = tenant.user(&id).ok_or_else(|| ApiError::unknown_object(&id))?.id.clone();
            tenant.delete_object(&user, now);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

async fn create_group(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let edit = Edit::of_new(Kind::Group, &read_json(body, &headers).await?)?;
    check_group(&edit.properties)?;
    shared
        .with_tenant(|tenant, now| {
            check_links(tenant, &edit)?;
            let name = edit.properties.get("displayName").and_then(Value::as_str).unwrap_or_default();
            let id = new_id(tenant, "group", name);
            let mut properties = own_properties(&id, now);
            properties.extend(edit.properties);
            let group = Group { id: id.clone(), properties, owners: edit.owners.into_iter().collect() };
            let shown = created(&place, DirectoryObject::from(&group));
            tenant.put_group(group);
            for member in &edit.members {
                tenant.add_member(&id, member);
            }
            Ok(shown)
        })
        .await
}

/// Changes properties and adds members and owners: all of it or nothing (graph-contract 2.4).
async fn update_group(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let id = object_id(&id)?;
    let edit = Edit::of_changes(Kind::Group, &read_json(body, &headers).await?)?;
    shared
        .with_tenant(|tenant, _| {
            let mut group = tenant.groups.get(&id).ok_or_else(|| ApiError::unknown_object(&id))?.clone();
            if !edit.members.is_empty() {
                check_members_can_change(tenant, &id)?;
            }
            check_links(tenant, &edit)?;
            let already = |ids: &[String], has: &dyn Fn(&str) -> bool| ids.iter().any(|id| has(id));
            for (relation, known) in [
                ("members", already(&edit.members, &|member| tenant.is_member(&id, member))),
                ("owners", already(&edit.owners, &|owner| group.owners.contains(owner))),
            ] {
                if known {
                    return Err(already_linked(relation));
                }
            }
            group.properties.extend(edit.properties);
            check_group(&group.properties)?;
            group.owners.extend(edit.owners);
            tenant.put_group(group);
            for member in &edit.members {
                tenant.add_member(&id, member);
            }
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

async fn delete_group(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let id = object_id(&id)?;
    shared
        .with_tenant(|tenant, now| {
            tenant.groups.get(&id).ok_or_else(|| ApiError::unknown_object(&id))?;
            tenant.delete_object(&id, now);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// The refusal of a link that is there already.
pub(in crate::sandbox) fn already_linked(relation: &str) -> ApiError {
    ApiError::bad_request(format!(
        "One or more added object references already exist for the following modified properties: '{relation}'."
    ))
}

/// The sign-in name in the properties, where they have one.
fn checked_name(properties: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    let name = properties.get("userPrincipalName").and_then(Value::as_str);
    let is_good = |name: &str| {
        let parts = name.split_once('@');
        parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
            && !name.chars().any(|letter| letter.is_whitespace() || letter == '/')
    };
    match name {
        Some(name) if !is_good(name) => {
            Err(ApiError::bad_request("Invalid value specified for property 'userPrincipalName' of resource 'User'."))
        }
        name => Ok(name.map(str::to_owned)),
    }
}

fn check_group(properties: &Map<String, Value>) -> Result<(), ApiError> {
    let text = |name: &str| properties.get(name).and_then(Value::as_str).unwrap_or_default();
    let flag = |name: &str| properties.get(name) == Some(&Value::Bool(true));
    let types: Vec<&str> = properties
        .get("groupTypes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let (unified, dynamic) = (types.contains(&"Unified"), types.contains(&"DynamicMembership"));
    let refusal = if text("mailNickname").contains(|letter: char| NOT_IN_NICKNAME.contains(letter)) {
        "Invalid value specified for property 'mailNickname' of resource 'Group'."
    } else if types.iter().any(|kind| !["Unified", "DynamicMembership"].contains(kind)) {
        "Invalid value specified for property 'groupTypes' of resource 'Group'."
    } else if dynamic && text("membershipRule").is_empty() {
        "A value is required for property 'membershipRule' of a dynamic group."
    } else if !dynamic && !text("membershipRule").is_empty() {
        "The property 'membershipRule' can only be set for a dynamic group."
    } else if flag("mailEnabled") != unified {
        "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set."
    } else if !unified && !flag("securityEnabled") {
        "A group must be security-enabled or a Microsoft 365 group."
    } else {
        return Ok(());
    };
    Err(ApiError::bad_request(refusal))
}

fn check_links(tenant: &Tenant, edit: &Edit) -> Result<(), ApiError> {
    let member = edit.members.iter().find(|id| DirectoryObject::find(tenant, id).is_none());
    let owner = edit.owners.iter().find(|id| tenant.users.get(id).is_none());
    member.or(owner).map_or(Ok(()), |unknown| Err(ApiError::unknown_object(unknown)))
}

/// An id that no object of the tenant has had: the number of directory changes only grows.
fn new_id(tenant: &Tenant, kind: &str, name: &str) -> String {
    tenant.derived_id(kind, &format!("{name}#{}", tenant.directory_log.last()))
}

fn own_properties(id: &str, now: Timestamp) -> Map<String, Value> {
    [("id".to_owned(), json!(id)), ("createdDateTime".to_owned(), json!(now))].into_iter().collect()
}

fn created(place: &Place, object: DirectoryObject<'_>) -> (StatusCode, Json<Value>) {
    let mut shown = Map::from_iter([("@odata.context".to_owned(), json!(format!("{}/$entity", place.context())))]);
    shown.extend(object.render(None));
    (StatusCode::CREATED, Json(Value::Object(shown)))
}
