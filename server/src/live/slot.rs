//! The number of open sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts an open socket down when it is dropped, also when the upgrade never completes.
pub struct SocketSlot(pub Arc<AtomicUsize>);

impl Drop for SocketSlot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
