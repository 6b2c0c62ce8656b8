//! The attributes that a person test may give values of.

use crate::workflow::problem::{Complaint, quoted};

use super::documented::{BOOLS, DATES, TEXTS, is_directory_extension, lists};
use super::{AttributeCatalogue, AttributeType, ElementType, documented_list, documented_type};

/// What a person test may give an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenType {
    /// One value.
    One(AttributeType),
    /// A list.
    List(ElementType),
    /// A text or a list of texts: only the tenant knows which.
    TextOrList,
}

impl AttributeCatalogue {
    /// The type of an attribute of a person test's HR record.
    ///
    /// # Errors
    /// A record has what a feed maps.
    pub fn type_in_record(&self, name: &str) -> Result<GivenType, Complaint> {
        self.of_feeds.get(name).copied().map(GivenType::One).ok_or_else(|| {
            let complaint = Complaint::new(format!("no feed maps a column to {}", quoted(name)));
            complaint.suggest(name, self.of_feeds.keys().map(String::as_str))
        })
    }
}

/// The type of an attribute of a person test's directory user.
///
/// # Errors
/// A user has what the directory has.
pub fn type_in_user(name: &str) -> Result<GivenType, Complaint> {
    let list = documented_list(name).map(GivenType::List);
    let extension = is_directory_extension(name).then_some(GivenType::TextOrList);
    documented_type(name).map(GivenType::One).or(list).or(extension).ok_or_else(|| {
        let complaint = Complaint::new(format!("the directory has no attribute {}", quoted(name)));
        complaint.suggest(name, TEXTS.into_iter().chain(BOOLS).chain(DATES).chain(lists()))
    })
}
