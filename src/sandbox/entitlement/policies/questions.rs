//! A policy's questions: read strictly, in a sequence, each with an id (graph-contract 1.3).

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::super::payload::{bounded, guid, refused};
use super::wire;
use crate::sandbox::answers;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::records::{LocalizedText, Policy, Question, QuestionKind};
use crate::sandbox::tenant::Tenant;

/// The most questions of a policy, choices of a question, and languages of a text.
const MOST: usize = 100;
/// The longest text of a question or a choice, in characters.
const TEXT_LIMIT: usize = 4000;

/// A question of a body.
#[derive(Debug)]
pub(super) struct QuestionBody(Question);

impl<'de> Deserialize<'de> for QuestionBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Value::deserialize(deserializer)?;
        let question = Question::deserialize(&given).map_err(serde::de::Error::custom)?;
        // A type of which parts are flattened cannot refuse what it does not know; what it writes is what it knows.
        let known = json!(question);
        let unknown = given.as_object().into_iter().flatten().find(|(name, _)| known.get(name.as_str()).is_none());
        match unknown {
            None => Ok(Self(question)),
            Some((name, _)) => Err(serde::de::Error::custom(format!("unknown field `{name}` of a question"))),
        }
    }
}

/// A question that is not one of a policy's.
///
/// # Errors
/// As [`checked`], and for what is no question.
pub(in crate::sandbox::entitlement) fn alone(mut question: Value) -> Result<Question, ApiError> {
    wire::prepare_typed(&mut question);
    let question = QuestionBody::deserialize(question).map_err(|error| invalid(&error.to_string()))?;
    let checked = checked(vec![question])?.into_iter().next();
    checked.ok_or_else(|| invalid("There is no question"))
}

/// The questions in their order.
///
/// # Errors
/// 400 for two in the same place, for one without a text or choices, and for a pattern that is none.
pub(super) fn checked(questions: Vec<QuestionBody>) -> Result<Vec<Question>, ApiError> {
    let mut questions: Vec<Question> = questions.into_iter().map(|body| body.0).collect();
    limit("questions", questions.len())?;
    // A body that numbers none of its questions has them in order.
    if questions.iter().all(|question| question.sequence == 0) {
        for (place, question) in (0..).zip(&mut questions) {
            question.sequence = place;
        }
    }
    let (mut places, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for question in &mut questions {
        check(question)?;
        if !question.id.is_empty() {
            question.id = guid(&question.id)?;
        }
        if !places.insert(question.sequence) || !(question.id.is_empty() || ids.insert(question.id.clone())) {
            return Err(invalid("Two questions have the same 'sequence' or 'id'"));
        }
    }
    questions.sort_by_key(|question| question.sequence);
    Ok(questions)
}

/// Gives ids to the questions that have none.
pub(super) fn name(policy: &mut Policy, tenant: &mut Tenant) {
    for question in policy.questions.iter_mut().filter(|question| question.id.is_empty()) {
        question.id = tenant.new_id("question");
    }
}

fn check(question: &Question) -> Result<(), ApiError> {
    text("text", &question.text)?;
    localizations(&question.localizations)?;
    match &question.kind {
        QuestionKind::TextInput { regex_pattern, .. } => match regex_pattern {
            Some(pattern) if answers::pattern(pattern).is_none() => {
                Err(invalid("'regexPattern' is not a regular expression, or too large a one"))
            }
            _ => Ok(()),
        },
        QuestionKind::MultipleChoice { choices, .. } => {
            limit("choices", choices.len())?;
            let values: BTreeSet<&str> = choices.iter().map(|choice| choice.actual_value.as_str()).collect();
            if choices.is_empty() || values.len() < choices.len() {
                return Err(invalid("A multiple choice question needs 'choices', each with its own 'actualValue'"));
            }
            choices.iter().try_for_each(|choice| {
                text("actualValue", &choice.actual_value)?;
                text("text", &choice.text)?;
                localizations(&choice.localizations)
            })
        }
    }
}

fn localizations(texts: &[LocalizedText]) -> Result<(), ApiError> {
    limit("localizations", texts.len())?;
    texts.iter().try_for_each(|localized| {
        text("languageCode", &localized.language_code)?;
        text("text", &localized.text)
    })
}

fn text(property: &str, text: &str) -> Result<(), ApiError> {
    if text.trim().is_empty() {
        return Err(invalid(&format!("'{property}' is empty")));
    }
    bounded(property, text.to_owned(), TEXT_LIMIT).map(|_| ())
}

fn limit(property: &str, count: usize) -> Result<(), ApiError> {
    if count > MOST { Err(invalid(&format!("There are more than {MOST} '{property}'"))) } else { Ok(()) }
}

fn invalid(why: &str) -> ApiError {
    refused("InvalidModel", format!("The request is invalid: {why}."))
}
