//! What the tenant holds, as far as documents name it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::entitlement::{AccessPackage, AssignmentPolicy};
use crate::domain::ids::{GroupId, PackageId};
use crate::workflow::definition::Definitions;

/// The packages and policies of a tenant, and the groups that documents name.
#[derive(Debug, Clone, Default)]
pub struct Tenant {
    /// Every access package.
    pub packages: Vec<AccessPackage>,
    /// Every assignment policy.
    pub policies: Vec<AssignmentPolicy>,
    /// The groups that holding a package puts people into, of the packages that documents name.
    pub granted_groups: BTreeMap<PackageId, BTreeSet<GroupId>>,
    /// What each name or id of a group in the documents stands for; a group that could not be read is absent.
    pub groups: BTreeMap<String, NamedGroup>,
}

/// What a group's name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedGroup {
    /// One group.
    One(GroupId),
    /// No group.
    None,
    /// More than one group.
    Several,
}

/// What a name stands for among things of the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'t, T> {
    One(&'t T),
    None,
    Several,
}

impl<'t, T> Found<'t, T> {
    pub(super) fn one(self) -> Option<&'t T> {
        match self {
            Self::One(found) => Some(found),
            Self::None | Self::Several => None,
        }
    }
}

impl Tenant {
    /// The ids of the packages that documents name, repeated as there.
    pub fn named_packages<'t>(&'t self, definitions: &'t Definitions) -> impl Iterator<Item = &'t PackageId> {
        definitions.packages().filter_map(|name| self.package(name).one()).map(|package| &package.id)
    }

    /// The package of this id or display name.
    pub(super) fn package(&self, name: &str) -> Found<'_, AccessPackage> {
        find(self.packages.iter(), name, |package| package.id.as_str(), |package| &package.display_name)
    }

    /// The policy of `package` of this id or display name.
    pub(super) fn policy(&self, package: &PackageId, name: &str) -> Found<'_, AssignmentPolicy> {
        find(self.policies_of(package), name, |policy| policy.id.as_str(), |policy| &policy.display_name)
    }

    pub(super) fn policies_of(&self, package: &PackageId) -> impl Iterator<Item = &AssignmentPolicy> {
        self.policies.iter().filter(move |policy| policy.package == *package)
    }
}

fn find<'t, T>(
    things: impl Iterator<Item = &'t T>,
    name: &str,
    id: impl Fn(&T) -> &str,
    display_name: impl Fn(&T) -> &str,
) -> Found<'t, T> {
    let mut named = Found::None;
    for thing in things {
        if id(thing).eq_ignore_ascii_case(name) {
            return Found::One(thing);
        }
        if display_name(thing) == name {
            named = if matches!(named, Found::None) { Found::One(thing) } else { Found::Several };
        }
    }
    named
}
