//! `usherd sandbox`: the embedded tenant alone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::home::ready_made_config;
use crate::app::{SandboxRequest, start_sandbox, write_secret};
use crate::clock::ScaledClock;
use crate::config::LogConfig;
use crate::sandbox::{Seed, Tls};

use super::logging;
use super::output::print;

/// Arguments of `usherd sandbox`.
#[derive(Debug, Args)]
pub(super) struct SandboxArgs {
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// What a new tenant starts with: `contoso`, `empty`, or a file.
    #[arg(long, value_name = "SEED", default_value = "contoso", value_parser = seed)]
    seed: Seed,
    /// The tenant's instant at the start, RFC 3339; without it, real time.
    #[arg(long, value_name = "INSTANT")]
    clock: Option<Timestamp>,
    /// Tenant seconds per real second.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    speed: f64,
    /// A bearer token that is accepted as an application with every permission.
    #[arg(long, value_name = "TOKEN", env = "USHERD_SANDBOX_DEVELOPER_TOKEN", hide_env_values = true)]
    developer_token: Option<SecretString>,
    /// Keep the tenant in this file; without it, in memory.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// How long a request takes from submitted to delivered, in tenant time.
    #[arg(long, value_name = "ISO 8601", default_value = "PT2S")]
    delivery_delay: SignedDuration,
    /// Serve the controls (clock, faults, throttling, dump and load) under /sandbox, for callers with a token.
    #[arg(long)]
    controls: bool,
    /// Speak TLS with this certificate (PEM), followed by those that lead to its authority.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Speak TLS with a certificate of the sandbox's own; clients have to trust sandbox-ca.pem, which is written beside the
    /// state file, or beside the client secret where there is none.
    #[arg(long, conflicts_with = "tls_cert")]
    tls_self_signed: bool,
    /// Where to write the client secret.
    #[arg(long, value_name = "FILE", default_value = "./usherd-sandbox.secret")]
    client_secret_file: PathBuf,
}

fn seed(text: &str) -> Result<Seed, std::convert::Infallible> {
    Ok(match text {
        "contoso" => Seed::Contoso,
        "empty" => Seed::Empty,
        file => Seed::File(PathBuf::from(file)),
    })
}

impl SandboxArgs {
    fn tls(&self) -> Option<Tls> {
        let beside = |file: &Path| file.parent().map(Path::to_owned).unwrap_or_default();
        let folder = beside(self.state.as_ref().unwrap_or(&self.client_secret_file));
        let files = self.tls_cert.clone().zip(self.tls_key.clone());
        let files = files.map(|(certificate, key)| Tls::Files { certificate, key });
        files.or_else(|| self.tls_self_signed.then_some(Tls::SelfSigned { folder }))
    }
}

pub(super) async fn run(args: SandboxArgs) -> anyhow::Result<ExitCode> {
    logging::init(&LogConfig::default())?;
    anyhow::ensure!(args.speed.is_finite() && args.speed >= 0.0, "--speed takes a number of 0 or more");
    let clock = match args.clock {
        Some(origin) => ScaledClock::starting_at(origin, args.speed),
        None => {
            let clock = ScaledClock::at_real_time();
            clock.set_speed(args.speed);
            clock
        }
    };
    let tls = args.tls();
    let sandbox = start_sandbox(SandboxRequest {
        listen: args.listen,
        seed: args.seed,
        clock: Arc::new(clock),
        developer_token: args.developer_token,
        state: args.state,
        delivery_delay: args.delivery_delay,
        controls: args.controls,
        tls,
    })
    .await?;
    write_secret(&args.client_secret_file, sandbox.client_secret())?;
    let secret_file = args.client_secret_file.canonicalize().context("finding the client secret's file failed")?;
    let secret_file = secret_file.display().to_string();
    let config = ready_made_config(sandbox.url(), &sandbox, &secret_file)?;
    let authority = match sandbox.certificate_authority() {
        None => String::new(),
        Some(file) => {
            let file = file.canonicalize().context("finding the certificate authority's file failed")?;
            format!("# trust               {}\n", file.display())
        }
    };
    print(&format!(
        "# listening at        {}\n# tenant id           {}\n# client id           {}\n# client secret file  {secret_file}\n{authority}\n\
         # A configuration for `usherd run --config FILE`; documents go into workflows/ beside it.\n{config}",
        sandbox.url(),
        sandbox.tenant_id(),
        sandbox.client_id(),
    ))?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM failed")?;
    tokio::select! {
        _ = terminate.recv() => {}
        result = tokio::signal::ctrl_c() => result.context("listening for SIGINT failed")?,
    }
    sandbox.stop().await;
    Ok(ExitCode::SUCCESS)
}
