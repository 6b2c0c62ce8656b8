//! The documents folder: what is in force, when a file is broken, gone or new (design.md section 4, Changing documents).

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use crate::domain::ids::DocumentName;
use crate::plan::ledger::DocumentRecord;
use crate::workflow::definition::Definitions;
use crate::workflow::load::{Loaded, SourceText, load};
use crate::workflow::problem::Problem;
use crate::workflow::yaml::LONGEST_TEXT;

use super::document_records::named;

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
            let text = read_bounded(&path).map_err(failed)?;
            files.push(SourceText { file: name, text });
        }
    }
    files.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(files)
}

/// Reads no more than one byte over what a document may hold, so that the reader sees that it is too long.
fn read_bounded(path: &Path) -> std::io::Result<String> {
    let most = u64::try_from(LONGEST_TEXT).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
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
    let loaded = load_texts(&texts);
    if let Some(file) = loaded.broken.first() {
        // A last good text may rest on another document as it was, such as a feed that has another name now.
        let why = format!("{file} does not fit the other documents as they are now; mend them together");
        return keep_all(good, problems, why);
    }
    match lost_too_much(&loaded.definitions, known) {
        Some(why) => keep_all(good, problems, why),
        None => InForce { definitions: loaded.definitions, texts, problems, kept: None },
    }
}

fn keep_all(good: &BTreeMap<String, String>, problems: Vec<(Problem, String)>, why: String) -> InForce {
    InForce { definitions: load_texts(good).definitions, texts: good.clone(), problems, kept: Some(why) }
}

/// Reads texts by file as one set.
pub(super) fn load_texts(texts: &BTreeMap<String, String>) -> Loaded {
    let files: Vec<SourceText> =
        texts.iter().map(|(file, text)| SourceText { file: file.clone(), text: text.clone() }).collect();
    load(&files)
}

fn lost_too_much(definitions: &Definitions, known: &BTreeMap<DocumentName, DocumentRecord>) -> Option<String> {
    // A document that says what it was called is not gone.
    let all =
        named(definitions).flat_map(|document| std::iter::once(document.name).chain(document.formerly.iter().cloned()));
    let now: BTreeSet<DocumentName> = all.collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::document_records::records;
    use crate::workflow::definition::Mode;

    fn document(name: &str, mode: &str) -> String {
        format!(
            "apiVersion: usherd/v1\nkind: AutoAssignment\nname: {name}\nmode: {mode}\naccessPackage: P\nassignmentPolicy: Direct\n\
             members: {{ anyOf: [{{ group: G }}] }}\nwhenMemberLeaves: never\n"
        )
    }

    fn folder(documents: &[(&str, String)]) -> Result<Vec<SourceText>, FolderError> {
        let text = |(name, text): &(&str, String)| SourceText { file: format!("{name}.yaml"), text: text.clone() };
        Ok(documents.iter().map(text).collect())
    }

    fn in_force(in_force: &InForce) -> Vec<&str> {
        in_force.definitions.auto_assignments.iter().map(|auto| auto.header.name.as_str()).collect()
    }

    type Known = BTreeMap<DocumentName, DocumentRecord>;

    fn known(in_force: &InForce, before: &Known, now: &str) -> Known {
        let records = records(&in_force.definitions, Mode::Enforce, before, now.parse().unwrap());
        records.into_iter().map(|record| (record.name.clone(), record)).collect()
    }

    const MONDAY: &str = "2026-12-07T08:00:00Z";

    #[test]
    fn a_broken_edit_keeps_the_last_good_text_and_says_where_the_mistake_is() {
        let good = put_in_force(
            folder(&[("a", document("a", "enforce")), ("b", document("b", "enforce"))]),
            &BTreeMap::new(),
            &BTreeMap::new(),
        );
        let before = known(&good, &BTreeMap::new(), MONDAY);
        let broken = folder(&[("a", document("a", "enforcing")), ("b", document("b", "observe"))]);
        let now = put_in_force(broken, &good.texts, &before);
        assert_eq!(in_force(&now), ["a", "b"]);
        assert_eq!(now.texts["a.yaml"], good.texts["a.yaml"]);
        assert_ne!(now.texts["b.yaml"], good.texts["b.yaml"], "the other file's edit is in force");
        let [(problem, text)] = now.problems.as_slice() else { panic!("{:?}", now.problems) };
        assert_eq!((problem.file.as_str(), problem.line, problem.column), ("a.yaml", 4, 7));
        assert!(text.contains("enforcing"));
    }

    #[test]
    fn a_folder_that_lost_more_than_half_or_cannot_be_read_changes_nothing() {
        let all: Vec<_> = ["a", "b", "c", "d"].map(|name| (name, document(name, "enforce"))).into();
        let good = put_in_force(folder(&all), &BTreeMap::new(), &BTreeMap::new());
        let before = known(&good, &BTreeMap::new(), MONDAY);
        let unreadable = Err(FolderError { folder: "gone".to_owned(), source: std::io::ErrorKind::NotFound.into() });
        for (found, expected) in [
            (folder(&all[..2]), &["a", "b"][..]),
            (folder(&all[..1]), &["a", "b", "c", "d"]),
            (folder(&[]), &["a", "b", "c", "d"]),
            (unreadable, &["a", "b", "c", "d"]),
        ] {
            let now = put_in_force(found, &good.texts, &before);
            assert_eq!(in_force(&now), expected);
            assert_eq!(now.kept.is_some(), expected.len() == 4);
        }
    }

    #[test]
    fn an_edit_that_breaks_another_document_changes_nothing_until_both_fit() {
        let feed = |name: &str| {
            let text = format!(
                "apiVersion: usherd/v1\nkind: Feed\nname: {name}\nsource: {{ file: hr.csv, format: csv, delimiter: ';', encoding: utf-8 }}\n\
                 mode: snapshot\nkey: Id\ntimeZone: {{ default: Europe/Amsterdam }}\nattributes: {{ department: {{ column: D }} }}\n"
            );
            ("feed", text)
        };
        let user = ("a", document("a", "enforce").replace("group: G", "feed: hr"));
        let good = put_in_force(folder(&[user.clone(), feed("hr")]), &BTreeMap::new(), &BTreeMap::new());
        assert_eq!(in_force(&good), ["a"]);
        let before = known(&good, &BTreeMap::new(), MONDAY);
        let now = put_in_force(folder(&[user.clone(), feed("people")]), &good.texts, &before);
        assert_eq!(in_force(&now), ["a"], "{:?}", now.kept);
        assert_eq!((now.texts == good.texts, now.kept.is_some(), now.problems.len()), (true, true, 1));
        let both = (user.0, user.1.replace("feed: hr", "feed: people"));
        let mended = put_in_force(folder(&[both, feed("people")]), &good.texts, &before);
        assert_eq!((in_force(&mended), mended.kept.as_deref()), (vec!["a"], None));
    }
}
