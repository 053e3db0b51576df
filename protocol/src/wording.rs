//! Words of the tables in this crate, and of what the server writes, from `assets/words`: a constant a message.

mod made {
    include!(concat!(env!("OUT_DIR"), "/wording.rs"));
}

pub use made::report;
pub(crate) use made::{chart, method, metric};
