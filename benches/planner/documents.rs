//! A hundred documents: joiners, movers, leavers and auto assignments over the attributes of the company.

use usherd::workflow::definition::Definitions;
use usherd::workflow::load::{SourceText, load};

/// How many packages the tenant has.
pub(crate) const PACKAGES: usize = 60;
/// How many of the documents give something on the hire date.
const JOINERS: usize = 60;
/// How many of the documents take something on the leave date.
const LEAVERS: usize = 25;

const FEED: &str = r#"
apiVersion: usherd/v1
kind: Feed
name: hr
source: { file: hr.csv, format: csv, delimiter: ";", encoding: utf-8 }
mode: snapshot
key: Id
timeZone: { column: Zone, default: Europe/Amsterdam }
attributes:
  department: { column: Department }
  country: { column: Country }
  employeeType: { column: Type }
  jobTitle: { column: Title }
  city: { column: City }
  companyName: { column: Company }
  employeeHireDate: { column: Hire, type: date, format: "%Y-%m-%d" }
  employeeLeaveDateTime: { column: Leave, type: date, format: "%Y-%m-%d", inclusive: true }
"#;

pub(crate) fn department(number: usize) -> String {
    format!("Department {number}")
}

pub(crate) fn employee_type(number: usize) -> &'static str {
    if number.is_multiple_of(9) { "Contractor" } else { "Employee" }
}

pub(crate) fn package(number: usize) -> String {
    format!("Package {number}")
}

/// The joiner workflows that gave something to the person of this number.
pub(crate) fn joiners_of(number: usize) -> impl Iterator<Item = String> {
    [number % 40, 40 + number % 20].into_iter().map(|joiner| format!("joiner-{joiner}"))
}

/// `count` workflows and auto assignments in the shares of a living tenant.
pub(crate) fn definitions(count: usize) -> anyhow::Result<Definitions> {
    let mut files = vec![SourceText { file: "hr.yaml".to_owned(), text: FEED.to_owned() }];
    files.extend((0..count).map(|number| {
        let text = match number {
            _ if number < JOINERS => joiner(number),
            _ if number < JOINERS + LEAVERS => leaver(number),
            _ => auto_assignment(number),
        };
        SourceText { file: format!("{number:03}.yaml"), text }
    }));
    let loaded = load(&files);
    match loaded.problems.first() {
        Some(problem) => anyhow::bail!("a document of the bench is broken: {problem}"),
        None => Ok(loaded.definitions),
    }
}

fn joiner(number: usize) -> String {
    let rule = if number < 40 {
        format!(
            "department eq '{}' and userType eq 'Member' and not (employeeType eq 'Contractor')",
            department(number)
        )
    } else {
        format!(
            "city in ('City {}', 'City {}') or startsWith(jobTitle,'Title 1{}')",
            number % 60,
            (number + 20) % 60,
            number % 10
        )
    };
    format!(
        "apiVersion: usherd/v1\nkind: Workflow\nname: joiner-{number}\ncategory: joiner\nmode: enforce\n\
         trigger: {{ timeBasedAttribute: employeeHireDate, offsetInDays: {}, at: '08:00' }}\n\
         scope: {{ rule: \"{rule}\", except: [breakglass@contoso.example] }}\n\
         tasks:\n  - task: requestAccessPackageAssignment\n    with: {{ accessPackage: {}, assignmentPolicy: Direct }}\n",
        -i32::try_from(number % 14).unwrap_or(0),
        package(number % PACKAGES)
    )
}

fn leaver(number: usize) -> String {
    format!(
        "apiVersion: usherd/v1\nkind: Workflow\nname: leaver-{number}\ncategory: leaver\nmode: enforce\n\
         trigger: {{ timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0 }}\n\
         scope: {{ rule: \"companyName eq 'Company {}' and country ne 'US'\", except: [breakglass@contoso.example] }}\n\
         tasks:\n  - task: removeAccessPackageAssignment\n    with: {{ accessPackage: {} }}\n",
        number % 5,
        package(number % PACKAGES)
    )
}

fn auto_assignment(number: usize) -> String {
    format!(
        "apiVersion: usherd/v1\nkind: AutoAssignment\nname: auto-{number}\nmode: enforce\naccessPackage: {}\nassignmentPolicy: Direct\n\
         members: {{ anyOf: [ {{ rule: \"department eq '{}' and country in ('NL', 'DE')\" }} ] }}\nwhenMemberLeaves: never\n",
        package(number % PACKAGES),
        department(number % 40)
    )
}
