//! Plan gates: the part of a plan over a limit is held, whole, and waits for a person; the rest goes on (design.md section 7).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::action::Action;
use crate::domain::counted::counted;
use crate::domain::ids::{DocumentName, HoldHash, UserId, sha256_hex};

use super::draft::{Draft, View, removal_limit};
use super::ledger::DocumentRecord;
use super::limits::{Limits, allowed};
use super::wish::Wish;
use super::{Gate, Hold};

/// What the gates let through, and what they hold.
#[derive(Debug, Default)]
pub struct Gated {
    /// Released.
    pub actions: Vec<Action>,
    /// Held, sorted by gate and hash.
    pub holds: Vec<Hold>,
}

/// Sends every wish through the gates. What a person approved passes; what is held stays held until a person decides.
pub fn hold_back(view: &View<'_>, limits: &Limits, draft: &Draft, wishes: Vec<Wish>) -> Gated {
    let mut gates = Gates { view, limits, draft, held: BTreeMap::new(), counted: Vec::new() };
    let (approved, mut open): (Vec<_>, Vec<_>) =
        wishes.into_iter().partition(|wish| view.ledger.approved.get(&wish.action.id) == Some(&wish.action.document));
    open.retain(|wish| !gates.hold_by_its_own_nature(wish));
    open = gates.hold_over_document_limits(open);
    open = gates.hold_over_tenant_limit(open);
    let mut actions: Vec<Action> = approved.into_iter().chain(open).map(|wish| wish.action).collect();
    actions.sort_by(|a, b| (a.category, a).cmp(&(b.category, b)));
    Gated { actions, holds: gates.into_holds() }
}

struct Gates<'g> {
    view: &'g View<'g>,
    limits: &'g Limits,
    draft: &'g Draft,
    held: BTreeMap<HoldKey, (String, Vec<Action>)>,
    /// What a limit holds already counts towards the same limit of what is new.
    counted: Vec<(Gate, Action)>,
}

/// One hold a gate, a document where the gate is a document's, and a hold of earlier plans: what is new forms a hold of its own.
type HoldKey = (Gate, Option<DocumentName>, Option<HoldHash>);

impl Gates<'_> {
    fn hold(&mut self, key: HoldKey, why: impl FnOnce() -> String, action: Action) {
        self.counted.push((key.0, action.clone()));
        self.held.entry(key).or_insert_with(|| (why(), Vec::new())).1.push(action);
    }

    /// How many people these wishes concern, with those whom the same limit holds already.
    fn people(&self, wishes: &[Wish], gate: Gate, document: Option<&DocumentName>) -> u32 {
        let is_same = |action: &Action| document.is_none_or(|document| action.document == *document);
        let held = self.counted.iter().filter(|(by, action)| *by == gate && is_same(action));
        let held = held.map(|(_, action)| &action.user);
        let users: BTreeSet<&UserId> = wishes.iter().map(|wish| &wish.action.user).chain(held).collect();
        u32::try_from(users.len()).unwrap_or(u32::MAX)
    }

    /// Gates that look at one action alone, and holds of earlier plans, which last until a person decides.
    fn hold_by_its_own_nature(&mut self, wish: &Wish) -> bool {
        let document = &wish.action.document;
        let is_removal = wish.action.kind.is_removal();
        let first_removals = self.view.ledger.documents.get(document).is_some_and(|record| record.first_removals_held);
        let known = self.view.ledger.held.get(&(wish.action.id, document.clone()));
        let (gate, why) = if let Some(held) = known {
            (held.gate, held.why.clone())
        } else if let Some(gate) = wish.held_by {
            (gate, held_by_its_kind(gate, document))
        } else if is_removal && first_removals {
            (Gate::FirstRemovals, format!("{document} began to enforce: its first removals wait for a person"))
        } else if wish.from_shrunk_group {
            (Gate::GroupShrunk, format!("a group of {document} lost so many members that its reading may be wrong"))
        } else if wish.ends_last_of_guest {
            let why = "a guest's last assignment would end, after which the service blocks and deletes the guest";
            (Gate::LastGuestAssignment, why.to_owned())
        } else {
            return false;
        };
        let document = (gate != Gate::TenantRemovals).then(|| document.clone());
        let key = (gate, document, known.map(|held| held.hold.clone()));
        self.hold(key, || why, wish.action.clone());
        true
    }

    fn hold_over_document_limits(&mut self, open: Vec<Wish>) -> Vec<Wish> {
        let mut by_document: BTreeMap<(DocumentName, bool), Vec<Wish>> = BTreeMap::new();
        for wish in open {
            by_document.entry((wish.action.document.clone(), wish.action.kind.is_removal())).or_default().push(wish);
        }
        let mut passed = Vec::new();
        for ((document, is_removal), wishes) in by_document {
            let people = self.people(&wishes, document_gate(is_removal), Some(&document));
            let over = |base| over_document_limit(self.view, self.limits, &document, is_removal, people, base);
            match self.bases(&document).into_iter().find_map(over) {
                None => passed.extend(wishes),
                Some((gate, why)) => {
                    for wish in wishes {
                        self.hold((gate, Some(document.clone()), None), || why.clone(), wish.action);
                    }
                }
            }
        }
        passed
    }

    /// A document is measured by its base now; one that changed, by its base before the change as well; a new one had none.
    fn bases(&self, document: &DocumentName) -> Vec<u32> {
        let now = self.draft.bases.get(document).copied().unwrap_or(0);
        let before = match self.view.ledger.documents.get(document) {
            Some(DocumentRecord { base: Some((hash, _)), hash: now, .. }) if hash == now => None,
            Some(DocumentRecord { base: Some((_, before)), .. }) => Some(*before),
            _ => Some(0),
        };
        std::iter::once(now).chain(before).collect()
    }

    fn hold_over_tenant_limit(&mut self, open: Vec<Wish>) -> Vec<Wish> {
        let (removals, mut passed): (Vec<_>, Vec<_>) = open.into_iter().partition(|wish| wish.action.kind.is_removal());
        let people = self.people(&removals, Gate::TenantRemovals, None);
        let users = u32::try_from(self.view.observed.users.len()).unwrap_or(u32::MAX);
        let limit = allowed(self.limits.tenant_removals, users).min(self.limits.tenant_removals_cap);
        if people <= limit {
            passed.extend(removals);
            return passed;
        }
        for wish in removals {
            let why = || {
                let people = counted(people, "person");
                format!("removals for {people} in one plan; {limit} of {users} users are allowed")
            };
            self.hold((Gate::TenantRemovals, None, None), why, wish.action);
        }
        passed
    }

    fn into_holds(self) -> Vec<Hold> {
        let mut holds: Vec<Hold> = self
            .held
            .into_iter()
            .map(|((gate, ..), (why, mut items))| {
                items.sort();
                Hold { hash: hold_hash(gate, &items), gate, why, items }
            })
            .collect();
        holds.sort_by(|a, b| (a.gate, &a.hash).cmp(&(b.gate, &b.hash)));
        holds
    }
}

/// Why something is held whatever its size.
fn held_by_its_kind(gate: Gate, document: &DocumentName) -> String {
    match gate {
        Gate::Backfill => format!("{document} is new here and its backfill found people from before its time"),
        Gate::Retirement => format!("{document} was retired so that what it granted goes"),
        Gate::Adoption => format!("{document} is to call its own what its members held already"),
        _ => format!("a group that {document} watches lost so many members that its reading may be wrong"),
    }
}

fn document_gate(is_removal: bool) -> Gate {
    if is_removal { Gate::DocumentRemovals } else { Gate::DocumentAdditions }
}

fn over_document_limit(
    view: &View<'_>,
    limits: &Limits,
    document: &DocumentName,
    is_removal: bool,
    people: u32,
    base: u32,
) -> Option<(Gate, String)> {
    if !is_removal {
        let limit = allowed(limits.document_additions, base);
        let why = || {
            format!("{document} adds {} at once; {limit} are allowed on a base of {base}", counted(people, "person"))
        };
        return (people > limit).then(|| (document_gate(is_removal), why()));
    }
    let limit = removal_limit(view, document, base, limits.document_removals);
    let is_large_share = (base >= 4 && people.saturating_mul(2) >= base) || (base >= 2 && people >= base);
    let why = || {
        let share = if is_large_share { ", and never half of them or more" } else { "" };
        let people = counted(people, "person");
        format!("{document} removes {people} at once; {limit} are allowed on a base of {base}{share}")
    };
    (people > limit || is_large_share).then(|| (document_gate(is_removal), why()))
}

/// The hash over exactly the sorted items and the gate: no time, no input digest (design.md section 7).
fn hold_hash(gate: Gate, items: &[Action]) -> HoldHash {
    let mut text = String::from(gate.as_str());
    for item in items {
        let assignment = item.assignment.as_ref().map_or("", |assignment| assignment.as_str());
        for part in [
            item.id.to_string().as_str(),
            item.kind.as_str(),
            item.user.as_str(),
            &item.resource.to_string(),
            assignment,
            item.document_hash.as_str(),
        ] {
            text.push('\n');
            text.push_str(part);
        }
    }
    HoldHash::new(sha256_hex(text.as_bytes()))
}
