//! Lists of directory objects: what may be filtered, ordered, searched and counted, and what needs the index (graph-contract 2.1, 2.2).

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::directory::{COLLECTIONS, DirectoryObject, Kind, check, check_store};
use super::envelope::ApiError;
use super::expression::{Expression, UseKind};
use super::filter::Operator;
use super::query::{Place, Query};

/// The query options of a list of directory objects.
pub(super) const LIST_OPTIONS: &[&str] = &["$select", "$filter", "$expand", "$top", "$orderby", "$search", "$count"];
/// The query options of a `$count` segment.
pub(super) const COUNT_OPTIONS: &[&str] = &["$filter", "$search"];

/// Properties with few values, compared by `eq`, `ne` and `in` only.
const CHOICES: &[&str] = &[
    "accountEnabled",
    "creationType",
    "externalUserState",
    "mailEnabled",
    "onPremisesSyncEnabled",
    "securityEnabled",
    "userType",
];
/// Properties that `startsWith` does not take beside those above.
const NO_BEGINNING: &[&str] = &["department", "employeeOrgData", "onPremisesExtensionAttributes"];
/// Properties that `endsWith` takes.
const ENDINGS: &[&str] = &["mail", "userPrincipalName", "otherMails", "proxyAddresses"];
/// Whether the directory documents this use of a property in `$filter`.
pub(super) fn supports(property: &str, use_kind: UseKind) -> bool {
    let is_collection = COLLECTIONS.contains(&property);
    match use_kind {
        UseKind::Counted => is_collection,
        UseKind::Elements { foreign } => is_collection && !foreign,
        UseKind::Compared(_) if is_collection => false,
        UseKind::Compared(operator) => match operator {
            Operator::Equal | Operator::NotEqual => true,
            Operator::GreaterOrEqual | Operator::LessOrEqual => !CHOICES.contains(&property),
            Operator::StartsWith => {
                let is_instant = property.ends_with("DateTime") || property == "employeeHireDate";
                !is_instant && !CHOICES.contains(&property) && !NO_BEGINNING.contains(&property)
            }
            Operator::EndsWith => ENDINGS.contains(&property),
            Operator::Greater | Operator::Less | Operator::Contains => false,
        },
    }
}

/// Refuses properties that none of the kinds has, and what the directory answers from its index only where the caller
/// does not take the index.
///
/// # Errors
/// 400 `Request_BadRequest` for an unknown property, 501 for one that is kept elsewhere, 400 `Request_UnsupportedQuery` otherwise.
pub(super) fn check_list(kinds: &[Kind], query: &Query, place: &Place) -> Result<(), ApiError> {
    check(kinds, query.select.as_deref(), &query.filter)?;
    check_store(kinds, query.select.as_deref())?;
    let orderable = |name: &str| kinds.iter().any(|kind| kind.orders_by(name));
    if let Some((unknown, _)) = query.order.iter().find(|(name, _)| !orderable(name)) {
        return Err(ApiError::unsupported_query(format!("Sorting by the property '{unknown}' is not supported.")));
    }
    let segment = place.uri.path().ends_with("/$count");
    let filter = query.filter.1.as_ref();
    let counts = query.count || segment;
    let ordered_choice = filter.is_some() && !query.order.is_empty();
    let needs_count = ordered_choice || filter.is_some_and(Expression::is_advanced);
    let needs_index = needs_count || counts || query.search.is_some();
    if (needs_index && !place.eventual) || (needs_count && !counts) {
        return Err(ApiError::unsupported_query(
            "The query needs the header 'ConsistencyLevel: eventual' and, except for $search, '$count=true'.",
        ));
    }
    Ok(())
}

/// The id behind which the rows have to start: a list that is sorted or counted has to see all of them.
pub(super) fn start(query: &Query) -> Option<&str> {
    query.after.as_deref().filter(|_| !is_whole(query))
}

/// A page of the rows that filter and search let through; the rows start where [`start`] says.
///
/// # Errors
/// 400 for a skip token that names no row of a sorted or counted list.
pub(super) fn page<'t>(
    query: &Query,
    place: &Place,
    rows: impl Iterator<Item = DirectoryObject<'t>>,
    render: impl Fn(DirectoryObject<'t>) -> Map<String, Value>,
) -> Result<Value, ApiError> {
    let rows = rows.filter(|object| holds(query, *object)).map(|object| (object.id, object));
    let render = |object| Ok(Value::Object(render(object)));
    if !is_whole(query) {
        return query.page_of(place, rows, render);
    }
    let mut rows: Vec<_> = rows.collect();
    let total = rows.len();
    sort(&mut rows, &query.order);
    let Some(after) = query.after.as_deref() else {
        let mut body = query.page_of(place, rows.into_iter(), render)?;
        if let Some(body) = body.as_object_mut().filter(|_| query.count) {
            body.insert("@odata.count".to_owned(), json!(total));
        }
        return Ok(body);
    };
    let place_of_last = rows.iter().position(|(id, _)| *id == after);
    let place_of_last = place_of_last.ok_or_else(|| ApiError::bad_request("Bad skip token."))?;
    query.page_of(place, rows.into_iter().skip(place_of_last + 1), render)
}

/// How many of the rows filter and search let through, as the text of a `$count` segment's answer.
pub(super) fn total<'t>(query: &Query, rows: impl Iterator<Item = DirectoryObject<'t>>) -> String {
    rows.filter(|object| holds(query, *object)).count().to_string()
}

fn is_whole(query: &Query) -> bool {
    query.count || !query.order.is_empty()
}

fn holds(query: &Query, object: DirectoryObject<'_>) -> bool {
    object.matches(&query.filter) && query.search.as_ref().is_none_or(|search| search.finds(object))
}

fn sort(rows: &mut [(&str, DirectoryObject<'_>)], order: &[(String, bool)]) {
    let key = |object: &DirectoryObject<'_>, property: &str| match object.at(property) {
        Value::String(text) => text.to_lowercase(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    if !order.is_empty() {
        rows.sort_by_cached_key(|(_, object)| {
            let keys =
                order.iter().map(|(property, descends)| Key { text: key(object, property), descends: *descends });
            keys.collect::<Vec<_>>()
        });
    }
}

#[derive(PartialEq, Eq)]
struct Key {
    text: String,
    descends: bool,
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.text.cmp(&other.text);
        if self.descends { order.reverse() } else { order }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_takes_only_its_documented_operators() {
        let compared = |property, operator| supports(property, UseKind::Compared(operator));
        assert!(compared("employeeId", Operator::StartsWith) && compared("mail", Operator::EndsWith));
        assert!(
            compared("employeeHireDate", Operator::GreaterOrEqual) && compared("accountEnabled", Operator::NotEqual)
        );
        assert!(!compared("accountEnabled", Operator::StartsWith) && !compared("displayName", Operator::EndsWith));
        assert!(!compared("department", Operator::StartsWith) && !compared("displayName", Operator::Contains));
        assert!(!compared("assignedLicenses", Operator::Equal));
        assert!(supports("assignedLicenses", UseKind::Counted));
        assert!(!supports("businessPhones", UseKind::Elements { foreign: true }));
    }
}
