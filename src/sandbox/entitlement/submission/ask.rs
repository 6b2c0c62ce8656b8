//! What a body asks for: well formed, by somebody who may ask for such a thing, and not yet checked against the tenant (graph-contract 1.9.1).

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::body::{Body, BodyAssignment, BodyTarget};
use super::schedule;
use crate::sandbox::caller::Caller;
use crate::sandbox::entitlement::payload::{guid, refused};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::organizations::domain_of;
use crate::sandbox::records::{Asker, Effect, RequestType, Schedule};

/// The most answers that a request may carry.
const ANSWERS_LIMIT: usize = 100;
/// The longest mail address or name of a target, in characters.
const NAME_LIMIT: usize = 256;
/// The longest justification, in characters.
const JUSTIFICATION_LIMIT: usize = 8192;

/// What the call itself says about its request, beside the body.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::sandbox::entitlement) struct Manner {
    /// The request is checked and nothing more.
    pub(in crate::sandbox::entitlement) is_validation_only: bool,
    /// The target may be named by mail address.
    pub(in crate::sandbox::entitlement) accepts_email_targets: bool,
}

/// A request as its maker wants it.
#[derive(Debug)]
pub(in crate::sandbox::entitlement) struct Ask {
    pub(super) request_type: RequestType,
    /// The user who makes the request, whoever asks by it; an application has no name here.
    pub(super) creator_id: Option<String>,
    /// The user who asks, of a user's own request.
    pub(super) requestor_id: Option<String>,
    pub(super) assignment_id: Option<String>,
    pub(super) target_id: Option<String>,
    /// The target by mail address instead.
    pub(super) target: Option<BodyTarget>,
    /// Whether the mail address is nobody's in the directory.
    pub(super) is_outside: bool,
    pub(super) package_id: Option<String>,
    pub(super) policy_id: Option<String>,
    pub(super) schedule: Option<Schedule>,
    pub(super) answers: Option<Vec<Value>>,
    pub(super) justification: Option<String>,
    pub(super) bypass_approval: bool,
    pub(super) is_validation_only: bool,
}

impl Ask {
    /// Reads what the body asks for.
    ///
    /// # Errors
    /// 400 for what is missing, too long or does not go together, and for the service's own requests; 403 for a
    /// user's request that an application makes.
    pub(in crate::sandbox::entitlement) fn of(
        body: Body,
        caller: &Caller,
        manner: Manner,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let request_type = RequestType::parse(&body.request_type).filter(|kind| kind.asker() != Asker::Service);
        let request_type = request_type.ok_or_else(|| {
            refused("InvalidRequestType", format!("Nobody can make a request of the type '{}'.", body.request_type))
        })?;
        let requestor_id = match request_type.asker() {
            Asker::User => Some(caller.user()?.to_owned()),
            Asker::Administrator | Asker::Service => None,
        };
        let bypass_approval = body.parameters.is_some_and(|parameters| parameters.bypass_approval);
        if bypass_approval && request_type.asker() == Asker::User {
            return Err(malformed("'parameters/bypassApproval' is for requests of administrators only.".to_owned()));
        }
        let answers = body.answers;
        if answers.as_ref().is_some_and(|answers| answers.len() > ANSWERS_LIMIT) {
            return Err(malformed(format!("A request carries at most {ANSWERS_LIMIT} answers.")));
        }
        if body.justification.as_ref().is_some_and(|text| text.chars().count() > JUSTIFICATION_LIMIT) {
            return Err(malformed(format!("'justification' is longer than {JUSTIFICATION_LIMIT} characters.")));
        }
        let named = |property: &str, text: Option<String>| match text {
            None => Ok(None),
            Some(text) => guid(&text).map(Some).map_err(|_| malformed(format!("'{property}' is not a GUID."))),
        };
        let BodyAssignment { id, target_id, assignment_policy_id, access_package_id, target } = body.assignment;
        if let Some(target) = &target {
            check_target(target, manner, request_type, target_id.is_some())?;
        }
        let ask = Self {
            request_type,
            creator_id: caller.user().ok().map(str::to_owned),
            requestor_id,
            assignment_id: named("assignment/id", id)?,
            target_id: named("assignment/targetId", target_id)?,
            target,
            is_outside: false,
            package_id: named("assignment/accessPackageId", access_package_id)?,
            policy_id: named("assignment/assignmentPolicyId", assignment_policy_id)?,
            schedule: body.schedule.map(|schedule| schedule::read(schedule, now)).transpose()?,
            answers,
            justification: body.justification,
            bypass_approval,
            is_validation_only: manner.is_validation_only,
        };
        ask.is_complete().map(|()| ask)
    }

    /// Whether an administrator has to make it.
    pub(in crate::sandbox::entitlement) fn is_administrative(&self) -> bool {
        self.request_type.asker() == Asker::Administrator
    }

    fn is_complete(&self) -> Result<(), ApiError> {
        let name = self.request_type.name();
        let (addition, assignment) = (
            [
                ("targetId", &self.target_id),
                ("accessPackageId", &self.package_id),
                ("assignmentPolicyId", &self.policy_id),
            ],
            &self.assignment_id,
        );
        match (self.request_type.effect(), assignment) {
            (Effect::Add, Some(_)) => Err(malformed(format!("A request of the type {name} names no assignment 'id'."))),
            (Effect::Add, None) => {
                let is_needed = |property: &str| match property {
                    "targetId" => self.requestor_id.is_none() && self.target.is_none(),
                    "assignmentPolicyId" => self.requestor_id.is_none(),
                    _ => true,
                };
                match addition.iter().find(|(property, id)| id.is_none() && is_needed(property)) {
                    Some((property, _)) => Err(malformed(format!("'assignment/{property}' is missing."))),
                    None => Ok(()),
                }
            }
            (_, None) => Err(malformed("'assignment/id' is missing.".to_owned())),
            _ if addition.iter().any(|(_, id)| id.is_some()) => {
                Err(malformed(format!("A request of the type {name} names the assignment by 'id' and nothing else.")))
            }
            (Effect::Update, _) if self.schedule.is_none() && self.answers.is_none() => {
                Err(malformed(format!("A request of the type {name} carries a 'schedule' or 'answers'.")))
            }
            _ => Ok(()),
        }
    }
}

fn check_target(target: &BodyTarget, manner: Manner, kind: RequestType, named_too: bool) -> Result<(), ApiError> {
    if !manner.accepts_email_targets {
        return Err(malformed("'assignment/target' is not taken here; name the user by 'targetId'.".to_owned()));
    }
    if kind != RequestType::AdminAdd || named_too {
        return Err(malformed(
            "'assignment/target' stands in the place of the 'targetId' of an adminAdd only.".to_owned(),
        ));
    }
    let is_short = |text: &str| text.chars().count() <= NAME_LIMIT;
    let is_sound = domain_of(target.email.trim()).is_some()
        && is_short(&target.email)
        && target.display_name.as_deref().is_none_or(is_short);
    if is_sound {
        Ok(())
    } else {
        Err(malformed("'assignment/target' has no mail address, or too long a name.".to_owned()))
    }
}

fn malformed(message: String) -> ApiError {
    ApiError::entitlement(StatusCode::BAD_REQUEST, "InvalidModel", message)
}
