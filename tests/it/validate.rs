//! `usherd validate` with a tenant: what only the tenant can say against documents, at its place in them.

#![cfg(test)]

use std::path::Path;

use serde_json::Value;

use crate::context::company::auto_assignment;
use crate::context::process::{Ended, Process};

/// The sample company's Office Basics puts its holders into Company Portal.
fn portal() -> String {
    auto_assignment("portal", "Office Basics", "{ group: Company Portal }", "immediately")
}

fn write(folder: &Path, file: &str, text: &str) {
    let workflows = folder.join("workflows");
    std::fs::create_dir_all(&workflows).unwrap();
    std::fs::write(workflows.join(file), text).unwrap();
}

async fn validate(folder: &Path, more: &[&str]) -> Ended {
    Process::run(folder, &[&["validate"], more].concat()).await
}

#[tokio::test]
async fn a_circle_through_a_package_is_shown_where_the_document_names_the_group() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "portal.yaml", &portal());
    let blind = validate(home.path(), &[]).await;
    assert_eq!(blind.code, Some(0));
    assert!(!blind.out.contains("warning") && blind.out.contains("\nNot checked: "), "{}", blind.out);

    let told = validate(home.path(), &["--sandbox"]).await;
    assert_eq!(told.code, Some(0), "{}{}", told.out, told.err);
    let message = "warning[groupCircle]: group changes in a circle: portal gives `Office Basics`, which adds to `Company Portal`, and again\n";
    assert!(told.out.starts_with(message), "{}", told.out);
    assert!(told.out.contains("--> workflows/portal.yaml:7:30\n"), "{}", told.out);
    assert!(told.out.ends_with("\n1 document is valid, 1 warning\n"), "{}", told.out);
    let denied = validate(home.path(), &["--sandbox", "--deny-warnings"]).await;
    assert_eq!((denied.code, denied.out), (Some(1), told.out));
}

#[tokio::test]
async fn names_the_tenant_does_not_have_are_shown_with_what_was_meant() {
    let home = tempfile::tempdir().unwrap();
    let wrong = portal().replace("Office Basics", "Office Basic").replace("Company Portal", "Company Portals");
    write(home.path(), "portal.yaml", &wrong);
    let ended = validate(home.path(), &["--sandbox", "--output", "json"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(report["tenant"]["state"], "checked");
    let shown = |problem: &Value| {
        let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
        (text("code"), problem["line"].as_u64().unwrap(), problem["column"].as_u64().unwrap(), text("hint"))
    };
    let found: Vec<_> = report["problems"].as_array().unwrap().iter().map(shown).collect();
    let expected = [
        ("packageNotFound".to_owned(), 5, 16, "did you mean `Office Basics`?".to_owned()),
        ("groupNotFound".to_owned(), 7, 30, String::new()),
    ];
    assert_eq!(found, expected, "{}", ended.out);
}

#[tokio::test]
async fn the_shipped_documents_suit_the_sample_company() {
    let home = tempfile::tempdir().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows").display().to_string();
    let ended = validate(home.path(), &[&shipped, "--sandbox", "--deny-warnings"]).await;
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(ended.out.ends_with(" documents are valid\n"), "{}", ended.out);
}
