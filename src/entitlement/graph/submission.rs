//! The body that an action sends.

use crate::domain::action::{Action, ActionKind};
use crate::domain::entitlement::{Answer, Expiration, QuestionKind};
use crate::domain::ids::ActionId;
use crate::graph::wire;

/// An action that does not say all that its request needs.
#[derive(Debug, thiserror::Error)]
#[error("action {action} names no {missing}, so no request can be made of it; this is a mistake in usherd")]
pub(super) struct IncompleteAction {
    action: ActionId,
    missing: &'static str,
}

/// The request that carries the action out.
pub(super) fn new_request<'a>(
    action: &'a Action,
    justification: &'a str,
) -> Result<wire::NewAssignmentRequest<'a>, IncompleteAction> {
    let incomplete = |missing| IncompleteAction { action: action.id, missing };
    let assignment = match action.kind {
        ActionKind::AdminAdd => wire::NewAssignment::Given {
            target_id: &action.user,
            assignment_policy_id: action.policy.as_ref().ok_or_else(|| incomplete("policy"))?,
            access_package_id: action.package().ok_or_else(|| incomplete("package"))?,
        },
        ActionKind::AdminRemove => {
            wire::NewAssignment::Taken { id: action.assignment.as_ref().ok_or_else(|| incomplete("assignment"))? }
        }
        ActionKind::AddMember | ActionKind::RemoveMember | ActionKind::Adopt => return Err(incomplete("request type")),
    };
    Ok(wire::NewAssignmentRequest {
        request_type: action.kind.to_string(),
        assignment,
        justification,
        schedule: action.expiration.as_ref().map(|expiration| wire::NewSchedule { expiration: ending(expiration) }),
        answers: action.answers.iter().map(answering).collect(),
    })
}

fn ending(expiration: &Expiration) -> wire::NewExpiration<'_> {
    match expiration {
        Expiration::AfterDuration(duration) => wire::NewExpiration::AfterDuration { duration },
        Expiration::AfterDateTime(end) => wire::NewExpiration::AfterDateTime { end_date_time: *end },
        Expiration::NoExpiration => wire::NewExpiration::NoExpiration,
    }
}

fn answering(answer: &Answer) -> wire::NewAnswer<'_> {
    wire::NewAnswer {
        kind: wire::ANSWER_STRING,
        value: &answer.value,
        display_value: &answer.value,
        answered_question: wire::AnsweredQuestion {
            kind: match answer.kind {
                QuestionKind::TextInput => wire::TEXT_INPUT_QUESTION,
                QuestionKind::MultipleChoice => wire::MULTIPLE_CHOICE_QUESTION,
            },
            id: &answer.question,
        },
    }
}
