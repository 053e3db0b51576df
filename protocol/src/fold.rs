//! Reading a run's events in their order. A worker that goes on after step N does again what came after N, so every reader forgets
//! that; what is forgotten is said here and nowhere else. The rule itself: [`crate::event::Started`].

use crate::event::{Event, TrainEvent};

/// The steps that a worker or a script takes back as it begins, since it does them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewind {
    first: u64,
}

impl Rewind {
    /// Of one that goes on after `step`. A fresh start (0) takes back all there was, the evaluation at step 0 too.
    pub const fn after(step: u64) -> Self {
        let first = match step {
            0 => 0,
            step => step.saturating_add(1),
        };
        Self { first }
    }

    /// Of the worker or script that begins with this event; `None`: it begins none.
    pub const fn of(event: &TrainEvent) -> Option<Self> {
        match event {
            TrainEvent::Started(started) => Some(Self::after(started.resumed_from)),
            TrainEvent::Origin(origin) => Some(Self::after(origin.resumed_from)),
            _ => None,
        }
    }

    /// Whether what was told of this step no longer counts.
    pub const fn forgets(self, step: u64) -> bool {
        step >= self.first
    }

    /// The first step that is forgotten.
    pub const fn first(self) -> u64 {
        self.first
    }
}

/// What the events of a run add up to for one of its readers.
pub trait Fold {
    /// Forgets what was told of these steps.
    fn forget(&mut self, rewind: Rewind);

    /// Takes in an event, after what it takes back is forgotten.
    fn see(&mut self, event: &Event);

    /// Takes in the next event.
    fn apply(&mut self, event: &Event) {
        if let Some(rewind) = Rewind::of(&event.body) {
            self.forget(rewind);
        }
        self.see(event);
    }
}

#[cfg(test)]
mod tests;
