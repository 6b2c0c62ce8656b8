//! Values and instants as people read them on standard output.

use std::fmt::Display;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::counted::counted;
use crate::domain::subject::{AssignedPlan, AttributeValue};

/// Longer texts are cut.
const LONGEST_TEXT: usize = 200;

/// A value in a rule's own spelling; `None` is "not read".
pub(super) fn shown(value: Option<&AttributeValue>) -> String {
    match value {
        None => "not read".to_owned(),
        Some(AttributeValue::Null) => "null".to_owned(),
        Some(AttributeValue::Text(text)) => quoted(text),
        Some(AttributeValue::Bool(value)) => value.to_string(),
        Some(AttributeValue::Date { date, inclusive: false }) => date.to_string(),
        Some(AttributeValue::Date { date, inclusive: true }) => format!("{date}, the day itself included"),
        Some(AttributeValue::Instant(instant)) => instant.to_string(),
        Some(AttributeValue::List(values)) => {
            let shown: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            format!("({})", shown.join(", "))
        }
        Some(AttributeValue::AssignedPlans(plans)) => {
            let shown: Vec<String> = plans.iter().map(plan_shown).collect();
            format!("({})", shown.join(", "))
        }
    }
}

fn plan_shown(plan: &AssignedPlan) -> String {
    let AssignedPlan { service, capability_status, .. } = plan;
    format!("{} {}", service.as_deref().unwrap_or("null"), capability_status.as_deref().unwrap_or("null"))
}

/// Text in single quotes, shortened; characters that would not show, blanks at the ends excepted, by their number.
pub(super) fn quoted(text: &str) -> String {
    let mut shown = String::from("'");
    for letter in text.chars().take(LONGEST_TEXT) {
        match letter {
            '\'' => shown.push_str("''"),
            letter if letter.is_control() || is_invisible(letter) => {
                shown.push_str(&letter.escape_unicode().to_string());
            }
            letter => shown.push(letter),
        }
    }
    shown.push_str(if text.chars().nth(LONGEST_TEXT).is_some() { "…'" } else { "'" });
    shown
}

/// A blank other than the usual one, or a character without a width.
fn is_invisible(letter: char) -> bool {
    (letter.is_whitespace() && letter != ' ') || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// A duration in whole days, where it is that.
pub(super) fn duration(duration: SignedDuration) -> String {
    match (duration.as_hours() / 24, duration.as_secs() % (24 * 60 * 60)) {
        (days, 0) => counted(days, "day"),
        _ => format!("{duration:#}"),
    }
}

/// An instant in UTC, to the second.
pub(super) fn utc(at: Timestamp) -> impl Display {
    at.strftime("%Y-%m-%dT%H:%M:%SZ")
}

/// An instant in UTC and as the clock on the wall shows it in `zone`.
pub(super) fn instant(at: Timestamp, zone: &TimeZone) -> String {
    match zone.iana_name() {
        Some("UTC") | None => utc(at).to_string(),
        Some(name) => format!("{} ({} in {name})", utc(at), at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_show_is_shown() {
        assert_eq!(quoted("it's "), "'it''s '");
        assert_eq!(quoted("a\u{a0}b\n"), "'a\\u{a0}b\\u{a}'");
        assert_eq!(quoted(&"x".repeat(300)).chars().count(), 203);
        assert_eq!(shown(None), "not read");
    }

    #[test]
    fn an_instant_is_shown_in_both_times() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let at: Timestamp = "2026-11-24T07:00:00Z".parse().unwrap();
        assert_eq!(instant(at, &zone), "2026-11-24T07:00:00Z (Tue 2026-11-24 08:00 in Europe/Amsterdam)");
        assert_eq!(instant(at, &TimeZone::UTC), "2026-11-24T07:00:00Z");
    }
}
