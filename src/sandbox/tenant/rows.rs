//! The tenant as the rows that make it again: what a dump holds, and what a state file is written anew with.

use std::collections::{BTreeSet, HashMap};

use super::administrators::administrator;
use crate::sandbox::settings::TenantSettings;

use super::{Change, HOLDER, MEMBER, Record, Table, Tenant, counter, row};

impl Tenant {
    /// How many records calls have looked at, beside those found by id.
    pub(in crate::sandbox) fn rows_examined(&self) -> u64 {
        self.users.examined()
            + self.groups.examined()
            + self.applications.examined()
            + self.catalogs.examined()
            + self.resources.examined()
            + self.resource_requests.examined()
            + self.packages.examined()
            + self.policies.examined()
            + self.custom_extensions.examined()
            + self.requests.examined()
            + self.assignments.examined()
            + self.organizations.examined()
            + self.subjects.examined()
            + self.deleted.examined()
            + self.mails.examined()
            + self.workflows.examined()
    }

    /// All rows but the profile's; loading them one by one gives the same tenant.
    pub(in crate::sandbox) fn rows(&self) -> Vec<Change> {
        // Every field is named, so that a new one is either kept or left out on purpose.
        let Self {
            profile: _,
            users,
            groups,
            applications,
            catalogs,
            resources,
            resource_requests,
            packages,
            policies,
            custom_extensions,
            requests,
            assignments,
            organizations,
            subjects,
            external_user_settings,
            deleted,
            directory_log,
            mails,
            workflows,
            settings,
            delivery_delay: _,
            outcomes: _,
            replication: _,
            request_rules: _,
            members,
            groups_by_member: _,
            role_holders,
            administrators,
            timers: _,
            unassessed: _,
            targets_by_subject: _,
            ids_given,
            changes: _,
        } = self;
        let mut rows = Vec::new();
        put_all(&mut rows, users);
        put_all(&mut rows, groups);
        put_all(&mut rows, applications);
        put_all(&mut rows, catalogs);
        put_all(&mut rows, resources);
        put_all(&mut rows, resource_requests);
        put_all(&mut rows, packages);
        put_all(&mut rows, policies);
        put_all(&mut rows, custom_extensions);
        put_all(&mut rows, requests);
        put_all(&mut rows, assignments);
        put_all(&mut rows, organizations);
        put_all(&mut rows, subjects);
        put_all(&mut rows, external_user_settings);
        put_all(&mut rows, deleted);
        rows.extend(directory_log.all().map(row));
        put_all(&mut rows, mails);
        put_all(&mut rows, workflows);
        put_pairs(&mut rows, MEMBER, members);
        put_pairs(&mut rows, HOLDER, role_holders);
        rows.extend(administrators.iter().map(|id| administrator(id)));
        if *settings != TenantSettings::default() {
            rows.push(row(settings));
        }
        if *ids_given > 0 {
            rows.push(counter(*ids_given));
        }
        rows
    }
}

fn put_all<T: Record>(rows: &mut Vec<Change>, table: &Table<T>) {
    rows.extend(table.iter().map(row));
}

fn put_pairs(rows: &mut Vec<Change>, kind: &'static str, pairs: &HashMap<String, BTreeSet<String>>) {
    let mut ids: Vec<_> =
        pairs.iter().flat_map(|(one, others)| others.iter().map(move |other| format!("{one}/{other}"))).collect();
    ids.sort_unstable();
    rows.extend(ids.into_iter().map(|id| Change::Put { kind, id, json: "true".to_owned() }));
}
