//! `assignments/additionalAccess(…)`: who holds what should not be held together (graph-contract 1.5 A4).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Extension, Router};

use super::payload::{guid, refused};
use super::{incompatibility, list_within, packages};
use crate::sandbox::caller::Caller;
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::query::Place;
use crate::sandbox::records::{Assignment, Package};
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::{Condition, Tenant};

const PACKAGE: &str = "accessPackageId";
const OTHER: &str = "incompatibleAccessPackageId";

/// The paths: the function by its short and its full name; what its parenthesis holds is the path's parameter.
pub(super) fn router() -> Router<Arc<Shared>> {
    let names = ["additionalAccess", "microsoft.graph.additionalAccess"];
    names.into_iter().fold(Router::new(), |router, name| {
        router
            .route(&format!("/assignments/{name}"), get(without_parenthesis))
            .route(&format!("/assignments/{name}({{arguments}}"), get(with_parenthesis))
    })
}

async fn without_parenthesis(state: State<Arc<Shared>>, caller: Extension<Caller>, place: Extension<Place>) -> Answer {
    with_parenthesis(state, Path(")".to_owned()), caller, place).await
}

async fn with_parenthesis(
    State(shared): State<Arc<Shared>>,
    Path(arguments): Path<String>,
    Extension(caller): Extension<Caller>,
    Extension(place): Extension<Place>,
) -> Answer {
    caller.user()?;
    let asked = Asked::parse(&arguments)?;
    let within = shared.with_tenant(|tenant, _| asked.condition(tenant)).await?;
    list_within(&shared, &place, |tenant| Ok(&tenant.assignments), within).await
}

/// What the function is asked about, by its three overloads.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Everything,
    Package(String),
    Packages(String, String),
}

impl Asked {
    /// Reads what follows the opening parenthesis.
    fn parse(arguments: &str) -> Result<Self, ApiError> {
        let unreadable = || {
            let message = format!("The arguments are {PACKAGE}='…' and {OTHER}='…', each at most once.");
            refused("InvalidFunctionParameter", message)
        };
        let inside = arguments.trim_end().strip_suffix(')').ok_or_else(unreadable)?;
        let (mut package, mut other) = (None, None);
        for argument in inside.split(',').filter(|_| !inside.trim().is_empty()) {
            let (name, value) = argument.split_once('=').ok_or_else(unreadable)?;
            let value = value.trim().strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
            let place = match name.trim() {
                name if name.eq_ignore_ascii_case(PACKAGE) => &mut package,
                name if name.eq_ignore_ascii_case(OTHER) => &mut other,
                _ => return Err(unreadable()),
            };
            let earlier = place.replace(guid(value.ok_or_else(unreadable)?)?);
            if earlier.is_some() {
                return Err(unreadable());
            }
        }
        match (package, other) {
            (None, None) => Ok(Self::Everything),
            (Some(package), None) => Ok(Self::Package(package)),
            (Some(package), Some(other)) if package != other => Ok(Self::Packages(package, other)),
            (Some(_), Some(_)) => {
                Err(refused("InvalidFunctionParameter", format!("{PACKAGE} and {OTHER} must be different.")))
            }
            (None, Some(_)) => Err(unreadable()),
        }
    }

    /// The assignments that are the answer: of the first package, to those who hold the other one too; without another
    /// one, to those who hold or are in what that package is incompatible with; without any, so of every package.
    fn condition(&self, tenant: &Tenant) -> Result<Condition, ApiError> {
        let ids = match self {
            Self::Everything => {
                let bounded = |package: &&Package| {
                    !package.incompatible_package_ids.is_empty() || !package.incompatible_group_ids.is_empty()
                };
                tenant.packages.iter().filter(bounded).flat_map(|package| conflicting(tenant, package)).collect()
            }
            Self::Package(id) => conflicting(tenant, packages::known(tenant, id)?),
            Self::Packages(id, other) => {
                let other = &packages::known(tenant, other)?.id;
                let both = |held: &Assignment| tenant.active_assignment(&held.target_id, other).is_some();
                holders(tenant, packages::known(tenant, id)?, both)
            }
        };
        Ok(Condition::Any(ids.into_iter().map(Condition::Id).collect()))
    }
}

fn conflicting(tenant: &Tenant, package: &Package) -> Vec<String> {
    holders(tenant, package, |held| incompatibility::obstacle(tenant, &held.target_id, package).is_some())
}

/// The ids of the package's active assignments that pass the test.
fn holders(tenant: &Tenant, package: &Package, test: impl Fn(&Assignment) -> bool) -> Vec<String> {
    let held = tenant.assignments.by("accesspackage/id", &package.id).filter(|held| held.is_active());
    held.filter(|held| test(held)).map(|held| held.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "7c6e8a0e-1f3b-4c6e-9c57-0d9d3c1f2a01";
    const B: &str = "7c6e8a0e-1f3b-4c6e-9c57-0d9d3c1f2a02";

    #[test]
    fn the_arguments_are_read_in_any_order_and_with_spaces() {
        for (text, expected) in [
            (")".to_owned(), Asked::Everything),
            (" )".to_owned(), Asked::Everything),
            (format!("accessPackageId='{A}')"), Asked::Package(A.to_owned())),
            (
                format!("accessPackageId='{A}',incompatibleAccessPackageId='{B}')"),
                Asked::Packages(A.to_owned(), B.to_owned()),
            ),
            (
                format!(" IncompatibleAccessPackageId = '{}' , accesspackageid= '{A}' ) ", B.to_uppercase()),
                Asked::Packages(A.to_owned(), B.to_owned()),
            ),
        ] {
            assert_eq!(Asked::parse(&text), Ok(expected), "{text}");
        }
        for text in [
            String::new(),
            "x)".to_owned(),
            ",)".to_owned(),
            "accessPackageId='x')".to_owned(),
            format!("accessPackageId={A})"),
            format!("accessPackageId='{A}'"),
            format!("incompatibleAccessPackageId='{A}')"),
            format!("accessPackageId='{A}',accessPackageId='{B}')"),
            format!("accessPackageId='{A}',incompatibleAccessPackageId='{A}')"),
            format!("accessPackageId='{A}',other='{B}')"),
        ] {
            assert!(Asked::parse(&text).is_err(), "{text}");
        }
    }
}
