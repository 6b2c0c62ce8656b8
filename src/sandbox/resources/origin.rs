//! What can be a resource: groups, applications and sites as they are, with the roles that they offer.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::{OriginSystem, Resource, Role, Scope};
use crate::sandbox::applications::{AppRole, Application};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::records::{Catalog, Group};
use crate::sandbox::tenant::Tenant;

/// What the origin says about a thing that can be a resource.
pub(in crate::sandbox) struct Origin {
    system: OriginSystem,
    id: String,
    display_name: String,
    description: String,
    roles: Vec<OriginRole>,
}

struct OriginRole {
    display_name: String,
    description: Option<String>,
    id: String,
    r#type: Option<&'static str>,
}

impl Origin {
    /// Looks the origin up and checks that it may be a resource.
    ///
    /// # Errors
    /// 404 for what is not there, and 400 for what cannot be governed: synced and distribution groups, no address of a site.
    pub(in crate::sandbox) fn find(tenant: &Tenant, system: OriginSystem, id: &str) -> Result<Self, ApiError> {
        match system {
            OriginSystem::AadGroup => {
                let id = object_id(id)?;
                let group = tenant.groups.get(&id).ok_or_else(|| unknown(&id))?;
                match ungovernable(group) {
                    Some(why) => Err(refused("UnsupportedResource", why)),
                    None => Ok(Self::of_group(group)),
                }
            }
            OriginSystem::AadApplication => {
                let id = object_id(id)?;
                Ok(Self::of_application(tenant.applications.get(&id).ok_or_else(|| unknown(&id))?))
            }
            OriginSystem::SharePointOnline => Self::of_site(id),
        }
    }

    /// A group as it is, whether or not it may be a resource.
    pub(in crate::sandbox) fn of_group(group: &Group) -> Self {
        let id = &group.id;
        let role = |name: &str, prefix: &str, kind| OriginRole {
            display_name: name.to_owned(),
            description: None,
            id: format!("{prefix}_{id}"),
            r#type: Some(kind),
        };
        let mut roles = Vec::new();
        // Who is in a dynamic group is its rule's matter; only owners can be made [seed 003].
        let dynamic = has_type(group, "DynamicMembership");
        if !dynamic {
            roles.push(role("Member", "Member", "active"));
        }
        roles.push(role("Owner", "Owner", "active"));
        // Eligible roles come with Privileged Identity Management, which governs role-assignable groups.
        if group.properties.get("isAssignableToRole").and_then(Value::as_bool) == Some(true) {
            roles.push(role("Eligible Member", "EligibleMember", "eligible"));
            roles.push(role("Eligible Owner", "EligibleOwner", "eligible"));
        }
        let description = group.properties.get("description").and_then(Value::as_str).unwrap_or_default();
        Self {
            system: OriginSystem::AadGroup,
            id: id.clone(),
            display_name: group.display_name().to_owned(),
            description: description.to_owned(),
            roles,
        }
    }

    fn of_application(application: &Application) -> Self {
        let role = |role: &AppRole| OriginRole {
            display_name: role.display_name.clone(),
            description: Some(role.description.clone()),
            id: role.id.clone(),
            r#type: None,
        };
        let mut roles: Vec<_> = application.roles.iter().filter(|role| role.enabled).map(role).collect();
        if roles.is_empty() {
            roles.push(OriginRole {
                display_name: "Default Access".to_owned(),
                description: None,
                id: Uuid::nil().hyphenated().to_string(),
                r#type: None,
            });
        }
        Self {
            system: OriginSystem::AadApplication,
            id: application.id.clone(),
            display_name: application.display_name.clone(),
            description: application.description.clone(),
            roles,
        }
    }

    /// Every address is a site here, with the three groups that a new site has; their numbers are its roles' ids.
    fn of_site(address: &str) -> Result<Self, ApiError> {
        let url = Url::parse(address.trim()).ok().filter(|url| url.scheme() == "https" && url.has_host());
        let url = url.ok_or_else(|| refused("InvalidResource", "A site's originId is its https address."))?;
        let last = url.path_segments().and_then(|segments| segments.rev().find(|part| !part.is_empty()));
        let name = last.or(url.host_str()).unwrap_or_default().to_owned();
        let role = |number: u8, group: &str| OriginRole {
            display_name: format!("{name} {group}"),
            description: None,
            id: number.to_string(),
            r#type: None,
        };
        let roles = vec![role(3, "Owners"), role(4, "Visitors"), role(5, "Members")];
        let id = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { system: OriginSystem::SharePointOnline, description: id.clone(), id, display_name: name, roles })
    }

    /// The resource as new in the catalog.
    pub(in crate::sandbox) fn onboarded(self, tenant: &Tenant, catalog: &Catalog, now: Timestamp) -> Resource {
        let id = tenant.derived_id("resource", &format!("{}/{}/{}", catalog.id, self.system.name(), self.id));
        let scope =
            Scope { id: tenant.derived_id("scope", &id), origin_system: self.system, origin_id: self.id.clone() };
        let mut resource = Resource {
            id,
            catalog_id: catalog.id.clone(),
            display_name: String::new(),
            description: String::new(),
            attributes: Vec::new(),
            roles: Vec::new(),
            scope,
            created: now,
            modified: now,
        };
        self.refresh(tenant, &mut resource, now);
        resource
    }

    /// Brings names and roles of the resource up to what the origin says now; a role keeps its id.
    pub(in crate::sandbox) fn refresh(self, tenant: &Tenant, resource: &mut Resource, now: Timestamp) {
        let known = std::mem::take(&mut resource.roles);
        let role = |role: OriginRole| Role {
            id: tenant.derived_id("role", &format!("{}/{}", resource.id, role.id)),
            used: known.iter().any(|known| known.used && known.origin_id == role.id),
            display_name: role.display_name,
            description: role.description,
            origin_system: self.system,
            origin_id: role.id,
            r#type: role.r#type.map(str::to_owned),
        };
        resource.roles = self.roles.into_iter().map(role).collect();
        resource.display_name = self.display_name;
        resource.description = self.description;
        resource.modified = now;
    }

    /// The catalog's resource for this origin, if it has one.
    pub(in crate::sandbox) fn resource_in<'t>(&self, tenant: &'t Tenant, catalog_id: &str) -> Option<&'t Resource> {
        tenant.resources.by("originid", &self.id).find(|resource| {
            let Scope { origin_system, origin_id, .. } = &resource.scope;
            resource.catalog_id == catalog_id && *origin_system == self.system && *origin_id == self.id
        })
    }
}

/// Why a group cannot be a resource, if it cannot [graph-contract 1.6].
fn ungovernable(group: &Group) -> Option<&'static str> {
    let is_true = |property: &str| group.properties.get(property).and_then(Value::as_bool) == Some(true);
    if is_true("onPremisesSyncEnabled") {
        return Some("A group that is synchronized from on-premises cannot be managed in entitlement management.");
    }
    let distribution = is_true("mailEnabled") && !has_type(group, "Unified");
    distribution.then_some("A distribution or mail-enabled security group cannot be managed in entitlement management.")
}

fn has_type(group: &Group, kind: &str) -> bool {
    let types = group.properties.get("groupTypes").and_then(Value::as_array);
    types.into_iter().flatten().any(|known| known.as_str().is_some_and(|known| known.eq_ignore_ascii_case(kind)))
}

fn object_id(text: &str) -> Result<String, ApiError> {
    let id = Uuid::try_parse(text.trim());
    let id = id.map_err(|_| refused("InvalidResource", "A group's or application's originId is its object id."))?;
    Ok(id.hyphenated().to_string())
}

fn unknown(id: &str) -> ApiError {
    ApiError::entitlement(StatusCode::NOT_FOUND, "ResourceNotFound", format!("The resource '{id}' was not found."))
}

fn refused(code: &str, message: &str) -> ApiError {
    ApiError::entitlement(StatusCode::BAD_REQUEST, code, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::role_scope;
    use super::*;
    use crate::sandbox::seed;

    fn tenant(properties: Value) -> Tenant {
        let document = serde_yaml::from_str("{name: x, domain: x, groups: [{displayName: G}]}").unwrap();
        let mut tenant = seed::build(document, "2026-11-21T00:00:00Z".parse().unwrap()).unwrap();
        let mut group = tenant.groups.iter().next().unwrap().clone();
        group.properties.extend(properties.as_object().unwrap().clone());
        tenant.put_group(group);
        tenant
    }

    /// The roles that the one group offers with these properties, or why it cannot be a resource.
    fn offered(properties: Value) -> Result<Vec<String>, ApiError> {
        let tenant = tenant(properties);
        let group = tenant.groups.iter().next().unwrap().id.clone();
        let origin = Origin::find(&tenant, OriginSystem::AadGroup, &group)?;
        Ok(origin.roles.into_iter().map(|role| role.display_name).collect())
    }

    #[test]
    fn what_kind_of_group_it_is_decides_on_its_roles() {
        assert_eq!(offered(json!({})).unwrap(), ["Member", "Owner"]);
        assert_eq!(offered(json!({ "groupTypes": ["DynamicMembership"] })).unwrap(), ["Owner"]);
        let teams = json!({ "groupTypes": ["Unified"], "mailEnabled": true });
        assert_eq!(offered(teams).unwrap(), ["Member", "Owner"]);
        let eligible = offered(json!({ "isAssignableToRole": true })).unwrap();
        assert_eq!(eligible, ["Member", "Owner", "Eligible Member", "Eligible Owner"]);
    }

    #[test]
    fn synchronized_and_distribution_groups_are_no_resources() {
        for properties in [json!({ "onPremisesSyncEnabled": true }), json!({ "mailEnabled": true })] {
            let refusal = offered(properties.clone()).unwrap_err();
            assert_eq!(refusal.status, StatusCode::BAD_REQUEST, "{properties}");
        }
    }

    #[test]
    fn a_refreshed_role_keeps_its_id_and_its_use() {
        let mut tenant = tenant(json!({}));
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        let catalog = Catalog {
            id: tenant.new_id("catalog"),
            display_name: "C".to_owned(),
            description: String::new(),
            catalog_type: "userManaged".to_owned(),
            state: "published".to_owned(),
            externally_visible: false,
            created: now,
            modified: now,
        };
        let mut group = tenant.groups.iter().next().unwrap().clone();
        let resource = Origin::of_group(&group).onboarded(&tenant, &catalog, now);
        let (id, roles) = (resource.id.clone(), resource.roles.clone());
        tenant.put_resource(resource);
        role_scope(&mut tenant, &id, &roles[1].origin_id, now).unwrap();
        assert!(role_scope(&mut tenant, &id, "Member_x", now).is_none());

        group.properties.insert("groupTypes".to_owned(), json!(["DynamicMembership"]));
        group.properties.insert("displayName".to_owned(), json!("H"));
        let mut resource = tenant.resources.get(&id).unwrap().clone();
        Origin::of_group(&group).refresh(&tenant, &mut resource, now);
        assert_eq!((resource.display_name.as_str(), resource.roles.len()), ("H", 1));
        assert_eq!((&resource.roles[0].id, resource.roles[0].used), (&roles[1].id, true));
    }

    #[test]
    fn a_site_is_an_https_address() {
        let tenant = tenant(json!({}));
        let find = |address: &str| Origin::find(&tenant, OriginSystem::SharePointOnline, address);
        assert_eq!(find("https://x.sharepoint.com/sites/Team/").unwrap().id, "https://x.sharepoint.com/sites/Team");
        assert_eq!(find("https://x.sharepoint.com").unwrap().display_name, "x.sharepoint.com");
        for bad in ["", "x", "http://x.sharepoint.com", "https://", "file:///x"] {
            assert!(find(bad).is_err(), "{bad}");
        }
    }
}
