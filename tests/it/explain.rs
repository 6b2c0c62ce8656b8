//! `usherd explain`, as an operator asks it: proofs with where each value came from, what would change the verdict, and plain words for who is not known.

#![cfg(test)]

use serde_json::Value;

use crate::context::TestContext;
use crate::context::company::{auto_assignment, joiner, leaver};
use crate::context::process::{Ended, Process};

/// A company whose usherd is asked from outside, with its configuration written.
async fn company() -> TestContext {
    let context = TestContext::builder()
        .in_its_own_process()
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .document("leaver.yaml", leaver(&["Basics"]))
        .document("kit.yaml", auto_assignment("kit", "Robotics Kit", "{ rule: \"department eq 'Robotics'\" }", "never"))
        .hr(|hr| {
            hr.person("E05").hired = "2026-11-25";
            hr.person("E06").department = "robotics\u{a0}";
            hr.person("E07").last_day = "2026-11-20";
        })
        .holding("E07", "Basics")
        .prepared()
        .await;
    context.write_config();
    context
}

async fn explain(context: &TestContext, arguments: &[&str]) -> Ended {
    let config = context.path("usherd.yaml").display().to_string();
    let mut all = vec!["explain", "--config", config.as_str()];
    all.extend(arguments);
    Process::run(&context.path("feeds"), &all).await
}

#[tokio::test]
async fn a_proof_says_what_was_seen_and_where_and_what_would_change_the_verdict() {
    let context = company().await;
    let late = explain(&context, &["E05", "--workflow", "joiner"]).await;
    assert_eq!(late.code, Some(0), "{}", late.err);
    for words in [
        "due at 2026-11-24T23:00:00Z [notYetDue]",
        "no  the day of employeeHireDate has come: 2026-11-25",
        "from feed hr, hr.csv, line 6, column 'Hire Date', delivery ",
        "-   due, by the person's zone: 2026-11-24T23:00:00Z (Wed 2026-11-25 00:00 in Europe/Amsterdam)",
        "yes department ne 'Elsewhere': 'Sales'",
        "from GET /v1.0/users at ",
        "no  holds Basics (",
        "Nearest change: if it is 2026-11-24T23:00:00Z, then access is given (now nothing is done):",
    ] {
        assert!(late.out.contains(words), "{words}\n{}", late.out);
    }
    let then =
        explain(&context, &["E05@fabrikam.example", "--workflow", "joiner", "--at", "2026-11-24T23:00:00Z"]).await;
    assert!(then.out.contains("=> adminAdd Basics is sent"), "{}", then.out);
    assert!(then.out.starts_with("Note: planned for 2026-11-24T23:00:00Z with what is known at "), "{}", then.out);

    let near = explain(&context, &["E06", "--package", "Robotics Kit"]).await;
    let hint = "hint: 'robotics\\u{a0}' and 'Robotics' differ only in case and blanks";
    assert!(near.out.contains(hint), "{}", near.out);
    assert!(near.out.contains("Nearest change: if department is 'Robotics', then access is given"), "{}", near.out);
    context.finish().await;
}

#[tokio::test]
async fn machines_read_the_same_and_the_log_names_nobody() {
    let context = company().await;
    let ended = explain(&context, &["E07", "--workflow", "leaver", "--output", "json"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let answer: Value = serde_json::from_str(&ended.out).unwrap();
    let explanation = &answer["explanations"][0];
    assert_eq!(explanation["subject"], "person:E07");
    assert_eq!((&explanation["document"], &explanation["kind"]), (&"leaver".into(), &"Workflow".into()));
    assert_eq!(explanation["outcome"]["takes"], true, "{explanation:#}");
    let nearest = &explanation["search"]["nearest"];
    assert_eq!(nearest["changes"][0]["change"], "attribute", "{nearest:#}");
    assert_eq!(nearest["outcome"]["takes"], false);

    let all = explain(&context, &["E07"]).await;
    for words in ["leaver", "adminRemove Basics", "[notInScope]"] {
        assert!(all.out.contains(words), "{words}\n{}", all.out);
    }
    assert!(!ended.err.contains("Sales") && !ended.err.contains('@'), "{}", ended.err);
    assert!(context.requests().is_empty(), "it only looks");
    context.finish().await;
}

#[tokio::test]
async fn whoever_or_whatever_is_not_known_is_said_with_what_may_have_been_meant() {
    let context = company().await;
    for (arguments, words) in [
        (&["E0x5"][..], "employee id `E0x5`; did you mean `"),
        (&["fabrikam"], "did you mean `E"),
        (&["E05", "--workflow", "joyner"], "in force is called `joyner`; did you mean `joiner`?"),
        (&["E05", "--package", "Basic"], "the access package `Basic`; did you mean `Basics`?"),
    ] {
        let ended = explain(&context, arguments).await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{}", ended.err);
        assert!(ended.err.contains(words), "{words}\n{}", ended.err);
    }
    context.write_document("joiner.yaml", "apiVersion: usherd/v1\nkind: Workflow\nname: joiner\n");
    let broken = explain(&context, &["E05"]).await;
    assert!(
        broken.out.contains("Note: a document has a mistake") && broken.out.contains("joiner.yaml:"),
        "{}",
        broken.out
    );
    context.finish().await;
}
