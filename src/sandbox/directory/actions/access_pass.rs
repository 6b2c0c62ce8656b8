//! Temporary access passes: one per user, shown once, usable for a while (Graph's `temporaryAccessPassAuthenticationMethod`).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Extension, Json, Router};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::sandbox::entity::entity;
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::query::{Place, Query};
use crate::sandbox::records::{AccessPass, User};
use crate::sandbox::routes::read_json;
use crate::sandbox::secrets;
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// Minutes that a pass may live (graph-contract 2.5).
const LIFETIMES: std::ops::RangeInclusive<i64> = 10..=43200;
/// Minutes where the body does not say.
const DEFAULT_LIFETIME: i64 = 60;
/// Letters of a pass, as many as the service gives unasked.
const LENGTH: usize = 8;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    let set = "/users/{id}/authentication/temporaryAccessPassMethods";
    Router::new().route(set, get(list).post(create)).route(&format!("{set}/{{pass}}"), get(one).delete(remove))
}

async fn create(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let body = read_json(body, &headers).await?;
    let given = |name: &str| body.get(name).filter(|value| !value.is_null());
    let invalid = |name: &str| ApiError::bad_request(format!("Invalid value specified for property '{name}'."));
    let start: Option<Timestamp> = given("startDateTime")
        .map(|start| start.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| invalid("startDateTime")))
        .transpose()?;
    let lifetime = given("lifetimeInMinutes").map_or(Some(DEFAULT_LIFETIME), Value::as_i64);
    let lifetime = lifetime.filter(|minutes| LIFETIMES.contains(minutes));
    let lifetime_in_minutes = lifetime.ok_or_else(|| invalid("lifetimeInMinutes"))?;
    let is_usable_once = given("isUsableOnce").map_or(Some(false), Value::as_bool);
    let is_usable_once = is_usable_once.ok_or_else(|| invalid("isUsableOnce"))?;
    let text = secrets::random_hex().ok_or_else(|| ApiError::of_status(StatusCode::INTERNAL_SERVER_ERROR, None))?;
    let text: String = text.chars().take(LENGTH).collect();
    shared
        .with_tenant(|tenant, now| {
            let mut user = known(tenant, &id)?.clone();
            let pass = AccessPass {
                id: tenant.derived_id("accessPass", &format!("{}#{now}", user.id)),
                created: now,
                start: start.unwrap_or(now).max(now),
                lifetime_in_minutes,
                is_usable_once,
            };
            let mut shown =
                Map::from_iter([("@odata.context".to_owned(), json!(format!("{}/$entity", place.context())))]);
            shown.extend(pass.render(now));
            shown.insert("temporaryAccessPass".to_owned(), json!(text));
            user.access_pass = Some(pass);
            tenant.put_user(user);
            Ok((StatusCode::CREATED, Json(Value::Object(shown))))
        })
        .await
}

async fn list(State(shared): State<Arc<Shared>>, Path(id): Path<String>, Extension(place): Extension<Place>) -> Answer {
    Query::parse(&place, &[])?;
    shared
        .with_tenant(|tenant, now| {
            let passes: Vec<Map<_, _>> = known(tenant, &id)?.access_pass.iter().map(|pass| pass.render(now)).collect();
            Ok(json!({ "@odata.context": place.context(), "value": passes }))
        })
        .await
        .map(Json)
}

async fn one(
    State(shared): State<Arc<Shared>>,
    Path((id, pass)): Path<(String, String)>,
    Extension(place): Extension<Place>,
) -> Answer {
    Query::parse(&place, &[])?;
    shared
        .with_tenant(|tenant, now| {
            let known = known(tenant, &id)?.access_pass.as_ref().filter(|known| known.id == pass);
            let known = known.ok_or_else(|| ApiError::unknown_object(&pass))?;
            Ok(entity(&place, known.render(now)))
        })
        .await
        .map(Json)
}

async fn remove(
    State(shared): State<Arc<Shared>>,
    Path((id, pass)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    shared
        .with_tenant(|tenant, _| {
            let mut user = known(tenant, &id)?.clone();
            let removed = user.access_pass.take_if(|known| known.id == pass);
            removed.ok_or_else(|| ApiError::unknown_object(&pass))?;
            tenant.put_user(user);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

impl AccessPass {
    fn render(&self, now: Timestamp) -> Map<String, Value> {
        let end = self.start.checked_add(SignedDuration::from_mins(self.lifetime_in_minutes));
        let (is_usable, reason) = if now < self.start {
            (false, "NotYetValid")
        } else if end.is_ok_and(|end| end <= now) {
            (false, "Expired")
        } else {
            (true, "EnabledByPolicy")
        };
        let shape = [
            ("id", json!(self.id)),
            ("createdDateTime", json!(self.created)),
            ("temporaryAccessPass", Value::Null),
            ("startDateTime", json!(self.start)),
            ("lifetimeInMinutes", json!(self.lifetime_in_minutes)),
            ("isUsableOnce", json!(self.is_usable_once)),
            ("isUsable", json!(is_usable)),
            ("methodUsabilityReason", json!(reason)),
        ];
        shape.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn known<'t>(tenant: &'t Tenant, id: &str) -> Result<&'t User, ApiError> {
    tenant.user(id).ok_or_else(|| ApiError::unknown_object(id))
}
