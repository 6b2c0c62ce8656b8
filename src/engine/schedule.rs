//! The schedule: tokio-cron-scheduler wakes passes and decides nothing; what is due comes from documents, data and ledger.

use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::domain::counted::counted;
use crate::domain::cron::{Cron, CronError};

use super::watch::Wake;

/// A running schedule.
pub struct PassSchedule {
    scheduler: JobScheduler,
}

/// Why the schedule could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The expression is not one.
    #[error("'{cron}' is not a cron expression of six fields (second minute hour day month weekday){}", detail(.cron))]
    Expression {
        /// The expression.
        cron: String,
        /// What the scheduler says.
        #[source]
        source: JobSchedulerError,
    },
    /// No instant ever fits it.
    #[error("'{0}' is a cron expression that no day ever fits")]
    Never(String),
    /// The scheduler did not start.
    #[error("the scheduler did not start")]
    Start(#[source] JobSchedulerError),
}

/// Room for that many jobs due at the same moment; the scheduler drops what does not fit.
const CHANNEL: usize = 4096;

/// Whether passes can be made by `cron` (six fields, UTC).
///
/// # Errors
/// Fails when the expression is not one, or names no instant.
pub fn check(cron: &str) -> Result<(), ScheduleError> {
    job(cron, Wake::default()).map(drop)
}

fn job(cron: &str, wake: Wake) -> Result<Job, ScheduleError> {
    let job = Job::new_async(cron, move |_, _| {
        let wake = wake.clone();
        Box::pin(async move { wake.notify_one() })
    });
    let job = job.map_err(|source| ScheduleError::Expression { cron: cron.to_owned(), source })?;
    // The scheduler takes one that never comes.
    match after_the_seconds(cron) {
        Some(Err(CronError::Never)) => Err(ScheduleError::Never(cron.to_owned())),
        _ => Ok(job),
    }
}

/// What the five fields after the seconds come to; the scheduler knows a little more than documents do, such as `L`.
fn after_the_seconds(cron: &str) -> Option<Result<Cron, CronError>> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let (_, of_minutes) = fields.split_first()?;
    (of_minutes.len() == 5).then(|| of_minutes.join(" ").parse())
}

/// What the scheduler does not say: which part is wrong.
fn detail(cron: &str) -> String {
    match after_the_seconds(cron) {
        Some(Err(error)) => format!(": {error}"),
        None => format!(": it has {}", counted(cron.split_whitespace().count(), "field")),
        Some(Ok(_)) => String::new(),
    }
}

impl PassSchedule {
    /// Wakes `wake` at every instant of `cron` (six fields, UTC).
    ///
    /// # Errors
    /// Fails when the expression is not one, or the scheduler does not start.
    pub async fn start(cron: &str, wake: Wake) -> Result<Self, ScheduleError> {
        let scheduler = JobScheduler::new_with_channel_size(CHANNEL).await.map_err(ScheduleError::Start)?;
        let job = job(cron, wake)?;
        scheduler.add(job).await.map_err(ScheduleError::Start)?;
        scheduler.start().await.map_err(ScheduleError::Start)?;
        Ok(Self { scheduler })
    }

    /// Stops waking.
    pub async fn stop(mut self) {
        // Nothing is lost: the schedule holds no work, and the process is about to end.
        self.scheduler.shutdown().await.ok();
    }
}
