//! `usherd test`: the shipped documents keep their promises, every part of them is reached, and a broken one is found out.

#![cfg(test)]

use std::path::Path;

use serde_json::Value;

use crate::context::process::{Ended, Process};

/// A home with a copy of the shipped documents and their tests.
fn copy() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows");
    for folder in ["", "tests"] {
        let to = home.path().join("workflows").join(folder);
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(shipped.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    home
}

/// Changes a file of the copy by replacing text that must be in it.
fn edit(home: &tempfile::TempDir, file: &str, from: &str, to: &str) {
    let path = home.path().join("workflows").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no '{from}'");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

async fn test(home: &tempfile::TempDir, arguments: &[&str]) -> Ended {
    Process::run(home.path(), &[&["test"], arguments].concat()).await
}

#[tokio::test]
async fn the_shipped_documents_pass_their_tests_and_every_part_of_them_is_reached() {
    let ended = test(&copy(), &["--coverage"]).await;
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.out, ended.err);
    assert!(ended.out.contains(" 0 failed") && !ended.out.contains("FAILED"), "{}", ended.out);
}

#[tokio::test]
async fn a_broken_document_makes_a_test_fail() {
    for (file, from, to) in [
        ("joiner-office-basics.yaml", "offsetInDays: -7", "offsetInDays: -6"),
        ("joiner-office-basics.yaml", "at: \"08:00\"", "at: \"09:00\""),
        ("joiner-office-basics.yaml", "userType eq 'Member' and ", ""),
        ("joiner-sales-toolkit.yaml", " and not (employeeType eq 'Contractor')", ""),
        ("joiner-sales-toolkit.yaml", "accessPackage: Sales Toolkit", "accessPackage: Office Basics"),
        ("campaign-for-marketing.yaml", "P7D", "P8D"),
        ("campaign-for-marketing.yaml", "department eq", "department ne"),
        ("engineering-toolkit.yaml", "whenMemberLeaves: immediately", "whenMemberLeaves: never"),
        ("engineering-toolkit.yaml", "group: Engineering", "group: Engineers"),
        ("leaver-remove-access.yaml", "backfill: P60D", "backfill: P6D"),
        ("leaver-remove-access.yaml", "'Employee', ", ""),
        ("leaver-remove-access.yaml", "accessPackage: Engineering Toolkit", "accessPackage: Engineering Tools"),
        ("leaver-vendor-portal.yaml", "  timeZone: Europe/Amsterdam\n", ""),
        ("hr.yaml", "inclusive: true", "inclusive: false"),
    ] {
        let home = copy();
        edit(&home, file, from, to);
        let ended = test(&home, &[]).await;
        assert_eq!(ended.code, Some(4), "{file}: {from} became {to}\n{}\n{}", ended.out, ended.err);
    }
}

#[tokio::test]
async fn a_failure_is_shown_side_by_side_with_the_reason_and_its_line() {
    let home = copy();
    edit(&home, "joiner-office-basics.yaml", "at: \"08:00\"", "at: \"08:30\"");
    let ended = test(&home, &["workflows/tests/day-by-the-persons-own-clock.yaml"]).await;
    let line = |words: &[&str]| ended.out.lines().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(line(&["FAILED", "day-by-the-persons-own-clock"]), "{}", ended.out);
    let expected = "2026-11-24T08:00 gains Office Basics by joiner-office-basics";
    let place = "workflows/tests/day-by-the-persons-own-clock.yaml:12";
    assert!(line(&["≠", expected, "nothing; joiner-office-basics says notYetDue", place]), "{}", ended.out);
    assert!(line(&["≠", "nothing ", "2026-11-24T08:30 gains Office Basics by joiner-office-basics"]), "{}", ended.out);

    let json = test(&home, &["workflows/tests/day-by-the-persons-own-clock.yaml", "--output", "json"]).await;
    assert_eq!(json.code, Some(4));
    let report: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["tests"][0]["hasPassed"], false);
    assert_eq!(report["tests"][0]["rows"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_no_test_reaches_is_named_with_its_file_and_line() {
    let home = copy();
    let ended = test(&home, &["workflows/tests/contractor-leaves-at-six.yaml", "--coverage"]).await;
    assert_eq!(ended.code, Some(3), "{}\n{}", ended.out, ended.err);
    let line = |words: &[&str]| ended.out.lines().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(line(&["workflows/leaver-remove-access.yaml:15 ", "employeeType in", " true"]), "{}", ended.out);
    assert!(line(&["workflows/leaver-remove-access.yaml:24 ", "task 4", "done"]), "{}", ended.out);
    assert!(line(&["workflows/engineering-toolkit.yaml:11 ", "member source 1", "true"]), "{}", ended.out);
    assert!(line(&["workflows/engineering-toolkit.yaml:7 ", "gives its package"]), "{}", ended.out);
    assert!(line(&["workflows/engineering-toolkit.yaml:13 ", "takes its package"]), "{}", ended.out);
    assert!(line(&["workflows/campaign-for-marketing.yaml:11 ", "department eq 'Marketing'"]), "{}", ended.out);
    assert!(!line(&["workflows/leaver-vendor-portal.yaml", "task"]), "{}", ended.out);

    // A rule that is folded over several lines is told by where its text begins.
    edit(&home, "joiner-sales-toolkit.yaml", "  rule: ", "  rule: >-\n    country eq 'NL' or\n    ");
    let arguments = ["workflows/tests/contractor-leaves-at-six.yaml", "--coverage", "--output", "json"];
    let report: Value = serde_json::from_str(&test(&home, &arguments).await.out).unwrap();
    let parts = report["coverage"].as_array().unwrap();
    let place = |what: &str| parts.iter().find(|part| part["part"] == what).map(|part| (&part["file"], &part["line"]));
    let text = std::fs::read_to_string(home.path().join("workflows/joiner-sales-toolkit.yaml")).unwrap();
    let expected = text.lines().position(|line| line.contains("country eq 'NL'")).unwrap() + 1;
    let file = Value::from("workflows/joiner-sales-toolkit.yaml");
    assert_eq!(place("country eq 'NL'"), Some((&file, &Value::from(expected))));
    assert_eq!(place("department eq 'Sales'"), Some((&file, &Value::from(expected))));
}

#[tokio::test]
async fn mistakes_in_a_test_are_told_as_those_in_a_document() {
    let home = copy();
    for (from, to, told) in [
        ("employeeType: Intern", "employeType: Intern", "did you mean `employeeType`?"),
        ("2026-12-01 }", "tomorrow }", "`employeeHireDate` is a date such as 2026-12-31"),
        ("until: 2026-12-10", "until: 2026-11-10", "`until` (2026-11-10) is before `from` (2026-11-20)"),
        ("gains: Office Basics", "gets: Office Basics", "one of gains, loses, joins, leaves is missing"),
        ("by: joiner-office-basics", "by: joiner-office-basic", "there is no document `joiner-office-basic`"),
        ("2026-11-24T08:00", "2026-11-24T8:00", "is neither a day nor a minute"),
        ("Asia/Tokyo", "Asia/Tokio", "did you mean `Asia/Tokyo`?"),
    ] {
        let file = "tests/day-by-the-persons-own-clock.yaml";
        edit(&home, file, from, to);
        let ended = test(&home, &[]).await;
        assert_eq!(ended.code, Some(1), "{}", ended.out);
        assert!(ended.out.contains(told) && ended.out.contains(&format!("{file}:")), "{told}\n{}", ended.out);
        edit(&home, file, to, from);
    }
    std::fs::remove_dir_all(home.path().join("workflows/tests")).unwrap();
    let ended = test(&home, &[]).await;
    assert_eq!(ended.code, Some(1), "no tests are no success");
}
