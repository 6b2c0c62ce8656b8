//! Values that several kinds of documents have.

use crate::domain::ids::FeedName;
use crate::workflow::problem::{Complaint, quoted};
use crate::workflow::reader::Field;
use crate::workflow::reader::convert::{text, text_scalar};
use crate::workflow::rule::Rule;

use super::Surroundings;

/// A rule over known attributes.
pub(super) fn rule(field: Field<'_>, surroundings: &Surroundings) -> Option<Rule> {
    let scalar = text_scalar(field)?;
    let errors = match Rule::parse(&scalar.text) {
        Ok(rule) => match surroundings.attributes.borrow().check(&rule) {
            errors if errors.is_empty() => return Some(rule),
            errors => errors,
        },
        Err(errors) => errors,
    };
    for error in errors {
        field.report_within(scalar, error.span, error.complaint);
    }
    None
}

/// The name of a feed that is among the documents.
pub(super) fn feed_name(field: Field<'_>, surroundings: &Surroundings) -> Option<FeedName> {
    let name = text(field)?;
    if !surroundings.feeds.contains(&name) {
        let complaint = Complaint::new(format!("there is no feed {}", quoted(&name)));
        field.report(complaint.suggest(&name, surroundings.feeds.iter().map(String::as_str)));
    }
    Some(FeedName::new(name))
}
