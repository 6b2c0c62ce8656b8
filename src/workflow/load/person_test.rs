//! `kind: PersonTest`.

use jiff::civil::{Date, DateTime};

use crate::domain::ids::{DocumentName, FeedName, PersonKey};
use crate::domain::subject::{AttributeValue, Attributes};
use crate::workflow::attribute::AttributeType;
use crate::workflow::person_test::{Circumstances, Effect, Expectation, ExpectedReason, PersonTest, When};
use crate::workflow::problem::{Complaint, quoted};
use crate::workflow::reader::convert::{boolean, checked, entries, list, mapping, text, time_zone};
use crate::workflow::reader::{Field, Reader};
use crate::workflow::yaml::{ScalarKind, Value};

use super::value::feed_name;
use super::{Identity, Surroundings};

/// The employee id where the test names none.
const USUAL_EMPLOYEE: &str = "E0001";
/// The longest story, in days.
const LONGEST: i32 = 3660;
const EFFECTS: [(&str, Effect); 4] =
    [("gains", Effect::Gains), ("loses", Effect::Loses), ("joins", Effect::Joins), ("leaves", Effect::Leaves)];

pub(super) fn read(reader: &mut Reader<'_>, identity: Identity, surroundings: &Surroundings) -> Option<PersonTest> {
    reader.refuse(&["formerly", "mode"], "does not go with a person test");
    let time_zone = reader.required("timeZone", time_zone);
    let employee_id = reader.optional("employeeId", text);
    let feed = reader.optional("feed", |field| feed_name(field, surroundings));
    let from = reader.required("from", when);
    let until = reader.required("until", when);
    let in_force_since = reader.optional("inForceSince", when);
    let given = reader.required("given", mapping(|reader| circumstances(reader, from?, true, surroundings)));
    let history = reader.optional(
        "history",
        list(mapping(|reader| {
            let on = reader.required("on", when);
            circumstances(reader, on?, false, surroundings)
        })),
    );
    let expect =
        reader.required("expect", list(|field| mapping(|reader| expectation(reader, field, surroundings))(field)));
    let reasons =
        reader.optional("reasons", list(|field| mapping(|reader| reason(reader, field, surroundings))(field)));
    let (given, from, until) = (given?, from?, until?);
    check_length(reader, from, until);
    let mut history = history.unwrap_or_default();
    let has_record = std::iter::once(&given).chain(&history).any(|circumstances| circumstances.record.is_some());
    let feed = if has_record { Some(feed_of(reader, feed, surroundings)?) } else { None };
    if let Some(early) = history.iter().find(|change| start(change.on) < start(from)) {
        reader.report(Complaint::new(format!("`history` begins on {}, before the test does", early.on)));
    }
    history.sort_by_key(|change| start(change.on));
    Some(PersonTest {
        name: DocumentName::new(identity.name?),
        description: identity.description,
        file: identity.file,
        time_zone: time_zone?,
        employee_id: PersonKey::new(employee_id.unwrap_or_else(|| USUAL_EMPLOYEE.to_owned())),
        feed,
        from,
        until,
        in_force_since,
        given,
        history,
        expect: expect?,
        reasons: reasons.unwrap_or_default(),
    })
}

/// The feed that tells of the person: the one named, or the only one there is.
fn feed_of(reader: &Reader<'_>, named: Option<FeedName>, surroundings: &Surroundings) -> Option<FeedName> {
    let mut feeds = surroundings.feeds.iter();
    match (named, feeds.next(), feeds.next()) {
        (Some(feed), ..) => Some(feed),
        (None, Some(only), None) => Some(FeedName::new(only.as_str())),
        (None, None, _) => {
            reader.report(Complaint::new("the person has a record, but there is no feed among the documents"));
            None
        }
        (None, Some(_), Some(_)) => {
            let complaint =
                Complaint::new("there are several feeds").hint("say which one tells of the person: feed: …");
            reader.report(complaint);
            None
        }
    }
}

fn start(when: When) -> DateTime {
    match when {
        When::Day(date) => date.at(0, 0, 0, 0),
        When::Minute(minute) => minute,
    }
}

fn check_length(reader: &Reader<'_>, from: When, until: When) {
    let days = (start(until).date() - start(from).date()).get_days();
    let is_backwards = match until {
        When::Day(date) => date < start(from).date(),
        When::Minute(minute) => minute <= start(from),
    };
    if is_backwards {
        reader.report(Complaint::new(format!("`until` ({until}) is before `from` ({from})")));
    } else if days > LONGEST {
        reader.report(Complaint::new(format!("the test takes {days} days; {LONGEST} are the most")));
    }
}

/// `2026-12-01`, or `2026-12-01T08:00`.
fn when(field: Field<'_>) -> Option<When> {
    checked(|text| {
        let day = || text.parse::<Date>().ok().filter(|date| date.to_string() == text).map(When::Day);
        let minute = || {
            let minute = DateTime::strptime("%Y-%m-%dT%H:%M", text).ok().map(When::Minute);
            minute.filter(|minute| minute.to_string() == text)
        };
        day().or_else(minute).ok_or_else(|| {
            let complaint = Complaint::new(format!("{} is neither a day nor a minute", quoted(text)));
            complaint.hint("write it as in 2026-12-01 or 2026-12-01T08:00, in the person's time zone")
        })
    })(field)
}

fn circumstances(
    reader: &mut Reader<'_>,
    on: When,
    is_beginning: bool,
    surroundings: &Surroundings,
) -> Option<Circumstances> {
    let record = reader.optional("record", entries(|field| value(field, surroundings, true)));
    let user = reader.optional("user", entries(|field| value(field, surroundings, false)));
    let has_account = reader.optional("hasAccount", boolean);
    let names = |reader: &mut Reader<'_>, key| reader.optional(key, list(text)).unwrap_or_default();
    let holds = names(reader, "holds");
    let (joins, leaves, lacks) = if is_beginning {
        (names(reader, "groups"), Vec::new(), Vec::new())
    } else {
        (names(reader, "joins"), names(reader, "leaves"), names(reader, "lacks"))
    };
    Some(Circumstances {
        on,
        record: record.map(|values| values.into_iter().collect()),
        user: user.unwrap_or_default().into_iter().collect::<Attributes>(),
        has_account,
        joins,
        leaves,
        holds,
        lacks,
    })
}

/// An attribute's value by its type; null is one that was read and is empty.
fn value(field: Field<'_>, surroundings: &Surroundings, of_feed: bool) -> Option<(String, AttributeValue)> {
    let name = field.key.to_owned();
    let kind = surroundings.attributes.borrow().type_in_person_test(&name, of_feed);
    let kind = kind.map_err(|complaint| field.report_key(complaint)).ok()?;
    let wrong = |expected: &str| {
        field.report(Complaint::new(format!("{} is {expected}", quoted(&name))));
        None
    };
    let value = match (&field.node.value, kind) {
        (Value::Scalar(scalar), _) if scalar.kind == ScalarKind::Null => AttributeValue::Null,
        (Value::Scalar(scalar), AttributeType::Bool) => match (scalar.kind, scalar.text.as_str()) {
            (ScalarKind::Bool, "true") => AttributeValue::Bool(true),
            (ScalarKind::Bool, "false") => AttributeValue::Bool(false),
            _ => return wrong("true, false or null"),
        },
        (Value::Scalar(scalar), AttributeType::Date) => match (scalar.text.parse(), scalar.text.parse()) {
            (_, Ok(instant)) => AttributeValue::Instant(instant),
            (Ok(date), _) => AttributeValue::Date { date, inclusive: false },
            _ => return wrong("a date such as 2026-12-31"),
        },
        (Value::Scalar(_), AttributeType::Text) => AttributeValue::Text(text(field)?),
        (Value::Sequence(_), AttributeType::Text) if !of_feed => AttributeValue::List(list(text)(field)?),
        _ => return wrong("a single value"),
    };
    Some((name, value))
}

fn expectation(reader: &mut Reader<'_>, field: Field<'_>, surroundings: &Surroundings) -> Option<Expectation> {
    let on = reader.required("on", when);
    let which = reader.exactly_one_of(&EFFECTS.map(|(word, _)| word));
    let names = EFFECTS.map(|(word, effect)| (effect, word, reader.optional(word, text)));
    let by = reader.required("by", |field| document(field, surroundings));
    let held_by = reader.optional("heldBy", text);
    let (effect, _, name) = names.into_iter().find(|(_, word, _)| Some(*word) == which)?;
    Some(Expectation { on: on?, effect, name: name?, by: by?, held_by, line: field.node.place.line })
}

fn reason(reader: &mut Reader<'_>, field: Field<'_>, surroundings: &Surroundings) -> Option<ExpectedReason> {
    let on = reader.required("on", when);
    let document = reader.required("document", |field| document(field, surroundings));
    let code = reader.required("reason", text);
    Some(ExpectedReason { on: on?, document: document?, code: code?, line: field.node.place.line })
}

/// The name of a document among those tested.
fn document(field: Field<'_>, surroundings: &Surroundings) -> Option<DocumentName> {
    let name = text(field)?;
    if !surroundings.documents.contains(&name) {
        let complaint = Complaint::new(format!("there is no document {}", quoted(&name)));
        field.report(complaint.suggest(&name, surroundings.documents.iter().map(String::as_str)));
    }
    Some(DocumentName::new(name))
}
