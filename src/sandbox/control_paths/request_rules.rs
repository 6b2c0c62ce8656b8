//! The controls of requests: what refusals are answered with and when, what else no source settles, and callouts to be answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{read, refused};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::lifecycle;
use crate::sandbox::records::Request;
use crate::sandbox::refusals::RefusalKind;
use crate::sandbox::request_rules::{RefusalAnswer, RefusalMode, RequestRules};
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// The longest code or message that a refusal is given, in characters.
const TEXT_LIMIT: usize = 1024;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/refusals", get(refusals).put(set_refusal).delete(reset_refusals))
        .route("/requestRules", get(rules).put(set_rules))
        .route("/callouts", get(callouts))
}

async fn refusals(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let rules = shared.with_tenant_now(|tenant, _| tenant.request_rules.clone());
    let answers = RefusalKind::ALL.iter().map(|kind| {
        let RefusalAnswer { status, code, message } = rules.answer(*kind);
        json!({ "kind": kind, "status": status, "code": code, "message": message, "lateState": kind.late_state() })
    });
    Json(json!({ "mode": rules.refusal_mode, "refusals": answers.collect::<Vec<_>>() }))
}

/// A kind's answer, or when refusals are made.
#[derive(Deserialize)]
#[serde(untagged)]
enum RefusalChange {
    Mode(ModeChange),
    Answer(AnswerChange),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModeChange {
    mode: RefusalMode,
}

#[derive(Deserialize)]
struct AnswerChange {
    kind: RefusalKind,
    #[serde(flatten)]
    answer: RefusalAnswer,
}

async fn set_refusal(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    match read(&headers, body).await? {
        RefusalChange::Mode(ModeChange { mode }) => {
            shared.with_tenant_now(|tenant, _| tenant.request_rules.refusal_mode = mode);
        }
        RefusalChange::Answer(AnswerChange { kind, answer }) => {
            let texts = [Some(&answer.code), answer.message.as_ref()];
            if !(400..500).contains(&answer.status) {
                return Err(refused("The status is one of 400 to 499."));
            }
            if texts.into_iter().flatten().any(|text| text.chars().count() > TEXT_LIMIT) {
                return Err(refused(format!("The code and the message have at most {TEXT_LIMIT} characters.")));
            }
            shared.with_tenant_now(|tenant, _| _ = tenant.request_rules.refusal_answers.insert(kind, answer));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn reset_refusals(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.with_tenant_now(|tenant, _| {
        tenant.request_rules.refusal_mode = RefusalMode::default();
        tenant.request_rules.refusal_answers = BTreeMap::new();
    });
    StatusCode::NO_CONTENT
}

/// The switches; each that is left out stays as it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Switches {
    accepts_email_targets: Option<bool>,
    applications_can_cancel: Option<bool>,
    reprocess_days: Option<u16>,
}

async fn rules(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let RequestRules { accepts_email_targets, applications_can_cancel, reprocess_days, .. } =
        shared.with_tenant_now(|tenant, _| tenant.request_rules.clone());
    Json(json!(Switches {
        accepts_email_targets: Some(accepts_email_targets),
        applications_can_cancel: Some(applications_can_cancel),
        reprocess_days: Some(reprocess_days),
    }))
}

async fn set_rules(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Result<StatusCode, ApiError> {
    let Switches { accepts_email_targets, applications_can_cancel, reprocess_days } = read(&headers, body).await?;
    shared.with_tenant_now(|tenant, _| {
        let rules = &mut tenant.request_rules;
        rules.accepts_email_targets = accepts_email_targets.unwrap_or(rules.accepts_email_targets);
        rules.applications_can_cancel = applications_can_cancel.unwrap_or(rules.applications_can_cancel);
        rules.reprocess_days = reprocess_days.unwrap_or(rules.reprocess_days);
    });
    Ok(StatusCode::NO_CONTENT)
}

/// The callouts that requests wait for: nobody really makes them, so that a tester can answer in the extension's place.
async fn callouts(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let of_request = |request: &Request| -> Vec<Value> {
        let awaited = request.callouts.iter().filter(|callout| lifecycle::is_awaited(callout));
        let shown = awaited.map(|callout| {
            json!({
                "requestId": request.id, "customExtensionStageInstanceId": callout.id, "stage": callout.stage,
                "customExtensionId": callout.custom_extension_id, "deadline": callout.deadline,
            })
        });
        shown.collect()
    };
    let waiting = |tenant: &Tenant| -> Vec<Value> {
        let requests = tenant.requests.iter().filter(|request| request.awaits_callback());
        requests.flat_map(of_request).collect()
    };
    Json(json!(shared.with_tenant_now(|tenant, _| waiting(tenant))))
}
