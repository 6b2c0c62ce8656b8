//! Answers against the questions of their policy.

use crate::domain::entitlement::{AssignmentPolicy, Question};
use crate::workflow::definition::RequestedAssignment;
use crate::workflow::places::Site;
use crate::workflow::problem::{Complaint, Problem, quoted};
use crate::workflow::warning::Warning;

use super::survey::Survey;
use super::tenant::Tenant;

pub(super) fn check(survey: &Survey<'_>, tenant: &Tenant) -> Vec<Problem> {
    let mut found = Vec::new();
    for (site, requested) in survey.requested() {
        let policy = tenant
            .package(&requested.access_package)
            .one()
            .and_then(|package| tenant.policy(&package.id, &requested.assignment_policy).one());
        if let Some(policy) = policy {
            found.extend(check_missing(survey, &site, requested, policy));
            found.extend(check_given(survey, &site, requested, policy));
        }
    }
    found
}

fn is_meant(question: &Question, key: &str) -> bool {
    question.text == key || question.id.eq_ignore_ascii_case(key)
}

fn check_missing<'s>(
    survey: &'s Survey<'_>,
    site: &'s Site,
    requested: &'s RequestedAssignment,
    policy: &'s AssignmentPolicy,
) -> impl Iterator<Item = Problem> + 's {
    let is_answered = |question: &Question| requested.answers.keys().any(|key| is_meant(question, key));
    let missing = policy.questions.iter().filter(move |question| question.is_required && !is_answered(question));
    missing.map(move |question| {
        let (name, asked) = (quoted(&policy.display_name), quoted(&question.text));
        let complaint = Complaint::new(format!("the policy {name} asks {asked}, which has no answer"));
        let complaint = complaint.hint(format!("add it to `answers`: {{ {:?}: … }}", question.text));
        survey.warning(&site.key("assignmentPolicy"), Warning::AnswerMissing, complaint)
    })
}

fn check_given<'s>(
    survey: &'s Survey<'_>,
    site: &'s Site,
    requested: &'s RequestedAssignment,
    policy: &'s AssignmentPolicy,
) -> impl Iterator<Item = Problem> + 's {
    requested.answers.iter().filter_map(move |(key, answer)| {
        let (warning, complaint) = match policy.questions.iter().find(|question| is_meant(question, key)) {
            None => {
                let name = quoted(&policy.display_name);
                let complaint = Complaint::new(format!("the policy {name} asks no question {}", quoted(key)));
                let asked = policy.questions.iter().map(|question| question.text.as_str());
                (Warning::QuestionNotFound, complaint.suggest(key, asked))
            }
            // An answer with a placeholder is known only when it is given.
            Some(_) if answer.attributes().next().is_some() => return None,
            Some(question) => {
                let text = answer.to_string();
                if question.choices.is_empty() || question.choices.contains(&text) {
                    return None;
                }
                let choices: Vec<String> = question.choices.iter().map(|choice| quoted(choice)).collect();
                let complaint = Complaint::new(format!("{} is none of the answers to choose from", quoted(&text)));
                (Warning::ChoiceNotFound, complaint.hint(format!("one of {}", choices.join(", "))))
            }
        };
        Some(survey.warning(&site.key("answers").key(key), warning, complaint))
    })
}
