//! How the next page of an HTTP list is found.

use std::collections::HashSet;

use reqwest::header::{HeaderMap, LINK};
use serde_json::value::RawValue;
use url::Url;

use crate::domain::member_path::MemberPath;
use crate::feed::json::{Json, JsonError, Source};
use crate::workflow::definition::Paging;

use super::error::RemoteError;
use super::exchange::Exchange;

/// Goes through the pages of one list.
pub(super) struct Pages<'s> {
    paging: Option<&'s Paging>,
    first: &'s Url,
    /// The addresses of the pages that were asked for.
    asked: HashSet<String>,
}

/// What the next page may depend on.
pub(super) struct Seen<'p, 't> {
    /// The page's number, from 1.
    pub(super) page: usize,
    /// Where it was read.
    pub(super) url: &'p Url,
    pub(super) headers: &'p HeaderMap,
    pub(super) source: Source<'t>,
    pub(super) root: &'t RawValue,
    /// How many records are on it.
    pub(super) records: usize,
    /// How many came up to it, its own included.
    pub(super) count: u64,
    /// Whether that is as many as were announced.
    pub(super) is_complete: bool,
}

impl<'s> Pages<'s> {
    pub(super) fn of(paging: Option<&'s Paging>, first: &'s Url) -> Self {
        Self { paging, first, asked: HashSet::new() }
    }

    /// The address of the first page.
    pub(super) fn first(&mut self) -> Url {
        let url = match self.paging {
            Some(Paging::Number { parameter, first } | Paging::Offset { parameter, first }) => {
                with(self.first, parameter, &first.to_string())
            }
            _ => self.first.clone(),
        };
        self.asked.insert(url.to_string());
        url
    }

    /// Whether a page is found by where it is in the list.
    pub(super) fn is_by_position(&self) -> bool {
        matches!(self.paging, Some(Paging::Number { .. } | Paging::Offset { .. }))
    }

    /// The address of the page after `seen`; `None` when that was the last one.
    pub(super) fn next(&mut self, seen: &Seen<'_, '_>, exchange: &Exchange) -> Result<Option<Url>, RemoteError> {
        let page = seen.page;
        let next = match self.paging {
            None => {
                return if next_link(seen.headers).is_some() { Err(RemoteError::MorePages) } else { Ok(None) };
            }
            Some(Paging::LinkHeader) => match next_link(seen.headers) {
                Some(link) => exchange.follow(seen.url, &link, page)?,
                None => return Ok(None),
            },
            Some(Paging::Link { next }) => match text_at(seen, next)? {
                Some(link) => exchange.follow(seen.url, &link, page)?,
                None => return Ok(None),
            },
            Some(Paging::Cursor { next, parameter }) => match text_at(seen, next)? {
                Some(cursor) => with(self.first, parameter, &cursor),
                None => return Ok(None),
            },
            // A service may give shorter pages than it was asked for, so only one without records is the end.
            Some(Paging::Number { .. } | Paging::Offset { .. }) if seen.records == 0 || seen.is_complete => {
                return Ok(None);
            }
            Some(Paging::Number { parameter, first }) => {
                with(self.first, parameter, &(u64::from(*first) + page as u64).to_string())
            }
            Some(Paging::Offset { parameter, first }) => {
                with(self.first, parameter, &(u64::from(*first) + seen.count).to_string())
            }
        };
        if self.asked.insert(next.to_string()) { Ok(Some(next)) } else { Err(RemoteError::PageRepeated { page }) }
    }
}

/// The text or number at the end of a path; `None` where there is none, or an empty one.
fn text_at(seen: &Seen<'_, '_>, path: &MemberPath) -> Result<Option<String>, RemoteError> {
    let read = || {
        let Some(found) = seen.source.find(seen.root, path)? else { return Ok(None) };
        Ok(match seen.source.value(found, 0)? {
            Json::Text(text) => Some(text),
            Json::Number(number) => Some(number.to_owned()),
            Json::Null => None,
            Json::Bool(_) | Json::List(_) | Json::Object(_) => {
                return Err(JsonError::NoRecords("what should lead to the next page is no text"));
            }
        })
    };
    let text: Result<Option<String>, JsonError> = read();
    Ok(text.map_err(|source| RemoteError::Page { page: seen.page, source })?.filter(|text| !text.is_empty()))
}

/// `url` with this query parameter and no other of that name.
pub(super) fn with(url: &Url, parameter: &str, value: &str) -> Url {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != parameter)
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair(parameter, value);
    // A blank as `+` is a form's, and not every service reads it so; a plus itself is `%2B` here.
    let query = url.query().map(|query| query.replace('+', "%20"));
    url.set_query(query.as_deref());
    url
}

/// The target of `rel="next"` (RFC 8288).
fn next_link(headers: &HeaderMap) -> Option<String> {
    headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).find_map(|mut rest| {
        loop {
            let (_, after) = rest.split_once('<')?;
            let (target, after) = after.split_once('>')?;
            // The parameters end where the next target begins.
            let parameters = after.split_once('<').map_or(after, |(parameters, _)| parameters);
            let is_next = parameters.split(';').any(|parameter| {
                let (name, value) = parameter.split_once('=').unwrap_or_default();
                let value = value.trim_matches([' ', ',', '"']);
                name.trim().eq_ignore_ascii_case("rel")
                    && value.split_ascii_whitespace().any(|relation| relation.eq_ignore_ascii_case("next"))
            });
            if is_next {
                return Some(target.to_owned());
            }
            rest = after;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others() {
        let next = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(LINK, value.parse().unwrap());
            }
            next_link(&headers)
        };
        let other = "<https://a/?page=1>; rel=\"prev\", <https://a/?page=9>; rel=last";
        assert_eq!(next(&[other]), None);
        assert_eq!(next(&["garbage", "<https://a/?x=1,2>; title=\"next\"; REL=Next"]), Some("https://a/?x=1,2".into()));
        assert_eq!(next(&[&format!("{other}, </?page=3>;rel=\"last next\"")]), Some("/?page=3".into()));
        assert_eq!(next(&["<https://a/?page=3>; rel=\"nextish\""]), None);
    }

    #[test]
    fn a_parameter_is_replaced_not_repeated() {
        let url: Url = "https://a/x?page=7&q=%C3%A9&page=8".parse().unwrap();
        assert_eq!(with(&url, "page", "1 2").as_str(), "https://a/x?q=%C3%A9&page=1%202");
    }
}
