//! Activation: an operator's wish that a workflow runs for people; the next plan takes it up, through `except` and every gate.

use std::collections::BTreeMap;
use std::fmt;

use tracing::info;

use crate::domain::ids::SubjectKey;
use crate::plan::ledger::{DocumentRecord, Ledger};
use crate::plan::population::{self, Member};
use crate::store::{ActivationWish, StoreError};
use crate::workflow::definition::{Definitions, Mode, Workflow};
use crate::workflow::problem::{Complaint, quoted};

use super::collect::Collected;
use super::event::Event;
use super::{Engine, EngineError};

/// The most people one wish may name.
const MOST_PEOPLE: usize = 1000;

/// One person a workflow was activated for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activated {
    /// Who.
    pub subject: SubjectKey,
    /// The name of their account, for tables for people and never for logs; absent where HR knows somebody who has none yet.
    pub display_name: Option<String>,
    /// Whether the wish is new; if not, an earlier one for the same person has not come to its end.
    pub is_new: bool,
}

/// Why a workflow was activated for nobody.
#[derive(Debug, thiserror::Error)]
pub enum ActivateError {
    /// No document in force has this name.
    #[error("no workflow is called {0}")]
    UnknownWorkflow(Hinted),
    /// The document is no workflow.
    #[error("{name} is a document of kind {kind}; only a Workflow can be activated")]
    NoWorkflow {
        /// The document.
        name: String,
        /// Its kind.
        kind: String,
    },
    /// The workflow is switched off.
    #[error("workflow {0} is switched off (isEnabled: false); switch it on in its document first")]
    Disabled(String),
    /// The workflow may not write.
    #[error(
        "workflow {0} only observes: its own mode, or safety.mode in usherd.yaml, is observe; `usherd plan` says what it would do"
    )]
    Observing(String),
    /// Too many people.
    #[error(
        "{0} people are named, and {MOST_PEOPLE} may be; activate the workflow several times, or give it a schedule"
    )]
    TooMany(usize),
    /// Some names do not stand for one person; every one is listed.
    #[error("nobody was activated:{}", listed(.0))]
    People(Vec<String>),
    /// The tenant could not be observed, or the ledger failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A word that stands for nothing, and what was probably meant.
#[derive(Debug)]
pub struct Hinted(Complaint);

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        self.0.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

fn listed(people: &[String]) -> String {
    people.iter().map(|person| format!("\n  {person}")).collect()
}

impl From<StoreError> for ActivateError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl Engine {
    /// Keeps the wish that `workflow` runs for `people`, each given by sign-in name, mail address, object id, employee id or ledger key; all of
    /// them or nobody. `by` is who wishes it.
    ///
    /// # Errors
    /// [`ActivateError`] says what stands in the way.
    pub async fn activate(
        &mut self,
        workflow: &str,
        people: &[String],
        by: &str,
    ) -> Result<Vec<Activated>, ActivateError> {
        if people.len() > MOST_PEOPLE {
            return Err(ActivateError::TooMany(people.len()));
        }
        let Collected { definitions, observed, ledger, .. } = self.survey().await?;
        let workflow = activatable(&definitions, &ledger, workflow)?;
        let unread = population::unread_attributes(&definitions.feeds, &observed);
        let members = population::join(&observed, &unread);
        let subjects = tell_apart(&members, people)?;
        let wish = ActivationWish {
            workflow: workflow.header.name.clone(),
            subjects: subjects.keys().cloned().collect(),
            by: by.to_owned(),
        };
        let kept = self.seams.store.activate(&wish, self.seams.clock.now()).await?;
        for subject in &kept {
            info!(
                event = Event::WorkflowActivated.name(),
                workflow.name = wish.workflow.as_str(),
                subject.id = subject.as_str(),
                "{} is activated for {subject}",
                wish.workflow
            );
        }
        let activated = |(subject, display_name): (SubjectKey, Option<String>)| Activated {
            is_new: kept.contains(&subject),
            subject,
            display_name,
        };
        Ok(subjects.into_iter().map(activated).collect())
    }
}

/// The workflow, where it is one that may act.
fn activatable<'d>(definitions: &'d Definitions, ledger: &Ledger, name: &str) -> Result<&'d Workflow, ActivateError> {
    let record = |known: &&DocumentRecord| known.in_force && known.name.as_str() == name;
    let record = ledger.documents.values().find(record);
    let Some(workflow) = definitions.workflows.iter().find(|known| known.header.name.as_str() == name) else {
        return Err(match record {
            Some(other) => ActivateError::NoWorkflow { name: name.to_owned(), kind: other.kind.clone() },
            None => {
                let names = definitions.workflows.iter().map(|known| known.header.name.as_str());
                ActivateError::UnknownWorkflow(Hinted(Complaint::new(quoted(name)).suggest(name, names)))
            }
        });
    };
    if !workflow.is_enabled {
        return Err(ActivateError::Disabled(name.to_owned()));
    }
    if record.is_none_or(|record| record.mode == Mode::Observe) {
        return Err(ActivateError::Observing(name.to_owned()));
    }
    Ok(workflow)
}

/// The one person that each word stands for, with the name of their account.
fn tell_apart(
    members: &[Member<'_>],
    people: &[String],
) -> Result<BTreeMap<SubjectKey, Option<String>>, ActivateError> {
    let mut told = BTreeMap::new();
    let mut problems = Vec::new();
    for word in people {
        match population::named(members, word).as_slice() {
            [member] if member.is_ambiguous => problems.push(format!(
                "{}: several accounts carry this person's employee id; give all but one another id",
                quoted(word)
            )),
            [member] => {
                told.insert(member.subject.key.clone(), member.subject.user.map(|user| user.display_name.clone()));
            }
            [] => problems.push(format!(
                "{}: neither HR nor the directory knows this sign-in name, mail address, object id or employee id",
                quoted(word)
            )),
            several => {
                let keys: Vec<&str> = several.iter().map(|member| member.subject.key.as_str()).collect();
                problems.push(format!("{} may be any of {}; give one of these", quoted(word), keys.join(", ")));
            }
        }
    }
    if problems.is_empty() { Ok(told) } else { Err(ActivateError::People(problems)) }
}
