//! Being asked to stop, by SIGTERM, SIGINT, or the SIGHUP of a terminal that is closed. Work that takes long looks with [`check`], and
//! what it gives goes up by `?` to where the work was begun: there alone it is decided what a stop comes to. A second SIGTERM or
//! SIGINT ends the program at once.

use crate::error::{Error, Result};
use std::sync::atomic::{AtomicI32, Ordering};

/// The first signal that asked; 0 as long as none did.
static ASKED: AtomicI32 = AtomicI32::new(0);

/// Begins to listen.
pub fn listen() {
    for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP] {
        // SAFETY: the handler only touches an atomic and calls `_exit`, both allowed in a signal handler.
        unsafe {
            let mut before: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, std::ptr::null(), &mut before);
            // `nohup` has it stay ignored
            if signal == libc::SIGHUP && before.sa_sigaction == libc::SIG_IGN {
                continue;
            }
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handle as *const () as usize;
            action.sa_flags = libc::SA_RESTART;
            libc::sigemptyset(&mut action.sa_mask);
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
    }
}

extern "C" fn handle(signal: i32) {
    let first = ASKED.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
    // a terminal that is closed says so twice: the shell that had it, and the system
    if first.is_err() && signal != libc::SIGHUP {
        // SAFETY: ends the process without running anything else; files are whole at every moment.
        unsafe { libc::_exit(128 + signal) }
    }
}

/// Whether to go on.
///
/// # Errors
/// [`Error::Stopped`], once a signal has asked.
pub fn check() -> Result<()> {
    match ASKED.load(Ordering::SeqCst) {
        0 => Ok(()),
        _ => Err(Error::Stopped),
    }
}

/// The exit code of a program that ends as it was asked to: that of one which the signal ends.
pub fn exit_code() -> u8 {
    match ASKED.load(Ordering::SeqCst) {
        0 => 128 + libc::SIGTERM as u8,
        signal => 128 + signal as u8,
    }
}
