//! The embedded tenant: a Graph-compatible server for rehearsals and tests; it knows neither `graph` nor `plan`.
//!
//! One lock holds the `tenant`; every call first moves it on by the tenant clock (`lifecycle`), then reads or changes
//! it, and answers once the changes are in the state file (`persist`). Nothing happens between calls, and nothing needs to.

mod answers;
mod applications;
mod approvals;
mod assertion;
mod attributes;
mod auth;
mod auto_assignment;
mod base64;
mod batch;
mod bearer;
mod beta;
mod caller;
mod certificate;
mod connection;
mod control_paths;
mod controls;
mod directory;
mod directory_query;
mod directory_selection;
mod dump;
mod entitlement;
mod entity;
mod enumerations;
mod envelope;
mod erasure;
mod expression;
mod faults;
mod filter;
mod grants;
mod guests;
mod lifecycle;
mod me;
mod membership_rule;
mod organizations;
mod outbox;
mod outcomes;
mod permissions;
mod persist;
mod policy_scope;
mod query;
mod records;
mod refusals;
mod replication;
mod request_rules;
mod resources;
mod routes;
mod sample;
mod sample_names;
mod sample_people;
mod sample_workflows;
mod scopes;
mod scripted_faults;
mod search;
mod secrets;
mod seed;
mod settings;
mod shared;
mod signing_key;
mod subjects;
mod tenant;
mod throttle;
mod tls;
mod workflows;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::clock::{Clock, ScaledClock};
pub use assertion::{CertificateError, FederatedCredential};
pub use controls::{AssignmentSummary, ControlError, Controls, RequestSummary};
pub use dump::DumpError;
pub use faults::HeldAnswers;
pub use outbox::SentMail;
pub use outcomes::{DeliveryEffect, DeliveryOutcome, Outcome, OutcomeError};
pub use persist::StateError;
pub use replication::{Replicated, ReplicationLag};
pub use sample::sample_hr_csv;
pub use scripted_faults::{Fault, FaultKind};
pub use seed::SeedError;
pub use settings::TenantSettings;
pub use signing_key::{JsonWebKey, KeyMaterial};
pub use throttle::ThrottleLimits;
pub use tls::{Tls, TlsError};

/// How long a stopping sandbox waits for calls that are under way, in real time.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// How a sandbox is to be.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What a new tenant starts with; a tenant found in `state` goes on as it is.
    pub seed: Seed,
    /// The tenant clock. A new tenant's sample dates are relative to its present instant.
    pub clock: Arc<ScaledClock>,
    /// A bearer token that is always good.
    pub developer_token: Option<SecretString>,
    /// The state file, an SQLite database readable by its owner only; `None` keeps the tenant in memory.
    pub state: Option<PathBuf>,
    /// Tenant time from submitted to delivered: half of it before delivery begins, half in delivery.
    pub delivery_delay: SignedDuration,
    /// Whether the controls can be reached over HTTP under `/sandbox`, with the tokens that `/v1.0` takes.
    pub controls: bool,
    /// TLS; without it the sandbox speaks plain HTTP.
    pub tls: Option<Tls>,
}

impl SandboxOptions {
    /// The sample company in memory on a free loopback port, delivering in two seconds of tenant time.
    pub fn contoso(clock: Arc<ScaledClock>) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: Seed::Contoso,
            clock,
            developer_token: None,
            state: None,
            delivery_delay: SignedDuration::from_secs(2),
            controls: false,
            tls: None,
        }
    }
}

/// What a new tenant starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seed {
    /// The sample company.
    Contoso,
    /// Nobody and nothing but the General catalog.
    Empty,
    /// A document in YAML or JSON with `name`, `domain`, `users`, `groups`, `catalogs`, `accessPackages`, `assignmentPolicies`,
    /// `assignments`, `connectedOrganizations`, `lifecycleWorkflows` and `administrators`, which refer to one another by name;
    /// `src/sandbox/seed.rs` shows one.
    File(PathBuf),
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The seed makes no tenant.
    #[error("the sandbox's seed cannot be used")]
    Seed(#[source] SeedError),
    /// The state file cannot be used.
    #[error("the sandbox's state cannot be used")]
    State(#[source] StateError),
    /// There can be no TLS.
    #[error("the sandbox's TLS cannot be used")]
    Tls(#[source] TlsError),
    /// The address cannot be listened on.
    #[error("the sandbox cannot listen on {address}; choose another address or port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The address makes no URL.
    #[error("the sandbox's address {address} makes no URL")]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: url::ParseError,
    },
}

/// A running sandbox. Dropping it without [`Sandbox::stop`] stops the server without waiting for calls under way.
pub struct Sandbox {
    url: Url,
    tenant_id: String,
    client_id: String,
    client_secret: SecretString,
    certificate_authority: Option<PathBuf>,
    shared: Arc<shared::Shared>,
    stopping: CancellationToken,
    server: Option<JoinHandle<()>>,
}

/// Starts a sandbox and returns once it listens.
///
/// # Errors
/// Fails when the seed, the state file, the address or the certificate cannot be used.
pub async fn start(options: SandboxOptions) -> Result<Sandbox, SandboxError> {
    let (mut tenant, journal) = open(&options).await?;
    tenant.delivery_delay = options.delivery_delay.max(SignedDuration::ZERO);

    let address = options.listen;
    let unusable = |source| SandboxError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(unusable)?;
    let authority = reachable(listener.local_addr().map_err(unusable)?);
    let real_now = options.clock.real_now();
    let acceptor = options.tls.as_ref().map(|tls| tls.acceptor(address.ip(), real_now)).transpose();
    let acceptor = acceptor.map_err(SandboxError::Tls)?;
    let scheme = if acceptor.is_some() { "https" } else { "http" };
    let url = Url::parse(&format!("{scheme}://{authority}"))
        .map_err(|source| SandboxError::Address { address: authority, source })?;

    let (tenant_id, client_id) = (tenant.profile.tenant_id.clone(), tenant.profile.client_id.clone());
    let client_secret = SecretString::from(tenant.profile.client_secret.clone());
    let shared = Arc::new(shared::Shared::new(
        tenant,
        journal,
        options.clock,
        (scheme, authority.to_string()),
        options.developer_token,
    ));
    let service = routes::router(Arc::clone(&shared), options.controls)
        .into_make_service_with_connect_info::<connection::Breaker>();
    let stopping = CancellationToken::new();
    let stopped = stopping.clone().cancelled_owned();
    let listener = connection::BreakableListener { listener, tls: acceptor };
    let server = tokio::spawn(async move {
        let serving = axum::serve(listener, service).with_graceful_shutdown(stopped);
        if let Err(error) = serving.await {
            tracing::error!(event = "sandbox.stopped", error = %error, "the sandbox's server ended by itself");
        }
    });
    let certificate_authority = options.tls.as_ref().and_then(Tls::authority);
    Ok(Sandbox {
        url,
        tenant_id,
        client_id,
        client_secret,
        certificate_authority,
        shared,
        stopping,
        server: Some(server),
    })
}

impl Sandbox {
    /// `http://HOST:PORT/`, or `https` with TLS: both Graph (`/v1.0`) and the login authority (`/{tenant}/oauth2/v2.0/token`).
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The directory tenant's id.
    pub fn tenant_id(&self) -> &str {
        &self.tenant_id
    }

    /// The application's id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The application's secret: random for each new tenant, kept in the state file.
    pub fn client_secret(&self) -> &SecretString {
        &self.client_secret
    }

    /// The file with the certificate that clients have to trust, where the sandbox made its own.
    pub fn certificate_authority(&self) -> Option<&Path> {
        self.certificate_authority.as_deref()
    }

    /// The tester's hand in the tenant.
    pub fn controls(&self) -> Controls {
        Controls::new(Arc::clone(&self.shared))
    }

    /// The tenant clock.
    pub fn clock(&self) -> &Arc<ScaledClock> {
        &self.shared.clock
    }

    /// Stops: lets go of held answers, finishes calls under way for up to two seconds, and closes the state file.
    pub async fn stop(mut self) {
        self.stopping.cancel();
        self.shared.faults.release_all();
        self.shared.scripted_faults.clear();
        if let Some(mut server) = self.server.take()
            && tokio::time::timeout(STOP_WITHIN, &mut server).await.is_err()
        {
            server.abort();
        }
        if let Some(writer) = self.shared.close_journal() {
            // The only error is a panic of the writer, which has been reported where it happened.
            let _ = writer.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

async fn open(options: &SandboxOptions) -> Result<(tenant::Tenant, persist::Journal), SandboxError> {
    let Some(path) = &options.state else {
        let mut tenant = seeded(options).await.map_err(SandboxError::Seed)?;
        tenant.take_changes();
        return Ok((tenant, persist::Journal::none()));
    };
    let mut file = persist::StateFile::open(path).await.map_err(SandboxError::State)?;
    let tenant = match file.load().await.map_err(SandboxError::State)? {
        Some(tenant) => tenant,
        None => {
            let mut tenant = seeded(options).await.map_err(SandboxError::Seed)?;
            file.begin(&mut tenant).await.map_err(SandboxError::State)?;
            tenant
        }
    };
    Ok((tenant, file.into_journal()))
}

async fn seeded(options: &SandboxOptions) -> Result<tenant::Tenant, SeedError> {
    let now = shared::shown(options.clock.now());
    let document = match &options.seed {
        Seed::Contoso => sample::company(now.to_zoned(jiff::tz::TimeZone::UTC).date()),
        Seed::Empty => seed::empty(),
        Seed::File(path) => seed::read(path).await?,
    };
    seed::build(document, now)
}

/// The address to say: one that listens everywhere is reached on loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}
