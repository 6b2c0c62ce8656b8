//! People named in policies: beta's `userSet`, with `id` and `isBackup`, and v1.0's `subjectSet`.

use serde_json::{Value, json};

/// The type of a set and what v1.0 calls its id.
const IDS: &[(&str, &str)] = &[
    ("singleUser", "userId"),
    ("groupMembers", "groupId"),
    ("connectedOrganizationMembers", "connectedOrganizationId"),
    ("singleServicePrincipal", "servicePrincipalId"),
];

/// The sets as v1.0 has them, without the mark of a backup; nothing is an empty list.
pub(super) fn incoming(sets: Value) -> Value {
    match sets {
        Value::Array(sets) => Value::Array(sets.into_iter().map(incoming_one).collect()),
        Value::Null => json!([]),
        other => other,
    }
}

/// As [`incoming`], the backups apart, behind the others.
pub(super) fn incoming_apart(sets: Value) -> (Value, Value) {
    let Value::Array(sets) = sets else { return (incoming(sets), json!([])) };
    let is_backup = |set: &Value| set.get("isBackup") == Some(&Value::Bool(true));
    let (backups, others): (Vec<_>, Vec<_>) = sets.into_iter().partition(is_backup);
    (incoming(Value::Array(others)), incoming(Value::Array(backups)))
}

/// The sets as beta has them, `backups` marked as such.
pub(super) fn outgoing(sets: Value, backups: Value) -> Value {
    let marked = |sets: Value, is_backup: bool| {
        let Value::Array(sets) = sets else { return Vec::new() };
        sets.into_iter().map(|set| outgoing_one(set, is_backup)).collect()
    };
    let all = marked(sets, false).into_iter().chain(marked(backups, true));
    Value::Array(all.collect())
}

fn incoming_one(mut set: Value) -> Value {
    let name = id_name(&set);
    if let Some(members) = set.as_object_mut() {
        members.remove("isBackup");
        if let (Some(name), Some(id)) = (name, members.remove("id")) {
            members.insert(name.to_owned(), id);
        }
    }
    set
}

fn outgoing_one(mut set: Value, is_backup: bool) -> Value {
    let name = id_name(&set);
    if let Some(members) = set.as_object_mut() {
        if let Some(id) = name.and_then(|name| members.remove(name)) {
            members.insert("id".to_owned(), id);
        }
        members.insert("isBackup".to_owned(), json!(is_backup));
    }
    set
}

fn id_name(set: &Value) -> Option<&'static str> {
    let kind = set.get("@odata.type")?.as_str()?.rsplit('.').next()?;
    IDS.iter().find(|(known, _)| *known == kind).map(|(_, name)| *name)
}
