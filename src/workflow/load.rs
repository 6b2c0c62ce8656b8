//! All documents at once: texts in, checked definitions and every problem out.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{DocumentHash, DocumentName, sha256_hex};

use super::attribute::AttributeCatalogue;
use super::definition::{AutoAssignment, Definitions, Feed, Header, Mode, Workflow};
use super::person_test::PersonTest;
use super::places::Places;
use super::problem::{Complaint, Place, Problem, quoted};
use super::reader::convert::{any_text, checked, list, mapping};
use super::reader::{Field, Problems, Reader};
use super::yaml::{self, Node, Value};

mod auto_assignment;
mod feed;
mod feed_limits;
mod feed_rows;
mod feed_source;
mod former_name;
mod name;
mod person_test;
mod task;
mod trigger;
mod value;
mod workflow;

/// The longest name of a document, in bytes.
pub const LONGEST_NAME: usize = name::LONGEST;

/// A document as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// The file's name as problems and definitions show it; each once.
    pub file: String,
    /// What it holds.
    pub text: String,
}

/// What the documents say.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The documents without problems, sorted by name. A feed that one of them names may be missing if its own document is broken.
    pub definitions: Definitions,
    /// The person tests without problems, sorted by name.
    pub person_tests: Vec<PersonTest>,
    /// Every problem of every file, sorted by file and place.
    pub problems: Vec<Problem>,
    /// The files with a problem.
    pub broken: BTreeSet<String>,
    /// Where the values of the documents without problems stand.
    pub places: Places,
}

/// Reads a set of documents, one a file.
pub fn load(files: &[SourceText]) -> Loaded {
    let mut parsed: Vec<Parsed<'_>> = files.iter().map(Parsed::new).collect();
    parsed.sort_by_key(|file| file.source.file.as_str());
    report_repeated_names(&parsed);
    former_name::report_former_names(&parsed);

    let surroundings = Surroundings::of(&parsed);
    // Feeds first: rules and triggers may name their attributes.
    let (feeds, others): (Vec<_>, Vec<_>) = parsed.into_iter().partition(Parsed::is_feed);
    let mut loaded = Loaded::default();
    for file in feeds.into_iter().chain(others) {
        let document = file.root.as_ref().and_then(|root| {
            let read = mapping(|reader| document(reader, file.source, &surroundings));
            read(Field::root(root, &file.problems))
        });
        let problems = file.problems.into_vec();
        match document {
            Some(document) if problems.is_empty() => {
                if let Some(root) = file.root {
                    loaded.places.add(document.name(), &file.source.file, root);
                }
                loaded.add(document);
            }
            _ => {
                loaded.broken.insert(file.source.file.clone());
            }
        }
        loaded.problems.extend(problems);
    }
    loaded.problems.sort();
    loaded.definitions.workflows.sort_by(|left, right| left.header.name.cmp(&right.header.name));
    loaded.definitions.auto_assignments.sort_by(|left, right| left.header.name.cmp(&right.header.name));
    loaded.definitions.feeds.sort_by(|left, right| left.name.cmp(&right.name));
    loaded.person_tests.sort_by(|left, right| left.name.cmp(&right.name));
    loaded
}

/// What a document may refer to.
struct Surroundings {
    /// The names of all feeds, also of broken ones, so that one mistake is not reported in every document.
    feeds: BTreeSet<String>,
    /// The names of all workflows and auto assignments, also of broken ones.
    documents: BTreeSet<String>,
    /// The names of all workflows, also of broken ones.
    workflows: BTreeSet<String>,
    attributes: RefCell<AttributeCatalogue>,
}

impl Surroundings {
    fn of(files: &[Parsed<'_>]) -> Self {
        let named = |kinds: &'static [&'static str]| {
            let is_meant = |file: &&Parsed<'_>| file.text("kind").is_some_and(|(kind, _)| kinds.contains(&kind));
            files.iter().filter(is_meant).filter_map(|file| Some(file.text("name")?.0.to_owned())).collect()
        };
        Self {
            feeds: named(&["Feed"]),
            documents: named(&["Workflow", "AutoAssignment"]),
            workflows: named(&["Workflow"]),
            attributes: RefCell::default(),
        }
    }
}

struct Parsed<'s> {
    source: &'s SourceText,
    root: Option<Node>,
    problems: Problems,
}

impl<'s> Parsed<'s> {
    fn new(source: &'s SourceText) -> Self {
        let parsed = yaml::parse(&source.file, &source.text);
        Self { source, root: parsed.root, problems: Problems::with(&source.file, parsed.problems) }
    }

    fn is_feed(&self) -> bool {
        self.text("kind").is_some_and(|(kind, _)| kind == "Feed")
    }

    /// The text under a key of the document, however broken the rest is.
    fn text(&self, key: &str) -> Option<(&str, &Place)> {
        let Value::Mapping(entries) = &self.root.as_ref()?.value else {
            return None;
        };
        let value = &entries.iter().find(|entry| entry.key.text == key)?.value;
        match &value.value {
            Value::Scalar(scalar) => Some((&scalar.text, &value.place)),
            Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }
}

fn report_repeated_names(files: &[Parsed<'_>]) {
    let mut files_by_name: BTreeMap<&str, Vec<(&Parsed<'_>, &Place)>> = BTreeMap::new();
    for file in files {
        if let Some((name, place)) = file.text("name").filter(|(name, _)| !name.is_empty()) {
            files_by_name.entry(name).or_default().push((file, place));
        }
    }
    for (name, uses) in files_by_name {
        for (index, (file, place)) in uses.iter().enumerate() {
            let other = if index == 0 { uses.get(1) } else { uses.first() };
            if let Some((other, there)) = other {
                let message = format!("the name {} is also that of {}:{}", quoted(name), other.source.file, there.line);
                file.problems.report(place, Complaint::new(message).hint("names are unique over all kinds"));
            }
        }
    }
}

enum Document {
    Workflow(Workflow),
    AutoAssignment(AutoAssignment),
    Feed(Feed),
    PersonTest(Box<PersonTest>),
}

impl Document {
    fn name(&self) -> DocumentName {
        match self {
            Self::Workflow(workflow) => workflow.header.name.clone(),
            Self::AutoAssignment(auto_assignment) => auto_assignment.header.name.clone(),
            Self::Feed(feed) => DocumentName::new(feed.name.as_str()),
            Self::PersonTest(test) => test.name.clone(),
        }
    }
}

impl Loaded {
    fn add(&mut self, document: Document) {
        match document {
            Document::Workflow(workflow) => self.definitions.workflows.push(workflow),
            Document::AutoAssignment(auto_assignment) => self.definitions.auto_assignments.push(auto_assignment),
            Document::Feed(feed) => self.definitions.feeds.push(feed),
            Document::PersonTest(test) => self.person_tests.push(*test),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Workflow,
    AutoAssignment,
    Feed,
    PersonTest,
}

const VERSIONS: &[(&str, ())] = &[("usherd/v1", ())];
const KINDS: &[(&str, Kind)] = &[
    ("Workflow", Kind::Workflow),
    ("AutoAssignment", Kind::AutoAssignment),
    ("Feed", Kind::Feed),
    ("PersonTest", Kind::PersonTest),
];
const LATER_KINDS: &[&str] = &["Exception", "Catalog", "AccessPackage"];
const MODES: &[(&str, Mode)] =
    &[("observe", Mode::Observe), ("grantOnly", Mode::GrantOnly), ("enforce", Mode::Enforce)];

/// What every document says of itself.
struct Identity {
    name: Option<String>,
    description: Option<String>,
    formerly: Vec<DocumentName>,
    hash: DocumentHash,
    file: String,
}

impl Identity {
    fn read(reader: &mut Reader<'_>, source: &SourceText) -> Self {
        Self {
            name: reader.required("name", checked(name::check)),
            description: reader.optional("description", any_text),
            formerly: reader
                .optional("formerly", list(checked(name::check)))
                .unwrap_or_default()
                .into_iter()
                .map(DocumentName::new)
                .collect(),
            hash: DocumentHash::new(sha256_hex(source.text.as_bytes())),
            file: source.file.clone(),
        }
    }

    fn header(self, reader: &mut Reader<'_>) -> Option<Header> {
        let mode = reader.required_word("mode", MODES);
        let Self { name, description, formerly, hash, file } = self;
        Some(Header { name: DocumentName::new(name?), description, mode: mode?, hash, file, formerly })
    }
}

fn document(reader: &mut Reader<'_>, source: &SourceText, surroundings: &Surroundings) -> Option<Document> {
    let version = reader.required_word("apiVersion", VERSIONS);
    let kind = reader.required_word_or_later("kind", KINDS, LATER_KINDS);
    let identity = Identity::read(reader, source);
    let document = match kind {
        Some(Kind::Workflow) => workflow::read(reader, identity, surroundings).map(Document::Workflow),
        Some(Kind::AutoAssignment) => {
            auto_assignment::read(reader, identity, surroundings).map(Document::AutoAssignment)
        }
        Some(Kind::Feed) => feed::read(reader, identity, surroundings).map(Document::Feed),
        Some(Kind::PersonTest) => {
            person_test::read(reader, identity, surroundings).map(|test| Document::PersonTest(Box::new(test)))
        }
        None => {
            reader.ignore_the_rest();
            None
        }
    };
    version.and(document)
}

#[cfg(test)]
mod tests;
