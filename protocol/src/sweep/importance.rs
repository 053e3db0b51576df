//! How much each swept key matters: by rank correlation, and by what a model of the results loses without it.

use super::draw::Draw;
use super::{Goal, Point, Sweep};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Fewer runs than this say nothing.
pub const MIN_RUNS: usize = 8;
/// Trees of the forest, and shuffles of a key's values for each.
const TREES: usize = 64;
const SHUFFLES: usize = 8;

/// A run's values and its result.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    pub point: Point,
    pub value: f64,
}

/// What is known of one key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Importance {
    pub key: String,
    /// Spearman's rank correlation of the key's value with how good a run is, from -1 to 1; none for words, which have no order,
    /// and where all values or all results are equal.
    pub correlation: Option<f64>,
    /// Permutation importance as a share of all keys', from 0 to 1: by how much worse a random forest predicts the results when
    /// the key's values are shuffled (Breiman 2001).
    pub permutation: f64,
}

/// The importance of each key, in the sweep's order; empty with fewer runs than [`MIN_RUNS`].
pub fn of(sweep: &Sweep, goal: Goal, runs: &[Measured]) -> Vec<Importance> {
    if runs.len() < MIN_RUNS {
        return vec![];
    }
    let keys: Vec<&str> = sweep
        .parameters
        .iter()
        .map(|parameter| parameter.key.as_str())
        .collect();
    let columns: Vec<Column> = keys.iter().map(|key| Column::of(key, runs)).collect();
    let goodness: Vec<f64> = runs.iter().map(|run| -goal.cost(run.value)).collect();
    let lost = permutation(&columns, &goodness);
    let all: f64 = lost.iter().sum();
    let shares = lost.iter().map(|lost| if all > 0.0 { lost / all } else { 0.0 });
    let told = keys.iter().zip(&columns).zip(shares);
    told.map(|((key, column), permutation)| Importance {
        key: (*key).into(),
        correlation: column.ordered.then(|| spearman(&column.values, &goodness)).flatten(),
        permutation,
    })
    .collect()
}

/// The values of a key as numbers; a word's number is its index among the sorted words.
struct Column {
    values: Vec<f64>,
    ordered: bool,
}

impl Column {
    fn of(key: &str, runs: &[Measured]) -> Self {
        let values: Vec<&Value> = runs
            .iter()
            .map(|run| run.point.get(key).unwrap_or(&Value::Null))
            .collect();
        let number = |value: &Value| value.as_f64().or_else(|| value.as_bool().map(f64::from));
        if let Some(values) = values.iter().map(|value| number(value)).collect() {
            return Self { values, ordered: true };
        }
        let mut words: Vec<String> = values.iter().map(|value| value.to_string()).collect();
        words.sort();
        words.dedup();
        let place = |value: &&Value| words.binary_search(&value.to_string()).unwrap_or_default() as f64;
        Self {
            values: values.iter().map(place).collect(),
            ordered: false,
        }
    }
}

/// Ranks from 1; equal values share their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let below = |x: f64| values.iter().filter(|y| **y < x).count() as f64;
    let alike = |x: f64| values.iter().filter(|y| **y == x).count() as f64;
    values.iter().map(|x| below(*x) + (alike(*x) + 1.0) / 2.0).collect()
}

/// Spearman's correlation: Pearson's correlation of the ranks.
fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    let scale = (product(&a, &a) * product(&b, &b)).sqrt();
    (scale > 0.0).then(|| (product(&a, &b) / scale).clamp(-1.0, 1.0))
}

/// For each key, how much the forest's out-of-bag squared error grows when the key's values are shuffled.
fn permutation(columns: &[Column], results: &[f64]) -> Vec<f64> {
    let count = results.len();
    let mut draw = Draw::of(0, count as u64);
    let mut lost = vec![0.0; columns.len()];
    for _ in 0..TREES {
        let drawn: Vec<usize> = (0..count).map(|_| draw.index(count)).collect();
        let mut seen = vec![false; count];
        drawn.iter().for_each(|row| seen[*row] = true);
        let unseen: Vec<usize> = (0..count).filter(|row| !seen[*row]).collect();
        let tree = Tree::grow(columns, results, drawn);
        let error = |told: &dyn Fn(usize, usize) -> f64| {
            let of_row = |row: &usize| (results[*row] - tree.predict(&|column| told(column, *row))).powi(2);
            unseen.iter().map(of_row).sum::<f64>()
        };
        let plain = error(&|column, row| columns[column].values[row]);
        for (key, lost) in lost.iter_mut().enumerate() {
            for _ in 0..SHUFFLES {
                let mut other = unseen.clone();
                draw.shuffle(&mut other);
                let mut swapped: Vec<usize> = (0..count).collect();
                unseen.iter().zip(other).for_each(|(row, other)| swapped[*row] = other);
                let with = error(&|column, row| columns[column].values[if column == key { swapped[row] } else { row }]);
                *lost += with - plain;
            }
        }
    }
    lost.into_iter().map(|lost| lost.max(0.0)).collect()
}

/// A regression tree.
enum Tree {
    Leaf(f64),
    Split {
        column: usize,
        /// Rows with values up to this go left.
        at: f64,
        sides: Box<[Tree; 2]>,
    },
}

impl Tree {
    /// Splits where the squared error falls most, until rows are equal or too few.
    fn grow(columns: &[Column], results: &[f64], rows: Vec<usize>) -> Self {
        let mean = rows.iter().map(|row| results[*row]).sum::<f64>() / rows.len().max(1) as f64;
        // relative to the mean: sums of squares of large numbers would lose the differences
        let off = |row: &usize| results[*row] - mean;
        let whole: f64 = rows.iter().map(|row| off(row).powi(2)).sum();
        let mut best: Option<(f64, usize, f64)> = None;
        if rows.len() >= 4 && whole > 0.0 {
            for (column, values) in columns.iter().enumerate() {
                let value = |row: &usize| values.values[*row];
                let mut sorted = rows.clone();
                sorted.sort_by(|a, b| value(a).total_cmp(&value(b)));
                let all: f64 = sorted.iter().map(off).sum();
                let mut left = 0.0;
                for (place, pair) in sorted.windows(2).enumerate() {
                    let [row, next] = pair else { continue };
                    left += off(row);
                    let at = value(row);
                    if at == value(next) {
                        continue;
                    }
                    // how much the sides' own means reduce the squared error
                    let (count, right) = ((place + 1) as f64, all - left);
                    let told = left * left / count + right * right / (sorted.len() as f64 - count);
                    let left_over = whole - told;
                    if best.is_none_or(|(least, ..)| left_over < least) {
                        best = Some((left_over, column, at));
                    }
                }
            }
        }
        match best.filter(|(left_over, ..)| *left_over < whole) {
            None => Self::Leaf(mean),
            Some((_, column, at)) => {
                let (left, right) = split(&rows, &columns[column], at);
                let grow = |rows| Self::grow(columns, results, rows);
                Self::Split {
                    column,
                    at,
                    sides: Box::new([grow(left), grow(right)]),
                }
            }
        }
    }

    fn predict(&self, value: &dyn Fn(usize) -> f64) -> f64 {
        match self {
            Self::Leaf(mean) => *mean,
            Self::Split { column, at, sides } => sides[usize::from(value(*column) > *at)].predict(value),
        }
    }
}

fn split(rows: &[usize], column: &Column, at: f64) -> (Vec<usize>, Vec<usize>) {
    rows.iter().copied().partition(|row| column.values[*row] <= at)
}

#[cfg(test)]
mod tests {
    use super::super::{Method, Parameter, Values, at, count};
    use super::*;
    use crate::config::Key;

    /// `scipy.stats.spearmanr` on the same numbers.
    #[test]
    fn the_correlation_is_scipys() {
        for (a, b, found) in [
            (
                &[1.0, 2.0, 3.0, 3.0, 5.0][..],
                &[2.0, 1.0, 4.0, 4.0, 9.0][..],
                0.8947368421052632,
            ),
            (
                &[1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0],
                &[0.5, 0.6, 0.4, 0.7, 0.8, 0.75, 0.9, 0.9],
                0.8835852486128688,
            ),
        ] {
            assert!((spearman(a, b).unwrap() - found).abs() < 1e-12);
        }
        assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
    }

    #[test]
    fn what_decides_is_told_from_what_does_not() {
        let parameter = |(key, text): (&str, &str)| Parameter {
            key: key.into(),
            values: Values::typed(Key::named(key).unwrap(), text).unwrap().unwrap(),
        };
        let keys = [
            ("pref_beta", "1, 2, 3"),
            ("learning_rate", "1e-6, 5e-6, 1e-5"),
            ("optim", "adamw_torch | lion_8bit"),
        ];
        let sweep = Sweep {
            method: Method::Grid,
            parameters: keys.map(parameter).into(),
            ..Sweep::default()
        };
        // beta alone decides, and the middle one is best; the rate adds a little the wrong way
        let value = |point: &Point| {
            let (beta, rate) = (
                point["pref_beta"].as_f64().unwrap(),
                point["learning_rate"].as_f64().unwrap(),
            );
            (beta - 2.0).abs() * 10.0 + rate * 1e4
        };
        let all: Vec<Measured> = (0..count(&sweep).unwrap())
            .map(|n| at(&sweep, n).unwrap())
            .map(|point| Measured {
                value: value(&point),
                point,
            })
            .collect();
        let found = of(&sweep, Goal::Minimize, &all);
        let of_key = |key: &str| found.iter().find(|one| one.key == key).unwrap();
        // ranks see no middle; the model does
        assert!(of_key("pref_beta").correlation.unwrap().abs() < 0.05, "{found:?}");
        assert!(of_key("pref_beta").permutation > 0.9, "{found:?}");
        assert!(of_key("learning_rate").correlation.unwrap() < 0.0, "{found:?}");
        assert_eq!(of_key("optim").correlation, None);
        assert!(of_key("optim").permutation < 0.02, "{found:?}");
        assert_eq!(of(&sweep, Goal::Minimize, &all[..7]), []);
    }
}
