//! Answers of `/v1.0` as `/beta` gives them: names, forms, what only beta shows, and the selection (graph-contract 1.16).

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::super::envelope::ApiError;
use super::super::query::{Expand, selected};
use super::super::tenant::Tenant;
use super::kinds::{Form, Kind};
use super::options::Options;
use super::{derived, policy, words};

/// The member that leads to the next page.
const NEXT: &str = "@odata.nextLink";

/// The body of an answer: one object of this kind, or a page of them.
///
/// # Errors
/// 400 for a selected property that the kind does not have in beta.
pub(super) fn outgoing(kind: Kind, body: Value, options: &Options, tenant: &Tenant) -> Result<Value, ApiError> {
    let Value::Object(mut page) = body else { return Ok(body) };
    let shown = Shown { select: options.select.as_deref(), expand: &options.expand };
    let Some(Value::Array(rows)) = page.remove("value") else { return object(kind, page, shown, tenant) };
    let rows: Result<Vec<Value>, ApiError> = rows.into_iter().map(|row| value(kind, row, shown, tenant)).collect();
    page.insert("value".to_owned(), Value::Array(rows?));
    if let Some(link) = page.get(NEXT).and_then(Value::as_str).and_then(|link| next_link(link, options)) {
        page.insert(NEXT.to_owned(), Value::String(link));
    }
    Ok(Value::Object(page))
}

/// What of an object is asked for.
#[derive(Clone, Copy)]
struct Shown<'q> {
    select: Option<&'q [String]>,
    expand: &'q [Expand],
}

fn value(kind: Kind, value: Value, shown: Shown<'_>, tenant: &Tenant) -> Result<Value, ApiError> {
    match value {
        Value::Object(members) => object(kind, members, shown, tenant),
        Value::Array(items) => items.into_iter().map(|item| self::value(kind, item, shown, tenant)).collect(),
        other => Ok(other),
    }
}

fn object(kind: Kind, mut v1: Map<String, Value>, shown: Shown<'_>, tenant: &Tenant) -> Result<Value, ApiError> {
    if kind == Kind::Other {
        return Ok(Value::Object(v1));
    }
    if kind == Kind::Policy && !v1.contains_key("questions") {
        // They are a part of a policy in beta; v1.0 shows them only where they are asked for.
        let questions = derived::questions(v1.get("id"), tenant);
        v1.insert("questions".to_owned(), questions);
    }
    let mut translations = v1.remove("localizations");
    let (mut own, mut navigated) = (Map::new(), Map::new());
    for (name, given) in v1 {
        let Some(known) = kind.by_v1(&name) else {
            // Annotations are not there to be selected.
            let place = if name.starts_with('@') { &mut navigated } else { &mut own };
            place.insert(name, given);
            continue;
        };
        let asked = shown.expand.iter().find(|expand| expand.property.eq_ignore_ascii_case(known.beta));
        let inner = asked.map_or(Shown { select: None, expand: &[] }, |expand| Shown {
            select: expand.select.as_deref(),
            expand: &expand.expand,
        });
        let translated = match known.form {
            Form::Hidden => continue,
            Form::Capital => words::capital(given),
            Form::One(kind) | Form::Many(kind) => value(kind, given, inner, tenant)?,
            Form::Days => words::days_of_duration(&given),
            Form::Localized => words::localized_content(given, translations.take()),
            Form::Same | Form::Reference => given,
        };
        let place = if asked.is_some() { &mut navigated } else { &mut own };
        place.insert(known.beta.to_owned(), translated);
    }
    own.extend(derived::of(kind, &own, tenant));
    if kind == Kind::Policy {
        let accepts = derived::accepts_requests(own.get("id"), tenant);
        own = policy::outgoing(own, accepts);
    }
    let mut beta = selected(own, shown.select)?;
    beta.extend(navigated);
    Ok(Value::Object(beta))
}

/// The link of v1.0's page with the caller's own options.
fn next_link(link: &str, options: &Options) -> Option<String> {
    let (path, query) = link.split_once('?')?;
    let token = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "$skiptoken")?.1;
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&options.kept)
        .append_pair("$skiptoken", &token)
        .finish();
    // Graph writes the option names with a plain dollar sign.
    Some(format!("{path}?{}", query.replace("%24", "$")))
}
