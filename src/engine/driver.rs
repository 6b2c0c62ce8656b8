//! The driver: one pass at a time, brought forward by wakes, followed by looks after what is under way.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info};

use crate::domain::counted::counted;

use super::event::{Event, chain};
use super::pass::{PassReport, UnderWay};
use super::watch::{FolderWatcher, Wake};
use super::{Engine, EngineError};

/// Changes this close together are one.
const DEBOUNCE: Duration = Duration::from_millis(100);
/// The next look at a source that was still being written.
const INCOMPLETE: Duration = Duration::from_millis(150);
/// The first look after requests that are under way; each further one waits longer.
const FIRST_SETTLE: Duration = Duration::from_millis(500);
/// The longest wait between two looks after requests that are under way.
const LAST_SETTLE: Duration = Duration::from_secs(60);
/// A pass for something that becomes due comes this much later, so that it is due for certain.
const AFTER_DUE: Duration = Duration::from_millis(50);
/// The wait before a pass that sends what was left unsent.
const RESEND: Duration = Duration::from_millis(500);
/// The wait after a pass that could not be done.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// A stop waits this long for the action in flight; then its answer counts as lost and is looked for at the next start.
const STOP_WITHIN: Duration = Duration::from_secs(8);

/// Runs passes until `stop`, then lets the action in flight come to its end.
pub async fn run(engine: &mut Engine, wake: &Wake, watcher: &mut FolderWatcher, stop: &CancellationToken) {
    loop {
        watcher.watch(engine.watched_folders());
        let report = tokio::select! {
            report = pass(engine) => report,
            () = stopped_for(stop, STOP_WITHIN) => return,
        };
        if watcher.watch(engine.watched_folders()) {
            // What changed there since the pass looked raised no event.
            wake.notify_one();
        }
        if wait_for_next_pass(engine, report.ok(), wake, stop).await == Next::Stop {
            return;
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    Pass,
    Stop,
}

async fn pass(engine: &mut Engine) -> Result<PassReport, EngineError> {
    let began = Instant::now();
    let report = engine.run_pass().await;
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    match &report {
        Ok(report) => {
            let PassReport { sent, settled, holds, .. } = report;
            if *sent + *settled > 0 {
                info!(
                    event = Event::PassCompleted.name(),
                    sent,
                    settled,
                    holds,
                    duration_ms,
                    "the pass sent {}",
                    counted(*sent, "request")
                );
            } else {
                debug!(event = Event::PassCompleted.name(), sent, settled, holds, duration_ms, "the pass sent nothing");
            }
        }
        Err(error) => {
            error!(
                event = Event::PassFailed.name(),
                reason = chain(error),
                duration_ms,
                "the pass failed and is tried again"
            );
        }
    }
    report
}

/// Waits for a wake, a retry or something that settled; meanwhile looks after what is under way, ever less often.
async fn wait_for_next_pass(
    engine: &mut Engine,
    report: Option<PassReport>,
    wake: &Wake,
    stop: &CancellationToken,
) -> Next {
    let (under_way, retry_in) = match &report {
        Some(report) => {
            let soon = report.is_feed_incomplete.then_some(INCOMPLETE);
            let resend = report.under_way.unsent > 0 && report.under_way.can_send;
            let again = (report.settled > 0).then_some(Duration::ZERO).or(resend.then_some(RESEND));
            let due = [report.under_way.retry_in, report.due_in.map(|due| due + AFTER_DUE)].into_iter().flatten().min();
            (report.under_way, again.or(soon).or(due))
        }
        None => (UnderWay::default(), Some(AFTER_FAILURE)),
    };
    let retry_at = retry_in.map(|wait| Instant::now() + wait);
    let mut settle_in = FIRST_SETTLE;
    loop {
        let follows = under_way.moving + under_way.waiting > 0;
        tokio::select! {
            () = stop.cancelled() => return Next::Stop,
            () = wake.notified() => {
                sleep(DEBOUNCE).await;
                return Next::Pass;
            }
            () = until(retry_at) => return Next::Pass,
            () = sleep(settle_in), if follows => match engine.settle().await {
                Ok(0) => settle_in = (settle_in * 2).min(LAST_SETTLE),
                // The pass that follows tells of a failure, since it fails in the same way.
                Ok(_) | Err(_) => return Next::Pass,
            },
        }
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

async fn stopped_for(stop: &CancellationToken, time: Duration) {
    stop.cancelled().await;
    sleep(time).await;
}

/// What [`run_once`] came to.
#[derive(Debug, Default)]
pub struct OnceReport {
    /// The last pass.
    pub last: PassReport,
    /// Whether the time was up, or a stop was asked for, before everything had come to rest.
    pub is_cut_short: bool,
}

/// Runs passes until every action is settled, or waits for a person, the clock or a retry; or until `stop`.
///
/// # Errors
/// Fails when a pass fails.
pub async fn run_once(
    engine: &mut Engine,
    time: Duration,
    stop: &CancellationToken,
) -> Result<OnceReport, EngineError> {
    let mut report = OnceReport::default();
    let rested = timeout(time, async {
        loop {
            report.last = pass(engine).await?;
            let under_way = report.last.under_way;
            let is_sendable = under_way.unsent > 0 && under_way.can_send;
            let is_moving = under_way.moving > 0 || report.last.is_feed_incomplete || is_sendable;
            if stop.is_cancelled() || (!is_moving && report.last.sent == 0 && report.last.settled == 0) {
                return Ok(());
            }
            settle_for_a_while(engine, under_way).await?;
        }
    });
    let rested = tokio::select! {
        rested = rested => rested.unwrap_or_else(|_| {
            report.is_cut_short = true;
            Ok(())
        }),
        () = stopped_for(stop, STOP_WITHIN) => Ok(()),
    };
    rested.map(|()| OnceReport { is_cut_short: report.is_cut_short || stop.is_cancelled(), ..report })
}

/// Follows what is moving until something settles, at most about two seconds; then a pass looks again.
async fn settle_for_a_while(engine: &mut Engine, under_way: UnderWay) -> Result<(), EngineError> {
    if under_way.moving == 0 {
        sleep(INCOMPLETE).await;
        return Ok(());
    }
    for _ in 0..8 {
        sleep(Duration::from_millis(250)).await;
        if engine.settle().await? > 0 {
            break;
        }
    }
    Ok(())
}
