//! Documents that are renamed, retired, adopting, or only looked at: what people do to them while usherd runs.

#![cfg(test)]

use usherd::plan::Gate;

use crate::context::TestContext;
use crate::context::company::{auto_assignment, joiner};
use crate::context::process::{Ended, Process};

const KIT: &str = "Robotics Kit";

fn kit() -> String {
    auto_assignment("kit", KIT, "{ group: Robotics }", "immediately")
}

fn basics() -> String {
    auto_assignment("basics", "Basics", "{ group: Robotics Lab }", "immediately")
}

/// The command beside the running usherd.
async fn usherd(context: &TestContext, arguments: &[&str]) -> Ended {
    context.write_config();
    Process::run(&context.path(""), &[arguments, &["--config", "usherd.yaml"]].concat()).await
}

fn gates(context: &mut TestContext) -> Vec<(Gate, usize)> {
    context.holds().iter().map(|hold| (hold.gate, hold.items.len())).collect()
}

#[tokio::test]
async fn a_renamed_document_goes_on_where_it_was() {
    let mut context =
        TestContext::builder().document("kit.yaml", kit()).document("basics.yaml", basics()).start().await;
    assert_eq!(context.settle_all().await, 4);
    let ids =
        |records: Vec<usherd::store::ActionRecord>| records.iter().map(|record| record.action.id).collect::<Vec<_>>();
    let before = ids(context.records().await);

    context.remove_document("kit.yaml");
    context.write_document("robots.yaml", &kit().replace("name: kit", "name: robots\nformerly: [kit]"));
    context.remove_document("basics.yaml");
    context.write_document("floor.yaml", &basics().replace("name: basics", "name: floor\nformerly: [basics]"));
    assert_eq!(context.settle_all().await, 0, "two of three names are new, and nothing is lost");
    assert_eq!(ids(context.records().await), before);
    assert!(
        context.records().await.iter().all(|record| ["robots", "floor"].contains(&record.action.document.as_str()))
    );

    context.restart().await;
    context.controls().remove_member("Robotics", &context.user("E02"));
    assert_eq!(context.settle_all().await, 1, "its grants are its own");
    assert_eq!(context.requests().last().unwrap(), "adminRemove E02 Robotics Kit");
    context.finish().await;
}

#[tokio::test]
async fn two_documents_cannot_have_one_past() {
    let mut context =
        TestContext::builder().document("kit.yaml", kit()).document("basics.yaml", basics()).start().await;
    assert_eq!(context.settle_all().await, 4);
    context.write_document("more.yaml", &kit().replace("name: kit", "name: more\nformerly: [kit]"));
    let report = context.pass().await;
    assert_eq!((report.problems, report.sent), (2, 0), "the name is still in force");
    context.remove_document("kit.yaml");
    context.edit_document("basics.yaml", "name: basics", "name: basics\nformerly: [kit]");
    let report = context.pass().await;
    assert_eq!((report.problems, report.sent), (2, 0), "both want its past");
    assert_eq!(context.reason("kit", "E02"), Some("orphaned"));
    context.edit_document("basics.yaml", "\nformerly: [kit]", "");
    assert_eq!(context.pass().await.problems, 0);
    assert_eq!(context.reason("kit", "E02"), None, "it is the other one's");
    assert_eq!(context.count("more", "satisfied"), 3);
    context.finish().await;
}

#[tokio::test]
async fn what_a_retired_document_granted_goes_once_it_is_approved() {
    let mut context =
        TestContext::builder().document("kit.yaml", kit()).document("basics.yaml", basics()).start().await;
    assert_eq!(context.settle_all().await, 4);
    let refused = usherd(&context, &["document", "retire", "kit", "--remove"]).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("kit is in force"), "{}", refused.err);

    context.remove_document("kit.yaml");
    context.pass().await;
    let listed = usherd(&context, &["document", "list"]).await;
    let line = listed.out.lines().find(|line| line.trim_start().starts_with("kit ")).unwrap();
    assert!(line.contains("orphaned") && line.contains(" 3 "), "{line}");
    let retired = usherd(&context, &["document", "retire", "kit", "--remove"]).await;
    assert_eq!((retired.code, retired.err.as_str()), (Some(0), ""), "{}", retired.out);
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(gates(&mut context), [(Gate::Retirement, 3)]);

    context.decide_hold(true).await;
    assert_eq!(context.settle_all().await, 3);
    assert_eq!(context.assignments(), ["E04 Basics"]);
    assert!(
        context
            .app()
            .engine
            .store()
            .ledger()
            .await
            .unwrap()
            .claims
            .keys()
            .all(|claim| claim.document.as_str() != "kit")
    );
    context.finish().await;
}

#[tokio::test]
async fn what_a_retired_document_granted_stays_or_is_its_successors() {
    let robots = auto_assignment("robots", KIT, "{ rule: \"department eq 'Robots'\" }", "immediately");
    let mut context =
        TestContext::builder().document("kit.yaml", kit()).document("basics.yaml", basics()).start().await;
    assert_eq!(context.settle_all().await, 4);
    context.write_document("robots.yaml", &robots);
    context.remove_document("kit.yaml");
    context.pass().await;
    let retired = usherd(&context, &["document", "retire", "kit", "--to", "robots"]).await;
    assert_eq!(retired.code, Some(0), "{}", retired.err);
    assert_eq!(context.settle_all().await, 0, "nobody in Robots is a member: what was kit's is to go");
    assert_eq!(gates(&mut context), [(Gate::DocumentRemovals, 3)]);

    context.remove_document("basics.yaml");
    context.pass().await;
    let retired = usherd(&context, &["document", "retire", "basics"]).await;
    assert_eq!(retired.code, Some(0), "{}", retired.err);
    context.pass().await;
    assert_eq!(context.reason("basics", "E04"), None, "it is nobody's");
    assert_eq!(context.assignments().len(), 4);
    context.finish().await;
}

#[tokio::test]
async fn what_members_held_already_is_adopted_once_it_is_approved() {
    let mut context = TestContext::builder()
        .document("kit.yaml", kit())
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .holding("E02", KIT)
        .holding("E10", KIT)
        .start()
        .await;
    context.settle_all().await;
    assert_eq!(context.count("kit", "alreadySatisfiedUnowned"), 1);
    let refused = usherd(&context, &["adopt", "joiner"]).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("joiner is no auto assignment"), "{}", refused.err);

    assert_eq!(usherd(&context, &["adopt", "kit"]).await.code, Some(0));
    let requests = context.requests().len();
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(gates(&mut context), [(Gate::Adoption, 1)]);
    context.decide_hold(true).await;
    assert_eq!(context.settle_all().await, 0, "whose it is, the tenant need not know");
    assert!(context.holds().is_empty());
    assert_eq!(context.requests().len(), requests);

    context.controls().remove_member("Robotics", &context.user("E02"));
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests().last().unwrap(), "adminRemove E02 Robotics Kit");
    assert_eq!(context.count("kit", "notOwned"), 1, "who is no member is not adopted");
    context.finish().await;
}

#[tokio::test]
async fn an_adoption_that_is_rejected_is_not_proposed_again() {
    let mut context = TestContext::builder().document("kit.yaml", kit()).holding("E02", KIT).start().await;
    context.settle_all().await;
    usherd(&context, &["adopt", "kit"]).await;
    context.pass().await;
    context.decide_hold(false).await;
    context.pass().await;
    assert!(context.holds().is_empty());
    let ledger = context.app().engine.store().ledger().await.unwrap();
    assert_eq!(ledger.documents.values().filter(|record| record.is_adopting).count(), 0);
    assert_eq!(ledger.claims.len(), 2);
    context.finish().await;
}

#[tokio::test]
async fn what_a_movers_task_takes_is_not_given_back_by_a_group_that_lags() {
    let mover = joiner("x", "x").replace("name: joiner", "name: mover").replace("category: joiner", "category: mover");
    let (head, _) = mover.split_once("  - task").unwrap();
    let takes = format!("{head}  - task: removeAccessPackageAssignment\n    with: {{ accessPackage: {KIT} }}\n");
    let mut context = TestContext::builder().document("kit.yaml", kit()).start().await;
    assert_eq!(context.settle_all().await, 3);
    context.hr.person("E02").department = "Moved";
    context.hr.person("E02").hired = "2026-11-23";
    context.deliver();
    context.write_document("mover.yaml", &takes.replace("department ne 'Elsewhere'", "department eq 'Moved'"));
    assert_eq!(context.settle_all().await, 1);
    context.restart().await;
    context.go_to("2026-11-25T09:00:00Z");
    assert_eq!(context.settle_all().await, 0, "the group still has E02, and the task was heard");
    assert_eq!(context.reason("kit", "E02"), Some("outrankedBy"));
    assert_eq!(context.assignments(), ["E01 Robotics Kit", "E03 Robotics Kit"]);

    let (controls, user) = (context.controls(), context.user("E02"));
    controls.remove_member("Robotics", &user);
    assert_eq!(context.settle_all().await, 0);
    controls.add_member("Robotics", &user);
    assert_eq!(context.settle_all().await, 1, "a new membership is a new wish");
    assert_eq!(context.requests().last().unwrap(), "adminAdd E02 Robotics Kit");
    context.finish().await;
}

#[tokio::test]
async fn a_pull_request_says_who_would_gain_and_lose() {
    let mut context =
        TestContext::builder().document("kit.yaml", kit()).document("basics.yaml", basics()).start().await;
    assert_eq!(context.settle_all().await, 4);
    let folder = context.path("proposed");
    std::fs::create_dir(&folder).unwrap();
    for file in ["feed.yaml", "kit.yaml", "basics.yaml"] {
        std::fs::copy(context.path("workflows").join(file), folder.join(file)).unwrap();
    }
    let propose = async |context: &TestContext, more: &[&str]| {
        let arguments = [&["plan", "--documents", "proposed", "--detailed-exitcode"], more].concat();
        usherd(context, &arguments).await
    };
    let same = propose(&context, &[]).await;
    assert_eq!((same.code, same.out.as_str()), (Some(0), "These are the documents in force: nothing would change.\n"));

    std::fs::write(folder.join("kit.yaml"), kit().replace("name: kit", "name: robots\nformerly: [kit]")).unwrap();
    let renamed = propose(&context, &[]).await;
    assert_eq!(renamed.code, Some(0), "{}{}", renamed.out, renamed.err);
    assert!(renamed.out.contains("was kit"), "{}", renamed.out);

    // E04 comes by the nested group; E03 holds it by the old text alone.
    let edited = kit().replace("{ group: Robotics }", "{ group: Robotics, transitive: true }");
    std::fs::write(folder.join("kit.yaml"), edited.replace("] }", "], except: [E01] }")).unwrap();
    std::fs::write(folder.join("basics.yaml"), basics().replace("{ group: Robotics Lab }", "{ group: Robotics }"))
        .unwrap();
    let before = context.records().await;
    let markdown = propose(&context, &["--output", "markdown"]).await;
    assert_eq!(markdown.code, Some(2), "{}{}", markdown.out, markdown.err);
    let section = |heading: &str| {
        let (_, rest) =
            markdown.out.split_once(&format!("### {heading}\n")).unwrap_or_else(|| panic!("{}", markdown.out));
        rest.split("\n### ").next().unwrap().to_owned()
    };
    let gains = section("Would gain by it");
    assert_eq!(gains.matches("| Basics | ").count(), 3, "{gains}");
    assert!(gains.contains("| Robotics Kit | Person E04 (person:E04) | kit | - |"), "{gains}");
    assert!(section("Would lose by it").contains("| Basics | Person E04 (person:E04) | basics | - |"));
    assert!(section("Documents").contains("| kit | changed | - |"));

    let json = propose(&context, &["--output", "json"]).await;
    let answer: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(answer["withTheEdit"].as_array().unwrap().len(), 5);
    assert!(!json.out.contains("Person E0"), "machines get ids");
    assert_eq!(context.records().await, before, "nothing is recorded");
    assert_eq!(context.settle_all().await, 0, "nothing is sent");

    std::fs::write(folder.join("basics.yaml"), basics().replace("anyOf", "anyOff")).unwrap();
    std::fs::write(folder.join("kit.yaml"), kit().replace("members:", "membars:")).unwrap();
    let broken = propose(&context, &[]).await;
    assert_eq!(broken.code, Some(1));
    for place in ["proposed/basics.yaml:7:12", "proposed/kit.yaml:7:1"] {
        assert!(broken.out.contains(place), "{place}: {}", broken.out);
    }
    for file in ["kit.yaml", "basics.yaml"] {
        std::fs::remove_file(folder.join(file)).unwrap();
    }
    let lost = propose(&context, &[]).await;
    assert_eq!(lost.code, Some(1));
    assert!(lost.err.contains("would not put these documents in force"), "{}", lost.err);
    context.finish().await;
}
