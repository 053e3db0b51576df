//! The real `corral-trainer`, started as a user or the board starts it: one program of many files.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a helper of tests ends the test that called it"
)]

mod adapters;
mod cadence;
mod changed;
mod combining;
mod commands;
mod exports;
mod failures;
mod folders;
mod heads;
mod layouts;
mod moved_pairs;
mod pairs;
mod ppo_demo;
mod predicting;
mod promises;
mod pure;
mod resuming;
mod runs;
mod samples;
mod scaled_positions;
mod stages;
mod stopping;
mod streaming;
mod talks;
mod trackers;
mod verbs;
mod wording;
mod worker;
