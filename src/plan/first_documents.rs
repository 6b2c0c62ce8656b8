//! First documents for a living tenant: what it grants today, said as auto assignments that only observe.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::domain::entitlement::{AccessPackage, Assignment, AssignmentPolicy};
use crate::domain::ids::{GroupId, PackageId, PolicyId, UserId};
use crate::domain::subject::User;
use crate::workflow::document_text::{DocumentText, flow_list, free_name, name_from, scalar};

mod fit;

use fit::{Fit, best_fit};

/// More holders than these are not named one by one.
const MOST_NAMED: usize = 25;

/// What a tenant looks like before usherd does anything in it.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// Every user, with the attributes of [`ATTRIBUTES`] that were read.
    pub users: Vec<User>,
    /// The groups whose members were read.
    pub groups: Vec<SurveyedGroup>,
    /// Every access package.
    pub packages: Vec<AccessPackage>,
    /// The groups that holding a package puts people into: being in one follows from holding it, and explains nothing.
    pub granted_groups: BTreeMap<PackageId, BTreeSet<GroupId>>,
    /// Every policy.
    pub policies: Vec<AssignmentPolicy>,
    /// Every active assignment.
    pub assignments: Vec<Assignment>,
}

/// A group and who is in it directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyedGroup {
    /// Its object id.
    pub id: GroupId,
    /// Its display name.
    pub display_name: String,
    /// The user members.
    pub users: BTreeSet<UserId>,
}

/// Attributes that may tell who holds a package, in the order in which equal fits are preferred.
pub const ATTRIBUTES: [&str; 7] =
    ["department", "employeeType", "companyName", "jobTitle", "country", "city", "officeLocation"];

/// What is proposed for one access package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// The package's display name.
    pub package: String,
    /// The document's name; absent where none is written.
    pub document: Option<String>,
    /// What it goes by, or why there is none.
    pub members: String,
    /// How many hold the package by other than the service's own policies.
    pub holders: usize,
    /// How many the document would count as members.
    pub matching: usize,
    /// How many hold it and would not be members.
    pub only_holding: usize,
    /// How many would be members and do not hold it.
    pub only_matching: usize,
    /// The YAML.
    #[serde(skip)]
    pub text: Option<String>,
}

/// Proposes a document for each package, in the order of their names. Nothing that is proposed removes anything.
pub fn propose(survey: &Survey, is_taken: impl Fn(&str) -> bool) -> Vec<Proposal> {
    let mut packages: Vec<&AccessPackage> = survey.packages.iter().collect();
    packages.sort_by(|a, b| (&a.display_name, &a.id).cmp(&(&b.display_name, &b.id)));
    let mut proposals: Vec<Proposal> = Vec::new();
    for package in packages {
        let name = name_from(&package.display_name, "package");
        let used =
            |name: &str| is_taken(name) || proposals.iter().any(|proposal| proposal.document.as_deref() == Some(name));
        let name = free_name(name, used);
        proposals.push(propose_one(survey, package, name));
    }
    proposals
}

fn propose_one(survey: &Survey, package: &AccessPackage, name: String) -> Proposal {
    let policies: Vec<&AssignmentPolicy> =
        survey.policies.iter().filter(|policy| policy.package == package.id).collect();
    let automatic: BTreeSet<&PolicyId> =
        policies.iter().filter(|policy| policy.is_automatic).map(|policy| &policy.id).collect();
    let held: Vec<&Assignment> = survey
        .assignments
        .iter()
        .filter(|assignment| assignment.package == package.id && assignment.state.is_active())
        .filter(|assignment| !assignment.policy.as_ref().is_some_and(|policy| automatic.contains(policy)))
        .collect();
    let holders: BTreeSet<&UserId> = held.iter().filter_map(|assignment| assignment.user.as_ref()).collect();
    let nothing = |members: &str| Proposal {
        package: package.display_name.clone(),
        document: None,
        members: members.to_owned(),
        holders: holders.len(),
        matching: 0,
        only_holding: holders.len(),
        only_matching: 0,
        text: None,
    };
    let Some(policy) = usual_policy(&policies, &held) else {
        return nothing(match automatic.is_empty() {
            true => "it has no assignment policy",
            false => "the service assigns it by its own policy",
        });
    };
    if holders.is_empty() {
        return nothing("nobody holds it");
    }
    let Some(fit) = best_fit(survey, &package.id, &holders).or_else(|| named(survey, &holders)) else {
        return nothing("no group and no attribute tells who holds it");
    };
    let counted = Proposal {
        document: Some(name.clone()),
        members: fit.source.clone(),
        matching: fit.matching,
        only_holding: fit.only_holding,
        only_matching: fit.only_matching,
        ..nothing("")
    };
    let text = write(&name, package, policy, policies.len(), &fit, &counted);
    Proposal { text: Some(text), ..counted }
}

/// The policy by which most hold the package, else the first by name; never one by which the service itself assigns.
fn usual_policy<'p>(policies: &[&'p AssignmentPolicy], held: &[&Assignment]) -> Option<&'p AssignmentPolicy> {
    let mut counts: BTreeMap<&PolicyId, usize> = BTreeMap::new();
    for policy in held.iter().filter_map(|assignment| assignment.policy.as_ref()) {
        *counts.entry(policy).or_default() += 1;
    }
    let count = |policy: &AssignmentPolicy| counts.get(&policy.id).copied().unwrap_or(0);
    let own = policies.iter().copied().filter(|policy| !policy.is_automatic);
    own.min_by(|a, b| (count(b), &a.display_name, &a.id).cmp(&(count(a), &b.display_name, &b.id)))
}

/// The holders themselves, where they are few.
fn named(survey: &Survey, holders: &BTreeSet<&UserId>) -> Option<Fit> {
    let users: Vec<&User> = survey.users.iter().filter(|user| holders.contains(&user.id)).collect();
    let is_complete = users.len() == holders.len() && users.iter().all(|user| !user.user_principal_name.is_empty());
    if !is_complete || users.len() > MOST_NAMED {
        return None;
    }
    let mut names: Vec<String> =
        users.iter().map(|user| format!("'{}'", user.user_principal_name.replace('\'', "''"))).collect();
    names.sort();
    Some(Fit {
        source: format!("rule: {}", scalar(&format!("userPrincipalName in ({})", names.join(", ")))),
        remark: "No group and no attribute tells who holds it. These are the holders of today: put in their place what makes them so.",
        matching: users.len(),
        only_holding: 0,
        only_matching: 0,
    })
}

fn write(
    name: &str,
    package: &AccessPackage,
    policy: &AssignmentPolicy,
    policies: usize,
    fit: &Fit,
    proposal: &Proposal,
) -> String {
    let mut text = DocumentText::default();
    text.comment(0, &format!("Proposed by `usherd init`: {} hold \"{}\".", proposal.holders, package.display_name));
    text.comment(0, fit.remark);
    let Proposal { matching, only_holding, only_matching, .. } = proposal;
    text.comment(
        0,
        &format!("{matching} would be members; {only_holding} hold it and would not be, {only_matching} would be and do not hold it."),
    );
    text.comment(0, "It only observes: `usherd plan` says what it would do.");
    text.line(0, "apiVersion: usherd/v1");
    text.line(0, "kind: AutoAssignment");
    text.line(0, format!("name: {name}"));
    text.line(0, "mode: observe");
    text.line(0, format!("accessPackage: {}", scalar(&package.display_name)));
    if policies > 1 {
        text.comment(0, &format!("The policy by which most hold it; the package has {policies}."));
    }
    if policy.needs_approval {
        text.comment(0, "This policy asks an approver.");
    }
    text.line(0, format!("assignmentPolicy: {}", scalar(&policy.display_name)));
    let required: Vec<&str> = policy
        .questions
        .iter()
        .filter(|question| question.is_required)
        .map(|question| question.text.as_str())
        .collect();
    if !required.is_empty() {
        text.comment(0, &format!("The policy asks {}: answers has to say what.", flow_list(required)));
    }
    text.line(0, "members:");
    text.line(2, "anyOf:");
    text.line(4, format!("- {}", fit.source));
    text.comment(0, "Nothing is taken from who stops being a member, until this says so.");
    text.line(0, "whenMemberLeaves: never");
    text.into_text()
}

#[cfg(test)]
mod tests;
