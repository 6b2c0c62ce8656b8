//! From one directory object to others: who is in, owns or reports to what (graph-contract 2.1, 2.4).

use std::collections::BTreeSet;
use std::ops::Bound;

use super::set::Set;
use super::{DirectoryObject, Kind};
use crate::sandbox::tenant::{Condition, Tenant};

/// Objects, one by one.
pub(super) type Objects<'t> = Box<dyn Iterator<Item = DirectoryObject<'t>> + 't>;

/// A navigation property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Navigation {
    Manager,
    DirectReports,
    MemberOf,
    TransitiveMemberOf,
    Members,
    TransitiveMembers,
    Owners,
}

impl Navigation {
    /// All of them.
    pub(super) const ALL: [Self; 7] = [
        Self::Manager,
        Self::DirectReports,
        Self::MemberOf,
        Self::TransitiveMemberOf,
        Self::Members,
        Self::TransitiveMembers,
        Self::Owners,
    ];

    /// The property's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Manager => "manager",
            Self::DirectReports => "directReports",
            Self::MemberOf => "memberOf",
            Self::TransitiveMemberOf => "transitiveMemberOf",
            Self::Members => "members",
            Self::TransitiveMembers => "transitiveMembers",
            Self::Owners => "owners",
        }
    }

    /// Whether the objects of a set have it.
    pub(super) fn is_of(self, set: Set) -> bool {
        match self {
            Self::Manager | Self::DirectReports => set == Set::Users,
            Self::Members | Self::TransitiveMembers | Self::Owners => set == Set::Groups,
            Self::MemberOf | Self::TransitiveMemberOf => true,
        }
    }

    /// Whether it leads to at most one object.
    pub(super) fn is_single(self) -> bool {
        self == Self::Manager
    }

    /// Whether it goes through objects in between.
    pub(super) fn is_transitive(self) -> bool {
        matches!(self, Self::TransitiveMemberOf | Self::TransitiveMembers)
    }

    /// What kinds of objects are at the other end.
    pub(super) fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Manager | Self::DirectReports | Self::Owners => &[Kind::User],
            Self::MemberOf | Self::TransitiveMemberOf => &[Kind::Group],
            Self::Members | Self::TransitiveMembers => &[Kind::User, Kind::Group],
        }
    }

    /// The objects at the other end, always in the same order: those behind `after`.
    pub(super) fn objects<'t>(self, tenant: &'t Tenant, id: &str, after: Option<&str>) -> Objects<'t> {
        let direct = match self {
            Self::TransitiveMembers => return all_of(tenant, tenant.transitive_members(id), after),
            Self::TransitiveMemberOf => return all_of(tenant, tenant.transitive_groups_of_member(id), after),
            Self::Members if tenant.has_lagging_members() => return all_of(tenant, tenant.shown_members(id), after),
            Self::MemberOf if tenant.has_lagging_members() => {
                return all_of(tenant, tenant.shown_groups_of_member(id), after);
            }
            Self::Manager => {
                let manager = tenant.users.get(id).and_then(|user| user.manager.as_deref());
                let manager = manager.filter(|manager| after.is_none_or(|after| *manager > after));
                return Box::new(manager.and_then(|manager| tenant.users.get(manager)).map(Into::into).into_iter());
            }
            Self::DirectReports => {
                let reports = tenant.users.matching(&Condition::is("manager/id", id), after);
                return Box::new(reports.into_iter().flatten().filter(|user| tenant.shows(*user)).map(From::from));
            }
            Self::MemberOf => tenant.groups_of_member(id),
            Self::Members => tenant.members(id),
            Self::Owners => tenant.groups.get(id).map(|group| &group.owners),
        };
        let Some(ids) = direct else { return Box::new(std::iter::empty()) };
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = ids.range::<str, _>((start, Bound::Unbounded));
        Box::new(behind.filter_map(|id| DirectoryObject::shown(tenant, id)))
    }
}

fn all_of<'t>(tenant: &'t Tenant, mut ids: BTreeSet<String>, after: Option<&str>) -> Objects<'t> {
    if let Some(after) = after {
        ids.retain(|id| id.as_str() > after);
    }
    Box::new(ids.into_iter().filter_map(|id| DirectoryObject::shown(tenant, &id)))
}
