//! The tenant as the rows that make it again: what a dump holds, and what a state file is written anew with.

use super::{Change, MEMBER, Record, Table, Tenant, row};

impl Tenant {
    /// All rows but the profile's; loading them one by one gives the same tenant.
    pub(in crate::sandbox) fn rows(&self) -> Vec<Change> {
        // Every field is named, so that a new one is either kept or left out on purpose.
        let Self {
            profile: _,
            users,
            groups,
            catalogs,
            packages,
            policies,
            requests,
            assignments,
            delivery_delay: _,
            members,
            user_ids_by_name: _,
            timers: _,
            open_requests: _,
            active_assignments: _,
            changes: _,
        } = self;
        let mut rows = Vec::new();
        put_all(&mut rows, users);
        put_all(&mut rows, groups);
        put_all(&mut rows, catalogs);
        put_all(&mut rows, packages);
        put_all(&mut rows, policies);
        put_all(&mut rows, requests);
        put_all(&mut rows, assignments);
        let mut memberships: Vec<_> =
            members.iter().flat_map(|(group, ids)| ids.iter().map(move |id| format!("{group}/{id}"))).collect();
        memberships.sort_unstable();
        rows.extend(memberships.into_iter().map(|id| Change::Put { kind: MEMBER, id, json: "true".to_owned() }));
        rows
    }
}

fn put_all<T: Record>(rows: &mut Vec<Change>, table: &Table<T>) {
    rows.extend(table.iter().map(row));
}
