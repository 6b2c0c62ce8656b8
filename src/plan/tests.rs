//! The planner's tests: tables of single plans, and properties that hold for any world.

mod after;
mod changes;
mod gates;
mod occasions;
mod properties;
mod schedules;
mod standing;
mod tasks;
mod world;
