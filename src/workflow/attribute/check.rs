//! Whether what a rule asks can be asked: known attributes, lists by `any(…)`, values of their attribute's type.

use jiff::civil::Date;
use uuid::Uuid;

use crate::workflow::problem::{Complaint, quoted};
use crate::workflow::rule::{
    AnyElement, Comparison, ElementPredicate, Literal, Predicate, Rule, RuleError, Spanned, Test,
};

use super::documented::takes_starts_with;
use super::{AttributeCatalogue, AttributeType, ElementType, PLAN_PROPERTIES, documented_list};

const SERVICE_PLAN_ID: &str = "servicePlanId";

impl AttributeCatalogue {
    /// Everything in a rule that cannot be: unknown attributes, lists without `any` and `any` without a list, `startsWith` where the
    /// documentation has none, and values of another type than their attribute.
    pub fn check(&self, rule: &Rule) -> Vec<RuleError> {
        rule.predicates().flat_map(|predicate| self.check_predicate(predicate)).collect()
    }

    fn check_predicate(&self, predicate: &Predicate) -> Vec<RuleError> {
        let name = &predicate.attribute;
        match (&predicate.test, documented_list(&name.value)) {
            (Test::Any(any), Some(of)) => any
                .condition
                .conditions()
                .into_iter()
                .flat_map(|condition| check_element(of, any, &condition.value))
                .collect(),
            (Test::Value(_), Some(of)) => {
                let example = match of {
                    ElementType::Text => format!("{}/any(p:p eq 'x')", name.value),
                    ElementType::AssignedPlan => format!("{}/any(a:a/service eq 'x')", name.value),
                };
                vec![at(
                    name,
                    Complaint::new(format!("{} is a list", quoted(&name.value)))
                        .hint(format!("ask for its elements: {example}")),
                )]
            }
            (test, None) => match (self.type_in_rule(&name.value), test) {
                (Err(complaint), _) => vec![at(name, complaint)],
                (Ok(_), Test::Any(_)) => {
                    let complaint = Complaint::new(format!("{} is no list", quoted(&name.value)));
                    vec![at(name, complaint.hint("compare it without `any(…)`"))]
                }
                (Ok(None), Test::Value(_)) => Vec::new(),
                (Ok(Some(kind)), Test::Value(comparison)) => {
                    check_comparison(&name.value, kind, takes_starts_with(&name.value), comparison)
                }
            },
        }
    }
}

fn at<T>(part: &Spanned<T>, complaint: Complaint) -> RuleError {
    RuleError { complaint, span: part.span.clone() }
}

fn check_element(of: ElementType, any: &AnyElement, predicate: &ElementPredicate) -> Vec<RuleError> {
    let ElementPredicate { element, comparison } = predicate;
    match (of, predicate.property()) {
        (ElementType::Text, None) => check_comparison(&element.value, AttributeType::Text, true, comparison),
        (ElementType::Text, Some(property)) => {
            let message = format!("{} is text and has no {}", quoted(&any.variable), quoted(property));
            vec![at(element, Complaint::new(message).hint(format!("compare {} itself", quoted(&any.variable))))]
        }
        (ElementType::AssignedPlan, Some(property)) if PLAN_PROPERTIES.contains(&property) => {
            let errors = check_comparison(&element.value, AttributeType::Text, false, comparison);
            if property == SERVICE_PLAN_ID && errors.is_empty() { check_plan_ids(comparison) } else { errors }
        }
        (ElementType::AssignedPlan, property) => {
            let known = PLAN_PROPERTIES.map(|property| format!("{}/{property}", any.variable));
            let complaint =
                Complaint::new(format!("a rule cannot ask for {} of an assigned plan", quoted(&element.value)));
            let complaint = complaint.hint(format!("compare {}", known.join(", ")));
            vec![at(
                element,
                complaint.suggest(property.map_or("", |_| &element.value), known.iter().map(String::as_str)),
            )]
        }
    }
}

/// The directory's ids are in lower case, and a comparison takes the case as it is.
fn check_plan_ids(comparison: &Comparison) -> Vec<RuleError> {
    let is_wrong = |literal: &&Spanned<Literal>| match &literal.value {
        Literal::Text(text) => !Uuid::try_parse(text).is_ok_and(|id| id.to_string() == *text),
        Literal::Bool(_) | Literal::Null => false,
    };
    let complaint = || Complaint::new("a service plan id is a GUID").hint("with dashes and in lower case");
    comparison.literals().iter().filter(is_wrong).map(|literal| at(literal, complaint())).collect()
}

fn check_comparison(
    name: &str,
    kind: AttributeType,
    takes_starts_with: bool,
    comparison: &Comparison,
) -> Vec<RuleError> {
    if let Comparison::StartsWith(prefix) = comparison {
        if kind != AttributeType::Text {
            let message = format!("`startsWith` needs text, but {} is {}", quoted(name), kind.as_str());
            return vec![at(prefix, Complaint::new(message))];
        }
        if !takes_starts_with {
            let message = format!("`startsWith` cannot ask for {}", quoted(name));
            let hint = format!("Lifecycle Workflows compares it as a whole: {name} in ('…', '…')");
            return vec![at(prefix, Complaint::new(message).hint(hint))];
        }
    }
    let literals = comparison.literals().iter();
    literals.filter_map(|literal| Some(at(literal, mismatch(name, kind, &literal.value)?))).collect()
}

fn mismatch(name: &str, kind: AttributeType, literal: &Literal) -> Option<Complaint> {
    match (kind, literal) {
        (_, Literal::Null) | (AttributeType::Text, Literal::Text(_)) | (AttributeType::Bool, Literal::Bool(_)) => None,
        (AttributeType::Date, Literal::Text(text)) if is_date(text) => None,
        (AttributeType::Bool, _) => {
            Some(Complaint::new(format!("{} is true, false or null", quoted(name))).hint("without quotes"))
        }
        (AttributeType::Date, _) => {
            Some(Complaint::new(format!("{} is a date", quoted(name))).hint("write it as in '2026-12-31'"))
        }
        (AttributeType::Text, Literal::Bool(_)) => {
            Some(Complaint::new(format!("{} is text", quoted(name))).hint("put the value in single quotes"))
        }
    }
}

fn is_date(text: &str) -> bool {
    text.len() == "2026-12-31".len() && text.parse::<Date>().is_ok_and(|date| date.to_string() == text)
}
