//! A sandbox's clock, told in the `x-sandbox-clock` header of every answer; a real tenant has none.

use jiff::Timestamp;
use url::Url;

use crate::clock::ScaledSetting;

use crate::http::connection::{self, ConnectionError, Timeouts};

/// Why a sandbox's clock could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TenantClockError {
    /// The connection could not be prepared.
    #[error("preparing the connection failed")]
    Prepare(#[source] ConnectionError),
    /// The sandbox did not answer.
    #[error("the sandbox did not answer")]
    Ask(#[source] reqwest::Error),
    /// The answer has no such header, or one that is not understood.
    #[error("the answer tells no sandbox clock; is {0} a usherd sandbox?")]
    NoClock(Url),
}

/// Asks the sandbox at `root` for origin and speed of its clock. Any answer carries them, also a refusal, so no token is sent.
///
/// # Errors
/// Fails when there is no answer, or one without a clock.
pub async fn read(root: &Url) -> Result<ScaledSetting, TenantClockError> {
    let client = connection::client_for(root, Timeouts::default()).map_err(TenantClockError::Prepare)?;
    let answer = client.get(root.clone()).send().await.map_err(TenantClockError::Ask)?;
    let header = answer.headers().get("x-sandbox-clock").and_then(|header| header.to_str().ok());
    header.and_then(parse).ok_or_else(|| TenantClockError::NoClock(root.clone()))
}

/// Reads `origin=<RFC 3339>; realOrigin=<RFC 3339>; speed=<number>`.
fn parse(header: &str) -> Option<ScaledSetting> {
    let field = |name: &str| {
        header.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
    };
    let instant = |name| field(name)?.parse::<Timestamp>().ok();
    let speed = field("speed")?.parse::<f64>().ok().filter(|speed| speed.is_finite() && *speed >= 0.0)?;
    Some(ScaledSetting { origin: instant("origin")?, real_origin: instant("realOrigin")?, speed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_header_is_read_whole_or_not_at_all() {
        let setting = parse("origin=2026-12-01T00:00:00Z; realOrigin=2026-11-21T00:00:00Z; speed=60").unwrap();
        assert_eq!((setting.origin.to_string().as_str(), setting.speed), ("2026-12-01T00:00:00Z", 60.0));
        assert_eq!(parse("origin=2026-12-01T00:00:00Z; speed=60"), None);
        assert_eq!(parse("origin=yesterday; realOrigin=2026-11-21T00:00:00Z; speed=60"), None);
        assert_eq!(parse("origin=2026-12-01T00:00:00Z; realOrigin=2026-11-21T00:00:00Z; speed=-1"), None);
    }
}
