//! Filters written out and read again, and text that is none.

use proptest::prelude::*;
use serde_json::json;

use crate::sandbox::expression::{Expression, LENGTH_LIMIT};
use crate::sandbox::filter::{Comparison, Literal, Operator};

fn printed(expression: &Expression) -> String {
    let joined = |parts: &[Expression], word: &str| {
        let parts: Vec<_> = parts.iter().map(in_parentheses_if_joined).collect();
        parts.join(word)
    };
    match expression {
        Expression::And(parts) => joined(parts, " and "),
        Expression::Or(parts) => joined(parts, " or "),
        Expression::Not(inner) => format!("not({})", printed(inner)),
        Expression::Compare(comparison) => compared(comparison),
        Expression::In(choices) => {
            let values: Vec<_> = choices.iter().map(literal).collect();
            format!("{} in ({})", choices[0].path, values.join(","))
        }
        Expression::Any { collection, variable, condition } => match condition {
            None => format!("{collection}/any()"),
            Some(condition) => format!("{collection}/any({variable}:{})", printed(condition)),
        },
    }
}

fn in_parentheses_if_joined(expression: &Expression) -> String {
    match expression {
        Expression::And(_) | Expression::Or(_) => format!("({})", printed(expression)),
        single => printed(single),
    }
}

fn compared(comparison: &Comparison) -> String {
    let (path, value) = (&comparison.path, literal(comparison));
    let operator = match comparison.operator {
        Operator::Contains => return format!("contains(tolower({path}),{value})"),
        Operator::StartsWith => return format!("startsWith({path},{value})"),
        Operator::EndsWith => return format!("endsWith({path}, {value})"),
        Operator::Equal => "eq",
        Operator::NotEqual => "ne",
        Operator::Greater => "gt",
        Operator::GreaterOrEqual => "ge",
        Operator::Less => "lt",
        Operator::LessOrEqual => "le",
    };
    format!("{path} {operator} {value}")
}

fn literal(comparison: &Comparison) -> String {
    match &comparison.literal {
        Literal::Text(text) => format!("'{}'", text.replace('\'', "''")),
        _ => comparison.written.clone(),
    }
}

fn any_path() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "displayName",
        "employeeOrgData/division",
        "assignedLicenses/$count",
        "é",
        "x/skuId",
        "a_b",
    ])
    .prop_map(str::to_owned)
}

fn any_text() -> impl Strategy<Value = (String, Literal)> {
    "\\PC{0,8}".prop_map(|text| (text.clone(), Literal::Text(text)))
}

fn any_literal() -> impl Strategy<Value = (String, Literal)> {
    prop_oneof![
        any_text(),
        any::<bool>().prop_map(|flag| (flag.to_string(), Literal::Bool(flag))),
        Just(("null".to_owned(), Literal::Null)),
        any::<i64>().prop_map(|number| (number.to_string(), Literal::Number(number))),
        (-60_000_000_000_i64..200_000_000_000).prop_map(|second| {
            let instant = jiff::Timestamp::from_second(second).unwrap();
            (instant.to_string(), Literal::Instant(instant))
        }),
    ]
}

fn comparison(path: String, operator: Operator, (written, literal): (String, Literal)) -> Comparison {
    Comparison { path, operator, literal, written }
}

fn any_comparison() -> impl Strategy<Value = Expression> {
    let operator = prop::sample::select(vec![
        Operator::Equal,
        Operator::NotEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
        Operator::Less,
        Operator::LessOrEqual,
    ]);
    let function = prop::sample::select(vec![Operator::Contains, Operator::StartsWith, Operator::EndsWith]);
    prop_oneof![
        (any_path(), operator, any_literal()).prop_map(|(path, operator, value)| comparison(path, operator, value)),
        (any_path(), function, any_text()).prop_map(|(path, operator, value)| comparison(path, operator, value)),
    ]
    .prop_map(Expression::Compare)
}

fn any_expression() -> impl Strategy<Value = Expression> {
    let choices = (any_path(), prop::collection::vec(any_literal(), 1..4)).prop_map(|(path, values)| {
        Expression::In(values.into_iter().map(|value| comparison(path.clone(), Operator::Equal, value)).collect())
    });
    let bare =
        any_path().prop_map(|collection| Expression::Any { collection, variable: String::new(), condition: None });
    prop_oneof![4 => any_comparison(), 1 => choices, 1 => bare].prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expression::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expression::Or),
            inner.clone().prop_map(|inner| Expression::Not(Box::new(inner))),
            (any_path(), inner).prop_map(|(collection, inner)| Expression::Any {
                collection,
                variable: "x".to_owned(),
                condition: Some(Box::new(inner)),
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_out_is_read_again(expression in any_expression()) {
        let text = printed(&expression);
        prop_assume!(text.len() <= LENGTH_LIMIT);
        let read = Expression::parse(&text);
        prop_assert_eq!(read.as_ref(), Some(&expression), "{}", text);
        expression.holds(&|_| json!(["x", { "skuId": 1 }]));
        expression.uses();
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,200}") {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn a_filter_cut_short_or_spoilt_makes_no_panic(expression in any_expression(), at in 0_usize..200, other in "\\PC") {
        let text: String = printed(&expression);
        let cut: String = text.chars().take(at).collect();
        let rest: String = text.chars().skip(at + 1).collect();
        let _ = (Expression::parse(&cut), Expression::parse(&format!("{cut}{other}{rest}")));
    }

    #[test]
    fn no_row_of_tokens_makes_reading_or_evaluation_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "a", "b/any", "(", ")", ",", "'x'", "'", "eq", "ne", "in", "not", "and", "or", "x:x", "x:", "null", "5",
            "startsWith", "contains", "tolower", "b/$count", "2026-12-01T00:00:00Z", "true",
        ]), 0..30)
    ) {
        if let Some(expression) = Expression::parse(&words.join(" ")) {
            expression.holds(&|_| json!(["x", { "a": 1 }]));
            expression.uses();
        }
    }
}
