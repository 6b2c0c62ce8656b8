//! The only place that reads the clock: real time, and tenant time that a sandbox may set and speed up.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Tells both kinds of time the design knows (design.md section 4, Time).
///
/// Tenant time rules people, due instants, grace, holds and feed age; real time rules tokens, timeouts, `Retry-After`,
/// backoff and debounce. For a real tenant the two are the same.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The tenant's present instant (UTC).
    fn now(&self) -> Timestamp;

    /// The real present instant (UTC).
    fn real_now(&self) -> Timestamp {
        real_now()
    }

    /// How long, in real time, until tenant time reaches `instant`; zero when it has, `None` when it never will.
    fn real_time_until(&self, instant: Timestamp) -> Option<Duration> {
        Some(instant.duration_since(self.now()).try_into().unwrap_or(Duration::ZERO))
    }
}

/// A shared clock.
pub type SharedClock = Arc<dyn Clock>;

#[expect(clippy::disallowed_methods, reason = "clock.rs is the one place that reads the clock")]
fn real_now() -> Timestamp {
    Timestamp::now()
}

/// The machine's clock: tenant time is real time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        real_now()
    }
}

/// A clock that maps real time to tenant time by an origin and a speed, both of which can be changed.
#[derive(Debug)]
pub struct ScaledClock {
    setting: Mutex<ScaledSetting>,
}

/// How a [`ScaledClock`] maps real time to tenant time: `tenant = origin + (real - real_origin) * speed`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScaledSetting {
    /// Tenant time at `real_origin`.
    pub origin: Timestamp,
    /// The real instant at which tenant time was `origin`.
    pub real_origin: Timestamp,
    /// Tenant seconds per real second; 0 stands still.
    pub speed: f64,
}

impl ScaledSetting {
    /// The tenant's instant at the real instant `real`; held at the ends of the calendar instead of overflowing.
    pub fn at(&self, real: Timestamp) -> Timestamp {
        let elapsed = real.duration_since(self.real_origin).as_secs_f64() * self.speed;
        SignedDuration::try_from_secs_f64(elapsed)
            .ok()
            .and_then(|elapsed| self.origin.checked_add(elapsed).ok())
            .unwrap_or(self.origin)
    }
}

impl ScaledClock {
    /// A clock that shows `origin` now and runs at `speed` tenant seconds per real second.
    pub fn starting_at(origin: Timestamp, speed: f64) -> Self {
        Self::from_setting(ScaledSetting { origin, real_origin: real_now(), speed })
    }

    /// A clock with a setting taken from elsewhere, such as a sandbox's answer or its saved state.
    pub fn from_setting(setting: ScaledSetting) -> Self {
        Self { setting: Mutex::new(setting) }
    }

    /// A clock that shows real time until it is set.
    pub fn at_real_time() -> Self {
        Self::starting_at(real_now(), 1.0)
    }

    /// The mapping in force.
    pub fn setting(&self) -> ScaledSetting {
        *self.setting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets tenant time to `now` and keeps the speed.
    pub fn set(&self, now: Timestamp) {
        let mut setting = self.setting.lock().unwrap_or_else(PoisonError::into_inner);
        *setting = ScaledSetting { origin: now, real_origin: real_now(), speed: setting.speed };
    }

    /// Runs at `speed` from the present tenant instant on.
    pub fn set_speed(&self, speed: f64) {
        let mut setting = self.setting.lock().unwrap_or_else(PoisonError::into_inner);
        let real = real_now();
        *setting = ScaledSetting { origin: setting.at(real), real_origin: real, speed };
    }

    /// Moves tenant time on by `by`.
    pub fn advance(&self, by: SignedDuration) {
        let now = self.now();
        self.set(now.checked_add(by).unwrap_or(now));
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> Timestamp {
        self.setting().at(real_now())
    }

    fn real_time_until(&self, instant: Timestamp) -> Option<Duration> {
        let remaining = instant.duration_since(self.now()).as_secs_f64().max(0.0);
        if remaining == 0.0 {
            return Some(Duration::ZERO);
        }
        Duration::try_from_secs_f64(remaining / self.setting().speed).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_told() {
        let origin: Timestamp = "2026-12-01T08:00:00Z".parse().unwrap();
        let clock = ScaledClock::starting_at(origin, 0.0);
        assert_eq!(clock.now(), origin);
        clock.advance(SignedDuration::from_hours(24));
        assert_eq!(clock.now().to_string(), "2026-12-02T08:00:00Z");
    }

    #[test]
    fn a_fast_clock_reaches_an_instant_sooner_and_a_standing_one_never() {
        let (now, then): (Timestamp, Timestamp) =
            ("2026-12-01T00:00:00Z".parse().unwrap(), "2026-12-02T00:00:00Z".parse().unwrap());
        let fast = ScaledClock::starting_at(now, 3600.0).real_time_until(then).unwrap();
        assert!(Duration::from_secs(23) < fast && fast <= Duration::from_secs(24), "{fast:?}");
        let standing = ScaledClock::starting_at(now, 0.0);
        assert_eq!((standing.real_time_until(then), standing.real_time_until(now)), (None, Some(Duration::ZERO)));
    }

    #[test]
    fn a_fast_clock_multiplies_elapsed_real_time() {
        let setting = ScaledSetting {
            origin: "2026-12-01T00:00:00Z".parse().unwrap(),
            real_origin: "2026-11-21T00:00:00Z".parse().unwrap(),
            speed: 3600.0,
        };
        let real = "2026-11-21T00:00:24Z".parse().unwrap();
        assert_eq!(setting.at(real).to_string(), "2026-12-02T00:00:00Z");
    }
}
