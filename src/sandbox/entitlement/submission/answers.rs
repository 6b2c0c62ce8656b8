//! Whether the answers go with the policy's questions (graph-contract 1.3, 1.14).

use serde_json::Value;

use crate::sandbox::records::Policy;
use crate::sandbox::refusals::{Refusal, RefusalKind};

/// Checks that each answer belongs to a question, and that no required question goes without.
///
/// # Errors
/// Refuses otherwise.
pub(super) fn check(policy: &Policy, answers: &[Value]) -> Result<(), Refusal> {
    belong(policy, answers)?;
    let answered = |id: &str| {
        let text =
            |answer: &&Value| answer.get("value").and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
        answers.iter().filter(text).any(|answer| question_of(answer).as_deref() == Some(id))
    };
    match policy.questions.iter().find(|question| question.is_required && !answered(&question.id)) {
        None => Ok(()),
        Some(question) => {
            let message = format!("The required question '{}' has no answer.", question.id);
            Err(Refusal::new(RefusalKind::MissingRequiredAnswer, message))
        }
    }
}

/// Checks that each answer belongs to a question, for answers that are changed one by one.
///
/// # Errors
/// Refuses otherwise.
pub(super) fn belong(policy: &Policy, answers: &[Value]) -> Result<(), Refusal> {
    let is_known =
        |answer: &Value| question_of(answer).is_some_and(|id| policy.questions.iter().any(|known| known.id == id));
    if answers.iter().all(is_known) {
        return Ok(());
    }
    let message = "An answer belongs to no question of the assignment policy.";
    Err(Refusal::new(RefusalKind::InvalidAnswer, message))
}

fn question_of(answer: &Value) -> Option<String> {
    answer.pointer("/answeredQuestion/id").and_then(Value::as_str).map(str::to_lowercase)
}
