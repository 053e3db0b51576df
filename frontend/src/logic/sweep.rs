//! The logic of a sweep's page: the axes of its parallel coordinates, brushes on them, its heat map.

use super::brush::Stop;
use protocol::api::{RunSummary, SweepRun};
use protocol::config::key;
use protocol::sweep::{Goal, written};
use serde_json::Value;

/// An axis of the parallel coordinates: a swept key, or the metric that runs are compared by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Axis {
    pub name: String,
    /// Its tick marks: how far up, 0 to 1, and their labels.
    pub marks: Vec<(f64, String)>,
    /// All of its values, ascending.
    pub stops: Vec<Stop>,
    scale: Scale,
}

#[derive(Debug, Clone, PartialEq)]
enum Scale {
    Numbers { low: f64, high: f64, log: bool },
    Words(Vec<String>),
}

impl Default for Scale {
    fn default() -> Self {
        Self::Words(vec![])
    }
}

/// The ratio of the greatest value to the least from which the scale is logarithmic.
const LOG_FROM: f64 = 9.0;
/// The most values for which each has a mark; with more, only the ends have.
const MAX_MARKS: usize = 7;
/// The least distance between two marks, as a share of the axis: a line of text.
const APART: f64 = 0.08;

impl Axis {
    /// The axis of these values; `mark` gives the label of a value.
    pub fn of(name: &str, values: &[Value], mark: impl Fn(&Value) -> String) -> Self {
        let mut words: Vec<String> = vec![];
        let numbers: Option<Vec<f64>> = values.iter().map(Value::as_f64).collect();
        let mut axis = Self {
            name: name.into(),
            marks: vec![],
            stops: vec![],
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
        let stop = |value: &Value| {
            let (at, text) = (axis.place(value)?, mark(value));
            Some(Stop { at, text })
        };
        let stops: Vec<Stop> = marked.iter().filter_map(stop).collect();
        axis.stops = stops;
        if marked.len() > MAX_MARKS {
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

    /// Whether every value has the same place on both axes.
    pub fn has_scale_of(&self, other: &Self) -> bool {
        self.scale == other.scale
    }

    /// How far up a value is on the axis, 0 to 1.
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

/// The value of a run on an axis: that of a swept key, or its newest result on the axis after the keys'.
pub fn value_on(run: &SweepRun, axis: usize, keys: &[String]) -> Option<Value> {
    match keys.get(axis) {
        Some(key) => run.point.get(key).cloned(),
        None => run.values.last().map(|value| Value::from(*value)),
    }
}

/// Whether a run is within all brushes; a brush is a range of its axis.
pub fn within(run: &SweepRun, axes: &[Axis], keys: &[String], brushes: &[Option<(f64, f64)>]) -> bool {
    axes.iter().zip(brushes).enumerate().all(|(place, (axis, brush))| {
        let Some((low, high)) = brush else { return true };
        let value = value_on(run, place, keys).and_then(|value| axis.place(&value));
        value.is_some_and(|at| (*low..=*high).contains(&at))
    })
}

/// How good each run is, from 0 for the worst to 1 for the best; `None` for one without a result.
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

/// The heat map of two keys: the sorted values of both, and the mean result of the runs in each cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    pub across: Vec<Value>,
    pub down: Vec<Value>,
    pub fields: Vec<Vec<Option<f64>>>,
}

/// The most values of a key in the heat map: with more, its table would be larger than the page.
const MAX_VALUES: usize = 24;

/// The sorted values of a key.
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
        .filter(|key| values(runs, key).len() <= MAX_VALUES)
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

/// The change of config, as `key=value`, that trains a run three times as long.
pub fn longer(run: &RunSummary) -> String {
    let config = run.config.completed();
    match config.max_steps.filter(|steps| *steps > 0.0) {
        Some(steps) => format!("max_steps={}", (steps * 3.0) as u64),
        None => format!("num_train_epochs={}", key::num_train_epochs.of(&config) * 3.0),
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
        // two labels closer than a line of text would overlap
        let close = Axis::of("loss", &[json!(0.0), json!(0.075), json!(1.0)], written);
        assert_eq!(close.marks.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0.0, 1.0]);
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
