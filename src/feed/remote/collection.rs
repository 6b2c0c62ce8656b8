//! The records of one delivery as its pages come: reduced to the mapped columns, counted, and in an order of their own.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use serde_json::value::RawValue;

use crate::domain::member_path::MemberPath;
use crate::feed::encoding;
use crate::feed::json::{Found, Json, Source};
use crate::feed::json_records::UNUSABLE;
use crate::workflow::definition::FeedEncoding;

use super::error::RemoteError;

/// The most pages a delivery may have.
const MOST_PAGES: usize = 10_000;

/// The records that came so far.
pub(super) struct Collection {
    columns: Vec<(String, MemberPath)>,
    lines: Vec<String>,
    /// The pages that came.
    pages: usize,
    total: Option<u64>,
    /// On which page each record came, as the service wrote it, by its hash.
    came_on: HashMap<u64, usize, RandomState>,
}

impl Collection {
    /// Nothing yet, with these columns, sorted.
    pub(super) fn of(columns: Vec<(String, MemberPath)>) -> Self {
        Self { columns, lines: Vec::new(), pages: 0, total: None, came_on: HashMap::default() }
    }

    /// A page begins; its number, from 1.
    pub(super) fn turn(&mut self) -> Result<usize, RemoteError> {
        self.pages += 1;
        if self.pages > MOST_PAGES { Err(RemoteError::TooManyPages { limit: MOST_PAGES }) } else { Ok(self.pages) }
    }

    /// The text of the page.
    pub(super) fn text(&self, body: &[u8]) -> Result<String, RemoteError> {
        encoding::decode(body, FeedEncoding::Utf8)
            .map_err(|source| RemoteError::Undecodable { page: self.pages, source })
    }

    /// Takes the records of the page in. Where pages are found `by_position`, none may come twice: then the list shifted, and another
    /// record came not at all.
    pub(super) fn add(
        &mut self,
        source: &Source<'_>,
        records: &[&RawValue],
        by_position: bool,
    ) -> Result<(), RemoteError> {
        let page = self.pages;
        for raw in records {
            let record = source.record(raw).map_err(|source| RemoteError::Page { page, source })?;
            let hash = self.came_on.hasher().hash_one(raw.get());
            if self.came_on.insert(hash, page).is_some_and(|before| by_position && before != page) {
                return Err(RemoteError::PagesShifted { page });
            }
            self.lines.push(projected(&record, &self.columns));
        }
        Ok(())
    }

    /// How many records came.
    pub(super) fn count(&self) -> u64 {
        self.lines.len() as u64
    }

    /// The page says how many records there are in all; every page must say the same.
    pub(super) fn note_total(&mut self, total: u64) -> Result<(), RemoteError> {
        match self.total.replace(total) {
            Some(before) if before != total => Err(RemoteError::TotalChanged { before, total, page: self.pages }),
            _ => Ok(()),
        }
    }

    /// Whether as many records came as were announced, or more, which [`finish`](Self::finish) refuses.
    pub(super) fn is_complete(&self) -> bool {
        self.total.is_some_and(|total| self.count() >= total)
    }

    /// Everybody, once the last page was read.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, RemoteError> {
        match self.total {
            Some(total) if total != self.count() => Err(RemoteError::TotalDiffers { found: self.count(), total }),
            _ => {
                self.lines.sort_unstable();
                Ok(self.lines.concat().into_bytes())
            }
        }
    }
}

/// One line with the columns that the record has. Of what is no single value only that is kept, and why.
fn projected(record: &Json<'_>, columns: &[(String, MemberPath)]) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let unusable = |why: &str| format!("{{\"{UNUSABLE}\":{}}}", text(why));
    let mut members = Vec::new();
    for (column, path) in columns {
        let value = match record.find(path) {
            Found::Absent => continue,
            Found::Unusable(why) => unusable(why),
            Found::Value(Json::Null) => "null".to_owned(),
            Found::Value(Json::Bool(value)) => value.to_string(),
            Found::Value(Json::Number(number)) => (*number).to_owned(),
            Found::Value(Json::Text(value)) => text(value),
            Found::Value(Json::List(_)) => unusable("is a list, not one value"),
            Found::Value(Json::Object(_)) => unusable("is an object, not one value"),
        };
        members.push(format!("{}:{value}", text(column)));
    }
    format!("{{{}}}\n", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(pages: &[&str]) -> Result<String, RemoteError> {
        let path = |column: &str| (column.to_owned(), MemberPath::json(column).unwrap());
        let mut collection = Collection::of(vec![path("/job/dept"), path("id")]);
        for page in pages {
            collection.turn()?;
            let source = Source::new(page);
            collection.add(&source, &source.items(source.root().unwrap()).unwrap(), true)?;
        }
        Ok(String::from_utf8(collection.finish()?).unwrap())
    }

    #[test]
    fn order_pages_and_what_no_column_names_make_no_difference() {
        let whole =
            r#"[{"id": 1, "job": {"dept": "A"}, "salary": 1}, {"id": "2", "job": {"dept": null}}, {"id": "3"}]"#;
        let once = collected(&[whole]).unwrap();
        assert_eq!(once, "{\"/job/dept\":\"A\",\"id\":1}\n{\"/job/dept\":null,\"id\":\"2\"}\n{\"id\":\"3\"}\n");
        let paged =
            [r#"[{"id": "3", "seen": 7}]"#, r#"[{"job": {"dept": "A"}, "id": 1}, {"id": "2", "job": {"dept": null}}]"#];
        assert_eq!(collected(&paged).unwrap(), once);
    }

    #[test]
    fn what_is_no_single_value_is_not_kept_but_why() {
        let line = collected(&[r#"[{"id": "1", "job": {"dept": ["secret"]}}]"#]).unwrap();
        assert_eq!(line, "{\"/job/dept\":{\"unusable\":\"is a list, not one value\"},\"id\":\"1\"}\n");
    }

    #[test]
    fn a_record_on_two_pages_is_a_list_that_shifted_and_twice_on_one_is_not() {
        let record = r#"[{"id": "1"}]"#;
        assert_eq!(collected(&[record, record]).unwrap_err().rule(), "pagesShifted");
        assert!(collected(&[r#"[{"id": "1"}, {"id": "1"}]"#]).is_ok());
    }

    #[test]
    fn the_announced_number_of_records_must_come_and_stay_the_same() {
        let mut collection = Collection::of(Vec::new());
        collection.note_total(3).unwrap();
        assert_eq!(collection.note_total(4).unwrap_err().rule(), "totalChanged");
        assert_eq!(collection.finish().unwrap_err().rule(), "totalDiffers");
    }
}
