//! usherd's integration tests, as one binary: real app, real HTTP.

mod graph_client;
mod sandbox;
