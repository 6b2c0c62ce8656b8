//! Explanations: what they say, in the words people read.

use super::world::{World, world};
use crate::domain::subject::{AttributeValue, ReadAt};
use crate::plan::explain::{Document, Explanation, Input, explain, render};
use crate::plan::observed::{Delivery, GroupView};
use crate::plan::population::{Member, join, named, unread_attributes};

const SALES: &str = "
apiVersion: usherd/v1
kind: AutoAssignment
name: tools
mode: enforce
accessPackage: Tools
assignmentPolicy: Direct
members: { anyOf: [{ group: Sellers, transitive: true }, { rule: \"department eq 'Sales' and country eq 'NL'\" }], except: [E9] }
whenMemberLeaves: { remove: after, gracePeriod: P7D }
";

const JOIN: &str = "
apiVersion: usherd/v1
kind: Workflow
name: join
category: joiner
mode: enforce
trigger: { timeBasedAttribute: employeeHireDate, offsetInDays: -7, at: \"08:00\", catchUp: P3D }
scope: { rule: \"department in ('Sales', 'Marketing')\", except: [E9] }
tasks:
  - task: requestAccessPackageAssignment
    with: { accessPackage: Basics, assignmentPolicy: Direct }
";

const LEAVE: &str = "
apiVersion: usherd/v1
kind: Workflow
name: leave
category: leaver
mode: enforce
trigger: { timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0 }
scope: { rule: department ne 'Board' }
tasks:
  - task: removeAccessPackageAssignment
    with: { accessPackage: Tools }
";

const NOW: &str = "2026-12-10T12:00:00Z";

impl World {
    /// The record of `person` was read on this line of the delivery in force.
    fn read_on(&mut self, person: &str, line: u64) {
        let feed = self.observed.feeds.get_mut(&"hr".into()).unwrap();
        let judged = "2026-12-10T06:00:00Z".parse().unwrap();
        feed.deliveries = vec![Delivery { digest: "3f57d84dcdbf77aa".to_owned(), file: "hr.csv".to_owned(), judged }];
        let person = feed.persons.iter_mut().find(|known| known.key.as_str() == person).unwrap();
        person.read = Some(ReadAt { line, delivery: None });
    }

    fn sets(&mut self, person: &str, attribute: &str, value: &str) {
        let user = self.observed.users.iter_mut().find(|user| user.employee_id.as_deref() == Some(person)).unwrap();
        user.attributes.insert(attribute.to_owned(), AttributeValue::Text(value.to_owned()));
    }

    pub(super) fn input(&self) -> Input<'_> {
        Input {
            definitions: &self.definitions,
            observed: &self.observed,
            ledger: &self.ledger,
            limits: &self.limits,
            now: self.now,
        }
    }

    /// Calls `look` with the one subject that `word` means.
    pub(super) fn with<T>(&self, word: &str, look: impl FnOnce(&Input<'_>, &Member<'_>) -> T) -> T {
        let unread = unread_attributes(&self.definitions.feeds, &self.observed);
        let members = join(&self.observed, &unread);
        let [member] = named(&members, word)[..] else { panic!("{word} is one subject") };
        look(&self.input(), member)
    }

    fn explained(&self, word: &str, document: &str) -> Explanation {
        self.with(word, |input, member| {
            let mut documents = Document::all(input.definitions);
            documents.retain(|known| known.name().as_str() == document);
            explain(input, member, &documents).pop().unwrap()
        })
    }

    pub(super) fn rendered(&self, word: &str, document: &str) -> String {
        render(&self.explained(word, document), word, &|resource| resource.to_string())
    }
}

#[track_caller]
fn check(world: &World, word: &str, document: &str, expected: &str) {
    let found = world.rendered(word, document);
    assert_eq!(found.trim(), expected.trim(), "\n{found}");
}

fn seller(department: &str) -> World {
    let mut world = world(NOW, &[SALES]).person("E1", &[("department", department)]);
    world.sets("E1", "country", "NL");
    world.read_on("E1", 12);
    let view = GroupView::Members { id: "g-1".into(), users: [super::world::user_of("E2")].into(), is_fixed: false };
    world.observed.groups.insert(("Sellers".to_owned(), true), view);
    world
}

#[test]
fn a_near_miss_is_pointed_out_with_its_line_and_what_would_put_it_right() {
    check(
        &seller("sales "),
        "E1",
        "tools",
        "
tools (AutoAssignment, 1.yaml) for E1 at 2026-12-10T12:00:00Z
  => tools: not in scope [notInScope]

  yes mode enforce: adds and removes
        from the ledger, since 2026-12-10T12:00:00Z
  yes a directory user: user u-E1
        from GET /v1.0/users at 2026-12-10T12:00:00Z
    -   joined by employee id E1
          from feed hr, hr.csv, line 12, delivery 3f57d84dcdbf, accepted 2026-12-10T06:00:00Z
  yes not named in except
  no  a member, by any of these
    no  a member of group 'Sellers', or of a group inside it: not among its 1 members
          from GET /v1.0/groups/g-1/transitiveMembers at 2026-12-10T12:00:00Z
    no  all of these
      no  department eq 'Sales': 'sales '
            from feed hr, hr.csv, line 12, column 'Department', delivery 3f57d84dcdbf, accepted 2026-12-10T06:00:00Z
            hint: 'sales ' and 'Sales' differ only in case and blanks
      yes country eq 'NL': 'NL'
            from GET /v1.0/users at 2026-12-10T12:00:00Z
  no  holds Tools (tools): no active assignment
        from GET /v1.0/identityGovernance/entitlementManagement/assignments at 2026-12-10T12:00:00Z
  -   whenMemberLeaves: after 7 days

Nearest change: if department is 'Sales', then access is given (now nothing is done):
  => adminAdd tools is sent
",
    );
}

#[test]
fn what_is_not_due_yet_says_when_in_both_times_and_what_is_asked_beside_that() {
    let mut world = world(NOW, &[JOIN]).person("E1", &[("department", "Sales"), ("employeeHireDate", "2026-12-20")]);
    world.read_on("E1", 7);
    check(
        &world,
        "E1",
        "join",
        "
join (Workflow, 1.yaml) for E1 at 2026-12-10T12:00:00Z
  => due at 2026-12-13T07:00:00Z [notYetDue]

  yes mode enforce: adds and removes
        from the ledger, since 2026-12-10T12:00:00Z
  yes a directory user: user u-E1
        from GET /v1.0/users at 2026-12-10T12:00:00Z
    -   joined by employee id E1
          from feed hr, hr.csv, line 7, delivery 3f57d84dcdbf, accepted 2026-12-10T06:00:00Z
  yes not named in except
  no  7 days before employeeHireDate, at 08:00 has come: 2026-12-20
        from feed hr, hr.csv, line 7, column 'Hire', delivery 3f57d84dcdbf, accepted 2026-12-10T06:00:00Z
    -   due, by the person's zone: 2026-12-13T07:00:00Z (Sun 2026-12-13 08:00 in Europe/Amsterdam)
    -   now: 2026-12-10T12:00:00Z (Thu 2026-12-10 13:00 in Europe/Amsterdam)
    -   in time: up to 3 days late (catchUp)
  yes the scope's rule
    yes department in ('Sales', 'Marketing'): 'Sales'
          from feed hr, hr.csv, line 7, column 'Department', delivery 3f57d84dcdbf, accepted 2026-12-10T06:00:00Z
  -   task 1: requestAccessPackageAssignment
    no  holds Basics (basics): no active assignment
          from GET /v1.0/identityGovernance/entitlementManagement/assignments at 2026-12-10T12:00:00Z

Nearest change: if it is 2026-12-13T07:00:00Z, then access is given (now nothing is done):
  => adminAdd basics is sent
",
    );
}

#[test]
fn a_record_that_is_carried_over_says_so_and_from_where() {
    let mut world = seller("Sales");
    let person = &mut world.observed.feeds.get_mut(&"hr".into()).unwrap().persons[0];
    person.missing = true;
    person.read = Some(ReadAt { line: 3, delivery: Some("0123456789abcdef".to_owned()) });
    let told = world.rendered("E1", "tools");
    let origin = "from feed hr, line 3, column 'Department', delivery 0123456789ab, carried over: ";
    assert!(told.contains(origin), "{told}");
}

#[test]
fn whoever_is_excepted_barred_late_or_unknown_is_told_so() {
    let told = |world: &World, word: &str, document: &str| {
        let explanation = world.explained(word, document);
        explanation.verdict.reasons().map(|reason| reason.code()).collect::<Vec<_>>().join(" ")
    };
    let mut world = world(NOW, &[JOIN, LEAVE, SALES]).person("E9", &[("department", "Sales")]);
    assert_eq!(told(&world, "E9", "join"), "excepted");
    assert!(world.rendered("E9", "tools").contains("no  not named in except: named there"));

    world.add_person("E2", &[("department", "Sales"), ("employeeHireDate", "2026-12-12")]);
    assert_eq!(told(&world, "E2", "join"), "noUser");
    assert!(
        world
            .rendered("E2", "join")
            .contains("if a directory user with this employee id is there, then access is given")
    );

    world.add_user("E3");
    world.add_user("E3");
    world.observed.users.last_mut().unwrap().id = "u-other".into();
    world.add_person("E3", &[("department", "Sales")]);
    assert_eq!(told(&world, "E3", "join"), "ambiguousJoin");
    assert!(world.rendered("E3", "join").contains("employee id E3 is carried by users u-E3 and u-other"));
}
