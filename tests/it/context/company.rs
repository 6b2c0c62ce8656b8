//! The small company most tests work with: its tenant, its HR file, and documents in a line each.

#![cfg(test)]

use std::collections::BTreeMap;
use std::fmt::Write;

/// The instant at which every test's standing clock starts: a Monday morning.
pub(crate) const START: &str = "2026-11-23T09:00:00Z";
/// Everybody who has an account from the start: E01 to E20.
pub(crate) const ACCOUNTS: usize = 20;
/// The access packages. Each has the policy "Direct assignment", Campaign also "Approved by manager".
pub(crate) const PACKAGES: [&str; 3] = ["Basics", "Robotics Kit", "Campaign"];

/// The employee id of account number `number`.
pub(crate) fn employee(number: usize) -> String {
    format!("E{number:02}")
}

/// What a tenant of `accounts` accounts is seeded with. E01 manages everybody else; Robotics holds E01 to E03, and its Lab E04.
pub(crate) fn seed(accounts: usize, holdings: &[(String, &str)]) -> String {
    let mut text = String::from("name: fabrikam\ndomain: fabrikam.example\nusers:\n");
    for number in 1..=accounts {
        let id = employee(number);
        write!(text, "  - {{ userPrincipalName: {id}@fabrikam.example, displayName: Person {id}, employeeId: {id}")
            .unwrap();
        text.push_str(if number == 1 { " }\n" } else { ", manager: E01@fabrikam.example }\n" });
    }
    text.push_str(
        "groups:
  - { displayName: Robotics, members: [E01@fabrikam.example, E02@fabrikam.example, E03@fabrikam.example, Robotics Lab] }
  - { displayName: Robotics Lab, members: [E04@fabrikam.example] }
  - { displayName: Basics Users }
  - { displayName: Kit Users }
  - { displayName: Campaign Users }
catalogs:
  - { displayName: General, catalogType: serviceDefault }
accessPackages:
  - { displayName: Basics, catalog: General, groups: [Basics Users] }
  - { displayName: Robotics Kit, catalog: General, groups: [Kit Users] }
  - { displayName: Campaign, catalog: General, groups: [Campaign Users] }
assignmentPolicies:
  - { displayName: Direct assignment, accessPackage: Basics }
  - { displayName: Direct assignment, accessPackage: Robotics Kit }
  - { displayName: Direct assignment, accessPackage: Campaign }
  - { displayName: Approved by manager, accessPackage: Campaign, approver: manager }
assignments:\n",
    );
    for (id, package) in holdings {
        writeln!(
            text,
            "  - {{ user: {id}@fabrikam.example, accessPackage: {package}, assignmentPolicy: Direct assignment, since: 2026-01-01T00:00:00Z }}"
        )
        .unwrap();
    }
    if holdings.is_empty() {
        text = text.trim_end_matches("assignments:\n").to_owned();
    }
    text
}

/// The HR file.
#[derive(Debug, Clone)]
pub(crate) struct Hr {
    people: BTreeMap<String, Person>,
}

/// One row of it; dates as `2026-12-01`.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) department: &'static str,
    pub(crate) hired: &'static str,
    pub(crate) last_day: &'static str,
    pub(crate) zone: &'static str,
}

impl Hr {
    /// Everybody with an account, in Sales since 2020.
    pub(crate) fn of_the_company() -> Self {
        let mut hr = Self { people: BTreeMap::new() };
        for number in 1..=ACCOUNTS {
            hr.person(&employee(number));
        }
        hr
    }

    /// The row of `id`, new if there is none.
    pub(crate) fn person(&mut self, id: &str) -> &mut Person {
        let usual = Person { department: "Sales", hired: "2020-01-01", last_day: "", zone: "Europe/Amsterdam" };
        self.people.entry(id.to_owned()).or_insert(usual)
    }

    /// Takes rows out.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.people.retain(|id, _| keep(id));
    }

    /// The file's text.
    pub(crate) fn csv(&self) -> String {
        let mut text = String::from("Employee ID;Department;Hire Date;Last Day;Time Zone\n");
        for (id, person) in &self.people {
            let Person { department, hired, last_day, zone } = person;
            writeln!(text, "{id};{department};{hired};{last_day};{zone}").unwrap();
        }
        text
    }
}

/// The feed over the HR file; `source` is `file: feeds/hr.csv` or `drop: inbox`.
pub(crate) fn feed(source: &str) -> String {
    format!(
        "apiVersion: usherd/v1
kind: Feed
name: hr
source: {{ {source}, format: csv, delimiter: \";\", encoding: utf-8 }}
mode: snapshot
key: Employee ID
join: employeeId
timeZone: {{ column: Time Zone, default: Europe/Amsterdam }}
attributes:
  department: {{ column: Department }}
  employeeHireDate: {{ column: Hire Date, type: date, format: \"%Y-%m-%d\" }}
  employeeLeaveDateTime: {{ column: Last Day, type: date, format: \"%Y-%m-%d\", inclusive: true, none: [\"\"] }}
"
    )
}

/// A joiner workflow: `package` by `policy` on the first day, made up for during three days.
pub(crate) fn joiner(package: &str, policy: &str) -> String {
    format!(
        "apiVersion: usherd/v1
kind: Workflow
name: joiner
category: joiner
mode: enforce
trigger: {{ timeBasedAttribute: employeeHireDate, offsetInDays: 0, catchUp: P3D }}
scope: {{ rule: \"department ne 'Elsewhere'\" }}
tasks:
  - task: requestAccessPackageAssignment
    with: {{ accessPackage: {package}, assignmentPolicy: {policy} }}
"
    )
}

/// A leaver workflow that takes `packages` when the last day is over.
pub(crate) fn leaver(packages: &[&str]) -> String {
    let mut text = String::from(
        "apiVersion: usherd/v1
kind: Workflow
name: leaver
category: leaver
mode: enforce
trigger: { timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0 }
scope: { rule: \"department ne 'Elsewhere'\" }
tasks:
",
    );
    for package in packages {
        writeln!(text, "  - task: removeAccessPackageAssignment\n    with: {{ accessPackage: {package} }}").unwrap();
    }
    text
}

/// An auto assignment of `package`: `members` is one source, `when_member_leaves` the key's value.
pub(crate) fn auto_assignment(name: &str, package: &str, members: &str, when_member_leaves: &str) -> String {
    format!(
        "apiVersion: usherd/v1
kind: AutoAssignment
name: {name}
mode: enforce
accessPackage: {package}
assignmentPolicy: Direct assignment
members: {{ anyOf: [ {members} ] }}
whenMemberLeaves: {when_member_leaves}
"
    )
}
