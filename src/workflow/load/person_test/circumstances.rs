//! `given` and `history` of a person test.

use crate::domain::ids::DocumentName;
use crate::domain::subject::{AssignedPlan, AttributeValue, Attributes};
use crate::workflow::attribute::{AttributeType, ElementType, GivenType, type_in_user};
use crate::workflow::person_test::{Circumstances, When};
use crate::workflow::problem::{Complaint, quoted};
use crate::workflow::reader::convert::{boolean, checked, entries, list, mapping, text, word};
use crate::workflow::reader::{Field, Reader};
use crate::workflow::yaml::{ScalarKind, Value};

use super::{Surroundings, when};

/// What a plan may be, as Graph says it.
const CAPABILITY_STATUSES: &[(&str, &str)] = &[
    ("Enabled", "Enabled"),
    ("Warning", "Warning"),
    ("Suspended", "Suspended"),
    ("Deleted", "Deleted"),
    ("LockedOut", "LockedOut"),
];

/// What holds at the beginning, which is at `on`.
pub(super) fn given(reader: &mut Reader<'_>, on: Option<When>, surroundings: &Surroundings) -> Option<Circumstances> {
    let common = Common::read(reader, surroundings);
    let joins = names(reader, "groups");
    let Common { record, user, has_account, holds } = common?;
    Some(Circumstances {
        on: on?,
        record,
        is_missing: false,
        user,
        has_account,
        joins,
        leaves: Vec::new(),
        holds,
        lacks: Vec::new(),
        activated: Vec::new(),
    })
}

/// What changes later.
pub(super) fn change(reader: &mut Reader<'_>, surroundings: &Surroundings) -> Option<Circumstances> {
    let on = reader.required("on", when);
    let common = Common::read(reader, surroundings);
    let is_missing = reader.optional("isMissing", only_true).is_some();
    if is_missing && reader.has("record") {
        let complaint = Complaint::new("`isMissing` and `record` do not go together");
        reader.report(complaint.hint("a record that is given is there"));
    }
    let (joins, leaves, lacks) = (names(reader, "joins"), names(reader, "leaves"), names(reader, "lacks"));
    let activated = reader.optional("activated", list(|field| workflow(field, surroundings))).unwrap_or_default();
    let Common { record, user, has_account, holds } = common?;
    Some(Circumstances { on: on?, record, is_missing, user, has_account, joins, leaves, holds, lacks, activated })
}

/// What may be said of the beginning and of what changes alike.
struct Common {
    record: Option<Attributes>,
    user: Attributes,
    has_account: Option<bool>,
    holds: Vec<String>,
}

impl Common {
    /// `None` where there is a record that cannot be read: without it, more would seem wrong than is.
    fn read(reader: &mut Reader<'_>, surroundings: &Surroundings) -> Option<Self> {
        let record = reader.optional("record", entries(|field| record_value(field, surroundings)));
        let user = reader.optional("user", entries(user_value)).unwrap_or_default();
        let has_account = reader.optional("hasAccount", boolean);
        let holds = names(reader, "holds");
        let record = if reader.has("record") { Some(Attributes::from_iter(record?)) } else { None };
        Some(Self { record, user: user.into_iter().collect(), has_account, holds })
    }
}

fn names(reader: &mut Reader<'_>, key: &'static str) -> Vec<String> {
    reader.optional(key, list(text)).unwrap_or_default()
}

fn only_true(field: Field<'_>) -> Option<()> {
    if boolean(field)? {
        return Some(());
    }
    field.report(Complaint::new("`isMissing` can only be true").hint("say with `record` that it is there again"));
    None
}

/// The name of a workflow among the documents tested.
fn workflow(field: Field<'_>, surroundings: &Surroundings) -> Option<DocumentName> {
    let name = text(field)?;
    if !surroundings.workflows.contains(&name) {
        let complaint = Complaint::new(format!("there is no workflow {}", quoted(&name)));
        field.report(complaint.suggest(&name, surroundings.workflows.iter().map(String::as_str)));
    }
    Some(DocumentName::new(name))
}

fn record_value(field: Field<'_>, surroundings: &Surroundings) -> Option<(String, AttributeValue)> {
    let kind = surroundings.attributes.borrow().type_in_record(field.key);
    value(field, kind)
}

fn user_value(field: Field<'_>) -> Option<(String, AttributeValue)> {
    value(field, type_in_user(field.key))
}

/// An attribute's value by its type; null is one that was read and is empty.
fn value(field: Field<'_>, kind: Result<GivenType, Complaint>) -> Option<(String, AttributeValue)> {
    let kind = kind.map_err(|complaint| field.report_key(complaint)).ok()?;
    let value = match (&field.node.value, kind) {
        (Value::Scalar(scalar), _) if scalar.kind == ScalarKind::Null => AttributeValue::Null,
        (_, GivenType::List(ElementType::Text)) => AttributeValue::List(list(text)(field)?),
        (_, GivenType::List(ElementType::AssignedPlan)) => {
            AttributeValue::AssignedPlans(list(mapping(assigned_plan))(field)?)
        }
        (Value::Sequence(_), GivenType::TextOrList) => AttributeValue::List(list(text)(field)?),
        (_, GivenType::TextOrList) => AttributeValue::Text(text(field)?),
        (_, GivenType::One(kind)) => one_value(field, kind)?,
    };
    Some((field.key.to_owned(), value))
}

fn one_value(field: Field<'_>, kind: AttributeType) -> Option<AttributeValue> {
    let wrong = |expected: &str| {
        field.report(Complaint::new(format!("{} is {expected}", quoted(field.key))));
        None
    };
    match (&field.node.value, kind) {
        (Value::Scalar(_), AttributeType::Text) => text(field).map(AttributeValue::Text),
        (Value::Scalar(scalar), AttributeType::Bool) => match (scalar.kind, scalar.text.as_str()) {
            (ScalarKind::Bool, "true") => Some(AttributeValue::Bool(true)),
            (ScalarKind::Bool, "false") => Some(AttributeValue::Bool(false)),
            _ => wrong("true, false or null"),
        },
        (Value::Scalar(scalar), AttributeType::Date) => match (scalar.text.parse(), scalar.text.parse()) {
            (_, Ok(instant)) => Some(AttributeValue::Instant(instant)),
            (Ok(date), _) => Some(AttributeValue::Date { date, inclusive: false }),
            _ => wrong("a date such as 2026-12-31"),
        },
        (Value::Sequence(_) | Value::Mapping(_), _) => wrong("a single value"),
    }
}

/// What it does not say is read and empty.
fn assigned_plan(reader: &mut Reader<'_>) -> Option<AssignedPlan> {
    let capability_status = reader.optional("capabilityStatus", word(CAPABILITY_STATUSES)).map(str::to_owned);
    let service = reader.optional("service", text);
    let service_plan_id = reader.optional("servicePlanId", checked(service_plan_id));
    Some(AssignedPlan { capability_status, service, service_plan_id })
}

/// The directory's ids are in lower case.
fn service_plan_id(text: &str) -> Result<String, Complaint> {
    let is_guid = uuid::Uuid::try_parse(text).is_ok_and(|id| id.to_string().eq_ignore_ascii_case(text));
    let wrong = || Complaint::new(format!("{} is no GUID", quoted(text)));
    is_guid.then(|| text.to_ascii_lowercase()).ok_or_else(wrong)
}
