//! Resources of catalogs: the groups, applications and sites behind them, and the roles that packages give (graph-contract 1.6).

mod attribute;
mod origin;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::tenant::Tenant;
pub(super) use attribute::{AttributeDestination, AttributeSource, ResourceAttribute};
pub(super) use origin::Origin;

/// Where a resource lives; spelt as on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum OriginSystem {
    AadGroup,
    AadApplication,
    SharePointOnline,
}

impl OriginSystem {
    /// Reads the wire's name, any case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let known = [Self::AadGroup, Self::AadApplication, Self::SharePointOnline];
        known.into_iter().find(|system| system.name().eq_ignore_ascii_case(text.trim()))
    }

    /// The wire's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AadGroup => "AadGroup",
            Self::AadApplication => "AadApplication",
            Self::SharePointOnline => "SharePointOnline",
        }
    }
}

/// A resource in a catalog; its id is not the group's, the application's or the site's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) catalog_id: String,
    pub(super) display_name: String,
    pub(super) description: String,
    pub(super) attributes: Vec<ResourceAttribute>,
    pub(super) roles: Vec<Role>,
    /// The root scope, which says where the resource lives.
    pub(super) scope: Scope,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
}

/// A role of a resource.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Role {
    pub(super) id: String,
    pub(super) display_name: String,
    pub(super) description: Option<String>,
    pub(super) origin_system: OriginSystem,
    /// `Member_<group>`, `Owner_<group>`, an app role's id, or a site role's number.
    pub(super) origin_id: String,
    /// Graph's `roleType`: how a group's role is held.
    pub(super) r#type: Option<String>,
    /// Whether a package has ever given it; before that it shows the all-zero id [seed 002].
    pub(super) used: bool,
}

/// The root scope of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Scope {
    pub(super) id: String,
    pub(super) origin_system: OriginSystem,
    /// The group's or service principal's id, or the site's address.
    pub(super) origin_id: String,
}

/// A role that a package gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RoleScope {
    pub(super) resource_id: String,
    pub(super) role: Role,
    pub(super) scope: Scope,
    pub(super) created: Timestamp,
}

impl RoleScope {
    /// The wire's id.
    pub(super) fn id(&self) -> String {
        format!("{}_{}", self.role.id, self.scope.id)
    }
}

/// A request to put a resource into a catalog, to change it there or to take it out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ResourceRequest {
    pub(super) id: String,
    /// `adminAdd`, `adminUpdate` or `adminRemove`.
    pub(super) request_type: String,
    pub(super) catalog_id: String,
    pub(super) resource_id: String,
    pub(super) created: Timestamp,
}

/// What a package gives by a role of a resource; the role counts as used from here on.
pub(super) fn role_scope(tenant: &mut Tenant, resource_id: &str, role: &str, now: Timestamp) -> Option<RoleScope> {
    let mut resource = tenant.resources.get(resource_id)?.clone();
    let found = resource.roles.iter_mut().find(|known| known.origin_id == role)?;
    found.used = true;
    let role = found.clone();
    let scope = resource.scope.clone();
    tenant.put_resource(resource);
    Some(RoleScope { resource_id: resource_id.to_owned(), role, scope, created: now })
}
