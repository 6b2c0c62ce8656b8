//! Tests of what all documents look up of the subjects: it says what a look at each subject says.

use std::collections::BTreeSet;

use super::world::{World, subject_of, user_of, world};
use crate::domain::ids::SubjectKey;
use crate::domain::subject::AttributeValue;
use crate::plan::population::{Population, join, unread_attributes};
use crate::workflow::rule::Truth;

const RULES: [&str; 7] = [
    "department eq 'Sales'",
    "department ne 'Sales' and not (department eq null)",
    "department in ('Sales', 'Marketing') or startsWith(city,'Am')",
    "city eq 'Amsterdam' and department eq 'Sales'",
    "city ne null",
    "otherMails/any(p:startsWith(p,'a'))",
    "department eq 'Sales' or otherMails/any(p:p eq 'b@x.example')",
];

/// People and users of every kind: joined, without the other half, and two that share an employee id.
fn company() -> World {
    let sources: String = RULES.iter().map(|rule| format!("    - rule: \"{rule}\"\n")).collect();
    let document = format!(
        "apiVersion: usherd/v1\nkind: AutoAssignment\nname: all\nmode: enforce\naccessPackage: Basics\nassignmentPolicy: Direct\n\
         members:\n  anyOf:\n{sources}  except: [3@CONTOSO.example, u-2, nobody]\nwhenMemberLeaves: never\n"
    );
    let mut world = world("2026-11-24T12:00:00Z", &[&document])
        .person("1", &[("department", "Sales")])
        .person("2", &[("department", "Marketing")])
        .person("3", &[])
        .person("4", &[("department", "Sales")]);
    world.add_user("5");
    world.add_user("6");
    world.add_user("6");
    world.add_person("6", &[("department", "Sales")]);
    world.add_person("7", &[("department", "IT")]);
    let texts = ["Amsterdam", "Berlin", ""];
    for (number, user) in world.observed.users.iter_mut().enumerate() {
        let mut set = |name: &str, value| user.attributes.insert(name.to_owned(), value);
        if let Some(city) = texts.get(number % 4) {
            set("city", if city.is_empty() { AttributeValue::Null } else { AttributeValue::Text((*city).to_owned()) });
        }
        if number % 2 == 0 {
            set("otherMails", AttributeValue::List(vec!["b@x.example".to_owned(), format!("a{number}@x.example")]));
        }
    }
    world
}

#[test]
fn a_rule_over_columns_says_what_the_rule_says_of_each_subject() {
    let mut world = company();
    let mut seen = BTreeSet::new();
    for is_feed_read in [true, false] {
        if !is_feed_read {
            world.observed.feeds.clear();
        }
        let unread = unread_attributes(&world.definitions.feeds, &world.observed);
        let population = Population::of(&world.definitions, join(&world.observed, &unread));
        for rule in world.definitions.rules() {
            let verdicts = population.verdicts(rule);
            for member in &population.members {
                let mut verdict = None;
                let looking = allocation_counter::measure(|| verdict = Some(verdicts.of(member)));
                assert_eq!(looking.count_total, 0, "a verdict is looked up");
                assert_eq!(verdict, Some(rule.evaluate(member)), "{rule} for {}", member.subject.key);
                seen.insert(verdicts.of(member));
            }
        }
    }
    assert_eq!(seen, BTreeSet::from([Truth::Yes, Truth::No, Truth::Unknown]));
}

#[test]
fn an_except_list_means_whom_it_names() {
    let world = company();
    let unread = BTreeSet::new();
    let population = Population::of(&world.definitions, join(&world.observed, &unread));
    let except = &world.definitions.auto_assignments.first().unwrap().except;
    let excepted = population.excepted(except);
    let mut named = 0;
    for member in &population.members {
        assert_eq!(excepted.contains(member), member.subject.is_named_in(except), "{}", member.subject.key);
        named += usize::from(excepted.contains(member));
    }
    assert_eq!(named, 2);
}

#[test]
fn a_subject_is_found_by_every_key_the_ledger_may_have() {
    let world = company();
    let unread = BTreeSet::new();
    let population = Population::of(&world.definitions, join(&world.observed, &unread));
    for member in &population.members {
        // Two users of this world share even their id, so that it is the key that counts.
        assert_eq!(population.find(&member.subject.key).map(|found| &found.subject.key), Some(&member.subject.key));
    }
    let before_it_was_linked = SubjectKey::user(&user_of("1"));
    assert_eq!(population.find(&before_it_was_linked).unwrap().subject.key, subject_of("1"));
    assert!(population.find(&subject_of("99")).is_none());
}
