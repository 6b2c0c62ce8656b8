//! The Graph client against small scripted services on real sockets.
#![expect(clippy::unwrap_used, reason = "clippy takes only test functions for tests, not what they share")]

mod calls;
mod directory;
mod entitlement;
mod membership;
mod observation;
mod packages;
pub(crate) mod service;
mod tokens;
