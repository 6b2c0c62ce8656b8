//! A forecast as a calendar (iCalendar, RFC 5545): one event a change, in UTC, which every calendar shows in its reader's own zone.

use jiff::Timestamp;

use crate::cli::output::DisplayNames;
use crate::plan::forecast::{Forecast, Foreseen, Outlook};

/// A content line is folded after this many octets (RFC 5545 section 3.1).
const LONGEST_LINE: usize = 75;

/// The calendar, its lines ended by CR LF.
pub(super) fn render(forecast: &Forecast, names: &DisplayNames) -> String {
    let mut calendar = Calendar::default();
    for (name, value) in
        [("BEGIN", "VCALENDAR"), ("VERSION", "2.0"), ("PRODID", "-//usherd//forecast//EN"), ("CALSCALE", "GREGORIAN")]
    {
        calendar.line(name, value);
    }
    for foreseen in &forecast.changes {
        event(&mut calendar, foreseen, forecast.from, names);
    }
    calendar.line("END", "VCALENDAR");
    calendar.text
}

fn event(calendar: &mut Calendar, foreseen: &Foreseen, observed: Timestamp, names: &DisplayNames) {
    let subject = names.subject(&foreseen.subject, Some(&foreseen.user));
    let resource = names.resource(&foreseen.resource);
    let description = format!(
        "{}\nby {}: {}\n{} {} where the person is",
        super::what(foreseen),
        foreseen.document,
        super::why(foreseen),
        foreseen.local_time.strftime("%a %Y-%m-%d %H:%M"),
        foreseen.time_zone,
    );
    let is_sure = matches!(foreseen.outlook, Outlook::Requested | Outlook::Expires);
    calendar.line("BEGIN", "VEVENT");
    calendar.line("UID", &format!("{}-{}@usherd", foreseen.action, uid_part(foreseen.outlook)));
    calendar.line("DTSTAMP", &utc(observed));
    calendar.line("DTSTART", &utc(foreseen.at));
    calendar.line("SUMMARY", &escaped(&format!("{subject} {} {resource}", foreseen.change.as_str())));
    calendar.line("DESCRIPTION", &escaped(&description));
    calendar.line("STATUS", if is_sure { "CONFIRMED" } else { "TENTATIVE" });
    calendar.line("TRANSP", "TRANSPARENT");
    calendar.line("END", "VEVENT");
}

/// An action is sent or held once, and what it gave ends once.
fn uid_part(outlook: Outlook) -> &'static str {
    match outlook {
        Outlook::Requested | Outlook::WaitsForApproval => "sent",
        Outlook::Held => "held",
        Outlook::Expires => "end",
    }
}

/// A date with UTC time: `20261124T070000Z`.
fn utc(instant: Timestamp) -> String {
    instant.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A TEXT value: backslash, semicolon and comma are escaped, a line end is `\n`, and other control characters do not belong there.
fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => value.extend(['\\', letter]),
            '\n' => value.push_str("\\n"),
            _ if letter.is_control() => {}
            _ => value.push(letter),
        }
    }
    value
}

#[derive(Debug, Default)]
struct Calendar {
    text: String,
}

impl Calendar {
    /// Adds a content line, folded between characters.
    fn line(&mut self, name: &str, value: &str) {
        let mut length = 0;
        for letter in name.chars().chain([':']).chain(value.chars()) {
            if length + letter.len_utf8() > LONGEST_LINE {
                self.text.push_str("\r\n ");
                length = 1;
            }
            self.text.push(letter);
            length += letter.len_utf8();
        }
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::action::{Occasion, OccasionValue};
    use crate::domain::ids::ActionId;
    use crate::domain::resource::Resource;
    use crate::plan::Gate;
    use crate::plan::forecast::Change;

    /// The unfolded content lines, each split at its first colon; strict about line ends, lengths and pairs of BEGIN and END.
    fn read_back(text: &str) -> Vec<(String, String)> {
        assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
        let mut lines: Vec<String> = Vec::new();
        for line in text.split_terminator("\r\n") {
            assert!(line.len() <= LONGEST_LINE, "{} octets: {line}", line.len());
            match line.strip_prefix(' ') {
                Some(rest) => lines.last_mut().unwrap().push_str(rest),
                None => lines.push(line.to_owned()),
            }
        }
        let mut open: Vec<String> = Vec::new();
        let mut read = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(':').unwrap();
            assert!(name.bytes().all(|byte| byte.is_ascii_uppercase()), "{name}");
            match name {
                "BEGIN" => open.push(value.to_owned()),
                "END" => assert_eq!(open.pop().as_deref(), Some(value)),
                _ => {}
            }
            read.push((name.to_owned(), value.to_owned()));
        }
        assert!(open.is_empty());
        read
    }

    /// What a TEXT value says.
    fn unescaped(value: &str) -> String {
        let mut text = String::new();
        let mut letters = value.chars();
        while let Some(letter) = letters.next() {
            assert!(![';', ','].contains(&letter), "{letter} is not escaped in {value}");
            text.push(match letter {
                '\\' => match letters.next() {
                    Some('n') => '\n',
                    Some(escaped @ ('\\' | ';' | ',')) => escaped,
                    other => panic!("{other:?} cannot be escaped"),
                },
                letter => letter,
            });
        }
        text
    }

    fn foreseen(outlook: Outlook) -> Foreseen {
        Foreseen {
            at: "2026-11-24T07:00:00Z".parse().unwrap(),
            local_time: "2026-11-24T08:00:00".parse().unwrap(),
            change: Change::Gains,
            outlook,
            gate: (outlook == Outlook::Held).then_some(Gate::Backfill),
            subject: "person:E1".into(),
            user: "u-1".into(),
            resource: Resource::Package("p-1".into()),
            document: "joiner".into(),
            occasion: Some(Occasion {
                workflow: "joiner".into(),
                subject: "person:E1".into(),
                trigger: "employeeHireDate".to_owned(),
                value: OccasionValue::Date("2026-12-01".parse().unwrap()),
            }),
            action: ActionId::derive(&["one"]),
            time_zone: "Europe/Amsterdam".to_owned(),
        }
    }

    #[test]
    fn a_calendar_reads_back_as_what_was_written() {
        let names = DisplayNames::of_resources([(
            Resource::Package("p-1".into()),
            "Büro; Basics, \\ 日本語 und mehr, ".repeat(4),
        )]);
        let forecast = Forecast {
            from: "2026-11-23T09:00:30Z".parse().unwrap(),
            until: "2026-12-07T09:00:00Z".parse().unwrap(),
            changes: vec![foreseen(Outlook::Requested), foreseen(Outlook::Held)],
        };
        let lines = read_back(&render(&forecast, &names));
        let values = |name: &str| -> Vec<&str> {
            lines.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect()
        };
        assert_eq!(values("BEGIN"), ["VCALENDAR", "VEVENT", "VEVENT"]);
        assert_eq!((values("VERSION"), values("PRODID").len()), (vec!["2.0"], 1));
        assert_eq!(values("DTSTAMP"), ["20261123T090030Z"; 2]);
        assert_eq!(values("DTSTART"), ["20261124T070000Z"; 2]);
        assert_eq!(values("STATUS"), ["CONFIRMED", "TENTATIVE"]);
        let uids = values("UID");
        assert!(uids[0] != uids[1] && uids.iter().all(|uid| uid.ends_with("@usherd")));
        let resource = "Büro; Basics, \\ 日本語 und mehr, ".repeat(4);
        assert_eq!(unescaped(values("SUMMARY")[0]), format!("person:E1 gains {resource}"));
        assert_eq!(
            unescaped(values("DESCRIPTION")[1]),
            "gains (held: backfill)\nby joiner: employeeHireDate 2026-12-01\nTue 2026-11-24 08:00 Europe/Amsterdam where the person is"
        );
    }

    #[test]
    fn a_line_is_folded_between_characters_whatever_its_length() {
        for length in 60..90 {
            let mut calendar = Calendar::default();
            let value = format!("{}é日", "x".repeat(length));
            calendar.line("SUMMARY", &value);
            assert_eq!(read_back(&calendar.text), [("SUMMARY".to_owned(), value)]);
        }
    }

    #[test]
    fn a_name_cannot_smuggle_in_a_line() {
        assert_eq!(escaped("a\r\nEND:VEVENT\u{7}"), "a\\nEND:VEVENT");
    }
}
