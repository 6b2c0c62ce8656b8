//! The forecast: who would get and lose what over the coming days, and what would be held, if nothing changed from outside.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::Serialize;

use crate::domain::action::{Action, ActionKind, Cause, Occasion, OccasionValue};
use crate::domain::ids::{ActionId, DocumentName, SubjectKey, UserId};
use crate::domain::resource::Resource;
use crate::domain::time;

use super::Gate;
use super::ledger::Ledger;
use super::observed::Observed;
use super::population;
use super::simulation::{Simulation, needs_approval};

/// More passes than any sensible set of documents needs; a forecast that comes to this ends early and says so.
const MOST_TURNS: usize = 20_000;

/// What would happen.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Forecast {
    /// The observation it rests on (tenant time, UTC).
    pub from: Timestamp,
    /// How far it reaches (tenant time, UTC).
    pub until: Timestamp,
    /// In the order of time.
    pub changes: Vec<Foreseen>,
}

/// One change that would come.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Foreseen {
    /// When (tenant time, UTC).
    pub at: Timestamp,
    /// The same on the person's own clock.
    pub local_time: DateTime,
    /// Whether somebody gains or loses something.
    pub change: Change,
    /// How sure it is.
    pub outlook: Outlook,
    /// The gate that would hold it.
    pub gate: Option<Gate>,
    /// Whose.
    pub subject: SubjectKey,
    /// The subject's user.
    pub user: UserId,
    /// The package or group.
    #[serde(flatten)]
    pub resource: Resource,
    /// The document that wants it.
    pub document: DocumentName,
    /// The occasion, where there is one; a standing document has none.
    pub occasion: Option<Occasion>,
    /// The action.
    pub action: ActionId,
    /// The person's IANA zone; machines get the local time alone.
    #[serde(skip)]
    pub time_zone: String,
}

/// Which way access changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// Somebody gains something.
    Gains,
    /// Somebody loses something.
    Loses,
}

impl Change {
    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gains => "gains",
            Self::Loses => "loses",
        }
    }
}

/// How sure a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outlook {
    /// It would be requested, and delivered soon after.
    Requested,
    /// It would be requested, and an approver decides.
    WaitsForApproval,
    /// A gate would hold it until a person decides.
    Held,
    /// The request that gave it gave it an end, which the service keeps.
    Expires,
}

/// Lets a simulation run until `until`, and keeps what somebody would see of it.
pub fn forecast(simulation: &mut Simulation<'_>, until: Timestamp) -> Forecast {
    let zones = zones(simulation.observed());
    let from = simulation.observed().read_at;
    let mut forecast = Forecast { from, until, changes: Vec::new() };
    let mut held: BTreeSet<(ActionId, Gate)> = BTreeSet::new();
    for _ in 0..MOST_TURNS {
        let Some(turn) = simulation.next_turn(until) else { return Forecast { until, ..forecast } };
        let at = Seen { at: turn.at, zones: &zones, ledger: simulation.ledger(), observed: simulation.observed() };
        forecast.changes.extend(turn.ended.iter().map(|action| at.foreseen(action, Outlook::Expires, None)));
        for action in &turn.sent {
            let waits = needs_approval(simulation.observed(), action);
            let outlook = if waits { Outlook::WaitsForApproval } else { Outlook::Requested };
            forecast.changes.push(at.foreseen(action, outlook, None));
        }
        for hold in &turn.plan.holds {
            // What is only to be called a document's own changes nobody's access.
            let changes = hold.items.iter().filter(|item| item.kind != ActionKind::Adopt);
            let news = changes.filter(|item| held.insert((item.id, hold.gate)));
            forecast.changes.extend(news.map(|item| at.foreseen(item, Outlook::Held, Some(hold.gate))));
        }
        forecast.until = turn.at;
    }
    forecast
}

/// One instant of a simulation.
struct Seen<'s> {
    at: Timestamp,
    zones: &'s BTreeMap<SubjectKey, String>,
    ledger: &'s Ledger,
    observed: &'s Observed,
}

impl Seen<'_> {
    fn foreseen(&self, action: &Action, outlook: Outlook, gate: Option<Gate>) -> Foreseen {
        let time_zone = self.zones.get(&action.subject).unwrap_or(&self.observed.tenant_zone);
        let zone = time::zone(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let is_loss = action.kind.is_removal() || outlook == Outlook::Expires;
        Foreseen {
            at: self.at,
            local_time: self.at.to_zoned(zone).datetime(),
            change: if is_loss { Change::Loses } else { Change::Gains },
            outlook,
            gate,
            subject: action.subject.clone(),
            user: action.user.clone(),
            resource: action.resource.clone(),
            document: action.document.clone(),
            occasion: occasion_of(action, self.ledger),
            action: action.id,
            time_zone: time_zone.clone(),
        }
    }
}

/// The occasion of an action; a removal names its assignment, so the run that makes it tells.
fn occasion_of(action: &Action, ledger: &Ledger) -> Option<Occasion> {
    match &action.cause {
        Cause::Occasion(occasion) | Cause::Bar { occasion, .. } => Some(occasion.clone()),
        _ => {
            let from = Occasion {
                workflow: action.document.clone(),
                subject: action.subject.clone(),
                trigger: String::new(),
                value: OccasionValue::Date(Date::MIN),
            };
            let own = ledger
                .runs
                .range(from..)
                .take_while(|(occasion, _)| occasion.workflow == action.document && occasion.subject == action.subject);
            own.filter(|(_, run)| !run.status.is_final()).map(|(occasion, _)| occasion.clone()).next()
        }
    }
}

/// The zone of everybody whom a feed tells of.
fn zones(observed: &Observed) -> BTreeMap<SubjectKey, String> {
    let unread = BTreeSet::new();
    let members = population::join(observed, &unread);
    let zone = |member: population::Member<'_>| {
        member.subject.person.map(|person| (member.subject.key.clone(), person.time_zone.clone()))
    };
    members.into_iter().filter_map(zone).collect()
}
