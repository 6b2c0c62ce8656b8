//! How a feed stands: what is in force and how old it is, what its latest deliveries came to, and what is kept. Pure.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::store::{Acceptance, DeliveryRecord, FeedState};
use crate::workflow::definition::{Feed, FeedSource};

use super::{Verdict, acceptance, arrival};

/// How one feed stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedStatus {
    /// The feed.
    pub name: String,
    /// Where its records are.
    pub source: String,
    /// The delivery in force; none until one was accepted.
    pub in_force: Option<DeliveryStatus>,
    /// How old that is, in seconds.
    pub age_seconds: Option<i64>,
    /// How old it may be, in seconds, where the document says so.
    pub max_age_seconds: Option<i64>,
    /// Why it is too old.
    pub too_old: Option<String>,
    /// Everybody in force.
    pub people: usize,
    /// Those of them that the delivery in force lacks.
    pub missing: usize,
    /// Whether removals that rest on it wait for a person.
    pub removals_wait: bool,
    /// What was accepted by a person and is not taken yet.
    pub accepted_by_person: Option<Acceptance>,
    /// The digest that `usherd feed accept` would take now.
    pub acceptable: Option<String>,
    /// The latest deliveries, newest first.
    pub deliveries: Vec<DeliveryStatus>,
    /// What is kept of them.
    pub kept: Kept,
}

/// One delivery and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryStatus {
    /// The SHA-256 of its bytes.
    pub digest: String,
    /// The name it came with.
    pub file: String,
    /// Its rows.
    pub rows: usize,
    /// Rows left out on purpose.
    pub left_out: usize,
    /// When it was judged.
    pub judged: Timestamp,
    /// When its source made it, where that is known.
    pub made: Option<Timestamp>,
    /// `accepted`, `acceptedRemovalsWait`, or the rule that refused it.
    pub verdict: String,
    /// Why, with figures.
    pub why: Option<String>,
    /// Who accepted it where the gate would not have.
    pub accepted_by: Option<String>,
}

/// Deliveries kept on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// The folder of the archive.
    pub archive: PathBuf,
    /// Deliveries in it.
    pub archived: usize,
    /// The folder whose `quarantine` holds what was refused.
    pub refused_in: PathBuf,
    /// Refused deliveries in it.
    pub quarantined: usize,
}

impl FeedStatus {
    /// The status of a feed, from its document in force, the ledger, and what lies on disk.
    pub fn of(feed: &Feed, state: &FeedState, deliveries: &[DeliveryRecord], kept: Kept, now: Timestamp) -> Self {
        let last = state.accepted.first();
        let acceptable = acceptance::latest(state)
            .filter(|latest| acceptance::acceptable(feed, state, &latest.digest).is_ok())
            .map(|latest| latest.digest.clone());
        Self {
            name: feed.name.to_string(),
            source: source(feed),
            in_force: last.map(DeliveryStatus::of),
            age_seconds: last.map(|last| last.age(now).as_secs()),
            max_age_seconds: feed.max_age.map(|age| age.as_secs()),
            too_old: last.and_then(|last| arrival::in_force_too_old(feed, last, now)),
            people: state.persons.len(),
            missing: state.persons.iter().filter(|person| person.missing).count(),
            removals_wait: last.is_some_and(|last| last.verdict != Verdict::Accepted.word()),
            accepted_by_person: state.acceptance.clone(),
            acceptable,
            deliveries: deliveries.iter().map(DeliveryStatus::of).collect(),
            kept,
        }
    }

    /// The age in words.
    pub fn age(&self) -> Option<String> {
        self.age_seconds.map(|age| arrival::in_words(jiff::SignedDuration::from_secs(age)))
    }
}

impl DeliveryStatus {
    fn of(record: &DeliveryRecord) -> Self {
        let record = record.clone();
        Self {
            digest: record.digest,
            file: record.file,
            rows: record.rows,
            left_out: record.left_out,
            judged: record.judged,
            made: record.made,
            verdict: record.verdict,
            why: record.why,
            accepted_by: record.accepted_by,
        }
    }
}

/// Where a feed's records are, as the document has it.
fn source(feed: &Feed) -> String {
    match &feed.source {
        FeedSource::File(path) => format!("file {path}"),
        FeedSource::Drop(path) => format!("drop {path}"),
        FeedSource::Http(_) => "http".to_owned(),
        FeedSource::Scim(_) => "scim".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::fixture::{NO_BASE, accepted, feed, now, people, state_after};
    use crate::feed::judge::judge;

    fn kept() -> Kept {
        Kept { archive: "archive/hr".into(), archived: 1, refused_in: "in".into(), quarantined: 0 }
    }

    #[test]
    fn a_feed_tells_what_is_in_force_and_what_could_be_accepted() {
        let feed = Feed { max_age: Some(jiff::SignedDuration::from_hours(24)), ..feed() };
        let never = FeedStatus::of(&feed, &FeedState::default(), &[], kept(), now());
        assert_eq!((never.in_force.is_none(), never.people, never.age()), (true, 0, None));

        let text = people(10, |_| None);
        let before = accepted(&people(20, |_| None));
        let judgement = judge(text.as_bytes(), &feed, &before, NO_BASE, now());
        let mut state = state_after(before, &text, judgement);
        state.persons[0].missing = true;
        let refused = state.last_refused.clone().unwrap();
        let later = now() + jiff::SignedDuration::from_hours(25);
        let status = FeedStatus::of(&feed, &state, std::slice::from_ref(&refused), kept(), later);
        assert_eq!((status.people, status.missing, status.removals_wait), (20, 1, false));
        assert_eq!(status.acceptable, Some(refused.digest));
        assert_eq!(status.age().as_deref(), Some("25 hours"));
        assert!(status.too_old.is_some());
        assert_eq!(status.deliveries[0].verdict, "rowsLost");
        assert!(status.deliveries[0].why.as_ref().unwrap().contains("10 rows, 10 fewer"));
        assert_eq!(status.source, "file people.csv");
    }
}
