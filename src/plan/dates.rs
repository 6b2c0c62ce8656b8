//! A subject's dates: which civil day an attribute means, and in which zone.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::reason::Reason;
use crate::domain::subject::AttributeValue;
use crate::domain::time::TimeError;
use crate::workflow::rule::AttributeSource;

use super::draft::View;
use super::population::Member;

/// A civil day of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CivilDay {
    /// The day, in the subject's zone.
    pub date: Date,
    /// Whether the day itself still belongs to what it ends.
    pub inclusive: bool,
    /// Whether it was written as a date; else it is the day of an instant.
    pub is_written: bool,
}

/// The zone that counts for the subject: the trigger's, else the person's own, else the tenant's.
///
/// # Errors
/// [`Reason::BadDate`] when this machine does not know the zone.
pub fn zone_of(view: &View<'_>, member: &Member<'_>, of_trigger: Option<&str>) -> Result<TimeZone, Reason> {
    let own = member.subject.person.map(|person| person.time_zone.as_str());
    let name = of_trigger.or(own).unwrap_or(&view.observed.tenant_zone);
    view.population.zone(name).map_err(bad_date)
}

/// The reason that a zone which is not known makes.
pub fn bad_date(error: TimeError) -> Reason {
    Reason::BadDate { problem: error.to_string() }
}

/// The day that a date attribute holds; an instant counts as the day it has in `zone`.
///
/// # Errors
/// The reason why there is none: not read, empty, or no date.
pub fn day_of(member: &Member<'_>, attribute: &str, zone: &TimeZone) -> Result<CivilDay, Reason> {
    match member.attribute(attribute) {
        None => Err(Reason::Unknown { what: attribute.to_owned() }),
        Some(AttributeValue::Null) => Err(Reason::NoDate),
        Some(AttributeValue::Date { date, inclusive }) => {
            Ok(CivilDay { date: *date, inclusive: *inclusive, is_written: true })
        }
        Some(AttributeValue::Instant(instant)) => {
            Ok(CivilDay { date: instant.to_zoned(zone.clone()).date(), inclusive: false, is_written: false })
        }
        Some(_) => Err(Reason::BadDate { problem: format!("{attribute} does not hold a date") }),
    }
}
