//! What `/beta` calls things and what `/v1.0` calls them, kind by kind (graph-contract 1.16, seed 002).

use super::kinds::Form::{Capital, Days, Hidden, Localized, Many, One, Reference, Same};
use super::kinds::{Form, Kind, Name};

const fn name(beta: &'static str, v1: &'static str, form: Form) -> Name {
    Name { beta, v1, form }
}

/// The names of a kind; whatever is not among them is called the same in both versions.
pub(super) fn of(kind: Kind) -> &'static [Name] {
    match kind {
        Kind::Root => ROOT,
        Kind::Catalog => CATALOG,
        Kind::Package => PACKAGE,
        Kind::Policy => POLICY,
        Kind::Request => REQUEST,
        Kind::Assignment => ASSIGNMENT,
        Kind::Resource => RESOURCE,
        Kind::Role | Kind::Scope => OF_RESOURCE,
        Kind::RoleScope => ROLE_SCOPE,
        Kind::ResourceRequest => RESOURCE_REQUEST,
        Kind::Environment => ENVIRONMENT,
        Kind::Attribute => ATTRIBUTE,
        Kind::AttributeSource => ATTRIBUTE_SOURCE,
        Kind::Subject => SUBJECT,
        Kind::Settings => SETTINGS,
        Kind::Question => QUESTION,
        Kind::Choice => CHOICE,
        Kind::Answer => ANSWER,
        Kind::Approval => APPROVAL,
        Kind::Organization | Kind::Other => &[],
    }
}

const ROOT: &[Name] = &[
    name("accessPackageCatalogs", "catalogs", Many(Kind::Catalog)),
    name("accessPackages", "accessPackages", Many(Kind::Package)),
    name("accessPackageAssignmentPolicies", "assignmentPolicies", Many(Kind::Policy)),
    name("accessPackageAssignmentRequests", "assignmentRequests", Many(Kind::Request)),
    name("accessPackageAssignments", "assignments", Many(Kind::Assignment)),
    name("accessPackageAssignmentApprovals", "accessPackageAssignmentApprovals", Many(Kind::Approval)),
    name("accessPackageResources", "resources", Many(Kind::Resource)),
    name("accessPackageResourceRequests", "resourceRequests", Many(Kind::ResourceRequest)),
    name("accessPackageResourceRoleScopes", "resourceRoleScopes", Many(Kind::RoleScope)),
    name("accessPackageResourceEnvironments", "resourceEnvironments", Many(Kind::Environment)),
    name("connectedOrganizations", "connectedOrganizations", Many(Kind::Organization)),
    name("subjects", "subjects", Many(Kind::Subject)),
    name("settings", "settings", One(Kind::Settings)),
];

const CATALOG: &[Name] = &[
    name("accessPackages", "accessPackages", Many(Kind::Package)),
    name("accessPackageResources", "resources", Many(Kind::Resource)),
    name("accessPackageResourceRoles", "resourceRoles", Many(Kind::Role)),
    name("accessPackageResourceScopes", "resourceScopes", Many(Kind::Scope)),
    name("accessPackageCustomWorkflowExtensions", "customWorkflowExtensions", Many(Kind::Other)),
    name("catalogStatus", "state", Capital),
    name("catalogType", "catalogType", Capital),
];

const PACKAGE: &[Name] = &[
    name("accessPackageAssignmentPolicies", "assignmentPolicies", Many(Kind::Policy)),
    name("accessPackageCatalog", "catalog", One(Kind::Catalog)),
    name("accessPackageResourceRoleScopes", "resourceRoleScopes", Many(Kind::RoleScope)),
    name("accessPackagesIncompatibleWith", "accessPackagesIncompatibleWith", Many(Kind::Package)),
    name("catalogId", "catalog", Reference),
    name("incompatibleAccessPackages", "incompatibleAccessPackages", Many(Kind::Package)),
];

const POLICY: &[Name] = &[
    name("accessPackage", "accessPackage", One(Kind::Package)),
    name("accessPackageCatalog", "catalog", One(Kind::Catalog)),
    name("accessPackageId", "accessPackage", Reference),
    name("questions", "questions", Many(Kind::Question)),
];

const REQUEST: &[Name] = &[
    name("accessPackage", "accessPackage", One(Kind::Package)),
    name("accessPackageAssignment", "assignment", One(Kind::Assignment)),
    name("answers", "answers", Many(Kind::Answer)),
    name("completedDate", "completedDateTime", Same),
    name("requestState", "state", Capital),
    name("requestStatus", "status", Same),
    name("requestType", "requestType", Capital),
    name("requestor", "requestor", One(Kind::Subject)),
];

const ASSIGNMENT: &[Name] = &[
    name("accessPackage", "accessPackage", One(Kind::Package)),
    name("accessPackageAssignmentPolicy", "assignmentPolicy", One(Kind::Policy)),
    name("assignmentState", "state", Capital),
    name("assignmentStatus", "status", Same),
    name("target", "target", One(Kind::Subject)),
];

const RESOURCE: &[Name] = &[
    name("accessPackageResourceEnvironment", "environment", One(Kind::Environment)),
    name("accessPackageResourceRoles", "roles", Many(Kind::Role)),
    name("accessPackageResourceScopes", "scopes", Many(Kind::Scope)),
    name("addedOn", "createdDateTime", Same),
    name("attributes", "attributes", Many(Kind::Attribute)),
    name("", "modifiedDateTime", Hidden),
];

const ROLE_SCOPE: &[Name] = &[
    name("accessPackageResourceRole", "role", One(Kind::Role)),
    name("accessPackageResourceScope", "scope", One(Kind::Scope)),
];

const RESOURCE_REQUEST: &[Name] = &[
    name("accessPackageResource", "resource", One(Kind::Resource)),
    name("catalogId", "catalog", Reference),
    name("requestState", "state", Capital),
    name("requestType", "requestType", Capital),
    name("", "createdDateTime", Hidden),
];

const ATTRIBUTE: &[Name] = &[
    name("attributeDestination", "destination", Same),
    name("attributeName", "name", Same),
    name("attributeSource", "source", One(Kind::AttributeSource)),
];

const SUBJECT: &[Name] = &[
    name("connectedOrganization", "connectedOrganization", One(Kind::Organization)),
    name("type", "subjectType", Capital),
];

const SETTINGS: &[Name] = &[
    name("daysUntilExternalUserDeletedAfterBlocked", "durationUntilExternalUserDeletedAfterBlocked", Days),
    name("externalUserLifecycleAction", "externalUserLifecycleAction", Capital),
];

const QUESTION: &[Name] = &[
    name("allowsMultipleSelection", "isMultipleSelectionAllowed", Same),
    name("choices", "choices", Many(Kind::Choice)),
    name("text", "text", Localized),
];

const OF_RESOURCE: &[Name] = &[name("accessPackageResource", "resource", One(Kind::Resource))];

const ENVIRONMENT: &[Name] = &[name("accessPackageResources", "resources", Many(Kind::Resource))];

const ATTRIBUTE_SOURCE: &[Name] = &[name("question", "question", One(Kind::Question))];

const CHOICE: &[Name] = &[name("displayValue", "text", Localized)];

const ANSWER: &[Name] = &[name("answeredQuestion", "answeredQuestion", One(Kind::Question))];

const APPROVAL: &[Name] = &[name("steps", "stages", Many(Kind::Other))];
