//! Groups as a pass read them, and whether a reading may be wrong (design.md section 5, Group gate).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{GroupId, UserId};
use crate::domain::reason::Reason;

use super::draft::{Draft, View};
use super::ledger::{Ledger, LedgerChange, PinKey};
use super::observed::{GroupView, Observed};

/// A group's complete reading.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Its object id.
    pub id: &'a GroupId,
    /// Its user members.
    pub users: &'a BTreeSet<UserId>,
    /// Whether nobody can be put in or taken out through the service.
    pub is_fixed: bool,
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
        Some(GroupView::Members { id, users, is_fixed }) => {
            match ledger.pins.get(&PinKey::Group { name: name() }).filter(|pinned| *pinned != id.as_str()) {
                Some(pinned) => {
                    Err(Reason::PinChanged { name: name(), pinned: pinned.clone(), found: id.as_str().to_owned() })
                }
                None => Ok(Reading { id, users, is_fixed: *is_fixed }),
            }
        }
        Some(GroupView::Ambiguous) => Err(Reason::NameAmbiguous { name: name() }),
        Some(GroupView::NotFound) => Err(Reason::GroupNotFound { name: name() }),
        Some(GroupView::Unreadable) | None => Err(Reason::Unknown { what: format!("group {group}") }),
    }
}

/// The name under which the ledger keeps a group's size.
fn size_key((group, transitive): GroupName<'_>) -> String {
    if transitive { format!("{group} (transitive)") } else { group.to_owned() }
}

/// A group that goes from two or more to none, or loses more than max(5, 30 %), may have been misread.
pub fn has_shrunk(view: &View<'_>, group: GroupName<'_>) -> bool {
    let Ok(now) = reading(view.observed, view.ledger, group).map(|reading| reading.users.len()) else { return false };
    let Some(&before) = view.ledger.group_sizes.get(&size_key(group)) else { return false };
    let lost = before.saturating_sub(now);
    (before >= 2 && now == 0) || lost > (before * 30 / 100).max(5)
}

/// A shrunk group's new size is believed only once nothing hangs on it any more; `groups` says whether something does.
pub fn note_sizes(view: &View<'_>, groups: &BTreeMap<GroupName<'_>, bool>, draft: &mut Draft) {
    for (group, hangs) in groups {
        let Ok(reading) = reading(view.observed, view.ledger, *group) else { continue };
        let (key, size) = (size_key(*group), reading.users.len());
        let is_news = view.ledger.group_sizes.get(&key) != Some(&size);
        if is_news && !(has_shrunk(view, *group) && *hangs) {
            draft.changes.push(LedgerChange::GroupSize { group: key, size });
        }
    }
}
