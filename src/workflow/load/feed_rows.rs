//! `rows` of `kind: Feed`: which rows of a delivery are the feed's own.

use std::collections::BTreeMap;

use crate::workflow::attribute;
use crate::workflow::definition::RowFilter;
use crate::workflow::problem::{Complaint, quoted};
use crate::workflow::reader::convert::{entries, text, text_scalar};
use crate::workflow::reader::{Field, Reader};
use crate::workflow::rule::{Predicate, Rule, RuleError, Test};

pub(super) fn read(reader: &mut Reader<'_>) -> Option<RowFilter> {
    let columns = reader.required("columns", entries(column));
    let columns: BTreeMap<String, String> = columns?.into_iter().collect();
    let keep = reader.required("keep", |field| keep(field, &columns));
    Some(RowFilter { keep: keep?, columns })
}

fn column(field: Field<'_>) -> Option<(String, String)> {
    let usable = attribute::check_name(field.key).map_err(|complaint| field.report_key(complaint)).is_ok();
    let column = text(field)?;
    usable.then(|| (field.key.to_owned(), column))
}

/// A rule over the words of `columns`.
fn keep(field: Field<'_>, columns: &BTreeMap<String, String>) -> Option<Rule> {
    let scalar = text_scalar(field)?;
    let errors = match Rule::parse(&scalar.text) {
        Ok(rule) => match rule.predicates().filter_map(|predicate| mistake(predicate, columns)).collect::<Vec<_>>() {
            mistakes if mistakes.is_empty() => return Some(rule),
            mistakes => mistakes,
        },
        Err(errors) => errors,
    };
    for error in errors {
        field.report_within(scalar, error.span, error.complaint);
    }
    None
}

fn mistake(predicate: &Predicate, columns: &BTreeMap<String, String>) -> Option<RuleError> {
    let name = &predicate.attribute;
    let at = |complaint| Some(RuleError { complaint, span: name.span.clone() });
    if !columns.contains_key(&name.value) {
        let complaint = Complaint::new(format!("{} is none of the `columns` beside", quoted(&name.value)));
        return at(complaint.suggest(&name.value, columns.keys().map(String::as_str)));
    }
    match predicate.test {
        Test::Value(_) => None,
        Test::Any(_) => at(Complaint::new("a column holds one text and no list").hint("compare it without `any(…)`")),
    }
}
