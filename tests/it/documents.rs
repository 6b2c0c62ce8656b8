//! What is shipped holds together: documents, configuration, README; and what is wrong is reported in full.

#![cfg(test)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use usherd::app::home::{SAMPLE_DOCUMENTS, SCHEMA};
use usherd::config;
use usherd::engine::documents::read_folder;
use usherd::engine::event::Event;
use usherd::plan::Gate;
use usherd::workflow::check::check;
use usherd::workflow::language;
use usherd::workflow::load::{SourceText, load};

use crate::context::company::{auto_assignment, feed, joiner, leaver};
use crate::context::process::Process;

fn shipped(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn shipped_text(path: &str) -> String {
    std::fs::read_to_string(shipped(path)).unwrap()
}

#[test]
fn every_shipped_document_loads_without_a_problem_and_is_in_the_sample() {
    let files = read_folder(&shipped("workflows")).unwrap();
    let loaded = load(&files);
    assert_eq!(loaded.problems, []);
    let definitions = &loaded.definitions;
    let count = definitions.workflows.len() + definitions.auto_assignments.len() + definitions.feeds.len();
    assert_eq!(count, files.len(), "one document a file");
    let in_folder: BTreeSet<(&str, &str)> = files.iter().map(|file| (file.file.as_str(), file.text.as_str())).collect();
    assert_eq!(in_folder, BTreeSet::from(SAMPLE_DOCUMENTS));
}

#[test]
fn the_shipped_documents_give_no_warning_and_name_the_schema() {
    let files = read_folder(&shipped("workflows")).unwrap();
    assert_eq!(check(&load(&files), None), []);
    for file in files {
        assert!(file.text.starts_with("# yaml-language-server: $schema=schema.json\n"), "{}", file.file);
    }
    for file in read_folder(&shipped("workflows/tests")).unwrap() {
        assert!(file.text.starts_with("# yaml-language-server: $schema=../schema.json\n"), "{}", file.file);
    }
}

#[test]
fn the_shipped_schema_and_reference_are_what_usherd_prints() {
    let schema = serde_json::to_string_pretty(&language::schema()).unwrap() + "\n";
    let written = |file: &str, text: &str| {
        assert!(
            shipped_text(file) == text,
            "{file} is out of date: write it anew with `usherd schema` (see its first lines)"
        );
    };
    assert_eq!(SCHEMA.0, "schema.json");
    written("workflows/schema.json", &schema);
    written("workflows/README.md", &language::reference());
}

#[test]
fn the_reference_tells_of_every_gate() {
    let told = |list: &[(&'static str, &str)]| list.iter().map(|(word, _)| *word).collect::<Vec<_>>();
    assert_eq!(told(language::gates::PLAN_GATES), Gate::ALL.map(Gate::as_str));
    // The rules of the feed gate are the words in its sources.
    let sources = ["arrival", "csv", "gate", "gzip", "json", "json_records", "manifest", "remote/error", "source"]
        .map(|file| shipped_text(&format!("src/feed/{file}.rs")))
        .concat();
    for word in told(language::gates::FEED_GATES) {
        assert!(sources.contains(&format!("\"{word}\"")), "no source of the feed gate says {word}");
    }
}

#[test]
fn the_shipped_configuration_can_be_used() {
    let text = shipped_text("deploy/usherd.yaml");
    if let Err(problems) = config::parse("deploy/usherd.yaml", &text, Path::new("/etc/usherd")) {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn every_document_the_readme_shows_is_good_beside_the_shipped_ones() {
    let readme = shipped_text("README.md");
    let shown = readme.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("\n```").map(|(text, _)| text));
    let mut files = read_folder(&shipped("workflows")).unwrap();
    let before = files.len();
    files.extend(
        shown.enumerate().map(|(number, text)| SourceText {
            file: format!("README.md, document {number}"),
            text: format!("{text}\n"),
        }),
    );
    assert!(files.len() > before, "the README shows a document");
    assert_eq!(load(&files).problems, []);
}

#[test]
fn the_readme_lists_every_event_of_the_log_and_no_other() {
    let readme = shipped_text("README.md");
    let list = readme.split_once("<!-- events -->").and_then(|(_, rest)| rest.split_once("<!-- /events -->"));
    let (list, _) = list.expect("README.md lists the events between <!-- events --> and <!-- /events -->");
    let listed: Vec<&str> =
        list.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name)).collect();
    let events: Vec<&str> = Event::ALL.map(Event::name).to_vec();
    assert_eq!(BTreeSet::from_iter(&listed), BTreeSet::from_iter(&events));
    assert_eq!(listed.len(), events.len(), "each once");
}

#[tokio::test]
async fn five_different_mistakes_in_five_documents_are_all_reported_with_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let workflows = folder.path().join("workflows");
    std::fs::create_dir(&workflows).unwrap();
    let auto = auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "immediately");
    let twice = auto.replace("name: kit", "name: another\nname: twice");
    let documents = [
        ("auto.yaml", auto.replace("whenMemberLeaves", "whenMemberLeavs"), "auto.yaml:8:1"),
        (
            "feed.yaml",
            feed("file: feeds/hr.csv").replace("default: Europe/Amsterdam", "default: Europe/Amsterdm"),
            "feed.yaml:8:41",
        ),
        (
            "joiner.yaml",
            joiner("Basics", "Direct assignment").replace("ne 'Elsewhere'", "nee 'Elsewhere'"),
            "joiner.yaml:7:28",
        ),
        ("leaver.yaml", leaver(&["Basics"]).replace("offsetInDays: 0", "offsetInDays: soon"), "leaver.yaml:6:69"),
        ("twice.yaml", twice, "twice.yaml:4:1"),
    ];
    for (file, text, _) in &documents {
        std::fs::write(workflows.join(file), text).unwrap();
    }
    let ended = Process::run(folder.path(), &["validate", "workflows"]).await;
    assert_eq!(ended.code, Some(1));
    for (file, _, place) in &documents {
        assert!(ended.out.contains(&format!("workflows/{place}")), "{file} at {place}:\n{}", ended.out);
    }
    assert!(ended.out.contains(" in 5 of 5 documents"), "{}", ended.out);

    for (file, _, _) in &documents[1..] {
        std::fs::remove_file(workflows.join(file)).unwrap();
    }
    std::fs::write(workflows.join("auto.yaml"), auto).unwrap();
    let ended = Process::run(folder.path(), &["validate"]).await;
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (
            Some(0),
            "1 document is valid\nNot checked: whether packages, policies, groups and answers are those of the tenant (name it with --config or --sandbox)\n"
        )
    );
}
