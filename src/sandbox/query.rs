//! OData query options: which a call may carry, how they are read, and the link to the next page.

use axum::http::{HeaderMap, StatusCode, Uri, header, uri::Authority};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::envelope::ApiError;
use super::filter::Filter;
use super::records::Record;
use super::search::Search;
use super::shared::Shared;

/// The size of a page where `$top` does not say (graph-contract 2.1, 8.2).
const DEFAULT_PAGE: usize = 100;
/// The largest page.
const LARGEST_PAGE: usize = 999;
/// How deep `$expand` may nest: one level inside another is all that is documented.
const EXPAND_DEPTH: usize = 2;

/// The largest `$levels`, and what `max` stands for (Graph's `user: list manager`).
const LARGEST_LEVEL: usize = 1000;

/// What a token of a next page says before the id behind which that page starts.
const AFTER: &str = "after:";
/// As [`AFTER`], for an empty page in between.
const PAUSE: &str = "pause:";

/// The query options of one call.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) select: Option<Vec<String>>,
    pub(super) filter: Filter,
    pub(super) expand: Vec<Expand>,
    pub(super) top: Option<usize>,
    /// The id behind which the page starts.
    pub(super) after: Option<String>,
    /// `$orderby`: properties, and whether each descends.
    pub(super) order: Vec<(String, bool)>,
    pub(super) search: Option<Search>,
    /// Whether the total is asked for.
    pub(super) count: bool,
    /// Whether this page is an empty one in between.
    pause: bool,
    kept: Vec<(String, String)>,
}

/// One navigation property to expand.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Expand {
    pub(super) property: String,
    pub(super) select: Option<Vec<String>>,
    pub(super) expand: Vec<Expand>,
    /// `$levels`: how often the expansion is repeated in what it finds, at most [`LARGEST_LEVEL`] times.
    pub(super) levels: Option<usize>,
}

impl Expand {
    fn has_levels(&self) -> bool {
        self.levels.is_some() || self.expand.iter().any(Self::has_levels)
    }
}

impl Query {
    /// Reads the options of a call; only those named in `allowed` (such as `$select`) may be there.
    ///
    /// # Errors
    /// Refuses unknown and repeated options, bad values and unreadable filters with the service's 400.
    pub(super) fn parse(place: &Place, allowed: &[&str]) -> Result<Self, ApiError> {
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(place.uri.query().unwrap_or_default().as_bytes()) {
            if query.kept.iter().any(|(known, _)| *known == name) {
                return Err(ApiError::bad_request(format!("The query option '{name}' is repeated.")));
            }
            if !(allowed.contains(&name.as_ref()) || (name == "$skiptoken" && allowed.contains(&"$top"))) {
                return Err(ApiError::bad_request(format!("'{name}' is not supported by the service.")));
            }
            let invalid = || ApiError::bad_request(format!("Invalid value '{value}' for the query option '{name}'."));
            match name.as_ref() {
                "$select" => query.select = Some(names_of(&value)),
                "$filter" => {
                    let read = if place.is_entitlement() { Filter::parse } else { Filter::parse_expression };
                    query.filter = read(&value).ok_or_else(|| unsupported_filter(place, &value))?
                }
                "$expand" => {
                    let read = expands_of(&value);
                    // Only the directory has chains to follow.
                    let good = read.filter(|read| !place.is_entitlement() || !read.iter().any(Expand::has_levels));
                    query.expand = good.ok_or_else(invalid)?;
                }
                "$top" => {
                    let top = value.parse().ok().filter(|top| (1..=LARGEST_PAGE).contains(top));
                    query.top = Some(top.ok_or_else(invalid)?);
                }
                "$orderby" => query.order = order(&value).ok_or_else(invalid)?,
                "$search" => query.search = Some(Search::parse(&value).ok_or_else(invalid)?),
                "$count" => query.count = value.parse().map_err(|_| invalid())?,
                _ => (query.after, query.pause) = page_of_token(&value).ok_or_else(invalid)?,
            }
            if name != "$skiptoken" {
                query.kept.push((name.into_owned(), value.into_owned()));
            }
        }
        Ok(query)
    }

    /// Makes a page: at most `$top` of `rows` (which start behind `self.after` and have passed the filter), and the link
    /// to the next page where more follow.
    pub(super) fn page<'t, T: Record + 't>(
        &self,
        place: &Place,
        rows: impl Iterator<Item = &'t T>,
        render: impl Fn(&'t T) -> Result<Value, ApiError>,
    ) -> Result<Value, ApiError> {
        let rows = rows.map(|row| (row.id(), row));
        self.page_of(place, rows, render)
    }

    /// As [`Self::page`], for rows of any kind with their ids.
    pub(super) fn page_of<'t, T>(
        &self,
        place: &Place,
        rows: impl Iterator<Item = (&'t str, T)>,
        render: impl Fn(T) -> Result<Value, ApiError>,
    ) -> Result<Value, ApiError> {
        let mut rows = rows.peekable();
        let mut values = Vec::new();
        let mut last = self.after.as_deref().unwrap_or_default();
        let size = if self.pause { 0 } else { self.top.unwrap_or(DEFAULT_PAGE) };
        for (id, row) in rows.by_ref().take(size) {
            values.push(render(row)?);
            last = id;
        }
        let mut body = json!({ "@odata.context": place.context(), "value": values });
        if let Some(body) = body.as_object_mut().filter(|_| rows.peek().is_some()) {
            body.insert("@odata.nextLink".to_owned(), json!(self.next_link(place, last)));
        }
        Ok(body)
    }

    fn next_link(&self, place: &Place, last: &str) -> String {
        let pairs = self.kept.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let kind = if place.empty_pages && !self.pause { PAUSE } else { AFTER };
        let token = hex::encode(format!("{kind}{last}"));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .append_pair("$skiptoken", &token)
            .finish();
        // Graph writes the option names with a plain dollar sign.
        format!("{}{}?{}", place.origin, place.uri.path(), query.replace("%24", "$"))
    }
}

/// Where a call came in, for links and contexts; every call carries it as an extension.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Scheme and authority as the caller wrote them.
    pub(super) origin: String,
    /// Path and query as the caller wrote them, with the version.
    pub(super) uri: Uri,
    /// Whether the caller takes the directory's index, which may lag (`ConsistencyLevel: eventual`).
    pub(super) eventual: bool,
    /// Whether an empty page follows each page that is not the last.
    pub(super) empty_pages: bool,
}

impl Place {
    /// The place of a call; the caller's own `Host` makes the links, so that they work behind a forwarded port.
    pub(super) fn of(headers: &HeaderMap, uri: &Uri, shared: &Shared, empty_pages: bool) -> Self {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.filter(|host| host.parse::<Authority>().is_ok()).unwrap_or(&shared.authority);
        let level = headers.get("consistencylevel").and_then(|level| level.to_str().ok());
        let eventual = level.is_some_and(|level| level.eq_ignore_ascii_case("eventual"));
        Self { origin: format!("{}://{host}", shared.scheme), uri: uri.clone(), eventual, empty_pages }
    }

    /// Whether entitlement management answers, and not the directory.
    fn is_entitlement(&self) -> bool {
        self.uri.path().contains("/identityGovernance/")
    }

    /// `@odata.context` of a collection.
    pub(super) fn context(&self) -> String {
        let path = self.uri.path().trim_start_matches('/');
        let entity = path.split_once('/').map_or("", |(_, entity)| entity);
        format!("{}#{entity}", self.metadata())
    }

    /// The address of the metadata of the version that the call is for.
    pub(super) fn metadata(&self) -> String {
        let version = self.uri.path().split('/').find(|segment| !segment.is_empty()).unwrap_or_default();
        format!("{}/{version}/$metadata", self.origin)
    }

    /// `@odata.context` of one entity, whose id ends the path.
    pub(super) fn entity_context(&self) -> String {
        let context = self.context();
        let set = context.rsplit_once('/').map_or(context.as_str(), |(set, _)| set);
        format!("{set}/$entity")
    }
}

/// Keeps what `$select` names, any case, of an entity's properties; `None` keeps all.
///
/// # Errors
/// Refuses a name that the entity does not have.
pub(super) fn selected(
    mut properties: Map<String, Value>,
    select: Option<&[String]>,
) -> Result<Map<String, Value>, ApiError> {
    let Some(select) = select else { return Ok(properties) };
    let mut kept = Map::new();
    for name in select {
        let known = properties.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned();
        let entry = known.and_then(|known| properties.remove_entry(&known));
        match entry {
            Some((name, value)) => _ = kept.insert(name, value),
            None if kept.contains_key(name) => {}
            None => return Err(ApiError::bad_request(format!("Could not find a property named '{name}'."))),
        }
    }
    Ok(kept)
}

/// The refusal of a filter that is not of the supported form.
fn unsupported_filter(place: &Place, filter: &str) -> ApiError {
    if place.is_entitlement() {
        return invalid_filter(filter);
    }
    ApiError::unsupported_query(format!("Unsupported or invalid query filter clause: {filter}"))
}

/// Entitlement management's refusal of a filter, in its own words (graph-contract 1.13).
pub(super) fn invalid_filter(clause: &str) -> ApiError {
    let message = format!("OData query is invalid: Filter '{clause} is not supported. .");
    ApiError::entitlement(StatusCode::BAD_REQUEST, "InvalidFilter", message)
}

/// The names in a `$select`.
pub(super) fn names_of(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The id behind which the page starts, and whether the page is an empty one.
fn page_of_token(token: &str) -> Option<(Option<String>, bool)> {
    let text = String::from_utf8(hex::decode(token).ok()?).ok()?;
    let page = |id: &str, pause| (Some(id.to_owned()), pause);
    text.strip_prefix(AFTER).map(|id| page(id, false)).or_else(|| text.strip_prefix(PAUSE).map(|id| page(id, true)))
}

fn order(list: &str) -> Option<Vec<(String, bool)>> {
    let keys = list.split(',').map(|key| {
        let mut words = key.split_whitespace();
        let property = words.next()?.to_owned();
        let descends = match words.next() {
            None => false,
            Some(word) if word.eq_ignore_ascii_case("asc") => false,
            Some(word) if word.eq_ignore_ascii_case("desc") => true,
            Some(_) => return None,
        };
        words.next().is_none().then_some((property, descends))
    });
    keys.collect()
}

/// The navigation properties in an `$expand`; `None` where it is none, or nests too deep.
pub(super) fn expands_of(list: &str) -> Option<Vec<Expand>> {
    expands(list, EXPAND_DEPTH)
}

fn expands(list: &str, depth: usize) -> Option<Vec<Expand>> {
    split(list, ',')?.into_iter().map(|item| expand(item.trim(), depth)).collect()
}

fn expand(item: &str, depth: usize) -> Option<Expand> {
    let (property, options) = match item.split_once('(') {
        Some((property, rest)) => (property, rest.strip_suffix(')')?),
        None => (item, ""),
    };
    if depth == 0 || property.is_empty() {
        return None;
    }
    let mut expand = Expand { property: property.to_owned(), select: None, expand: Vec::new(), levels: None };
    for option in split(options, ';')?.into_iter().filter(|option| !option.is_empty()) {
        match option.trim().split_once('=')? {
            ("$select", value) => expand.select = Some(names_of(value)),
            ("$expand", value) => expand.expand = expands(value, depth - 1)?,
            ("$levels", value) => {
                let levels = if value == "max" { Some(LARGEST_LEVEL) } else { value.parse().ok() };
                expand.levels = Some(levels.filter(|levels| (1..=LARGEST_LEVEL).contains(levels))?);
            }
            _ => return None,
        }
    }
    Some(expand)
}

/// Splits at `separator` outside parentheses; `None` where they do not match.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (position, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ if character == separator && depth == 0 => {
                parts.push(text.get(start..position)?);
                start = position + character.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..)?);
    (depth == 0).then_some(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(query: &str) -> Place {
        let uri = format!("/v1.0/users?{query}").parse().unwrap();
        Place { origin: "http://h".into(), uri, eventual: false, empty_pages: false }
    }

    fn query(text: &str) -> Result<Query, ApiError> {
        Query::parse(&place(text), &["$select", "$filter", "$expand", "$top"])
    }

    #[test]
    fn expansions_nest_once_and_carry_a_selection() {
        let read = query("$expand=assignment($expand=target;$select=id,state),requestor").unwrap().expand;
        let target = Expand { property: "target".into(), select: None, expand: vec![], levels: None };
        let assignment = Expand {
            property: "assignment".into(),
            select: Some(vec!["id".into(), "state".into()]),
            expand: vec![target],
            levels: None,
        };
        let requestor = Expand { property: "requestor".into(), select: None, expand: vec![], levels: None };
        assert_eq!(read, [assignment, requestor]);
        let levels =
            |text: &str| query(&format!("$expand=manager($levels={text})")).map(|query| query.expand[0].levels);
        assert_eq!((levels("3"), levels("max")), (Ok(Some(3)), Ok(Some(1000))));
        for bad in ["a(", "a)", "a($expand=b($expand=c))", "a($top=5)", "a($levels=0)", "a($levels=1001)", "", "a,,b"] {
            assert!(query(&format!("$expand={bad}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn options_that_are_unknown_repeated_or_out_of_range_are_refused() {
        for bad in
            ["$orderby=id", "$top=0", "$top=1000", "$top=x", "$top=5&$top=6", "$filter=a+or+b", "$skiptoken=zz", "x=1"]
        {
            assert!(query(bad).is_err(), "{bad}");
        }
        assert_eq!(query("$top=999").unwrap().top, Some(999));
    }

    #[test]
    fn pages_follow_one_another_by_opaque_links() {
        let rows = ["a", "b", "c"];
        let page = |query: &Query| {
            let start =
                query.after.as_deref().map_or(0, |after| rows.iter().position(|row| *row == after).unwrap() + 1);
            query.page_of(&place(""), rows[start..].iter().map(|row| (*row, row)), |row| Ok(json!(row))).unwrap()
        };
        let first = page(&query("$top=2&$filter=department+eq+'R%26D'").unwrap());
        let link = first["@odata.nextLink"].as_str().unwrap();
        assert!(link.starts_with("http://h/v1.0/users?$top=2&$filter=department+eq+%27R%26D%27&$skiptoken="), "{link}");
        let second = page(&query(link.split_once('?').unwrap().1).unwrap());
        assert_eq!((&first["value"], &second["value"]), (&json!(["a", "b"]), &json!(["c"])));
        assert!(second.get("@odata.nextLink").is_none());
    }

    proptest! {
        #[test]
        fn no_value_of_an_option_makes_reading_panic(
            name in prop::sample::select(vec!["$select", "$filter", "$expand", "$top", "$orderby", "$search", "$count", "$skiptoken"]),
            value in prop_oneof![
                "\\PC{0,60}",
                "[a-z$(),;=/' ]{0,60}",
                "(\"(displayName:)?[a-z]{0,3}\"( AND | OR | )?){0,4}",
                "([0-9a-f]{2}){0,20}",
            ],
        ) {
            let mut query = form_urlencoded::Serializer::new(String::new());
            let place = place(&query.append_pair(name, &value).finish());
            let all = ["$select", "$filter", "$expand", "$top", "$orderby", "$search", "$count"];
            if let Ok(query) = Query::parse(&place, &all) {
                let rows = ["a", "b", "c"].into_iter().map(|row| (row, row));
                let page = query.page_of(&place, rows, |row| Ok(json!(row)));
                prop_assert!(page.is_ok_and(|page| page["value"].is_array()));
            }
        }

        #[test]
        fn an_expansion_written_out_is_read_again(expansion in any_expansion(EXPAND_DEPTH)) {
            prop_assert_eq!(expands(&written(&expansion), EXPAND_DEPTH), Some(expansion));
        }
    }

    fn any_expansion(depth: usize) -> BoxedStrategy<Vec<Expand>> {
        if depth == 0 {
            return Just(Vec::new()).boxed();
        }
        let select = prop::option::of(prop::collection::vec("[a-z]{1,4}", 1..3));
        let one = ("[a-z]{1,6}", select, any_expansion(depth - 1), prop::option::of(1..=LARGEST_LEVEL));
        let one = one.prop_map(|(property, select, expand, levels)| Expand { property, select, expand, levels });
        let least = usize::from(depth == EXPAND_DEPTH);
        prop::collection::vec(one, least..3).boxed()
    }

    fn written(expansion: &[Expand]) -> String {
        let one = |one: &Expand| {
            let select = one.select.as_ref().map(|names| format!("$select={}", names.join(",")));
            let expand = (!one.expand.is_empty()).then(|| format!("$expand={}", written(&one.expand)));
            let levels = one.levels.map(|levels| format!("$levels={levels}"));
            let options: Vec<_> = [select, expand, levels].into_iter().flatten().collect();
            let in_parentheses = format!("({})", options.join(";"));
            format!("{}{}", one.property, if options.is_empty() { "" } else { &in_parentheses })
        };
        expansion.iter().map(one).collect::<Vec<_>>().join(",")
    }
}
