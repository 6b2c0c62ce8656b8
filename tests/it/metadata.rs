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

fn check(slice: &Value, kind: &str, value: &Value, place: &str) {
    let Some(members) = value.as_object() else {
        assert!(value.is_null(), "{place} is no {kind}: {value}");
        return;
    };
    for (name, value) in members.iter().filter(|(name, _)| !name.starts_with('@')) {
        let place = format!("{place}/{name}");
        let declared = declaration(slice, kind, name).unwrap_or_else(|| panic!("{place} is not declared"));
        let of = declared["t"].as_str().unwrap();
        match (declared["c"] == 1, value) {
            (true, Value::Array(values)) => values.iter().for_each(|value| check_one(slice, of, value, &place)),
            (true, _) => panic!("{place} is no collection: {value}"),
            (false, value) => check_one(slice, of, value, &place),
        }
    }
}

fn declaration<'s>(slice: &'s Value, kind: &str, name: &str) -> Option<&'s Value> {
    let own = &slice["types"][kind];
    let found = ["props", "nav"].iter().find_map(|part| own[part].get(name));
    found.or_else(|| declaration(slice, own["base"].as_str()?, name))
}

fn check_one(slice: &Value, of: &str, value: &Value, place: &str) {
    if value.is_null() {
        return;
    }
    let Some(kind) = of.strip_prefix('#') else {
        let fits = match of {
            "Edm.Boolean" => value.is_boolean(),
            "Edm.DateTimeOffset" => value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
            "Edm.Int32" | "Edm.Int64" => value.is_i64(),
            _ => value.is_string(),
        };
        assert!(fits, "{place} is no {of}: {value}");
        return;
    };
    match slice["enums"].get(kind) {
        Some(members) => {
            assert!(members["values"].as_array().unwrap().contains(value), "{place} is no {kind}: {value}")
        }
        // A derived type says which it is.
        None => {
            let derived = value["@odata.type"].as_str().and_then(|name| name.strip_prefix("#microsoft.graph."));
            check(slice, derived.unwrap_or(kind), value, place);
        }
    }
}
