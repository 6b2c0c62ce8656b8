//! Plain data that every layer speaks: ids, people, entitlements, actions, reasons and civil time.

pub mod action;
pub mod entitlement;
pub mod ids;
pub mod reason;
pub mod subject;
pub mod time;
