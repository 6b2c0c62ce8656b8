//! The planner's tests: tables of single plans, and properties that hold for any world.

mod after;
mod changes;
mod changing;
mod disagreeing;
mod gates;
mod occasions;
mod properties;
mod schedules;
mod standing;
mod tasks;
mod time_days;
mod time_lateness;
mod watched_changes;
mod world;
