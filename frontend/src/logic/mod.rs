//! The logic of the board as plain functions, which are tested on the host; the components only render what they return.

pub mod arrange;
pub mod brush;
pub mod chat;
pub mod diff;
pub mod find;
pub mod fold;
pub mod form;
pub mod go_on;
pub mod home;
pub mod lcs;
pub mod lineage;
pub mod machine;
pub mod number;
pub mod pace;
pub mod pairs;
pub mod plot;
pub mod query;
pub mod refetch_state;
pub mod reply_diff;
pub mod results;
pub mod samples;
pub mod saved_chats;
pub mod scatter;
pub mod series;
pub mod sheet;
pub mod spark;
pub mod sse;
pub mod sweep;
pub mod table;
pub mod toggle;
pub mod tokens;
pub mod trace;
pub mod verdict;
pub mod view;

pub use protocol::plot as axis;
