//! Where the log goes.

use std::io::{self, Write};

/// What is logged goes to standard error, for as long as somebody reads that: who says something there must not end by it.
pub(super) struct Log;

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let _ = io::stderr().write_all(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
