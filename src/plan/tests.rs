//! The planner's tests: tables of single plans, and properties that hold for any world.

mod after;
mod any_life;
mod changes;
mod changing;
mod disagreeing;
mod explain;
mod explain_properties;
mod gates;
mod life;
mod linking;
mod occasions;
mod person_tests;
mod population;
mod properties;
mod schedules;
mod simulation;
mod standing;
mod tasks;
mod tenant;
mod time_days;
mod time_downtime;
mod time_lateness;
mod time_moves;
mod time_returns;
mod watched_changes;
mod world;
