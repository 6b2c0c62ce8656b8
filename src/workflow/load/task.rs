//! `tasks:` of a workflow, and how a package is asked for.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::entitlement::Expiration;
use crate::workflow::definition::{RequestedAssignment, Task, TaskKind};
use crate::workflow::problem::{Complaint, quoted};
use crate::workflow::reader::convert::{
    any_text, boolean, checked, entries, list, mapping, some_of, text, text_scalar,
};
use crate::workflow::reader::{Field, Reader, iso_duration};
use crate::workflow::template::Template;
use crate::workflow::yaml::Value;

use super::Surroundings;

#[derive(Debug, Clone, Copy)]
enum TaskWord {
    Request,
    Remove,
    AddToGroups,
    RemoveFromGroups,
}

const TASKS: &[(&str, TaskWord)] = &[
    ("requestAccessPackageAssignment", TaskWord::Request),
    ("removeAccessPackageAssignment", TaskWord::Remove),
    ("addUserToGroups", TaskWord::AddToGroups),
    ("removeUserFromGroups", TaskWord::RemoveFromGroups),
];
const LATER_TASKS: &[&str] = &[
    "removeAllAccessPackageAssignments",
    "cancelPendingAccessPackageRequests",
    "sendMail",
    "enableUserAccount",
    "disableUserAccount",
];

/// A task whose `dependsOn` still holds names.
struct Written<'n> {
    task: Task,
    depends_on: Option<Vec<(String, Field<'n>)>>,
}

/// The tasks in their order, each with the places of the tasks it waits for.
pub(super) fn read(field: Field<'_>, surroundings: &Surroundings) -> Option<Vec<Task>> {
    let written = some_of(mapping(|reader| task(reader, surroundings)))(field)?;
    let mut tasks: Vec<Task> = Vec::with_capacity(written.len());
    for (place, Written { mut task, depends_on }) in written.into_iter().enumerate() {
        if let Some(name) = &task.name
            && tasks.iter().any(|earlier| earlier.name.as_ref() == Some(name))
        {
            field.report(Complaint::new(format!("two tasks have the name {}", quoted(name))));
        }
        task.depends_on = match depends_on {
            None => place.checked_sub(1).into_iter().collect(),
            Some(names) => names.into_iter().filter_map(|(name, field)| earlier_task(&tasks, &name, field)).collect(),
        };
        tasks.push(task);
    }
    Some(tasks)
}

fn earlier_task(tasks: &[Task], name: &str, field: Field<'_>) -> Option<usize> {
    let place = tasks.iter().position(|task| task.name.as_deref() == Some(name));
    if place.is_none() {
        let complaint = Complaint::new(format!("no earlier task has the name {}", quoted(name)));
        let known = tasks.iter().filter_map(|task| task.name.as_deref());
        let hint = "a task waits only for tasks above it, by their `name`";
        let complaint = complaint.suggest(name, known);
        field.report(if complaint.hint.is_some() { complaint } else { complaint.hint(hint) });
    }
    place
}

fn task<'n>(reader: &mut Reader<'n>, surroundings: &Surroundings) -> Option<Written<'n>> {
    let name = reader.optional("name", text);
    let depends_on = reader.optional("dependsOn", list(|field| Some((text(field)?, field))));
    let continue_on_error = reader.optional("continueOnError", boolean);
    let word = reader.required_word_or_later("task", TASKS, LATER_TASKS);
    let kind = match word {
        Some(TaskWord::Request) => {
            reader.required("with", mapping(|reader| requested(reader, surroundings))).map(TaskKind::RequestAssignment)
        }
        Some(TaskWord::Remove) => reader.required("with", mapping(remove)),
        Some(TaskWord::AddToGroups) => {
            reader.required("with", mapping(groups)).map(|groups| TaskKind::AddToGroups { groups })
        }
        Some(TaskWord::RemoveFromGroups) => {
            reader.required("with", mapping(groups)).map(|groups| TaskKind::RemoveFromGroups { groups })
        }
        None => {
            reader.ignore_the_rest();
            None
        }
    };
    let task =
        Task { name, kind: kind?, continue_on_error: continue_on_error.unwrap_or(false), depends_on: Vec::new() };
    Some(Written { task, depends_on })
}

/// The package, and how it is asked for: keys that a task and an auto assignment share.
pub(super) fn requested(reader: &mut Reader<'_>, surroundings: &Surroundings) -> Option<RequestedAssignment> {
    let access_package = reader.required("accessPackage", text);
    let assignment_policy = reader.required("assignmentPolicy", text);
    let expiration = reader.optional("expiration", expiration);
    let answers =
        reader.optional("answers", entries(|field| Some((field.key.to_owned(), template(field, surroundings)?))));
    let justification = reader.optional("justification", |field| template(field, surroundings));
    Some(RequestedAssignment {
        access_package: access_package?,
        assignment_policy: assignment_policy?,
        expiration,
        answers: answers.unwrap_or_default().into_iter().collect::<BTreeMap<_, _>>(),
        justification,
    })
}

fn remove(reader: &mut Reader<'_>) -> Option<TaskKind> {
    let access_package = reader.required("accessPackage", text);
    let owned_only = reader.optional("ownedOnly", boolean);
    Some(TaskKind::RemoveAssignment { access_package: access_package?, owned_only: owned_only.unwrap_or(false) })
}

fn groups(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    reader.required("groups", some_of(text))
}

/// `noExpiration`, `{ afterDuration: P90D }` or `{ afterDateTime: 2027-01-01T00:00:00Z }` (Graph's `expirationPattern`).
fn expiration(field: Field<'_>) -> Option<Expiration> {
    if let Value::Scalar(_) = field.node.value {
        let word = text(field)?;
        if word == "noExpiration" {
            return Some(Expiration::NoExpiration);
        }
        let complaint = Complaint::new(format!("{} is no expiration", quoted(&word)));
        field.report(
            complaint.hint("write noExpiration, { afterDuration: P90D } or { afterDateTime: 2027-01-01T00:00:00Z }"),
        );
        return None;
    }
    mapping(|reader| match reader.exactly_one_of(&["afterDuration", "afterDateTime"])? {
        "afterDuration" => {
            let checked_text = checked(|text| iso_duration(text).map(|_| text.to_owned()));
            reader.required("afterDuration", checked_text).map(Expiration::AfterDuration)
        }
        _ => reader.required("afterDateTime", instant).map(Expiration::AfterDateTime),
    })(field)
}

fn instant(field: Field<'_>) -> Option<Timestamp> {
    checked(|text: &str| {
        text.parse().map_err(|_| {
            Complaint::new(format!("{} is no instant", quoted(text))).hint("write it as in 2027-01-01T00:00:00Z")
        })
    })(field)
}

/// A text whose placeholders name known attributes.
fn template(field: Field<'_>, surroundings: &Surroundings) -> Option<Template> {
    any_text(field)?;
    let scalar = text_scalar(field)?;
    let template = match Template::parse(&scalar.text) {
        Ok(template) => template,
        Err((complaint, span)) => {
            field.report_within(scalar, span, complaint);
            return None;
        }
    };
    let attributes = surroundings.attributes.borrow();
    let mut is_good = true;
    for name in template.attributes() {
        if let Err(complaint) = attributes.check_shown(name) {
            field.report(complaint);
            is_good = false;
        }
    }
    is_good.then_some(template)
}
