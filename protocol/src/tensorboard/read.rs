//! Reads event files of any program: scalars with their steps and times, and where sessions start.

use super::record::{Damaged, Records};
use crate::wire::{Fields, Value};

/// Numbers of a tensor's type.
const FLOAT: u64 = 1;
const DOUBLE: u64 = 2;
/// `SessionLog.START`.
const START: u64 = 1;

/// An event of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Seconds since the Unix epoch.
    pub time: f64,
    pub step: i64,
    pub what: What,
}

/// The content of an event, as far as it is read.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Tags with their values.
    Scalars(Vec<(String, f64)>),
    /// A session starts: what was logged for this step and later ones no longer counts.
    Start,
    /// Not read: a version, a graph, an image, a text.
    Other,
}

/// The events in a file's bytes up to the first record that is damaged or incomplete, and the damage, if any.
pub fn read(bytes: &[u8]) -> (Vec<Read>, Option<Damaged>) {
    let mut events = vec![];
    for record in Records::new(bytes) {
        match record {
            Ok(data) => events.push(event(data)),
            Err(damaged) => return (events, Some(damaged)),
        }
    }
    (events, None)
}

fn event(data: &[u8]) -> Read {
    let mut found = Read {
        time: 0.0,
        step: 0,
        what: What::Other,
    };
    for (field, value) in Fields(data) {
        match (field, value) {
            (1, Value::Fixed64(time)) => found.time = f64::from_le_bytes(time),
            (2, Value::Varint(step)) => found.step = step as i64,
            (5, Value::Bytes(summary)) => {
                let values = Fields(summary).filter(|(field, _)| *field == 1);
                let scalars = values.filter_map(|(_, value)| scalar(value.bytes()?));
                found.what = What::Scalars(scalars.collect());
            }
            (7, Value::Bytes(session)) if Fields(session).any(|field| field == (1, Value::Varint(START))) => {
                found.what = What::Start;
            }
            _ => {}
        }
    }
    found
}

/// A summary's value that is one number, in either of the two forms.
fn scalar(value: &[u8]) -> Option<(String, f64)> {
    let (mut tag, mut number) = (None, None);
    for (field, value) in Fields(value) {
        match (field, value) {
            (1, value) => tag = value.text(),
            (2, Value::Fixed32(simple)) => number = Some(f64::from(f32::from_le_bytes(simple))),
            (8, Value::Bytes(tensor)) => number = one_number(tensor),
            (9, Value::Bytes(metadata)) if plugin(metadata) == Some("hparams") => return None,
            _ => {}
        }
    }
    Some((tag?.to_owned(), number?))
}

fn plugin(metadata: &[u8]) -> Option<&str> {
    let (_, data) = Fields(metadata).find(|(field, _)| *field == 1)?;
    let (_, name) = Fields(data.bytes()?).find(|(field, _)| *field == 1)?;
    name.text()
}

/// The number of a tensor with one float or double; `None` for any other tensor.
fn one_number(tensor: &[u8]) -> Option<f64> {
    let mut kind = 0;
    let mut numbers: Vec<f64> = vec![];
    let float = |bytes: [u8; 4]| f64::from(f32::from_le_bytes(bytes));
    for (field, value) in Fields(tensor) {
        match (field, value) {
            (1, Value::Varint(found)) => kind = found,
            // raw little-endian bytes
            (4, Value::Bytes(content)) => numbers.extend(match kind {
                FLOAT => one_of(content, float),
                DOUBLE => one_of(content, f64::from_le_bytes),
                _ => None,
            }),
            (5, Value::Fixed32(one)) => numbers.push(float(one)),
            (5, Value::Bytes(packed)) => numbers.push(one_of(packed, float)?),
            (6, Value::Fixed64(one)) => numbers.push(f64::from_le_bytes(one)),
            (6, Value::Bytes(packed)) => numbers.push(one_of(packed, f64::from_le_bytes)?),
            _ => {}
        }
    }
    match (kind, numbers.as_slice()) {
        (FLOAT | DOUBLE, [one]) => Some(*one),
        _ => None,
    }
}

fn one_of<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Option<f64> {
    <[u8; N]>::try_from(bytes).ok().map(number)
}

#[cfg(test)]
mod tests {
    use super::super::Log;
    use super::*;
    use crate::event::{Event, Started, TrainEvent};
    use crate::{MetricValue, Said};

    fn at(time: i64, body: TrainEvent) -> Event {
        Event { seq: 1, time, body }
    }

    fn started(resumed_from: u64) -> TrainEvent {
        TrainEvent::Started(Started {
            total_steps: 10,
            resumed_from,
            ..Started::default()
        })
    }

    #[test]
    fn what_a_run_tells_is_read_under_transformers_names() {
        let metric = |value| MetricValue::new(value).unwrap();
        let mut log = Log::default();
        log.open(1000, "stage: dpo\nseed: 1\n");
        for event in [
            at(1500, started(0)),
            at(1600, TrainEvent::Notice(Said::plain("not told"))),
            at(
                2000,
                TrainEvent::Step {
                    step: 3,
                    epoch: 0.5,
                    metrics: [("loss".into(), metric(0.25)), ("rewards/chosen".into(), metric(-1.5))].into(),
                },
            ),
            at(
                3000,
                TrainEvent::Eval {
                    step: 3,
                    epoch: 0.5,
                    metrics: [
                        ("eval_loss".into(), metric(0.75)),
                        ("preference/margins".into(), metric(2.0)),
                    ]
                    .into(),
                },
            ),
            at(4000, started(2)),
        ] {
            log.event(&event);
        }
        let (events, damage) = read(&log.0);
        assert_eq!(damage, None);
        let scalars = |of: &[(&str, f64)]| What::Scalars(of.iter().map(|(tag, n)| ((*tag).to_owned(), *n)).collect());
        let expected = [
            (1.0, 0, What::Other),
            (1.0, 0, What::Scalars(vec![])),
            (1.5, 0, What::Start),
            (
                2.0,
                3,
                scalars(&[
                    ("train/loss", 0.25),
                    ("train/rewards/chosen", -1.5),
                    ("train/epoch", 0.5),
                ]),
            ),
            (
                3.0,
                3,
                scalars(&[("eval/loss", 0.75), ("eval/preference/margins", 2.0)]),
            ),
            (4.0, 3, What::Start),
        ];
        let expected: Vec<_> = expected.map(|(time, step, what)| Read { time, step, what }).into();
        assert_eq!(events, expected);
    }
}
