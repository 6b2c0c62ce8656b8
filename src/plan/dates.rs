//! A subject's dates: which civil day an attribute means, and in which zone.

use std::cell::OnceCell;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::reason::Reason;
use crate::domain::subject::AttributeValue;
use crate::domain::time::{self, TimeError};

use super::draft::View;
use super::population::Member;

/// A civil day of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CivilDay {
    /// The day, in the subject's zone.
    pub date: Date,
    /// Whether the day itself still belongs to what it ends.
    pub inclusive: bool,
}

/// The zone that counts for each subject: the trigger's, else the person's own, else the tenant's. Each name is looked up once.
#[derive(Debug)]
pub struct ZoneReader<'p> {
    view: &'p View<'p>,
    of_trigger: Option<&'p str>,
    /// The trigger's zone or the tenant's, once it was asked for.
    common: OnceCell<Result<TimeZone, Reason>>,
}

impl<'p> ZoneReader<'p> {
    /// For a trigger that may name a zone.
    pub fn of(view: &'p View<'p>, of_trigger: Option<&'p str>) -> Self {
        Self { view, of_trigger, common: OnceCell::new() }
    }

    /// The subject's zone.
    ///
    /// # Errors
    /// [`Reason::BadDate`] when this machine does not know the zone.
    pub fn zone(&self, member: &Member<'_>) -> Result<TimeZone, Reason> {
        match (self.of_trigger, self.view.population.own_zone(member)) {
            (None, Some(own)) => own.clone().map_err(bad_date),
            (of_trigger, _) => {
                let name = of_trigger.unwrap_or(&self.view.observed.tenant_zone);
                self.common.get_or_init(|| time::zone(name).map_err(bad_date)).clone()
            }
        }
    }
}

/// The reason that a zone which is not known makes.
pub fn bad_date(error: TimeError) -> Reason {
    Reason::BadDate { problem: error.to_string() }
}

/// The day that a date attribute's value means, `None` being "not read"; an instant counts as the day it has in `zone`.
///
/// # Errors
/// The reason why there is none: not read, empty, or no date.
pub fn day_of(value: Option<&AttributeValue>, attribute: &str, zone: &TimeZone) -> Result<CivilDay, Reason> {
    match value {
        None => Err(Reason::Unknown { what: attribute.to_owned() }),
        Some(AttributeValue::Null) => Err(Reason::NoDate),
        Some(AttributeValue::Date { date, inclusive }) => Ok(CivilDay { date: *date, inclusive: *inclusive }),
        Some(AttributeValue::Instant(instant)) => {
            Ok(CivilDay { date: instant.to_zoned(zone.clone()).date(), inclusive: false })
        }
        Some(_) => Err(Reason::BadDate { problem: format!("{attribute} does not hold a date") }),
    }
}
