//! Tests of the analysis: by hand, against every value there is, and by rules at random.

use proptest::prelude::*;

use super::*;
use crate::domain::subject::AttributeValue;
use crate::workflow::rule::Truth;
use crate::workflow::rule::naive::{self, NAMES, NaiveValue, NaiveValues, TEXTS, naive, naive_over, naive_values};

fn rule(text: &str) -> Rule {
    Rule::parse(text).unwrap()
}

/// Whether it can hold and fail.
#[track_caller]
fn check(text: &str, holds: bool, fails: bool) {
    let rule = rule(text);
    assert_eq!((!can_hold(&rule).is_impossible(), !can_fail(&rule).is_impossible()), (holds, fails), "{text}");
}

#[test]
fn contradictions_and_tautologies_are_found() {
    check("department eq 'a'", true, true);
    check("department eq 'a' and department eq 'b'", false, true);
    check("department eq 'a' and (city eq 'x' or department ne 'a') and city ne 'x'", false, true);
    check("department in ('a', 'b') and not (department eq 'a' or department eq 'b')", false, true);
    check("startsWith(department, 'Mark') and not startsWith(department, 'Ma')", false, true);
    check("startsWith(department, 'Ma') and not startsWith(department, 'Mark')", true, true);
    check("startsWith(department, 'Ma') and startsWith(department, 'Sa')", false, true);
    check("startsWith(department, '') or department eq null", true, false);
    check("department ne 'a' or department ne 'b'", true, false);
    check("department eq null and department ne 'a'", true, true);
    check("accountEnabled ne true and accountEnabled ne false", true, true);
    check("accountEnabled ne true and accountEnabled ne false and accountEnabled ne null", false, true);
    check("department ne 'a' and department ne 'b' and department ne null", true, true);
}

#[test]
fn one_element_of_a_list_must_fulfil_it_all() {
    check("otherMails/any(p:p eq 'a' and p eq 'b')", false, true);
    check("otherMails/any(p:p eq 'a') and otherMails/any(p:p eq 'b')", true, true);
    check("otherMails/any(p:p ne 'a') or otherMails/any(p:p eq 'a')", true, true);
    check("otherMails/any(p:p eq 'a') and not otherMails/any(p:startsWith(p, 'a'))", false, true);
    check("assignedPlans/any(a:a/service eq 'x' and a/service eq 'y')", false, true);
    check(
        "assignedPlans/any(a:a/service eq 'x') and not assignedPlans/any(a:a/service eq 'x' and a/capabilityStatus eq 'Enabled')",
        true,
        true,
    );
    check(
        "assignedPlans/any(a:a/service eq 'x' or a/service ne 'x') or not assignedPlans/any(a:a/service eq 'y')",
        true,
        false,
    );
}

#[test]
fn two_rules_are_held_against_each_other() {
    let (all, marketing, dutch) = (rule("department ne null"), rule("department eq 'M'"), rule("country eq 'NL'"));
    let expected = [("country", "NL"), ("department", "M")]
        .map(|(name, text)| (name.to_owned(), AttributeValue::Text(text.to_owned())));
    assert_eq!(can_hold_together(&marketing, &dutch), Example::Found(expected.into()));
    assert!(can_hold_together(&marketing, &rule("department in ('S', null)")).is_impossible());
    assert!(can_hold_without(&marketing, &all).is_impossible());
    assert!(!can_hold_without(&all, &marketing).is_impossible());
}

#[track_caller]
fn check_dead(text: &str, expected: &[(&str, bool)]) {
    let dead = dead_conditions(&rule(text));
    let found: Vec<_> = dead.iter().map(|dead| (&text[dead.condition.span.clone()], dead.is_as_if_true)).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn conditions_that_never_matter_are_found() {
    check_dead("department eq 'a' and city eq 'b'", &[]);
    check_dead("department eq 'a' and department ne 'b'", &[("department ne 'b'", true)]);
    check_dead(
        "department eq 'a' or department eq 'b' or department in ('a', 'b')",
        &[("department in ('a', 'b')", false)],
    );
    check_dead(
        "department eq 'a' or (department eq 'a' and city eq 'b')",
        &[("department eq 'a'", false), ("city eq 'b'", true)],
    );
    check_dead(
        "city eq 'b' and (department eq 'a' or department ne 'a')",
        &[("department eq 'a'", true), ("department ne 'a'", true)],
    );
    check_dead("department eq 'a' and department eq 'b'", &[]);
    check_dead(
        "otherMails/any(p:p eq 'ab') and otherMails/any(p:startsWith(p,'a'))",
        &[("otherMails/any(p:startsWith(p,'a'))", true)],
    );
}

#[test]
fn a_rule_that_is_too_large_stays_undecided() {
    // Eight attributes with seven values between them, no two the same: impossible, and too much to try.
    let listed = (0..8).map(|one| format!("p{one} in ('0','1','2','3','4','5','6')"));
    let pairs = (0..8).flat_map(|one| (0..one).map(move |other| (one, other)));
    let differ = pairs.flat_map(|(one, other)| {
        (0..7).map(move |value| format!("not (p{one} eq '{value}' and p{other} eq '{value}')"))
    });
    let pigeons = listed.chain(differ).collect::<Vec<_>>().join(" and ");
    assert_eq!(can_hold(&rule(&pigeons)), Example::Undecided);
    assert_eq!(dead_conditions(&rule(&pigeons)), []);
}

/// Everything that an attribute can hold, as far as rules over [`TEXTS`] can tell.
fn all_values() -> Vec<NaiveValue> {
    let texts = TEXTS.into_iter().chain(["z", "az", "abz", "it'sz"]).map(Some).chain([None]);
    texts.map(NaiveValue::One).collect()
}

fn everybody() -> impl Iterator<Item = NaiveValues> {
    let values = all_values();
    let count = values.len();
    (0..count.pow(3)).map(move |number| {
        let places = [number % count, number / count % count, number / count / count];
        NAMES.into_iter().zip(places.map(|place| values[place].clone())).collect()
    })
}

fn parsed(naive: &naive::Naive) -> Rule {
    rule(&naive.write(0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_analysis_agrees_with_trying_everybody(left in naive_over(&NAMES, None), right in naive_over(&NAMES, None)) {
        let exists = |wanted: &dyn Fn(&NaiveValues) -> bool| everybody().any(|values| wanted(&values));
        let (first, second) = (parsed(&left), parsed(&right));
        prop_assert_eq!(!can_hold(&first).is_impossible(), exists(&|values| left.score(values) == 2));
        prop_assert_eq!(!can_fail(&first).is_impossible(), exists(&|values| left.score(values) == 0));
        let together = exists(&|values| left.score(values) == 2 && right.score(values) == 2);
        prop_assert_eq!(!can_hold_together(&first, &second).is_impossible(), together);
        let without = exists(&|values| left.score(values) == 2 && right.score(values) == 0);
        prop_assert_eq!(!can_hold_without(&first, &second).is_impossible(), without);
    }

    #[test]
    fn an_example_is_one(left in naive(), right in naive(), values in naive_values()) {
        let (left, right) = (parsed(&left), parsed(&right));
        let own = naive::attributes(&values);
        match can_hold(&left) {
            Example::Found(attributes) => prop_assert_eq!(left.evaluate(&attributes), Truth::Yes),
            _ => prop_assert_ne!(left.evaluate(&own), Truth::Yes),
        }
        match can_fail(&left) {
            Example::Found(attributes) => prop_assert_eq!(left.evaluate(&attributes), Truth::No),
            _ => prop_assert_ne!(left.evaluate(&own), Truth::No),
        }
        match can_hold_without(&left, &right) {
            Example::Found(attributes) => {
                prop_assert_eq!((left.evaluate(&attributes), right.evaluate(&attributes)), (Truth::Yes, Truth::No));
            }
            _ => prop_assert_ne!((left.evaluate(&own), right.evaluate(&own)), (Truth::Yes, Truth::No)),
        }
    }

    #[test]
    fn without_its_dead_conditions_a_rule_says_the_same(naive in naive_over(&NAMES, None)) {
        let rule = parsed(&naive);
        let dead = dead_conditions(&rule);
        let mut left: Vec<_> = rule.expression().conditions().into_iter().cloned().map(Err).collect();
        for one in dead {
            let span = &one.condition.span;
            let place = left.iter().position(|known| known.as_ref().is_err_and(|known| known.span == *span)).unwrap();
            left[place] = Ok(one.is_as_if_true);
        }
        let mut remaining = left.into_iter();
        let without = rule.expression().map(&mut |_| remaining.next().unwrap());
        for values in everybody() {
            let attributes = naive::attributes(&values);
            let verdict = without.evaluate(&|part| match part {
                Ok(constant) => Truth::from(*constant),
                Err(known) => known.value.evaluate(attributes.get(&known.value.attribute.value)),
            });
            prop_assert_eq!(verdict, rule.evaluate(&attributes));
        }
    }
}
