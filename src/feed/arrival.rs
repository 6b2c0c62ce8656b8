//! What is known of a delivery beside its bytes: its manifest and its age, and what these refuse.
//!
//! A delivery was made when its manifest's `created` says; without that, when its file was last modified. Names of files say nothing.

use jiff::{SignedDuration, Timestamp};

use crate::store::{DeliveryRecord, FeedState};
use crate::workflow::definition::Feed;

use super::gate::Refusal;
use super::manifest::{BAD_MANIFEST, MANIFEST_MISMATCH, Manifest, ManifestError};

/// Modifications before 2000 are no dates: archives and tools write them where they know none.
const NO_DATE_BEFORE: i64 = 946_684_800;

/// How a delivery came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arrival {
    /// Its manifest, or why that cannot be read.
    pub manifest: Option<Result<Manifest, ManifestError>>,
    /// When it was made (real time, UTC).
    pub made: Option<Timestamp>,
    /// The same in tenant time (UTC).
    pub as_of: Option<Timestamp>,
}

impl Arrival {
    /// A delivery with this manifest, whose file was modified then. What lies ahead, by a fast clock, counts as made just now.
    pub fn new(
        manifest: Option<Result<Manifest, ManifestError>>,
        modified: Timestamp,
        real_now: Timestamp,
        now: Timestamp,
    ) -> Self {
        let created = manifest.as_ref().and_then(|manifest| manifest.as_ref().ok()?.created);
        let modified = Some(modified).filter(|modified| modified.as_second() >= NO_DATE_BEFORE);
        let made = created.or(modified).map(|made| made.min(real_now));
        let as_of = made.and_then(|made| now.checked_sub(real_now.duration_since(made)).ok());
        Self { manifest, made, as_of }
    }

    /// Why the delivery is refused whatever it holds.
    pub fn refusal(&self, digest: &str, feed: &Feed, state: &FeedState, now: Timestamp) -> Option<Refusal> {
        match &self.manifest {
            Some(Err(error)) => return Some((BAD_MANIFEST, error.to_string())),
            Some(Ok(manifest)) => {
                if let Some(why) = manifest.contradicts_digest(digest) {
                    return Some((MANIFEST_MISMATCH, why));
                }
            }
            None => {}
        }
        self.out_of_order(state).or_else(|| self.stale(feed, now))
    }

    /// Why the delivery is refused for the rows it has.
    pub fn refusal_of_rows(&self, rows: usize) -> Option<Refusal> {
        let manifest = self.manifest.as_ref()?.as_ref().ok()?;
        manifest.contradicts_rows(rows).map(|why| (MANIFEST_MISMATCH, why))
    }

    fn out_of_order(&self, state: &FeedState) -> Option<Refusal> {
        let last = state.accepted.first()?.made?;
        let made = self.made.filter(|made| *made < last)?;
        Some(("outOfOrder", format!("it was made at {made:.0}, before the last accepted delivery was ({last:.0})")))
    }

    fn stale(&self, feed: &Feed, now: Timestamp) -> Option<Refusal> {
        let (max_age, as_of) = (feed.max_age?, self.as_of?);
        let age = now.duration_since(as_of);
        (age > max_age).then(|| {
            let why = format!(
                "it was made {} before it was looked at, and the feed's document takes nothing older than {}",
                in_words(age),
                in_words(max_age)
            );
            ("stale", why)
        })
    }
}

/// Why the delivery in force is older than the feed's document wants, once it is.
pub fn in_force_too_old(feed: &Feed, last: &DeliveryRecord, now: Timestamp) -> Option<String> {
    let max_age = feed.max_age?;
    let age = last.age(now);
    (age > max_age).then(|| {
        format!(
            "the delivery in force is {} old, and the feed's document wants none older than {}",
            in_words(age),
            in_words(max_age)
        )
    })
}

/// A duration in the largest unit that says enough: `3 days`, `26 hours`, `5 minutes`.
pub fn in_words(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let (count, unit) = match seconds {
        172_800.. => (seconds / 86_400, "day"),
        7_200.. => (seconds / 3_600, "hour"),
        120.. => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::fixture::{accepted, feed, now, people};

    fn hours(hours: i64) -> SignedDuration {
        SignedDuration::from_hours(hours)
    }

    /// A file modified so long before a real time that is a year behind the tenant's.
    fn modified(before: SignedDuration) -> Arrival {
        let real_now = now() - hours(24 * 365);
        Arrival::new(None, real_now - before, real_now, now())
    }

    #[test]
    fn a_manifest_says_how_old_a_delivery_is_else_its_file_does() {
        let real_now = now();
        let manifest = Manifest { created: Some(now() - hours(5)), ..Manifest::default() };
        let arrival = |manifest, modified| Arrival::new(manifest, modified, real_now, now()).as_of;
        assert_eq!(arrival(Some(Ok(manifest)), now()), Some(now() - hours(5)));
        assert_eq!(arrival(Some(Ok(Manifest::default())), now() - hours(2)), Some(now() - hours(2)));
        assert_eq!(arrival(None, now() + hours(2)), Some(now()), "a fast clock");
        assert_eq!(arrival(None, Timestamp::UNIX_EPOCH), None, "no date at all");
        assert_eq!(modified(hours(3)).as_of, Some(now() - hours(3)), "age is the same in tenant time");
    }

    #[test]
    fn what_is_older_than_the_document_wants_is_stale() {
        let feed = Feed { max_age: Some(hours(24)), ..feed() };
        let refusal = |before| modified(before).refusal("", &feed, &FeedState::default(), now());
        assert_eq!(refusal(hours(24)), None);
        let (rule, why) = refusal(hours(24) + SignedDuration::from_secs(1)).unwrap();
        assert_eq!(rule, "stale");
        assert_eq!(
            why,
            "it was made 24 hours before it was looked at, and the feed's document takes nothing older than 24 hours"
        );
        let undated = Arrival::new(None, Timestamp::UNIX_EPOCH, now(), now());
        assert_eq!(undated.refusal("", &feed, &FeedState::default(), now()), None);
    }

    #[test]
    fn what_was_made_before_the_last_accepted_delivery_is_out_of_order() {
        let mut state = accepted(&people(3, |_| None));
        let arrival = |made| Arrival { made, ..Arrival::default() };
        let refusal = |state: &FeedState, made| arrival(made).refusal("", &feed(), state, now()).map(|(rule, _)| rule);
        assert_eq!(refusal(&state, Some(Timestamp::MIN)), None, "the last one has no date");
        state.accepted[0].made = Some(now());
        assert_eq!(refusal(&state, Some(now())), None);
        assert_eq!(refusal(&state, None), None);
        assert_eq!(refusal(&state, Some(now() - hours(1))), Some("outOfOrder"));
    }

    #[test]
    fn a_manifest_that_does_not_fit_refuses() {
        let arrival = |manifest| Arrival { manifest: Some(manifest), ..Arrival::default() };
        let rule = |manifest| {
            let arrival = arrival(manifest);
            let refusal = arrival.refusal("abc", &feed(), &FeedState::default(), now());
            refusal.or_else(|| arrival.refusal_of_rows(3)).map(|(rule, _)| rule)
        };
        assert_eq!(rule(Manifest::parse("rows: 3")), None);
        assert_eq!(rule(Manifest::parse("rows: 4")), Some("manifestMismatch"));
        assert_eq!(rule(Manifest::parse(&format!("sha256: {}", "a".repeat(64)))), Some("manifestMismatch"));
        assert_eq!(rule(Manifest::parse("rows: x")), Some("badManifest"));
    }

    #[test]
    fn the_delivery_in_force_ages() {
        let feed = Feed { max_age: Some(hours(24)), ..feed() };
        let mut last = accepted(&people(3, |_| None)).accepted.remove(0);
        assert_eq!(in_force_too_old(&feed, &last, last.judged + hours(24)), None);
        let later = last.judged + hours(73);
        assert!(in_force_too_old(&feed, &last, later).unwrap().starts_with("the delivery in force is 3 days old"));
        last.as_of = Some(last.judged - hours(1));
        assert!(in_force_too_old(&feed, &last, last.judged + hours(24)).is_some());
    }
}
