//! The signals that end the server, and a command that goes on until it is ended.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that end a program (SIGINT, SIGTERM, SIGHUP). From here on none of them ends the process by itself, and one that comes
/// while nobody waits is not lost.
pub struct Signals {
    kinds: [Option<Signal>; 3],
}

impl Signals {
    pub fn listen() -> Self {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        Self {
            kinds: kinds.map(|kind| signal(kind).ok()),
        }
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.kinds;
        tokio::select! {
            () = received(interrupt) => {}
            () = received(terminate) => {}
            () = received(hangup) => {}
        }
    }
}

/// Never, of a signal that can't be listened to.
async fn received(kind: &mut Option<Signal>) {
    match kind {
        Some(kind) => drop(kind.recv().await),
        None => std::future::pending().await,
    }
}
