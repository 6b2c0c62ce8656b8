//! `kind: PersonTest`.

use jiff::civil::{Date, DateTime};

use crate::domain::ids::{DocumentName, FeedName, PersonKey};
use crate::workflow::language::gates::PLAN_GATES;
use crate::workflow::language::reasons::reasons;
use crate::workflow::person_test::{Circumstances, Effect, Expectation, ExpectedReason, PersonTest, When};
use crate::workflow::problem::{Complaint, quoted};
use crate::workflow::reader::convert::{checked, list, mapping, text, time_zone};
use crate::workflow::reader::{Field, Reader};

use super::value::feed_name;
use super::{Identity, Surroundings};

mod circumstances;
#[cfg(test)]
mod tests;

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
    let given = reader.required("given", mapping(|reader| circumstances::given(reader, from, surroundings)));
    let history = reader.optional(
        "history",
        list(|field| {
            mapping(|reader| circumstances::change(reader, surroundings))(field).map(|change| (change, field))
        }),
    );
    let expect =
        reader.required("expect", list(|field| mapping(|reader| expectation(reader, field, surroundings))(field)));
    let reasons =
        reader.optional("reasons", list(|field| mapping(|reader| reason(reader, field, surroundings))(field)));
    let (given, from, until) = (given?, from?, until?);
    check_length(reader, from, until);
    let history = history_within(history.unwrap_or_default(), &given, until);
    let has_record = std::iter::once(&given).chain(&history).any(|circumstances| circumstances.record.is_some());
    let feed = if has_record { Some(feed_of(reader, feed, surroundings)?) } else { None };
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

/// The history in the order of time. It lies within the test, and only a record that is there can go missing.
fn history_within(
    mut history: Vec<(Circumstances, Field<'_>)>,
    given: &Circumstances,
    until: When,
) -> Vec<Circumstances> {
    history.sort_by_key(|(change, _)| start(change.on));
    let mut is_there = given.record.is_some();
    for (change, field) in &history {
        let is_over = match until {
            When::Day(date) => start(change.on).date() > date,
            When::Minute(minute) => start(change.on) > minute,
        };
        if is_over {
            field.report(Complaint::new(format!("the test is over by {}", change.on)));
        }
        if start(change.on) < start(given.on) {
            field.report(Complaint::new(format!("the test has not begun on {}", change.on)));
        }
        if change.is_missing && !is_there {
            let complaint = Complaint::new(format!("there is no record that could go missing on {}", change.on));
            field.report(complaint.hint("say with `record` what HR said before"));
        }
        is_there = change.record.is_some() || (is_there && !change.is_missing);
    }
    history.into_iter().map(|(change, _)| change).collect()
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

fn expectation(reader: &mut Reader<'_>, field: Field<'_>, surroundings: &Surroundings) -> Option<Expectation> {
    let on = reader.required("on", when);
    let which = reader.exactly_one_of(&EFFECTS.map(|(word, _)| word));
    let names = EFFECTS.map(|(word, effect)| (effect, word, reader.optional(word, text)));
    let by = reader.required("by", |field| document(field, surroundings));
    let held_by = reader.optional("heldBy", checked(gate));
    let (effect, _, name) = names.into_iter().find(|(_, word, _)| Some(*word) == which)?;
    Some(Expectation { on: on?, effect, name: name?, by: by?, held_by, line: field.node.place.line })
}

fn reason(reader: &mut Reader<'_>, field: Field<'_>, surroundings: &Surroundings) -> Option<ExpectedReason> {
    let on = reader.required("on", when);
    let document = reader.required("document", |field| document(field, surroundings));
    let code = reader.required("reason", checked(code));
    Some(ExpectedReason { on: on?, document: document?, code: code?, line: field.node.place.line })
}

fn gate(text: &str) -> Result<String, Complaint> {
    one_of("plan gate", text, PLAN_GATES.iter().map(|(gate, _)| *gate))
}

fn code(text: &str) -> Result<String, Complaint> {
    one_of("reason", text, reasons().iter().map(|(code, _)| *code))
}

fn one_of<'k>(what: &str, text: &str, known: impl Iterator<Item = &'k str> + Clone) -> Result<String, Complaint> {
    if known.clone().any(|known| known == text) {
        return Ok(text.to_owned());
    }
    Err(Complaint::new(format!("there is no {what} {}", quoted(text))).suggest(text, known))
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
