//! usherd's integration tests, as one binary.

mod graph_client;
