//! Entities and their navigation: which `$expand` and `$filter` each collection documents, and what they read.

use serde_json::{Map, Value, json};

use super::super::directory::DirectoryObject;
use super::super::envelope::ApiError;
use super::super::filter::{Comparison, Literal, Operator};
use super::super::organizations::ConnectedOrganization;
use super::super::query::{Expand, Query, invalid_filter, selected};
use super::super::records::{
    Assignment, Catalog, CustomExtension, ExtensionStageSetting, Group, Package, Policy, Question, Request,
};
use super::super::resources::{OriginSystem, Resource, ResourceRequest, Role, RoleScope, Scope};
use super::super::tenant::Tenant;
use super::environments::Environment;
use super::organizations::{self, SponsorKind};
use super::{shapes, subjects};

/// The operator that every documented filter has.
pub(super) const EQUAL: &[Operator] = &[Operator::Equal];
/// The one property that is an instant.
pub(super) const CREATED: &str = "createddatetime";
const NAMED: &[Operator] = &[Operator::Equal, Operator::Contains];
const RANGE: &[Operator] =
    &[Operator::Equal, Operator::Greater, Operator::GreaterOrEqual, Operator::Less, Operator::LessOrEqual];

/// A collection that can be listed.
pub(super) trait Collection {
    /// The documented filters: property in lower case, and how it may be compared.
    const FILTERS: &'static [(&'static str, &'static [Operator])];
    /// The documented expansions; one inside another is written `outer/inner`.
    const EXPANSIONS: &'static [&'static str];

    /// The entity for rendering.
    fn node<'t>(&'t self, tenant: &'t Tenant) -> Node<'t>;

    /// The value of a property that [`Self::FILTERS`] names.
    fn filtered(&self, tenant: &Tenant, property: &str) -> Value;
}

impl Collection for Catalog {
    const FILTERS: &'static [(&'static str, &'static [Operator])] = &[("displayname", NAMED)];
    const EXPANSIONS: &'static [&'static str] =
        &["accesspackages", "resources", "resources/roles", "resources/scopes", "resources/environment"];

    fn node<'t>(&'t self, _: &'t Tenant) -> Node<'t> {
        Node::Catalog(self)
    }

    fn filtered(&self, _: &Tenant, _: &str) -> Value {
        json!(self.display_name)
    }
}

impl Collection for Package {
    const FILTERS: &'static [(&'static str, &'static [Operator])] = &[("displayname", NAMED)];
    const EXPANSIONS: &'static [&'static str] = &[
        "accesspackagesincompatiblewith",
        "assignmentpolicies",
        "catalog",
        "incompatibleaccesspackages",
        "incompatiblegroups",
        "resourcerolescopes",
        "resourcerolescopes/role",
        "resourcerolescopes/scope",
    ];

    fn node<'t>(&'t self, _: &'t Tenant) -> Node<'t> {
        Node::Package(self)
    }

    fn filtered(&self, _: &Tenant, _: &str) -> Value {
        json!(self.display_name)
    }
}

impl Collection for Resource {
    const FILTERS: &'static [(&'static str, &'static [Operator])] =
        &[("id", EQUAL), ("originid", EQUAL), ("originsystem", EQUAL), ("displayname", EQUAL)];
    const EXPANSIONS: &'static [&'static str] = &["environment", "roles", "scopes"];

    fn node<'t>(&'t self, _: &'t Tenant) -> Node<'t> {
        Node::Resource(self)
    }

    fn filtered(&self, _: &Tenant, property: &str) -> Value {
        Value::from(match property {
            "id" => &self.id,
            "originid" => &self.scope.origin_id,
            "originsystem" => self.scope.origin_system.name(),
            _ => &self.display_name,
        })
    }
}

impl Collection for Policy {
    const FILTERS: &'static [(&'static str, &'static [Operator])] = &[("displayname", EQUAL)];
    const EXPANSIONS: &'static [&'static str] = &[
        "accesspackage",
        "catalog",
        "customextensionstagesettings",
        "customextensionstagesettings/customextension",
        "questions",
    ];

    fn node<'t>(&'t self, _: &'t Tenant) -> Node<'t> {
        Node::Policy(self)
    }

    fn filtered(&self, _: &Tenant, _: &str) -> Value {
        json!(self.display_name)
    }
}

impl Collection for CustomExtension {
    const FILTERS: &'static [(&'static str, &'static [Operator])] = &[];
    const EXPANSIONS: &'static [&'static str] = &[];

    fn node<'t>(&'t self, _: &'t Tenant) -> Node<'t> {
        Node::CustomExtension(self)
    }

    fn filtered(&self, _: &Tenant, _: &str) -> Value {
        Value::Null
    }
}

impl Collection for Request {
    const FILTERS: &'static [(&'static str, &'static [Operator])] =
        &[("state", EQUAL), ("accesspackage/id", EQUAL), (CREATED, RANGE)];
    const EXPANSIONS: &'static [&'static str] =
        &["accesspackage", "assignment", "assignment/target", "requestor", "requestor/connectedorganization"];

    fn node<'t>(&'t self, _: &'t Tenant) -> Node<'t> {
        Node::Request(self)
    }

    fn filtered(&self, _: &Tenant, property: &str) -> Value {
        match property {
            "state" => json!(self.state.name()),
            CREATED => json!(self.created),
            _ => json!(self.package_id),
        }
    }
}

impl Collection for Assignment {
    const FILTERS: &'static [(&'static str, &'static [Operator])] =
        &[("state", EQUAL), ("accesspackage/id", EQUAL), ("target/objectid", EQUAL), ("assignmentpolicy/id", EQUAL)];
    const EXPANSIONS: &'static [&'static str] =
        &["accesspackage", "assignmentpolicy", "target", "target/connectedorganization"];

    fn node<'t>(&'t self, _: &'t Tenant) -> Node<'t> {
        Node::Assignment(self)
    }

    fn filtered(&self, _: &Tenant, property: &str) -> Value {
        match property {
            "state" => json!(self.state.name()),
            "target/objectid" => json!(self.target_id),
            "assignmentpolicy/id" => json!(self.policy_id),
            _ => json!(self.package_id),
        }
    }
}

/// Refuses filters and expansions that the collection does not document.
pub(super) fn check<T: Collection>(query: &Query) -> Result<(), ApiError> {
    for comparison in &query.filter.0 {
        let path = comparison.path.to_lowercase();
        // An instant is compared with an instant, and all else with text: other literals are of no type that fits.
        let fits = match comparison.literal {
            Literal::Instant(_) => path == CREATED,
            Literal::Text(_) => path != CREATED,
            _ => false,
        };
        let documented = fits
            && T::FILTERS.iter().any(|(known, operators)| *known == path && operators.contains(&comparison.operator));
        if !documented {
            return Err(invalid_filter(&format!(
                "{} {} {}",
                comparison.path,
                comparison.operator.name(),
                comparison.written
            )));
        }
    }
    check_expansions(&query.expand, T::EXPANSIONS)
}

/// Refuses expansions that are not among the documented ones.
pub(super) fn check_expansions(expand: &[Expand], documented: &[&str]) -> Result<(), ApiError> {
    let inner = |outer: &Expand| -> Vec<String> {
        let own = std::iter::once(outer.property.to_lowercase());
        own.chain(outer.expand.iter().map(|inner| format!("{}/{}", outer.property, inner.property).to_lowercase()))
            .collect()
    };
    let unknown = expand.iter().flat_map(inner).find(|path| !documented.contains(&path.as_str()));
    match unknown {
        None => Ok(()),
        Some(path) => Err(ApiError::bad_request(format!(
            "Parsing OData Select and Expand failed: '{path}' cannot be expanded here."
        ))),
    }
}

/// Whether a checked comparison holds for the entity, or for one element of its collection.
pub(super) fn holds<T: Collection>(entity: &T, tenant: &Tenant, comparison: &Comparison) -> bool {
    match entity.filtered(tenant, &comparison.path.to_lowercase()) {
        Value::Array(elements) => elements.iter().any(|element| comparison.holds(element)),
        value => comparison.holds(&value),
    }
}

/// An entity, wherever it appears.
pub(super) enum Node<'t> {
    Catalog(&'t Catalog),
    Package(&'t Package),
    Policy(&'t Policy),
    Request(&'t Request),
    Assignment(&'t Assignment),
    Resource(&'t Resource),
    ResourceRequest(&'t ResourceRequest),
    RoleScope(&'t RoleScope),
    /// With its resource, where that is still in the catalog.
    Role(&'t Role, Option<&'t Resource>),
    Scope(&'t Scope),
    Environment(Environment),
    Group(&'t Group),
    Question(&'t Question),
    CustomExtension(&'t CustomExtension),
    /// With the policy it is one of.
    StageSetting(&'t Policy, &'t ExtensionStageSetting),
    /// By the user's id.
    Subject(&'t str),
    Organization(&'t ConnectedOrganization),
    Sponsor(DirectoryObject<'t>),
}

/// What a navigation property leads to; its name is as on the wire.
enum Target<'t> {
    One(&'static str, Option<Node<'t>>),
    Many(&'static str, Vec<Node<'t>>),
}

/// The entity on the wire: what `select` names of its own properties, and what `expand` asks for.
///
/// # Errors
/// Refuses a selected property that the entity does not have.
pub(super) fn render(
    node: Node<'_>,
    tenant: &Tenant,
    select: Option<&[String]>,
    expand: &[Expand],
) -> Result<Map<String, Value>, ApiError> {
    let mut rendered = selected(node.properties(tenant), select)?;
    for expand in expand {
        let inner = |node| render(node, tenant, expand.select.as_deref(), &expand.expand).map(Value::Object);
        let (name, value) = match node.navigate(tenant, &expand.property.to_lowercase()) {
            Some(Target::One(name, one)) => (name, one.map(inner).transpose()?.unwrap_or_default()),
            Some(Target::Many(name, many)) => {
                (name, Value::Array(many.into_iter().map(inner).collect::<Result<_, _>>()?))
            }
            None => continue,
        };
        rendered.insert(name.to_owned(), value);
    }
    Ok(rendered)
}

impl<'t> Node<'t> {
    fn properties(&self, tenant: &Tenant) -> Map<String, Value> {
        match self {
            Self::Catalog(catalog) => shapes::catalog(catalog),
            Self::Package(package) => shapes::package(package),
            Self::Policy(policy) => shapes::policy(policy),
            Self::Request(request) => shapes::request(request),
            Self::Assignment(assignment) => shapes::assignment(assignment),
            Self::Resource(resource) => shapes::resource(resource),
            Self::ResourceRequest(request) => shapes::resource_request(request),
            Self::RoleScope(role_scope) => shapes::role_scope(role_scope),
            Self::Role(role, _) => shapes::role(role),
            Self::Scope(scope) => shapes::scope(scope),
            Self::Environment(environment) => shapes::environment(environment),
            Self::Group(group) => DirectoryObject::from(*group).render(None),
            Self::Question(question) => shapes::question(question),
            Self::CustomExtension(extension) => shapes::custom_extension(extension),
            Self::StageSetting(policy, setting) => shapes::stage_setting(tenant, policy, setting),
            Self::Subject(user_id) => subjects::shape(tenant, user_id),
            Self::Organization(organization) => organizations::shape(organization),
            Self::Sponsor(sponsor) => sponsor.render_typed(None),
        }
    }

    fn navigate(&self, tenant: &'t Tenant, property: &str) -> Option<Target<'t>> {
        let package = |id: &str| Target::One("accessPackage", tenant.packages.get(id).map(Node::Package));
        let catalog =
            |package: &Package| Target::One("catalog", tenant.catalogs.get(&package.catalog_id).map(Node::Catalog));
        Some(match (self, property) {
            (Self::Catalog(own), "accesspackages") => {
                let packages = tenant.packages.by("catalog/id", &own.id);
                Target::Many("accessPackages", packages.map(Node::Package).collect())
            }
            (Self::Package(own), "assignmentpolicies") => {
                let policies = tenant.policies.by("accesspackage/id", &own.id);
                Target::Many("assignmentPolicies", policies.map(Node::Policy).collect())
            }
            (Self::Package(own), "catalog") => catalog(own),
            (Self::Package(own), "resourcerolescopes") => {
                Target::Many("resourceRoleScopes", own.role_scopes.iter().map(Node::RoleScope).collect())
            }
            (Self::Package(own), "incompatibleaccesspackages") => {
                let others = own.incompatible_package_ids.iter().filter_map(|id| tenant.packages.get(id));
                Target::Many("incompatibleAccessPackages", others.map(Node::Package).collect())
            }
            (Self::Package(own), "incompatiblegroups") => {
                let groups = own.incompatible_group_ids.iter().filter_map(|id| tenant.groups.get(id));
                Target::Many("incompatibleGroups", groups.map(Node::Group).collect())
            }
            (Self::Package(own), "accesspackagesincompatiblewith") => {
                let others = tenant.packages.by("incompatibleaccesspackages/id", &own.id);
                Target::Many("accessPackagesIncompatibleWith", others.map(Node::Package).collect())
            }
            (Self::RoleScope(own), "role") => {
                Target::One("role", Some(Node::Role(&own.role, tenant.resources.get(&own.resource_id))))
            }
            (Self::RoleScope(own), "scope") => Target::One("scope", Some(Node::Scope(&own.scope))),
            (Self::Role(_, resource), "resource") => Target::One("resource", resource.map(Node::Resource)),
            (Self::Catalog(own), "resources") => {
                let resources = tenant.resources.by("catalog/id", &own.id);
                Target::Many("resources", resources.map(Node::Resource).collect())
            }
            (Self::Resource(own), "roles") => {
                Target::Many("roles", own.roles.iter().map(|role| Node::Role(role, Some(own))).collect())
            }
            (Self::Resource(own), "scopes") => Target::Many("scopes", vec![Node::Scope(&own.scope)]),
            (Self::Resource(own), "environment") => {
                let on_a_site = own.scope.origin_system == OriginSystem::SharePointOnline;
                Target::One("environment", on_a_site.then(|| Node::Environment(Environment::of(tenant))))
            }
            (Self::ResourceRequest(own), "catalog") => {
                Target::One("catalog", tenant.catalogs.get(&own.catalog_id).map(Node::Catalog))
            }
            (Self::ResourceRequest(own), "resource") => {
                Target::One("resource", tenant.resources.get(&own.resource_id).map(Node::Resource))
            }
            (Self::Policy(own), "accesspackage") => package(&own.package_id),
            (Self::Policy(own), "catalog") => catalog(tenant.packages.get(&own.package_id)?),
            (Self::Policy(own), "questions") => {
                Target::Many("questions", own.questions.iter().map(Node::Question).collect())
            }
            (Self::Policy(own), "customextensionstagesettings") => {
                let settings = own.custom_extension_stage_settings.iter();
                let settings = settings.map(|setting| Node::StageSetting(own, setting));
                Target::Many("customExtensionStageSettings", settings.collect())
            }
            (Self::StageSetting(_, own), "customextension") => {
                let extension = tenant.custom_extensions.get(&own.custom_extension_id);
                Target::One("customExtension", extension.map(Node::CustomExtension))
            }
            (Self::Request(own), "accesspackage") => package(&own.package_id),
            (Self::Request(own), "assignment") => {
                let assignment = own.assignment_id.as_deref().and_then(|id| tenant.assignments.get(id));
                Target::One("assignment", assignment.map(Node::Assignment))
            }
            (Self::Request(own), "requestor") => {
                // A request that is refused later may be about nobody known.
                let requestor = Some(own.requestor()).filter(|id| !id.is_empty());
                Target::One("requestor", requestor.map(Node::Subject))
            }
            (Self::Assignment(own), "accesspackage") => package(&own.package_id),
            (Self::Assignment(own), "assignmentpolicy") => {
                Target::One("assignmentPolicy", tenant.policies.get(&own.policy_id).map(Node::Policy))
            }
            (Self::Assignment(own), "target") => Target::One("target", Some(Node::Subject(&own.target_id))),
            (Self::Subject(user_id), "connectedorganization") => {
                let organization = subjects::organization(tenant, user_id);
                Target::One("connectedOrganization", organization.map(Node::Organization))
            }
            (Self::Organization(own), "internalsponsors") => sponsors(tenant, own, SponsorKind::Internal),
            (Self::Organization(own), "externalsponsors") => sponsors(tenant, own, SponsorKind::External),
            _ => return None,
        })
    }
}

fn sponsors<'t>(tenant: &'t Tenant, own: &'t ConnectedOrganization, kind: SponsorKind) -> Target<'t> {
    Target::Many(kind.name(), organizations::sponsors(tenant, own, kind).map(|(_, one)| Node::Sponsor(one)).collect())
}
