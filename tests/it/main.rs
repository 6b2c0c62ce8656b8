//! usherd's integration tests, as one binary: real app, real HTTP.

mod auto_assignment;
mod context;
mod documents_folder;
mod faults;
mod feeds;
mod graph_client;
mod holds;
mod joiner;
mod leaver;
mod ledger;
mod modes;
mod sandbox;
