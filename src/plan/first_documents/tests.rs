//! What is proposed for which tenant.

use super::*;
use crate::domain::entitlement::AssignmentState;
use crate::domain::subject::{AttributeValue, Attributes};
use crate::workflow::load::{SourceText, load};

fn user(number: usize, department: &str) -> User {
    let value = AttributeValue::Text(department.to_owned());
    User {
        id: UserId::new(format!("u{number}")),
        user_principal_name: format!("u{number}@contoso.example"),
        mail: None,
        display_name: String::new(),
        employee_id: None,
        is_guest: false,
        attributes: Attributes::from([("department".to_owned(), value)]),
    }
}

/// Ten of Sales, ten of Finance, one package whose holders are `holders`.
fn survey(holders: impl IntoIterator<Item = usize>) -> Survey {
    let policy = |name: &str, is_automatic| AssignmentPolicy {
        id: name.into(),
        display_name: name.to_owned(),
        package: "p".into(),
        is_automatic,
        needs_approval: false,
        questions: Vec::new(),
    };
    let held = |number| Assignment {
        id: format!("a{number}").into(),
        state: AssignmentState::Delivered,
        package: "p".into(),
        policy: Some("Direct".into()),
        user: Some(UserId::new(format!("u{number}"))),
    };
    Survey {
        users: (0..20).map(|number| user(number, if number < 10 { "Sales" } else { "Finance" })).collect(),
        groups: Vec::new(),
        packages: vec![AccessPackage {
            id: "p".into(),
            display_name: "Sales \"Toolkit\"".to_owned(),
            incompatible_with: BTreeSet::new(),
        }],
        granted_groups: BTreeMap::new(),
        policies: vec![policy("Auto", true), policy("Direct", false), policy("All", false)],
        assignments: holders.into_iter().map(held).collect(),
    }
}

fn group(survey: &mut Survey, name: &str, members: impl IntoIterator<Item = usize>) {
    let users = members.into_iter().map(|number| UserId::new(format!("u{number}"))).collect();
    survey.groups.push(SurveyedGroup { id: format!("g-{name}").into(), display_name: name.to_owned(), users });
}

#[track_caller]
fn check(survey: &Survey, members: &str, differing: [usize; 3]) -> Proposal {
    let [proposal] = <[Proposal; 1]>::try_from(propose(survey, |_| false)).unwrap();
    assert_eq!(proposal.members, members);
    assert_eq!([proposal.matching, proposal.only_holding, proposal.only_matching], differing);
    proposal
}

#[test]
fn a_department_whose_people_hold_it_is_proposed_and_the_document_loads() {
    let proposal = check(&survey(0..10), "rule: \"department eq 'Sales'\"", [10, 0, 0]);
    let text = proposal.text.unwrap();
    assert!(text.contains("exactly those"), "{text}");
    assert!(text.contains("assignmentPolicy: \"Direct\""), "the policy by which they hold it: {text}");
    let loaded = load(&[SourceText { file: "a.yaml".to_owned(), text }]);
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.definitions.auto_assignments[0].header.name.as_str(), "sales-toolkit");
}

#[test]
fn a_group_that_agrees_better_wins_and_an_equal_one_too() {
    let mut close = survey(0..9);
    check(&close, "rule: \"department eq 'Sales'\"", [10, 0, 1]);
    group(&mut close, "Sellers", 0..9);
    check(&close, "group: \"Sellers\"", [9, 0, 0]);
    // Two groups of one name: the id tells them apart.
    group(&mut close, "Sellers", 15..19);
    check(&close, "group: \"g-Sellers\"", [9, 0, 0]);
}

#[test]
fn a_group_that_the_package_itself_fills_explains_nothing() {
    let mut filled = survey([1, 2, 12, 13]);
    group(&mut filled, "Sales Portal", [1, 2, 12, 13]);
    check(&filled, "group: \"Sales Portal\"", [4, 0, 0]);
    filled.granted_groups.insert("p".into(), BTreeSet::from(["g-Sales Portal".into()]));
    assert!(propose(&filled, |_| false)[0].members.starts_with("rule: \"userPrincipalName in"));
}

#[test]
fn values_are_joined_and_few_holders_are_named() {
    check(&survey(0..20), "rule: \"department in ('Finance', 'Sales')\"", [20, 0, 0]);
    check(&survey([1, 12]), "rule: \"userPrincipalName in ('u12@contoso.example', 'u1@contoso.example')\"", [2, 0, 0]);
}

#[test]
fn where_nothing_fits_nothing_is_written() {
    let mut unknown = survey([1, 12]);
    unknown.users.clear();
    check(&unknown, "no group and no attribute tells who holds it", [0, 2, 0]);
    check(&survey([]), "nobody holds it", [0, 0, 0]);
    let mut automatic = survey(0..10);
    automatic.policies.truncate(1);
    check(&automatic, "the service assigns it by its own policy", [0, 10, 0]);
    let mut none = survey(0..10);
    none.policies.clear();
    check(&none, "it has no assignment policy", [0, 10, 0]);
}

#[test]
fn what_the_service_assigns_by_itself_counts_for_nobody() {
    let mut mixed = survey(0..10);
    mixed.assignments.iter_mut().skip(2).for_each(|assignment| assignment.policy = Some("Auto".into()));
    check(&mixed, "rule: \"userPrincipalName in ('u0@contoso.example', 'u1@contoso.example')\"", [2, 0, 0]);
}
