//! Resources: what a person is given or loses, an access package or a group.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{GroupId, PackageId};

/// What an action gives or takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Resource {
    /// An access package.
    Package(PackageId),
    /// A group's direct membership.
    Group(GroupId),
}

const GROUP: &str = "group:";

impl Resource {
    /// The package, if it is one.
    pub fn package(&self) -> Option<&PackageId> {
        match self {
            Self::Package(package) => Some(package),
            Self::Group(_) => None,
        }
    }

    /// The group, if it is one.
    pub fn group(&self) -> Option<&GroupId> {
        match self {
            Self::Group(group) => Some(group),
            Self::Package(_) => None,
        }
    }

    /// The id alone, as Graph knows it.
    pub fn id(&self) -> &str {
        match self {
            Self::Package(package) => package.as_str(),
            Self::Group(group) => group.as_str(),
        }
    }

    /// Reads the text that [`fmt::Display`] writes.
    pub fn from_text(text: &str) -> Self {
        match text.strip_prefix(GROUP) {
            Some(group) => Self::Group(GroupId::from(group)),
            None => Self::Package(PackageId::from(text)),
        }
    }
}

/// A package's id as it is, a group's behind `group:`; the ledger keeps this text and action ids are derived from it.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Package(package) => package.fmt(f),
            Self::Group(group) => write!(f, "{GROUP}{group}"),
        }
    }
}

impl From<&PackageId> for Resource {
    fn from(package: &PackageId) -> Self {
        Self::Package(package.clone())
    }
}

impl From<&GroupId> for Resource {
    fn from(group: &GroupId) -> Self {
        Self::Group(group.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_reads_back_from_its_text() {
        for resource in [Resource::Package("p-1".into()), Resource::Group("g-1".into())] {
            assert_eq!(Resource::from_text(&resource.to_string()), resource);
        }
    }
}
