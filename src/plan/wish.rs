//! Wishes: what documents want done, before it is weighed against the others and the gates.

use crate::domain::action::{Action, ActionKind, Category, Cause};
use crate::domain::ids::{AssignmentId, PolicyId, SubjectKey, UserId};
use crate::domain::resource::Resource;

use super::Gate;
use super::asking::Asked;
use super::draft::View;
use super::ledger::DocumentRecord;

/// How strong a wish is (design.md section 4, Which document wins).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A document's claim, or its end.
    Claim,
    /// A removal task that is due.
    RemovalTask,
    /// A leaver's bar.
    Bar,
}

/// Something a document wants done.
#[derive(Debug, Clone)]
pub struct Wish {
    /// How strong it is.
    pub rank: Rank,
    /// What would be done.
    pub action: Action,
    /// The gate that holds it whatever its size: everything its run does, or what a person ordered to look at first.
    pub held_by: Option<Gate>,
    /// It rests on a group that shrank suspiciously.
    pub from_shrunk_group: bool,
    /// It ends a guest's last assignment.
    pub ends_last_of_guest: bool,
}

/// Who a wish is for, by which document, and what about.
#[derive(Debug, Clone, Copy)]
pub struct WishFor<'a> {
    /// The document's record.
    pub record: &'a DocumentRecord,
    /// Leaver, mover or joiner.
    pub category: Category,
    /// The subject.
    pub subject: &'a SubjectKey,
    /// The target.
    pub user: &'a UserId,
    /// The package or group.
    pub resource: &'a Resource,
}

impl WishFor<'_> {
    /// Gives the package as it is asked for.
    pub fn add(&self, view: &View<'_>, asked: Asked, cause: Cause) -> Wish {
        let mut wish = self.wish(view, Rank::Claim, ActionKind::AdminAdd, Some(&asked.policy), cause);
        wish.action.justification = asked.justification;
        wish.action.expiration = asked.expiration;
        wish.action.answers = asked.answers;
        wish
    }

    /// Takes one assignment.
    pub fn remove(&self, view: &View<'_>, rank: Rank, assignment: &AssignmentId, cause: Cause) -> Wish {
        let mut wish = self.wish(view, rank, ActionKind::AdminRemove, None, cause);
        wish.action.assignment = Some(assignment.clone());
        wish
    }

    /// Makes an assignment that was there already the document's own.
    pub fn adopt(&self, view: &View<'_>, assignment: &AssignmentId, cause: Cause) -> Wish {
        let mut wish = self.wish(view, Rank::Claim, ActionKind::Adopt, None, cause);
        wish.action.assignment = Some(assignment.clone());
        wish.held_by = Some(Gate::Adoption);
        wish
    }

    /// Puts the user into the group.
    pub fn add_member(&self, view: &View<'_>, cause: Cause) -> Wish {
        self.wish(view, Rank::Claim, ActionKind::AddMember, None, cause)
    }

    /// Takes the user out of the group.
    pub fn remove_member(&self, view: &View<'_>, cause: Cause) -> Wish {
        self.wish(view, Rank::RemovalTask, ActionKind::RemoveMember, None, cause)
    }

    fn wish(&self, view: &View<'_>, rank: Rank, kind: ActionKind, policy: Option<&PolicyId>, cause: Cause) -> Wish {
        let identity = cause.under(&self.record.identity);
        let id = Action::derive_id(&view.observed.tenant, kind, self.resource, policy, self.user, &identity);
        let action = Action {
            kind,
            category: self.category,
            subject: self.subject.clone(),
            user: self.user.clone(),
            resource: self.resource.clone(),
            policy: policy.cloned(),
            assignment: None,
            document: self.record.name.clone(),
            document_hash: self.record.hash.clone(),
            cause,
            id,
            justification: None,
            expiration: None,
            answers: Vec::new(),
        };
        Wish { rank, action, held_by: None, from_shrunk_group: false, ends_last_of_guest: false }
    }
}
