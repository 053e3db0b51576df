//! Folding the events of a run that was killed and resumed is folding them without those that were taken back.

use super::{Fold, Rewind};
use crate::event::{Event, MetricValue, Metrics, Origin, Program, Started, TrainEvent};
use crate::health::Vitals;
use std::collections::BTreeMap;

const STEPS: u64 = 30;
/// Steps between evaluations, each with a checkpoint.
const EVERY: u64 = 5;

/// A small generator (SplitMix64), so that a failure can be had again.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn metrics(&mut self, name: &str) -> Metrics {
        let value = self.below(1000) as f64 / 8.0;
        [(name.to_owned(), MetricValue::new(value).unwrap())].into()
    }
}

fn begins(after: u64, script: bool) -> TrainEvent {
    match script {
        true => TrainEvent::Origin(Origin {
            from: Program::Python,
            path: "a.py".into(),
            total_steps: Some(STEPS),
            resumed_from: after,
        }),
        false => TrainEvent::Started(Started {
            total_steps: STEPS,
            resumed_from: after,
            ..Started::default()
        }),
    }
}

/// What a run tells that is killed some times, and goes on each time from a checkpoint that it had, or from nothing.
fn killed_and_resumed(random: &mut Random) -> Vec<Event> {
    let script = random.below(4) == 0;
    let (mut bodies, mut kept, mut kills) = (vec![], vec![], random.below(5));
    loop {
        let choices = kept.len() as u64 + 1;
        let after = match kept.len() {
            0 => 0,
            _ => kept.get(random.below(choices) as usize).copied().unwrap_or(0),
        };
        kept.retain(|step| *step <= after);
        bodies.push(begins(after, script));
        let mut alive = random.below(2 * STEPS);
        for step in after..=STEPS {
            if kills > 0 && alive == 0 {
                break;
            }
            alive = alive.saturating_sub(1);
            let epoch = step as f64 / STEPS as f64;
            if step > after {
                let metrics = random.metrics("loss");
                bodies.push(TrainEvent::Step { step, epoch, metrics });
            }
            if step.is_multiple_of(EVERY) && (step > after || step == 0) {
                let metrics = random.metrics("eval_loss");
                bodies.push(TrainEvent::Eval { step, epoch, metrics });
                if step > 0 {
                    let path = format!("checkpoint-{step}");
                    bodies.push(TrainEvent::Checkpoint {
                        step,
                        path,
                        best: false,
                    });
                    kept.push(step);
                }
            }
        }
        if kills == 0 {
            break;
        }
        kills -= 1;
    }
    let numbered = bodies.into_iter().zip(1..);
    numbered
        .map(|(body, seq)| Event {
            seq,
            time: seq as i64,
            body,
        })
        .collect()
}

/// The step that an event tells of.
fn step_of(event: &Event) -> Option<u64> {
    match event.body {
        TrainEvent::Step { step, .. } | TrainEvent::Eval { step, .. } | TrainEvent::Checkpoint { step, .. } => {
            Some(step)
        }
        _ => None,
    }
}

/// The events that no later one takes back, by the words of the rule.
fn without_forgotten(events: &[Event]) -> Vec<Event> {
    let kept = events.iter().enumerate().filter(|(place, event)| {
        let Some(step) = step_of(event) else { return true };
        !events[place + 1..].iter().any(|later| match &later.body {
            TrainEvent::Started(Started { resumed_from, .. }) | TrainEvent::Origin(Origin { resumed_from, .. }) => {
                *resumed_from == 0 || step > *resumed_from
            }
            _ => false,
        })
    });
    kept.map(|(_, event)| event.clone()).collect()
}

/// Every event that tells of a step, under its place.
#[derive(Debug, Default, PartialEq)]
struct All(BTreeMap<(u64, u64), TrainEvent>);

impl Fold for All {
    fn forget(&mut self, rewind: Rewind) {
        self.0.retain(|(step, _), _| !rewind.forgets(*step));
    }

    fn see(&mut self, event: &Event) {
        if let Some(step) = step_of(event) {
            self.0.insert((step, event.seq), event.body.clone());
        }
    }
}

fn folded<F: Fold + Default>(events: &[Event]) -> F {
    let mut fold = F::default();
    events.iter().for_each(|event| fold.apply(event));
    fold
}

#[test]
fn what_was_taken_back_might_as_well_not_have_been_told() {
    let mut resumed = 0;
    for seed in 0..500 {
        let events = killed_and_resumed(&mut Random(seed));
        let kept = without_forgotten(&events);
        resumed += usize::from(kept.len() < events.len());
        assert_eq!(folded::<All>(&events), folded::<All>(&kept), "seed {seed}");
        let (told, asked): (Vitals, Vitals) = (folded(&events), folded(&kept));
        assert_eq!(told.curve("loss"), asked.curve("loss"), "seed {seed}");
        assert_eq!(told.evaluated("loss"), asked.evaluated("loss"), "seed {seed}");
        assert_eq!(
            (told.step, told.newest, told.evaluations),
            (asked.step, asked.newest, asked.evaluations),
            "seed {seed}"
        );
        for step in 0..=STEPS {
            assert_eq!(
                told.checkpoint_at(step, 99),
                asked.checkpoint_at(step, 99),
                "seed {seed}"
            );
        }
    }
    assert!(resumed > 200, "{resumed}");
}

#[test]
fn a_fresh_start_takes_back_the_evaluation_before_training() {
    for (after, forgotten, first) in [(0, vec![0, 1, 2, 9], 0), (1, vec![2, 9], 2), (2, vec![9], 3)] {
        let rewind = Rewind::after(after);
        let steps = [0, 1, 2, 9].into_iter().filter(|step| rewind.forgets(*step));
        assert_eq!((steps.collect::<Vec<_>>(), rewind.first()), (forgotten, first));
        assert_eq!(Rewind::of(&begins(after, false)), Some(rewind));
        assert_eq!(Rewind::of(&begins(after, true)), Some(rewind));
    }
}
