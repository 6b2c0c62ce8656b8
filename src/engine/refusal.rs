//! Refusals are read back before they are believed (design.md section 6): the tenant may be as wished already.

use std::collections::BTreeMap;

use tracing::warn;

use crate::directory::{GroupAnswer, ObserveError};
use crate::domain::action::ActionState;
use crate::domain::entitlement::{Assignment, AssignmentRequest};
use crate::domain::ids::GroupId;
use crate::domain::resource::Resource;
use crate::plan::consequences::gone;
use crate::plan::ledger::LedgerChange;
use crate::store::{ActionRecord, Transition};

use super::event::{Event, chain};
use super::{Engine, EngineError};

/// What was refused, with the service's status and code.
type Refused = (ActionRecord, String);

impl Engine {
    /// Reads back what was refused, everything once for all of them; returns how many actions came to their end.
    pub(super) async fn read_refusals_back(&self, refused: Vec<Refused>) -> Result<usize, EngineError> {
        let (groups, packages): (Vec<_>, Vec<_>) =
            refused.into_iter().partition(|(record, _)| record.action.resource.group().is_some());
        Ok(self.read_refused_requests_back(packages).await? + self.read_refused_changes_back(groups).await?)
    }

    async fn read_refused_requests_back(&self, refused: Vec<Refused>) -> Result<usize, EngineError> {
        if refused.is_empty() {
            return Ok(0);
        }
        let requests = self.seams.entitlement.open_requests().await?;
        let assignments = self.seams.entitlement.active_assignments().await?;
        let count = refused.len();
        for (record, code) in refused {
            let (is_satisfied, changes) = as_wished(&record, &requests, &assignments);
            self.note_refusal(&record, is_satisfied, code, changes).await?;
        }
        Ok(count)
    }

    async fn read_refused_changes_back(&self, refused: Vec<Refused>) -> Result<usize, EngineError> {
        let mut groups: BTreeMap<GroupId, Result<GroupAnswer, ObserveError>> = BTreeMap::new();
        let mut settled = 0;
        for (record, code) in refused {
            let Resource::Group(group) = &record.action.resource else { continue };
            if !groups.contains_key(group) {
                groups.insert(group.clone(), self.read_group(group).await);
            }
            match groups.get(group) {
                Some(Ok(answer)) => {
                    let is_satisfied = super::membership::is_as_wished(&record.action, answer);
                    self.note_refusal(&record, is_satisfied, explained(code, answer), Vec::new()).await?;
                    settled += 1;
                }
                // One group that cannot be read stops nothing else: what was refused is looked for as if its answer were lost.
                Some(Err(error)) => self.lose(&record, &chain(error)).await?,
                None => {}
            }
        }
        Ok(settled)
    }

    async fn note_refusal(
        &self,
        record: &ActionRecord,
        is_satisfied: bool,
        code: String,
        changes: Vec<LedgerChange>,
    ) -> Result<(), EngineError> {
        let action = &record.action;
        let to = if is_satisfied { ActionState::AlreadySatisfied } else { ActionState::Refused };
        let transition = Transition {
            action: action.id,
            from: ActionState::Submitting,
            to,
            request: None,
            detail: code.clone(),
            changes: if is_satisfied { changes } else { Vec::new() },
        };
        self.seams.store.advance(&transition, self.seams.clock.now()).await?;
        warn!(
            event = Event::ActionRefused.name(),
            action.id = %action.id,
            action.kind = %action.kind,
            workflow.name = action.document.as_str(),
            subject.id = action.subject.as_str(),
            package.id = action.package().map(|package| package.as_str()),
            group.id = action.resource.group().map(|group| group.as_str()),
            outcome = to.as_str(),
            reason = code,
            "the service refused {} {} ({code}): {to}", action.kind, action.id
        );
        Ok(())
    }
}

/// Whether the tenant is as the refused request wished, and what follows from that.
fn as_wished(
    record: &ActionRecord,
    requests: &[AssignmentRequest],
    assignments: &[Assignment],
) -> (bool, Vec<LedgerChange>) {
    let action = &record.action;
    let has = assignments.iter().any(|assignment| match &action.assignment {
        Some(taken) => assignment.id == *taken,
        None => assignment.user.as_ref() == Some(&action.user) && Some(&assignment.package) == action.package(),
    });
    let is_coming = requests.iter().any(|request| {
        request.request_type.is_coming()
            && request.user.as_ref() == Some(&action.user)
            && request.package.as_ref() == action.package()
    });
    if action.kind.is_removal() { (!has, gone(action)) } else { (has || is_coming, Vec::new()) }
}

/// What the group is goes before the code, so that a refusal that no permission mends is not taken for one that lacks it.
fn explained(code: String, answer: &GroupAnswer) -> String {
    match answer {
        GroupAnswer::Members { unchangeable: Some(why), .. } => format!("{} ({code})", why.as_str()),
        _ => code,
    }
}
