//! One object in a delta answer: whole, changed or gone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::options::Options;
use super::token::Token;
use crate::sandbox::directory::{DirectoryObject, Kind};
use crate::sandbox::tenant::{DirectoryChange, Link, Relation, Tenant, What};

/// An object with the links that are to be shown, in order, each with whether it is there.
pub(super) struct Tracked {
    shown: Map<String, Value>,
    pub(super) links: Vec<(Link, bool)>,
}

impl Tracked {
    /// The object on the wire, with `members@delta` and the like where there is something to say.
    pub(super) fn into_value(mut self) -> Value {
        for relation in Relation::ALL {
            let own = self.links.iter().filter(|(link, _)| link.relation == relation);
            let shown: Vec<Value> = own.map(|(link, present)| link_shown(link, *present)).collect();
            if !shown.is_empty() {
                self.shown.insert(format!("{}@delta", relation.name()), Value::Array(shown));
            }
        }
        Value::Object(self.shown)
    }
}

/// The object as it stands, with all that it is linked to; `None` where it is not to be shown.
pub(super) fn whole(tenant: &Tenant, options: &Options, id: &str) -> Option<Tracked> {
    if !is_asked_for(options, id) {
        return None;
    }
    let object = DirectoryObject::find(tenant, id).filter(|object| object.kind == options.kind)?;
    let links = options.relations().into_iter().flat_map(|relation| links(tenant, relation, id));
    Some(Tracked { shown: shown(object, options, None), links: links.map(|link| (link, true)).collect() })
}

/// What has happened in the token's round, by object.
pub(super) type Changes<'t> = HashMap<&'t str, Vec<&'t DirectoryChange>>;

/// The changes of the token's round, and the ids of their objects in the order of their first changes.
pub(super) fn changes<'t>(tenant: &'t Tenant, token: &Token) -> (Vec<&'t str>, Changes<'t>) {
    let (mut ids, mut changes) = (Vec::new(), Changes::new());
    let own =
        |entry: &&DirectoryChange| entry.kind == token.options.kind && is_asked_for(&token.options, &entry.object);
    for entry in tenant.directory_log.between(token.before, token.base).filter(own) {
        let of_object = changes.entry(entry.object.as_str()).or_default();
        if of_object.is_empty() {
            ids.push(entry.object.as_str());
        }
        of_object.push(entry);
    }
    (ids, changes)
}

/// What the changes have made of the object; `None` where nothing of it is tracked.
pub(super) fn changed(
    tenant: &Tenant,
    options: &Options,
    id: &str,
    changes: &Changes<'_>,
    minimal: bool,
) -> Option<Tracked> {
    let relations = options.relations();
    let (mut appeared, mut names) = (false, BTreeSet::new());
    let mut links: BTreeMap<Link, bool> = BTreeMap::new();
    for entry in changes.get(id).into_iter().flatten() {
        match &entry.what {
            What::Appeared => appeared = true,
            What::Changed(changed) => names.extend(changed.iter().map(String::as_str)),
            What::Linked(link) => _ = links.insert(link.clone(), true),
            What::Unlinked(link) => _ = links.insert(link.clone(), false),
            What::Gone => {}
        }
    }
    let Some(object) = DirectoryObject::find(tenant, id) else {
        let reason = if tenant.deleted.get(id).is_some() { "changed" } else { "deleted" };
        let shown = [("id".to_owned(), json!(id)), ("@removed".to_owned(), json!({ "reason": reason }))];
        return Some(Tracked { shown: shown.into_iter().collect(), links: Vec::new() });
    };
    if let Some(select) = &options.select {
        names.retain(|name| select.iter().any(|selected| selected.eq_ignore_ascii_case(name)));
    }
    links.retain(|link, _| relations.contains(&link.relation));
    if !appeared && names.is_empty() && links.is_empty() {
        return None;
    }
    let only = (minimal && !appeared).then_some(&names);
    Some(Tracked { shown: shown(object, options, only), links: links.into_iter().collect() })
}

fn is_asked_for(options: &Options, id: &str) -> bool {
    options.ids.as_ref().is_none_or(|ids| ids.iter().any(|asked| asked == id))
}

/// The tracked properties that have ever been set, or of these `only` the ones named; the id always.
fn shown(object: DirectoryObject<'_>, options: &Options, only: Option<&BTreeSet<&str>>) -> Map<String, Value> {
    let mut shown = object.render(options.select.as_deref());
    shown
        .retain(|name, _| object.properties.contains_key(name) && only.is_none_or(|only| only.contains(name.as_str())));
    shown.insert("id".to_owned(), object.properties.get("id").cloned().unwrap_or_default());
    shown
}

fn links(tenant: &Tenant, relation: Relation, id: &str) -> Vec<Link> {
    let link = |id: &String, kind: Kind| Link { relation, id: id.clone(), kind };
    match relation {
        Relation::Manager => {
            let manager = tenant.users.get(id).and_then(|user| user.manager.as_ref());
            manager.filter(|id| tenant.users.get(id).is_some()).map(|id| link(id, Kind::User)).into_iter().collect()
        }
        Relation::Owners => {
            let owners = tenant.groups.get(id).into_iter().flat_map(|group| &group.owners);
            owners.map(|id| link(id, Kind::User)).collect()
        }
        Relation::Members => {
            let members = tenant.members(id).into_iter().flatten();
            members.filter_map(|id| DirectoryObject::find(tenant, id).map(|object| link(id, object.kind))).collect()
        }
    }
}

fn link_shown(link: &Link, present: bool) -> Value {
    let mut shown = json!({ "@odata.type": link.kind.odata_type(), "id": link.id });
    if let Some(shown) = shown.as_object_mut().filter(|_| !present) {
        shown.insert("@removed".to_owned(), json!({ "reason": "deleted" }));
    }
    shown
}
