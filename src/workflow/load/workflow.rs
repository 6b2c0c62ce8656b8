//! `kind: Workflow`.

use jiff::SignedDuration;
use jiff::civil::Time;

use crate::domain::action::Category;
use crate::workflow::definition::{CatchUp, Scope, Task, TaskKind, TimeTrigger, Workflow};
use crate::workflow::problem::{Complaint, quoted};
use crate::workflow::reader::convert::{any_text, boolean, checked, integer, list, mapping, some_of, text};
use crate::workflow::reader::{Field, Reader, iso_duration};

use super::value::{rule, time_zone};
use super::{Identity, Surroundings};

const CATEGORIES: &[(&str, Category)] =
    &[("joiner", Category::Joiner), ("mover", Category::Mover), ("leaver", Category::Leaver)];
/// A joiner or mover who is later than this stays a question for people (Lifecycle Workflows has the same window).
const USUAL_CATCH_UP: SignedDuration = SignedDuration::from_hours(3 * 24);
const FURTHEST_OFFSET: i32 = 3650;
const SECONDS_A_DAY: i64 = 86_400;

#[derive(Debug, Clone, Copy)]
enum TaskWord {
    Request,
    Remove,
}

const TASKS: &[(&str, TaskWord)] =
    &[("requestAccessPackageAssignment", TaskWord::Request), ("removeAccessPackageAssignment", TaskWord::Remove)];
const LATER_TASKS: &[&str] = &[
    "addUserToGroups",
    "removeUserFromGroups",
    "removeAllAccessPackageAssignments",
    "cancelPendingAccessPackageRequests",
    "sendMail",
    "enableUserAccount",
    "disableUserAccount",
];

pub(super) fn read(reader: &mut Reader<'_>, identity: Identity, surroundings: &Surroundings) -> Option<Workflow> {
    let header = identity.header(reader);
    let category = reader.required_word("category", CATEGORIES);
    let is_enabled = reader.optional("isEnabled", boolean);
    let trigger = reader.required("trigger", mapping(|reader| trigger(reader, category, surroundings)));
    let everybody = "for everybody, write scope: { rule: \"userType eq 'Member'\" }".to_owned();
    let scope = reader.required_or("scope", Some(everybody), mapping(|reader| scope(reader, surroundings)));
    let tasks = reader.required("tasks", some_of(mapping(task)));
    Some(Workflow {
        header: header?,
        category: category?,
        is_enabled: is_enabled.unwrap_or(true),
        trigger: trigger?,
        scope: scope?,
        tasks: tasks?,
    })
}

fn trigger(reader: &mut Reader<'_>, category: Option<Category>, surroundings: &Surroundings) -> Option<TimeTrigger> {
    if reader.refuse_later(&["attributeChange", "membershipChange", "feedChange", "schedule", "onDemand"]) {
        reader.ignore_the_rest();
        return None;
    }
    let attribute = reader.required(
        "timeBasedAttribute",
        checked(|name| surroundings.attributes.borrow().check_trigger(name).map(|()| name.to_owned())),
    );
    let offset_in_days = reader.required("offsetInDays", integer(-FURTHEST_OFFSET..=FURTHEST_OFFSET));
    let at = reader.optional("at", checked(time_of_day));
    let time_zone = reader.optional("timeZone", time_zone);
    let catch_up = reader.optional("catchUp", checked(catch_up));
    let backfill_days = reader.optional("backfill", checked(whole_days));
    let usual = if category == Some(Category::Leaver) { CatchUp::Always } else { CatchUp::Within(USUAL_CATCH_UP) };
    Some(TimeTrigger {
        attribute: attribute?,
        offset_in_days: offset_in_days?,
        at,
        time_zone,
        catch_up: catch_up.unwrap_or(usual),
        backfill_days,
    })
}

fn scope(reader: &mut Reader<'_>, surroundings: &Surroundings) -> Option<Scope> {
    reader.refuse_later(&["groups"]);
    let rule = reader.required("rule", |field| rule(field, surroundings));
    let except = reader.optional("except", list(text));
    Some(Scope { rule: Some(rule?), except: except.unwrap_or_default() })
}

fn task(reader: &mut Reader<'_>) -> Option<Task> {
    reader.refuse_later(&["dependsOn"]);
    let continue_on_error = reader.optional("continueOnError", boolean);
    let word = reader.required_word_or_later("task", TASKS, LATER_TASKS);
    let kind = match word {
        Some(TaskWord::Request) => reader.required("with", mapping(request)),
        Some(TaskWord::Remove) => reader.required("with", mapping(remove)),
        None => {
            reader.ignore_the_rest();
            None
        }
    };
    Some(Task { kind: kind?, continue_on_error: continue_on_error.unwrap_or(false) })
}

fn request(reader: &mut Reader<'_>) -> Option<TaskKind> {
    reader.refuse_later(&["expiration", "answers"]);
    let access_package = reader.required("accessPackage", text);
    let assignment_policy = reader.required("assignmentPolicy", text);
    let justification = reader.optional("justification", justification);
    Some(TaskKind::RequestAssignment {
        access_package: access_package?,
        assignment_policy: assignment_policy?,
        justification,
    })
}

fn remove(reader: &mut Reader<'_>) -> Option<TaskKind> {
    reader.refuse_later(&["ownedOnly"]);
    let access_package = reader.required("accessPackage", text)?;
    Some(TaskKind::RemoveAssignment { access_package })
}

fn justification(field: Field<'_>) -> Option<String> {
    let text = any_text(field)?;
    if text.contains("{{") {
        field.report(Complaint::new("templates (`{{ … }}`) are not supported by this version"));
    }
    Some(text)
}

/// `HH:MM`.
fn time_of_day(text: &str) -> Result<Time, Complaint> {
    let two_digits = |part: &str| {
        let written = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        written.then(|| part.parse().ok()).flatten()
    };
    let time =
        text.split_once(':').and_then(|(hour, minute)| Time::new(two_digits(hour)?, two_digits(minute)?, 0, 0).ok());
    time.ok_or_else(|| Complaint::new(format!("{} is not a time of day", quoted(text))).hint("write it as in 08:00"))
}

fn catch_up(text: &str) -> Result<CatchUp, Complaint> {
    match text {
        "none" => Ok(CatchUp::None),
        "always" => Ok(CatchUp::Always),
        _ if text.starts_with('P') => iso_duration(text).map(CatchUp::Within),
        _ => {
            let complaint =
                Complaint::new(format!("{} is neither none, always nor a duration such as P3D", quoted(text)));
            Err(complaint.suggest(text, ["none", "always"]))
        }
    }
}

fn whole_days(text: &str) -> Result<i32, Complaint> {
    let seconds = iso_duration(text)?.as_secs();
    let days = i32::try_from(seconds / SECONDS_A_DAY).ok().filter(|_| seconds % SECONDS_A_DAY == 0);
    days.ok_or_else(|| {
        Complaint::new(format!("{} is not a number of whole days", quoted(text))).hint("write it as in P30D")
    })
}
