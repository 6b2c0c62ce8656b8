//! The sample company "contoso": its directory, packages and holdings, and the HR file that goes with them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::assertion::Credentials;
use super::organizations::OrganizationState;
use super::sample_people::{DOMAIN, GUEST_DOMAIN, Part, SamplePerson, days_after, people};
use super::sample_workflows::workflows;
use super::seed::{
    SeedApplication, SeedAssignment, SeedCatalog, SeedDocument, SeedGroup, SeedOrganization, SeedPackage, SeedPolicy,
    SeedRequestors,
};

const HEADER: &str = "Employee ID;First Name;Last Name;Work Email;Department;Country;City;Job Title;Worker Type;Hire Date;Last Day;Time Zone";
const DATE: &str = "%d.%m.%Y";
const DIRECT: &str = "Direct assignment";

/// The sample company's HR file: `;`-separated UTF-8 with `\n`; dates are `%d.%m.%Y`, relative to the sandbox's first day.
pub fn sample_hr_csv(first_day: Date) -> String {
    let mut file = format!("{HEADER}\n");
    let known = people(first_day).into_iter().filter(|person| person.part != Part::UnknownToHr);
    for (number, person) in known.enumerate() {
        // Both ways of saying "none" occur in real HR files.
        let none = if number % 2 == 0 { "31.12.9999" } else { "" };
        let last_day = person.last_day.map_or_else(|| none.to_owned(), |day| day.strftime(DATE).to_string());
        let fields = [
            person.employee_id.as_str(),
            person.given.0,
            person.surname.0,
            &person.mail(),
            person.department,
            person.place.country,
            person.place.city,
            person.job_title(person.department),
            person.worker_type(),
            &person.hire_date.strftime(DATE).to_string(),
            &last_day,
            person.place.time_zone,
        ];
        file.push_str(&fields.join(";"));
        file.push('\n');
    }
    file
}

/// The sample company's tenant on the sandbox's first day.
pub(super) fn company(first_day: Date) -> SeedDocument {
    let people = people(first_day);
    let present: Vec<&SamplePerson> =
        people.iter().filter(|person| !matches!(person.part, Part::AwaitedJoiner(_))).collect();
    let mut users: Vec<Map<String, Value>> = present.iter().map(|person| user(person, &present, first_day)).collect();
    users.extend(users.get(7).map(second_account));
    users.push(break_glass());
    let names = |test: &dyn Fn(&SamplePerson) -> bool| -> Vec<String> {
        present.iter().filter(|person| test(person)).map(|person| person.principal_name()).collect()
    };
    let group = |name: &str, members: Vec<String>| SeedGroup {
        display_name: name.to_owned(),
        description: format!("The sample company's group {name}"),
        on_premises_sync_enabled: false,
        members,
    };
    let mut engineering = names(&|person| is_in(person, "Engineering") && person.part != Part::Platform);
    engineering.push("Platform Team".to_owned());
    let mut groups = vec![
        group("Marketing", names(&|person| is_in(person, "Marketing"))),
        group("Sales", names(&|person| is_in(person, "Sales"))),
        group("Engineering", engineering),
        group("Platform Team", names(&|person| person.part == Part::Platform)),
        group("Contractors", names(&|person| person.worker_type() == "Contractor")),
    ];
    let bare = ["Project Atlas", "Campaign Tools", "Sales Tools", "Source Code", "Company Portal"];
    groups.extend(bare.map(|name| group(name, Vec::new())));
    let catalog = |name: &str, kind: &str| SeedCatalog { display_name: name.to_owned(), catalog_type: kind.to_owned() };
    SeedDocument {
        name: "contoso".to_owned(),
        domain: DOMAIN.to_owned(),
        credentials: Credentials::default(),
        users,
        groups,
        applications: vec![SeedApplication {
            display_name: "Expenses".to_owned(),
            roles: vec!["User".to_owned(), "Approver".to_owned()],
        }],
        catalogs: vec![catalog("General", "serviceDefault"), catalog("Business Applications", "userManaged")],
        access_packages: packages(),
        assignment_policies: policies(&names(&|person| person.part == Part::Platform)),
        assignments: holdings(&present, first_day),
        connected_organizations: vec![partner(&names(&|person| person.part == Part::Platform))],
        lifecycle_workflows: workflows("contoso"),
        administrators: names(&|person| person.department == "IT" && person.part == Part::Regular)
            .into_iter()
            .take(1)
            .collect(),
    }
}

fn is_in(person: &SamplePerson, department: &str) -> bool {
    person.directory_department() == Some(department)
}

fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map(|start| start.timestamp()).unwrap_or_default()
}

fn packages() -> Vec<SeedPackage> {
    let package = |name: &str, catalog: &str, groups: &[&str]| SeedPackage {
        display_name: name.to_owned(),
        catalog: catalog.to_owned(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    };
    vec![
        package("Marketing Campaign", "Business Applications", &["Campaign Tools"]),
        package("Sales Toolkit", "Business Applications", &["Sales Tools"]),
        package("Engineering Toolkit", "Business Applications", &["Source Code"]),
        package("Office Basics", "General", &["Company Portal"]),
        package("Platform Operations", "Business Applications", &["Source Code", "Company Portal"]),
        package("Vendor Portal", "General", &["Company Portal"]),
    ]
}

fn policies(platform_team: &[String]) -> Vec<SeedPolicy> {
    let policy = |name: &str, package: &str| SeedPolicy {
        display_name: name.to_owned(),
        access_package: package.to_owned(),
        approver: None,
        questions: Vec::new(),
        duration: None,
        requestors: None,
    };
    let lead = platform_team.first().cloned();
    vec![
        policy(DIRECT, "Marketing Campaign"),
        policy(DIRECT, "Sales Toolkit"),
        policy(DIRECT, "Engineering Toolkit"),
        policy(DIRECT, "Office Basics"),
        SeedPolicy { approver: Some("manager".to_owned()), ..policy("Approved by manager", "Marketing Campaign") },
        SeedPolicy { questions: vec!["Which region?".to_owned()], ..policy("With questions", "Sales Toolkit") },
        SeedPolicy { approver: lead, ..policy("Approved by the platform lead", "Platform Operations") },
        SeedPolicy { duration: Some("P30D".to_owned()), ..policy("Thirty days", "Vendor Portal") },
        SeedPolicy { requestors: Some(SeedRequestors::Members), ..policy("Employees may request", "Sales Toolkit") },
    ]
}

/// The organization of the company's guests, with somebody in the company who answers for them.
fn partner(platform_team: &[String]) -> SeedOrganization {
    SeedOrganization {
        display_name: "Partner".to_owned(),
        identity_sources: vec![json!({
            "@odata.type": "#microsoft.graph.domainIdentitySource", "domainName": GUEST_DOMAIN, "displayName": GUEST_DOMAIN,
        })],
        state: OrganizationState::Configured,
        internal_sponsors: platform_team.first().cloned().into_iter().collect(),
        external_sponsors: Vec::new(),
    }
}

/// Who holds what already: all of it granted before the first day.
fn holdings(present: &[&SamplePerson], first_day: Date) -> Vec<SeedAssignment> {
    let settled = |person: &SamplePerson| {
        let long_here = person.hire_date < days_after(first_day, -10);
        long_here && person.last_day.is_none_or(|day| day >= days_after(first_day, -60))
    };
    let assignment = |person: &SamplePerson, package: &str, policy: &str, since: Date| SeedAssignment {
        user: person.principal_name(),
        access_package: package.to_owned(),
        assignment_policy: policy.to_owned(),
        since: midnight(since),
    };
    let mut holdings = Vec::new();
    let mut give = |package: &str, holders: &mut dyn Iterator<Item = &&SamplePerson>| {
        holdings.extend(holders.map(|person| assignment(person, package, DIRECT, person.hire_date)));
    };
    let all = || present.iter().filter(|person| settled(person));
    let leaver = |person: &SamplePerson| matches!(person.part, Part::Leaver(_));
    give("Office Basics", &mut all().filter(|person| person.worker_type() != "Contractor"));
    give("Sales Toolkit", &mut all().filter(|person| is_in(person, "Sales")));
    let marketing = || all().filter(|person| is_in(person, "Marketing"));
    give("Marketing Campaign", &mut marketing().filter(|person| leaver(person)));
    give("Marketing Campaign", &mut marketing().filter(|person| !leaver(person)).take(11));
    // The two joiners are without it as well, which makes six.
    give("Engineering Toolkit", &mut all().filter(|person| is_in(person, "Engineering")).skip(4));
    let contractors = all().filter(|person| person.worker_type() == "Contractor").step_by(2);
    for (index, person) in (0_i32..).zip(contractors) {
        holdings.push(assignment(person, "Vendor Portal", "Thirty days", days_after(first_day, -2 - 4 * index)));
    }
    holdings
}

fn user(person: &SamplePerson, present: &[&SamplePerson], first_day: Date) -> Map<String, Value> {
    let place = person.place;
    let department = person.directory_department();
    let number: String = person.employee_id.chars().filter(char::is_ascii_digit).collect();
    let head =
        present.iter().find(|head| head.directory_department() == department && head.employee_id != person.employee_id);
    let head = head.filter(|head| head.employee_id < person.employee_id).or(present.first());
    let manager = head.filter(|head| head.employee_id != person.employee_id).map(|head| head.principal_name());
    let created = days_after(person.hire_date, -14).min(days_after(first_day, -1));
    let division = match place.country {
        "NL" | "DE" => "Europe",
        "US" => "Americas",
        _ => "Asia",
    };
    let cost_center = department.map_or(9000, |department| 4000 + 10 * department.len());
    let extension =
        |index: usize| (format!("extensionAttribute{index}"), json!(format!("{index:02}-{}", place.country)));
    let (mail, is_guest) = (person.mail(), person.part == Part::Guest);
    let properties = json!({
        "accountEnabled": !matches!(person.part, Part::Gone(_)),
        "assignedPlans": [{
            "assignedDateTime": midnight(created), "capabilityStatus": "Enabled", "service": "exchange",
            "servicePlanId": "efb87545-963c-4e0d-99df-69c6916d9eb0",
        }],
        "businessPhones": [format!("{} 555 {number}", place.dialling_code)],
        "city": place.city, "companyName": if is_guest { "Partner" } else { "Contoso" }, "country": place.country,
        "createdDateTime": midnight(created), "department": department, "displayName": person.display_name(),
        "employeeHireDate": midnight(person.hire_date), "employeeId": person.employee_id,
        "employeeLeaveDateTime": person.last_day.map(midnight),
        "employeeOrgData": { "costCenter": cost_center.to_string(), "division": division },
        "employeeType": person.worker_type(), "externalUserState": is_guest.then_some("Accepted"),
        "faxNumber": format!("{} 556 {number}", place.dialling_code), "givenName": person.given.0,
        "jobTitle": department.map(|department| person.job_title(department)), "mail": mail,
        "mailNickname": person.alias, "manager": manager,
        "mobilePhone": format!("{} 557 {number}", place.dialling_code),
        "officeLocation": format!("{} {}", place.city, number.trim_start_matches('0')),
        "onPremisesExtensionAttributes": Map::from_iter((1..=15).map(extension)),
        "onPremisesSecurityIdentifier": format!("S-1-5-21-1000-2000-3000-{number}"), "onPremisesSyncEnabled": true,
        "otherMails": [format!("{}@mail.example", person.alias)], "postalCode": place.postal_code,
        "preferredLanguage": place.language, "proxyAddresses": [format!("SMTP:{mail}")], "state": place.state,
        "streetAddress": format!("{} {}", place.street, number.trim_start_matches('0')), "surname": person.surname.0,
        "usageLocation": place.country, "userPrincipalName": person.principal_name(),
        "userType": if is_guest { "Guest" } else { "Member" },
    });
    object(properties)
}

/// An account that its bearer no longer uses and that still carries the employee id.
fn second_account(account: &Map<String, Value>) -> Map<String, Value> {
    let text = |property: &str| account.get(property).and_then(Value::as_str).unwrap_or_default();
    let alias = format!("{}.old", text("mailNickname"));
    let address = format!("{alias}@{DOMAIN}");
    let mut second = account.clone();
    second.extend(object(json!({
        "displayName": format!("{} (old account)", text("displayName")), "userPrincipalName": address, "mail": address,
        "mailNickname": alias, "proxyAddresses": [format!("SMTP:{address}")],
    })));
    second
}

/// The emergency account: nobody's, so without an employee id.
fn break_glass() -> Map<String, Value> {
    object(json!({
        "displayName": "Break Glass", "userPrincipalName": format!("breakglass@{DOMAIN}"), "mailNickname": "breakglass",
        "userType": "Member", "accountEnabled": true,
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::sandbox::records::{Assignment, User};
    use crate::sandbox::seed;
    use crate::sandbox::tenant::Tenant;

    /// One HR row by column.
    type Row = BTreeMap<String, String>;

    struct Sample {
        first_day: Date,
        tenant: Tenant,
        rows: Vec<Row>,
    }

    fn sample() -> Sample {
        let first_day = jiff::civil::date(2026, 11, 21);
        let file = sample_hr_csv(first_day);
        assert!(file.ends_with('\n') && !file.contains('\r') && !file.contains('"'));
        let mut lines = file.lines().map(|line| line.split(';').map(str::to_owned).collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let rows = lines
            .map(|fields| {
                assert_eq!(fields.len(), header.len());
                header.iter().cloned().zip(fields).collect()
            })
            .collect();
        let now = "2026-11-21T09:30:00Z".parse().unwrap();
        Sample { first_day, tenant: seed::build(company(first_day), now).unwrap(), rows }
    }

    impl Sample {
        fn day(&self, text: &str) -> Option<i64> {
            if text.is_empty() || text == "31.12.9999" {
                return None;
            }
            let day = Date::strptime(DATE, text).unwrap();
            Some(i64::from((day - self.first_day).get_days()))
        }

        /// Rows whose date in `column` is so many days from the first day.
        fn rows_by(&self, column: &str, days: impl Fn(i64) -> bool) -> Vec<&Row> {
            self.rows.iter().filter(|row| self.day(&row[column]).is_some_and(&days)).collect()
        }

        fn users_of(&self, row: &Row) -> Vec<&User> {
            let id = row["Employee ID"].as_str();
            self.tenant.users.iter().filter(|user| user.text("employeeId") == Some(id)).collect()
        }

        fn user_of(&self, row: &Row) -> &User {
            self.users_of(row).first().copied().unwrap()
        }

        fn held(&self, user: &User) -> BTreeSet<&str> {
            let name = |assignment: &Assignment| {
                self.tenant.packages.get(&assignment.package_id).unwrap().display_name.as_str()
            };
            self.tenant.assignments.iter().filter(|assignment| assignment.target_id == user.id).map(name).collect()
        }

        fn holders(&self, package: &str) -> usize {
            self.tenant.users.iter().filter(|user| self.held(user).contains(package)).count()
        }

        fn group(&self, name: &str) -> &str {
            &self.tenant.groups.iter().find(|group| group.display_name() == name).unwrap().id
        }

        fn distinct(&self, property: &str) -> BTreeSet<&str> {
            self.tenant.users.iter().filter_map(|user| user.text(property)).collect()
        }
    }

    fn is_second(user: &User) -> bool {
        user.text("mailNickname").is_some_and(|alias| alias.ends_with(".old"))
    }

    #[test]
    fn the_company_has_the_promised_size_and_spread() {
        let sample = sample();
        let users = sample.tenant.users.len();
        assert!((160..=170).contains(&users), "{users} users");
        assert_eq!(
            sample.distinct("department"),
            ["Engineering", "Finance", "Human Resources", "IT", "Marketing", "Sales"].into()
        );
        assert_eq!(sample.distinct("country"), ["DE", "JP", "NL", "US"].into());
        assert_eq!(sample.distinct("usageLocation"), ["DE", "JP", "NL", "US"].into());
        let zones: BTreeSet<_> = sample.rows.iter().map(|row| row["Time Zone"].as_str()).collect();
        assert_eq!(
            zones,
            ["America/Los_Angeles", "America/New_York", "Asia/Tokyo", "Europe/Amsterdam", "Europe/Berlin"].into()
        );
    }

    #[test]
    fn every_attribute_of_the_rule_grammar_is_filled_for_nine_in_ten() {
        let sample = sample();
        let plain = "accountEnabled assignedPlans city companyName country department displayName employeeId \
            employeeOrgData/costCenter employeeOrgData/division employeeType faxNumber givenName jobTitle mail mailNickname \
            mobilePhone officeLocation onPremisesSecurityIdentifier onPremisesSyncEnabled otherMails postalCode \
            preferredLanguage proxyAddresses state streetAddress surname usageLocation userPrincipalName userType";
        let extensions = (1..=15).map(|number| format!("onPremisesExtensionAttributes/extensionAttribute{number}"));
        for attribute in plain.split_whitespace().map(str::to_owned).chain(extensions) {
            let filled = |user: &&User| {
                let value = Value::Object(user.properties.clone()).pointer(&format!("/{attribute}")).cloned();
                value.is_some_and(|value| value != Value::Null && value != json!("") && value != json!([]))
            };
            let count = sample.tenant.users.iter().filter(filled).count();
            assert!(count * 10 >= sample.tenant.users.len() * 9, "{attribute}: {count}");
        }
    }

    #[test]
    fn the_odd_accounts_are_there() {
        let sample = sample();
        let users = || sample.tenant.users.iter();
        let non_ascii = users().filter(|user| !user.text("displayName").unwrap().is_ascii()).count();
        assert!(non_ascii >= 15, "{non_ascii}");
        let mut names = BTreeMap::<&str, usize>::new();
        users().for_each(|user| *names.entry(user.text("displayName").unwrap()).or_default() += 1);
        let twice: Vec<_> = names.into_iter().filter(|(_, count)| *count > 1).collect();
        assert_eq!(twice, [("Anna Müller", 2)]);
        assert_eq!(users().filter(|user| user.text("userType") == Some("Guest")).count(), 3);
        assert_eq!(users().filter(|user| user.properties["accountEnabled"] == json!(false)).count(), 2);
        assert_eq!(users().filter(|user| user.text("employeeId").is_none()).count(), 1);
        let ids: BTreeSet<_> = sample.rows.iter().map(|row| row["Employee ID"].as_str()).collect();
        assert_eq!(ids.len(), sample.rows.len(), "HR gives an id once");
        let doubled: Vec<_> = sample.rows.iter().filter(|row| sample.users_of(row).len() == 2).collect();
        assert_eq!(doubled.len(), 1);
        assert!(users().filter(|user| user.manager.is_some()).count() * 10 >= sample.tenant.users.len() * 9);
        for manager in users().filter_map(|user| user.manager.as_deref()) {
            assert!(sample.tenant.users.get(manager).is_some());
        }
    }

    #[test]
    fn ten_users_are_unknown_to_hr() {
        let sample = sample();
        let rows: BTreeSet<_> = sample.rows.iter().map(|row| row["Employee ID"].as_str()).collect();
        let unknown = |user: &&User| user.text("employeeId").is_some_and(|id| !rows.contains(id));
        let unknown: Vec<_> = sample.tenant.users.iter().filter(unknown).collect();
        let ids: Vec<_> = unknown.iter().map(|user| user.text("employeeId").unwrap().to_owned()).collect();
        assert_eq!(ids, (901..=910).map(|number| format!("E{number:04}")).collect::<Vec<_>>());
        for user in &unknown {
            assert_eq!((&user.properties["department"], &user.properties["jobTitle"]), (&Value::Null, &Value::Null));
            assert_eq!((user.text("userType"), &user.properties["accountEnabled"]), (Some("Member"), &json!(true)));
            assert_eq!(sample.held(user), ["Office Basics"].into());
            assert!(user.text("employeeHireDate").unwrap() < "2026-06-01");
        }
        assert_eq!((unknown[0].text("displayName"), unknown[0].text("country")), (Some("Nora Lindqvist"), Some("NL")));
    }

    #[test]
    fn groups_packages_and_policies_are_as_promised() {
        let sample = sample();
        let names: Vec<_> = sample.tenant.groups.iter().map(|group| group.display_name()).collect();
        assert_eq!(
            names,
            [
                "Marketing",
                "Sales",
                "Engineering",
                "Platform Team",
                "Contractors",
                "Project Atlas",
                "Campaign Tools",
                "Sales Tools",
                "Source Code",
                "Company Portal"
            ]
        );
        for group in sample.tenant.groups.iter() {
            let members = sample.tenant.members(&group.id).map_or(0, BTreeSet::len);
            assert_eq!(members == 0, group.display_name() == "Project Atlas", "{}", group.display_name());
        }
        assert!(sample.tenant.is_member(sample.group("Engineering"), sample.group("Platform Team")));
        for department in ["Marketing", "Sales", "Engineering"] {
            let members = sample.tenant.transitive_members(sample.group(department));
            let users = sample.tenant.users.iter().filter(|user| !is_second(user));
            let expected: BTreeSet<_> =
                users.filter(|user| user.text("department") == Some(department)).map(|user| user.id.clone()).collect();
            let users: BTreeSet<_> = members.into_iter().filter(|id| sample.tenant.users.get(id).is_some()).collect();
            assert_eq!(users, expected);
        }
        let catalogs: Vec<_> = sample
            .tenant
            .catalogs
            .iter()
            .map(|catalog| (catalog.display_name.as_str(), catalog.catalog_type.as_str()))
            .collect();
        assert_eq!(catalogs, [("General", "serviceDefault"), ("Business Applications", "userManaged")]);
        assert_eq!(sample.tenant.packages.len(), 6);
        assert!(sample.tenant.packages.iter().all(|package| !package.role_scopes.is_empty()));
        assert_eq!(sample.tenant.policies.len(), 9);
        let count = |test: &dyn Fn(&crate::sandbox::records::Policy) -> bool| {
            sample.tenant.policies.iter().filter(|policy| test(policy)).count()
        };
        assert_eq!(count(&|policy| policy.display_name == "Direct assignment"), 4);
        assert_eq!(count(&|policy| policy.requestor_settings.enable_targets_to_self_add_access), 1);
        assert_eq!(count(&|policy| policy.expiration.duration.as_deref() == Some("P30D")), 1);
        assert_eq!(count(&|policy| policy.approval_settings.is_approval_required_for_add), 2);
        assert_eq!(count(&|policy| policy.questions.iter().any(|question| question.is_required)), 1);
    }

    #[test]
    fn joiners_hold_nothing_yet() {
        let sample = sample();
        let soon = sample.rows_by("Hire Date", |days| (1..=6).contains(&days));
        let (present, awaited): (Vec<_>, Vec<_>) = soon.into_iter().partition(|row| !sample.users_of(row).is_empty());
        assert_eq!((present.len(), awaited.len()), (4, 1));
        let begun = sample.rows_by("Hire Date", |days| (-10..=0).contains(&days));
        let later = sample.rows_by("Hire Date", |days| days > 6);
        assert_eq!((begun.len(), sample.day(&begun[0]["Hire Date"]), later.len()), (1, Some(-1), 2));
        assert!(later.iter().all(|row| sample.day(&row["Hire Date"]) == Some(20)));
        for row in present.iter().chain(&begun).chain(&later) {
            assert!(sample.held(sample.user_of(row)).is_empty());
        }
    }

    #[test]
    fn leavers_still_hold_what_they_are_to_lose() {
        let sample = sample();
        let just_left = sample.rows_by("Last Day", |days| days == -2);
        assert_eq!(just_left.len(), 3);
        for row in just_left {
            let own = match row["Department"].as_str() {
                "Marketing" => "Marketing Campaign",
                "Sales" => "Sales Toolkit",
                _ => "Engineering Toolkit",
            };
            let user = sample.user_of(row);
            assert_eq!(user.text("userType"), Some("Member"));
            assert_eq!(sample.held(user), ["Office Basics", own].into());
        }
        assert_eq!(sample.rows_by("Last Day", |days| days > -2).len(), 1);
        assert_eq!(sample.rows_by("Last Day", |days| days == 4).len(), 1);
        let before = sample.rows_by("Last Day", |days| (-45..=-20).contains(&days));
        let held: Vec<_> = before.iter().map(|row| sample.held(sample.user_of(row))).collect();
        assert_eq!(held.len(), 4);
        assert!(held.iter().all(|held| held.contains("Office Basics")));
        assert_eq!(held.iter().filter(|held| held.contains("Sales Toolkit")).count(), 1);
        let gone = sample.rows_by("Last Day", |days| days < -60);
        assert_eq!(gone.len(), 2);
        assert!(gone.iter().all(|row| sample.held(sample.user_of(row)).is_empty()));
        assert_eq!(sample.rows_by("Last Day", |_| true).len(), 10);
        let none = |text: &str| sample.rows.iter().filter(|row| row["Last Day"] == text).count();
        assert!(none("") > 50 && none("31.12.9999") > 50);
    }

    #[test]
    fn movers_are_in_marketing_by_hr_and_in_sales_by_the_directory() {
        let sample = sample();
        let differs = |row: &&Row| {
            sample.users_of(row).first().is_some_and(|user| user.text("department") != Some(row["Department"].as_str()))
        };
        let movers: Vec<_> = sample.rows.iter().filter(differs).collect();
        assert_eq!(movers.len(), 2);
        for row in movers {
            let user = sample.user_of(row);
            assert_eq!((row["Department"].as_str(), user.text("department")), ("Marketing", Some("Sales")));
            assert_eq!(sample.held(user), ["Office Basics", "Sales Toolkit"].into());
        }
    }

    #[test]
    fn the_holdings_are_as_promised_and_make_members() {
        let sample = sample();
        let hired = |user: &User| user.text("employeeHireDate").is_some_and(|date| date < "2026-11-11");
        let left = |user: &User| user.text("employeeLeaveDateTime").is_some_and(|date| date < "2026-09-22");
        for user in sample.tenant.users.iter().filter(|user| !is_second(user)) {
            let employed =
                matches!(user.text("employeeType"), Some("Employee" | "Intern")) && hired(user) && !left(user);
            assert_eq!(sample.held(user).contains("Office Basics"), employed, "{user:?}");
            let sales = user.text("department") == Some("Sales") && hired(user);
            assert_eq!(sample.held(user).contains("Sales Toolkit"), sales);
        }
        assert_eq!(sample.holders("Marketing Campaign"), 12);
        let marketing = sample.tenant.members(sample.group("Marketing")).unwrap().len();
        assert!(marketing - 12 >= 4);
        let engineers = sample.tenant.transitive_members(sample.group("Engineering"));
        let engineers = engineers.iter().filter(|id| sample.tenant.users.get(id).is_some()).count();
        assert_eq!(sample.holders("Engineering Toolkit"), engineers - 6);
        let contractors = sample.tenant.members(sample.group("Contractors")).unwrap().len();
        assert_eq!((contractors, sample.holders("Vendor Portal")), (12, 6));
        assert_eq!(sample.holders("Platform Operations"), 0);
        let now: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        for assignment in sample.tenant.assignments.iter() {
            assert!(assignment.schedule.start_date_time.unwrap() < now);
            assert!(assignment.schedule.expiration.end_date_time.is_none_or(|end| end > now));
            for role in &sample.tenant.packages.get(&assignment.package_id).unwrap().role_scopes {
                assert!(sample.tenant.is_member(&role.scope.origin_id, &assignment.target_id));
            }
        }
        assert_eq!(sample.tenant.requests.len(), 0);
    }

    #[test]
    fn hr_and_the_directory_agree_where_they_should() {
        let sample = sample();
        for row in sample.rows.iter().filter(|row| !sample.users_of(row).is_empty()) {
            let user = sample.user_of(row);
            for (column, property) in [
                ("First Name", "givenName"),
                ("Last Name", "surname"),
                ("Work Email", "mail"),
                ("Country", "country"),
                ("City", "city"),
                ("Worker Type", "employeeType"),
            ] {
                assert_eq!(Some(row[column].as_str()), user.text(property), "{column}");
            }
            let instant = |column: &str| {
                let day = sample.day(&row[column])?;
                Some(midnight(days_after(sample.first_day, i32::try_from(day).unwrap())).to_string())
            };
            assert_eq!(instant("Hire Date").as_deref(), user.text("employeeHireDate"));
            assert_eq!(instant("Last Day").as_deref(), user.text("employeeLeaveDateTime"));
        }
    }
}
