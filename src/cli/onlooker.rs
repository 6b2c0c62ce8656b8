//! A tenant for commands that look and send nothing: one elsewhere, the sandbox that runs, or the sandbox's own for as long as the command takes.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::app::home::{self, Home};
use crate::app::{self, App, Purpose};
use crate::clock::SharedClock;

use super::{Target, logging};

/// usherd looking on.
pub(super) struct Onlooker {
    /// The app, which sends nothing.
    pub(super) app: App,
    home: Option<Home>,
}

impl Onlooker {
    /// Opens the tenant that `target` names to look on, and begins to log.
    ///
    /// # Errors
    /// Fails when the configuration, the sandbox's folder or the credentials cannot be used.
    pub(super) async fn open(target: &Target) -> anyhow::Result<Self> {
        Self::open_for(target, Purpose::Preview).await
    }

    /// Opens it to keep what a person wishes.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) async fn open_to_decide(target: &Target) -> anyhow::Result<Self> {
        Self::open_for(target, Purpose::Decide).await
    }

    async fn open_for(target: &Target, purpose: Purpose) -> anyhow::Result<Self> {
        let running = if target.sandbox { home::running(&target.dir).await } else { None };
        let (home, config, clock) = if let Some(config) = running {
            (None, config, None)
        } else if target.sandbox {
            let home = home::open(&target.dir, false, 1.0).await?;
            let clock = Arc::clone(&home.clock) as SharedClock;
            let config = home.config.clone();
            (Some(home), config, Some(clock))
        } else {
            (None, target.load()?, None)
        };
        logging::init(&config.log)?;
        let app = app::build(config, purpose, clock, CancellationToken::new()).await?;
        Ok(Self { app, home })
    }

    /// Closes the ledger, and stops the sandbox where it was started for this command.
    ///
    /// # Errors
    /// Fails when the sandbox's clock cannot be kept.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.app.close().await;
        match self.home {
            Some(home) => home.close().await,
            None => Ok(()),
        }
    }
}
