//! A sweep's arithmetic on the board: axes and where runs stand on them, brushes, the heat map.

use protocol::api::{RunSummary, SweepRun};
use protocol::sweep::{Goal, written};
use serde_json::Value;

/// An axis of the parallel coordinates: a swept key, or what runs are compared by.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub name: String,
    /// Its marks: how far up, 0 to 1, and what stands there.
    pub marks: Vec<(f64, String)>,
    scale: Scale,
}

#[derive(Debug, Clone, PartialEq)]
enum Scale {
    Numbers { low: f64, high: f64, log: bool },
    Words(Vec<String>),
}

/// From this many times the least value on, numbers stand by their logarithm.
const LOG_FROM: f64 = 9.0;
/// Values that are marked one by one, at most.
const MARKS: usize = 7;
/// Between two marks at least, as a share of the axis: a line of text.
const APART: f64 = 0.07;

impl Axis {
    /// `mark` says what stands at a value.
    pub fn of(name: &str, values: &[Value], mark: impl Fn(&Value) -> String) -> Self {
        let mut words: Vec<String> = vec![];
        let numbers: Option<Vec<f64>> = values.iter().map(Value::as_f64).collect();
        let mut axis = Self {
            name: name.into(),
            marks: vec![],
            scale: match numbers.filter(|numbers| !numbers.is_empty()) {
                Some(numbers) => {
                    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
                    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let log = low > 0.0 && high / low >= LOG_FROM;
                    Scale::Numbers { low, high, log }
                }
                None => {
                    words.extend(values.iter().map(written));
                    words.sort();
                    words.dedup();
                    Scale::Words(words)
                }
            },
        };
        let mut marked: Vec<Value> = values.to_vec();
        marked.sort_by(|a, b| axis.place(a).unwrap_or(0.0).total_cmp(&axis.place(b).unwrap_or(0.0)));
        marked.dedup();
        if marked.len() > MARKS {
            let last = marked.len() - 1;
            marked = vec![marked[0].clone(), marked[last].clone()];
        }
        let marks = marked
            .iter()
            .filter_map(|value| Some((axis.place(value)?, mark(value))))
            .collect();
        axis.marks = apart(marks);
        axis
    }

    /// Whether every value stands on it where it stands on the other.
    pub fn has_scale_of(&self, other: &Self) -> bool {
        self.scale == other.scale
    }

    /// How far up a value stands, 0 to 1.
    pub fn place(&self, value: &Value) -> Option<f64> {
        match &self.scale {
            Scale::Numbers { low, high, .. } if low == high => Some(0.5),
            Scale::Numbers { low, high, log } => {
                let value = value.as_f64()?;
                Some(match log {
                    true => (value / low).ln() / (high / low).ln(),
                    false => (value - low) / (high - low),
                })
            }
            Scale::Words(words) => {
                let place = words.iter().position(|word| *word == written(value))?;
                Some((place as f64 + 0.5) / words.len() as f64)
            }
        }
    }
}

/// Marks that do not lie upon each other, the lowest and the highest among them.
fn apart(marks: Vec<(f64, String)>) -> Vec<(f64, String)> {
    let highest = marks.last().map_or(0.0, |(at, _)| *at);
    let mut kept: Vec<(f64, String)> = vec![];
    for (at, text) in marks {
        let free = kept.last().is_none_or(|(below, _)| at - below >= APART);
        if free && (at == highest || highest - at >= APART) {
            kept.push((at, text));
        }
    }
    kept
}

/// What of a run stands on an axis: a swept key's value, or its newest result where the axis has no key's name.
pub fn value_on(run: &SweepRun, axis: usize, keys: &[String]) -> Option<Value> {
    match keys.get(axis) {
        Some(key) => run.point.get(key).cloned(),
        None => run.values.last().map(|value| Value::from(*value)),
    }
}

/// Whether a run is within all brushes, each a stretch of its axis.
pub fn within(run: &SweepRun, axes: &[Axis], keys: &[String], brushes: &[Option<(f64, f64)>]) -> bool {
    axes.iter().zip(brushes).enumerate().all(|(place, (axis, brush))| {
        let Some((low, high)) = brush else { return true };
        let value = value_on(run, place, keys).and_then(|value| axis.place(&value));
        value.is_some_and(|at| (*low..=*high).contains(&at))
    })
}

/// How good each run is, 0 the worst and 1 the best; nothing for one without a result.
pub fn goodness(runs: &[SweepRun], goal: Goal) -> Vec<Option<f64>> {
    let costs: Vec<Option<f64>> = runs
        .iter()
        .map(|run| run.values.last().map(|value| goal.cost(*value)))
        .collect();
    let known = || costs.iter().copied().flatten();
    let (low, high) = (
        known().fold(f64::INFINITY, f64::min),
        known().fold(f64::NEG_INFINITY, f64::max),
    );
    let share = |cost: f64| if high > low { (high - cost) / (high - low) } else { 1.0 };
    costs.into_iter().map(|cost| cost.map(share)).collect()
}

/// The heat map of two keys: the values of both in their order, and the mean result of the runs in each field.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    pub across: Vec<Value>,
    pub down: Vec<Value>,
    pub fields: Vec<Vec<Option<f64>>>,
}

/// A key with more values than this is none of the heat map's: its table would be larger than any page.
const MOST_FIELDS: usize = 24;

/// The values of a key, in their order.
fn values(runs: &[SweepRun], key: &str) -> Vec<Value> {
    let mut all: Vec<Value> = runs.iter().filter_map(|run| run.point.get(key).cloned()).collect();
    let order = |value: &Value| (value.as_f64(), written(value));
    all.sort_by(|a, b| {
        let ((a, text_a), (b, text_b)) = (order(a), order(b));
        a.partial_cmp(&b)
            .unwrap_or(std::cmp::Ordering::Equal)
            .then(text_a.cmp(&text_b))
    });
    all.dedup();
    all
}

/// The keys with few enough values for the heat map.
pub fn for_heat(runs: &[SweepRun], keys: Vec<String>) -> Vec<String> {
    keys.into_iter()
        .filter(|key| values(runs, key).len() <= MOST_FIELDS)
        .collect()
}

pub fn heat(runs: &[SweepRun], across: &str, down: &str) -> Heat {
    let (columns, rows) = (values(runs, across), values(runs, down));
    let mut sums = vec![vec![(0.0, 0u32); columns.len()]; rows.len()];
    for run in runs {
        let place = |all: &[Value], key: &str| {
            let value = run.point.get(key)?;
            all.iter().position(|known| known == value)
        };
        if let (Some(x), Some(y), Some(result)) = (place(&columns, across), place(&rows, down), run.values.last()) {
            let (sum, count) = &mut sums[y][x];
            *sum += *result;
            *count += 1;
        }
    }
    let mean = |(sum, count): (f64, u32)| (count > 0).then(|| sum / f64::from(count));
    let fields = sums
        .into_iter()
        .map(|row| row.into_iter().map(mean).collect())
        .collect();
    Heat {
        across: columns,
        down: rows,
        fields,
    }
}

/// How the best run is trained longer: three times as long as it was, in its own words.
pub fn longer(run: &RunSummary) -> String {
    let config = run.config.completed();
    match config.max_steps.filter(|steps| *steps > 0.0) {
        Some(steps) => format!("max_steps={}", (steps * 3.0) as u64),
        None => format!("num_train_epochs={}", config.num_train_epochs.unwrap_or(3.0) * 3.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::api::RunState;
    use serde_json::json;

    fn run(beta: f64, rate: f64, value: Option<f64>) -> SweepRun {
        SweepRun {
            id: format!("{beta}-{rate}"),
            name: String::new(),
            state: RunState::Completed,
            point: [
                ("pref_beta".to_owned(), json!(beta)),
                ("learning_rate".to_owned(), json!(rate)),
            ]
            .into(),
            values: value.into_iter().collect(),
            early: false,
            seconds: 1.0,
        }
    }

    #[test]
    fn axes_brushes_and_fields() {
        let runs = [
            run(1.0, 1e-6, Some(0.5)),
            run(2.0, 1e-5, Some(0.9)),
            run(3.0, 1e-6, None),
            run(1.0, 1e-5, Some(0.7)),
        ];
        let keys = ["pref_beta", "learning_rate"].map(String::from);
        let axis = |place: usize| {
            let values: Vec<Value> = runs.iter().filter_map(|run| value_on(run, place, &keys)).collect();
            Axis::of(keys.get(place).map_or("metric", String::as_str), &values, written)
        };
        let axes = [axis(0), axis(1), axis(2)];
        assert_eq!(axes[0].place(&json!(2.0)), Some(0.5));
        // a decade is as long as any other
        assert!((axes[1].place(&json!(1e-6 * 10f64.sqrt())).unwrap() - 0.5).abs() < 1e-9);
        assert_eq!(axes[1].marks.len(), 2);
        let kept = |brushes: &[Option<(f64, f64)>]| -> Vec<bool> {
            runs.iter().map(|run| within(run, &axes, &keys, brushes)).collect()
        };
        assert_eq!(kept(&[None, None, Some((0.4, 1.0))]), [false, true, false, true]);
        assert_eq!(kept(&[Some((0.0, 0.1)), None, None]), [true, false, false, true]);
        let good = goodness(&runs, Goal::Maximize);
        assert_eq!((good[0], good[1], good[2]), (Some(0.0), Some(1.0), None));
        assert!((good[3].unwrap() - 0.5).abs() < 1e-9);
        let heat = heat(&runs, "pref_beta", "learning_rate");
        assert_eq!((heat.across.len(), heat.down.len()), (3, 2));
        assert_eq!(heat.fields[1], [Some(0.7), Some(0.9), None]);
        let words = Axis::of("optim", &[json!("b"), json!("a")], written);
        assert_eq!(
            (words.place(&json!("a")), words.place(&json!("b"))),
            (Some(0.25), Some(0.75))
        );
    }
}
