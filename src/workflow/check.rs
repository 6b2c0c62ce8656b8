//! Checks of all documents together: warnings about what no document shows by itself.
//!
//! Pure: what the tenant holds is a parameter, and what only the tenant can tell is left out without it.

use super::load::Loaded;
use super::problem::Problem;

mod answers;
mod audience;
mod fight;
mod given_and_taken;
mod group_circle;
mod incompatible;
mod names;
mod policies;
mod rules;
mod survey;
pub mod tenant;

use survey::Survey;
use tenant::Tenant;

/// Every warning about the documents that could be read, sorted by file and place.
pub fn check(loaded: &Loaded, tenant: Option<&Tenant>) -> Vec<Problem> {
    let survey = Survey::of(loaded, tenant);
    let mut found = rules::check(&survey, tenant);
    found.extend(fight::check(&survey));
    found.extend(given_and_taken::check(&survey));
    found.extend(group_circle::check(&survey, tenant));
    if let Some(tenant) = tenant {
        found.extend(incompatible::check(&survey, tenant));
        found.extend(names::check(&survey, tenant));
        found.extend(policies::check(&survey, tenant));
        found.extend(answers::check(&survey, tenant));
    }
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests;
