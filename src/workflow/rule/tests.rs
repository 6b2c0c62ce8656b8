//! Tests of the rule language: grammar, errors, and evaluation against a naive evaluator.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn attributes() -> Attributes {
    BTreeMap::from([
        ("department".to_owned(), AttributeValue::Text("Marketing".to_owned())),
        ("city".to_owned(), AttributeValue::Text("'s-Hertogenbosch".to_owned())),
        ("jobTitle".to_owned(), AttributeValue::Null),
        ("accountEnabled".to_owned(), AttributeValue::Bool(true)),
        ("employeeHireDate".to_owned(), AttributeValue::Date { date: "2026-12-01".parse().unwrap(), inclusive: false }),
        ("otherMails".to_owned(), AttributeValue::List(vec!["a".to_owned()])),
        ("employeeOrgData/costCenter".to_owned(), AttributeValue::Text("42".to_owned())),
    ])
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
    check_error(
        "proxyAddresses/any(p:startsWith(p,'x'))",
        "20..21: `:` belongs to `any(…)`, which is not supported by this version",
    );
    check_error("age gt 'x'", "4..6: `gt` is not supported by this version");
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
    check_error(&"x".repeat(LONGEST_RULE + 1), "0..0: the rule is longer than 8 KiB");
    let long = vec!["a eq 'x'"; 600].join(" and ");
    assert_eq!(Rule::parse(&long).unwrap().attributes().count(), 600);
}

/// A rule as a naive evaluator sees it: no `ne`, no lists of more than two.
#[derive(Debug, Clone)]
enum Naive {
    Is(&'static str, Option<&'static str>, bool),
    Begins(&'static str, &'static str),
    In(&'static str, &'static str, Option<&'static str>),
    Not(Box<Naive>),
    And(Box<Naive>, Box<Naive>),
    Or(Box<Naive>, Box<Naive>),
}

impl Naive {
    /// 0 no, 1 unknown, 2 yes.
    fn score(&self, values: &BTreeMap<&'static str, Option<&'static str>>) -> u8 {
        let of = |name: &str, holds: &dyn Fn(Option<&str>) -> bool| {
            values.get(name).map_or(1, |value| 2 * u8::from(holds(*value)))
        };
        match self {
            Self::Is(name, expected, true) => of(name, &|value| value == *expected),
            Self::Is(name, expected, false) => of(name, &|value| value != *expected),
            Self::Begins(name, prefix) => of(name, &|value| value.is_some_and(|value| value.starts_with(prefix))),
            Self::In(name, one, other) => of(name, &|value| value == Some(one) || value == *other),
            Self::Not(inner) => 2 - inner.score(values),
            Self::And(left, right) => left.score(values).min(right.score(values)),
            Self::Or(left, right) => left.score(values).max(right.score(values)),
        }
    }

    /// The text with the fewest parentheses; 0 or, 1 and, 2 not.
    fn write(&self, around: u8) -> String {
        let literal =
            |value: &Option<&str>| value.map_or("null".to_owned(), |value| format!("'{}'", value.replace('\'', "''")));
        let (own, text) = match self {
            Self::Is(name, value, equal) => {
                (3, format!("{name} {} {}", if *equal { "eq" } else { "ne" }, literal(value)))
            }
            Self::Begins(name, prefix) => (3, format!("startsWith({name},{})", literal(&Some(prefix)))),
            Self::In(name, one, other) => (3, format!("{name} in ({},{})", literal(&Some(one)), literal(other))),
            Self::Not(inner) => (2, format!("not {}", inner.write(2))),
            Self::And(left, right) => (1, format!("{} and {}", left.write(1), right.write(1))),
            Self::Or(left, right) => (0, format!("{} or {}", left.write(0), right.write(0))),
        };
        if own < around { format!("({text})") } else { text }
    }
}

const NAMES: [&str; 3] = ["city", "country", "extension_ab_x/y"];
const TEXTS: [&str; 4] = ["a", "ab", "it's", ""];

fn naive() -> impl Strategy<Value = Naive> {
    let name = || prop::sample::select(&NAMES[..]);
    let text = || prop::sample::select(&TEXTS[..]);
    let leaf = prop_oneof![
        (name(), prop::option::of(text()), any::<bool>())
            .prop_map(|(name, value, equal)| Naive::Is(name, value, equal)),
        (name(), text()).prop_map(|(name, prefix)| Naive::Begins(name, prefix)),
        (name(), text(), prop::option::of(text())).prop_map(|(name, one, other)| Naive::In(name, one, other)),
    ];
    leaf.prop_recursive(5, 40, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| Naive::Not(Box::new(part))),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Naive::And(Box::new(left), Box::new(right))),
            (inner.clone(), inner).prop_map(|(left, right)| Naive::Or(Box::new(left), Box::new(right))),
        ]
    })
}

proptest! {
    #[test]
    fn evaluation_is_that_of_a_naive_evaluator(
        rule in naive(),
        values in prop::collection::btree_map(prop::sample::select(&NAMES[..]), prop::option::of(prop::sample::select(&TEXTS[..])), 0..=3),
    ) {
        let attributes: Attributes = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.map_or(AttributeValue::Null, |text| AttributeValue::Text(text.to_owned()))))
            .collect();
        let expected = [Truth::No, Truth::Unknown, Truth::Yes][usize::from(rule.score(&values))];
        let text = rule.write(0);
        let parsed = Rule::parse(&text).unwrap();
        prop_assert_eq!(parsed.evaluate(&attributes), expected, "{}", text);
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
    fn no_text_makes_the_parser_panic_or_point_outside(text in "([a-z/]{1,4}|[ '\"(),:é-]|eq|and|not|startsWith){0,20}") {
        if let Err(errors) = Rule::parse(&text) {
            prop_assert!(!errors.is_empty());
            prop_assert!(errors.iter().all(|error| text.get(error.span.clone()).is_some()), "{errors:?}");
        }
    }
}
