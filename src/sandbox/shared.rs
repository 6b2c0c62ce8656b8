//! What all handlers share: the tenant behind its lock, the clock, the journal, tokens and faults.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use jiff::{Timestamp, Unit};
use secrecy::SecretString;

use super::bearer::Tokens;
use super::envelope::ApiError;
use super::faults::Faults;
use super::lifecycle;
use super::persist::{Journal, Ticket, profile_row};
use super::scripted_faults::ScriptedFaults;
use super::tenant::{Change, Tenant};
use super::throttle::Throttle;
use crate::clock::{Clock, ScaledClock};

/// The server's state.
pub(super) struct Shared {
    pub(super) clock: Arc<ScaledClock>,
    /// `http` or `https`.
    pub(super) scheme: &'static str,
    /// Host and port on which the sandbox listens.
    pub(super) authority: String,
    pub(super) developer_token: Option<SecretString>,
    pub(super) tokens: Tokens,
    pub(super) faults: Faults,
    pub(super) scripted_faults: ScriptedFaults,
    pub(super) throttle: Throttle,
    room: Mutex<Room>,
}

/// The instant as the service shows it, to the millisecond.
pub(super) fn shown(now: Timestamp) -> Timestamp {
    let whole = jiff::TimestampRound::new().smallest(Unit::Millisecond).mode(jiff::RoundMode::Floor);
    now.round(whole).unwrap_or(now)
}

/// The tenant and its journal have one lock, so that changes are written in the order in which they were made.
struct Room {
    tenant: Tenant,
    journal: Journal,
}

impl Shared {
    /// Puts the server's state together.
    pub(super) fn new(
        tenant: Tenant,
        journal: Journal,
        clock: Arc<ScaledClock>,
        (scheme, authority): (&'static str, String),
        developer_token: Option<SecretString>,
    ) -> Self {
        Self {
            clock,
            scheme,
            authority,
            developer_token,
            tokens: Tokens::default(),
            faults: Faults::default(),
            scripted_faults: ScriptedFaults::default(),
            throttle: Throttle::default(),
            room: Mutex::new(Room { tenant, journal }),
        }
    }

    /// The tenant's instant, to the millisecond: the service shows no finer one.
    pub(super) fn now(&self) -> Timestamp {
        shown(self.clock.now())
    }

    /// Works on the tenant as it stands now, and answers once everything the work saw or changed is saved.
    ///
    /// # Errors
    /// The work's own, or a 503 when the state cannot be saved.
    pub(super) async fn with_tenant<T>(
        &self,
        work: impl FnOnce(&mut Tenant, Timestamp) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let (result, ticket) = self.work(work);
        if ticket.saved().await { result } else { Err(ApiError::of_status(StatusCode::SERVICE_UNAVAILABLE, None)) }
    }

    /// As [`Self::with_tenant`], without waiting for the state file.
    pub(super) fn with_tenant_now<T>(&self, work: impl FnOnce(&mut Tenant, Timestamp) -> T) -> T {
        self.work(work).0
    }

    /// Puts another tenant in the place of this one, as it is to be from now on; `false` when it cannot be saved.
    pub(super) async fn replace_tenant(&self, mut tenant: Tenant) -> bool {
        let changes = if self.lock().journal.keeps() {
            let mut changes = vec![Change::Clear, profile_row(&tenant.profile)];
            changes.extend(tenant.rows());
            changes
        } else {
            Vec::new()
        };
        let ticket = {
            let mut room = self.lock();
            // How the tester has set the tenant up is no part of a dump, and outlasts it.
            tenant.delivery_delay = room.tenant.delivery_delay;
            tenant.outcomes = std::mem::take(&mut room.tenant.outcomes);
            tenant.replication.set(room.tenant.replication.lag().cloned());
            tenant.directory_log.set_replays(room.tenant.directory_log.replays());
            tenant.request_rules = room.tenant.request_rules.clone();
            room.tenant = tenant;
            room.journal.submit(changes)
        };
        ticket.saved().await
    }

    /// Closes the journal; the task given back ends when all is saved.
    pub(super) fn close_journal(&self) -> Option<tokio::task::JoinHandle<()>> {
        self.lock().journal.close()
    }

    fn work<T>(&self, work: impl FnOnce(&mut Tenant, Timestamp) -> T) -> (T, Ticket) {
        let now = self.now();
        let mut room = self.lock();
        room.tenant.begin_call(now);
        lifecycle::advance(&mut room.tenant, now);
        let result = work(&mut room.tenant, now);
        let changes = room.tenant.take_changes();
        (result, room.journal.submit(changes))
    }

    fn lock(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
