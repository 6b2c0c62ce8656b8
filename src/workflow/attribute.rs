//! The attributes that rules, triggers and templates may name: the directory's documented ones, its extensions, and what a feed maps.

use std::collections::BTreeMap;

use super::problem::{Complaint, quoted};
use super::rule::is_attribute_name;

mod check;
mod documented;
mod person_test;

pub use documented::{ElementType, PLAN_PROPERTIES, documented, documented_list, documented_type, is_documented};
pub use person_test::{GivenType, type_in_user};

use documented::{BOOLS, DATES, TEXTS, is_directory_extension};

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// Text.
    Text,
    /// A truth value.
    Bool,
    /// A civil date.
    Date,
}

impl AttributeType {
    /// The word of a feed's `type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "bool",
            Self::Date => "date",
        }
    }
}

/// Whether a feed may map a column to this name.
///
/// # Errors
/// Names that no rule could ask for, and lists.
pub fn check_name(name: &str) -> Result<(), Complaint> {
    if documented_list(name).is_some() {
        return Err(Complaint::new(format!("{} is a list, which a feed cannot give", quoted(name))));
    }
    if !is_attribute_name(name) || name.len() > 128 {
        let complaint = Complaint::new(format!("{} cannot name an attribute", quoted(name)));
        return Err(complaint.hint("use letters, digits and `_`, not beginning with a digit, and no keyword of rules"));
    }
    Ok(())
}

/// The attributes of a set of documents.
#[derive(Debug, Clone, Default)]
pub struct AttributeCatalogue {
    of_feeds: BTreeMap<String, AttributeType>,
}

impl AttributeCatalogue {
    /// Adds a feed's attribute; all feeds and Graph must agree on its type.
    ///
    /// # Errors
    /// Another type than before or than Graph's.
    pub fn add(&mut self, name: &str, kind: AttributeType) -> Result<(), Complaint> {
        let known = documented_type(name).or_else(|| self.of_feeds.get(name).copied());
        self.of_feeds.entry(name.to_owned()).or_insert(known.unwrap_or(kind));
        match known {
            Some(known) if known != kind => {
                let whose = if documented_type(name).is_some() { "the directory" } else { "another feed" };
                let message = format!("{} is {} here and {} in {whose}", quoted(name), kind.as_str(), known.as_str());
                Err(Complaint::new(message).hint(format!("say `type: {}`", known.as_str())))
            }
            _ => Ok(()),
        }
    }

    /// Whether a trigger may go by this attribute.
    ///
    /// # Errors
    /// Attributes that are unknown or no dates.
    pub fn check_trigger(&self, name: &str) -> Result<(), Complaint> {
        match self.of_feeds.get(name).copied().or_else(|| documented_type(name)) {
            Some(AttributeType::Date) => Ok(()),
            Some(other) => {
                let complaint = Complaint::new(format!("{} is no date but {}", quoted(name), other.as_str()));
                Err(complaint.hint("a feed makes it a date with `type: date`"))
            }
            None => {
                let of_feeds = self.of_feeds.iter().filter(|(_, kind)| **kind == AttributeType::Date);
                let dates = of_feeds.map(|(name, _)| name.as_str()).chain(DATES);
                Err(Complaint::new(format!("unknown date attribute {}", quoted(name))).suggest(name, dates))
            }
        }
    }

    /// Whether the change of this attribute may trigger a workflow: texts, truth values, and what a feed maps.
    ///
    /// # Errors
    /// Attributes that are unknown, and lists.
    pub fn check_watched(&self, name: &str) -> Result<(), Complaint> {
        self.type_in_rule(name).map(|_| ())
    }

    /// Whether a template may show this attribute: what a rule may ask for, and every date.
    ///
    /// # Errors
    /// Attributes that are unknown, and lists.
    pub fn check_shown(&self, name: &str) -> Result<(), Complaint> {
        if DATES.contains(&name) { Ok(()) } else { self.check_watched(name) }
    }

    /// The attribute's type; `None` for a directory extension, whose type only the tenant knows.
    fn type_in_rule(&self, name: &str) -> Result<Option<AttributeType>, Complaint> {
        let of_feed = self.of_feeds.get(name).copied();
        match of_feed.or_else(|| documented_type(name).filter(|kind| *kind != AttributeType::Date)) {
            Some(kind) => Ok(Some(kind)),
            None if is_directory_extension(name) => Ok(None),
            None if documented_list(name).is_some() => {
                let complaint = Complaint::new(format!("{} is a list", quoted(name)));
                Err(complaint.hint("only a rule can ask for it, with `any(…)`"))
            }
            None if DATES.contains(&name) => {
                let complaint = Complaint::new(format!("no rule can ask for {}", quoted(name)));
                Err(complaint.hint("unless a feed maps a column to it"))
            }
            None => {
                let known = self.of_feeds.keys().map(String::as_str).chain(TEXTS).chain(BOOLS);
                Err(Complaint::new(format!("unknown attribute {}", quoted(name))).suggest(name, known))
            }
        }
    }
}

#[cfg(test)]
mod tests;
