//! How a package is asked for: the policy, the answers to its questions, and what is kept with the request.

use crate::domain::entitlement::{Answer, Expiration, Question};
use crate::domain::ids::{PackageId, PolicyId};
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;
use crate::domain::subject::Attributes;
use crate::workflow::definition::RequestedAssignment;
use crate::workflow::rule::AttributeSource;
use crate::workflow::template::Template;

use super::names::Names;

/// A package that a document asks for, with the ids its names stand for.
#[derive(Debug)]
pub struct Asking<'a> {
    /// The package.
    pub package: PackageId,
    /// The same, as what an action is about.
    pub resource: Resource,
    policy: PolicyId,
    requested: &'a RequestedAssignment,
    questions: Vec<(&'a Question, Option<&'a Template>)>,
}

/// What one request says beside its target.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The policy.
    pub policy: PolicyId,
    /// Kept with the request.
    pub justification: Option<String>,
    /// How long the assignment lasts; without it the policy says.
    pub expiration: Option<Expiration>,
    /// Answers in the policy's order.
    pub answers: Vec<Answer>,
}

impl<'a> Asking<'a> {
    /// Resolves the names, and matches the answers to the policy's questions by id or text.
    ///
    /// # Errors
    /// The reason why a name stands for nothing, or the answers do not fit the questions.
    pub fn resolve(names: &mut Names<'a>, requested: &'a RequestedAssignment) -> Result<Self, Reason> {
        let package = names.package(&requested.access_package)?.id.clone();
        let policy = names.policy(&package, &requested.assignment_policy)?;
        if policy.is_automatic {
            return Err(Reason::ServiceManaged);
        }
        let is_meant =
            |question: &Question, name: &str| question.id.eq_ignore_ascii_case(name) || question.text == name;
        for name in requested.answers.keys() {
            match policy.questions.iter().filter(|question| is_meant(question, name)).count() {
                0 => return Err(Reason::QuestionNotFound { name: name.clone() }),
                1 => {}
                _ => return Err(Reason::NameAmbiguous { name: name.clone() }),
            }
        }
        let answer = |question: &'a Question| requested.answers.iter().find(|(name, _)| is_meant(question, name));
        let questions = policy.questions.iter().map(|question| (question, answer(question).map(|(_, given)| given)));
        let resource = Resource::from(&package);
        let policy = policy.id.clone();
        let asking = Self { package, resource, policy, requested, questions: questions.collect() };
        asking.check_what_is_the_same_for_everybody()?;
        Ok(asking)
    }

    fn check_what_is_the_same_for_everybody(&self) -> Result<(), Reason> {
        let nobody = Attributes::new();
        for (question, template) in &self.questions {
            match template {
                Some(template) if template.attributes().next().is_some() => {}
                _ => answer(question, *template, &nobody).map(|_| ())?,
            }
        }
        Ok(())
    }

    /// The request for one subject.
    ///
    /// # Errors
    /// An attribute that was not read, or an answer that does not fit its question.
    pub fn fill_in(&self, source: &impl AttributeSource) -> Result<Asked, Reason> {
        let mut answers = Vec::new();
        for (question, template) in &self.questions {
            answers.extend(answer(question, *template, source)?);
        }
        let justification = self.requested.justification.as_ref();
        let justification = justification.map(|template| filled(template, source)).transpose()?;
        let expiration = self.requested.expiration.clone();
        Ok(Asked { policy: self.policy.clone(), justification, expiration, answers })
    }
}

fn filled(template: &Template, source: &impl AttributeSource) -> Result<String, Reason> {
    template.fill_in(source).map_err(|attribute| Reason::Unknown { what: attribute })
}

/// The answer to one question; an empty one is none.
fn answer(
    question: &Question,
    template: Option<&Template>,
    source: &impl AttributeSource,
) -> Result<Option<Answer>, Reason> {
    let value = template.map(|template| filled(template, source)).transpose()?.filter(|value| !value.is_empty());
    match value {
        None if question.is_required => Err(Reason::AnswerMissing { question: question.text.clone() }),
        None => Ok(None),
        Some(value) if question.choices.is_empty() || question.choices.contains(&value) => {
            Ok(Some(Answer { question: question.id.clone(), kind: question.kind(), value }))
        }
        Some(_) => Err(Reason::AnswerNotAChoice { question: question.text.clone() }),
    }
}
