//! Parses the arguments, runs the command, and turns its outcome into an exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use usherd::cli::{self, Cli};

#[tokio::main]
async fn main() -> ExitCode {
    // The only failure is that a provider is there already, which is what is wanted.
    rustls::crypto::ring::default_provider().install_default().ok();
    match cli::run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            // There is nobody left to tell when standard error is gone.
            writeln!(std::io::stderr(), "usherd: {error:#}").ok();
            ExitCode::FAILURE
        }
    }
}
