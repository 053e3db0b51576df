//! Arithmetic of the board: plain functions, tested on the host; the browser only draws what they return.

pub mod apart;
pub mod asking;
pub mod diff;
pub mod find;
pub mod fold;
pub mod form;
pub mod home;
pub mod kept;
pub mod lineage;
pub mod machine;
pub mod number;
pub mod pace;
pub mod pairs;
pub mod plot;
pub mod query;
pub mod results;
pub mod samples;
pub mod series;
pub mod spark;
pub mod sse;
pub mod sweep;
pub mod table;
pub mod talk;
pub mod toggle;
pub mod tokens;
pub mod trace;
pub mod verdict;
pub mod view;

pub use protocol::plot as axis;
