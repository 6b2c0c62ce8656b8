//! Date triggers: the civil date an attribute holds, in the person's zone, makes a workflow due.

use crate::domain::action::{Category, OccasionValue};
use crate::domain::reason::Reason;
use crate::domain::subject::HIRE_DATE;
use crate::domain::time;
use crate::plan::dates::{self, CivilDay};
use crate::plan::draft::View;
use crate::plan::population::Member;
use crate::plan::rehire::{self, Rehire};
use crate::workflow::definition::TimeTrigger;

use super::Due;

/// One date trigger for every subject.
pub(super) struct DateReader<'p> {
    pub(super) view: &'p View<'p>,
    pub(super) trigger: &'p TimeTrigger,
    pub(super) category: Category,
}

impl DateReader<'_> {
    /// The occasion that the subject's date makes.
    pub(super) fn standing(&self, member: &Member<'_>) -> Result<Due, Reason> {
        let trigger = self.trigger;
        let zone = dates::zone_of(self.view, member, trigger.time_zone.as_deref())?;
        let CivilDay { date, inclusive, is_written } = dates::day_of(member, &trigger.attribute, &zone)?;
        let is_end = self.category == Category::Leaver && is_written && trigger.attribute != HIRE_DATE;
        if is_end && rehire::after(self.view, member, date) == Some(Rehire::Begun) {
            return Err(Reason::HiredAgain);
        }
        Ok(Due {
            subject: member.subject.key.clone(),
            trigger: trigger.attribute.clone(),
            value: OccasionValue::Date(date),
            at: time::due_instant(date, inclusive, trigger.offset_in_days, trigger.at, &zone),
            day: Some((date, zone)),
            held_by: None,
        })
    }
}
