//! Comparing results: the best of each column, and differences from a baseline.

use super::table::Cell;
use protocol::metric::Better;

/// The places of the best values; empty when there are fewer than two values, or all are the same.
pub fn best(values: &[Option<f64>], better: Better) -> Vec<usize> {
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    let pick = match better {
        Better::Higher => known.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Better::Lower => known.iter().copied().fold(f64::INFINITY, f64::min),
    };
    if known.len() < 2 || known.iter().all(|value| *value == pick) {
        return vec![];
    }
    values
        .iter()
        .enumerate()
        .filter(|(_, value)| **value == Some(pick))
        .map(|(place, _)| place)
        .collect()
}

/// The difference of each value from the baseline's; `None` for the baseline itself and where a value is missing.
pub fn deltas(values: &[Option<f64>], baseline: Option<usize>) -> Vec<Option<f64>> {
    let base = baseline.and_then(|place| values.get(place).copied().flatten());
    let delta = |(place, value): (usize, &Option<f64>)| match (value, base) {
        (Some(value), Some(base)) if Some(place) != baseline => Some(value - base),
        _ => None,
    };
    values.iter().enumerate().map(delta).collect()
}

/// The places of the values in sorted order. Empty ones come last in either direction.
pub fn order_by(values: &[&Cell], descending: bool) -> Vec<usize> {
    let mut places: Vec<usize> = (0..values.len()).collect();
    places.sort_by(|a, b| {
        let (a, b) = (values[*a], values[*b]);
        match (a == &Cell::Empty, b == &Cell::Empty) {
            (false, false) if descending => b.order(a),
            (false, false) => a.order(b),
            (empty_a, empty_b) => empty_a.cmp(&empty_b),
        }
    });
    places
}

/// A difference with its sign, formatted as its value is.
pub fn signed(delta: f64, write: impl Fn(f64) -> String) -> String {
    let sign = if delta < 0.0 { "−" } else { "+" };
    format!("{sign}{}", write(delta.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_is_marked_only_among_several() {
        assert_eq!(best(&[Some(0.9), None, Some(0.5), Some(0.9)], Better::Higher), [0, 3]);
        assert_eq!(best(&[Some(3.0), Some(2.0)], Better::Lower), [1]);
        assert_eq!(best(&[Some(3.0), None], Better::Lower), [0; 0]);
        assert_eq!(best(&[Some(3.0), Some(3.0)], Better::Higher), [0; 0]);
    }

    #[test]
    fn rows_are_sorted_with_empty_ones_last() {
        let number = |x: f64| Cell::Number(x, String::new());
        let (a, b, c) = (number(2.0), Cell::Empty, number(1.0));
        assert_eq!(order_by(&[&a, &b, &c], false), [2, 0, 1]);
        assert_eq!(order_by(&[&a, &b, &c], true), [0, 2, 1]);
    }

    #[test]
    fn deltas_are_from_the_baseline() {
        let values = [Some(1.0), Some(1.5), None, Some(0.5)];
        assert_eq!(deltas(&values, Some(0)), [None, Some(0.5), None, Some(-0.5)]);
        assert_eq!(deltas(&values, Some(2)), [None; 4]);
        assert_eq!(deltas(&values, None), [None; 4]);
        assert_eq!(signed(-0.5, crate::fmt::number), "−0.500");
        assert_eq!(signed(0.02, crate::fmt::percent), "+2 %");
    }
}
