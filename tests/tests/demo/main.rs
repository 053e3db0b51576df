//! The demo model and its data: it answers before it is tuned, and each loss tunes it. Apart from the rest, for it keeps every core busy.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a helper of tests ends the test that called it"
)]

mod model;
mod tuning;
