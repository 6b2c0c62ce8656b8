//! A policy's expiration: by date, after days, after hours, never [seed 003].

use jiff::{Timestamp, Unit};

use super::super::payload::refused;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::records::{Expiration, ExpirationType, span};

/// The longest time that an assignment lasts, in days of 24 hours.
const LONGEST_DAYS: i64 = 3660;

/// Refuses an expiration whose members do not go with its type, a date that is over, and more than 3660 days.
pub(super) fn check(expiration: &Expiration, now: Timestamp) -> Result<(), ApiError> {
    let invalid = |why: &str| Err(refused("InvalidExpiration", format!("The expiration is invalid: {why}.")));
    let Expiration { r#type, end_date_time, duration } = expiration;
    match (r#type, end_date_time, duration) {
        (ExpirationType::NotSpecified | ExpirationType::NoExpiration, None, None) => Ok(()),
        (ExpirationType::AfterDateTime, Some(end), None) if *end > now => Ok(()),
        (ExpirationType::AfterDateTime, Some(_), None) => invalid("its date is over"),
        (ExpirationType::AfterDuration, None, Some(duration)) => match days(duration, now) {
            Some(days) if (0.0..=LONGEST_DAYS as f64).contains(&days) => Ok(()),
            _ => invalid("its duration is not an ISO 8601 duration of 0 to 3660 days"),
        },
        _ => invalid("its type does not go with its other members"),
    }
}

/// How many days of 24 hours an ISO 8601 duration lasts that begins at `from`; `None` for what is none.
pub(super) fn days(duration: &str, from: Timestamp) -> Option<f64> {
    span(duration)?.total((Unit::Day, from.to_zoned(jiff::tz::TimeZone::UTC).datetime())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(kind: ExpirationType, end: Option<&str>, duration: Option<&str>) -> bool {
        let end_date_time = end.map(|text| text.parse().unwrap());
        let expiration = Expiration { end_date_time, duration: duration.map(Into::into), r#type: kind };
        check(&expiration, "2026-11-21T00:00:00Z".parse().unwrap()).is_err()
    }

    #[test]
    fn each_kind_has_its_own_members_and_limits() {
        use ExpirationType::{AfterDateTime, AfterDuration, NoExpiration, NotSpecified};
        let later = Some("2026-11-22T00:00:00Z");
        for (kind, end, duration) in [
            (NotSpecified, None, None),
            (NoExpiration, None, None),
            (AfterDateTime, later, None),
            (AfterDuration, None, Some("P0D")),
            (AfterDuration, None, Some("P3660D")),
            (AfterDuration, None, Some("PT8H")),
            (AfterDuration, None, Some("P1Y")),
        ] {
            assert!(!refusal(kind, end, duration), "{kind:?} {duration:?}");
        }
        for (kind, end, duration) in [
            (AfterDuration, None, Some("30 days, 0:00:00")),
            (NoExpiration, later, None),
            (NoExpiration, None, Some("P1D")),
            (AfterDateTime, None, None),
            (AfterDateTime, Some("2026-11-21T00:00:00Z"), None),
            (AfterDuration, None, None),
            (AfterDuration, later, Some("P1D")),
            (AfterDuration, None, Some("P3661D")),
            (AfterDuration, None, Some("-P1D")),
            (AfterDuration, None, Some("P99999Y")),
            (AfterDuration, None, Some("thirty days")),
        ] {
            assert!(refusal(kind, end, duration), "{kind:?} {duration:?}");
        }
    }
}
