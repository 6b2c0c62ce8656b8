//! A thin client of Microsoft Graph: tokens, transport, paging, errors; it knows no workflow.

pub mod auth;
pub mod error;
pub mod odata;
pub mod tenant_clock;
pub mod transport;
pub mod wire;
