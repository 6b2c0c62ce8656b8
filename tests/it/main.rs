//! usherd's integration tests, as one binary: real app, real HTTP.

mod auto_assignment;
mod cli;
mod context;
mod daemon;
mod documents;
mod documents_folder;
mod faults;
mod feeds;
mod graph_client;
mod holds;
mod joiner;
mod layers;
mod leaver;
mod ledger;
mod modes;
mod sandbox;
mod sandbox_assertions;
mod sandbox_batch;
mod sandbox_controls;
mod sandbox_faults;
mod sandbox_queries;
