//! Paths under `/beta` as `/v1.0` calls them, and what they lead to.

use super::kinds::{Form, Kind};

/// What entitlement management's paths begin with.
const ROOT: &str = "/identityGovernance/entitlementManagement/";

/// A path as v1.0 has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) path: String,
    /// What the call takes and answers.
    pub(super) kind: Kind,
}

/// Reads a path without its version; what lies outside of entitlement management stays as it is.
///
/// Returns `None` for a path with a name that only v1.0 has.
pub(super) fn target(path: &str) -> Option<Target> {
    let Some(inside) = path.strip_prefix(ROOT) else {
        return Some(Target { path: path.to_owned(), kind: Kind::Other });
    };
    let mut kind = Kind::Root;
    let mut within_collection = false;
    let mut segments = Vec::new();
    for segment in inside.split('/') {
        if within_collection && !segment.contains('(') && !segment.starts_with('$') {
            within_collection = false;
            segments.push(segment.to_owned());
            continue;
        }
        // What stands in parentheses is a key, as in `subjects(objectId='…')`, or a function's arguments.
        let (word, rest) = segment.split_at(segment.find('(').unwrap_or(segment.len()));
        if kind.is_foreign(word) {
            return None;
        }
        let name = kind.by_beta(word);
        segments.push(format!("{}{rest}", name.map_or(word, |name| name.v1)));
        within_collection = rest.is_empty() && matches!(name.map(|name| name.form), Some(Form::Many(_)));
        kind = match name {
            // A function such as `filterByCurrentUser(on='target')` answers what the collection holds.
            None if !rest.is_empty() => kind,
            name => name.map_or(Kind::Other, |name| name.form.kind()),
        };
    }
    Some(Target { path: format!("{ROOT}{}", segments.join("/")), kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_and_ids_stay() {
        for (beta, v1, kind) in [
            ("accessPackageCatalogs", "catalogs", Kind::Catalog),
            ("accessPackageCatalogs/1/accessPackageResources", "catalogs/1/resources", Kind::Resource),
            (
                "accessPackageCatalogs/catalogs/accessPackageResourceRoles",
                "catalogs/catalogs/resourceRoles",
                Kind::Role,
            ),
            (
                "accessPackages/1/accessPackageResourceRoleScopes/2_3",
                "accessPackages/1/resourceRoleScopes/2_3",
                Kind::RoleScope,
            ),
            ("accessPackages/1/accessPackageCatalog", "accessPackages/1/catalog", Kind::Catalog),
            (
                "accessPackages/1/incompatibleAccessPackages/$ref",
                "accessPackages/1/incompatibleAccessPackages/$ref",
                Kind::Other,
            ),
            ("accessPackageAssignmentRequests/1/cancel", "assignmentRequests/1/cancel", Kind::Other),
            (
                "accessPackageAssignments/filterByCurrentUser(on='target')",
                "assignments/filterByCurrentUser(on='target')",
                Kind::Assignment,
            ),
            ("accessPackageAssignmentApprovals/1/steps/2", "accessPackageAssignmentApprovals/1/stages/2", Kind::Other),
            ("connectedOrganizations/1/internalSponsors", "connectedOrganizations/1/internalSponsors", Kind::Other),
            ("settings", "settings", Kind::Settings),
            ("subjects(objectId='1')", "subjects(objectId='1')", Kind::Subject),
            ("accessPackageCatalogs('1')/accessPackageResources", "catalogs('1')/resources", Kind::Resource),
            ("nothing/at/all", "nothing/at/all", Kind::Other),
        ] {
            let read = target(&format!("{ROOT}{beta}"));
            assert_eq!(read, Some(Target { path: format!("{ROOT}{v1}"), kind }));
        }
        assert_eq!(target("/users/catalogs").map(|target| target.path).as_deref(), Some("/users/catalogs"));
    }

    #[test]
    fn names_of_the_other_version_lead_nowhere() {
        for v1 in
            ["catalogs", "assignments/1", "accessPackages/1/resourceRoleScopes", "accessPackageCatalogs/1/resources"]
        {
            assert_eq!(target(&format!("{ROOT}{v1}")), None, "{v1}");
        }
    }
}
