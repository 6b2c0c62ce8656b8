//! Tests of the rule language: grammar, errors, and evaluation against a naive evaluator.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::naive::{self, naive, naive_values};
use super::*;
use crate::domain::subject::AssignedPlan;

fn attributes() -> Attributes {
    BTreeMap::from([
        ("department".to_owned(), AttributeValue::Text("Marketing".to_owned())),
        ("city".to_owned(), AttributeValue::Text("'s-Hertogenbosch".to_owned())),
        ("jobTitle".to_owned(), AttributeValue::Null),
        ("accountEnabled".to_owned(), AttributeValue::Bool(true)),
        ("employeeHireDate".to_owned(), AttributeValue::Date { date: "2026-12-01".parse().unwrap(), inclusive: false }),
        ("otherMails".to_owned(), AttributeValue::List(vec!["a".to_owned(), "Ava@x.example".to_owned()])),
        ("proxyAddresses".to_owned(), AttributeValue::Null),
        (
            "assignedPlans".to_owned(),
            AttributeValue::AssignedPlans(vec![plan("exchange", "Deleted"), plan("teams", "Enabled")]),
        ),
        ("employeeOrgData/costCenter".to_owned(), AttributeValue::Text("42".to_owned())),
    ])
}

fn plan(service: &str, status: &str) -> AssignedPlan {
    AssignedPlan {
        service: Some(service.to_owned()),
        capability_status: Some(status.to_owned()),
        service_plan_id: None,
    }
}

#[track_caller]
fn check(rule: &str, expected: Truth) {
    let parsed = Rule::parse(rule).unwrap();
    assert_eq!(parsed.evaluate(&attributes()), expected, "{rule}");
    assert_eq!(Rule::parse(&parsed.to_string()).unwrap(), parsed, "{rule} printed as {parsed}");
}

#[track_caller]
fn check_error(rule: &str, expected: &str) {
    let shown: Vec<_> = Rule::parse(rule)
        .unwrap_err()
        .iter()
        .map(|error| {
            let hint = error.complaint.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
            format!("{}..{}: {error}{hint}", error.span.start, error.span.end)
        })
        .collect();
    assert_eq!(shown.join("; "), expected, "{rule}");
}

#[test]
fn values_are_compared_as_written() {
    check("department eq 'Marketing'", Truth::Yes);
    check("department eq 'marketing'", Truth::No);
    check("department ne 'Sales'", Truth::Yes);
    check("department in ('Sales', 'Marketing')", Truth::Yes);
    check("startsWith(department,'Mark')", Truth::Yes);
    check("startsWith(department,'mark')", Truth::No);
    check("city eq '''s-Hertogenbosch'", Truth::Yes);
    check("accountEnabled eq true", Truth::Yes);
    check("accountEnabled ne true", Truth::No);
    check("employeeOrgData/costCenter eq '42'", Truth::Yes);
    check("employeeHireDate eq '2026-12-01'", Truth::Yes);
    check("employeeHireDate in ('2026-12-01', null)", Truth::Yes);
}

#[test]
fn a_null_that_was_read_is_a_value() {
    check("jobTitle eq null", Truth::Yes);
    check("jobTitle ne null", Truth::No);
    check("jobTitle ne 'x'", Truth::Yes);
    check("jobTitle eq 'x'", Truth::No);
    check("jobTitle in ('x', null)", Truth::Yes);
    check("startsWith(jobTitle, 'x')", Truth::No);
    check("startsWith(jobTitle, '')", Truth::No);
}

#[test]
fn what_was_not_read_or_cannot_be_compared_is_unknown() {
    check("country eq 'NL'", Truth::Unknown);
    check("country ne 'NL'", Truth::Unknown);
    check("not (country eq null)", Truth::Unknown);
    check("country eq 'NL' and department eq 'Sales'", Truth::No);
    check("country eq 'NL' or department eq 'Marketing'", Truth::Yes);
    check("otherMails eq 'a'", Truth::Unknown);
    check("startsWith(employeeHireDate, '2026')", Truth::Unknown);
    check("mails/any(p:p eq 'a')", Truth::Unknown);
    check("department/any(p:p eq 'Marketing')", Truth::Unknown);
}

#[test]
fn any_asks_for_one_element_that_fulfils_it_all() {
    check("(otherMails/any(p:startsWith(p, 'Av')))", Truth::Yes);
    check("otherMails/any(p:startsWith(p,'av'))", Truth::No);
    check("otherMails/any( x : x ne 'a' and not (x eq 'b') )", Truth::Yes);
    check("not otherMails/any(p:p in ('b', 'a'))", Truth::No);
    check("proxyAddresses/any(p:p ne 'x')", Truth::No);
    check("assignedPlans/any(a:a/service eq 'teams' and a/capabilityStatus eq 'Enabled')", Truth::Yes);
    check("assignedPlans/any(a:a/service eq 'exchange' and a/capabilityStatus eq 'Enabled')", Truth::No);
    check("assignedPlans/any(a:a/servicePlanId eq null)", Truth::Yes);
    check("assignedPlans/any(a:a/servicePlanId eq 2E2DDB96-6AF9-4B1D-A3F0-D6ECFD22EDB2)", Truth::No);
    check("assignedPlans/any(a:a eq 'teams')", Truth::Unknown);
    check("otherMails/any(p:p/x eq 'teams')", Truth::Unknown);
}

#[test]
fn evaluation_allocates_nothing() {
    let read = attributes();
    let rules = [
        "department eq 'Marketing' and not (city in ('x', 'y', null)) or startsWith(jobTitle, 'x')",
        "accountEnabled eq true and employeeHireDate in ('2026-12-01', '2026-12-02') and country ne 'NL'",
        "otherMails/any(p:startsWith(p,'Av')) and assignedPlans/any(a:a/service eq 'teams' and a/capabilityStatus ne 'x')",
    ];
    for text in rules {
        let mut rule = None;
        let parsing = allocation_counter::measure(|| rule = Rule::parse(text).ok());
        assert!(parsing.count_total > 0, "allocations are counted");
        let rule = rule.unwrap();
        let evaluation = allocation_counter::measure(|| {
            std::hint::black_box(rule.evaluate(&read));
        });
        assert_eq!(evaluation.count_total, 0, "{text}");
    }
}

#[test]
fn a_condition_knows_where_it_stands() {
    let text = "department eq 'x' and (not otherMails/any(p:startsWith(p, 'Av')) or city in ('y'))";
    let rule = Rule::parse(text).unwrap();
    let conditions = rule.expression().conditions();
    let shown: Vec<_> = conditions.iter().map(|condition| &text[condition.span.clone()]).collect();
    assert_eq!(shown, ["department eq 'x'", "otherMails/any(p:startsWith(p, 'Av'))", "city in ('y')"]);
    let Test::Any(any) = &conditions[1].value.test else { panic!("an any(…)") };
    assert_eq!(&text[any.condition.conditions()[0].span.clone()], "startsWith(p, 'Av')");
    assert_eq!(&text[conditions[1].value.attribute.span.clone()], "otherMails");
}

#[test]
fn not_binds_before_and_and_before_or() {
    check("department eq 'Marketing' or department eq 'Sales' and department eq 'x'", Truth::Yes);
    check("(department eq 'Marketing' or department eq 'Sales') and department eq 'x'", Truth::No);
    check("not department eq 'Sales' and jobTitle eq null", Truth::Yes);
    check("not(department eq 'Sales' and jobTitle eq null)", Truth::Yes);
    check("((department eq 'Marketing') and (not startsWith(city,'A')))", Truth::Yes);
}

#[test]
fn errors_say_where_and_what_to_do() {
    check_error("", "0..0: expected an attribute, found the end of the rule");
    check_error(
        "department",
        "10..10: expected `eq`, `ne` or `in` after `department`, found the end of the rule (write department eq true if it is a truth value)",
    );
    check_error("department = 'x'", "11..12: `=` has no meaning here (text stands in single quotes)");
    check_error("department -eq 'x'", "11..14: `-eq` is not an operator (operators have no dash: `eq`)");
    check_error("department EQ 'x'", "11..13: expected `eq`, `ne` or `in`, found `EQ` (did you mean `eq`?)");
    check_error(
        "department eq \"x\" or y eq 5",
        "14..17: text stands in single quotes (write 'text', not \"text\"); 26..27: a rule knows no numbers (put the value in single quotes)",
    );
    check_error(
        "department eq 'x",
        "14..16: the quote is not closed (end the text with `'`; write a quote inside as `''`)",
    );
    check_error("department eq Sales", "14..19: expected a value, found `Sales` (text stands in single quotes)");
    check_error(
        "department eq 'x' AND city eq 'y'",
        "18..21: expected `and` or `or`, found `AND` (did you mean `and`?)",
    );
    check_error("(department eq 'x'", "18..18: expected `)`, found the end of the rule");
    check_error("department eq 'x')", "17..18: this `)` closes nothing");
    check_error(
        "'x' eq department",
        "0..3: expected an attribute, found the text `x` (the attribute stands first: department eq 'Sales')",
    );
    check_error("startswith(city, 'x')", "0..10: `startswith` is not a function (did you mean `startsWith`?)");
    check_error("startsWith(city, true)", "17..21: `startsWith` needs a text in single quotes");
    let hint = "a rule knows `eq`, `ne`, `in`, `startsWith` and `any`";
    check_error("age gt 'x'", &format!("4..6: the rule language has no `gt` ({hint})"));
    check_error("contains(city, 'x')", &format!("0..8: the rule language has no `contains` ({hint})"));
    check_error("otherMails/all(p:p eq 'x')", &format!("0..14: the rule language has no `all` ({hint})"));
    let hint = "name the element first: otherMails/any(p:startsWith(p,'Av'))";
    check_error("otherMails/any()", &format!("15..16: expected a name for the element, found `)` ({hint})"));
    check_error("otherMails/any(p eq 'x')", &format!("17..19: expected `:`, found `eq` ({hint})"));
    check_error("any(p:p eq 'x')", "0..3: `any(…)` belongs to a list (as in otherMails/any(p:startsWith(p,'Av')))");
    let hint = "inside `any(…)`, `p` is the element and all that is known";
    check_error("otherMails/any(p:city eq 'x')", &format!("17..21: expected `p`, found `city` ({hint})"));
    check_error(
        "a/any(p:p/b/c eq 'x')",
        "8..13: expected `p`, found `p/b/c` (inside `any(…)`, `p` is the element and all that is known)",
    );
    check_error("otherMails/any(p:p eq 'x'", "25..25: expected `)`, found the end of the rule");
    check_error(
        "a/any(p:p/any(q:q eq 'x'))",
        "8..13: `any(…)` belongs to a list (as in otherMails/any(p:startsWith(p,'Av')))",
    );
    check_error(
        "city : 'x'",
        "5..6: expected `eq`, `ne` or `in` after `city`, found `:` (write city eq true if it is a truth value)",
    );
    check_error("department in 'x'", "14..17: expected `(`, found the text `x`");
    check_error("department in ()", "15..16: expected a value, found `)`");
    check_error("not and", "4..7: expected an attribute, found `and`");
}

#[test]
fn length_and_depth_are_bounded_and_time_is_linear() {
    let nested = |depth: usize| format!("{}a eq 'x'{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Rule::parse(&nested(63)).is_ok());
    check_error(&nested(64), "64..65: nested deeper than 64 levels");
    check_error(&"not ".repeat(2000), "256..259: nested deeper than 64 levels");
    check_error(
        &format!("{}a/any(p:{}p eq 'x'", "(".repeat(33), "(".repeat(30)),
        "71..72: nested deeper than 64 levels",
    );
    check_error(&"x".repeat(LONGEST_RULE + 1), "0..0: the rule is longer than 8 KiB");
    let long = vec!["a eq 'x'"; 600].join(" and ");
    assert_eq!(Rule::parse(&long).unwrap().attributes().count(), 600);
}

proptest! {
    #[test]
    fn evaluation_is_that_of_a_naive_evaluator(rule in naive(), values in naive_values()) {
        let expected = [Truth::No, Truth::Unknown, Truth::Yes][usize::from(rule.score(&values))];
        let text = rule.write(0);
        let parsed = Rule::parse(&text).unwrap();
        prop_assert_eq!(parsed.evaluate(&naive::attributes(&values)), expected, "{}", text);
    }

    #[test]
    fn a_printed_rule_reads_back_as_itself(rule in naive()) {
        let parsed = Rule::parse(&rule.write(0)).unwrap();
        let printed = parsed.to_string();
        let again = Rule::parse(&printed).unwrap();
        prop_assert_eq!(&again, &parsed);
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn no_text_makes_the_parser_panic_or_point_outside(
        text in "([a-z/]{1,4}|[ '\"(),:é-]|eq|and|not|in|startsWith|a/any\\(p:|p|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}){0,20}",
    ) {
        match Rule::parse(&text) {
            Ok(rule) => prop_assert_eq!(&Rule::parse(&rule.to_string()).unwrap(), &rule),
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                prop_assert!(errors.iter().all(|error| text.get(error.span.clone()).is_some()), "{errors:?}");
            }
        }
    }

    #[test]
    fn no_bytes_make_the_parser_panic(text in ".{0,200}") {
        let _ = Rule::parse(&text);
    }
}
