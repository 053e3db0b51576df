//! What the repository promises about itself.

mod absent;
mod readme;
