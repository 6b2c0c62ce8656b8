//! Holders are told that their access ends soon (graph-contract 1.12).

use jiff::Timestamp;

use crate::sandbox::tenant::Tenant;

/// Gives the notice that is due at `at`, unless the policy's notifications are disabled: the status is about the
/// notification, so it then stays as it is.
pub(super) fn give(tenant: &mut Tenant, assignment_id: &str, at: Timestamp) {
    let Some(mut assignment) = tenant.assignments.get(assignment_id).cloned() else { return };
    let Some((_, notice)) = assignment.next_notice().filter(|(due, _)| *due == at) else { return };
    let policy = tenant.policies.get(&assignment.policy_id);
    if !policy.is_some_and(|policy| policy.notification_settings.is_assignment_notification_disabled) {
        assignment.status = notice.status().to_owned();
        tenant.put_assignment(assignment);
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::sandbox::lifecycle::{advance, submit};
    use crate::sandbox::records::{About, Expiration, Request, RequestType};
    use crate::sandbox::seed;

    const SEED: &str = "{name: x, domain: x, users: [{userPrincipalName: a}], groups: [{displayName: G}], \
        catalogs: [{displayName: C}], accessPackages: [{displayName: P, catalog: C, groups: [G]}], \
        assignmentPolicies: [{displayName: month, accessPackage: P, duration: P30D}], \
        assignments: [{user: a, accessPackage: P, assignmentPolicy: month, since: 2026-01-01T00:00:00Z}]}";

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn status(tenant: &mut Tenant, now: &str) -> String {
        advance(tenant, instant(now));
        tenant.assignments.iter().next().unwrap().status.clone()
    }

    fn extend(tenant: &mut Tenant, now: &str, end: &str) {
        let held = tenant.assignments.iter().next().unwrap().clone();
        let about = About {
            target_id: held.target_id,
            package_id: held.package_id,
            policy_id: held.policy_id,
            assignment_id: Some(held.id),
        };
        let mut request = Request::new(tenant.new_id("request"), RequestType::AdminUpdate, about, instant(now));
        request.schedule.expiration = Expiration::at(Some(instant(end)));
        submit(tenant, request, instant(now));
    }

    #[test]
    fn an_extension_takes_the_notice_back_until_the_new_end_is_near() {
        let mut tenant = seed::build(serde_yaml::from_str(SEED).unwrap(), instant("2026-01-02T00:00:00Z")).unwrap();
        tenant.delivery_delay = SignedDuration::from_secs(2);
        assert_eq!(status(&mut tenant, "2026-01-16T23:59:59Z"), "Delivered");
        assert_eq!(status(&mut tenant, "2026-01-17T00:00:00Z"), "NearExpiry14DaysNotificationTriggered");
        extend(&mut tenant, "2026-01-17T00:00:00Z", "2026-02-10T00:00:00Z");
        assert_eq!(status(&mut tenant, "2026-01-17T00:00:02Z"), "Delivered");
        assert_eq!(status(&mut tenant, "2026-01-26T23:00:00Z"), "Delivered");
        assert_eq!(status(&mut tenant, "2026-02-09T00:00:00Z"), "NearExpiry1DayNotificationTriggered");
        // An end that is near already is told of at once.
        extend(&mut tenant, "2026-02-09T00:00:00Z", "2026-02-20T00:00:00Z");
        assert_eq!(status(&mut tenant, "2026-02-09T00:00:03Z"), "NearExpiry14DaysNotificationTriggered");
        assert_eq!(status(&mut tenant, "2026-02-20T00:00:00Z"), "ExpiredNotificationTriggered");
    }
}
