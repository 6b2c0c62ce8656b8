//! Which delivery of a feed a person may accept where the gate would not. Pure.

use crate::store::{DeliveryRecord, FeedState};
use crate::workflow::definition::Feed;

use super::Verdict;

/// The rules that weigh what a delivery says; a person may know better. What cannot be read, or is not what its source made, nobody can accept.
const WEIGHING_RULES: [&str; 10] = [
    "headerChanged",
    "tooFewRows",
    "rowsLost",
    "badKeys",
    "badColumn",
    "leaversSurge",
    "leaveDatesCleared",
    "attributeSurge",
    "stale",
    "outOfOrder",
];

/// The shortest beginning of a digest that is taken for it.
const LEAST_DIGITS: usize = 6;

/// Why a delivery cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAcceptable {
    /// The digest is not that of the feed's latest delivery.
    #[error(
        "{digest} is no longer the latest delivery of feed {feed}: the latest is {latest}; look at `usherd feed status` and accept that one, or deliver the other again"
    )]
    NoLongerLatest {
        /// The feed.
        feed: String,
        /// The digest that was asked for, shortened.
        digest: String,
        /// That of the latest delivery, shortened.
        latest: String,
    },
    /// The feed's document is another one now.
    #[error(
        "the document of feed {feed} has changed since {digest} was judged; the next pass judges by the new one, so deliver the file again if it does not do so by itself"
    )]
    DocumentChanged {
        /// The feed.
        feed: String,
        /// The digest, shortened.
        digest: String,
    },
    /// It is in force already, removals and all.
    #[error("{digest} is in force already; there is nothing to accept")]
    InForce {
        /// The digest, shortened.
        digest: String,
    },
    /// It was refused for what nobody can accept.
    #[error(
        "{digest} was refused by {rule}: {why}. No person can accept that, for there is nothing whole to take from it; ask for a good delivery"
    )]
    NothingToTake {
        /// The digest, shortened.
        digest: String,
        /// The rule.
        rule: String,
        /// Why.
        why: String,
    },
    /// A person has accepted it before.
    #[error("{digest} was accepted by {by} already; the next pass takes it")]
    Accepted {
        /// The digest, shortened.
        digest: String,
        /// Who accepted it.
        by: String,
    },
}

/// The latest delivery of a feed: what the last pass that found something found.
pub fn latest(state: &FeedState) -> Option<&DeliveryRecord> {
    state.last_refused.as_ref().or(state.accepted.first())
}

/// Whether `digest` may be the beginning of this delivery's.
pub fn is_meant(digest: &str, delivery: &DeliveryRecord) -> bool {
    digest.len() >= LEAST_DIGITS && delivery.digest.starts_with(&digest.to_ascii_lowercase())
}

/// Whether a person may accept the latest delivery, which `digest` is to begin.
///
/// # Errors
/// Fails when it is another delivery, when the feed's document changed, and when there is nothing to accept.
pub fn acceptable<'s>(feed: &Feed, state: &'s FeedState, digest: &str) -> Result<&'s DeliveryRecord, NotAcceptable> {
    let short = |digest: &str| digest.get(..12).unwrap_or(digest).to_owned();
    let latest =
        latest(state).filter(|latest| is_meant(digest, latest)).ok_or_else(|| NotAcceptable::NoLongerLatest {
            feed: feed.name.to_string(),
            digest: short(digest),
            latest: latest(state).map_or_else(|| "none".to_owned(), |latest| short(&latest.digest)),
        })?;
    let digest = short(&latest.digest);
    if latest.feed_hash != feed.hash.as_str() {
        return Err(NotAcceptable::DocumentChanged { feed: feed.name.to_string(), digest });
    }
    if let Some(acceptance) = state.acceptance.as_ref().filter(|acceptance| acceptance.digest == latest.digest) {
        return Err(NotAcceptable::Accepted { digest, by: acceptance.by.clone() });
    }
    if latest.verdict == Verdict::Accepted.word() {
        return Err(NotAcceptable::InForce { digest });
    }
    let waits = state.last_refused.is_none();
    if waits || WEIGHING_RULES.contains(&latest.verdict.as_str()) {
        return Ok(latest);
    }
    let why = latest.why.clone().unwrap_or_else(|| "the reason file beside it says why".to_owned());
    Err(NotAcceptable::NothingToTake { digest, rule: latest.verdict.clone(), why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::fixture::{HEADER, NO_BASE, accepted, feed, now, people, state_after};
    use crate::feed::judge::judge;
    use crate::store::Acceptance;

    /// Twenty people are in force, and `text` came after that.
    fn after(text: &str) -> FeedState {
        let state = accepted(&people(20, |_| None));
        let judgement = judge(text.as_bytes(), &feed(), &state, NO_BASE, now());
        state_after(state, text, judgement)
    }

    fn digest_of(state: &FeedState) -> String {
        latest(state).unwrap().digest.clone()
    }

    #[test]
    fn the_latest_refused_delivery_may_be_accepted_by_the_beginning_of_its_digest() {
        let state = after(&people(10, |_| None));
        let digest = digest_of(&state);
        assert_eq!(acceptable(&feed(), &state, &digest[..6].to_uppercase()).unwrap().verdict, "rowsLost");
        assert!(acceptable(&feed(), &state, &digest[..5]).is_err(), "too short to be meant");
    }

    #[test]
    fn an_earlier_delivery_a_changed_document_and_what_cannot_be_read_are_told_apart() {
        let state = after(&people(10, |_| None));
        let earlier = &state.accepted[0].digest;
        assert!(matches!(acceptable(&feed(), &state, earlier), Err(NotAcceptable::NoLongerLatest { .. })));

        let edited = Feed { hash: "document-2".into(), ..feed() };
        let changed = acceptable(&edited, &state, &digest_of(&state));
        assert!(matches!(changed, Err(NotAcceptable::DocumentChanged { .. })), "{changed:?}");

        for text in [HEADER.to_owned(), HEADER.replace("Id", "Ident"), people(20, |_| None) + "half"] {
            let state = after(&text);
            let refused = acceptable(&feed(), &state, &digest_of(&state));
            let is_weighed = latest(&state).unwrap().verdict == "headerChanged";
            assert_eq!(matches!(refused, Err(NotAcceptable::NothingToTake { .. })), !is_weighed, "{refused:?}");
        }
    }

    #[test]
    fn what_is_in_force_or_accepted_already_needs_nobody() {
        let mut state = accepted(&people(20, |_| None));
        let digest = digest_of(&state);
        assert!(matches!(acceptable(&feed(), &state, &digest), Err(NotAcceptable::InForce { .. })));
        state.accepted[0].verdict = "acceptedRemovalsWait".to_owned();
        assert!(acceptable(&feed(), &state, &digest).is_ok());
        let (by, feed_hash) = ("anna".to_owned(), feed().hash.as_str().to_owned());
        state.acceptance = Some(Acceptance { digest: digest.clone(), feed_hash, by, at: now() });
        assert!(matches!(acceptable(&feed(), &state, &digest), Err(NotAcceptable::Accepted { .. })));
        let unknown = FeedState::default();
        assert!(acceptable(&feed(), &unknown, &digest).unwrap_err().to_string().contains("the latest is none"));
    }
}
