//! The pages, one module each.

mod chat;
mod compare;
mod data;
mod evaluate;
mod home;
mod models;
mod new_run;
mod run;
mod runs;
mod sweep;

pub use chat::Chat;
pub use compare::Compare;
pub use data::Data;
pub use evaluate::Evaluate;
pub use home::{Home, need};
pub use models::Models;
pub use new_run::NewRun;
pub use run::{Run, sentence};
pub use runs::{Runs, archive, column_title};
pub use sweep::Sweep;
