//! Watching the directory: changes instead of everything, and nothing that fails, comes twice or comes late takes anything from anybody.

#![cfg(test)]

mod faults;
mod groups;
mod lag;
mod steady;
mod users;
