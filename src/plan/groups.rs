//! Groups as a pass read them, and whether a reading may be wrong (design.md section 5, Group gate).

use std::collections::BTreeSet;

use crate::domain::ids::{GroupId, UserId};
use crate::domain::reason::Reason;

use super::ledger::{Ledger, PinKey};
use super::observed::{GroupView, Observed};

/// A group's complete reading.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Its object id.
    pub id: &'a GroupId,
    /// Its user members.
    pub users: &'a BTreeSet<UserId>,
}

/// A group as the documents name it, and whether nesting is followed.
pub type GroupName<'a> = (&'a str, bool);

/// The group's reading, where it is complete and the name still stands for the pinned id.
///
/// # Errors
/// The reason why the group is not known.
pub fn reading<'a>(
    observed: &'a Observed,
    ledger: &Ledger,
    (group, transitive): GroupName<'_>,
) -> Result<Reading<'a>, Reason> {
    let name = || group.to_owned();
    match observed.groups.get(&(name(), transitive)) {
        Some(GroupView::Members { id, users, .. }) => {
            match ledger.pins.get(&PinKey::Group { name: name() }).filter(|pinned| *pinned != id.as_str()) {
                Some(pinned) => {
                    Err(Reason::PinChanged { name: name(), pinned: pinned.clone(), found: id.as_str().to_owned() })
                }
                None => Ok(Reading { id, users }),
            }
        }
        Some(GroupView::Ambiguous) => Err(Reason::NameAmbiguous { name: name() }),
        Some(GroupView::NotFound) => Err(Reason::GroupNotFound { name: name() }),
        Some(GroupView::Unreadable) | None => Err(Reason::Unknown { what: format!("group {group}") }),
    }
}
