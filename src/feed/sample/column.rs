//! What a column seems to hold, judged by every value in it.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::domain::subject::{HIRE_DATE, LEAVE_DATE};
use crate::domain::time;
use crate::workflow::attribute::check_name;

use super::layout::Layout;

/// How HR products write dates. Formats that could be taken for each other are both here, so that neither is taken unasked.
const DATE_FORMATS: [&str; 8] =
    ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d"];
/// What is written where there is no date, though it is none.
const NO_DATES: [&str; 4] = ["00000000", "0000-00-00", "00.00.0000", "00/00/0000"];
/// Words for true and false that come in pairs.
const PAIRS: [(&str, &str); 7] =
    [("yes", "no"), ("y", "n"), ("true", "false"), ("1", "0"), ("ja", "nein"), ("oui", "non"), ("active", "inactive")];
/// So few different words may be an enumeration.
const MOST_WORDS: usize = 12;

/// Attributes of the directory by what headers say.
const KNOWN: [(&str, &[&str]); 10] = [
    (
        HIRE_DATE,
        &["hiredate", "employeehiredate", "startdate", "firstday", "firstdayofwork", "eintritt", "eintrittsdatum"],
    ),
    (
        LEAVE_DATE,
        &[
            "lastday",
            "lastdayofwork",
            "leavedate",
            "enddate",
            "terminationdate",
            "employeeleavedatetime",
            "austritt",
            "austrittsdatum",
        ],
    ),
    ("department", &["department", "dept", "abteilung"]),
    ("jobTitle", &["jobtitle", "title", "position", "businesstitle"]),
    ("country", &["country", "countrycode", "land"]),
    ("city", &["city", "ort"]),
    ("companyName", &["company", "companyname", "firma"]),
    ("officeLocation", &["office", "officelocation"]),
    ("employeeType", &["employeetype", "workertype", "persontype"]),
    ("usageLocation", &["usagelocation"]),
];

/// A column and what is in it.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub(super) name: &'a str,
    /// The values that are not empty, in the order of the rows.
    values: Vec<&'a str>,
    rows: usize,
}

/// What a column seems to hold.
#[derive(Debug, PartialEq)]
pub(super) enum Guess {
    /// Text.
    Text,
    /// Few different texts.
    Words(Vec<String>),
    /// Two words that mean true and false.
    Bool { truthy: String, falsy: String },
    /// Dates, in each of these formats, and what stands for none.
    Date { formats: Vec<&'static str>, none: Vec<String> },
    /// What should be dates and is not, with the reason.
    NoDate(&'static str),
}

impl<'a> Seen<'a> {
    pub(super) fn of(layout: &'a Layout, place: usize) -> Self {
        let values = layout.rows.iter().filter_map(|row| row.get(place)).map(String::as_str);
        Self {
            name: layout.header.get(place).map_or("", String::as_str),
            values: values.filter(|value| !value.is_empty()).collect(),
            rows: layout.rows.len(),
        }
    }

    pub(super) fn is_named_once(&self, columns: &[Self]) -> bool {
        let is_line = !self.name.is_empty() && !self.name.contains(char::is_control);
        is_line && columns.iter().filter(|column| column.name == self.name).count() == 1
    }

    pub(super) fn is_time_zone(&self) -> bool {
        let is_zone = |value: &&str| value.contains('/') && time::zone(value).is_ok();
        !self.values.is_empty() && self.values.iter().all(is_zone)
    }

    pub(super) fn has_leading_zeros(&self) -> bool {
        let has_zero = |value: &&str| value.len() > 1 && value.starts_with('0');
        self.values.iter().any(has_zero)
    }

    /// The directory's attribute that the header seems to mean.
    pub(super) fn documented_name(&self) -> Option<&'static str> {
        let header = self.letters();
        KNOWN.iter().find(|(_, headers)| headers.contains(&header.as_str())).map(|(name, _)| *name)
    }

    pub(super) fn is_documented_date(&self) -> bool {
        self.documented_name().is_some_and(|name| [HIRE_DATE, LEAVE_DATE].contains(&name))
    }

    /// The header as an attribute's name.
    pub(super) fn own_name(&self) -> String {
        let words = self.name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut name = String::new();
        for word in words {
            let word = word.to_ascii_lowercase();
            match (name.is_empty(), word.chars().next()) {
                (false, Some(first)) => {
                    name.extend([first.to_ascii_uppercase().to_string(), word.chars().skip(1).collect()])
                }
                _ => name.push_str(&word),
            }
        }
        if check_name(&name).is_ok() { name } else { "chooseAName".to_owned() }
    }

    fn letters(&self) -> String {
        self.name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    }

    fn distinct(&self) -> BTreeSet<&'a str> {
        self.values.iter().copied().collect()
    }

    /// How much the header says that the column is a key; `None` if it cannot be one.
    fn fitness_as_key(&self) -> Option<usize> {
        let is_unique = self.rows > 0 && self.values.len() == self.rows && self.distinct().len() == self.rows;
        if !is_unique || !date_formats(&self.values).is_empty() {
            return None;
        }
        let header = self.letters();
        let marks =
            ["employeeid", "personid", "workerid", "employeenumber", "personnel", "personalnummer", "id", "number"];
        Some(marks.iter().position(|mark| header.contains(mark)).unwrap_or(marks.len()))
    }
}

/// The columns that tell people apart, the likeliest key first.
pub(super) fn keys<'c, 'a>(columns: &'c [Seen<'a>]) -> Vec<&'c Seen<'a>> {
    let mut keys: Vec<_> = columns
        .iter()
        .filter(|column| column.is_named_once(columns))
        .filter_map(|column| Some((column.fitness_as_key()?, column)))
        .collect();
    keys.sort_by_key(|(fitness, _)| *fitness);
    keys.into_iter().map(|(_, column)| column).collect()
}

pub(super) fn guess(column: &Seen<'_>) -> Guess {
    let is_none = |value: &&str| NO_DATES.contains(value);
    let dates: Vec<&str> = column.values.iter().copied().filter(|value| !is_none(value)).collect();
    let formats = date_formats(&dates);
    if !formats.is_empty() {
        let none = column.distinct().into_iter().filter(|value| is_none(value) || is_never(value, &formats));
        let none = none.map(str::to_owned).collect();
        return Guess::Date { formats, none };
    }
    if column.is_documented_date() {
        return Guess::NoDate(why_no_date(&dates));
    }
    let distinct = column.distinct();
    let lower: BTreeSet<String> = distinct.iter().map(|word| word.to_lowercase()).collect();
    for (truthy, falsy) in PAIRS {
        if lower.len() == 2 && lower.contains(truthy) && lower.contains(falsy) {
            let written = |word: &str| {
                distinct.iter().find(|found| found.to_lowercase() == word).map(|found| (*found).to_owned())
            };
            if let (Some(truthy), Some(falsy)) = (written(truthy), written(falsy)) {
                return Guess::Bool { truthy, falsy };
            }
        }
    }
    let is_few = (2..=MOST_WORDS).contains(&distinct.len()) && distinct.len() * 5 <= column.values.len();
    if is_few { Guess::Words(distinct.into_iter().map(str::to_owned).collect()) } else { Guess::Text }
}

/// Every format that fits all values, none for no values.
fn date_formats(values: &[&str]) -> Vec<&'static str> {
    let fits = |format: &&&str| {
        let is_date = |value: &&str| {
            let date = Date::strptime(format, value);
            date.is_ok_and(|date| (1900..=9999).contains(&date.year()) && value.len() >= 8)
        };
        values.iter().all(is_date)
    };
    if values.is_empty() { Vec::new() } else { DATE_FORMATS.iter().filter(fits).copied().collect() }
}

/// Whether a date stands for "never" or "not known".
fn is_never(value: &str, formats: &[&str]) -> bool {
    let year = formats.iter().find_map(|format| Date::strptime(format, value).ok()).map(Date::year);
    year.is_some_and(|year| year == 1900 || year >= 2099)
}

fn why_no_date(values: &[&str]) -> &'static str {
    let is_serial = |value: &&str| value.parse::<u32>().is_ok_and(|number| (20_000..80_000).contains(&number));
    let is_short = |value: &&str| value.len() == 8 && value.bytes().filter(|byte| byte.is_ascii_digit()).count() == 6;
    if values.is_empty() {
        "it is empty in this file, so its format cannot be told; add `type: date` and its format"
    } else if values.iter().all(is_serial) {
        "these look like Excel's serial numbers, which usherd does not read; export the column as dates"
    } else if values.iter().all(is_short) {
        "years of two digits, which usherd does not read; export them with four"
    } else {
        "not all of its values are dates in one format; add `type: date` and the format once the export is mended"
    }
}
