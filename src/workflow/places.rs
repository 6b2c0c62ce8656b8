//! Where the values of documents stand, for what is found only when all documents are seen together.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::domain::ids::DocumentName;

use super::problem::{Complaint, Place, Problem};
use super::warning::Warning;
use super::yaml::{Node, Value};

/// The trees of the documents that could be read, by name.
#[derive(Debug, Clone, Default)]
pub struct Places {
    documents: BTreeMap<DocumentName, (String, Node)>,
}

/// A value of a document, by the keys that lead to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// The document.
    pub document: DocumentName,
    path: Vec<Step>,
    within: Option<(usize, usize)>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    Item(usize),
}

impl Site {
    /// The document as a whole.
    pub fn of(document: &DocumentName) -> Self {
        Self { document: document.clone(), path: Vec::new(), within: None }
    }

    /// What stands in it under a key.
    pub fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    /// Its item at a place counted from 0.
    pub fn item(&self, place: usize) -> Self {
        self.then(Step::Item(place))
    }

    /// A byte range of its text.
    pub fn within(&self, range: &Range<usize>) -> Self {
        Self { within: Some((range.start, range.end)), ..self.clone() }
    }

    fn then(&self, step: Step) -> Self {
        let mut path = self.path.clone();
        path.push(step);
        Self { path, ..self.clone() }
    }
}

impl Places {
    /// Keeps the tree of a document that was read from `file`.
    pub fn add(&mut self, document: DocumentName, file: &str, root: Node) {
        self.documents.insert(document, (file.to_owned(), root));
    }

    /// The file and place of a value: of what is given there, else of the nearest thing around it.
    pub fn find(&self, site: &Site) -> (&str, Place) {
        let Some((file, root)) = self.documents.get(&site.document) else { return ("", Place::start()) };
        let mut node = root;
        for step in &site.path {
            match inner(node, step) {
                Some(found) => node = found,
                None => return (file, node.place.clone()),
            }
        }
        let place = match (&node.value, site.within) {
            (Value::Scalar(scalar), Some((start, end))) => scalar.place_within(&node.place, start..end),
            _ => node.place.clone(),
        };
        (file, place)
    }

    /// A warning in its place.
    pub fn warning(&self, site: &Site, warning: Warning, complaint: Complaint) -> Problem {
        let (file, place) = self.find(site);
        Problem::warning(file, &place, warning, complaint)
    }
}

fn inner<'n>(node: &'n Node, step: &Step) -> Option<&'n Node> {
    match (step, &node.value) {
        (Step::Key(key), Value::Mapping(entries)) => {
            entries.iter().find(|entry| entry.key.text == *key).map(|entry| &entry.value)
        }
        (Step::Item(place), Value::Sequence(items)) => items.get(*place),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::yaml::parse;

    #[test]
    fn a_value_is_found_by_the_keys_that_lead_to_it() {
        let text = "tasks:\n  - with: { groups: [a, 'b''c'] }\n";
        let name = DocumentName::from("w");
        let mut places = Places::default();
        places.add(name.clone(), "w.yaml", parse("w.yaml", text).root.unwrap());
        let groups = Site::of(&name).key("tasks").item(0).key("with").key("groups");
        let spot = |site: &Site| {
            let (file, place) = places.find(site);
            (file.to_owned(), place.line, place.column, text[place.span].to_owned())
        };
        assert_eq!(spot(&groups.item(1)), ("w.yaml".to_owned(), 2, 25, "'b''c'".to_owned()));
        assert_eq!(spot(&groups.item(1).within(&(1..3))), ("w.yaml".to_owned(), 2, 27, "''c".to_owned()));
        assert_eq!(spot(&groups.item(7)), spot(&groups), "the nearest thing around what is not there");
        assert_eq!(places.find(&Site::of(&"other".into())), ("", Place::start()));
    }
}
