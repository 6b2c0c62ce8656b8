//! Feeds that a service answers: against small scripted services on real sockets, and a SCIM server that nobody here wrote.
#![expect(clippy::unwrap_used, reason = "clippy takes only test functions for tests, not what they share")]

mod app;
mod credentials;
mod http_faults;
mod http_pages;
mod remote;
mod scim;
mod scim_server;
mod visits;
