//! What one rendering may use: instructions, bytes, time; and a way to break it off.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::value::{Fault, Outcome};

/// Instructions: far above any real template, low enough that a broken one ends.
const STEPS: u64 = 20_000_000;
/// Bytes of all values that a template makes, beside what grows with its input.
const BYTES: usize = 128 << 20;
/// How often a template may copy its input.
const COPIES: usize = 64;
/// Time: a conversation takes a millisecond.
const TIME: Duration = Duration::from_secs(10);
/// Nesting of blocks, expressions and macro calls.
const DEPTH: u32 = 120;

thread_local! {
    static CANCEL: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// Runs `work`, whose renderings end soon after `cancel` turns true.
pub fn cancelled_by<T>(cancel: &Arc<AtomicBool>, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<Arc<AtomicBool>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CANCEL.with(|c| *c.borrow_mut() = self.0.take());
        }
    }
    let _restore = Restore(CANCEL.with(|c| c.borrow_mut().replace(Arc::clone(cancel))));
    work()
}

/// What is left of one rendering's allowance.
pub struct Limits {
    steps: Cell<u64>,
    bytes: Cell<usize>,
    depth: Cell<u32>,
    end: Instant,
    cancel: Option<Arc<AtomicBool>>,
}

impl Limits {
    /// For a template that is given `input` bytes.
    pub fn new(input: usize) -> Self {
        Self {
            steps: Cell::new(STEPS),
            bytes: Cell::new(BYTES.saturating_add(input.saturating_mul(COPIES))),
            depth: Cell::new(0),
            end: Instant::now() + TIME,
            cancel: CANCEL.with(|c| c.borrow().clone()),
        }
    }

    /// One instruction.
    pub fn step(&self) -> Outcome<()> {
        let left = self.steps.get();
        if left == 0 {
            return Err(Fault::new("the template takes too many instructions"));
        }
        self.steps.set(left - 1);
        if left.is_multiple_of(256) {
            return self.look();
        }
        Ok(())
    }

    /// `count` things looked at.
    pub fn steps(&self, count: usize) -> Outcome<()> {
        let left = self.steps.get();
        let taken = count as u64 / 16;
        if left < taken {
            return Err(Fault::new("the template takes too many instructions"));
        }
        self.steps.set(left - taken);
        self.look()
    }

    /// Room for `bytes` more.
    pub fn take(&self, bytes: usize) -> Outcome<()> {
        match self.bytes.get().checked_sub(bytes) {
            None => Err(Fault::new("the template makes too much text")),
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
        }
    }

    /// Runs `work` one level deeper.
    pub fn deeper<T>(&self, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let depth = self.depth.get();
        if depth >= DEPTH {
            return Err(Fault::new("the template nests too deeply"));
        }
        self.depth.set(depth + 1);
        let done = work();
        self.depth.set(depth);
        done
    }

    fn look(&self) -> Outcome<()> {
        if self.cancel.as_ref().is_some_and(|c| c.load(Ordering::Relaxed)) {
            return Err(Fault::new("the rendering was broken off"));
        }
        if Instant::now() > self.end {
            return Err(Fault::new(format!(
                "the template takes more than {} seconds",
                TIME.as_secs()
            )));
        }
        Ok(())
    }
}
