//! HTTP to others' services: checked addresses, bounded answers, patience, and secrets from files; for Graph and for feeds alike.

pub mod connection;
pub mod retry;
pub mod secret_file;
