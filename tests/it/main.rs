//! usherd's integration tests, as one binary: real app, real HTTP.

mod auto_assignment;
mod catalogs;
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
mod metadata;
mod modes;
mod packages;
mod sandbox;
mod sandbox_actions;
mod sandbox_delta;
mod sandbox_directory;
mod sandbox_metadata;
mod sandbox_workflows;
