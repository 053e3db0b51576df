//! The real `corral-trainer`, started as a user or the board starts it: one program of many files.

mod adapters;
mod failures;
mod ppo_demo;
mod resuming;
mod runs;
mod stages;
mod worker;
