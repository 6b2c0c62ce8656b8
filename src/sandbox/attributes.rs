//! The attributes that a package's resources ask for: their questions beside the policy's, and what becomes of the answers
//! (graph-contract 1.3, accessPackageResource).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answers;
use super::records::{Policy, Question, Request};
use super::resources::ResourceAttribute;
use super::tenant::Tenant;

/// Every question that a request by the policy has to answer: the policy's own, then those of the package's resources.
pub(super) fn questions<'t>(tenant: &'t Tenant, policy: &'t Policy) -> Vec<&'t Question> {
    let of_resources = of_package(tenant, &policy.package_id).filter_map(ResourceAttribute::question);
    policy.questions.iter().chain(of_resources).collect()
}

/// Whether users can change the answer to a question of [`questions`] once it is given.
pub(super) fn is_editable(tenant: &Tenant, policy: &Policy, question_id: &str) -> bool {
    let own = policy.questions.iter().find(|question| question.id == question_id);
    let is_asked = |attribute: &&ResourceAttribute| attribute.question().is_some_and(|asked| asked.id == question_id);
    match own {
        Some(question) => question.is_answer_editable,
        None => of_package(tenant, &policy.package_id).find(is_asked).is_some_and(is_replaceable),
    }
}

/// Writes the answers of a delivered request to the target's properties; a value that is there and is not to be edited stays.
pub(super) fn write(tenant: &mut Tenant, request: &Request) {
    let Some(user) = tenant.users.get(&request.target_id) else { return };
    let value = |attribute: &ResourceAttribute| {
        let (property, question) = (attribute.property()?, attribute.question()?);
        let is_free = is_replaceable(attribute) || user.text(property).is_none_or(str::is_empty);
        let answer = request.answers.iter().find(|answer| answers::question_id(answer) == Some(&question.id))?;
        is_free.then(|| (property.to_owned(), answer["value"].clone()))
    };
    let values: Vec<_> = of_package(tenant, &request.package_id).filter_map(value).collect();
    set(tenant, &request.target_id, values);
}

/// Takes the values that do not outlast an assignment from a user whose assignment has just ended, unless another
/// assignment gives a role of the same resource.
pub(super) fn clear(tenant: &mut Tenant, user_id: &str, package_id: &str) {
    let is_held = |resource_id: &&str| {
        let mut giving = tenant.packages.by("resource/id", resource_id);
        giving.any(|other| tenant.active_assignment(user_id, &other.id).is_some())
    };
    let left = resources(tenant, package_id).into_iter().filter(|resource_id| !is_held(resource_id));
    let attributes = left.filter_map(|id| tenant.resources.get(id)).flat_map(|resource| &resource.attributes);
    let passing = attributes.filter(|attribute| attribute.is_persisted_on_assignment_removal == Some(false));
    let values = passing.filter_map(|attribute| Some((attribute.property()?.to_owned(), json!(null)))).collect();
    set(tenant, user_id, values);
}

fn is_replaceable(attribute: &ResourceAttribute) -> bool {
    attribute.is_editable != Some(false)
}

fn of_package<'t>(tenant: &'t Tenant, package_id: &str) -> impl Iterator<Item = &'t ResourceAttribute> {
    let found = resources(tenant, package_id).into_iter().filter_map(|id| tenant.resources.get(id));
    found.flat_map(|resource| &resource.attributes)
}

/// The ids of the resources of which the package gives roles, each once.
fn resources<'t>(tenant: &'t Tenant, package_id: &str) -> BTreeSet<&'t str> {
    let roles = tenant.packages.get(package_id).into_iter().flat_map(|package| &package.role_scopes);
    roles.map(|role| role.resource_id.as_str()).collect()
}

fn set(tenant: &mut Tenant, user_id: &str, values: Vec<(String, Value)>) {
    if let Some(mut user) = tenant.users.get(user_id).cloned().filter(|_| !values.is_empty()) {
        user.properties.extend(values);
        tenant.put_user(user);
    }
}
