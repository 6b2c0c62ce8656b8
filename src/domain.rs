//! Plain data that every layer speaks: ids, people, entitlements, actions, reasons and civil time.

pub mod action;
pub mod address;
pub mod counted;
pub mod cron;
pub mod entitlement;
pub mod ids;
pub mod member_path;
pub mod occasion;
pub mod reason;
pub mod resource;
pub mod subject;
pub mod time;
