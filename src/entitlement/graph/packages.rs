//! Access packages with what they are incompatible with, and assignment policies with what they ask.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::{GraphEntitlement, failed, latest, path};
use crate::directory::ObserveError;
use crate::domain::entitlement::{AccessPackage, AssignmentPolicy, Question};
use crate::domain::ids::PackageId;
use crate::graph::error::GraphError;
use crate::graph::odata::{address, encode};
use crate::graph::wire;

const PACKAGES: &str = "accessPackages";
const SELECTION: &str = "id,displayName";
const EXPANSION: &str = "incompatibleAccessPackages($select=id)";
/// How many packages are asked after at the same time where the list does not expand.
const SIDE_BY_SIDE: usize = 4;

impl GraphEntitlement {
    /// Every package with what it is incompatible with. No source says that the list expands it: where it does not, each package is asked after.
    pub(super) async fn packages_with_incompatible(&self) -> Result<Vec<AccessPackage>, ObserveError> {
        let expanded = address(&path(PACKAGES), &[("$select", SELECTION), ("$expand", EXPANSION)]);
        let listed = match self.client.get_all(&expanded).await {
            Err(GraphError::BadRequest(_)) => {
                self.client.get_all(&address(&path(PACKAGES), &[("$select", SELECTION)])).await
            }
            listed => listed,
        };
        let listed: Vec<wire::AccessPackage> = listed.map_err(|error| failed(PACKAGES, error))?;
        let asked = stream::iter(listed).map(|package| async move {
            let marked = match (&package.incompatible_access_packages, &package.more_incompatible) {
                (Some(whole), None) => whole.iter().map(|other| other.id.clone()).collect(),
                _ => self.incompatible_with(&package.id).await?,
            };
            Ok((package, marked))
        });
        let marked: Vec<(wire::AccessPackage, BTreeSet<PackageId>)> =
            asked.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        Ok(in_both_directions(marked))
    }

    async fn incompatible_with(&self, package: &PackageId) -> Result<BTreeSet<PackageId>, ObserveError> {
        let name = format!("{PACKAGES}/{}/incompatibleAccessPackages", encode(package.as_str()));
        let others: Vec<wire::PackageReference> = self.list(&name, &[]).await?;
        Ok(others.into_iter().map(|other| other.id).collect())
    }

    /// Every policy with its package and questions.
    pub(super) async fn policies_with_questions(&self) -> Result<Vec<AssignmentPolicy>, ObserveError> {
        let policies: Vec<wire::AssignmentPolicy> =
            self.list("assignmentPolicies", &[("$expand", "accessPackage,questions")]).await?;
        Ok(latest(policies.into_iter().filter_map(policy_from), |policy| policy.id.clone()))
    }
}

/// The mark stands on one of the two packages, and keeps people from holding both whichever they hold first.
fn in_both_directions(marked: Vec<(wire::AccessPackage, BTreeSet<PackageId>)>) -> Vec<AccessPackage> {
    let mut others: BTreeMap<PackageId, BTreeSet<PackageId>> = BTreeMap::new();
    for (package, marks) in &marked {
        for other in marks {
            others.entry(package.id.clone()).or_default().insert(other.clone());
            others.entry(other.clone()).or_default().insert(package.id.clone());
        }
    }
    let packages = marked.into_iter().map(|(package, _)| AccessPackage {
        incompatible_with: others.remove(&package.id).unwrap_or_default(),
        id: package.id,
        display_name: package.display_name.unwrap_or_default(),
    });
    latest(packages, |package| package.id.clone())
}

/// The policy; `None` for one without a package, by which nothing can be assigned.
fn policy_from(policy: wire::AssignmentPolicy) -> Option<AssignmentPolicy> {
    let settings = policy.automatic_request_settings;
    let approval = policy.request_approval_settings;
    let mut questions = policy.questions.unwrap_or_default();
    questions.sort_by_key(|question| question.sequence);
    Some(AssignmentPolicy {
        package: policy.access_package?.id,
        id: policy.id,
        display_name: policy.display_name.unwrap_or_default(),
        is_automatic: settings.and_then(|settings| settings.request_access_for_allowed_targets).unwrap_or(false),
        needs_approval: approval.and_then(|approval| approval.is_approval_required_for_add).unwrap_or(false),
        questions: questions.into_iter().map(question_from).collect(),
    })
}

fn question_from(question: wire::Question) -> Question {
    let choices = question.choices.unwrap_or_default();
    Question {
        id: question.id,
        text: question.text.unwrap_or_default(),
        is_required: question.is_required.unwrap_or(false),
        choices: choices.into_iter().filter_map(|choice| choice.actual_value).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn policy(settings: Value) -> AssignmentPolicy {
        let mut body = json!({"id": "x", "accessPackage": {"id": "p1"}});
        body.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        policy_from(serde_json::from_value(body).unwrap()).unwrap()
    }

    #[test]
    fn only_a_policy_that_gives_by_itself_is_automatic() {
        let is_automatic = |settings: Value| policy(json!({"automaticRequestSettings": settings})).is_automatic;
        assert!(is_automatic(json!({"requestAccessForAllowedTargets": true})));
        assert!(!is_automatic(json!({"requestAccessForAllowedTargets": false})));
        assert!(!is_automatic(json!({"requestAccessForAllowedTargets": null})));
        assert!(!is_automatic(Value::Null));
    }

    #[test]
    fn a_policy_says_whether_it_needs_approval_and_what_it_asks() {
        let asking = policy(json!({
            "requestApprovalSettings": {"isApprovalRequiredForAdd": true, "stages": []},
            "questions": [
                {"id": "q2", "sequence": 2, "text": "Region?", "isRequired": false,
                    "choices": [{"actualValue": "EU", "text": "Europe"}, {"actualValue": "US"}]},
                {"@odata.type": wire::TEXT_INPUT_QUESTION, "id": "q1", "sequence": 1, "text": "Why?", "isRequired": true},
            ]
        }));
        assert!(asking.needs_approval);
        let questions: Vec<_> = asking
            .questions
            .iter()
            .map(|asked| (asked.id.as_str(), asked.is_required, asked.choices.join(" ")))
            .collect();
        assert_eq!(questions, [("q1", true, String::new()), ("q2", false, "EU US".to_owned())]);
        let bare = policy(json!({"requestApprovalSettings": null}));
        assert!(!bare.needs_approval && bare.questions.is_empty());
    }

    #[test]
    fn what_one_package_is_marked_with_binds_the_other_too() {
        let package = |id: &str| serde_json::from_value(json!({"id": id, "displayName": id})).unwrap();
        let marked = vec![
            (package("a"), BTreeSet::from(["b".into(), "gone".into()])),
            (package("b"), BTreeSet::new()),
            (package("c"), BTreeSet::new()),
        ];
        let packages = in_both_directions(marked);
        let others: Vec<Vec<&str>> =
            packages.iter().map(|package| package.incompatible_with.iter().map(PackageId::as_str).collect()).collect();
        assert_eq!(others, [vec!["b", "gone"], vec!["a"], vec![]]);
    }
}
