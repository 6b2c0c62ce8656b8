//! What the ledger remembers of documents that come, change, are renamed and go.

use std::collections::BTreeMap;

use super::*;
use crate::workflow::load::{SourceText, load};

type Known = BTreeMap<DocumentName, DocumentRecord>;

const MONDAY: &str = "2026-12-07T08:00:00Z";
const TUESDAY: &str = "2026-12-08T08:00:00Z";

/// An auto assignment of this name and mode, formerly called so.
fn document(name: &str, mode: &str, formerly: &str) -> SourceText {
    let text = format!(
        "apiVersion: usherd/v1\nkind: AutoAssignment\nname: {name}\nformerly: [{formerly}]\nmode: {mode}\naccessPackage: P\n\
         assignmentPolicy: Direct\nmembers: {{ anyOf: [{{ group: G }}] }}\nwhenMemberLeaves: never\n"
    );
    SourceText { file: format!("{name}.yaml"), text }
}

fn definitions(documents: &[SourceText]) -> Definitions {
    let loaded = load(documents);
    assert_eq!(loaded.problems, []);
    loaded.definitions
}

/// The records after these documents are put in force where `before` was known, at an instant and under a ceiling.
fn after(before: &Known, documents: &[SourceText], now: &str, ceiling: Mode) -> Known {
    let definitions = definitions(documents);
    let mut ledger = Ledger { documents: before.clone(), ..Ledger::default() };
    put_on_record(&mut ledger, &definitions, ceiling, now.parse().unwrap());
    ledger.documents
}

fn at(instant: &str) -> Option<Timestamp> {
    Some(instant.parse().unwrap())
}

fn name(name: &str) -> DocumentName {
    name.into()
}

#[test]
fn a_record_remembers_when_a_document_came_and_when_it_began_to_write() {
    let first = after(&Known::new(), &[document("a", "observe", "")], MONDAY, Mode::Enforce);
    assert_eq!((Some(first[&name("a")].first_seen), first[&name("a")].writes_since), (at(MONDAY), None));

    let second = after(&first, &[document("a", "enforce", "")], TUESDAY, Mode::Enforce);
    let record = &second[&name("a")];
    assert_eq!((Some(record.first_seen), record.writes_since), (at(MONDAY), at(TUESDAY)));
    assert!(record.observed_before && record.first_removals_held);

    let direct = after(&Known::new(), &[document("a", "enforce", "")], MONDAY, Mode::Enforce);
    let record = &direct[&name("a")];
    assert!(!record.observed_before && !record.first_removals_held, "never observed: its look-back rules hold");
}

#[test]
fn the_ceiling_is_a_ceiling_and_a_change_of_it_is_a_change_of_mode() {
    let documents = [document("a", "enforce", "")];
    let mut known = Known::new();
    // (ceiling) → mode, whether it writes, whether it observed before, whether its first removals are held
    for (ceiling, expected) in [
        (Mode::GrantOnly, (Mode::GrantOnly, true, false, false)),
        (Mode::Observe, (Mode::Observe, false, false, false)),
        (Mode::GrantOnly, (Mode::GrantOnly, true, true, false)),
        (Mode::Enforce, (Mode::Enforce, true, true, true)),
    ] {
        known = after(&known, &documents, MONDAY, ceiling);
        let record = &known[&name("a")];
        let found = (record.mode, record.writes_since.is_some(), record.observed_before, record.first_removals_held);
        assert_eq!((found, record.declared_mode), (expected, Mode::Enforce), "{ceiling}");
    }
}

#[test]
fn a_document_that_is_gone_is_remembered_and_stays_under_the_ceiling() {
    let both =
        after(&Known::new(), &[document("a", "enforce", ""), document("b", "enforce", "")], MONDAY, Mode::Enforce);
    let one = after(&both, &[document("a", "enforce", "")], TUESDAY, Mode::Observe);
    let state = |known: &Known, document: &str| (known[&name(document)].in_force, known[&name(document)].mode);
    assert_eq!((state(&one, "a"), state(&one, "b")), ((true, Mode::Observe), (false, Mode::Observe)));
    let again = after(&one, &[document("a", "enforce", "")], TUESDAY, Mode::Enforce);
    assert_eq!(state(&again, "b"), (false, Mode::Enforce));
}

#[test]
fn a_renamed_document_is_the_one_it_was_and_its_old_name_is_free_for_another_one() {
    let first = after(&Known::new(), &[document("a", "enforce", "")], MONDAY, Mode::Enforce);
    let renamed = after(&first, &[document("b", "enforce", "a")], TUESDAY, Mode::Enforce);
    assert_eq!(renamed.keys().collect::<Vec<_>>(), [&name("b")]);
    let record = &renamed[&name("b")];
    assert_eq!((&record.identity, Some(record.first_seen)), (&name("a"), at(MONDAY)));

    let again = after(&renamed, &[document("b", "enforce", "a")], TUESDAY, Mode::Enforce);
    assert_eq!(again, renamed, "it is renamed once");
    let reused = after(&renamed, &[document("a", "enforce", ""), document("b", "enforce", "")], TUESDAY, Mode::Enforce);
    assert_eq!(reused[&name("a")].identity, name("a#2"), "another document's causes are its own");
    assert_eq!(reused[&name("b")].identity, name("a"));
}

#[test]
fn one_that_takes_over_another_keeps_its_own_record() {
    let both =
        after(&Known::new(), &[document("a", "observe", ""), document("b", "enforce", "")], MONDAY, Mode::Enforce);
    let merged = after(&both, &[document("b", "enforce", "a")], TUESDAY, Mode::Enforce);
    assert_eq!((&merged[&name("b")].identity, merged[&name("b")].mode), (&name("b"), Mode::Enforce));
    let former = &merged[&name("a")];
    assert_eq!((former.in_force, former.retirement), (false, Some(Retirement::Released)));
    assert_eq!(after(&merged, &[document("b", "enforce", "a")], TUESDAY, Mode::Enforce), merged, "once");
}

#[test]
fn a_document_that_is_back_is_no_longer_retired() {
    let both =
        after(&Known::new(), &[document("a", "grantOnly", ""), document("b", "enforce", "")], MONDAY, Mode::Enforce);
    let mut gone = after(&both, &[document("b", "enforce", "")], TUESDAY, Mode::Enforce);
    gone.get_mut(&name("a")).unwrap().retirement = Some(Retirement::Removing);
    let planned = after(&gone, &[document("b", "enforce", "")], TUESDAY, Mode::Enforce);
    assert_eq!(planned[&name("a")].mode, Mode::Enforce, "what a person proposed may be carried out");
    let back = after(&planned, &[document("a", "grantOnly", ""), document("b", "enforce", "")], TUESDAY, Mode::Enforce);
    assert_eq!((back[&name("a")].retirement, back[&name("a")].mode), (None, Mode::GrantOnly));
}
