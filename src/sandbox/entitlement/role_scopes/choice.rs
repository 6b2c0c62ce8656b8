//! Which role of which resource a new role scope is to give.

use serde::Deserialize;

use super::super::payload::refused;
use super::super::{shapes, submission};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::records::Package;
use crate::sandbox::resources::{OriginSystem, Resource, Role};
use crate::sandbox::tenant::Tenant;

/// What names a role, its resource and its scope; further properties are as read before, and say nothing new.
#[derive(Debug, Deserialize)]
pub(super) struct RoleScopeBody {
    role: RoleBody,
    scope: Option<ScopeBody>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleBody {
    id: Option<String>,
    origin_id: Option<String>,
    origin_system: Option<String>,
    resource: Option<ScopeBody>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScopeBody {
    id: Option<String>,
    origin_id: Option<String>,
}

impl ScopeBody {
    /// Whether the id and the origin, as far as they are given, are these.
    fn names(&self, id: &str, origin_id: &str) -> bool {
        let same = |given: &Option<String>, known: &str| {
            given.as_ref().is_none_or(|given| given.trim().trim_end_matches('/').eq_ignore_ascii_case(known))
        };
        same(&self.id, id) && same(&self.origin_id, origin_id) && (self.id.is_some() || self.origin_id.is_some())
    }
}

impl RoleScopeBody {
    /// The resource in the package's catalog and its role that the body names.
    ///
    /// # Errors
    /// 404 for a resource of another catalog, 400 for what names none, or a role or scope that the resource does not have.
    pub(super) fn chosen<'t>(
        &self,
        tenant: &'t Tenant,
        package: &Package,
    ) -> Result<(&'t Resource, &'t Role), ApiError> {
        let incomplete = |what: &str| refused("InvalidModel", format!("'{what}' does not say which it is."));
        let named = self.role.resource.as_ref().filter(|named| named.id.is_some() || named.origin_id.is_some());
        let named = named.ok_or_else(|| incomplete("role/resource"))?;
        let mut resources = tenant.resources.by("catalog/id", &package.catalog_id);
        let resource = resources.find(|resource| named.names(&resource.id, &resource.scope.origin_id));
        let wanted = named.id.as_ref().or(named.origin_id.as_ref()).map_or("", String::as_str);
        let resource = resource.ok_or_else(|| submission::not_found(wanted))?;
        let scope = &resource.scope;
        if self.scope.as_ref().is_some_and(|given| !given.names(&scope.id, &scope.origin_id)) {
            return Err(refused("InvalidScope", "The scope is not one of the role's resource.".to_owned()));
        }
        let system = self.role.origin_system.as_deref();
        if system.is_some_and(|system| OriginSystem::parse(system) != Some(scope.origin_system)) {
            return Err(refused("InvalidModel", "'role/originSystem' is not that of the role's resource.".to_owned()));
        }
        let id = self.role.id.as_deref().filter(|id| *id != shapes::UNUSED_ROLE);
        if id.is_none() && self.role.origin_id.is_none() {
            return Err(incomplete("role"));
        }
        let is_chosen = |role: &&Role| {
            id.is_none_or(|id| id.eq_ignore_ascii_case(&role.id))
                && self.role.origin_id.as_ref().is_none_or(|origin| origin.eq_ignore_ascii_case(&role.origin_id))
        };
        let role = resource.roles.iter().find(is_chosen);
        let message = || format!("The resource '{}' has no such role that an access package can give.", resource.id);
        Ok((resource, role.ok_or_else(|| refused("InvalidRole", message()))?))
    }
}
