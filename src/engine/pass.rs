//! One pass of the loop.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use crate::domain::counted::{agree, counted};
use crate::domain::reason::Reason;
use crate::plan::Plan;
use crate::plan::ledger::Rename;
use crate::store::DocumentsInForce;

use super::collect::Collected;
use super::event::Event;
use super::execute::Executed;
use super::{Engine, EngineError, LastPass};

/// A hold that nobody decides on is told of again after this time.
const HOLD_TOLD_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The longest wait for something to become due: a pass that comes before it is due does no harm.
const LONGEST_WAIT: Duration = Duration::from_secs(7 * 24 * 3600);

/// What a pass came to.
#[derive(Debug, Default)]
pub struct PassReport {
    /// Requests and changes of groups sent in this pass.
    pub sent: usize,
    /// Actions that came to an end in this pass.
    pub settled: usize,
    /// Parts of the plan that wait for a person.
    pub holds: usize,
    /// Mistakes in the documents folder.
    pub problems: usize,
    /// Whether a feed's source has something that is not complete yet, so that the next look should come soon.
    pub is_feed_incomplete: bool,
    /// How long until time alone makes something due, in real time; at most a week.
    pub due_in: Option<Duration>,
    /// What is still under way.
    pub under_way: UnderWay,
}

/// Actions that have not come to an end.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct UnderWay {
    /// Requests the service works on.
    pub moving: usize,
    /// Requests that wait for an approver or their start.
    pub waiting: usize,
    /// Requests whose answer was lost.
    pub ambiguous: usize,
    /// Committed and not sent yet.
    pub unsent: usize,
    /// Whether what was not sent could be sent now.
    pub can_send: bool,
    /// How long the service asked to wait, or until the next look, in real time.
    pub retry_in: Option<Duration>,
}

impl Engine {
    /// collect → plan → gate → commit → execute → settle → record.
    ///
    /// # Errors
    /// Fails when the tenant cannot be observed or the ledger fails; the next pass tries again.
    pub async fn run_pass(&mut self) -> Result<PassReport, EngineError> {
        let now = self.seams.clock.now();
        let collected = self.collect(now).await?;
        if let Some(documents) = &collected.changed_documents {
            self.seams.store.save_documents(documents, now).await?;
            record_documents(documents);
        }
        let plan = self.plan(&collected);
        self.seams.store.commit(&plan, now).await?;
        self.record_plan(&plan, now);
        self.is_catalog_in_doubt = plan.skips.iter().any(|skip| skip.reason.doubts_the_catalog());
        let Executed { sent, settled } = self.execute().await?;
        let settled = settled + self.settle().await?;
        let under_way = self.under_way().await?;
        let report = PassReport {
            sent,
            settled,
            holds: plan.holds.len(),
            problems: collected.problems.len(),
            is_feed_incomplete: collected.is_feed_incomplete,
            due_in: plan
                .next_due
                .and_then(|due| self.seams.clock.real_time_until(due))
                .map(|due| due.min(LONGEST_WAIT)),
            under_way,
        };
        self.last = Some(LastPass { observed: collected.observed, plan });
        Ok(report)
    }

    /// What would happen now: everything of a pass up to the plan, and nothing after it.
    ///
    /// # Errors
    /// Fails when the tenant cannot be observed or the ledger cannot be read.
    pub async fn preview(&mut self) -> Result<&LastPass, EngineError> {
        let collected = self.collect(self.seams.clock.now()).await?;
        let plan = self.plan(&collected);
        Ok(self.last.insert(LastPass { observed: collected.observed, plan }))
    }

    /// Everything a pass looks at, for commands that plan by themselves; nothing is sent, consumed or recorded by looking.
    ///
    /// # Errors
    /// Fails when the tenant cannot be observed or the ledger cannot be read.
    pub async fn survey(&mut self) -> Result<Collected, EngineError> {
        self.collect(self.seams.clock.now()).await
    }

    /// Plan and gate: pure, at one instant.
    fn plan(&self, collected: &Collected) -> Plan {
        self.plan_under(&collected.definitions, &collected.observed, &collected.ledger)
    }

    /// One line for what is new in this plan, and once a day for a hold that nobody decides on.
    fn record_plan(&mut self, plan: &Plan, now: Timestamp) {
        self.told_holds.retain(|hash, _| plan.holds.iter().any(|hold| hold.hash == *hash));
        let before = self.last.as_ref().map(|last| &last.plan);
        for hold in &plan.holds {
            let told = self.told_holds.get(&hold.hash);
            if told.is_some_and(|told| now.duration_since(*told) < HOLD_TOLD_AGAIN_AFTER) {
                continue;
            }
            self.told_holds.insert(hold.hash.clone(), now);
            warn!(
                event = Event::HoldRaised.name(),
                hold.hash = hold.hash.as_str(),
                gate = hold.gate.as_str(),
                items = hold.items.len(),
                reason = hold.why,
                "hold {} waits for a person: {}",
                hold.hash,
                hold.why
            );
        }
        for skip in plan.skips.iter().filter(|skip| skip.reason.needs_attention()) {
            if before.is_some_and(|before| before.skips.contains(skip)) {
                continue;
            }
            warn!(
                event = event_of(&skip.reason).name(),
                workflow.name = skip.document.as_str(),
                subject.id = skip.subject.as_ref().map(|subject| subject.as_str()),
                package.id =
                    skip.resource.as_ref().and_then(|resource| resource.package()).map(|package| package.as_str()),
                group.id = skip.resource.as_ref().and_then(|resource| resource.group()).map(|group| group.as_str()),
                reason = skip.reason.code(),
                "{}: {}",
                skip.document,
                skip.reason
            );
        }
        if !plan.actions.is_empty() {
            let (actions, holds) = (plan.actions.len(), plan.holds.len());
            info!(
                event = Event::PlanCommitted.name(),
                actions,
                holds,
                "{} {} committed",
                counted(actions, "action"),
                agree(&actions, "is", "are")
            );
        }
    }
}

/// Documents that disagree concern whoever writes them; everything else, whoever operates the tenant.
fn event_of(reason: &Reason) -> Event {
    match reason {
        Reason::Conflict { .. } | Reason::OutrankedBy { .. } => Event::DocumentsConflict,
        _ => Event::ActionSkipped,
    }
}

fn record_documents(documents: &DocumentsInForce) {
    for Rename { from, to } in &documents.renames {
        let event = Event::DocumentsRenamed.name();
        info!(
            event,
            workflow.name = to.as_str(),
            former.name = from.as_str(),
            "{to} was {from}: what {from} did is its own"
        );
    }
    let count = documents.records.iter().filter(|record| record.in_force).count();
    info!(
        event = Event::DocumentsLoaded.name(),
        documents.count = count,
        "{} {} in force",
        counted(count, "document"),
        agree(&count, "is", "are")
    );
}
