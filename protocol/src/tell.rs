//! Lines on standard error, which nobody may read any more.

/// Writes a line as `eprintln!` does; that nobody takes it is no reason to end.
#[macro_export]
macro_rules! tell {
    ($($part:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($part)*);
    }};
}
