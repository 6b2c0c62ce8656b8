//! Activations: runs that an operator asked for.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::domain::action::{Category, Occasion, OccasionValue};
use crate::domain::ids::SubjectKey;
use crate::domain::reason::Reason;
use crate::plan::draft::{Draft, View};
use crate::plan::ledger::{Activation, DocumentRecord, LedgerChange, RunStatus};
use crate::plan::population::Member;
use crate::plan::runs::{self, OwnRun};
use crate::workflow::definition::Mode;

use super::WorkflowPlanner;

/// The trigger's name in occasions.
const TRIGGER: &str = "activation";
/// What could not begin within this time was not meant any more, leavers excepted.
const STANDS_FOR: SignedDuration = SignedDuration::from_hours(3 * 24);

/// What operators asked for of one workflow and no plan has taken up, by subject.
pub(super) struct Activations<'a> {
    record: &'a DocumentRecord,
    by_subject: BTreeMap<&'a SubjectKey, Vec<(&'a str, &'a Activation)>>,
}

impl<'a> Activations<'a> {
    pub(super) fn of(view: &View<'a>, record: &'a DocumentRecord) -> Self {
        let mut by_subject: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (id, activation) in view.ledger.activations.iter().filter(|(_, known)| known.workflow == record.name) {
            by_subject.entry(&activation.subject).or_default().push((id.as_str(), activation));
        }
        Self { record, by_subject }
    }

    /// They stand until the workflow can run.
    pub(super) fn skip(&self, view: &View<'_>, reason: Reason, draft: &mut Draft) {
        for subject in self.by_subject.keys() {
            draft.skip(view, &self.record.name, Some(subject), None, reason.clone());
        }
    }

    /// Those of whom nothing is known (any more).
    pub(super) fn skip_strangers(&self, view: &View<'_>, draft: &mut Draft) {
        for subject in self.by_subject.keys().filter(|subject| view.population.find(subject).is_none()) {
            draft.skip(view, &self.record.name, Some(subject), None, Reason::NoUser);
        }
    }

    /// Whether one of them is for this subject.
    pub(super) fn concern(&self, member: &Member<'_>) -> bool {
        !self.of_member(member).is_empty()
    }

    fn of_member(&self, member: &Member<'_>) -> Vec<(&'a str, &'a Activation)> {
        if self.by_subject.is_empty() {
            return Vec::new();
        }
        member.subject.keys().flat_map(|key| self.by_subject.get(&key).cloned().unwrap_or_default()).collect()
    }
}

impl<'a> WorkflowPlanner<'_, 'a> {
    /// Begins and goes on with what operators asked for; returns whether there was anything. Their word stands for trigger and scope, as in
    /// Lifecycle Workflows; `except` and every gate remain.
    pub(super) fn plan_activations(
        &self,
        member: &Member<'a>,
        activations: &Activations<'_>,
        own: &[OwnRun<'_>],
        draft: &mut Draft,
    ) -> bool {
        let under_way = |(occasion, run): &&OwnRun<'_>| {
            let is_failed_before = run.status == RunStatus::Failed && run.document_hash != self.record.hash;
            matches!(occasion.value, OccasionValue::Activation(_)) && (!run.status.is_final() || is_failed_before)
        };
        let mut is_any = false;
        for (occasion, run) in own.iter().filter(under_way) {
            self.carry_on(member, occasion, run, draft);
            is_any = true;
        }
        for (id, activation) in activations.of_member(member) {
            self.plan_activation(member, id, activation, own, draft);
            is_any = true;
        }
        is_any
    }

    fn plan_activation(
        &self,
        member: &Member<'a>,
        id: &str,
        activation: &Activation,
        own: &[OwnRun<'_>],
        draft: &mut Draft,
    ) {
        let requested = activation.requested;
        let is_leaver = self.workflow.category == Category::Leaver;
        let value = OccasionValue::Activation(id.to_owned());
        let take = |draft: &mut Draft| {
            if self.record.mode != Mode::Observe {
                draft.changes.push(LedgerChange::ActivationTaken { id: id.to_owned() });
            }
        };
        if runs::find(own, &member.subject.key, TRIGGER, &value).is_some() {
            return take(draft);
        }
        if !is_leaver && self.record.observed_before && self.record.writes_since.is_some_and(|since| requested < since)
        {
            take(draft);
            return self.skip(member, Reason::ModeChanged { due: requested }, draft);
        }
        if !is_leaver && self.view.now.duration_since(requested) > STANDS_FOR {
            take(draft);
            return self.skip(member, Reason::TooLate { due: requested }, draft);
        }
        if member.user_id().is_none() {
            return self.skip(member, Reason::NoUser, draft);
        }
        take(draft);
        let occasion = Occasion {
            workflow: self.record.name.clone(),
            subject: member.subject.key.clone(),
            trigger: TRIGGER.to_owned(),
            value,
        };
        self.begin(member, occasion, None, draft);
    }
}
