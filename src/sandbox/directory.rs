//! Users and groups as the directory shows them: which properties there are, which come unasked, and how filters read them.

mod actions;
mod body;
mod by_id;
mod creation;
mod deleted;
mod delta;
mod expansion;
mod group_edit;
mod group_rules;
mod listed;
mod lists;
mod managers;
mod membership;
mod navigation;
mod references;
mod set;
mod singles;
mod user_edit;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::directory_query::supports;
use super::envelope::ApiError;
use super::expression::{Expression, Use, inner_value};
use super::filter::Filter;
use super::records::{Group, User};
use super::shared::Shared;
use super::tenant::Tenant;
pub(super) use body::text_property_of_users;

/// The paths of the directory.
pub(super) fn router() -> Router<Arc<Shared>> {
    lists::router()
        .merge(singles::router())
        .merge(user_edit::router())
        .merge(group_edit::router())
        .merge(managers::router())
        .merge(references::router())
        .merge(membership::router())
        .merge(by_id::router())
        .merge(actions::router())
        .merge(deleted::router())
        .merge(delta::router())
}

/// The properties of a user that come without `$select` [graph-contract 2.1].
const USER_DEFAULTS: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

/// The properties of a user that must be asked for.
const USER_ON_REQUEST: &[&str] = &[
    "accountEnabled",
    "assignedLicenses",
    "assignedPlans",
    "city",
    "companyName",
    "country",
    "createdDateTime",
    "creationType",
    "deletedDateTime",
    "department",
    "employeeHireDate",
    "employeeId",
    "employeeLeaveDateTime",
    "employeeOrgData",
    "employeeType",
    "externalUserState",
    "externalUserStateChangeDateTime",
    "faxNumber",
    "lastPasswordChangeDateTime",
    "mailNickname",
    "onPremisesExtensionAttributes",
    "onPremisesSecurityIdentifier",
    "onPremisesSyncEnabled",
    "otherMails",
    "passwordPolicies",
    "postalCode",
    "proxyAddresses",
    "securityIdentifier",
    "signInSessionsValidFromDateTime",
    "state",
    "streetAddress",
    "usageLocation",
    "userType",
];

/// The properties of a user that are kept elsewhere than in the directory (graph-contract 2.3): they are shown of one
/// user only, and nothing is known of them here.
const USER_ELSEWHERE: &[&str] = &[
    "aboutMe",
    "birthday",
    "hireDate",
    "interests",
    "mailboxSettings",
    "mySite",
    "pastProjects",
    "preferredName",
    "responsibilities",
    "schools",
    "skills",
];

/// The properties of a group, all of which come without `$select`.
const GROUP_PROPERTIES: &[&str] = &[
    "createdDateTime",
    "deletedDateTime",
    "description",
    "displayName",
    "groupTypes",
    "id",
    "isAssignableToRole",
    "mail",
    "mailEnabled",
    "mailNickname",
    "membershipRule",
    "membershipRuleProcessingState",
    "onPremisesSyncEnabled",
    "securityEnabled",
    "visibility",
];

/// The properties that hold several values, empty where nothing is known.
pub(super) const COLLECTIONS: &[&str] = &[
    "assignedLicenses",
    "assignedPlans",
    "businessPhones",
    "groupTypes",
    "interests",
    "otherMails",
    "pastProjects",
    "proxyAddresses",
    "responsibilities",
    "schools",
    "skills",
];

/// What kind of object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    User,
    Group,
}

impl Kind {
    /// Whether objects of this kind have the property (any case); a user is an open type with directory extensions.
    pub(super) fn has(self, property: &str) -> bool {
        self.spelling(property).is_some() || (self == Self::User && property.starts_with("extension_"))
    }

    /// Whether objects of this kind can be sorted by the property (any case).
    pub(super) fn orders_by(self, property: &str) -> bool {
        let own = self.spelling(property).filter(|name| !COLLECTIONS.contains(name));
        own.is_some_and(|name| !self.has_elsewhere(name))
    }

    /// The type's name in `@odata.type`.
    pub(super) fn odata_type(self) -> &'static str {
        match self {
            Self::User => "#microsoft.graph.user",
            Self::Group => "#microsoft.graph.group",
        }
    }

    /// Whether objects of this kind have the property (any case) from elsewhere than the directory.
    fn has_elsewhere(self, property: &str) -> bool {
        self == Self::User && USER_ELSEWHERE.iter().any(|known| known.eq_ignore_ascii_case(property))
    }

    fn spelling(self, property: &str) -> Option<&'static str> {
        let known = match self {
            Self::User => [USER_DEFAULTS, USER_ON_REQUEST, USER_ELSEWHERE],
            Self::Group => [GROUP_PROPERTIES, &[], &[]],
        };
        known.into_iter().flatten().find(|known| known.eq_ignore_ascii_case(property)).copied()
    }
}

/// A user or a group.
#[derive(Clone, Copy)]
pub(super) struct DirectoryObject<'t> {
    pub(super) kind: Kind,
    pub(super) id: &'t str,
    properties: &'t Map<String, Value>,
}

impl<'t> From<&'t User> for DirectoryObject<'t> {
    fn from(user: &'t User) -> Self {
        Self { kind: Kind::User, id: &user.id, properties: &user.properties }
    }
}

impl<'t> From<&'t Group> for DirectoryObject<'t> {
    fn from(group: &'t Group) -> Self {
        Self { kind: Kind::Group, id: &group.id, properties: &group.properties }
    }
}

impl<'t> DirectoryObject<'t> {
    /// The object with this id, whatever it is.
    pub(super) fn find(tenant: &'t Tenant, id: &str) -> Option<Self> {
        tenant.users.get(id).map(Self::from).or_else(|| tenant.groups.get(id).map(Self::from))
    }

    /// The object with this id as readers see it.
    pub(super) fn shown(tenant: &'t Tenant, id: &str) -> Option<Self> {
        let seen = |object: &Self| tenant.replication.shows(object.kind.into(), id, true);
        Self::find(tenant, id).filter(seen).or_else(|| tenant.still_shown(id).map(Self::from))
    }

    /// The object on the wire: what `$select` names, else the default properties.
    pub(super) fn render(self, select: Option<&[String]>) -> Map<String, Value> {
        let shown = |name: &str| (name.to_owned(), self.value(name));
        match (select, self.kind) {
            (Some(names), kind) => {
                let own = names.iter().filter(|name| kind.has(name));
                own.map(|name| shown(kind.spelling(name).unwrap_or(name))).collect()
            }
            (None, Kind::User) => USER_DEFAULTS.iter().copied().map(shown).collect(),
            (None, Kind::Group) => GROUP_PROPERTIES.iter().copied().map(shown).collect(),
        }
    }

    /// As [`Self::render`], with the type that tells users and groups in one list apart.
    pub(super) fn render_typed(self, select: Option<&[String]>) -> Map<String, Value> {
        let mut rendered = Map::from_iter([("@odata.type".to_owned(), json!(self.kind.odata_type()))]);
        rendered.extend(self.render(select));
        rendered
    }

    /// Whether the filter holds.
    pub(super) fn matches(self, filter: &Filter) -> bool {
        filter.1.as_ref().is_none_or(|expression| expression.holds(&|path| self.at(path)))
    }

    fn value(self, name: &str) -> Value {
        let unset = || if COLLECTIONS.contains(&name) { json!([]) } else { Value::Null };
        self.properties.get(name).cloned().unwrap_or_else(unset)
    }

    /// The value at a path such as `employeeOrgData/division`, any case; null where there is none.
    pub(super) fn at(self, path: &str) -> Value {
        let mut segments = path.split('/');
        let first = segments.next().unwrap_or_default();
        let value = self.value(self.kind.spelling(first).unwrap_or(first));
        segments.fold(value, |value, segment| inner_value(&value, segment))
    }
}

/// Refuses what none of the kinds has, and any use in a filter that the directory does not document.
///
/// # Errors
/// 400 `Request_BadRequest` for unknown properties, `Request_UnsupportedQuery` for such a filter.
pub(super) fn check(kinds: &[Kind], select: Option<&[String]>, filter: &Filter) -> Result<(), ApiError> {
    let known = |name: &str| kinds.iter().any(|kind| kind.has(name));
    if let Some(unknown) = select.unwrap_or_default().iter().find(|name| !known(name)) {
        return Err(unknown_property(unknown));
    }
    let unsupported = |used: &Use| {
        let root = used.path.split('/').next().unwrap_or_default();
        let known = kinds.iter().find_map(|kind| kind.spelling(root).filter(|name| !kind.has_elsewhere(name)));
        !known.is_some_and(|property| supports(property, used.kind))
    };
    let uses = filter.1.as_ref().map(Expression::uses).unwrap_or_default();
    match uses.into_iter().find(unsupported) {
        None => Ok(()),
        Some(used) => Err(ApiError::unsupported_query(format!(
            "Unsupported or invalid query filter clause specified for property '{}'.",
            used.path
        ))),
    }
}

/// Refuses properties that are kept elsewhere than in the directory, where several users or their changes are asked for.
///
/// # Errors
/// 501 `NotImplemented` (graph-contract 2.3).
pub(super) fn check_store(kinds: &[Kind], select: Option<&[String]>) -> Result<(), ApiError> {
    let elsewhere = |name: &&String| kinds.iter().any(|kind| kind.has_elsewhere(name));
    match select.unwrap_or_default().iter().find(elsewhere) {
        None => Ok(()),
        Some(name) => Err(ApiError::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            format!("The property '{name}' is not in the directory's store and cannot be retrieved here."),
        )),
    }
}

/// The refusal of a name that is no property.
pub(super) fn unknown_property(name: &str) -> ApiError {
    ApiError::bad_request(format!("Could not find a property named '{name}'."))
}
