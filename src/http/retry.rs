//! When a read is tried again: `Retry-After` where the service gave one, else exponential backoff with full jitter.

use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use uuid::Uuid;

/// No service is believed to ask for more.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// How often and how patiently a read is tried again.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// The ceiling of the first pause without a `Retry-After`; it doubles with every attempt.
    pub base: Duration,
    /// The highest such ceiling.
    pub ceiling: Duration,
    /// A pause longer than this is not waited out: the error goes to the caller with what the service asked for.
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            base: Duration::from_millis(500),
            ceiling: Duration::from_secs(30),
            longest_wait: Duration::from_secs(120),
        }
    }
}

impl RetryPolicy {
    /// The pause after the failed attempt number `attempt` (from 1); `random` lies in `0.0..1.0`.
    ///
    /// What the service asked for is never undercut; up to a tenth is added, so that callers do not come back all at once.
    pub fn next_delay(&self, attempt: u32, retry_after: Option<Duration>, random: f64) -> Duration {
        let random = random.clamp(0.0, 1.0);
        if let Some(asked) = retry_after {
            return asked.min(LONGEST_RETRY_AFTER).mul_f64(1.0 + random / 10.0);
        }
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        self.base.saturating_mul(doubled).min(self.ceiling).mul_f64(random)
    }
}

/// What `Retry-After` asks for (RFC 9110, 10.2.3): seconds, or an HTTP date, which counts from the answer's own `Date`.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let asked = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = http_date(headers, &RETRY_AFTER)?.duration_since(http_date(headers, &DATE)?);
            Duration::try_from(until).unwrap_or_default()
        }
    };
    Some(asked.min(LONGEST_RETRY_AFTER))
}

/// A random number in `0.0..1.0`: the 53 low bits of a version 4 UUID are random.
pub fn random() -> f64 {
    const RANGE: u64 = 1 << f64::MANTISSA_DIGITS;
    let (_, low) = Uuid::new_v4().as_u64_pair();
    (low % RANGE) as f64 / RANGE as f64
}

fn http_date(headers: &HeaderMap, name: &HeaderName) -> Option<jiff::Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(headers.get(name)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(retry_after_value: &str, date: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after_value.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        retry_after(&headers)
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        let date = Some("Sat, 21 Nov 2026 10:00:00 GMT");
        assert_eq!(asked("17", None), Some(Duration::from_secs(17)));
        assert_eq!(asked("Sat, 21 Nov 2026 10:05:00 GMT", date), Some(Duration::from_secs(300)));
        assert_eq!(asked("Sat, 21 Nov 2026 09:00:00 GMT", date), Some(Duration::ZERO));
        assert_eq!(asked("18446744073709551615", None), Some(LONGEST_RETRY_AFTER));
    }

    #[test]
    fn a_retry_after_that_cannot_be_read_counts_as_none() {
        assert_eq!(asked("soon", Some("Sat, 21 Nov 2026 10:00:00 GMT")), None);
        assert_eq!(asked("Sat, 21 Nov 2026 10:05:00 GMT", None), None);
        assert_eq!(asked("-1", None), None);
    }

    #[test]
    fn a_pause_never_undercuts_what_the_service_asked_for() {
        let policy = RetryPolicy::default();
        let asked = Duration::from_secs(10);
        assert_eq!(policy.next_delay(3, Some(asked), 0.0), asked);
        assert_eq!(policy.next_delay(3, Some(asked), 1.0), Duration::from_secs(11));
        assert!(policy.next_delay(1, Some(Duration::MAX), 1.0) > LONGEST_RETRY_AFTER);
    }

    #[test]
    fn without_an_asked_pause_the_ceiling_doubles_up_to_its_bound() {
        let policy = RetryPolicy::default();
        let longest = |attempt| policy.next_delay(attempt, None, 1.0);
        assert_eq!([longest(1), longest(2), longest(3)], [500, 1000, 2000].map(Duration::from_millis));
        assert_eq!(longest(u32::MAX), policy.ceiling);
        assert_eq!(policy.next_delay(3, None, 0.0), Duration::ZERO);
        assert_eq!(policy.next_delay(3, None, 0.5), Duration::from_secs(1));
    }
}
