//! A small feed, its deliveries and its ledger state, for the tests of this folder.

use std::fmt::Write;

use jiff::Timestamp;

use crate::domain::ids::sha256_hex;
use crate::store::{DeliveryRecord, FeedState};
use crate::workflow::definition::{
    ColumnMapping, ColumnType, CsvFormat, Feed, FeedEncoding, FeedFormat, FeedLimits, FeedSource, FeedZone, WhenAbsent,
};

use super::judge::{Judgement, judge};
use super::{FeedBase, Verdict};

pub(super) const HEADER: &str = "Id;Dept;Hire;Last Day;Active;Zone\n";

/// How deliveries with [`HEADER`] are written.
pub(super) const CSV: CsvFormat =
    CsvFormat { delimiter: b';', encoding: FeedEncoding::Utf8, last_line_end_required: true };

/// No user of the directory carries an employee id.
pub(super) const NO_BASE: FeedBase = FeedBase { joined_users: 0 };

pub(super) fn now() -> Timestamp {
    "2026-12-01T08:00:00Z".parse().unwrap()
}

/// A feed over the columns of [`HEADER`], in a file `people.csv`.
pub(super) fn feed() -> Feed {
    let column = |column: &str, value| ColumnMapping {
        column: column.into(),
        value,
        none: Vec::new(),
        leavers: Vec::new(),
        when_absent: WhenAbsent::Keep,
    };
    let date = |inclusive| ColumnType::Date { format: "%d.%m.%Y".into(), inclusive };
    let active = ColumnType::Bool { truthy: vec!["yes".into()], falsy: vec!["no".into()] };
    Feed {
        name: "hr".into(),
        hash: "document-1".into(),
        file: "hr.yaml".into(),
        formerly: Vec::new(),
        source: FeedSource::File("people.csv".into()),
        format: FeedFormat::Csv(CSV),
        key: "Id".into(),
        time_zone: FeedZone { column: Some("Zone".into()), default: "Europe/Amsterdam".into() },
        attributes: [
            ("department", column("Dept", ColumnType::Text)),
            ("employeeHireDate", column("Hire", date(false))),
            ("employeeLeaveDateTime", column("Last Day", date(true))),
            ("isActive", column("Active", active)),
        ]
        .map(|(name, column)| (name.to_owned(), column))
        .into(),
        max_age: None,
        limits: FeedLimits::LOOSEST,
        rows: None,
    }
}

/// A delivery of `count` people with the keys 00001, 00002, …; `row` may replace a row by its number.
pub(super) fn people(count: usize, row: impl Fn(usize) -> Option<String>) -> String {
    let mut text = HEADER.to_owned();
    for number in 1..=count {
        let usual = || format!("{number:05};Sales;01.02.2020;;yes;");
        writeln!(text, "{}", row(number).unwrap_or_else(usual)).unwrap();
    }
    text
}

/// What the ledger knows after `judgement` of `text`, by the first version of the document.
pub(super) fn state_after(mut state: FeedState, text: &str, judgement: Judgement) -> FeedState {
    let record = DeliveryRecord {
        digest: sha256_hex(text.as_bytes()),
        file: "people.csv".to_owned(),
        feed_hash: feed().hash.as_str().to_owned(),
        rows: judgement.rows,
        header: judgement.header,
        judged: now(),
        verdict: judgement.verdict.word().to_owned(),
        why: judgement.verdict.why().map(str::to_owned),
        ..DeliveryRecord::default()
    };
    match judgement.persons {
        Some(persons) => {
            state.accepted.insert(0, record);
            state.accepted.truncate(5);
            state.persons = persons;
        }
        None => state.last_refused = Some(record),
    }
    state
}

/// What the ledger knows after `text` was accepted as the first delivery.
pub(super) fn accepted(text: &str) -> FeedState {
    let judgement = judge(text.as_bytes(), &feed(), &FeedState::default(), NO_BASE, now());
    assert_eq!(judgement.verdict, Verdict::Accepted);
    state_after(FeedState::default(), text, judgement)
}
