//! usherd's integration tests, as one binary: real app, real HTTP.

mod auto_assignment;
mod context;
mod graph_client;
mod joiner;
mod leaver;
mod sandbox;
