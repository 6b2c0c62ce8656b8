//! Waiting for a condition, never for a time.

#![cfg(test)]

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// After this a condition counts as never met; generous, since two cores run many tests at once.
const DEADLINE: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Returns once `condition` holds; fails the test with `what` when it does not come about.
pub(crate) async fn until(what: &str, condition: impl AsyncFnMut() -> bool) {
    until_or(what, condition, String::new).await;
}

/// The same, with what is known when the wait was in vain.
pub(crate) async fn until_or(what: &str, mut condition: impl AsyncFnMut() -> bool, status: impl Fn() -> String) {
    let began = Instant::now();
    while !condition().await {
        assert!(began.elapsed() < DEADLINE, "waited in vain until {what}\n{}", status());
        sleep(BETWEEN_LOOKS).await;
    }
}
