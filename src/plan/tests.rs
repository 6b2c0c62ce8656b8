//! The planner's tests: tables of single plans, and properties that hold for any world.

mod changes;
mod changing;
mod disagreeing;
mod gates;
mod occasions;
mod properties;
mod standing;
mod time_days;
mod time_lateness;
mod world;
