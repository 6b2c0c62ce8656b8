//! Date triggers: the civil date an attribute holds, in the person's zone, makes a workflow due.

use crate::domain::action::{Category, OccasionValue};
use crate::domain::reason::Reason;
use crate::domain::time;
use crate::plan::dates::{self, CivilDay, ZoneReader};
use crate::plan::draft::View;
use crate::plan::population::{Column, Member};
use crate::plan::rehire::{self, Rehire};
use crate::workflow::definition::TimeTrigger;

use super::Due;

/// One date trigger for every subject.
pub(super) struct DateReader<'p> {
    view: &'p View<'p>,
    trigger: &'p TimeTrigger,
    category: Category,
    zones: ZoneReader<'p>,
    column: Option<&'p Column<'p>>,
}

impl<'p> DateReader<'p> {
    pub(super) fn of(view: &'p View<'_>, trigger: &'p TimeTrigger, category: Category) -> Self {
        let zones = ZoneReader::of(view, trigger.time_zone.as_deref());
        Self { view, trigger, category, zones, column: view.population.column(&trigger.attribute) }
    }

    /// The occasion that the subject's date makes.
    pub(super) fn standing(&self, member: &Member<'_>) -> Result<Due, Reason> {
        let trigger = self.trigger;
        let zone = self.zones.zone(member)?;
        let value = self.column.and_then(|column| column.value(member));
        let CivilDay { date, inclusive } = dates::day_of(value, &trigger.attribute, &zone)?;
        let is_end = self.category == Category::Leaver && rehire::ends_employment(&trigger.attribute);
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
