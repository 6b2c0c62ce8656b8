//! What a delta call asks for.

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::token::Token;
use crate::sandbox::directory::set::object_id;
use crate::sandbox::directory::{Kind, check_store, unknown_property};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::query::Place;
use crate::sandbox::tenant::Relation;

/// The most ids in a filter (Graph's `user: delta`).
const FILTER_LIMIT: usize = 50;

/// What is tracked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Options {
    pub(super) kind: Kind,
    /// Names of properties and relations as given; `None` for the default ones.
    pub(super) select: Option<Vec<String>>,
    /// Only these objects, where there is a filter.
    pub(super) ids: Option<Vec<String>>,
    #[serde(skip)]
    pub(super) start: Start,
}

/// Where a call begins.
#[derive(Debug, Clone, Default)]
pub(super) enum Start {
    /// With all there is.
    #[default]
    Everything,
    /// With what changes from now on.
    Latest,
    /// Where an earlier call has stopped.
    Token(Box<Token>),
}

impl Options {
    /// Reads the query of a call; what a token says counts, whatever else there is.
    ///
    /// # Errors
    /// `Request_BadRequest` for options that delta queries do not have, unknown properties and unreadable tokens; 501 for properties kept elsewhere.
    pub(super) fn parse(place: &Place, kind: Kind) -> Result<Self, ApiError> {
        let mut options = Self { kind, select: None, ids: None, start: Start::Everything };
        for (name, value) in form_urlencoded::parse(place.uri.query().unwrap_or_default().as_bytes()) {
            match name.to_ascii_lowercase().as_str() {
                "$select" => {
                    let names: Vec<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
                    if let Some(unknown) = names.iter().find(|name| !kind.has(name) && relation(kind, name).is_none()) {
                        return Err(unknown_property(unknown));
                    }
                    check_store(&[kind], Some(&names))?;
                    options.select = Some(names);
                }
                "$filter" => options.ids = Some(filtered_ids(&value)?),
                "$deltatoken" if value.eq_ignore_ascii_case("latest") => options.start = Start::Latest,
                // The address of a resynchronisation carries an empty token.
                "$deltatoken" if value.is_empty() => {}
                "$deltatoken" | "$skiptoken" => {
                    let token = Token::of_text(&value).filter(|token| token.options.kind == kind);
                    let token = token.ok_or_else(|| ApiError::bad_request("Badly formed token."))?;
                    options.start = Start::Token(Box::new(token));
                }
                _ => {
                    let message = format!("The query option '{name}' is not supported in delta queries.");
                    return Err(ApiError::bad_request(message));
                }
            }
        }
        Ok(options)
    }

    /// The relations whose changes are shown: those selected, of groups without a selection the members.
    pub(super) fn relations(&self) -> Vec<Relation> {
        match (&self.select, self.kind) {
            (Some(names), kind) => Relation::ALL
                .into_iter()
                .filter(|own| names.iter().any(|name| relation(kind, name) == Some(*own)))
                .collect(),
            (None, Kind::Group) => vec![Relation::Members],
            (None, Kind::User) => Vec::new(),
        }
    }

    /// Where to begin anew with the same options (graph-contract 2.3: an empty token).
    pub(super) fn resync_link(&self, place: &Place) -> String {
        let own = match &self.start {
            Start::Token(token) => &token.options,
            Start::Everything | Start::Latest => self,
        };
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(select) = &own.select {
            query.append_pair("$select", &select.join(","));
        }
        if let Some(ids) = &own.ids {
            let ids: Vec<String> = ids.iter().map(|id| format!("id eq '{id}'")).collect();
            query.append_pair("$filter", &ids.join(" or "));
        }
        let query = query.append_pair("$deltatoken", "").finish().replace("%24", "$");
        format!("{}{}?{query}", place.origin, place.uri.path())
    }
}

fn relation(kind: Kind, name: &str) -> Option<Relation> {
    let own: &[Relation] = match kind {
        Kind::User => &[Relation::Manager],
        Kind::Group => &[Relation::Members, Relation::Owners],
    };
    own.iter().find(|relation| relation.name().eq_ignore_ascii_case(name)).copied()
}

/// The ids of `id eq '…' or id eq '…'`, the one form that delta queries take.
fn filtered_ids(filter: &str) -> Result<Vec<String>, ApiError> {
    let unsupported = || ApiError::bad_request("Delta queries can be filtered by 'id eq' joined by 'or' only.");
    let clauses: Vec<&str> = filter.split(" or ").collect();
    if clauses.len() > FILTER_LIMIT {
        return Err(ApiError::bad_request(format!("A filter can hold at most {FILTER_LIMIT} ids.")));
    }
    let id = |clause: &&str| {
        let (name, value) = clause.trim().trim_matches(['(', ')']).split_once(" eq ").ok_or_else(unsupported)?;
        let quoted = value.trim().strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
        if name.trim() == "id" { object_id(quoted.ok_or_else(unsupported)?) } else { Err(unsupported()) }
    };
    clauses.iter().map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<Options, ApiError> {
        let uri = format!("/v1.0/groups/delta?{query}").parse().unwrap();
        let place = Place { origin: "http://h".into(), uri, eventual: false, empty_pages: false };
        Options::parse(&place, Kind::Group)
    }

    #[test]
    fn a_selection_says_which_relations_are_tracked() {
        assert_eq!(parse("").unwrap().relations(), [Relation::Members]);
        assert_eq!(parse("$select=displayName").unwrap().relations(), []);
        assert_eq!(parse("$select=Owners,members").unwrap().relations(), [Relation::Members, Relation::Owners]);
    }

    #[test]
    fn what_delta_queries_do_not_have_is_refused() {
        let id = "id eq '6f2a4c1e-0000-4000-8000-000000000001'";
        assert_eq!(parse(&format!("$filter={id} or {id}").replace(' ', "+")).unwrap().ids.unwrap().len(), 2);
        let many = vec![id; 51].join(" or ").replace(' ', "+");
        for bad in [
            "$top=5",
            "$select=shoeSize",
            "$select=manager",
            "$deltatoken=zz",
            "$skiptoken=7b7d",
            "$filter=displayName+eq+'a'",
            &format!("$filter={many}"),
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
