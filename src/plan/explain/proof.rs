//! What a document asks of the subject, condition by condition, judged by the functions the planner judges by.

use crate::plan::Plan;
use crate::plan::ledger::DocumentRecord;
use crate::plan::names::Names;
use crate::plan::population::Member;
use crate::workflow::definition::{AutoAssignment, MemberSource, Mode, TaskKind, WhenMemberLeaves, Workflow};
use crate::workflow::rule::Truth;

use super::condition::{Condition, Holds};
use super::document::Document;
use super::holding;
use super::input::Input;
use super::membership;
use super::origin::Origin;
use super::rule;
use super::trigger;
use super::value::duration;
use super::verdict::Verdict;

/// Every condition, in the order in which the planner asks.
pub(super) fn conditions(
    document: Document<'_>,
    record: &DocumentRecord,
    member: &Member<'_>,
    (verdict, plan): (&Verdict, &Plan),
    input: &Input<'_>,
) -> Vec<Condition> {
    let mut found = vec![mode(record), joined(member, input)];
    match document {
        Document::Workflow(workflow) => {
            if !workflow.is_enabled {
                found.insert(0, Condition::new("isEnabled", false).seen("false"));
            }
            found.push(not_excepted(&workflow.scope.except, member));
            found.push(trigger::condition(workflow, member, (verdict, plan), input));
            found.extend(scope(workflow, member, input));
            found.extend(runs(workflow, member, input));
            found.extend(tasks(workflow, member, input));
        }
        Document::AutoAssignment(auto) => {
            found.push(not_excepted(&auto.except, member));
            found.push(members(auto, member, input));
            found.push(package(&auto.requested.access_package, member, input));
            found.push(Condition::statement(when_member_leaves(auto)));
        }
    }
    found
}

fn mode(record: &DocumentRecord) -> Condition {
    let (asks, writes) = match record.mode {
        Mode::Observe => ("mode observe: only says what it would do", false),
        Mode::GrantOnly => ("mode grantOnly: adds, and lets removals wait", true),
        Mode::Enforce => ("mode enforce: adds and removes", true),
    };
    let since = record.writes_since.or(Some(record.first_seen));
    Condition::new(asks, writes).from(Some(Origin::Ledger { since }))
}

/// Whether the record and the account are known to be one person's.
fn joined(member: &Member<'_>, input: &Input<'_>) -> Condition {
    let users = Some(Origin::of_users(input.observed));
    let record = |person| Some(Origin::of_person(person, None, input.definitions, input.observed));
    let asks = "a directory user";
    if member.is_ambiguous {
        let id = member.subject.person.map(|person| person.key.as_str());
        let id = id.or_else(|| member.subject.user.and_then(|user| user.employee_id.as_deref())).unwrap_or_default();
        let same = input.observed.users.iter().filter(|user| user.employee_id.as_deref() == Some(id));
        let ids: Vec<&str> = same.map(|user| user.id.as_str()).collect();
        return Condition::new("one directory user alone carries the employee id", false)
            .seen(format!("employee id {id} is carried by users {}", ids.join(" and ")))
            .from(users)
            .hint(Some("correct the employee id of all but one of them".to_owned()));
    }
    match (member.subject.person, member.subject.user) {
        (Some(person), Some(user)) => Condition::new(asks, true)
            .seen(format!("user {}", user.id))
            .from(users)
            .parts(vec![Condition::statement(format!("joined by employee id {}", person.key)).from(record(person))]),
        (Some(person), None) => Condition::new(asks, false)
            .seen(format!("no user carries employee id {}", person.key))
            .from(users)
            .parts(vec![Condition::statement("the record").from(record(person))]),
        (None, Some(user)) => {
            let id = user.employee_id.as_deref().filter(|id| !id.is_empty());
            let seen = match id {
                Some(id) => format!("user {}; no feed has a record of employee id {id}", user.id),
                None => format!("user {}, without an employee id and so without a record", user.id),
            };
            Condition::new(asks, true).seen(seen).from(users)
        }
        (None, None) => Condition::new(asks, false),
    }
}

fn not_excepted(except: &[String], member: &Member<'_>) -> Condition {
    let is_named = member.subject.is_named_in(except);
    let condition = Condition::new("not named in except", !is_named);
    if is_named {
        let hint = "take the name out of the document's `except`, should they be touched".to_owned();
        condition.seen("named there: this document leaves them untouched, whatever else holds").hint(Some(hint))
    } else {
        condition
    }
}

fn scope(workflow: &Workflow, member: &Member<'_>, input: &Input<'_>) -> Vec<Condition> {
    let by_rule = workflow.scope.rule.as_ref().map(|rule| {
        let part = rule::condition(rule, member, input);
        Condition::new("the scope's rule", rule.evaluate(member)).parts(vec![part])
    });
    let groups = &workflow.scope.groups;
    let by_group = (!groups.is_empty()).then(|| {
        let parts = groups.iter().map(|group| membership::of_group((group, false), member, input)).collect();
        any("one of the scope's groups", parts)
    });
    by_rule.into_iter().chain(by_group).collect()
}

fn members(auto: &AutoAssignment, member: &Member<'_>, input: &Input<'_>) -> Condition {
    let source = |source: &MemberSource| match source {
        MemberSource::Group { group, transitive } => membership::of_group((group, *transitive), member, input),
        MemberSource::Rule(rule) => rule::condition(rule, member, input),
        MemberSource::Feed(feed) => membership::of_feed(feed, member, input),
    };
    any("a member, by any of these", auto.any_of.iter().map(source).collect())
}

fn any(asks: &str, parts: Vec<Condition>) -> Condition {
    let has = |holds| parts.iter().any(|part| part.holds == Some(holds));
    let verdict = match (has(Holds::Yes), has(Holds::Unknown)) {
        (true, _) => Truth::Yes,
        (false, true) => Truth::Unknown,
        (false, false) => Truth::No,
    };
    Condition::new(asks, verdict).parts(parts)
}

fn package(name: &str, member: &Member<'_>, input: &Input<'_>) -> Condition {
    match Names::new(input.observed, input.ledger).package(name) {
        Ok(package) => holding::condition(&package.id, member, input),
        Err(reason) => Condition::new(format!("package '{name}' is known"), false)
            .seen(reason.to_string())
            .from(Some(Origin::of_list("accessPackages", input.observed))),
    }
}

fn when_member_leaves(auto: &AutoAssignment) -> String {
    match auto.when_member_leaves {
        WhenMemberLeaves::Never => "whenMemberLeaves: never".to_owned(),
        WhenMemberLeaves::Immediately => "whenMemberLeaves: immediately".to_owned(),
        WhenMemberLeaves::After(grace) => format!("whenMemberLeaves: after {}", duration(grace)),
    }
}

/// What the ledger knows of earlier occasions.
fn runs(workflow: &Workflow, member: &Member<'_>, input: &Input<'_>) -> Vec<Condition> {
    let own =
        input.ledger.runs.iter().filter(|(occasion, _)| {
            occasion.workflow == workflow.header.name && member.subject.goes_by(&occasion.subject)
        });
    own.map(|(occasion, run)| {
        let reason = run.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        Condition::statement(format!("run of {} {}", occasion.trigger, occasion.value))
            .seen(format!("{}{reason}", run.status.as_str()))
            .from(Some(Origin::Ledger { since: None }))
    })
    .collect()
}

fn tasks(workflow: &Workflow, member: &Member<'_>, input: &Input<'_>) -> Vec<Condition> {
    let numbered = workflow.tasks.iter().enumerate();
    numbered
        .map(|(place, task)| {
            let parts = match &task.kind {
                TaskKind::RequestAssignment(requested) => vec![package(&requested.access_package, member, input)],
                TaskKind::RemoveAssignment { access_package, .. } => vec![package(access_package, member, input)],
                TaskKind::AddToGroups { groups } | TaskKind::RemoveFromGroups { groups } => {
                    groups.iter().map(|group| membership::of_group((group, false), member, input)).collect()
                }
            };
            Condition::statement(format!("task {}: {}", place + 1, task.kind.as_str())).parts(parts)
        })
        .collect()
}
