//! The forms that texts in documents have.

/// A form of text.
#[derive(Debug)]
pub struct Form {
    /// What people call it.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// A regular expression that every text of this form fits (ECMA-262); the parser may ask for more.
    pub pattern: Option<&'static str>,
    /// Texts of this form.
    pub examples: &'static [&'static str],
}

/// Every form.
pub const FORMS: &[&Form] = &[
    &LINE,
    &ANY,
    &NAME,
    &DURATION,
    &WHOLE_DAYS,
    &CATCH_UP,
    &TIME_OF_DAY,
    &TIME_ZONE,
    &INSTANT,
    &MOMENT,
    &GUID,
    &CRON,
    &RULE,
    &TEMPLATE,
    &DATE_FORMAT,
    &DELIMITER,
    &ADDRESS,
    &SECRET_FILE,
];

/// One line of text.
pub const LINE: Form = Form {
    name: "text",
    about: "One line that is not empty and neither begins nor ends with a blank. What YAML takes for a number, a truth value or nothing is put in quotes.",
    pattern: Some(r"^\S(?:.*\S)?$"),
    examples: &["Marketing Campaign"],
};

/// Any text.
pub const ANY: Form = Form {
    name: "any text",
    about: "Any text, also an empty one or several lines.",
    pattern: None,
    examples: &["Marketing tools a week before the first day."],
};

/// A document's name.
pub const NAME: Form = Form {
    name: "name",
    about: "Up to 63 lower-case letters, digits and `-`, beginning with a letter or digit.",
    pattern: Some("^[a-z0-9][a-z0-9-]{0,62}$"),
    examples: &["onboard-marketing"],
};

/// A duration.
pub const DURATION: Form = Form {
    name: "duration",
    about: "An ISO 8601 duration of a fixed length: weeks, days, hours, minutes and seconds, up to 3650 days. A day is 24 hours; months and years have no fixed length.",
    pattern: Some(ISO_DURATION),
    examples: &["P7D", "P2W", "PT12H"],
};

/// A duration of whole days.
pub const WHOLE_DAYS: Form = Form {
    name: "whole days",
    about: "A duration that comes to a number of whole days.",
    pattern: Some(ISO_DURATION),
    examples: &["P30D"],
};

/// How late something may run.
pub const CATCH_UP: Form = Form {
    name: "catch-up",
    about: "`none` (only on the day it is due), a duration (up to that late), or `always` (however late).",
    pattern: Some(
        "^(?:none|always|P(?:[0-9]+W(?:[0-9]+D)?|[0-9]+D)?(?:T(?:[0-9]+H(?:[0-9]+M)?(?:[0-9]+S)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S))?)$",
    ),
    examples: &["P3D", "none", "always"],
};

/// A time of day.
pub const TIME_OF_DAY: Form = Form {
    name: "time of day",
    about: "Hours and minutes, in quotes.",
    pattern: Some("^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"),
    examples: &["08:00", "18:30"],
};

/// A time zone.
pub const TIME_ZONE: Form = Form {
    name: "time zone",
    about: "A name of the IANA time zone database.",
    pattern: Some(r"^\S(?:.*\S)?$"),
    examples: &["Europe/Amsterdam", "UTC"],
};

/// An instant.
pub const INSTANT: Form = Form {
    name: "instant",
    about: "A date and time with its offset, as ISO 8601 writes it.",
    pattern: Some(r"^\S(?:.*\S)?$"),
    examples: &["2027-01-01T00:00:00Z"],
};

/// A day or a minute of a person test.
pub const MOMENT: Form = Form {
    name: "moment",
    about: "A day, or a minute of one, in the person's time zone.",
    pattern: Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2})?$"),
    examples: &["2026-12-01", "2026-12-01T08:00"],
};

/// An id of the directory.
pub const GUID: Form = Form {
    name: "id",
    about: "A GUID with dashes.",
    pattern: Some("^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"),
    examples: &["9aaf7827-d63c-4b61-89c3-182f06f82e5c"],
};

/// Civil times that come round.
pub const CRON: Form = Form {
    name: "cron",
    about: "Five fields: minute, hour, day of the month, month, day of the week.",
    pattern: Some(r"^\S+(?: +\S+){4}$"),
    examples: &["0 6 * * MON"],
};

/// A rule.
pub const RULE: Form = Form {
    name: "rule",
    about: "A condition on a subject's attributes, in the grammar of Lifecycle Workflows (see Rules).",
    pattern: Some(r"\S"),
    examples: &["department eq 'Marketing' and country eq 'NL'"],
};

/// A text with placeholders.
pub const TEMPLATE: Form = Form {
    name: "template",
    about: "Any text in which `{{ subject.ATTRIBUTE }}` stands for the subject's attribute: an empty one is nothing, a date is written as 2026-12-31.",
    pattern: None,
    examples: &["Joins {{ subject.employeeHireDate }}"],
};

/// How a column writes dates.
pub const DATE_FORMAT: Form = Form {
    name: "date format",
    about: "A strptime format that says day, month and four-digit year.",
    pattern: Some(r"^\S(?:.*\S)?$"),
    examples: &["%d.%m.%Y", "%Y-%m-%d"],
};

/// What stands between the columns of a feed.
pub const DELIMITER: Form = Form {
    name: "delimiter",
    about: "One sign of ASCII punctuation but the double quote, or a tab.",
    pattern: Some(r"^[\t!#-/:-@\[-`{-~]$"),
    examples: &[";", ",", "\t"],
};

/// An address to which secrets may travel.
pub const ADDRESS: Form = Form {
    name: "address",
    about: "An https address without user name and password; plain http is for this machine alone.",
    pattern: Some(r"^https?://\S+$"),
    examples: &["https://hr.example.com/api"],
};

/// A file with a secret.
pub const SECRET_FILE: Form = Form {
    name: "secret file",
    about: "The name of a file in the folder `feed-secrets` beside usherd.yaml, which holds one text of up to 4096 bytes.",
    pattern: Some(r"^[^\s/\\](?:[^/\\]*[^\s/\\])?$"),
    examples: &["hr-token"],
};

const ISO_DURATION: &str = "^P(?:(?:[0-9]+W(?:[0-9]+D)?|[0-9]+D)(?:T(?:[0-9]+H(?:[0-9]+M)?(?:[0-9]+S)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S))?|T(?:[0-9]+H(?:[0-9]+M)?(?:[0-9]+S)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S))$";
