//! A policy's approval settings: stages, approvers, and the times within which they decide [seed 003].

use jiff::Timestamp;

use super::super::payload::refused;
use super::expiration::days;
use super::people;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::records::{AllowedTargetScope, ApprovalSettings, ApprovalStageSettings, SubjectSet};
use crate::sandbox::tenant::Tenant;

/// The most stages.
const STAGES: usize = 3;
/// In how many days a decision must be made, as the portal takes them.
const DECISION_DAYS: std::ops::RangeInclusive<f64> = 1.0..=14.0;
/// How many days there must be at least, so that a request can be forwarded within them.
const FORWARDING_DAYS: f64 = 4.0;

/// Checks the settings.
///
/// # Errors
/// 400 for approval without stages, stages without approvers, and times beyond the limits; 404 for approvers unknown.
pub(super) fn check(
    tenant: &Tenant,
    scope: AllowedTargetScope,
    settings: &mut ApprovalSettings,
) -> Result<(), ApiError> {
    let required = settings.is_approval_required_for_add || settings.is_approval_required_for_update;
    if settings.stages.len() > STAGES || (required && settings.stages.is_empty()) {
        return Err(invalid("Approval takes one to three stages"));
    }
    if scope == AllowedTargetScope::AllExternalUsers && !settings.is_approval_required_for_add {
        return Err(invalid("A policy for anybody on the Internet needs approval"));
    }
    settings.stages.iter_mut().try_for_each(|stage| check_stage(tenant, stage))
}

fn check_stage(tenant: &Tenant, stage: &mut ApprovalStageSettings) -> Result<(), ApiError> {
    check_times(stage)?;
    if !["default", "visible", "notVisible"].contains(&stage.approver_information_visibility.as_str()) {
        return Err(invalid("'approverInformationVisibility' is not one of its values"));
    }
    if stage.primary_approvers.is_empty() && stage.fallback_primary_approvers.is_empty() {
        return Err(invalid("A stage needs approvers"));
    }
    let alternates = (stage.escalation_approvers.as_slice(), stage.fallback_escalation_approvers.is_empty());
    if stage.is_escalation_enabled && matches!(alternates, ([], true)) {
        return Err(invalid("A stage that is forwarded needs 'escalationApprovers'"));
    }
    if stage.is_escalation_enabled && alternates.1 && alternates.0.iter().any(people::is_manager) {
        return Err(invalid("A manager as alternate approver needs 'fallbackEscalationApprovers'"));
    }
    let related: fn(&SubjectSet) -> bool = people::is_named_or_related;
    people::check(tenant, "primaryApprovers", &mut stage.primary_approvers, related)?;
    people::check(tenant, "fallbackPrimaryApprovers", &mut stage.fallback_primary_approvers, people::is_named)?;
    people::check(tenant, "escalationApprovers", &mut stage.escalation_approvers, related)?;
    people::check(tenant, "fallbackEscalationApprovers", &mut stage.fallback_escalation_approvers, people::is_named)
}

/// A request is forwarded a day after half its time at the earliest, and not on its last day.
fn check_times(stage: &ApprovalStageSettings) -> Result<(), ApiError> {
    let decision = days(&stage.duration_before_automatic_denial, Timestamp::UNIX_EPOCH);
    let decision = decision.filter(|days| DECISION_DAYS.contains(days));
    let decision = decision.ok_or_else(|| invalid("'durationBeforeAutomaticDenial' is not one of 1 to 14 days"))?;
    let forwarding = days(&stage.duration_before_escalation, Timestamp::UNIX_EPOCH);
    let forwarding = forwarding.ok_or_else(|| invalid("'durationBeforeEscalation' is not an ISO 8601 duration"))?;
    if !stage.is_escalation_enabled {
        return Ok(());
    }
    if decision < FORWARDING_DAYS {
        return Err(invalid("A stage of less than four days leaves no time to forward a request"));
    }
    if !(decision / 2.0 + 1.0..=decision - 1.0).contains(&forwarding) {
        return Err(invalid(
            "A request is forwarded a day after half its time at the earliest, and not on its last day",
        ));
    }
    Ok(())
}

fn invalid(why: &str) -> ApiError {
    refused("InvalidApprovalSettings", format!("{why}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_taken(decision: &str, forwarding: &str, is_escalation_enabled: bool) -> bool {
        let stage = ApprovalStageSettings {
            duration_before_automatic_denial: decision.to_owned(),
            duration_before_escalation: forwarding.to_owned(),
            is_escalation_enabled,
            ..Default::default()
        };
        check_times(&stage).is_ok()
    }

    #[test]
    fn a_request_is_forwarded_between_half_its_time_and_its_last_day() {
        // The documentation's own example: of 14 days, not before day 8, and day 13 at the latest.
        for (decision, forwarding, taken) in [
            ("P14D", "P7D", false),
            ("P14D", "P8D", true),
            ("P14D", "P13D", true),
            ("P14D", "P14D", false),
            ("P14D", "PT192H", true),
            ("P4D", "P3D", true),
            ("P4D", "P2D", false),
            ("P5D", "P3D", false),
            ("P5D", "P4D", true),
            ("P3D", "P2D", false),
        ] {
            assert_eq!(is_taken(decision, forwarding, true), taken, "{decision} {forwarding}");
        }
    }

    #[test]
    fn a_decision_is_made_in_one_to_fourteen_days() {
        for (decision, taken) in [
            ("P1D", true),
            ("P14D", true),
            ("PT24H", true),
            ("PT23H", false),
            ("P15D", false),
            ("P0D", false),
            ("x", false),
        ] {
            assert_eq!(is_taken(decision, "PT0S", false), taken, "{decision}");
        }
        assert!(!is_taken("P3D", "x", false));
    }
}
