//! Which device a queued run gets: each card takes one run, and runs on the processor go beside them.

use protocol::config::DeviceChoice;
use protocol::cuda::Cuda;

/// What there is to run on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slots {
    /// Runs that may go at once, where a person said so.
    pub most: Option<usize>,
    pub cards: Vec<Slot>,
}

/// A card that can be trained on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// N of `device: cuda:N`.
    pub index: u32,
    pub uuid: String,
}

/// What the runs that go now have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Runs with a card, by the card's uuid.
    pub cards: Vec<String>,
    /// Runs without one.
    pub others: usize,
}

/// What a run gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Processor,
    /// The card of this uuid.
    Card(String),
}

impl Slots {
    pub fn of(cuda: &Cuda, most: Option<usize>) -> Self {
        let slot = |card: &protocol::cuda::Card| Slot {
            index: card.index,
            uuid: card.uuid.clone(),
        };
        Self {
            most,
            cards: cuda.usable().map(slot).collect(),
        }
    }

    /// Runs that may go at once: one on each card and one on the processor, unless a person said otherwise.
    pub fn count(&self) -> usize {
        self.most.unwrap_or(self.cards.len() + 1)
    }

    /// The first card that nothing has.
    pub fn free_card(&self, taken: &Taken) -> Option<&Slot> {
        self.cards.iter().find(|slot| !taken.cards.contains(&slot.uuid))
    }

    /// The place that a run which asks for `device` can have now; `None`: it waits. One that asks for a card that is not
    /// here gets none, and says so itself.
    pub fn place(&self, device: DeviceChoice, taken: &Taken) -> Option<Place> {
        if taken.cards.len() + taken.others >= self.count() {
            return None;
        }
        let free = |slot: &&Slot| !taken.cards.contains(&slot.uuid);
        let card = |slot: &Slot| Place::Card(slot.uuid.clone());
        let processor = || (taken.others < self.most.unwrap_or(1)).then_some(Place::Processor);
        match device {
            DeviceChoice::Cpu => processor(),
            _ if self.cards.is_empty() => processor(),
            DeviceChoice::Best | DeviceChoice::Cuda(None) => self.free_card(taken).map(card),
            DeviceChoice::Cuda(Some(index)) => match self.cards.iter().find(|slot| slot.index == index) {
                Some(slot) => Some(slot).filter(free).map(card),
                None => processor(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(most: Option<usize>, cards: u32) -> Slots {
        let slot = |index| Slot {
            index,
            uuid: format!("GPU-{index}"),
        };
        Slots {
            most,
            cards: (0..cards).map(slot).collect(),
        }
    }

    fn taken(cards: &[&str], others: usize) -> Taken {
        Taken {
            cards: cards.iter().map(|uuid| (*uuid).to_owned()).collect(),
            others,
        }
    }

    const AUTO: DeviceChoice = DeviceChoice::Best;
    const ANY: DeviceChoice = DeviceChoice::Cuda(None);
    const CPU: DeviceChoice = DeviceChoice::Cpu;

    #[test]
    fn without_a_card_one_run_goes_at_a_time() {
        let slots = slots(None, 0);
        assert_eq!(slots.count(), 1);
        assert_eq!(slots.place(AUTO, &taken(&[], 0)), Some(Place::Processor));
        assert_eq!(slots.place(CPU, &taken(&[], 1)), None);
        // whoever asks for a card is told by the worker that there is none
        assert_eq!(
            slots.place(DeviceChoice::Cuda(Some(0)), &taken(&[], 0)),
            Some(Place::Processor)
        );
    }

    #[test]
    fn each_card_takes_one_run_and_the_processor_another() {
        let slots = slots(None, 2);
        let on = |n: u32| Some(Place::Card(format!("GPU-{n}")));
        assert_eq!(slots.count(), 3);
        assert_eq!(slots.place(AUTO, &taken(&[], 0)), on(0));
        assert_eq!(slots.place(ANY, &taken(&["GPU-0"], 0)), on(1));
        assert_eq!(slots.place(AUTO, &taken(&["GPU-0", "GPU-1"], 0)), None);
        assert_eq!(slots.place(CPU, &taken(&["GPU-0", "GPU-1"], 0)), Some(Place::Processor));
        assert_eq!(slots.place(CPU, &taken(&["GPU-0"], 1)), None);
        assert_eq!(slots.place(ANY, &taken(&["GPU-1"], 1)), on(0));
    }

    #[test]
    fn a_certain_card_is_waited_for() {
        let slots = slots(None, 2);
        let second = DeviceChoice::Cuda(Some(1));
        assert_eq!(
            slots.place(second, &taken(&["GPU-0"], 0)),
            Some(Place::Card("GPU-1".into()))
        );
        assert_eq!(slots.place(second, &taken(&["GPU-1"], 0)), None);
        assert_eq!(
            slots.place(DeviceChoice::Cuda(Some(7)), &taken(&[], 0)),
            Some(Place::Processor)
        );
    }

    #[test]
    fn a_person_says_how_many_go_at_once() {
        assert_eq!(slots(Some(1), 2).place(ANY, &taken(&[], 1)), None);
        let three = slots(Some(3), 1);
        assert_eq!(three.place(CPU, &taken(&["GPU-0"], 1)), Some(Place::Processor));
        assert_eq!(three.place(CPU, &taken(&["GPU-0"], 2)), None);
        assert_eq!(three.place(AUTO, &taken(&["GPU-0"], 0)), None);
    }
}
