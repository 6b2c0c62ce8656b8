//! The people of the sample company: who works where since when, and who is about to come, go or move.

use jiff::Span;
use jiff::civil::Date;

use super::sample_names::{Name, PLACES, Place, UNKNOWN_TO_HR};

/// The company's mail domain.
pub(super) const DOMAIN: &str = "contoso.example";
/// The domain of the guests' own mail addresses.
pub(super) const GUEST_DOMAIN: &str = "partner.example";

/// What is special about a person; days count from the sandbox's first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Regular,
    Intern,
    /// A member of the group Platform Team instead of Engineering itself.
    Platform,
    Contractor,
    /// A contractor with a guest account.
    Guest,
    /// First day that many days from now.
    Joiner(i32),
    /// A joiner whose account does not exist yet.
    AwaitedJoiner(i32),
    /// Last day that many days from now.
    Leaver(i32),
    /// Left long ago; the account is disabled.
    Gone(i32),
    /// HR says Marketing, the directory still says Sales.
    Mover,
    /// The directory knows the person, HR has delivered no row.
    UnknownToHr,
}

/// One person of the sample.
#[derive(Debug)]
pub(super) struct SamplePerson {
    pub(super) employee_id: String,
    pub(super) part: Part,
    pub(super) given: Name,
    pub(super) surname: Name,
    pub(super) place: &'static Place,
    /// The department by HR.
    pub(super) department: &'static str,
    pub(super) hire_date: Date,
    pub(super) last_day: Option<Date>,
    /// The local part of the address.
    pub(super) alias: String,
}

impl SamplePerson {
    /// The name as the directory shows it.
    pub(super) fn display_name(&self) -> String {
        if self.place.surname_first {
            format!("{} {}", self.surname.0, self.given.0)
        } else {
            format!("{} {}", self.given.0, self.surname.0)
        }
    }

    /// The mail address; guests have one elsewhere.
    pub(super) fn mail(&self) -> String {
        let domain = if self.part == Part::Guest { GUEST_DOMAIN } else { DOMAIN };
        format!("{}@{domain}", self.alias)
    }

    /// The sign-in name.
    pub(super) fn principal_name(&self) -> String {
        if self.part == Part::Guest { format!("{}_{GUEST_DOMAIN}#EXT#@{DOMAIN}", self.alias) } else { self.mail() }
    }

    /// The department by the directory.
    pub(super) fn directory_department(&self) -> Option<&'static str> {
        match self.part {
            Part::UnknownToHr => None,
            Part::Mover => Some("Sales"),
            _ => Some(self.department),
        }
    }

    /// `Employee`, `Contractor` or `Intern`.
    pub(super) fn worker_type(&self) -> &'static str {
        match self.part {
            Part::Contractor | Part::Guest => "Contractor",
            Part::Intern => "Intern",
            _ => "Employee",
        }
    }

    /// The title of the person's work in a department.
    pub(super) fn job_title(&self, department: &str) -> &'static str {
        match (department, self.part) {
            (_, Part::Intern) => "Intern",
            ("Marketing", _) => "Campaign Manager",
            ("Sales", _) => "Account Executive",
            ("Engineering", Part::Platform) => "Platform Engineer",
            ("Engineering", _) => "Software Engineer",
            ("Finance", _) => "Controller",
            ("Human Resources", _) => "People Partner",
            _ => "Systems Administrator",
        }
    }
}

/// Everybody, in order of employee id; the first is the managing director.
pub(super) fn people(first_day: Date) -> Vec<SamplePerson> {
    let mut roster = Roster { first_day, people: Vec::new() };
    for (department, count) in
        [("Finance", 16), ("Human Resources", 10), ("Marketing", 22), ("Sales", 28), ("Engineering", 24), ("IT", 14)]
    {
        for index in 0..count {
            roster.add(department, if index % 12 == 11 { Part::Intern } else { Part::Regular });
        }
    }
    roster.add_all("Engineering", &[Part::Platform; 8]);
    roster.add_all("IT", &[Part::Contractor; 5]);
    roster.add_all("Finance", &[Part::Contractor; 4]);
    roster.add_all("IT", &[Part::Guest; 3]);
    for (department, part) in [
        ("Marketing", Part::Joiner(1)),
        ("Sales", Part::Joiner(2)),
        ("Engineering", Part::Joiner(4)),
        ("Marketing", Part::Joiner(6)),
        ("Sales", Part::Joiner(-1)),
        ("Finance", Part::Joiner(20)),
        ("Engineering", Part::Joiner(20)),
        ("Marketing", Part::AwaitedJoiner(5)),
        ("Marketing", Part::Leaver(-2)),
        ("Sales", Part::Leaver(-2)),
        ("Engineering", Part::Leaver(-2)),
        ("Finance", Part::Leaver(4)),
        ("Sales", Part::Leaver(-20)),
        ("IT", Part::Leaver(-27)),
        ("Finance", Part::Leaver(-36)),
        ("Human Resources", Part::Leaver(-45)),
        ("IT", Part::Gone(-90)),
        ("Finance", Part::Gone(-150)),
        ("Marketing", Part::Mover),
        ("Marketing", Part::Mover),
    ] {
        roster.add(department, part);
    }
    roster.share_a_name();
    roster.add_unknown_to_hr();
    roster.people
}

/// `days` after `day`, or before it.
pub(super) fn days_after(day: Date, days: i32) -> Date {
    day.saturating_add(Span::new().days(days))
}

struct Roster {
    first_day: Date,
    people: Vec<SamplePerson>,
}

impl Roster {
    fn add_all(&mut self, department: &'static str, parts: &[Part]) {
        for part in parts {
            self.add(department, *part);
        }
    }

    fn add(&mut self, department: &'static str, part: Part) {
        let number = self.people.len();
        let Some(place) = cycle(PLACES, number) else { return };
        let round = number / PLACES.len();
        let given = cycle(place.given_names, round);
        // Neither list is as long as a multiple of the other, so that pairs repeat only after all have been used.
        let surname = cycle(place.surnames, round + number % PLACES.len() * 2);
        let (Some(given), Some(surname)) = (given, surname) else { return };
        self.push(format!("E{:04}", number + 1), department, part, (*given, *surname), place);
    }

    fn add_unknown_to_hr(&mut self) {
        let places = [0, 0, 1, 2, 3, 0, 1, 4, 3, 0];
        for (index, (name, place)) in UNKNOWN_TO_HR.iter().zip(places).enumerate() {
            if let Some(place) = PLACES.get(place) {
                self.push(format!("E{:04}", 901 + index), "IT", Part::UnknownToHr, *name, place);
            }
        }
    }

    fn push(
        &mut self,
        employee_id: String,
        department: &'static str,
        part: Part,
        name: (Name, Name),
        place: &'static Place,
    ) {
        let tenure = 60 + i32::try_from(self.people.len() * 37 % 2900).unwrap_or_default();
        let hire_date = match part {
            Part::Joiner(days) | Part::AwaitedJoiner(days) => days_after(self.first_day, days),
            _ => days_after(self.first_day, -tenure - 160),
        };
        let last_day = match part {
            Part::Leaver(days) | Part::Gone(days) => Some(days_after(self.first_day, days)),
            _ => None,
        };
        let alias = self.free_alias(name);
        let (given, surname) = name;
        self.people.push(SamplePerson {
            employee_id,
            part,
            given,
            surname,
            place,
            department,
            hire_date,
            last_day,
            alias,
        });
    }

    fn free_alias(&self, (given, surname): (Name, Name)) -> String {
        let plain = format!("{}.{}", given.1, surname.1);
        let taken = self.people.iter().filter(|person| person.given == given && person.surname == surname).count();
        if taken == 0 { plain } else { format!("{plain}{}", taken + 1) }
    }

    /// Two people of two departments have one name.
    fn share_a_name(&mut self) {
        let name = (("Anna", "anna"), ("Müller", "mueller"));
        for department in ["Finance", "Sales"] {
            let alias = self.free_alias(name);
            let namesake = self.people.iter_mut().find(|person| {
                person.place.country == "DE" && person.department == department && person.part == Part::Regular
            });
            if let Some(person) = namesake {
                (person.given, person.surname) = name;
                person.alias = alias;
            }
        }
    }
}

fn cycle<T>(list: &[T], index: usize) -> Option<&T> {
    list.get(index % list.len().max(1))
}
