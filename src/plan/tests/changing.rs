//! States of grants and runs, changes of documents, and what comes of the one under the other, in a line of words.

use crate::domain::action::{Action, ActionKind, ActionState};
use crate::domain::ids::{ActionId, DocumentName};
use crate::engine::document_records::put_on_record;
use crate::plan::focus::Focus;
use crate::plan::ledger::{ClaimRecord, HeldBy, LedgerAction, LedgerChange};
use crate::plan::{Plan, plan_in_focus};
use crate::workflow::definition::Mode;
use crate::workflow::load::{SourceText, load};

use super::world::{World, claim, subject_of, world};

const NOW: &str = "2026-12-10T12:00:00Z";

const STANDING: &str = "
apiVersion: usherd/v1
kind: AutoAssignment
name: document
mode: enforce
accessPackage: Tools
assignmentPolicy: Direct
members: { anyOf: [{ group: Engineering }] }
whenMemberLeaves: { remove: after, gracePeriod: P7D }
";

const JOINER: &str = "
apiVersion: usherd/v1
kind: Workflow
name: document
category: joiner
mode: enforce
trigger: { timeBasedAttribute: employeeHireDate, offsetInDays: 0 }
scope: { rule: \"department eq 'Engineering'\" }
tasks:
  - task: requestAccessPackageAssignment
    with: { accessPackage: Tools, assignmentPolicy: Direct }
";

const LEAVER: &str = "
apiVersion: usherd/v1
kind: Workflow
name: document
category: leaver
mode: enforce
trigger: { timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0 }
scope: { rule: \"department eq 'Engineering'\" }
tasks:
  - task: removeAccessPackageAssignment
    with: { accessPackage: Tools }
";

/// What is done to the document, or to the ceiling over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(non_camel_case_types, reason = "the names of the cells' tests")]
pub(super) enum Change {
    edited,
    grant_only,
    observe,
    ceiling,
    observed_meanwhile,
    disabled,
    renamed,
    deleted,
    back,
}

/// A world in which something has happened to E1 by the document.
pub(super) struct State {
    text: &'static str,
    world: World,
}

impl State {
    fn new(text: &'static str) -> Self {
        let mut world = world(NOW, &[text]).person(
            "E1",
            &[
                ("department", "Engineering"),
                ("employeeHireDate", if text == JOINER { "2026-12-10" } else { "2020-01-01" }),
                ("employeeLeaveDateTime", if text == LEAVER { "2026-12-09" } else { "2030-12-31" }),
            ],
        );
        world.set_group("Engineering", &["E1"]);
        world.ledger.complete_since.insert(subject_of("E1"), world.now);
        Self { text, world }
    }

    /// Commits the plan; its one action is in this state from then on.
    fn planned(mut self, state: ActionState) -> Self {
        let plan = self.world.plan();
        for change in plan.changes {
            match change {
                LedgerChange::Run { occasion, run } => {
                    self.world.ledger.runs.insert(occasion, run);
                }
                LedgerChange::BarSet { bar } => {
                    self.world.ledger.bars.insert(bar);
                }
                _ => {}
            }
        }
        let [action] = plan.actions.try_into().unwrap();
        let known = ledger_action(&action, state, &self.world);
        if state == ActionState::Held {
            let by = HeldBy { gate: crate::plan::Gate::GroupShrunk, hold: "a hold".into(), why: "why".to_owned() };
            self.world.ledger.held.insert((action.id, action.document.clone()), by);
        }
        self.world.ledger.actions.insert(action.id, known);
        self
    }

    fn holding(mut self) -> Self {
        self.world = self.world.holds("E1", "Tools");
        self
    }

    fn claimed(mut self, leaving_since: Option<&str>) -> Self {
        let leaving_since = leaving_since.map(|since| since.parse().unwrap());
        let record = ClaimRecord { leaving_since, missing_since: None };
        self.world.ledger.claims.insert(claim("E1", "Tools", "document"), record);
        self
    }

    fn not_a_member(mut self) -> Self {
        self.world.set_group("Engineering", &[]);
        self
    }

    /// The plan's one action is no longer on its way: it came to a good end, and is seen in the tenant.
    fn delivered(self) -> Self {
        let mut delivered = self.planned(ActionState::Delivered);
        let earlier = "2026-12-10T11:00:00Z".parse().unwrap();
        delivered.world.ledger.actions.values_mut().for_each(|action| action.changed = earlier);
        delivered
    }

    /// The document gave it, and the subject is a member.
    pub(super) fn granted() -> Self {
        Self::new(STANDING).holding().claimed(None)
    }

    /// The subject is a member, and holds it by somebody else's hand.
    pub(super) fn held_unowned() -> Self {
        Self::new(STANDING).holding()
    }

    /// The subject is no longer a member; the grace period runs.
    pub(super) fn in_grace() -> Self {
        Self::new(STANDING).holding().claimed(Some("2026-12-09T12:00:00Z")).not_a_member()
    }

    fn grace_is_over() -> Self {
        Self::new(STANDING).holding().claimed(Some("2026-12-01T12:00:00Z")).not_a_member()
    }

    /// The removal is committed.
    pub(super) fn removal_unsent() -> Self {
        Self::grace_is_over().planned(ActionState::Ready)
    }

    /// The removal waits for a person.
    pub(super) fn removal_held() -> Self {
        Self::grace_is_over().planned(ActionState::Held)
    }

    /// The removal is on its way.
    pub(super) fn removal_sent() -> Self {
        Self::grace_is_over().planned(ActionState::Submitted)
    }

    /// The addition is committed.
    pub(super) fn addition_unsent() -> Self {
        Self::new(STANDING).planned(ActionState::Ready)
    }

    /// The addition waits for a person.
    pub(super) fn addition_held() -> Self {
        Self::new(STANDING).planned(ActionState::Held)
    }

    /// The addition is on its way.
    pub(super) fn addition_sent() -> Self {
        Self::new(STANDING).planned(ActionState::Submitted)
    }

    /// A person said no to the addition.
    pub(super) fn addition_rejected() -> Self {
        let mut state = Self::new(STANDING).planned(ActionState::Superseded);
        let rejected: Vec<(ActionId, DocumentName)> =
            state.world.ledger.actions.iter().map(|(id, action)| (*id, action.document.clone())).collect();
        state.world.ledger.rejected.extend(rejected);
        state
    }

    /// An approver said no to the addition.
    pub(super) fn addition_denied() -> Self {
        Self::new(STANDING).planned(ActionState::Denied)
    }

    /// The joiner's request is committed.
    pub(super) fn run_unsent() -> Self {
        Self::new(JOINER).planned(ActionState::Ready)
    }

    /// The joiner's request is on its way.
    pub(super) fn run_sent() -> Self {
        Self::new(JOINER).planned(ActionState::Submitted)
    }

    /// The joiner's request was delivered.
    pub(super) fn run_done() -> Self {
        Self::new(JOINER).delivered().holding().claimed(None)
    }

    /// The leaver's removal is committed.
    pub(super) fn leaver_unsent() -> Self {
        Self::new(LEAVER).holding().planned(ActionState::Ready)
    }

    /// The leaver's removal waits for a person.
    pub(super) fn leaver_held() -> Self {
        Self::new(LEAVER).holding().planned(ActionState::Held)
    }

    /// The leaver's removal is on its way.
    pub(super) fn leaver_sent() -> Self {
        Self::new(LEAVER).holding().planned(ActionState::Submitted)
    }

    /// The leaver was put out, and then somebody gave the package again.
    pub(super) fn leaver_back() -> Self {
        let mut state = Self::new(LEAVER).holding().delivered();
        for run in state.world.ledger.runs.values_mut() {
            run.status = crate::plan::ledger::RunStatus::Completed;
        }
        for assignment in &mut state.world.observed.assignments {
            assignment.id = "a-given-again".into();
        }
        state
    }
}

fn ledger_action(action: &Action, state: ActionState, world: &World) -> LedgerAction {
    LedgerAction {
        state,
        kind: action.kind,
        user: action.user.clone(),
        resource: action.resource.clone(),
        document: action.document.clone(),
        document_hash: action.document_hash.clone(),
        subject: action.subject.clone(),
        changed: world.now,
        is_forbidden: false,
    }
}

/// What the next plan makes of it, in words: what is sent or held, the reasons, and whether what was committed is taken back.
pub(super) fn effect(State { text, mut world }: State, change: Change) -> String {
    let committed: Vec<ActionId> = world.ledger.actions.keys().copied().collect();
    let put = |world: &mut World, text: Option<String>, ceiling: Mode| {
        let files: Vec<SourceText> =
            text.map(|text| SourceText { file: "document.yaml".to_owned(), text }).into_iter().collect();
        let loaded = load(&files);
        assert_eq!(loaded.problems, []);
        world.definitions.workflows = loaded.definitions.workflows;
        world.definitions.auto_assignments = loaded.definitions.auto_assignments;
        put_on_record(&mut world.ledger, &world.definitions, ceiling, world.now);
    };
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{text}");
        Some(text.replacen(from, to, 1))
    };
    let mode = |mode: &str| with("mode: enforce", &format!("mode: {mode}"));
    match change {
        Change::edited => put(&mut world, with("name:", "description: another text\nname:"), Mode::Enforce),
        Change::grant_only => put(&mut world, mode("grantOnly"), Mode::Enforce),
        Change::observe => put(&mut world, mode("observe"), Mode::Enforce),
        Change::ceiling => put(&mut world, Some(text.to_owned()), Mode::Observe),
        Change::observed_meanwhile => {
            put(&mut world, mode("observe"), Mode::Enforce);
            put(&mut world, Some(text.to_owned()), Mode::Enforce);
        }
        Change::disabled => put(&mut world, with("name:", "isEnabled: false\nname:"), Mode::Enforce),
        Change::renamed => {
            put(&mut world, with("name: document", "name: renamed\nformerly: [document]"), Mode::Enforce);
        }
        Change::deleted => put(&mut world, None, Mode::Enforce),
        Change::back => {
            put(&mut world, None, Mode::Enforce);
            put(&mut world, Some(text.to_owned()), Mode::Enforce);
        }
    }
    let focus = Focus::on([subject_of("E1")]);
    let (plan, reasons) =
        plan_in_focus(&world.definitions, &world.observed, &world.ledger, &world.limits, world.now, focus);
    words(&plan, &committed, reasons.iter().map(|skip| skip.reason.code()))
}

fn words<'r>(plan: &Plan, committed: &[ActionId], reasons: impl Iterator<Item = &'r str>) -> String {
    let word = |action: &Action| {
        let verb = match action.kind {
            ActionKind::AdminAdd => "adds",
            _ => "removes",
        };
        // The cause is the same: it cannot act twice.
        let again = if committed.contains(&action.id) { " as committed" } else { "" };
        format!("{verb}{again}")
    };
    let mut words: Vec<String> = plan.actions.iter().map(word).collect();
    for hold in &plan.holds {
        words.extend(hold.items.iter().map(|item| format!("{}, held by {}", word(item), hold.gate.as_str())));
    }
    words.extend(reasons.map(str::to_owned));
    if !plan.superseded.is_empty() {
        words.push("taken back".to_owned());
    }
    for change in &plan.changes {
        match change {
            LedgerChange::EpisodeRaised { .. } => words.push("a new episode".to_owned()),
            LedgerChange::ClaimReleased { .. } => words.push("let go".to_owned()),
            LedgerChange::ClaimLeaving { .. } => words.push("grace begins".to_owned()),
            LedgerChange::BarEnded { .. } => words.push("the bar ends".to_owned()),
            _ => {}
        }
    }
    words.join("; ")
}
