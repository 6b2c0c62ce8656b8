//! Answers to a policy's questions: what is taken for one, and what is kept of it (graph-contract 1.3, 1.9.1).

mod value;

use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use super::records::{Policy, Question};
pub(super) use value::pattern;

/// The most answers that a request may carry.
const MOST: usize = 100;
const ANSWER: &str = "#microsoft.graph.accessPackageAnswerString";

/// Why answers are not taken.
#[derive(Debug, Clone, PartialEq, Error)]
pub(super) enum AnswerError {
    /// There is no such question, or the answer does not fit it.
    #[error("The answer to the question '{question}' {why}.")]
    Invalid {
        /// The question's id, as far as it is known.
        question: String,
        /// What is wrong with the answer.
        why: String,
    },
    /// A required question goes without an answer.
    #[error("The required question '{0}' has no answer.")]
    Missing(String),
}

impl AnswerError {
    fn invalid(question: &str, why: impl Into<String>) -> Self {
        Self::Invalid { question: question.to_owned(), why: why.into() }
    }
}

/// An `accessPackageAnswerString` as it comes in.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Given {
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    value: Option<String>,
    display_value: Option<String>,
    answered_question: Answered,
}

/// The question of an answer; of what it repeats, only the id and the type count.
#[derive(Debug, Deserialize)]
struct Answered {
    id: String,
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
}

/// Takes all answers of a new request, as [`read`] does.
///
/// # Errors
/// As [`read`], and for a required question without an answer.
pub(super) fn check(policy: &Policy, given: &[Value]) -> Result<Vec<Value>, AnswerError> {
    let answers = read(policy, given)?;
    let is_answered = |id: &str| answers.iter().any(|answer| question_id(answer) == Some(id));
    match policy.questions.iter().find(|question| question.is_required && !is_answered(&question.id)) {
        None => Ok(answers),
        Some(question) => Err(AnswerError::Missing(question.id.clone())),
    }
}

/// Takes answers to some of the policy's questions, in the shape in which they are kept and shown; an empty one is none.
///
/// # Errors
/// Refuses what is no answer to a question of the policy.
pub(super) fn read(policy: &Policy, given: &[Value]) -> Result<Vec<Value>, AnswerError> {
    if given.len() > MOST {
        return Err(AnswerError::invalid("", format!("is one of more than {MOST}")));
    }
    let mut answers: Vec<Value> = Vec::new();
    for answer in given {
        let answer = Given::deserialize(answer).map_err(|error| AnswerError::invalid("", error.to_string()))?;
        let question = question_of(policy, &answer)?;
        let value = answer.value.as_deref().unwrap_or_default();
        if value.trim().is_empty() {
            continue;
        }
        if answers.iter().any(|known| question_id(known) == Some(&question.id)) {
            return Err(AnswerError::invalid(&question.id, "is not the only one"));
        }
        let display = value::display_value(question, value, answer.display_value.as_deref());
        let display = display.map_err(|why| AnswerError::invalid(&question.id, why))?;
        let answered = json!({ "@odata.type": json!(question)["@odata.type"], "id": question.id });
        answers.push(
            json!({ "@odata.type": ANSWER, "value": value, "displayValue": display, "answeredQuestion": answered }),
        );
    }
    Ok(answers)
}

fn question_id(answer: &Value) -> Option<&str> {
    answer.pointer("/answeredQuestion/id")?.as_str()
}

fn question_of<'p>(policy: &'p Policy, answer: &Given) -> Result<&'p Question, AnswerError> {
    let Answered { id, kind } = &answer.answered_question;
    let known = policy.questions.iter().find(|known| known.id.eq_ignore_ascii_case(id));
    let question = known.ok_or_else(|| AnswerError::invalid(id, "belongs to no question of the assignment policy"))?;
    let fits = |kind: &Option<String>, expected: &str| {
        kind.as_deref().is_none_or(|kind| kind.trim_start_matches('#') == expected.trim_start_matches('#'))
    };
    let expected = json!(question);
    if !fits(&answer.kind, ANSWER) || !fits(kind, expected["@odata.type"].as_str().unwrap_or_default()) {
        return Err(AnswerError::invalid(id, "is of another type"));
    }
    Ok(question)
}
