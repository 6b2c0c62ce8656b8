//! usherd: ushers people into and out of access.
//!
//! The loop, readable in [`engine`]: collect → plan → gate → commit → execute → settle → record.

pub mod clock;
pub mod domain;
pub mod sandbox;
