//! Work that goes on beside requests: how it is asked to stop, and who waits for its end.
//!
//! All such work is begun through [`Tasks`], which the server ends before it closes the database. What is a process of its own
//! ends in ways of its own: a run's worker through its launcher, and it outlives the server; an errand of the trainer, a download
//! and a chat's worker by the drop of the handle that holds them (`kill_on_drop`); a generation by the drop of whoever reads it.

use std::time::Duration;
use tokio::task::{AbortHandle, JoinHandle};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// A request to stop that may come at any time, before the work has begun too. Clones are the same request.
#[derive(Debug, Clone, Default)]
pub struct Halt(CancellationToken);

impl Halt {
    /// Asks. Nothing takes it back.
    pub fn stop(&self) {
        self.0.cancel();
    }

    pub fn is_stopped(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Returns once somebody has asked.
    pub async fn stopped(&self) {
        self.0.cancelled().await;
    }

    /// One that is asked along with this one, and can be asked alone.
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }

    /// Asks when it is dropped.
    pub fn on_drop(&self) -> DropGuard {
        self.0.clone().drop_guard()
    }
}

/// The owner of all work that goes on beside requests. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    going: TaskTracker,
    halt: Halt,
}

impl Tasks {
    /// Begins work that may break off wherever it waits, as it does when the server ends: it goes on for ever, or the next start
    /// takes it up.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let halt = self.halt.clone();
        let going = async move { halt.0.run_until_cancelled_owned(work).await };
        self.going.spawn(going).abort_handle()
    }

    /// Begins work that goes on to its end though the server is asked to end: what may take long listens to a [`Tasks::halt`].
    pub fn spawn_to_end<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.going.spawn(work)
    }

    /// Begins work that waits for a disk and that nobody waits for but the server's end.
    pub fn spawn_blocking(&self, work: impl FnOnce() + Send + 'static) {
        self.going.spawn_blocking(work);
    }

    /// A request to stop that the server's end makes too.
    pub fn halt(&self) -> Halt {
        self.halt.child()
    }

    /// Asks all work to stop when it is dropped.
    pub fn stop_on_drop(&self) -> DropGuard {
        self.halt.on_drop()
    }

    /// Asks all work to stop and waits for its end; gives how much still goes on after `grace`.
    pub async fn end(&self, grace: Duration) -> usize {
        self.halt.stop();
        self.going.close();
        // what is left then is counted
        let _ = tokio::time::timeout(grace, self.going.wait()).await;
        self.going.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn a_request_to_stop_is_kept_and_goes_down_but_not_up() {
        let all = Halt::default();
        let (one, other) = (all.child(), all.child());
        one.stop();
        // nobody waited for it then
        one.clone().stopped().await;
        assert!(one.is_stopped() && !other.is_stopped() && !all.is_stopped());
        all.stop();
        other.stopped().await;
        assert!(all.child().is_stopped());
    }

    #[tokio::test]
    async fn the_end_breaks_off_what_may_be_and_waits_for_the_rest() {
        let (tasks, done) = (Tasks::default(), Arc::new(AtomicU32::new(0)));
        let held = done.clone();
        tasks.spawn(async move {
            std::future::pending::<()>().await;
            held.fetch_add(100, Ordering::SeqCst);
        });
        let (halt, last) = (tasks.halt(), done.clone());
        let asked = tasks.spawn_to_end(async move {
            halt.stopped().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            last.fetch_add(1, Ordering::SeqCst);
        });
        let written = done.clone();
        tasks.spawn_blocking(move || {
            written.fetch_add(10, Ordering::SeqCst);
        });
        assert_eq!(tasks.end(Duration::from_secs(10)).await, 0);
        assert_eq!(done.load(Ordering::SeqCst), 11);
        assert!(asked.is_finished());
        assert_eq!(Arc::strong_count(&done), 1, "what was broken off is gone");
        // nothing begins any more
        let late = done.clone();
        tasks.spawn(async move {
            late.fetch_add(1, Ordering::SeqCst);
        });
        assert_eq!(tasks.end(Duration::from_secs(10)).await, 0);
        assert_eq!(done.load(Ordering::SeqCst), 11);
    }

    #[tokio::test]
    async fn what_does_not_end_in_time_is_counted() {
        let tasks = Tasks::default();
        let stuck = tasks.spawn_to_end(std::future::pending::<()>());
        assert_eq!(tasks.end(Duration::from_millis(20)).await, 1);
        stuck.abort();
        assert_eq!(tasks.end(Duration::from_secs(10)).await, 0);
    }
}
