//! The demo model and its data: it answers before it is tuned, and each loss tunes it. Apart from the rest, for it keeps every core busy.

mod model;
mod tuning;
