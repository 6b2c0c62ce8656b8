//! The schedule: tokio-cron-scheduler wakes passes and decides nothing; what is due comes from documents, data and ledger.

use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use super::watch::Wake;

/// A running schedule.
pub struct PassSchedule {
    scheduler: JobScheduler,
}

/// Why the schedule could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The expression is not one.
    #[error("'{cron}' is not a cron expression of six fields (second minute hour day month weekday)")]
    Expression {
        /// The expression.
        cron: String,
        /// What the scheduler says.
        #[source]
        source: JobSchedulerError,
    },
    /// The scheduler did not start.
    #[error("the scheduler did not start")]
    Start(#[source] JobSchedulerError),
}

/// Room for that many jobs due at the same moment; the scheduler drops what does not fit.
const CHANNEL: usize = 4096;

impl PassSchedule {
    /// Wakes `wake` at every instant of `cron` (six fields, UTC).
    ///
    /// # Errors
    /// Fails when the expression is not one, or the scheduler does not start.
    pub async fn start(cron: &str, wake: Wake) -> Result<Self, ScheduleError> {
        let scheduler = JobScheduler::new_with_channel_size(CHANNEL).await.map_err(ScheduleError::Start)?;
        let job = Job::new_async(cron, move |_, _| {
            let wake = wake.clone();
            Box::pin(async move { wake.notify_one() })
        });
        let job = job.map_err(|source| ScheduleError::Expression { cron: cron.to_owned(), source })?;
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
