//! The real `corral`, asked over HTTP and WebSocket and from the command line.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a helper of tests ends the test that called it"
)]

mod api;
mod brought;
mod cards;
mod combines;
mod disk;
mod doors;
mod elsewhere;
mod errands;
mod evaluations;
mod health;
mod hub;
mod imports;
mod judged;
mod kills;
mod library;
mod live;
mod merges;
mod models;
mod names;
mod notify;
mod pairs;
mod places;
mod races;
mod reports;
mod resumes;
mod run_dirs;
mod samples;
mod security;
mod signals;
mod sweeps;
mod token_files;
mod token_scores;
mod tokens;
mod trash;
mod typed;
mod v1;
