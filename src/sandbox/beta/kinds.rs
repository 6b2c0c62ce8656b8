//! The kinds of things whose names differ between `/beta` and `/v1.0`, and how a name is looked up.

use super::names;

/// What an object is; each kind has names of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `entitlementManagement` itself, whose names are the collections.
    Root,
    Catalog,
    Package,
    Policy,
    Request,
    Assignment,
    Resource,
    Role,
    Scope,
    RoleScope,
    ResourceRequest,
    Environment,
    /// An attribute that a resource asks for.
    Attribute,
    AttributeSource,
    Subject,
    Organization,
    Settings,
    Question,
    /// A choice of a multiple choice question.
    Choice,
    Answer,
    Approval,
    /// Anything that is called the same in both versions.
    Other,
}

/// One name of a kind in both versions, and what its values are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) beta: &'static str,
    pub(super) v1: &'static str,
    pub(super) form: Form,
}

/// What the values under a name are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The same in both versions.
    Same,
    /// A word that beta begins with a capital and v1.0 does not.
    Capital,
    /// One object of a kind.
    One(Kind),
    /// Several objects of a kind.
    Many(Kind),
    /// An id in beta, in v1.0 an object with that id. Answers get the id from the tenant.
    Reference,
    /// A number of days in beta, in v1.0 an ISO 8601 duration.
    Days,
    /// A text with its translations: one object in beta, in v1.0 two members, `text` and `localizations`.
    Localized,
    /// Not in beta at all.
    Hidden,
}

impl Form {
    /// What an object under the name is.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::One(kind) | Self::Many(kind) => kind,
            _ => Kind::Other,
        }
    }
}

impl Kind {
    /// What beta calls so, any case.
    pub(super) fn by_beta(self, name: &str) -> Option<&'static Name> {
        let mut names = names::of(self).iter().filter(|known| !known.beta.is_empty());
        names.find(|known| known.beta.eq_ignore_ascii_case(name))
    }

    /// What v1.0 calls so.
    pub(super) fn by_v1(self, name: &str) -> Option<&'static Name> {
        let mut names = names::of(self).iter().filter(|known| known.form != Form::Reference);
        names.find(|known| known.v1.eq_ignore_ascii_case(name))
    }

    /// Whether only v1.0 calls something so.
    pub(super) fn is_foreign(self, name: &str) -> bool {
        self.by_beta(name).is_none() && self.by_v1(name).is_some()
    }
}
