//! YAML text to checked definitions, with every problem in its place.

pub mod attribute;
pub mod check;
pub mod definition;
pub mod document_text;
pub mod import;
pub mod language;
pub mod load;
pub mod person_test;
pub mod places;
pub mod problem;
pub mod reader;
pub mod rule;
pub mod template;
pub mod warning;
pub mod yaml;
