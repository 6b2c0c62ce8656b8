//! The documents folder: what is in force, when a file is broken, gone or new (design.md section 4, Changing documents).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;

use crate::domain::ids::DocumentName;
use crate::plan::ledger::DocumentRecord;
use crate::workflow::definition::{Definitions, Header, Mode};
use crate::workflow::load::{SourceText, load};
use crate::workflow::problem::Problem;

/// What the folder and the ledger together put in force.
#[derive(Debug)]
pub struct InForce {
    /// The definitions.
    pub definitions: Definitions,
    /// Their texts by file: the new last good texts.
    pub texts: BTreeMap<String, String>,
    /// Mistakes in the folder's files, with the text each points into.
    pub problems: Vec<(Problem, String)>,
    /// Why the folder as a whole was not believed, if it was not.
    pub kept: Option<String>,
}

/// Why the folder could not be read.
#[derive(Debug, thiserror::Error)]
#[error("reading the documents folder {folder} failed")]
pub struct FolderError {
    /// The folder.
    pub folder: String,
    /// What happened.
    #[source]
    pub source: std::io::Error,
}

/// Reads every YAML file of `folder` itself, not of folders in it, sorted by name.
///
/// # Errors
/// Fails when the folder or a file of it cannot be read: then nothing is known of it.
pub fn read_folder(folder: &Path) -> Result<Vec<SourceText>, FolderError> {
    let failed = |source| FolderError { folder: folder.display().to_string(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let is_yaml = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
        if is_yaml && !name.starts_with('.') && path.is_file() {
            let bytes = std::fs::read(&path).map_err(failed)?;
            files.push(SourceText { file: name, text: String::from_utf8_lossy(&bytes).into_owned() });
        }
    }
    files.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(files)
}

/// Puts the folder's files in force: a broken file's last good text stays, and a folder that lost more than half of its documents changes nothing.
pub fn put_in_force(
    files: Result<Vec<SourceText>, FolderError>,
    good: &BTreeMap<String, String>,
    known: &BTreeMap<DocumentName, DocumentRecord>,
) -> InForce {
    let files = match files {
        Ok(files) => files,
        Err(error) => return keep_all(good, Vec::new(), super::event::chain(&error)),
    };
    let read = load(&files);
    let text_of = |file: &str| files.iter().find(|read| read.file == file).map(|read| read.text.clone());
    let problems: Vec<(Problem, String)> = read
        .problems
        .into_iter()
        .map(|problem| {
            let text = text_of(&problem.file).unwrap_or_default();
            (problem, text)
        })
        .collect();
    let texts: BTreeMap<String, String> = files
        .iter()
        .filter_map(|read_file| {
            let text = if read.broken.contains(&read_file.file) {
                good.get(&read_file.file)?.clone()
            } else {
                read_file.text.clone()
            };
            Some((read_file.file.clone(), text))
        })
        .collect();
    let definitions = load_texts(&texts);
    match lost_too_much(&definitions, known) {
        Some(why) => keep_all(good, problems, why),
        None => InForce { definitions, texts, problems, kept: None },
    }
}

fn keep_all(good: &BTreeMap<String, String>, problems: Vec<(Problem, String)>, why: String) -> InForce {
    InForce { definitions: load_texts(good), texts: good.clone(), problems, kept: Some(why) }
}

fn load_texts(texts: &BTreeMap<String, String>) -> Definitions {
    let files: Vec<SourceText> =
        texts.iter().map(|(file, text)| SourceText { file: file.clone(), text: text.clone() }).collect();
    load(&files).definitions
}

fn lost_too_much(definitions: &Definitions, known: &BTreeMap<DocumentName, DocumentRecord>) -> Option<String> {
    let now: BTreeSet<DocumentName> = names(definitions).collect();
    let before: Vec<&DocumentName> =
        known.values().filter(|record| record.in_force).map(|record| &record.name).collect();
    let gone = before.iter().filter(|name| !now.contains(**name)).count();
    let is_too_much = !before.is_empty() && (now.is_empty() || gone * 2 > before.len());
    is_too_much.then(|| {
        format!(
            "{gone} of {} documents are gone from the folder at once; to delete so many, delete half of them or fewer at a time",
            before.len()
        )
    })
}

fn names(definitions: &Definitions) -> impl Iterator<Item = DocumentName> {
    let feeds = definitions.feeds.iter().map(|feed| DocumentName::new(feed.name.as_str()));
    headers(definitions).map(|(_, header)| header.name.clone()).chain(feeds)
}

fn headers(definitions: &Definitions) -> impl Iterator<Item = (&'static str, &Header)> {
    let workflows = definitions.workflows.iter().map(|workflow| ("Workflow", &workflow.header));
    workflows.chain(definitions.auto_assignments.iter().map(|auto| ("AutoAssignment", &auto.header)))
}

/// The records of the documents in force, and of those no longer so, under the mode ceiling.
pub fn records(
    definitions: &Definitions,
    ceiling: Mode,
    known: &BTreeMap<DocumentName, DocumentRecord>,
    now: Timestamp,
) -> Vec<DocumentRecord> {
    let mut records: Vec<DocumentRecord> = headers(definitions)
        .map(|(kind, header)| record(kind, header.name.clone(), &header.hash, header.mode.min(ceiling), known, now))
        .collect();
    for feed in &definitions.feeds {
        let name = DocumentName::new(feed.name.as_str());
        records.push(record("Feed", name, &feed.hash, Mode::Enforce, known, now));
    }
    let present: BTreeSet<DocumentName> = records.iter().map(|record| record.name.clone()).collect();
    let gone = known.values().filter(|record| record.in_force && !present.contains(&record.name));
    records.extend(gone.map(|record| DocumentRecord { in_force: false, ..record.clone() }));
    records.sort_by(|a, b| a.name.cmp(&b.name));
    records
}

fn record(
    kind: &str,
    name: DocumentName,
    hash: &crate::domain::ids::DocumentHash,
    mode: Mode,
    known: &BTreeMap<DocumentName, DocumentRecord>,
    now: Timestamp,
) -> DocumentRecord {
    let before = known.get(&name);
    let writes = mode > Mode::Observe;
    let began_to_write = writes && before.is_some_and(|before| before.mode == Mode::Observe);
    let began_to_enforce = mode == Mode::Enforce && before.is_some_and(|before| before.mode < Mode::Enforce);
    DocumentRecord {
        kind: kind.to_owned(),
        hash: hash.clone(),
        mode,
        first_seen: before.map_or(now, |before| before.first_seen),
        writes_since: match before.and_then(|before| before.writes_since) {
            Some(since) if writes => Some(since),
            _ => writes.then_some(now),
        },
        observed_before: began_to_write || before.is_some_and(|before| before.observed_before),
        first_removals_held: began_to_enforce || before.is_some_and(|before| before.first_removals_held),
        in_force: true,
        base: before.and_then(|before| before.base.clone()),
        name,
    }
}
