//! Graph's own metadata against what the sandbox answers: property names, types and enum values.

#![cfg(test)]

use std::sync::LazyLock;

use serde_json::Value;

/// The slice of Graph v1.0's schema that lies beside the repository on the machines that have it.
static SLICE: LazyLock<Option<Value>> = LazyLock::new(|| {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/graph-slice.json");
    std::fs::read_to_string(path).ok().map(|text| serde_json::from_str(&text).unwrap())
});

/// Checks an entity, and whatever is expanded in it, against the type of this name; without the slice there is nothing to check.
pub(crate) fn conforms(kind: &str, value: &Value) {
    if let Some(slice) = SLICE.as_ref() {
        check(slice, kind, value, kind);
    }
}

/// As [`conforms`], for an entity that was read without `$select`: no structural property is missing either.
pub(crate) fn conforms_whole(kind: &str, value: &Value) {
    conforms(kind, value);
    if let Some(slice) = SLICE.as_ref() {
        let mut names = vec!["id"];
        names.extend(slice["types"][kind]["props"].as_object().unwrap().keys().map(String::as_str));
        let missing: Vec<_> = names.into_iter().filter(|name| value.get(name).is_none()).collect();
        assert!(missing.is_empty(), "{kind} lacks {missing:?}: {value}");
    }
}

fn check(slice: &Value, kind: &str, value: &Value, place: &str) {
    let Some(members) = value.as_object() else {
        assert!(value.is_null(), "{place} is no {kind}: {value}");
        return;
    };
    let said = said_type(value, place);
    // The workflow extensions' own types are not in the slice: of them, what their base type declares can be checked.
    let (kind, all_known) = match said.filter(|said| slice["types"].get(said).is_some()) {
        Some(said) => {
            let mut line = std::iter::successors(Some(said), |kind| slice["types"][kind]["base"].as_str());
            assert!(line.any(|of_line| of_line == kind), "{place} is a {said}, which is no {kind}");
            (said, true)
        }
        None => (kind, said.is_none()),
    };
    assert!(said.is_some() || slice["types"][kind].get("abstract").is_none(), "{place} does not say its type: {value}");
    for (name, value) in members.iter().filter(|(name, _)| !name.contains('@')) {
        let place = format!("{place}/{name}");
        let Some(declared) = declaration(slice, kind, name) else {
            assert!(!all_known, "{place} is not declared");
            continue;
        };
        let of = declared["t"].as_str().unwrap();
        let required = declared["nn"] == 1;
        match (declared["c"] == 1, value) {
            (true, Value::Array(values)) => values.iter().for_each(|value| check_one(slice, of, value, true, &place)),
            (true, _) => panic!("{place} is no collection: {value}"),
            (false, value) => check_one(slice, of, value, required, &place),
        }
    }
}

/// The type that a value says it is, which has to be of `microsoft.graph`.
fn said_type<'v>(value: &'v Value, place: &str) -> Option<&'v str> {
    let said = value.get("@odata.type")?.as_str().unwrap_or_else(|| panic!("{place} has a type that is no text"));
    let name = said.trim_start_matches('#').strip_prefix("microsoft.graph.");
    Some(name.unwrap_or_else(|| panic!("{place} is a {said}")))
}

fn declaration<'s>(slice: &'s Value, kind: &str, name: &str) -> Option<&'s Value> {
    let own = &slice["types"][kind];
    let found = ["props", "nav"].iter().find_map(|part| own[part].get(name));
    found.or_else(|| declaration(slice, own["base"].as_str()?, name))
}

fn check_one(slice: &Value, of: &str, value: &Value, required: bool, place: &str) {
    if value.is_null() {
        assert!(!required, "{place} cannot be null");
        return;
    }
    let Some(kind) = of.strip_prefix('#') else {
        let fits = match of {
            "Edm.Boolean" => value.is_boolean(),
            "Edm.DateTimeOffset" => value.as_str().is_some_and(is_instant),
            "Edm.Date" => value.as_str().is_some_and(|text| text.parse::<jiff::civil::Date>().is_ok()),
            "Edm.Duration" => value.as_str().is_some_and(is_duration),
            "Edm.Guid" => value.as_str().is_some_and(|text| text.len() == 36 && text.parse::<uuid::Uuid>().is_ok()),
            "Edm.Int32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            "Edm.Int64" => value.is_i64(),
            _ => value.is_string(),
        };
        assert!(fits, "{place} is no {of}: {value}");
        return;
    };
    match slice["enums"].get(kind) {
        Some(members) => {
            assert!(members["values"].as_array().unwrap().contains(value), "{place} is no {kind}: {value}")
        }
        None => check(slice, kind, value, place),
    }
}

/// Whether a text is an instant as Graph writes it, in UTC.
fn is_instant(text: &str) -> bool {
    text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()
}

/// Whether a text is a duration as OData has it: of days, hours, minutes and seconds, never of weeks, months or years.
fn is_duration(text: &str) -> bool {
    let days = text.split('T').next().unwrap_or_default();
    !days.contains(['Y', 'M', 'W']) && text.starts_with('P') && text.parse::<jiff::Span>().is_ok()
}

#[test]
#[should_panic(expected = "cannot be null")]
fn a_null_where_none_can_be_is_found() {
    if SLICE.is_none() {
        panic!("cannot be null, were the metadata here");
    }
    conforms("accessPackageSubject", &serde_json::json!({ "id": "x", "subjectLifecycle": null }));
}

#[test]
fn durations_and_instants_are_told_from_what_looks_like_them() {
    for (text, is) in
        [("P30D", true), ("PT1H30M", true), ("P1DT2S", true), ("P2W", false), ("P1M", false), ("soon", false)]
    {
        assert_eq!(is_duration(text), is, "{text}");
    }
    for (text, is) in [("2026-11-21T09:30:00Z", true), ("2026-11-21T09:30:00+01:00", false), ("2026-11-21", false)] {
        assert_eq!(is_instant(text), is, "{text}");
    }
}
