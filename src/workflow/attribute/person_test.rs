//! The attributes that a person test may give values of.

use crate::workflow::problem::{Complaint, quoted};

use super::documented::{BOOLS, DATES, TEXTS, is_directory_extension};
use super::{AttributeCatalogue, AttributeType, documented_list, documented_type};

impl AttributeCatalogue {
    /// The type of an attribute of a person test's record (`of_feed`) or directory user. What only the tenant knows the type of is text.
    ///
    /// # Errors
    /// A record has what a feed maps, a user what the directory has.
    pub fn type_in_person_test(&self, name: &str, of_feed: bool) -> Result<AttributeType, Complaint> {
        if of_feed {
            let known = self.of_feeds.get(name).copied();
            return known.ok_or_else(|| {
                let complaint = Complaint::new(format!("no feed maps a column to {}", quoted(name)));
                complaint.suggest(name, self.of_feeds.keys().map(String::as_str))
            });
        }
        let is_text = documented_list(name).is_some() || is_directory_extension(name);
        documented_type(name).or(is_text.then_some(AttributeType::Text)).ok_or_else(|| {
            let complaint = Complaint::new(format!("the directory has no attribute {}", quoted(name)));
            complaint.suggest(name, TEXTS.into_iter().chain(BOOLS).chain(DATES))
        })
    }
}
