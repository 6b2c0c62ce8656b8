//! `$expand` of users and groups: one step along a navigation property, with `$select` inside, and managers up the line
//! (Graph's limits of `$expand` for directory objects; graph-contract 2.1).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::navigation::Navigation;
use super::set::Set;
use super::{DirectoryObject, Kind, check, check_store, unknown_property};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::filter::Filter;
use crate::sandbox::query::Expand;
use crate::sandbox::tenant::Tenant;

/// The most objects that an expansion shows.
const SHOWN: usize = 20;
/// The longest line of managers that is shown: JSON that nests deeper is more than clients read.
const LONGEST_LINE: usize = 50;

/// Refuses expansions that objects of these kinds do not have in a list: as [`check_of_one`], and `$levels`.
///
/// # Errors
/// 400 `Request_BadRequest` for unknown properties, `Request_UnsupportedQuery` for what cannot be expanded so.
pub(super) fn check_in_list(kinds: &[Kind], expands: &[Expand]) -> Result<(), ApiError> {
    if expands.iter().any(|expand| expand.levels.is_some()) {
        return Err(unsupported("'$levels' is supported for a single user only."));
    }
    check_of_one(kinds, expands)
}

/// Refuses expansions that an object of these kinds does not have, and such as go further than one step.
///
/// # Errors
/// As [`check_in_list`].
pub(super) fn check_of_one(kinds: &[Kind], expands: &[Expand]) -> Result<(), ApiError> {
    for expand in expands {
        let [kind] = kinds else { return Err(unknown_property(&expand.property)) };
        let navigation = navigation(*kind, &expand.property).ok_or_else(|| unknown_property(&expand.property))?;
        if navigation.is_transitive() {
            return Err(unsupported(&format!("'{}' cannot be expanded.", navigation.name())));
        }
        if !expand.expand.is_empty() {
            return Err(unsupported("An expansion inside another is not supported for directory objects."));
        }
        if expand.levels.is_some() && navigation != Navigation::Manager {
            return Err(unsupported("'$levels' is supported for 'manager' only."));
        }
        check(navigation.kinds(), expand.select.as_deref(), &Filter::default())?;
        check_store(navigation.kinds(), expand.select.as_deref())?;
    }
    Ok(())
}

/// What the expansions add to the object; a user without a manager has no such member.
pub(super) fn expanded(tenant: &Tenant, object: DirectoryObject<'_>, expands: &[Expand]) -> Map<String, Value> {
    let mut shown = Map::new();
    for expand in expands {
        let Some(navigation) = navigation(object.kind, &expand.property) else { continue };
        let select = expand.select.as_deref();
        let value = if navigation.is_single() {
            line_of_managers(tenant, object, select, expand.levels.unwrap_or(1))
        } else {
            let others = navigation.objects(tenant, object.id, None).take(SHOWN);
            Some(others.map(|other| Value::Object(other.render_typed(select))).collect())
        };
        shown.extend(value.map(|value| (navigation.name().to_owned(), value)));
    }
    shown
}

/// The manager with the manager's manager inside, and so on; a circle ends where it began.
fn line_of_managers(
    tenant: &Tenant,
    user: DirectoryObject<'_>,
    select: Option<&[String]>,
    levels: usize,
) -> Option<Value> {
    let mut seen = BTreeSet::from([user.id]);
    let mut line = Vec::new();
    let mut last = user.id;
    while line.len() < levels.min(LONGEST_LINE) {
        let Some(manager) = Navigation::Manager.objects(tenant, last, None).next() else { break };
        if !seen.insert(manager.id) {
            break;
        }
        last = manager.id;
        line.push(manager.render_typed(select));
    }
    let above = |above: Option<Value>, mut manager: Map<String, Value>| {
        manager.extend(above.map(|above| (Navigation::Manager.name().to_owned(), above)));
        Some(Value::Object(manager))
    };
    line.into_iter().rev().fold(None, above)
}

fn navigation(kind: Kind, name: &str) -> Option<Navigation> {
    let set = match kind {
        Kind::User => Set::Users,
        Kind::Group => Set::Groups,
    };
    Navigation::ALL.into_iter().find(|own| own.is_of(set) && own.name().eq_ignore_ascii_case(name))
}

fn unsupported(message: &str) -> ApiError {
    ApiError::unsupported_query(message)
}
