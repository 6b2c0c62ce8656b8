//! What a new tenant starts with: a document of people, groups and packages by name, and how it becomes a tenant.

mod organizations;
mod policies;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::applications::{AppRole, Application};
use super::assertion::{CertificateError, Credentials};
use super::directory::Kind;
use super::records::{Assignment, AssignmentState, Catalog, Expiration, Group, Package, Profile, Schedule, User};
use super::resources::{self, Origin, RoleScope};
use super::tenant::{Tenant, derived_id};
use super::workflows::{TaskDefinition, Workflow};
use super::{grants, secrets};
pub(super) use organizations::SeedOrganization;
pub(super) use policies::{SeedPolicy, SeedRequestors};

/// The version of the rows that this program writes.
pub(super) const FORMAT: u32 = 3;

/// The largest seed file that is read, in bytes.
const SEED_FILE_LIMIT: u64 = 64 * 1024 * 1024;

/// A tenant to be, as read from a [`Seed::File`](super::Seed::File) (YAML or JSON); things refer to one another by name.
///
/// ```yaml
/// name: fabrikam                      # every id derives from it
/// domain: fabrikam.example
/// credentials:                        # of the application, beside its secret
///   certificates: []                  # texts in PEM; RSA or P-256
///   federated:                        # another issuer; audience: api://AzureADTokenExchange where missing; keys: RSA and P-256 keys of its JWK set
///     - { issuer: https://cluster.example, subject: system:serviceaccount:usherd:usherd, keys: [] }
/// users:                              # any Graph property of a user; `manager` is a userPrincipalName
///   - userPrincipalName: nora@fabrikam.example
///     displayName: Nora Lindqvist
///     employeeId: E0901
/// groups:                             # members: sign-in names of users, display names of groups
///   - { displayName: Marketing, members: [nora@fabrikam.example] }
///   - { displayName: Campaign Tools }
/// applications:
///   - { displayName: Expenses, roles: [Approver] }
/// catalogs:
///   - { displayName: General, catalogType: serviceDefault }
/// accessPackages:
///   - { displayName: Marketing Campaign, catalog: General, groups: [Campaign Tools] }
/// assignmentPolicies:                 # approver: manager, or a sign-in name; duration: ISO 8601; questions: required texts;
///                                     # requestors: members or everybody, who then ask for themselves
///   - { displayName: Direct assignment, accessPackage: Marketing Campaign, duration: P30D }
/// assignments:                        # delivered ones; since: an instant
///   - { user: nora@fabrikam.example, accessPackage: Marketing Campaign, assignmentPolicy: Direct assignment, since: 2026-01-01T00:00:00Z }
/// connectedOrganizations:             # identitySources: Graph's; state: configured (the default) or proposed; sponsors: users or groups
///   - { displayName: Partner, identitySources: [{ "@odata.type": "#microsoft.graph.domainIdentitySource", domainName: partner.example }], internalSponsors: [nora@fabrikam.example] }
/// lifecycleWorkflows:                 # the shape of Graph's create body; a name seen before makes the next version
///   - { displayName: Leavers, category: leaver, isEnabled: true, tasks: [{ taskDefinitionId: 1dfdfcc7-52fa-4c2e-bf3a-e3919cc12950 }] }
/// administrators: [nora@fabrikam.example] # users who may do what the application may
/// ```
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedDocument {
    pub(super) name: String,
    pub(super) domain: String,
    #[serde(default)]
    pub(super) credentials: Credentials,
    #[serde(default)]
    pub(super) users: Vec<Map<String, Value>>,
    #[serde(default)]
    pub(super) groups: Vec<SeedGroup>,
    #[serde(default)]
    pub(super) applications: Vec<SeedApplication>,
    #[serde(default)]
    pub(super) catalogs: Vec<SeedCatalog>,
    #[serde(default)]
    pub(super) access_packages: Vec<SeedPackage>,
    #[serde(default)]
    pub(super) assignment_policies: Vec<SeedPolicy>,
    #[serde(default)]
    pub(super) assignments: Vec<SeedAssignment>,
    #[serde(default)]
    pub(super) connected_organizations: Vec<SeedOrganization>,
    #[serde(default)]
    pub(super) lifecycle_workflows: Vec<Map<String, Value>>,
    #[serde(default)]
    pub(super) administrators: Vec<String>,
}

/// A group and its direct members.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedGroup {
    pub(super) display_name: String,
    #[serde(default)]
    pub(super) description: String,
    /// Whether the group is mastered on premises, so that nobody changes its members here.
    #[serde(default)]
    pub(super) on_premises_sync_enabled: bool,
    #[serde(default)]
    pub(super) members: Vec<String>,
}

/// An application and its roles' names.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedApplication {
    pub(super) display_name: String,
    #[serde(default)]
    pub(super) roles: Vec<String>,
}

/// A catalog.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedCatalog {
    pub(super) display_name: String,
    #[serde(default = "user_managed")]
    pub(super) catalog_type: String,
}

/// An access package and its groups' display names.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedPackage {
    pub(super) display_name: String,
    pub(super) catalog: String,
    pub(super) groups: Vec<String>,
}

/// A delivered assignment.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SeedAssignment {
    pub(super) user: String,
    pub(super) access_package: String,
    pub(super) assignment_policy: String,
    pub(super) since: Timestamp,
}

/// Why a seed makes no tenant.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The file cannot be read.
    #[error("cannot read the seed file {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is too big.
    #[error(
        "the seed file {path} is larger than {SEED_FILE_LIMIT} bytes; split the tenant or drop what the rehearsal does not need"
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is no seed document.
    #[error("the seed file {path} is not a seed document (see `SeedDocument` for its shape)")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: serde_yaml::Error,
    },
    /// A credential's certificate is none.
    #[error("the seed's certificate number {number} cannot be used")]
    Certificate {
        /// Its place in the list, from 1.
        number: usize,
        /// Why.
        #[source]
        source: CertificateError,
    },
    /// Something is named that the document does not define.
    #[error("the seed's {by} names the {kind} \"{name}\", which the seed does not define")]
    Unknown {
        /// What names it.
        by: String,
        /// What kind of thing it should be.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// Two things of one kind have one name, or one thing lacks its name.
    #[error(
        "the seed's {kind} \"{name}\" is there twice, or has no name; names tell things apart, so give each its own"
    )]
    Name {
        /// The kind of thing.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A user's property that Graph does not have, or of a wrong form.
    #[error(
        "the seed's user \"{user}\" has the property \"{property}\", which Graph's user does not have in that form"
    )]
    Property {
        /// The sign-in name.
        user: String,
        /// The property.
        property: String,
    },
    /// A policy's duration is not an ISO 8601 duration.
    #[error("the seed's policy \"{policy}\" has a duration that is not ISO 8601, such as P30D")]
    Duration {
        /// The policy.
        policy: String,
        /// Why.
        #[source]
        source: jiff::Error,
    },
    /// A connected organization's identity source is not one of Graph's.
    #[error("the seed's connected organization \"{organization}\" has an identity source that cannot be used: {why}")]
    IdentitySource {
        /// The organization.
        organization: String,
        /// Why.
        why: String,
    },
    /// The operating system gave no random bytes for the client secret.
    #[error("the operating system gave no random bytes for the client secret")]
    Random,
}

/// Reads a seed document.
pub(super) async fn read(path: &Path) -> Result<SeedDocument, SeedError> {
    let unreadable = |source| SeedError::Read { path: path.to_owned(), source };
    if tokio::fs::metadata(path).await.map_err(unreadable)?.len() > SEED_FILE_LIMIT {
        return Err(SeedError::TooLarge { path: path.to_owned() });
    }
    let text = tokio::fs::read_to_string(path).await.map_err(unreadable)?;
    serde_yaml::from_str(&text).map_err(|source| SeedError::Parse { path: path.to_owned(), source })
}

/// A tenant with nothing in it but the catalog that every tenant has.
pub(super) fn empty() -> SeedDocument {
    SeedDocument {
        name: "empty".to_owned(),
        domain: "empty.example".to_owned(),
        credentials: Credentials::default(),
        users: Vec::new(),
        groups: Vec::new(),
        applications: Vec::new(),
        catalogs: vec![SeedCatalog { display_name: "General".to_owned(), catalog_type: "serviceDefault".to_owned() }],
        access_packages: Vec::new(),
        assignment_policies: Vec::new(),
        assignments: Vec::new(),
        connected_organizations: Vec::new(),
        lifecycle_workflows: Vec::new(),
        administrators: Vec::new(),
    }
}

/// Makes the tenant: ids derive from the names, the client secret is new, `now` is when everything was made.
pub(super) fn build(document: SeedDocument, now: Timestamp) -> Result<Tenant, SeedError> {
    let tenant_id = derived_id("", "tenant", &document.name);
    let mut credentials = Credentials { certificates: Vec::new(), federated: document.credentials.federated };
    for (place, pem) in document.credentials.certificates.iter().enumerate() {
        let unusable = |source| SeedError::Certificate { number: place + 1, source };
        credentials.add_certificate(pem).map_err(unusable)?;
    }
    let profile = Profile {
        format: FORMAT,
        client_id: derived_id(&tenant_id, "application", "usherd"),
        client_secret: secrets::random_hex().ok_or(SeedError::Random)?,
        credentials,
        name: document.name,
        domain: document.domain,
        tenant_id,
    };
    let mut seeding = Seeding { tenant: Tenant::new(profile), ids: HashMap::new(), now };
    seeding.users(document.users)?;
    seeding.groups(document.groups)?;
    for application in document.applications {
        seeding.application(application)?;
    }
    for catalog in document.catalogs {
        let id = seeding.define("catalog", &catalog.display_name)?;
        let SeedCatalog { display_name, catalog_type } = catalog;
        seeding.tenant.put_catalog(Catalog {
            id,
            // What the vendor's own says of itself [seed 002].
            description: if catalog_type == "serviceDefault" {
                "Built-in catalog.".into()
            } else {
                display_name.clone()
            },
            display_name,
            catalog_type,
            state: "published".to_owned(),
            externally_visible: false,
            created: now,
            modified: now,
        });
    }
    for package in document.access_packages {
        seeding.package(package)?;
    }
    for policy in document.assignment_policies {
        seeding.policy(policy)?;
    }
    for assignment in document.assignments {
        seeding.assignment(assignment)?;
    }
    for organization in document.connected_organizations {
        seeding.organization(organization)?;
    }
    for workflow in document.lifecycle_workflows {
        seeding.workflow(workflow)?;
    }
    for name in document.administrators {
        let id = seeding.find("user", &name, || "list of administrators".to_owned())?;
        seeding.tenant.add_administrator(&id);
    }
    Ok(seeding.tenant)
}

struct Seeding {
    tenant: Tenant,
    ids: HashMap<(&'static str, String), String>,
    now: Timestamp,
}

impl Seeding {
    fn define(&mut self, kind: &'static str, name: &str) -> Result<String, SeedError> {
        let id = self.tenant.derived_id(kind, name);
        let known = self.ids.insert((kind, name.to_lowercase()), id.clone());
        if known.is_some() || name.is_empty() { Err(SeedError::Name { kind, name: name.to_owned() }) } else { Ok(id) }
    }

    fn find(&self, kind: &'static str, name: &str, by: impl FnOnce() -> String) -> Result<String, SeedError> {
        let found = self.ids.get(&(kind, name.to_lowercase())).cloned();
        found.ok_or_else(|| SeedError::Unknown { by: by(), kind, name: name.to_owned() })
    }

    fn users(&mut self, users: Vec<Map<String, Value>>) -> Result<(), SeedError> {
        let mut managers = Vec::new();
        for mut properties in users {
            let text = |property: &str| properties.get(property).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (name, manager) = (text("userPrincipalName"), text("manager"));
            let id = self.define("user", &name)?;
            properties.remove("manager");
            properties.insert("id".to_owned(), json!(id));
            for (property, default) in
                [("accountEnabled", json!(true)), ("userType", json!("Member")), ("createdDateTime", json!(self.now))]
            {
                properties.entry(property).or_insert(default);
            }
            if let Some(property) = properties.keys().find(|property| !Kind::User.has(property)) {
                return Err(SeedError::Property { user: name, property: property.clone() });
            }
            if !manager.is_empty() {
                managers.push((id.clone(), manager));
            }
            self.tenant.put_user(User { id, properties, manager: None, access_pass: None });
        }
        for (id, manager) in managers {
            let manager = self.find("user", &manager, || "list of managers".to_owned())?;
            if let Some(mut user) = self.tenant.users.get(&id).cloned() {
                user.manager = Some(manager);
                self.tenant.put_user(user);
            }
        }
        Ok(())
    }

    fn groups(&mut self, groups: Vec<SeedGroup>) -> Result<(), SeedError> {
        let mut memberships = Vec::new();
        for SeedGroup { display_name, description, on_premises_sync_enabled, members } in groups {
            let id = self.define("group", &display_name)?;
            let properties = json!({
                "id": id, "displayName": display_name, "description": description,
                "mailNickname": display_name.replace(' ', "-").to_lowercase(),
                "securityEnabled": true, "mailEnabled": false, "groupTypes": [], "createdDateTime": self.now,
                "onPremisesSyncEnabled": on_premises_sync_enabled.then_some(true),
            });
            let Value::Object(properties) = properties else { continue };
            self.tenant.put_group(Group { id: id.clone(), properties, owners: BTreeSet::new() });
            memberships.extend(members.into_iter().map(|member| (id.clone(), display_name.clone(), member)));
        }
        for (id, group, member) in memberships {
            let by = || format!("group \"{group}\"");
            let member = self.find("user", &member, by).or_else(|_| self.find("group", &member, by))?;
            self.tenant.add_member(&id, &member);
        }
        Ok(())
    }

    fn application(&mut self, application: SeedApplication) -> Result<(), SeedError> {
        let SeedApplication { display_name, roles } = application;
        let id = self.define("application", &display_name)?;
        let role = |name: String| AppRole {
            id: self.tenant.derived_id("appRole", &format!("{id}/{name}")),
            description: name.clone(),
            value: Some(name.clone()),
            display_name: name,
            enabled: true,
        };
        let roles = roles.into_iter().map(role).collect();
        let app_id = self.tenant.derived_id("appId", &display_name);
        self.tenant.put_application(Application { id, app_id, description: display_name.clone(), display_name, roles });
        Ok(())
    }

    fn package(&mut self, package: SeedPackage) -> Result<(), SeedError> {
        let id = self.define("package", &package.display_name)?;
        let by = || format!("access package \"{}\"", package.display_name);
        let catalog_id = self.find("catalog", &package.catalog, by)?;
        let mut role_scopes = Vec::new();
        for group in &package.groups {
            let group_id = self.find("group", group, by)?;
            role_scopes.extend(self.membership(&catalog_id, &group_id));
        }
        self.tenant.put_package(Package {
            id,
            description: package.display_name.clone(),
            display_name: package.display_name,
            catalog_id,
            hidden: false,
            role_scopes,
            incompatible_package_ids: Vec::new(),
            incompatible_group_ids: Vec::new(),
            created: self.now,
            modified: self.now,
        });
        Ok(())
    }

    /// The group's member role, the group being put into the catalog where it is not there yet.
    fn membership(&mut self, catalog_id: &str, group_id: &str) -> Option<RoleScope> {
        let catalog = self.tenant.catalogs.get(catalog_id)?;
        let origin = Origin::of_group(self.tenant.groups.get(group_id)?);
        let resource_id = match origin.resource_in(&self.tenant, catalog_id) {
            Some(known) => known.id.clone(),
            None => {
                let resource = origin.onboarded(&self.tenant, catalog, self.now);
                let id = resource.id.clone();
                self.tenant.put_resource(resource);
                id
            }
        };
        resources::role_scope(&mut self.tenant, &resource_id, &format!("Member_{group_id}"), self.now)
    }

    fn assignment(&mut self, assignment: SeedAssignment) -> Result<(), SeedError> {
        let SeedAssignment { user, access_package, assignment_policy, since } = assignment;
        let name = format!("{user}/{access_package}");
        let by = || format!("assignment \"{name}\"");
        let target_id = self.find("user", &user, by)?;
        let package_id = self.find("package", &access_package, by)?;
        let policy_id = self.find("policy", &format!("{access_package}/{assignment_policy}"), by)?;
        let id = self.define("assignment", &name)?;
        let end = self.tenant.policies.get(&policy_id).and_then(|policy| policy.expiration.end(since));
        let assignment = Assignment {
            id,
            state: AssignmentState::Delivered,
            status: AssignmentState::Delivered.status().to_owned(),
            target_id,
            package_id,
            policy_id,
            schedule: Schedule { start_date_time: Some(since), expiration: Expiration::at(end) },
            leaves: None,
            redelivery: None,
            expired: None,
        };
        grants::deliver(&mut self.tenant, &assignment);
        self.tenant.put_assignment(assignment);
        Ok(())
    }

    /// A workflow in the shape of Graph's create body; one of a name seen before is the next version of that one.
    fn workflow(&mut self, mut version: Map<String, Value>) -> Result<(), SeedError> {
        let name = version.get("displayName").and_then(Value::as_str).unwrap_or_default().to_owned();
        let known =
            self.find("workflow", &name, String::new).ok().and_then(|id| self.tenant.workflows.get(&id).cloned());
        let mut workflow = match known {
            Some(known) => known,
            None => Workflow { id: self.define("workflow", &name)?, created: self.now, versions: Vec::new() },
        };
        let number = workflow.versions.len() + 1;
        for moment in ["createdDateTime", "lastModifiedDateTime"] {
            version.insert(moment.to_owned(), json!(self.now));
        }
        let tasks = version.get_mut("tasks").and_then(Value::as_array_mut).into_iter().flatten();
        for (sequence, task) in (1..).zip(tasks.filter_map(Value::as_object_mut)) {
            let definition_id = task.get("taskDefinitionId").and_then(Value::as_str).unwrap_or_default();
            let definition = TaskDefinition::find(definition_id).ok_or_else(|| SeedError::Unknown {
                by: format!("workflow \"{name}\""),
                kind: "task definition",
                name: definition_id.to_owned(),
            })?;
            let id = self.tenant.derived_id("task", &format!("{name}/{number}/{sequence}"));
            let own =
                [("id", json!(id)), ("category", json!(definition.category)), ("executionSequence", json!(sequence))];
            let unsaid = [
                ("description", json!(definition.name)),
                ("isEnabled", json!(true)),
                ("continueOnError", json!(false)),
            ];
            task.extend(own.map(|(name, value)| (name.to_owned(), value)));
            for (name, value) in unsaid {
                task.entry(name).or_insert(value);
            }
        }
        workflow.versions.push(version);
        self.tenant.put_workflow(workflow);
        Ok(())
    }
}

fn user_managed() -> String {
    "userManaged".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(text: &str) -> Result<Tenant, SeedError> {
        build(serde_yaml::from_str(text).unwrap(), "2026-11-21T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn the_documented_shape_makes_a_tenant() {
        let text = include_str!("seed.rs")
            .lines()
            .skip_while(|line| *line != "/// ```yaml")
            .skip(1)
            .take_while(|line| *line != "/// ```")
            .map(|line| format!("{}\n", line.trim_start_matches("/// ")))
            .collect::<String>();
        let tenant = tenant(&text).unwrap();
        let nora = tenant.user("NORA@fabrikam.example").unwrap();
        let tools = tenant.groups.iter().find(|group| group.display_name() == "Campaign Tools").unwrap();
        assert!(tenant.is_member(&tools.id, &nora.id));
        let assignment = tenant.assignments.iter().next().unwrap();
        let end = assignment.schedule.expiration.end_date_time.unwrap();
        assert_eq!(end.to_string(), "2026-01-31T00:00:00Z");
    }

    #[test]
    fn a_seed_that_names_what_is_not_there_is_refused() {
        let unknown = tenant("{name: x, domain: x, groups: [{displayName: A, members: [nobody]}]}").err().unwrap();
        assert_eq!(
            unknown.to_string(),
            "the seed's group \"A\" names the group \"nobody\", which the seed does not define"
        );
        let twice = tenant("{name: x, domain: x, groups: [{displayName: A}, {displayName: a}]}");
        assert!(matches!(twice, Err(SeedError::Name { .. })));
        let odd = tenant("{name: x, domain: x, users: [{userPrincipalName: a, employeId: E1}]}");
        assert!(matches!(odd, Err(SeedError::Property { property, .. }) if property == "employeId"));
    }

    #[test]
    fn ids_derive_from_the_name_and_the_secret_does_not() {
        let text = "{name: x, domain: x}";
        let (one, other) = (tenant(text).unwrap(), tenant(text).unwrap());
        assert_eq!(one.profile.tenant_id, other.profile.tenant_id);
        assert_ne!(one.profile.client_secret, other.profile.client_secret);
        assert_eq!(one.profile.client_secret.len(), 64);
    }
}
