//! What an action that came to its end means for the grants: the same for the engine and for a simulation.

use crate::domain::action::{Action, ActionKind, ActionState};
use crate::domain::entitlement::RequestState;
use crate::domain::ids::PackageId;

use super::ledger::{ClaimKey, LedgerChange};

/// What follows from a delivered, or partly delivered, request: an add makes a grant, a removal ends all on the package.
///
/// `to` is the state the action comes to, `state` the request's own.
pub fn consequences(action: &Action, to: ActionState, state: &RequestState) -> Vec<LedgerChange> {
    let is_there = to == ActionState::Delivered
        || (to == ActionState::DeliveryFailed && *state == RequestState::PartiallyDelivered);
    match action.kind {
        ActionKind::AdminAdd if is_there => {
            let claim = action.package().map(|package| ClaimKey {
                document: action.document.clone(),
                subject: action.subject.clone(),
                package: package.clone(),
            });
            claim.map(|claim| LedgerChange::Claim { claim }).into_iter().collect()
        }
        ActionKind::AdminRemove if to == ActionState::Delivered => gone(action),
        _ => Vec::new(),
    }
}

/// The assignment an action took is no longer there.
pub fn gone(action: &Action) -> Vec<LedgerChange> {
    let gone = |package: &PackageId| LedgerChange::Gone {
        subject: action.subject.clone(),
        user: action.user.clone(),
        package: package.clone(),
    };
    action.package().map(gone).into_iter().collect()
}
