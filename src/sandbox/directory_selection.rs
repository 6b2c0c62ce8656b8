//! Which users or groups a filter can be true of, as their indexes tell, and whether the indexes tell all.

use serde_json::{Value, json};

use super::expression::Expression;
use super::filter::{Comparison, Literal, Operator};
use super::query::Query;
use super::records::Record;
use super::tenant::{Condition, KeyTest, Property, instant_key, text_key, value_key};

/// What the indexes of `T` say to the query's filter; a filter that they answer whole is done with, and taken out.
pub(super) fn select<T: Record>(query: &mut Query) -> Condition {
    let answered = query.filter.1.as_ref().and_then(whole::<T>);
    if let Some(condition) = answered {
        query.filter.1 = None;
        return condition;
    }
    query.filter.1.as_ref().map_or(Condition::Every, partial::<T>)
}

/// What an expression says, where indexes answer it whole.
fn whole<T: Record>(expression: &Expression) -> Option<Condition> {
    let all = |parts: &[Expression]| parts.iter().map(whole::<T>).collect::<Option<Vec<_>>>();
    match expression {
        Expression::And(parts) => all(parts).map(Condition::All),
        Expression::Or(parts) => all(parts).map(Condition::Any),
        Expression::Not(inner) => whole::<T>(inner).map(|inner| Condition::Not(Box::new(inner))),
        Expression::Compare(comparison) => compared::<T>(&comparison.path, comparison),
        Expression::In(choices) => {
            let choices = choices.iter().map(|choice| compared::<T>(&choice.path, choice));
            choices.collect::<Option<Vec<_>>>().map(Condition::Any)
        }
        Expression::Any { collection, variable, condition } => match condition.as_deref() {
            Some(Expression::Compare(comparison)) if comparison.operator != Operator::NotEqual => {
                let member = comparison.path.strip_prefix(variable.as_str())?;
                compared::<T>(&format!("{collection}{member}"), comparison)
            }
            _ => None,
        },
    }
}

/// What is true of every record of which the expression is true.
fn partial<T: Record>(expression: &Expression) -> Condition {
    let all = |parts: &[Expression]| parts.iter().map(partial::<T>).collect();
    match expression {
        Expression::And(parts) => Condition::All(all(parts)),
        Expression::Or(parts) => Condition::Any(all(parts)),
        other => whole::<T>(other).unwrap_or(Condition::Every),
    }
}

fn compared<T: Record>(path: &str, comparison: &Comparison) -> Option<Condition> {
    let path = path.to_lowercase();
    if let (Literal::Text(id), true) = (&comparison.literal, path == "id") {
        let is = Condition::Id(id.to_lowercase());
        return match comparison.operator {
            Operator::Equal => Some(is),
            Operator::NotEqual => Some(Condition::Not(Box::new(is))),
            _ => None,
        };
    }
    T::INDEXES.iter().map(Property::name).find(|known| *known == path)?;
    let key = match &comparison.literal {
        // Instants are indexed as such: as text they are no matter of an index.
        Literal::Text(_) if is_instant(&path) => return None,
        Literal::Text(text) => text_key(text),
        Literal::Instant(instant) if is_instant(&path) => instant_key(*instant),
        Literal::Instant(_) | Literal::Number(_) => return None,
        Literal::Bool(truth) => value_key(&json!(truth))?,
        Literal::Null => value_key(&Value::Null)?,
    };
    let equal = matches!(comparison.operator, Operator::Equal | Operator::NotEqual);
    if !equal && matches!(comparison.literal, Literal::Null | Literal::Bool(_)) {
        return None;
    }
    let test = match comparison.operator {
        Operator::Equal | Operator::NotEqual => KeyTest::Is(key),
        Operator::StartsWith => KeyTest::Begins(key),
        Operator::EndsWith => KeyTest::Ends(key),
        Operator::GreaterOrEqual => KeyTest::From(key),
        Operator::LessOrEqual => KeyTest::UpTo(key),
        Operator::Greater | Operator::Less | Operator::Contains => return None,
    };
    let keyed = Condition::Keyed(path, test);
    Some(if comparison.operator == Operator::NotEqual { Condition::Not(Box::new(keyed)) } else { keyed })
}

fn is_instant(path: &str) -> bool {
    path.ends_with("datetime") || path == "employeehiredate"
}
