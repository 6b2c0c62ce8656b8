//! Standard output for people and machines.

use std::collections::BTreeMap;
use std::io::{ErrorKind, IsTerminal, Write};

use anyhow::Context;
use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table};

use crate::domain::ids::{SubjectKey, UserId};
use crate::domain::resource::Resource;
use crate::engine::LastPass;
use crate::plan::observed::{GroupView, Observed};

/// How a command answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Tables for people.
    Text,
    /// JSON for machines.
    Json,
}

/// Whether colour is wanted: on a terminal, and not refused by `NO_COLOR` (no-color.org).
pub(super) fn is_colourful() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Writes one line, or several.
///
/// # Errors
/// Fails when standard output is gone.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        // The reader has seen enough, as `head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("writing to standard output failed"),
    }
}

/// A table that fits the terminal.
pub(super) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(header.to_vec());
    table.set_content_arrangement(ContentArrangement::Disabled);
    for row in rows {
        table.add_row(row);
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Names for tables for people; logs never see them.
#[derive(Debug, Default)]
pub(super) struct DisplayNames {
    users: BTreeMap<UserId, String>,
    /// By the key a user's record gives; none where accounts share an employee id.
    people: BTreeMap<SubjectKey, Option<String>>,
    resources: BTreeMap<Resource, String>,
}

impl DisplayNames {
    /// The names of an observation.
    pub(super) fn of(last: Option<&LastPass>) -> Self {
        last.map_or_else(Self::default, |last| Self::of_observed(&last.observed))
    }

    /// The same, of what was only observed.
    pub(super) fn of_observed(observed: &Observed) -> Self {
        let users = observed.users.iter().map(|user| (user.id.clone(), user.display_name.clone()));
        let mut people = BTreeMap::new();
        for user in &observed.users {
            let of_record = user.employee_id.as_deref().map(|id| SubjectKey::person(&id.into()));
            for key in of_record.into_iter().chain([SubjectKey::user(&user.id)]) {
                let name = Some(user.display_name.clone());
                people.entry(key).and_modify(|known| *known = None).or_insert(name);
            }
        }
        let packages =
            observed.packages.iter().map(|package| (Resource::from(&package.id), package.display_name.clone()));
        let groups = observed.groups.iter().filter_map(|((name, _), view)| match view {
            GroupView::Members { id, .. } => Some((Resource::from(id), name.clone())),
            _ => None,
        });
        Self { users: users.collect(), people, resources: packages.chain(groups).collect() }
    }

    /// Names of packages and groups alone, where nothing was observed.
    pub(super) fn of_resources(resources: impl IntoIterator<Item = (Resource, String)>) -> Self {
        Self { resources: resources.into_iter().collect(), ..Self::default() }
    }

    /// A package's or a group's name as documents have it, or its id.
    pub(super) fn resource(&self, resource: &Resource) -> String {
        match (self.resources.get(resource), resource) {
            (Some(name), Resource::Package(_)) => name.clone(),
            (Some(name), Resource::Group(_)) => format!("group {name}"),
            (None, _) => resource.to_string(),
        }
    }

    /// A subject with the name of its user, the one given or the one its key leads to, where that is known.
    pub(super) fn subject(&self, key: &SubjectKey, user: Option<&UserId>) -> String {
        let of_user = user.and_then(|user| self.users.get(user));
        match of_user.or_else(|| self.people.get(key)?.as_ref()) {
            Some(name) => format!("{name} ({key})"),
            None => key.as_str().to_owned(),
        }
    }
}
