//! Guests from invitation to deletion, as requests by mail address make them.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::sandbox::lifecycle;
use crate::sandbox::organizations::{OrganizationState, organization_in_use, organization_of};
use crate::sandbox::records::{About, Request, RequestType, User};
use crate::sandbox::seed;
use crate::sandbox::subjects::by_email::{Target, subject_for_email};
use crate::sandbox::subjects::lifecycle_of;

const SEED: &str = "{name: x, domain: x.example, users: [{userPrincipalName: a@x.example, otherMails: [a@home.example]}, \
    {userPrincipalName: 'old_far.example#EXT#@x.example', mail: old@far.example, userType: Guest}], \
    groups: [{displayName: G}], catalogs: [{displayName: C}], \
    accessPackages: [{displayName: P, catalog: C, groups: [G]}, {displayName: Q, catalog: C, groups: [G]}], \
    assignmentPolicies: [{displayName: P, accessPackage: P}, {displayName: Q, accessPackage: Q, duration: P10D}]}";

struct Case {
    tenant: Tenant,
    now: Timestamp,
}

fn case() -> Case {
    let now = "2026-11-21T00:00:00Z".parse().unwrap();
    Case { tenant: seed::build(serde_yaml::from_str(SEED).unwrap(), now).unwrap(), now }
}

impl Case {
    fn after(&mut self, days: i64) -> &mut Self {
        self.now = self.now.checked_add(SignedDuration::from_hours(24 * days)).unwrap();
        lifecycle::advance(&mut self.tenant, self.now);
        self
    }

    fn target(&mut self, email: &str) -> Target {
        subject_for_email(&mut self.tenant, email, Some("Jen Field"))
    }

    fn ask(&mut self, request_type: RequestType, package: &str, target: &str) {
        let policy = self.tenant.policies.iter().find(|policy| policy.display_name == package).unwrap().clone();
        let held = self.tenant.active_assignment(target, &policy.package_id).map(|held| held.id.clone());
        let target_id = target.to_owned();
        let about = About { target_id, package_id: policy.package_id, policy_id: policy.id, assignment_id: held };
        let request = Request::new(self.tenant.new_id("request"), request_type, about, self.now);
        lifecycle::submit(&mut self.tenant, request, self.now);
        self.after(0);
    }

    fn invited(&mut self) -> String {
        let id = self.target("jen@field.example").id;
        self.ask(RequestType::AdminAdd, "P", &id);
        id
    }

    fn user(&self, id: &str) -> &User {
        self.tenant.users.get(id).unwrap()
    }

    fn can_sign_in(&self, id: &str) -> bool {
        self.user(id).properties["accountEnabled"] == json!(true)
    }

    fn set(&mut self, action: ExternalUserAction, wait: &str) {
        let settings = ExternalUserSettings { action, wait: wait.to_owned(), ..ExternalUserSettings::default() };
        self.tenant.put_external_user_settings(settings);
    }

    fn is_deleted(&self, id: &str) -> bool {
        self.tenant.users.get(id).is_none() && self.tenant.deleted.get(id).is_some()
    }
}

#[test]
fn a_mail_address_means_a_user_or_one_awaited_person() {
    let mut case = case();
    for known in ["A@x.example", "a@HOME.example", "old@far.example"] {
        assert!(case.target(known).is_in_directory, "{known}");
    }
    let awaited = case.target("jen@field.example");
    assert!(!awaited.is_in_directory);
    assert_eq!(case.target(" Jen@Field.example "), awaited);
    assert_ne!(case.target("joe@field.example").id, awaited.id);
    assert_eq!(case.tenant.subjects.len(), 2);
}

#[test]
fn the_first_delivery_makes_a_governed_guest_under_the_awaited_id() {
    let mut case = case();
    let id = case.invited();
    let guest = case.user(&id).clone();
    let text = |name: &str| guest.text(name).unwrap_or_default().to_owned();
    assert_eq!(text("userPrincipalName"), "jen_field.example#EXT#@x.example");
    assert_eq!((text("mail"), text("displayName")), ("jen@field.example".to_owned(), "Jen Field".to_owned()));
    assert_eq!((text("userType"), text("externalUserState")), ("Guest".to_owned(), "PendingAcceptance".to_owned()));
    assert_eq!(text("creationType"), "Invitation");
    let group = case.tenant.groups.iter().next().unwrap().id.clone();
    assert!(case.tenant.is_member(&group, &id));
    assert_eq!(lifecycle_of(&case.tenant, &id), Lifecycle::Governed);
    assert_eq!(case.target("jen@field.example"), Target { id: id.clone(), is_in_directory: true });

    let proposed = organization_of(&case.tenant, "jen@field.example").unwrap().clone();
    assert_eq!((proposed.state, proposed.display_name.as_str()), (OrganizationState::Proposed, "field.example"));
    let in_use = |case: &Case| organization_in_use(&case.tenant, &proposed.id).is_some();
    assert!(in_use(&case));
    case.ask(RequestType::AdminRemove, "P", &id);
    case.after(30);
    assert!(in_use(&case), "deleted, but to be restored");
    case.after(30);
    assert!(!in_use(&case));
    let again = case.target("jen@field.example");
    assert!(!again.is_in_directory && again.id != id, "an object id is nobody else's ever again");
}

#[test]
fn a_name_that_somebody_has_gets_a_number() {
    let mut case = case();
    case.invited();
    let id = case.target("jen_field@example.example").id;
    let taken = case.target("jen@field_.example");
    assert!(!taken.is_in_directory);
    let mut squatter = case.user(&case.tenant.user("a@x.example").unwrap().id.clone()).clone();
    squatter.properties.insert("userPrincipalName".to_owned(), json!("JEN_field_example.example#ext#@x.example"));
    case.tenant.put_user(squatter);
    case.ask(RequestType::AdminAdd, "P", &id);
    assert_eq!(case.user(&id).text("userPrincipalName"), Some("jen_field_example.example1#EXT#@x.example"));
}

#[test]
fn after_the_last_assignment_a_guest_is_blocked_and_then_deleted() {
    let mut case = case();
    let id = case.invited();
    case.ask(RequestType::AdminAdd, "Q", &id);
    case.ask(RequestType::AdminRemove, "P", &id);
    assert!(case.can_sign_in(&id), "the other assignment is still there");
    assert!(case.after(9).can_sign_in(&id));
    assert!(!case.after(1).can_sign_in(&id), "it has expired by itself");
    assert!(!case.after(29).is_deleted(&id));
    assert!(case.after(1).is_deleted(&id));
    case.after(30);
    assert!(case.tenant.deleted.get(&id).is_none());
}

#[test]
fn an_assignment_in_time_lets_a_guest_in_again() {
    let mut case = case();
    let id = case.invited();
    case.ask(RequestType::AdminRemove, "P", &id);
    case.after(29).ask(RequestType::AdminAdd, "P", &id);
    assert!(case.can_sign_in(&id));
    case.after(100);
    assert!(case.can_sign_in(&id));
    case.ask(RequestType::AdminRemove, "P", &id);
    assert!(!case.can_sign_in(&id) && !case.after(29).is_deleted(&id) && case.after(1).is_deleted(&id));
}

#[test]
fn the_settings_in_force_decide() {
    let mut case = case();
    let id = case.invited();
    case.set(ExternalUserAction::None, "P30D");
    case.ask(RequestType::AdminRemove, "P", &id);
    assert!(case.after(400).can_sign_in(&id));

    case.set(ExternalUserAction::BlockSignIn, "P30D");
    case.ask(RequestType::AdminAdd, "P", &id);
    case.ask(RequestType::AdminRemove, "P", &id);
    assert!(!case.can_sign_in(&id) && !case.after(400).is_deleted(&id));

    case.set(ExternalUserAction::BlockSignInAndDelete, "P1D");
    case.ask(RequestType::AdminAdd, "P", &id);
    case.ask(RequestType::AdminRemove, "P", &id);
    case.set(ExternalUserAction::BlockSignIn, "P1D");
    assert!(!case.after(2).is_deleted(&id), "deletion is no longer wanted");
    case.set(ExternalUserAction::BlockSignInAndDelete, "PT0S");
    case.ask(RequestType::AdminAdd, "P", &id);
    case.ask(RequestType::AdminRemove, "P", &id);
    assert!(case.is_deleted(&id));
}

#[test]
fn who_came_without_entitlement_management_stays() {
    let mut case = case();
    let (member, guest) = (case.target("a@x.example").id, case.target("old@far.example").id);
    for id in [member, guest] {
        case.ask(RequestType::AdminAdd, "P", &id);
        case.ask(RequestType::AdminRemove, "P", &id);
        assert!(case.after(60).can_sign_in(&id));
    }
}
