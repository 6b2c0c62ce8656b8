//! Throttling by token buckets: what a call costs, when it is refused, and the headers that say so (graph-contract 4.1).

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

const RESOURCE_UNIT: HeaderName = HeaderName::from_static("x-ms-resource-unit");
const LIMIT_PERCENTAGE: HeaderName = HeaderName::from_static("x-ms-throttle-limit-percentage");
const SCOPE: HeaderName = HeaderName::from_static("x-ms-throttle-scope");
const INFORMATION: HeaderName = HeaderName::from_static("x-ms-throttle-information");

/// Seconds in which the documented number of resource units comes back.
const UNITS_WINDOW: f64 = 10.0;
/// Seconds in which the documented number of writes comes back.
const WRITES_WINDOW: f64 = 150.0;
/// The share of a bucket above which answers say how full it is.
const WARNING: f64 = 0.8;

/// The limits of one application in one tenant, as the directory has them; the sandbox counts entitlement management with
/// them, for which the vendor publishes none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ThrottleLimits {
    /// Resource units in 10 s of real time: 3500, 5000 or 8000 for a small, medium or large tenant.
    pub resource_units_per_10_seconds: u32,
    /// Writes in 150 s of real time: 3000.
    pub writes_per_150_seconds: u32,
}

/// The buckets in force; none unless a tester sets limits.
#[derive(Default)]
pub(super) struct Throttle(Mutex<Option<Buckets>>);

struct Buckets {
    limits: ThrottleLimits,
    units: Bucket,
    writes: Bucket,
}

/// What throttling says about one call.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    /// What the call costs, in resource units.
    pub(super) cost: u32,
    /// How much of the fuller bucket is used, 1 being all of it.
    used: f64,
    /// Why the call is refused, and the seconds until it would not be.
    pub(super) refusal: Option<(&'static str, u32)>,
}

impl Throttle {
    /// Sets the limits anew, with full buckets; `None` ends throttling.
    pub(super) fn set(&self, limits: Option<ThrottleLimits>) {
        let buckets = limits.map(|limits| Buckets {
            limits,
            units: Bucket::full(limits.resource_units_per_10_seconds, UNITS_WINDOW),
            writes: Bucket::full(limits.writes_per_150_seconds, WRITES_WINDOW),
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = buckets;
    }

    /// The limits in force.
    pub(super) fn limits(&self) -> Option<ThrottleLimits> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|buckets| buckets.limits)
    }

    /// Counts a call.
    pub(super) fn on_call(&self, method: &Method, uri: &Uri) -> Verdict {
        let cost = cost(method, uri);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(buckets) = buckets.as_mut() else { return Verdict { cost, used: 0.0, refusal: None } };
        let units = buckets.units.take(cost);
        let writes = if method == Method::GET { None } else { buckets.writes.take(1) };
        let refusal = units.map(|wait| ("ResourceUnitLimitExceeded", wait));
        let refusal = refusal.or_else(|| writes.map(|wait| ("WriteLimitExceeded", wait)));
        Verdict { cost, used: buckets.units.used().max(buckets.writes.used()), refusal }
    }
}

impl Verdict {
    /// Adds the documented headers to the call's answer.
    pub(super) fn write(&self, status: StatusCode, headers: &mut HeaderMap, scope: impl FnOnce() -> String) {
        headers.insert(RESOURCE_UNIT, HeaderValue::from(self.cost));
        let mut say = |name, text: String| {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        };
        if self.used >= WARNING {
            say(LIMIT_PERCENTAGE, format!("{:.1}", self.used.min(1.8)));
        }
        if let Some((reason, _)) = self.refusal.filter(|_| status == StatusCode::TOO_MANY_REQUESTS) {
            say(SCOPE, scope());
            say(INFORMATION, reason.to_owned());
        }
    }
}

struct Bucket {
    capacity: f64,
    level: f64,
    per_second: f64,
    seen: Instant,
}

impl Bucket {
    fn full(capacity: u32, window: f64) -> Self {
        // A bucket of nothing would never let anything through again.
        let capacity = f64::from(capacity.max(1));
        Self { capacity, level: capacity, per_second: capacity / window, seen: Instant::now() }
    }

    /// Takes the cost; the seconds to wait where there is not enough. Refused calls count too, as they do at the
    /// service, but never more than one bucket full, so that a wait stays bounded.
    fn take(&mut self, cost: u32) -> Option<u32> {
        let refilled = self.level + self.seen.elapsed().as_secs_f64() * self.per_second;
        self.seen = Instant::now();
        self.level = refilled.min(self.capacity);
        // A call that costs more than the whole bucket passes when it is full.
        let cost = f64::from(cost).min(self.capacity);
        let missing = cost - self.level;
        self.level = (self.level - cost).max(-self.capacity);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most two windows of seconds")]
        (missing > 0.0).then(|| (missing / self.per_second).ceil().max(1.0) as u32)
    }

    fn used(&self) -> f64 {
        1.0 - self.level / self.capacity
    }
}

/// The documented cost of a call in resource units.
fn cost(method: &Method, uri: &Uri) -> u32 {
    let path = uri.path().trim_end_matches('/');
    let last = path.rsplit('/').find(|segment| !segment.starts_with("microsoft.graph.")).unwrap_or_default();
    let base: i64 = match last {
        "transitiveMembers" => 5,
        "checkMemberGroups" => 4,
        "members" | "getByIds" | "subscribedSkus" if method == Method::GET || last == "getByIds" => 3,
        "users" | "applications" if method == Method::GET => 2,
        "memberOf" | "transitiveMemberOf" | "getMemberGroups" => 2,
        _ => 1,
    };
    let options = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let correction: i64 = options
        .map(|(name, value)| match name.as_ref() {
            "$select" => -1,
            "$expand" => 1,
            "$top" if value.parse::<u32>().is_ok_and(|top| top < 20) => -1,
            _ => 0,
        })
        .sum();
    u32::try_from((base + correction).max(1)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_cost_what_the_contract_says() {
        for (method, uri, expected) in [
            (Method::GET, "/v1.0/users", 2),
            (Method::GET, "/v1.0/users?$select=id", 1),
            (Method::GET, "/v1.0/users/1", 1),
            (Method::GET, "/v1.0/groups/1/members", 3),
            (Method::GET, "/v1.0/groups/1/members/microsoft.graph.user", 3),
            (Method::GET, "/v1.0/groups/1/transitiveMembers?$select=id&$top=5", 3),
            (Method::GET, "/v1.0/identityGovernance/entitlementManagement/assignments?$expand=target", 2),
            (Method::POST, "/v1.0/users", 1),
        ] {
            assert_eq!(cost(&method, &uri.parse().unwrap()), expected, "{method} {uri}");
        }
    }

    #[test]
    fn a_bucket_refuses_when_it_is_empty_and_says_how_long() {
        let throttle = Throttle::default();
        let uri: Uri = "/v1.0/users/1".parse().unwrap();
        assert_eq!(throttle.on_call(&Method::GET, &uri).refusal, None);
        let limits = ThrottleLimits { resource_units_per_10_seconds: 2, writes_per_150_seconds: 1 };
        throttle.set(Some(limits));
        assert_eq!(throttle.on_call(&Method::POST, &uri).refusal, None);
        let (reason, wait) = throttle.on_call(&Method::POST, &uri).refusal.unwrap();
        assert_eq!(reason, "WriteLimitExceeded");
        assert!((149..=150).contains(&wait), "{wait}");
        let (reason, wait) = throttle.on_call(&Method::GET, &uri).refusal.unwrap();
        assert_eq!(reason, "ResourceUnitLimitExceeded");
        assert!((4..=5).contains(&wait), "{wait}");
        throttle.set(None);
        assert_eq!((throttle.limits(), throttle.on_call(&Method::GET, &uri).refusal), (None, None));
    }
}
