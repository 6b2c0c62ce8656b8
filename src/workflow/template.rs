//! Templates: text with `{{ subject.country }}` in it, filled in for one subject.

use std::fmt;
use std::ops::Range;

use crate::domain::subject::AttributeValue;

use super::problem::{Complaint, quoted};
use super::rule::AttributeSource;

/// A text with placeholders. Equal when they say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Attribute(String),
}

const OPENING: &str = "{{";
const CLOSING: &str = "}}";
const SUBJECT: &str = "subject.";

impl Template {
    /// Reads a template; every placeholder is `{{ subject.<attribute> }}`.
    ///
    /// # Errors
    /// Placeholders that are not closed or name nothing of the subject, with the byte range in the text.
    pub fn parse(text: &str) -> Result<Self, (Complaint, Range<usize>)> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(OPENING) {
            let begins = text.len() - after.len() - OPENING.len();
            let Some((inside, behind)) = after.split_once(CLOSING) else {
                return Err((
                    Complaint::new("`{{` without `}}`").hint("write it as in {{ subject.country }}"),
                    begins..text.len(),
                ));
            };
            let ends = text.len() - behind.len();
            let Some(attribute) = inside.trim().strip_prefix(SUBJECT) else {
                let complaint = Complaint::new(format!("{} is nothing a template knows", quoted(inside.trim())));
                return Err((complaint.hint("write it as in {{ subject.country }}"), begins..ends));
            };
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Attribute(attribute.to_owned()));
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The attributes it asks for, in its order, repeated as there.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Attribute(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text for one subject: an empty attribute is nothing, a date is written as 2026-12-31, a list with commas.
    ///
    /// # Errors
    /// The name of the first attribute that was not read.
    pub fn fill_in(&self, source: &impl AttributeSource) -> Result<String, String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(own) => text.push_str(own),
                Part::Attribute(name) => match source.attribute(name) {
                    None => return Err(name.clone()),
                    Some(AttributeValue::Null) => {}
                    Some(AttributeValue::Text(value)) => text.push_str(value),
                    Some(AttributeValue::Bool(value)) => text.push_str(if *value { "true" } else { "false" }),
                    Some(AttributeValue::Date { date, .. }) => text.push_str(&date.to_string()),
                    Some(AttributeValue::Instant(instant)) => text.push_str(&instant.to_string()),
                    Some(AttributeValue::List(values)) => text.push_str(&values.join(", ")),
                    Some(AttributeValue::AssignedPlans(plans)) => {
                        let services: Vec<_> = plans.iter().filter_map(|plan| plan.service.as_deref()).collect();
                        text.push_str(&services.join(", "));
                    }
                },
            }
        }
        Ok(text)
    }
}

/// The text as it reads back.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Attribute(name) => write!(f, "{OPENING} {SUBJECT}{name} {CLOSING}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::subject::Attributes;

    #[test]
    fn placeholders_are_filled_in() {
        let template = Template::parse("Joins {{ subject.employeeHireDate }} in {{subject.city}}.").unwrap();
        let date = AttributeValue::Date { date: "2026-12-01".parse().unwrap(), inclusive: false };
        let mut attributes = Attributes::from([("employeeHireDate".to_owned(), date)]);
        assert_eq!(template.fill_in(&attributes), Err("city".to_owned()), "an attribute that was not read");
        attributes.insert("city".to_owned(), AttributeValue::Null);
        assert_eq!(template.fill_in(&attributes).unwrap(), "Joins 2026-12-01 in .");
        assert_eq!(template.attributes().collect::<Vec<_>>(), ["employeeHireDate", "city"]);
        assert_eq!(Template::parse(&template.to_string()), Ok(template));
    }

    #[test]
    fn what_is_no_placeholder_is_a_problem_in_its_place() {
        let text = "x {{ subject.city";
        assert_eq!(Template::parse(text).unwrap_err().1, 2..text.len());
        let (complaint, span) = Template::parse("{{ workflow }}").unwrap_err();
        assert_eq!((complaint.message.as_str(), span), ("`workflow` is nothing a template knows", 0..14));
        assert_eq!(Template::parse("}} and { {").unwrap().attributes().count(), 0);
    }
}
