//! Date triggers: the civil date an attribute holds, in the person's zone, makes a workflow due.

use jiff::tz::TimeZone;

use crate::domain::action::OccasionValue;
use crate::domain::reason::Reason;
use crate::domain::subject::AttributeValue;
use crate::domain::time::{self, TimeError};
use crate::plan::draft::View;
use crate::plan::population::Member;
use crate::workflow::definition::TimeTrigger;
use crate::workflow::rule::AttributeSource;

use super::Due;

/// One date trigger for every subject.
pub(super) struct DateReader<'p> {
    pub(super) view: &'p View<'p>,
    pub(super) trigger: &'p TimeTrigger,
}

impl DateReader<'_> {
    /// The occasion that the subject's date makes.
    pub(super) fn standing(&self, member: &Member<'_>) -> Result<Due, Reason> {
        let trigger = self.trigger;
        let zone = self.zone(member)?;
        let (date, inclusive) = match member.attribute(&trigger.attribute) {
            None => return Err(Reason::Unknown { what: trigger.attribute.clone() }),
            Some(AttributeValue::Null) => return Err(Reason::NoDate),
            Some(AttributeValue::Date { date, inclusive }) => (*date, *inclusive),
            Some(AttributeValue::Instant(instant)) => (instant.to_zoned(zone.clone()).date(), false),
            Some(_) => {
                return Err(Reason::BadDate { problem: format!("{} does not hold a date", trigger.attribute) });
            }
        };
        let at = time::due_instant(date, inclusive, trigger.offset_in_days, trigger.at, &zone).map_err(bad_date)?;
        Ok(Due {
            subject: member.subject.key.clone(),
            trigger: trigger.attribute.clone(),
            value: OccasionValue::Date(date),
            at,
            day: Some((date, zone)),
            held_by: None,
        })
    }

    fn zone(&self, member: &Member<'_>) -> Result<TimeZone, Reason> {
        let own = member.subject.person.map(|person| person.time_zone.as_str());
        let name = self.trigger.time_zone.as_deref().or(own).unwrap_or(&self.view.observed.tenant_zone);
        time::zone(name).map_err(bad_date)
    }
}

pub(super) fn bad_date(error: TimeError) -> Reason {
    Reason::BadDate { problem: error.to_string() }
}
