//! Tests of the loader: good documents, a table of broken ones, and whole sets.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::domain::action::Category;
use crate::workflow::definition::{
    CatchUp, ColumnType, CsvFormat, FeedEncoding, FeedFormat, FeedSource, MemberSource, RemovalLimit, TaskKind,
    Trigger, WhenMemberLeaves,
};
use crate::workflow::problem::render;
use crate::workflow::rule::Literal;

const WORKFLOW: &str = r#"apiVersion: usherd/v1
kind: Workflow
name: onboard-marketing
description: Marketing tools a week before the first day.
category: joiner
isEnabled: true
mode: enforce
trigger:
  timeBasedAttribute: employeeHireDate
  offsetInDays: -7
  at: "08:00"
  timeZone: Europe/Amsterdam
  catchUp: P3D
  backfill: P30D
scope:
  rule: department eq 'Marketing' and country eq 'NL'
  except: [breakglass@contoso.com]
tasks:
  - task: requestAccessPackageAssignment
    with:
      accessPackage: Marketing Campaign
      assignmentPolicy: Direct assignment
      justification: "Joins"
  - task: removeAccessPackageAssignment
    with: { accessPackage: Preboarding }
    continueOnError: true
"#;

const AUTO_ASSIGNMENT: &str = r"apiVersion: usherd/v1
kind: AutoAssignment
name: campaign-for-marketing
mode: grantOnly
accessPackage: Marketing Campaign
assignmentPolicy: Direct assignment
members:
  anyOf:
    - group: Marketing
      transitive: true
    - rule: department eq 'Marketing'
    - feed: hr
  except: [breakglass@contoso.com]
whenMemberLeaves: { remove: after, gracePeriod: P7D }
adopt: false
limits: { removals: { count: 5, percent: 5 } }
";

const FEED: &str = r#"apiVersion: usherd/v1
kind: Feed
name: hr
source: { drop: /var/lib/usherd/feeds/hr, format: csv, delimiter: ";", encoding: utf-8 }
mode: snapshot
key: Employee ID
join: employeeId
timeZone: { column: Time Zone, default: Europe/Amsterdam }
attributes:
  employeeHireDate: { column: Hire Date, type: date, format: "%d.%m.%Y" }
  employeeLeaveDateTime: { column: Last Day, type: date, format: "%d.%m.%Y", inclusive: true, none: ["", "31.12.9999"] }
  department: { column: Dept }
  isManager: { column: Manager, type: bool, true: [Y, "yes"], false: ["N"] }
"#;

fn source(file: &str, text: impl Into<String>) -> SourceText {
    SourceText { file: file.to_owned(), text: text.into() }
}

fn whole_set() -> Vec<SourceText> {
    vec![source("w.yaml", WORKFLOW), source("a.yaml", AUTO_ASSIGNMENT), source("hr.yaml", FEED)]
}

/// One line of one of the three good documents is replaced; the whole set shows exactly the expected problems, each with file and hint.
#[track_caller]
fn check(good: &str, from: &str, to: &str, expected: &[&str]) {
    assert_eq!(good.matches(from).count(), 1, "{from} must be unique");
    let broken = good.replacen(from, to, 1);
    let files: Vec<_> = whole_set()
        .into_iter()
        .map(|file| if file.text == good { source(&file.file, broken.clone()) } else { file })
        .collect();
    let loaded = load(&files);
    let shown: Vec<_> = loaded.problems.iter().map(ToString::to_string).collect();
    assert_eq!(shown, expected, "{to}");
    for problem in &loaded.problems {
        let text = &files.iter().find(|file| file.file == problem.file).unwrap().text;
        let header = format!("--> {}:{}:{}\n", problem.file, problem.line, problem.column);
        let rendered = render(problem, text, false);
        assert!(rendered.contains(&header), "{header}{rendered}");
        assert!(loaded.broken.contains(&problem.file));
    }
}

#[test]
fn the_examples_of_the_design_load() {
    let loaded = load(&whole_set());
    assert_eq!(loaded.problems, vec![]);
    assert!(loaded.broken.is_empty());

    let [workflow] = loaded.definitions.workflows.as_slice() else { panic!() };
    assert_eq!(workflow.header.hash.as_str(), sha256_hex(WORKFLOW.as_bytes()));
    assert_eq!((workflow.header.file.as_str(), workflow.header.mode), ("w.yaml", Mode::Enforce));
    assert_eq!((workflow.category, workflow.is_enabled), (Category::Joiner, true));
    let Trigger::Time(trigger) = &workflow.trigger else { panic!("{:?}", workflow.trigger) };
    assert_eq!((trigger.attribute.as_str(), trigger.offset_in_days), ("employeeHireDate", -7));
    assert_eq!(trigger.at, Some(jiff::civil::time(8, 0, 0, 0)));
    assert_eq!(trigger.time_zone.as_deref(), Some("Europe/Amsterdam"));
    assert_eq!((workflow.catch_up, trigger.backfill_days), (CatchUp::Within(SignedDuration::from_hours(72)), Some(30)));
    let rule = workflow.scope.rule.as_ref().unwrap();
    assert_eq!(rule.to_string(), "department eq 'Marketing' and country eq 'NL'");
    assert_eq!(workflow.scope.except, ["breakglass@contoso.com"]);
    let [request, remove] = workflow.tasks.as_slice() else { panic!() };
    assert_eq!((request.continue_on_error, remove.continue_on_error), (false, true));
    assert_eq!(remove.kind, TaskKind::RemoveAssignment { access_package: "Preboarding".to_owned(), owned_only: false });

    let [auto] = loaded.definitions.auto_assignments.as_slice() else { panic!() };
    assert!(matches!(
        auto.any_of.as_slice(),
        [MemberSource::Group { transitive: true, .. }, MemberSource::Rule(_), MemberSource::Feed(_)]
    ));
    assert_eq!(auto.when_member_leaves, WhenMemberLeaves::After(SignedDuration::from_hours(168)));
    assert_eq!(auto.removal_limit, Some(RemovalLimit { count: 5, percent: 5 }));

    let [feed] = loaded.definitions.feeds.as_slice() else { panic!() };
    assert_eq!(feed.source, FeedSource::Drop("/var/lib/usherd/feeds/hr".to_owned()));
    let csv = CsvFormat { delimiter: b';', encoding: FeedEncoding::Utf8, last_line_end_required: true };
    assert_eq!(feed.format, FeedFormat::Csv(csv));
    assert_eq!(feed.time_zone.column.as_deref(), Some("Time Zone"));
    let leave = &feed.attributes["employeeLeaveDateTime"];
    assert_eq!(leave.value, ColumnType::Date { format: "%d.%m.%Y".to_owned(), inclusive: true });
    assert_eq!(leave.none, ["", "31.12.9999"]);
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let manager = ColumnType::Bool { truthy: words(&["Y", "yes"]), falsy: words(&["N"]) };
    assert_eq!(feed.attributes["isManager"].value, manager);
}

#[test]
fn a_default_is_what_the_design_says() {
    let text = WORKFLOW.replace("  catchUp: P3D\n  backfill: P30D\n", "").replace("isEnabled: true\n", "");
    let catch_up = |text: String| load(&[source("w.yaml", text)]).definitions.workflows[0].catch_up;
    assert_eq!(catch_up(text.clone()), CatchUp::Within(SignedDuration::from_hours(72)));
    assert_eq!(catch_up(text.replace("category: joiner", "category: leaver")), CatchUp::Always);
}

#[test]
fn a_broken_workflow_says_what_is_wrong_and_where() {
    let check = |from, to, expected: &[&str]| check(WORKFLOW, from, to, expected);
    check("usherd/v1", "usherd/v2", &["w.yaml:1:13: `usherd/v2` is not usherd/v1 (did you mean `usherd/v1`?)"]);
    check(
        "kind: Workflow",
        "kind: WorkFlows",
        &[
            "w.yaml:2:7: `WorkFlows` is not one of Workflow, AutoAssignment, Feed, PersonTest (did you mean `Workflow`?)",
        ],
    );
    check(
        "kind: Workflow",
        "kind: Catalog",
        &["w.yaml:2:7: `Catalog` is not supported by this version (one of Workflow, AutoAssignment, Feed, PersonTest)"],
    );
    check(
        "onboard-marketing",
        "Onboard_Marketing",
        &[
            "w.yaml:3:7: `Onboard_Marketing` cannot name a document (use up to 63 lower-case letters, digits and `-`, beginning with a letter or digit)",
        ],
    );
    check(
        "category: joiner",
        "category: joyner",
        &["w.yaml:5:11: `joyner` is not one of joiner, mover, leaver (did you mean `joiner`?)"],
    );
    check("isEnabled: true", "isEnabled: yes", &["w.yaml:6:12: `isEnabled` must be true or false, not text"]);
    check("mode: enforce\n", "", &["w.yaml:1:1: `mode` is missing (one of observe, grantOnly, enforce)"]);
    check(
        "mode: enforce",
        "mode: enforced",
        &["w.yaml:7:7: `enforced` is not one of observe, grantOnly, enforce (did you mean `enforce`?)"],
    );
    check(
        "timeBasedAttribute: employeeHireDate",
        "timeBasedAttribute: employeeHiredate",
        &["w.yaml:9:23: unknown date attribute `employeeHiredate` (did you mean `employeeHireDate`?)"],
    );
    check(
        "timeBasedAttribute: employeeHireDate",
        "schedule: 0 6 * * MON",
        &[
            "w.yaml:10:3: unknown key `offsetInDays`",
            "w.yaml:11:3: unknown key `at`",
            "w.yaml:13:3: `catchUp` does not go with this trigger",
            "w.yaml:14:3: unknown key `backfill`",
        ],
    );
    check("  offsetInDays: -7\n", "", &["w.yaml:8:1: `offsetInDays` is missing"]);
    check(
        "offsetInDays: -7",
        "offsetInDays: -7.5",
        &["w.yaml:10:17: `offsetInDays` must be a whole number from -3650 to 3650"],
    );
    check(
        "offsetInDays: -7",
        "offsetInDays: 3651",
        &["w.yaml:10:17: `offsetInDays` must be a whole number from -3650 to 3650"],
    );
    check("offsetInDays: -7", "offsetInDays: -3650", &[]);
    check("\"08:00\"", "8am", &["w.yaml:11:7: `8am` is not a time of day (write it as in 08:00)"]);
    check(
        "\"08:00\"",
        "\"24:00\"",
        &["w.yaml:11:7: `24:00` is not a time of day (a day ends with 00:00 of the next one)"],
    );
    check("\"08:00\"", "\"+8:00\"", &["w.yaml:11:7: `+8:00` is not a time of day (write it as in 08:00)"]);
    check(
        "Europe/Amsterdam",
        "Europe/Amsterdm",
        &["w.yaml:12:13: unknown time zone `Europe/Amsterdm` (did you mean `Europe/Amsterdam`?)"],
    );
    check(
        "Europe/Amsterdam",
        "CET+1",
        &[
            "w.yaml:12:13: unknown time zone `CET+1` (write a name of the IANA database, such as Europe/Amsterdam or UTC)",
        ],
    );
    check(
        "Europe/Amsterdam",
        "Etc/Unknown",
        &[
            "w.yaml:12:13: unknown time zone `Etc/Unknown` (write a name of the IANA database, such as Europe/Amsterdam or UTC)",
        ],
    );
    check(
        "catchUp: P3D",
        "catchUp: P3M",
        &["w.yaml:13:12: `P3M` has years or months, which have no fixed length (say it in days)"],
    );
    check(
        "catchUp: P3D",
        "catchUp: allways",
        &["w.yaml:13:12: `allways` is neither none, always nor a duration such as P3D (did you mean `always`?)"],
    );
    check(
        "backfill: P30D",
        "backfill: PT12H",
        &["w.yaml:14:13: `PT12H` is not a number of whole days (write it as in P30D)"],
    );
    check(
        "and country eq 'NL'",
        "and countri eq 'NL'",
        &["w.yaml:16:39: unknown attribute `countri` (did you mean `country`?)"],
    );
    check(
        "department eq 'Marketing' and",
        "'department eq ''Marketing'' adn'",
        &["w.yaml:16:43: not YAML: invalid trailing content after single-quoted scalar"],
    );
    check(
        "department eq 'Marketing' and country eq 'NL'",
        "'department eq ''Marketing'' adn country'",
        &["w.yaml:16:38: expected `and` or `or`, found `adn` (did you mean `and`?)"],
    );
    check(
        "  rule: department eq 'Marketing' and country eq 'NL'\n",
        "",
        &["w.yaml:15:1: `scope` has neither `rule` nor `groups` (for everybody, write rule: \"userType eq 'Member'\")"],
    );
    check(
        "[breakglass@contoso.com]",
        "[12345]",
        &["w.yaml:17:12: `except` must be text, not a number (put it in quotes)"],
    );
    check(
        "task: requestAccessPackageAssignment",
        "task: requestAccesPackageAssignment",
        &[
            "w.yaml:19:11: `requestAccesPackageAssignment` is not one of requestAccessPackageAssignment, removeAccessPackageAssignment, addUserToGroups, removeUserFromGroups (did you mean `requestAccessPackageAssignment`?)",
        ],
    );
    check(
        "      assignmentPolicy: Direct assignment\n",
        "      answers: {}\n",
        &["w.yaml:20:5: `assignmentPolicy` is missing"],
    );
    check(
        "\"Joins\"",
        "\"Joins {{ country }}\"",
        &["w.yaml:23:29: `country` is nothing a template knows (write it as in {{ subject.country }})"],
    );
    check(
        "continueOnError",
        "continueonError",
        &["w.yaml:26:5: unknown key `continueonError` (did you mean `continueOnError`?)"],
    );
    check(
        "    with: { accessPackage: Preboarding }\n",
        "    with: Preboarding\n",
        &["w.yaml:25:11: `with` must be a mapping, not text"],
    );
    check(
        "{ accessPackage: Preboarding }",
        "{ accessPackage: Preboarding",
        &["w.yaml:26:20: not YAML: while parsing a flow mapping, did not find expected ',' or '}'"],
    );
}

#[test]
fn a_broken_auto_assignment_says_what_is_wrong_and_where() {
    let check = |from, to, expected: &[&str]| check(AUTO_ASSIGNMENT, from, to, expected);
    check("mode: grantOnly", "mode:", &["a.yaml:4:1: `mode` has no value (write a value or remove the key)"]);
    check(
        "    - group: Marketing\n      transitive: true",
        "    - grup: Marketing",
        &["a.yaml:9:7: one of group, rule, feed is missing", "a.yaml:9:7: unknown key `grup` (did you mean `group`?)"],
    );
    check(
        "      transitive: true",
        "      feed: hr",
        &["a.yaml:10:7: `feed` does not go with the other: only one of group, rule, feed"],
    );
    check(
        "    - feed: hr",
        "    - feed: hrs\n      transitive: true",
        &[
            "a.yaml:12:13: there is no feed `hrs` (did you mean `hr`?)",
            "a.yaml:13:7: `transitive` goes only with `group`",
        ],
    );
    check(
        "{ remove: after, gracePeriod: P7D }",
        "after",
        &["a.yaml:14:19: `after` needs a grace period (write { remove: after, gracePeriod: P7D })"],
    );
    check("{ remove: after, gracePeriod: P7D }", "{ remove: after }", &["a.yaml:14:1: `gracePeriod` is missing"]);
    check("remove: after", "remove: never", &["a.yaml:14:36: `gracePeriod` goes only with `remove: after`"]);
    check("remove: after", "remove: later", &["a.yaml:14:29: `later` is not one of never, immediately, after"]);
    check(
        "whenMemberLeaves: { remove: after, gracePeriod: P7D }\n",
        "",
        &["a.yaml:1:1: `whenMemberLeaves` is missing (never, immediately, or { remove: after, gracePeriod: P7D })"],
    );
    check(
        "count: 5, percent: 5",
        "count: 5, percent: 101",
        &["a.yaml:16:42: `percent` must be a whole number from 0 to 100"],
    );
    check(
        "adopt: false",
        "adopt: false\nadopt: true",
        &["a.yaml:16:1: the key `adopt` is given twice, first in line 15"],
    );
    check("adopt: false", "renew: P7D", &["a.yaml:15:1: `renew` is not supported by this version"]);
    check(
        "campaign-for-marketing",
        "hr",
        &[
            "a.yaml:3:7: the name `hr` is also that of hr.yaml:3 (names are unique over all kinds)",
            "hr.yaml:3:7: the name `hr` is also that of a.yaml:3 (names are unique over all kinds)",
        ],
    );
}

#[test]
fn a_broken_feed_says_what_is_wrong_and_where() {
    let check = |from, to, expected: &[&str]| check(FEED, from, to, expected);
    check("drop: /var/lib/usherd/feeds/hr, ", "", &["hr.yaml:4:1: one of file, drop, http, scim is missing"]);
    check(
        "drop: /var/lib/usherd/feeds/hr",
        "directory: x",
        &["hr.yaml:4:11: `directory` is not supported by this version"],
    );
    check(
        "\";\"",
        "\"::\"",
        &["hr.yaml:4:67: `::` is no delimiter (use one sign such as \",\", \";\", \"|\" or \"\\t\")"],
    );
    check("utf-8", "latin1", &["hr.yaml:4:82: `latin1` is not one of utf-8, utf-16, windows-1252"]);
    check("mode: snapshot", "mode: changes", &["hr.yaml:5:7: `changes` is not supported by this version (snapshot)"]);
    check("join: employeeId", "join: mail", &["hr.yaml:7:7: `mail` is not employeeId"]);
    check(", default: Europe/Amsterdam", "", &["hr.yaml:8:1: `default` is missing"]);
    check(
        "type: date, format: \"%d.%m.%Y\" }",
        "type: date }",
        &["hr.yaml:10:3: `format` is missing (as in \"%d.%m.%Y\")"],
    );
    check(
        "format: \"%d.%m.%Y\" }",
        "format: \"%d.%m.%y\" }",
        &[
            "hr.yaml:10:62: `%d.%m.%y` does not say day, month and four-digit year (use %d, %m and %Y, as in \"%d.%m.%Y\")",
        ],
    );
    check("{ column: Dept }", "{ column: Dept, format: x }", &["hr.yaml:12:31: `format` goes only with `type: date`"]);
    check(
        "{ column: Dept }",
        "{ column: Dept, type: bool, true: [a, b], false: [b] }",
        &[
            "hr.yaml:12:3: `b` is said to be both true and false",
            "hr.yaml:12:3: `department` is bool here and text in the directory (say `type: text`)",
        ],
    );
    check("type: bool", "type: boolean", &["hr.yaml:13:39: `boolean` is not one of text, date, bool, enum"]);
    check(
        "isManager",
        "is manager",
        &[
            "hr.yaml:13:3: `is manager` cannot name an attribute (use letters, digits and `_`, not beginning with a digit, and no keyword of rules)",
        ],
    );
    check(
        "true: [Y, \"yes\"]",
        "true: [true]",
        &["hr.yaml:13:52: `true` must be text, not a truth value (put it in quotes)"],
    );
}

#[test]
fn a_broken_remote_source_says_what_is_wrong_and_where() {
    let file = r#"{ drop: /var/lib/usherd/feeds/hr, format: csv, delimiter: ";", encoding: utf-8 }"#;
    let check = |source: &str, expected: &[&str]| check(FEED, file, source, expected);
    check("{ file: x, format: json, records: /a/b }", &[]);
    check("{ file: x, format: jsonl, lastLineEnd: optional }", &[]);
    check(
        "{ file: x, format: json, encoding: utf-8 }",
        &["hr.yaml:4:34: `encoding` goes only with `format: csv`; JSON is UTF-8"],
    );
    check(
        "{ file: x, format: json, records: /a~2 }",
        &["hr.yaml:4:43: `/a~2`: in a JSON Pointer `~` stands only before 0 (for `~`) or 1 (for `/`)"],
    );
    check("{ http: { url: \"https://hr.example.com\", auth: { tokenFile: a } } }", &[]);
    check(
        "{ http: { url: \"http://hr.example.com\" } }",
        &["hr.yaml:4:24: the address is not https (plain http is for this machine alone: localhost, 127.0.0.1, [::1])"],
    );
    check(
        "{ http: { url: \"https://me:pw@hr.example.com\" } }",
        &["hr.yaml:4:24: an address must not hold a user name or a password (name their files under `auth`)"],
    );
    for secret in ["/etc/shadow", "../secret", ".."] {
        check(
            &format!("{{ http: {{ url: \"http://localhost\", auth: {{ tokenFile: {secret} }} }} }}"),
            &[&format!(
                "hr.yaml:4:63: `{secret}` is not the name of a file alone (secrets of feeds are in the folder feed-secrets beside usherd.yaml)"
            )],
        );
    }
    check("{ http: { url: \"http://localhost\", format: json } }", &["hr.yaml:4:44: unknown key `format`"]);
    check(
        "{ http: { url: \"http://localhost\", timeout: PT2H } }",
        &["hr.yaml:4:53: `timeout` must be more than nothing and at most PT1H"],
    );
    check(
        "{ scim: { url: \"http://localhost/v2?x=1\" } }",
        &["hr.yaml:4:11: a SCIM service's `url` has no query (say which users with `filter`)"],
    );
    check("{ scim: { url: \"http://localhost/v2\" }, format: json }", &["hr.yaml:4:49: unknown key `format`"]);
}

#[test]
fn every_problem_of_every_file_is_reported_at_once() {
    let files = [
        source("5.yaml", "kind: [\n"),
        source("1.yaml", WORKFLOW.replace("mode: enforce\n", "").replace("country", "land")),
        source("2.yaml", AUTO_ASSIGNMENT.replace("adopt: false", "adpot: false")),
        source("3.yaml", ""),
        source("4.yaml", "- x\n"),
        source("hr.yaml", FEED),
    ];
    let loaded = load(&files);
    let shown: Vec<_> = loaded.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "1.yaml:1:1: `mode` is missing (one of observe, grantOnly, enforce)",
            "1.yaml:15:39: unknown attribute `land`",
            "2.yaml:15:1: unknown key `adpot` (did you mean `adopt`?)",
            "3.yaml:1:1: the file holds no document",
            "4.yaml:1:1: `document` must be a mapping, not a list",
            "5.yaml:1:7: not YAML: unclosed bracket '['",
        ]
    );
    assert_eq!(loaded.broken.len(), 5);
    assert!(loaded.definitions.workflows.is_empty() && loaded.definitions.auto_assignments.is_empty());
    assert_eq!(loaded.definitions.feeds.len(), 1);
}

#[test]
fn one_mistake_in_a_feed_is_not_repeated_in_every_document() {
    check(FEED, "key: Employee ID\n", "", &["hr.yaml:1:1: `key` is missing"]);
    let with_feed_attribute = WORKFLOW.replace("country eq 'NL'", "isManager eq true");
    let files = [source("w.yaml", with_feed_attribute), source("hr.yaml", FEED.replace("key: Employee ID\n", ""))];
    let loaded = load(&files);
    assert_eq!(loaded.problems.len(), 1, "{:?}", loaded.problems);
    assert_eq!(loaded.definitions.workflows.len(), 1);
}

#[test]
fn a_text_from_windows_reads_the_same() {
    let windows: Vec<_> = whole_set()
        .into_iter()
        .map(|file| source(&file.file, format!("\u{feff}{}", file.text.replace('\n', "\r\n"))))
        .collect();
    assert_eq!(load(&windows).problems, vec![]);
    let broken = format!("\u{feff}{}", WORKFLOW.replace("mode: enforce", "mode: x").replace('\n', "\r\n"));
    let tabbed = WORKFLOW.replace("  offsetInDays", "\toffsetInDays");
    let loaded = load(&[source("broken.yaml", broken), source("tabbed.yaml", tabbed)]);
    let shown: Vec<_> = loaded.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "broken.yaml:7:7: `x` is not one of observe, grantOnly, enforce",
            "tabbed.yaml:9:23: not YAML: while scanning a plain scalar, found a tab",
        ]
    );
}

proptest! {
    #[test]
    fn no_edit_makes_the_loader_panic_or_lose_a_place(
        which in 0usize..3,
        at in 0usize..1200,
        length in 0usize..40,
        insert in "[-:{}\\[\\]'\"#&*!|>%@`, \t\r\na0é\u{85}\u{2028}\u{feff}]{0,6}",
    ) {
        let mut files = whole_set();
        let text = &mut files[which].text;
        let start = text.floor_char_boundary(at);
        let end = text.floor_char_boundary(start + length);
        text.replace_range(start..end, &insert);
        let loaded = load(&files);
        prop_assert!(loaded.problems.is_sorted());
        for problem in &loaded.problems {
            let text = &files.iter().find(|file| file.file == problem.file).unwrap().text;
            prop_assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
            let header = format!("--> {}:{}:{}\n", problem.file, problem.line, problem.column);
            let rendered = render(problem, text, false);
            prop_assert!(rendered.contains(&header), "{header}{rendered}");
        }
        let good = files.len() - loaded.broken.len();
        let Definitions { workflows, auto_assignments, feeds } = loaded.definitions;
        prop_assert_eq!(workflows.len() + auto_assignments.len() + feeds.len(), good);
    }
}

type Values = Option<Vec<Literal>>;

/// What a trigger by `department` loads with this in it: `from` and `to`, or the problems.
fn attribute_change(values: &str) -> Result<(Values, Values), Vec<String>> {
    let change = format!("attributeChange: {{ attributes: [department], {values} }}");
    let trigger = "  timeBasedAttribute: employeeHireDate\n  offsetInDays: -7\n  at: \"08:00\"\n  timeZone: Europe/Amsterdam\n  catchUp: P3D\n  backfill: P30D\n";
    assert!(WORKFLOW.contains(trigger));
    let loaded = load(&[source("w.yaml", WORKFLOW.replace(trigger, &format!("  {change}\n")))]);
    match loaded.definitions.workflows.first().map(|workflow| &workflow.trigger) {
        Some(Trigger::AttributeChange(change)) => Ok((change.from.clone(), change.to.clone())),
        _ => Err(loaded.problems.iter().map(ToString::to_string).collect()),
    }
}

#[test]
fn a_change_to_or_from_nothing_is_written_as_null() {
    let null = || Some(vec![Literal::Null]);
    let sales = || Some(vec![Literal::Text("Sales".to_owned())]);
    assert_eq!(attribute_change("from: Sales, to: null"), Ok((sales(), null())));
    assert_eq!(attribute_change("from: null, to: Sales"), Ok((null(), sales())));
    assert_eq!(attribute_change("from: ~"), Ok((null(), None)));
    assert_eq!(attribute_change("to: null"), attribute_change("to: [null]"));
    // Nothing at all may be a value that was forgotten.
    let forgotten = "w.yaml:9:48: `to` has no value (write a value or remove the key)".to_owned();
    assert_eq!(attribute_change("to:"), Err(vec![forgotten]));
}
