//! Being asked to stop: SIGTERM or SIGINT ends the run after the step, with a checkpoint; a second one ends it at once.

use std::sync::atomic::{AtomicI32, Ordering};

static ASKED: AtomicI32 = AtomicI32::new(0);

/// Begins to listen.
pub fn listen() {
    for signal in [libc::SIGTERM, libc::SIGINT] {
        // SAFETY: the handler only touches an atomic and calls `_exit`, both allowed in a signal handler.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handle as *const () as usize;
            action.sa_flags = libc::SA_RESTART;
            libc::sigemptyset(&mut action.sa_mask);
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
    }
}

extern "C" fn handle(signal: i32) {
    if ASKED.swap(signal, Ordering::SeqCst) != 0 {
        // SAFETY: ends the process without running anything else; files are whole at every moment.
        unsafe { libc::_exit(128 + signal) }
    }
}

/// The signal that asked, if one did.
pub fn asked() -> Option<i32> {
    match ASKED.load(Ordering::SeqCst) {
        0 => None,
        signal => Some(signal),
    }
}
