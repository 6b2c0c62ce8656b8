//! Auto-assignment policies: the service itself assigns a package to whom a membership rule admits, and takes it back (graph-contract 1.8, 1.12).
//!
//! The real service takes "several minutes" to notice a change; here it is the delivery delay.

use jiff::Timestamp;

use super::entitlement::obstacle;
use super::lifecycle;
use super::membership_rule::MembershipRule;
use super::records::{
    About, Assignment, AutomaticRequestSettings, Package, Policy, Request, RequestType, SubjectSet, later_by,
};
use super::tenant::{Assessment, Tenant};

/// Looks at everybody and everything that has changed since the last time.
pub(super) fn assess(tenant: &mut Tenant, at: Timestamp) {
    let Assessment { policies, users } = tenant.take_unassessed();
    for (policy_id, looks_at_all) in policies {
        let Some(policy) = tenant.policies.get(&policy_id).cloned() else { continue };
        let Some(rule) = rule_of(&policy) else { continue };
        let looked_at: Vec<String> = if looks_at_all {
            tenant.users.iter().map(|user| user.id.clone()).collect()
        } else {
            tenant.users.oldest_first(&users).map(|user| user.id.clone()).collect()
        };
        for user in looked_at {
            assess_user(tenant, &policy, &rule, &user, at);
        }
    }
}

/// Takes back an assignment whose grace period is over at `at`.
pub(super) fn depart(tenant: &mut Tenant, assignment_id: &str, at: Timestamp) {
    let leaving = tenant.assignments.get(assignment_id).filter(|assignment| assignment.leaves == Some(at));
    let Some(assignment) = leaving.filter(|assignment| assignment.is_active()).cloned() else { return };
    // Whoever has an open request is looked at again once it is at its end.
    if tenant.open_request(&assignment.target_id, &assignment.package_id).is_none() {
        request(tenant, RequestType::SystemRemove, about(&assignment), at);
    }
}

fn assess_user(tenant: &mut Tenant, policy: &Policy, rule: &MembershipRule, user_id: &str, at: Timestamp) {
    let Some(user) = tenant.users.get(user_id) else { return };
    let settings = policy.automatic_request_settings.clone().unwrap_or_default();
    let held = tenant.active_assignment(user_id, &policy.package_id).cloned();
    let own = held.clone().filter(|assignment| assignment.policy_id == policy.id);
    match (rule.admits(user), own) {
        (true, Some(mut assignment)) if assignment.leaves.is_some() => {
            assignment.leaves = None;
            tenant.put_assignment(assignment);
        }
        (true, None) if held.is_none() && may_have(tenant, user_id, &policy.package_id) => {
            let (package_id, policy_id) = (policy.package_id.clone(), policy.id.clone());
            let about = About { target_id: user_id.to_owned(), package_id, policy_id, assignment_id: None };
            request(tenant, RequestType::SystemAdd, about, at);
        }
        (false, Some(assignment)) if settings.remove_access_when_target_leaves_allowed_targets => {
            leave(tenant, assignment, &settings, at);
        }
        _ => {}
    }
}

/// Lets the grace period begin, or takes the assignment back where there is none, or where it is over already.
fn leave(tenant: &mut Tenant, mut assignment: Assignment, settings: &AutomaticRequestSettings, at: Timestamp) {
    let end = *assignment.leaves.get_or_insert_with(|| grace_end(settings, at));
    let id = assignment.id.clone();
    tenant.put_assignment(assignment);
    if end <= at {
        depart(tenant, &id, end);
    }
}

fn grace_end(settings: &AutomaticRequestSettings, at: Timestamp) -> Timestamp {
    settings.grace_period_before_access_removal.as_deref().and_then(|grace| later_by(at, grace)).unwrap_or(at)
}

fn may_have(tenant: &Tenant, user_id: &str, package_id: &str) -> bool {
    let compatible = |package: &Package| obstacle(tenant, user_id, package).is_none();
    tenant.open_request(user_id, package_id).is_none() && tenant.packages.get(package_id).is_some_and(compatible)
}

fn request(tenant: &mut Tenant, request_type: RequestType, about: About, at: Timestamp) {
    let id = tenant.new_id("request");
    lifecycle::submit(tenant, Request::new(id, request_type, about, at), at);
}

fn about(assignment: &Assignment) -> About {
    About {
        target_id: assignment.target_id.clone(),
        package_id: assignment.package_id.clone(),
        policy_id: assignment.policy_id.clone(),
        assignment_id: Some(assignment.id.clone()),
    }
}

fn rule_of(policy: &Policy) -> Option<MembershipRule> {
    policy.specific_allowed_targets.iter().find_map(|target| match target {
        SubjectSet::AttributeRuleMembers { membership_rule, .. } => MembershipRule::parse(membership_rule).ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::records::AllowedTargetScope;
    use crate::sandbox::seed;

    const SEED: &str = "{name: x, domain: x, users: [{userPrincipalName: a, department: Sales}, {userPrincipalName: b}], \
        groups: [{displayName: G}], catalogs: [{displayName: C}], accessPackages: [{displayName: P, catalog: C, groups: [G]}], \
        assignmentPolicies: [{displayName: auto, accessPackage: P}]}";
    const DAY: i64 = 86_400;

    struct Case {
        tenant: Tenant,
        now: Timestamp,
    }

    impl Case {
        fn new(grace: Option<&str>) -> Self {
            let now = "2026-11-21T00:00:00Z".parse().unwrap();
            let mut tenant = seed::build(serde_yaml::from_str(SEED).unwrap(), now).unwrap();
            tenant.delivery_delay = jiff::SignedDuration::from_secs(2);
            let mut case = Self { tenant, now };
            case.after(0);
            let mut policy = case.tenant.policies.iter().next().unwrap().clone();
            policy.allowed_target_scope = AllowedTargetScope::SpecificDirectoryUsers;
            policy.specific_allowed_targets = vec![SubjectSet::AttributeRuleMembers {
                membership_rule: "user.department -eq \"Sales\"".into(),
                description: None,
            }];
            policy.automatic_request_settings = Some(AutomaticRequestSettings {
                request_access_for_allowed_targets: true,
                remove_access_when_target_leaves_allowed_targets: true,
                grace_period_before_access_removal: grace.map(str::to_owned),
            });
            case.tenant.put_policy(policy);
            case
        }

        fn after(&mut self, seconds: i64) -> &mut Self {
            self.now = self.now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
            self.tenant.begin_call(self.now);
            lifecycle::advance(&mut self.tenant, self.now);
            self
        }

        fn moves_to(&mut self, name: &str, department: &str) {
            let mut user = self.tenant.user(name).unwrap().clone();
            user.properties.insert("department".into(), json!(department));
            self.tenant.put_user(user);
        }

        fn holds(&self, name: &str) -> bool {
            let user = &self.tenant.user(name).unwrap().id;
            self.tenant.is_member(&self.tenant.groups.iter().next().unwrap().id, user)
        }

        fn kinds(&self) -> Vec<&'static str> {
            self.tenant.requests.iter().map(|request| request.request_type.name()).collect()
        }
    }

    #[test]
    fn who_satisfies_the_rule_gets_the_package_and_who_does_not_loses_it() {
        let mut case = Case::new(None);
        assert_eq!((case.after(4).holds("a"), case.holds("b")), (true, false));
        case.moves_to("b", "sales");
        case.moves_to("a", "HR");
        assert_eq!((case.after(4).holds("a"), case.holds("b")), (false, true));
        assert_eq!(case.kinds(), ["systemAdd", "systemRemove", "systemAdd"]);
    }

    #[test]
    fn a_grace_period_is_waited_for_and_ends_with_a_return() {
        let mut case = Case::new(Some("P7D"));
        case.after(4).moves_to("a", "HR");
        assert!(case.after(6 * DAY).holds("a"));
        case.moves_to("a", "Sales");
        assert!(case.after(2 * DAY).holds("a"), "the return ends the grace period");
        case.moves_to("a", "HR");
        assert!(case.after(7 * DAY - 1).holds("a"));
        assert!(!case.after(10).holds("a"));
        assert_eq!(case.kinds(), ["systemAdd", "systemRemove"]);
    }

    #[test]
    fn a_grace_period_that_ends_under_an_open_request_ends_with_that() {
        let mut case = Case::new(Some("P7D"));
        case.after(4).moves_to("a", "HR");
        case.after(2);
        let held = case.tenant.assignments.iter().next().unwrap().clone();
        let mut asked = Request::new("r".to_owned(), RequestType::UserUpdate, about(&held), case.now);
        asked.enter(crate::sandbox::records::RequestState::PendingApproval, None);
        case.tenant.put_request(asked.clone());
        assert!(case.after(8 * DAY).holds("a"), "a decision is waited for");
        lifecycle::cancel(&mut case.tenant, asked, case.now);
        assert!(!case.after(10).after(10).holds("a"));
    }

    #[test]
    fn who_held_the_package_by_another_policy_gets_it_when_that_ends() {
        let mut case = Case::new(None);
        let user = case.tenant.user("a").unwrap().id.clone();
        let package = case.tenant.packages.iter().next().unwrap().id.clone();
        let mut other = case.tenant.policies.iter().next().unwrap().clone();
        other.id = "other".to_owned();
        other.automatic_request_settings = None;
        case.tenant.put_policy(other);
        let about = About { target_id: user, package_id: package, policy_id: "other".to_owned(), assignment_id: None };
        let mut asked = Request::new("r".to_owned(), RequestType::AdminAdd, about, case.now);
        let end = case.now.checked_add(jiff::SignedDuration::from_hours(24)).unwrap();
        asked.schedule.expiration = crate::sandbox::records::Expiration::at(Some(end));
        lifecycle::submit(&mut case.tenant, asked, case.now);
        assert!(case.after(4).after(10).holds("a"));
        assert!(case.after(DAY).after(10).after(10).holds("a"), "the rule still admits");
        assert_eq!(case.kinds(), ["adminAdd", "systemAdd"]);
    }

    #[test]
    fn a_move_while_the_package_is_on_its_way_is_not_lost() {
        let mut case = Case::new(None);
        case.after(3).moves_to("a", "HR");
        assert!(!case.after(10).holds("a"));
        assert_eq!(case.kinds(), ["systemAdd", "systemRemove"]);
    }
}
