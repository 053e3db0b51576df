//! The board in a real Chromium.

mod board;
mod bundle;
mod demo_time;
mod serving;
