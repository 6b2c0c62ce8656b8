//! The integration tests: one binary, real HTTP.

mod sandbox;
