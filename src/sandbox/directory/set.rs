//! The sets in which directory objects stand, and the objects that a path such as `/users/{id}` names in them.

use uuid::Uuid;

use super::{DirectoryObject, Kind};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::tenant::Tenant;

/// Other types of the directory that a list may be cast to, of which the sandbox has no objects in lists.
const OTHER_TYPES: &[&str] =
    &["administrativeUnit", "application", "device", "directoryRole", "orgContact", "servicePrincipal"];

/// A set, the first segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    Users,
    Groups,
    DirectoryObjects,
}

impl Set {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Users, Self::Groups, Self::DirectoryObjects];

    /// The path's segment.
    pub(super) fn segment(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Groups => "groups",
            Self::DirectoryObjects => "directoryObjects",
        }
    }

    /// What kinds of objects it has.
    pub(super) fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Users => &[Kind::User],
            Self::Groups => &[Kind::Group],
            Self::DirectoryObjects => &[Kind::User, Kind::Group],
        }
    }

    /// The object with this id; a user by sign-in name too.
    ///
    /// # Errors
    /// 404 for an unknown object, 400 for what cannot be an id.
    pub(super) fn object<'t>(self, tenant: &'t Tenant, id: &str) -> Result<DirectoryObject<'t>, ApiError> {
        let unknown = || ApiError::unknown_object(id);
        let is_user = |object: &DirectoryObject<'_>| object.kind == Kind::User;
        let gone = || tenant.still_shown(&id.to_lowercase()).map(DirectoryObject::from).filter(is_user);
        let user = || tenant.user(id).filter(|user| tenant.shows(*user)).map(DirectoryObject::from).or_else(gone);
        let found = match self {
            Self::Users => return user().ok_or_else(unknown),
            Self::Groups => DirectoryObject::shown(tenant, &object_id(id)?).filter(|found| found.kind == Kind::Group),
            Self::DirectoryObjects => user().or_else(|| DirectoryObject::shown(tenant, &object_id(id).ok()?)),
        };
        found.ok_or_else(unknown)
    }
}

/// An object id in the form in which ids are kept.
///
/// # Errors
/// 400 for what is not a GUID.
pub(in crate::sandbox) fn object_id(text: &str) -> Result<String, ApiError> {
    let id =
        Uuid::try_parse(text).map_err(|_| ApiError::bad_request(format!("Invalid object identifier '{text}'.")))?;
    Ok(id.hyphenated().to_string())
}

/// The kinds that a path segment such as `microsoft.graph.user` or `graph.user` leaves of a list; none for a type of which
/// there are no objects here.
///
/// # Errors
/// 400 `Request_UnsupportedQuery` for what is no type of the directory.
pub(super) fn cast_to(segment: &str) -> Result<&'static [Kind], ApiError> {
    let lowered = segment.to_ascii_lowercase();
    let name = lowered.strip_prefix("microsoft.").unwrap_or(&lowered).strip_prefix("graph.");
    match name {
        Some("user") => Ok(&[Kind::User]),
        Some("group") => Ok(&[Kind::Group]),
        Some(other) if OTHER_TYPES.iter().any(|known| known.eq_ignore_ascii_case(other)) => Ok(&[]),
        _ => Err(ApiError::unsupported_query(format!("The segment '{segment}' is not a type that the list can have."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cast_names_a_type_of_the_directory() {
        for segment in ["microsoft.graph.user", "graph.user", "Microsoft.Graph.User"] {
            assert_eq!(cast_to(segment), Ok([Kind::User].as_slice()), "{segment}");
        }
        assert_eq!(cast_to("microsoft.graph.device"), Ok([].as_slice()));
        for segment in ["user", "microsoft.user", "graph.shoe", "graph.", ""] {
            assert!(cast_to(segment).is_err(), "{segment}");
        }
    }
}
