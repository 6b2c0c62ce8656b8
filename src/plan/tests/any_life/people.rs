//! People of random lives: what HR, the directory and entitlement management say of each when the life begins.

use jiff::civil::Date;
use proptest::prelude::*;

use crate::domain::entitlement::{Assignment, AssignmentRequest, AssignmentState, RequestState, RequestType};
use crate::domain::subject::{AttributeValue, Attributes, HIRE_DATE, LEAVE_DATE, Person, User};
use crate::plan::ledger::ClaimRecord;
use crate::plan::observed::{GroupView, Observed};
use crate::plan::tests::world::{World, claim, user_of};

/// Packages that people hold or get in random lives, by id and display name.
pub(in crate::plan::tests) const PACKAGES: [&str; 4] = ["Basics", "Campaign", "Tools", "Guarded"];

/// Groups by name and whether nesting is followed; nobody can be put into the last one.
pub(in crate::plan::tests) const GROUPS: [(&str, bool); 5] =
    [("Engineering", false), ("Crew", false), ("Old crew", false), ("Sellers", true), ("Fixed", false)];

/// Documents that may have granted something before.
const GRANTERS: [&str; 6] = ["tools", "campaign", "basics", "more-tools", "guarded", "join"];

/// A text attribute of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan::tests) enum Said {
    Unread,
    Nothing,
    Text(&'static str),
}

/// A date attribute of a record, in days from the beginning of the life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan::tests) enum Day {
    Unread,
    Nothing,
    At(i8),
}

/// Who delivers a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Records {
    Hr,
    Contractors,
    Both,
    Nobody,
}

/// What somebody holds of one package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    Something,
    ByTheService,
    Asked(bool),
}

/// One person.
#[derive(Debug, Clone)]
pub(in crate::plan::tests) struct Being {
    department: Said,
    hire: Day,
    leave: Day,
    records: Records,
    users: u8,
    is_guest: bool,
    groups: [bool; 5],
    holds: [Holds; 4],
    granted: [Option<usize>; 4],
}

pub(in crate::plan::tests) fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        1 => Just(Said::Unread),
        1 => Just(Said::Nothing),
        8 => prop::sample::select(vec!["Engineering", "Finance", "Board", "Sales"]).prop_map(Said::Text),
    ]
}

pub(in crate::plan::tests) fn day() -> impl Strategy<Value = Day> {
    prop_oneof![1 => Just(Day::Unread), 4 => Just(Day::Nothing), 3 => (-30_i8..30).prop_map(Day::At), 3 => (-3_i8..5).prop_map(Day::At)]
}

fn being() -> impl Strategy<Value = Being> {
    let records = prop_oneof![
        6 => Just(Records::Hr), 2 => Just(Records::Contractors), 1 => Just(Records::Both), 1 => Just(Records::Nobody)
    ];
    let holds = prop_oneof![
        6 => Just(Holds::Nothing),
        6 => Just(Holds::Something),
        1 => Just(Holds::ByTheService),
        1 => any::<bool>().prop_map(Holds::Asked),
    ];
    let account = (prop_oneof![1 => Just(0_u8), 20 => Just(1), 1 => Just(2)], prop::bool::weighted(0.15));
    let granted = prop::array::uniform4(prop::option::of(0..GRANTERS.len()));
    let record = (said(), day(), day(), records);
    let there = (prop::array::uniform5(any::<bool>()), prop::array::uniform4(holds), granted);
    (record, account, there).prop_map(
        |((department, hire, leave, records), (users, is_guest), (groups, holds, granted))| Being {
            department,
            hire,
            leave,
            records,
            users,
            is_guest,
            groups,
            holds,
            granted,
        },
    )
}

pub(in crate::plan::tests) fn beings() -> impl Strategy<Value = Vec<Being>> {
    prop::collection::vec(being(), 0..9)
}

/// The key of the person of this number.
pub(in crate::plan::tests) fn key_of(number: usize) -> String {
    format!("E{number}")
}

/// The text attribute's value; `None` where it was not read.
pub(super) fn value_of(said: Said) -> Option<AttributeValue> {
    match said {
        Said::Unread => None,
        Said::Nothing => Some(AttributeValue::Null),
        Said::Text(text) => Some(AttributeValue::Text(text.to_owned())),
    }
}

/// The date attribute's value; `None` where it was not read.
pub(super) fn date_of(day: Day, today: Date, inclusive: bool) -> Option<AttributeValue> {
    match day {
        Day::Unread => None,
        Day::Nothing => Some(AttributeValue::Null),
        Day::At(days) => {
            let date = today.saturating_add(jiff::Span::new().days(i64::from(days)));
            Some(AttributeValue::Date { date, inclusive })
        }
    }
}

pub(super) fn account(key: &str, id: &str, is_guest: bool) -> User {
    let cost_centre = match key.bytes().map(usize::from).sum::<usize>() % 4 {
        0 => AttributeValue::Null,
        number => AttributeValue::Text(format!("secret {}", number - 1)),
    };
    User {
        id: user_of(id),
        user_principal_name: format!("{id}@contoso.example"),
        mail: None,
        display_name: id.to_owned(),
        employee_id: Some(key.to_owned()),
        is_guest,
        attributes: Attributes::from([("costCenter".to_owned(), cost_centre)]),
    }
}

pub(super) fn record(being: &Being, number: usize, feed: &str, today: Date) -> Person {
    let cost_centre = ["secret 0", "secret 1", "secret 2"][number % 3];
    let cost_centre = Some(AttributeValue::Text(cost_centre.to_owned())).filter(|_| number % 4 != 3);
    let values = [
        ("department", value_of(being.department)),
        ("costCenter", cost_centre.or(Some(AttributeValue::Null)).filter(|_| feed == "contractors")),
        (HIRE_DATE, date_of(being.hire, today, false)),
        (LEAVE_DATE, date_of(being.leave, today, true)),
    ];
    let read = values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Person {
        key: key_of(number).as_str().into(),
        feed: feed.into(),
        attributes: read.collect(),
        time_zone: if number % 7 == 6 { "America/New_York" } else { "Europe/Amsterdam" }.to_owned(),
        missing: false,
        absence: None,
        read: None,
    }
}

/// Gives `package` to the user by hand.
pub(super) fn assign(observed: &mut Observed, key: &str, package: &str, policy: &str) {
    let id = format!("a-{key}-{package}-{}", observed.assignments.len());
    observed.assignments.push(Assignment {
        id: id.as_str().into(),
        state: AssignmentState::Delivered,
        policy: Some(format!("{package}-{policy}").as_str().into()),
        package: package.into(),
        user: Some(user_of(key)),
    });
}

/// Somebody else's request is open.
pub(super) fn ask(observed: &mut Observed, key: &str, package: &str, is_coming: bool) {
    observed.requests.push(AssignmentRequest {
        id: format!("r-{key}-{package}-{}", observed.requests.len()).as_str().into(),
        request_type: if is_coming { RequestType::UserAdd } else { RequestType::UserRemove },
        state: RequestState::PendingApproval,
        status: String::new(),
        justification: None,
        created: None,
        package: Some(package.into()),
        assignment: None,
        user: Some(user_of(key)),
    });
}

/// Puts the people into the world.
pub(in crate::plan::tests) fn inhabit(world: &mut World, beings: &[Being]) {
    let today = jiff::tz::TimeZone::UTC.to_datetime(world.now).date();
    for (place, (group, transitive)) in GROUPS.into_iter().enumerate() {
        let members = beings.iter().enumerate().filter(|(_, being)| being.groups[place] && being.users > 0);
        let view = GroupView::Members {
            id: format!("g-{group}").as_str().into(),
            users: members.map(|(number, _)| user_of(&key_of(number))).collect(),
            is_fixed: group == "Fixed",
        };
        world.observed.groups.insert((group.to_owned(), transitive), view);
    }
    for (number, being) in beings.iter().enumerate() {
        let key = key_of(number);
        let feeds: &[&str] = match being.records {
            Records::Hr => &["hr"],
            Records::Contractors => &["contractors"],
            Records::Both => &["hr", "contractors"],
            Records::Nobody => &[],
        };
        for feed in feeds {
            let person = record(being, number, feed, today);
            world.observed.feeds.get_mut(&(*feed).into()).unwrap().persons.push(person);
        }
        if being.users > 0 {
            world.observed.users.push(account(&key, &key, being.is_guest));
        }
        if being.users > 1 {
            world.observed.users.push(account(&key, &format!("{key}x"), false));
        }
        for (place, name) in PACKAGES.iter().enumerate().filter(|_| being.users > 0) {
            let package = name.to_lowercase();
            match being.holds[place] {
                Holds::Nothing => {}
                Holds::Something => assign(&mut world.observed, &key, &package, "direct"),
                Holds::ByTheService => assign(&mut world.observed, &key, &package, "automatic"),
                Holds::Asked(is_coming) => ask(&mut world.observed, &key, &package, is_coming),
            }
            if let Some(granter) = being.granted[place] {
                world.ledger.claims.insert(claim(&key, name, GRANTERS[granter]), ClaimRecord::default());
            }
        }
    }
}
