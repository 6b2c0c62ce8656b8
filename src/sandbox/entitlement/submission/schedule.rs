//! The schedule that a request asks for, and how far a policy lets it reach (graph-contract 1.9.1).

use jiff::Timestamp;

use super::body::{BodyExpiration, BodySchedule};
use crate::sandbox::entitlement::payload::refused;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::records::{Expiration, ExpirationType, Policy, Schedule};

/// Reads a schedule.
///
/// # Errors
/// 400 for an expiration that is over, or whose parts do not go together.
pub(super) fn read(body: BodySchedule, now: Timestamp) -> Result<Schedule, ApiError> {
    let start_date_time = body.start_date_time;
    let Some(BodyExpiration { r#type, end_date_time, duration }) = body.expiration else {
        return Ok(Schedule { start_date_time, expiration: Expiration::bare(ExpirationType::NotSpecified) });
    };
    let invalid = |why: &str| Err(refused("InvalidExpiration", format!("The expiration is invalid: {why}.")));
    let expiration = match (r#type.to_ascii_lowercase().as_str(), end_date_time, duration) {
        ("notspecified", None, None) => Expiration::bare(ExpirationType::NotSpecified),
        ("noexpiration", None, None) => Expiration::bare(ExpirationType::NoExpiration),
        ("afterdatetime", Some(end), None) if end > now && start_date_time.is_none_or(|start| end > start) => {
            Expiration { end_date_time: Some(end), ..Expiration::bare(ExpirationType::AfterDateTime) }
        }
        ("afterdatetime", Some(_), None) => return invalid("it ends before it begins"),
        ("afterduration", None, duration @ Some(_)) => {
            let expiration = Expiration { duration, ..Expiration::bare(ExpirationType::AfterDuration) };
            if expiration.end(now).is_none_or(|end| end <= now) {
                return invalid("its duration is not an ISO 8601 duration that leads to the future");
            }
            expiration
        }
        _ => return invalid("its type is unknown, or does not go with the other fields"),
    };
    Ok(Schedule { start_date_time, expiration })
}

/// Whether an assignment that is changed now ends no later than the policy lets one end that begins now.
pub(super) fn is_within(policy: &Policy, schedule: &Schedule, now: Timestamp) -> bool {
    let Some(latest) = policy.latest_end(now) else { return true };
    match schedule.expiration.r#type {
        ExpirationType::NotSpecified => true,
        ExpirationType::NoExpiration => false,
        ExpirationType::AfterDateTime | ExpirationType::AfterDuration => {
            schedule.expiration.end(now).is_some_and(|end| end <= latest)
        }
    }
}

/// Whether the schedule says anything.
pub(super) fn is_custom(schedule: &Schedule) -> bool {
    schedule.start_date_time.is_some() || schedule.expiration.r#type != ExpirationType::NotSpecified
}
