//! What the signed-in user has to bring to ask for a package, policy by policy (graph-contract 1.5 P7).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::super::packages;
use super::super::payload::guid;
use crate::sandbox::attributes;
use crate::sandbox::caller::Caller;
use crate::sandbox::envelope::Answer;
use crate::sandbox::policy_scope;
use crate::sandbox::query::Place;
use crate::sandbox::records::{LocalizedText, Policy, Question, QuestionKind};
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// `POST accessPackages/{id}/getApplicablePolicyRequirements`: one entry for each policy that the user can ask by.
pub(super) async fn applicable(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Answer {
    let user = caller.user()?;
    let id = guid(&id)?;
    let languages = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            let package = packages::known(tenant, &id)?;
            let is_published = tenant.catalogs.get(&package.catalog_id).is_some_and(|of| of.state == "published");
            let applies = |policy: &&Policy| {
                is_published
                    && policy.requestor_settings.enable_targets_to_self_add_access
                    && policy.requestor_settings.accept_requests
                    && policy_scope::admits(tenant, policy, user)
            };
            let requirements = tenant.policies.by("accesspackage/id", &id).filter(applies);
            let requirements = requirements.map(|policy| requirements_of(tenant, policy, languages));
            let kind = "Collection(microsoft.graph.accessPackageAssignmentRequestRequirements)";
            Ok(json!({
                "@odata.context": format!("{}/v1.0/$metadata#{kind}", place.origin),
                "value": requirements.collect::<Vec<_>>(),
            }))
        })
        .await
        .map(Json)
}

/// An `accessPackageAssignmentRequestRequirements`.
fn requirements_of(tenant: &Tenant, policy: &Policy, languages: &str) -> Value {
    let approval = &policy.approval_settings;
    let questions = attributes::questions(tenant, policy);
    let questions: Vec<Question> = questions.into_iter().map(|question| localized(question, languages)).collect();
    json!({
        "policyId": policy.id, "policyDisplayName": policy.display_name, "policyDescription": policy.description,
        "isApprovalRequiredForAdd": approval.is_approval_required_for_add,
        "isApprovalRequiredForUpdate": approval.is_approval_required_for_update,
        "isRequestorJustificationRequired": approval.is_requestor_justification_required,
        "allowCustomAssignmentSchedule": policy.requestor_settings.allow_custom_assignment_schedule,
        "schedule": { "startDateTime": null, "expiration": policy.expiration, "recurrence": null },
        "questions": questions,
    })
}

/// The question in the first of the languages of an `Accept-Language` that it has; else in its own.
fn localized(question: &Question, languages: &str) -> Question {
    let text = |own: &str, localizations: &[LocalizedText]| {
        let asked = languages.split(',').filter_map(|language| language.split(';').next()).map(str::trim);
        let found = |language: &str| {
            localizations.iter().find(|localized| localized.language_code.eq_ignore_ascii_case(language))
        };
        asked.filter_map(found).next().map_or(own, |localized| &localized.text).to_owned()
    };
    let mut question = question.clone();
    question.text = text(&question.text, &question.localizations);
    if let QuestionKind::MultipleChoice { choices, .. } = &mut question.kind {
        for choice in choices {
            choice.text = text(&choice.text, &choice.localizations);
        }
    }
    question
}
