//! Policies by which usherd cannot simply give: the service's own, and those that wait for an approver.

use crate::workflow::problem::{Complaint, Problem, quoted};
use crate::workflow::warning::Warning;

use super::survey::Survey;
use super::tenant::Tenant;

pub(super) fn check(survey: &Survey<'_>, tenant: &Tenant) -> Vec<Problem> {
    let found = survey.requested().filter_map(|(site, requested)| {
        let package = tenant.package(&requested.access_package).one()?;
        let policy = tenant.policy(&package.id, &requested.assignment_policy).one()?;
        let name = quoted(&policy.display_name);
        let (warning, complaint) = if policy.is_automatic {
            let message = format!("the service itself assigns by the policy {name}, so usherd leaves it alone");
            (Warning::ServiceManaged, Complaint::new(message).hint("name a policy for direct assignment"))
        } else if policy.needs_approval {
            let message = format!("requests by the policy {name} wait for an approver");
            (
                Warning::NeedsApproval,
                Complaint::new(message).hint("name a policy without approval, if nobody is to be asked"),
            )
        } else {
            return None;
        };
        Some(survey.warning(&site.key("assignmentPolicy"), warning, complaint))
    });
    found.collect()
}
