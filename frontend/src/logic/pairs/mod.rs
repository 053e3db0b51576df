//! The held-out pairs of a run: which are listed, in which order, how their margins spread, how a token is tinted.

pub mod curve;
pub mod frame;
pub mod histogram;
pub mod list;
pub mod picture;
pub mod tint;
pub mod view;
