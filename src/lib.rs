//! usherd: ushers people into and out of access.
//!
//! The loop, readable in `engine`: collect → plan → gate → commit → execute → settle → record.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod directory;
pub mod domain;
pub mod engine;
pub mod entitlement;
pub mod feed;
pub mod graph;
pub mod http;
pub mod lifecycle_workflows;
pub mod plan;
pub mod sandbox;
pub mod store;
pub mod workflow;
