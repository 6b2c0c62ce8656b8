//! Users and groups as the directory shows them: which properties there are, which come unasked, and how filters read them.

mod actions;
mod body;
mod by_id;
mod creation;
mod deleted;
mod delta;
mod group_edit;
mod group_rules;
mod managers;
mod membership;
mod owners;
mod user_edit;

use std::sync::Arc;

use axum::Router;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::directory_query::supports;
use super::envelope::ApiError;
use super::expression::{Expression, Use, inner_value};
use super::filter::Filter;
use super::records::{Group, Record, User};
use super::shared::Shared;
use super::tenant::Tenant;
pub(super) use body::linked_id;
pub(super) use group_rules::{already_linked, check_members_can_change};

/// The paths of the directory that change it, follow it or ask about memberships.
pub(super) fn router() -> Router<Arc<Shared>> {
    user_edit::router()
        .merge(group_edit::router())
        .merge(managers::router())
        .merge(owners::router())
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
    "deletedDateTime",
    "department",
    "employeeHireDate",
    "employeeId",
    "employeeLeaveDateTime",
    "employeeOrgData",
    "employeeType",
    "externalUserState",
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
pub(super) const COLLECTIONS: &[&str] =
    &["assignedLicenses", "assignedPlans", "businessPhones", "groupTypes", "otherMails", "proxyAddresses"];

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

    /// The type's name in `@odata.type`.
    pub(super) fn odata_type(self) -> &'static str {
        match self {
            Self::User => "#microsoft.graph.user",
            Self::Group => "#microsoft.graph.group",
        }
    }

    /// The kind that a path segment such as `microsoft.graph.user` casts to.
    pub(super) fn of_cast(segment: &str) -> Option<Self> {
        let named = |kind: &Self| segment.eq_ignore_ascii_case(kind.odata_type().trim_start_matches('#'));
        [Self::User, Self::Group].into_iter().find(named)
    }

    fn spelling(self, property: &str) -> Option<&'static str> {
        let known = match self {
            Self::User => [USER_DEFAULTS, USER_ON_REQUEST],
            Self::Group => [GROUP_PROPERTIES, &[]],
        };
        known.into_iter().flatten().find(|known| known.eq_ignore_ascii_case(property)).copied()
    }
}

/// A user or a group.
#[derive(Clone, Copy)]
pub(super) struct DirectoryObject<'t> {
    pub(super) kind: Kind,
    properties: &'t Map<String, Value>,
}

impl<'t> From<&'t User> for DirectoryObject<'t> {
    fn from(user: &'t User) -> Self {
        Self { kind: Kind::User, properties: &user.properties }
    }
}

impl<'t> From<&'t Group> for DirectoryObject<'t> {
    fn from(group: &'t Group) -> Self {
        Self { kind: Kind::Group, properties: &group.properties }
    }
}

impl<'t> DirectoryObject<'t> {
    /// The object with this id, whatever it is.
    pub(super) fn find(tenant: &'t Tenant, id: &str) -> Option<Self> {
        tenant.users.get(id).map(Self::from).or_else(|| tenant.groups.get(id).map(Self::from))
    }

    /// The object with this id as readers see it.
    pub(super) fn shown(tenant: &'t Tenant, id: &str) -> Option<Self> {
        tenant.shown_user(id).map(Self::from).or_else(|| tenant.shown_group(id).map(Self::from))
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
pub(super) fn check(kinds: &[Kind], select: Option<&[String]>, filter: &Filter) -> Result<(), ApiError> {
    let known = |name: &str| kinds.iter().any(|kind| kind.has(name));
    if let Some(unknown) = select.unwrap_or_default().iter().find(|name| !known(name)) {
        return Err(ApiError::bad_request(format!("Could not find a property named '{unknown}'.")));
    }
    let unsupported = |used: &Use| {
        let root = used.path.split('/').next().unwrap_or_default();
        let spelling = kinds.iter().find_map(|kind| kind.spelling(root));
        !spelling.is_some_and(|property| supports(property, used.kind))
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

/// The row's place in a list that follows the order of ids: those behind `after`.
pub(super) fn objects_after<'t>(
    tenant: &'t Tenant,
    ids: impl Iterator<Item = &'t String>,
    after: Option<&str>,
) -> impl Iterator<Item = (&'t str, DirectoryObject<'t>)> {
    let behind = ids.filter(move |id| after.is_none_or(|after| id.as_str() > after));
    behind.filter_map(move |id| DirectoryObject::shown(tenant, id).map(|object| (id.as_str(), object)))
}

/// A user in the shape of entitlement management's `accessPackageSubject`; its `id` is not the user's.
pub(super) fn subject(tenant: &Tenant, user: &User) -> Map<String, Value> {
    let text = |name: &str| user.properties.get(name).cloned().unwrap_or_default();
    let shape = [
        ("id", json!(tenant.derived_id("subject", user.id()))),
        ("objectId", json!(user.id)),
        ("displayName", text("displayName")),
        ("email", text("mail")),
        ("principalName", text("userPrincipalName")),
        ("onPremisesSecurityIdentifier", Value::Null),
        ("subjectType", json!("user")),
        ("subjectLifecycle", json!("notDefined")),
    ];
    shape.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
