//! What waits in the ledger for time alone, without a date in a document: lags, refusals and losses that a later look settles.

use jiff::{SignedDuration, Timestamp};

use crate::plan::draft::{FORBIDDEN_FOR, LAG};
use crate::plan::ledger::{Ledger, LedgerAction};
use crate::plan::standing::LOSS_CONFIRMED_AFTER;

/// The first instant after `now` at which something in the ledger may be seen with other eyes.
pub(super) fn next(ledger: &Ledger, now: Timestamp) -> Option<Timestamp> {
    let actions = ledger.actions.values().filter_map(|action| Some((action.changed, wait_of(action)?)));
    let losses = ledger.claims.values().filter_map(|claim| Some((claim.missing_since?, LOSS_CONFIRMED_AFTER)));
    let ends = actions.chain(losses).filter_map(|(since, wait)| since.checked_add(wait).ok());
    ends.filter(|end| *end > now).min()
}

fn wait_of(action: &LedgerAction) -> Option<SignedDuration> {
    match action.state {
        state if state.is_success() => Some(LAG),
        _ if action.is_forbidden => Some(FORBIDDEN_FOR),
        _ => None,
    }
}
