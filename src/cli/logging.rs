//! Where log lines go and how they look: standard error, one JSON object a line, or text on a terminal.

use std::io::IsTerminal;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::clock::{Clock, SystemClock};
use crate::config::{LogConfig, LogFormat};

/// The scheduler and the database are silent unless they have something to warn of.
const QUIET: &str = "tokio_cron_scheduler=warn,sqlx=warn";

/// Begins to log.
///
/// # Errors
/// Fails when the level is no filter, or logging began already.
pub(super) fn init(config: &LogConfig) -> anyhow::Result<()> {
    let level = config.level.as_deref().unwrap_or("info");
    let filter = EnvFilter::try_new(format!("{level},{QUIET}"))
        .with_context(|| format!("log.level '{level}' is no level or filter"))?;
    let is_text = match config.format {
        LogFormat::Json => false,
        LogFormat::Text => true,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_timer(RealTime);
    let begun = if is_text {
        builder.with_ansi(super::output::is_colourful()).with_writer(std::io::stderr).try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(false).with_writer(std::io::stderr).try_init()
    };
    begun.map_err(|error| anyhow::anyhow!("logging could not begin: {error}"))
}

/// Real time in UTC, RFC 3339 with milliseconds.
struct RealTime;

impl FormatTime for RealTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        write!(writer, "{:.3}", SystemClock.real_now())
    }
}
