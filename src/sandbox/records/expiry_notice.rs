//! The service tells holders that their access ends soon, and the assignment's `status` says that it did (graph-contract 1.12).

use jiff::{SignedDuration, Timestamp};

use super::{Assignment, AssignmentState};

/// What holders are told before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum ExpiryNotice {
    FourteenDays,
    OneDay,
}

impl ExpiryNotice {
    /// The `status` of an assignment whose holder was told this last.
    pub(in crate::sandbox) fn status(self) -> &'static str {
        match self {
            Self::FourteenDays => "NearExpiry14DaysNotificationTriggered",
            Self::OneDay => "NearExpiry1DayNotificationTriggered",
        }
    }

    fn ahead(self) -> SignedDuration {
        SignedDuration::from_hours(match self {
            Self::FourteenDays => 14 * 24,
            Self::OneDay => 24,
        })
    }
}

impl Assignment {
    /// What its holder is told next, and when. Access that was given later than that is told of no more.
    pub(in crate::sandbox) fn next_notice(&self) -> Option<(Timestamp, ExpiryNotice)> {
        let end = self.schedule.expiration.end_date_time.filter(|_| self.state == AssignmentState::Delivered)?;
        let told = |notice: ExpiryNotice| self.status == notice.status();
        let to_come: &[ExpiryNotice] = match () {
            () if told(ExpiryNotice::OneDay) => &[],
            () if told(ExpiryNotice::FourteenDays) => &[ExpiryNotice::OneDay],
            () => &[ExpiryNotice::FourteenDays, ExpiryNotice::OneDay],
        };
        let instants = to_come.iter().filter_map(|notice| Some((end.checked_sub(notice.ahead()).ok()?, *notice)));
        let mut in_time = instants.filter(|(at, _)| self.schedule.start_date_time.is_none_or(|start| start <= *at));
        in_time.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::records::{Expiration, Schedule};

    fn assignment(start: &str, end: Option<&str>) -> Assignment {
        let end = end.map(|end| end.parse().unwrap());
        Assignment {
            id: "a".to_owned(),
            state: AssignmentState::Delivered,
            status: AssignmentState::Delivered.status().to_owned(),
            target_id: "u".to_owned(),
            package_id: "p".to_owned(),
            policy_id: "y".to_owned(),
            schedule: Schedule { start_date_time: Some(start.parse().unwrap()), expiration: Expiration::at(end) },
            leaves: None,
            redelivery: None,
            expired: None,
        }
    }

    fn told(assignment: &mut Assignment) -> Vec<String> {
        let mut told = Vec::new();
        while let Some((at, notice)) = assignment.next_notice() {
            assignment.status = notice.status().to_owned();
            told.push(at.to_string());
        }
        told
    }

    #[test]
    fn long_access_is_told_of_twice_and_short_access_once_or_never() {
        let end = Some("2026-03-31T00:00:00Z");
        let mut month = assignment("2026-03-01T00:00:00Z", end);
        assert_eq!(told(&mut month), ["2026-03-17T00:00:00Z", "2026-03-30T00:00:00Z"]);
        assert_eq!(told(&mut assignment("2026-03-20T00:00:00Z", end)), ["2026-03-30T00:00:00Z"]);
        assert_eq!(told(&mut assignment("2026-03-30T12:00:00Z", end)), Vec::<String>::new());
        assert_eq!(told(&mut assignment("2026-03-01T00:00:00Z", None)), Vec::<String>::new());
        month.enter(AssignmentState::Expired);
        assert_eq!(month.next_notice(), None);
    }
}
