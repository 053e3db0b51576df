//! The x axis of results over a key of the configs: numbers, numbers by their decades, or words.

use crate::fmt;
use protocol::numbers::value_text;
use serde_json::Value;

/// How the values of a key lie along the axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Bottom {
    #[default]
    Numbers,
    /// Numbers that span decades, placed by their logarithm.
    Decades,
    /// Values side by side, in their order.
    Words(Vec<String>),
}

/// The ratio of the greatest value to the least from which numbers are placed by their logarithm.
const DECADES_FROM: f64 = 9.0;
/// The share of the axis that is left free beyond the outermost values.
const ROOM: f64 = 0.06;

impl Bottom {
    pub fn of(values: &[Value]) -> Self {
        let numbers: Option<Vec<f64>> = values.iter().map(Value::as_f64).collect();
        if let Some(numbers) = numbers {
            let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
            let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            return match low > 0.0 && high / low >= DECADES_FROM {
                true => Self::Decades,
                false => Self::Numbers,
            };
        }
        let mut sorted: Vec<&Value> = values.iter().collect();
        let order = |value: &Value| (value.as_f64().unwrap_or(f64::INFINITY), value_text(Some(value)));
        sorted.sort_by(|a, b| {
            let ((a, text_a), (b, text_b)) = (order(a), order(b));
            a.total_cmp(&b).then(text_a.cmp(&text_b))
        });
        sorted.dedup();
        Self::Words(sorted.into_iter().map(|value| value_text(Some(value))).collect())
    }

    /// Where a value is along the axis.
    pub fn place(&self, value: &Value) -> Option<f64> {
        match self {
            Self::Numbers => value.as_f64(),
            Self::Decades => value.as_f64().map(f64::log10),
            Self::Words(words) => {
                let text = value_text(Some(value));
                words.iter().position(|word| *word == text).map(|place| place as f64)
            }
        }
    }

    /// The ends of the axis for values at these places, with room beyond the outermost.
    pub fn span(&self, places: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
        let ends = |ends: Option<(f64, f64)>, x: f64| {
            let (low, high) = ends.unwrap_or((x, x));
            Some((low.min(x), high.max(x)))
        };
        let (low, high) = places.fold(None, ends)?;
        let room = match (self, high - low) {
            (Self::Words(_), _) => 0.5,
            (Self::Decades, 0.0) => 0.5,
            (Self::Numbers, 0.0) => low.abs().max(1.0) * 0.1,
            (_, span) => span * ROOM,
        };
        Some((low - room, high + room))
    }

    /// The places that are marked between two ends; `None` where round numbers will do.
    pub fn marks(&self, from: f64, to: f64) -> Option<Vec<f64>> {
        let within = |x: &f64| (from..=to).contains(x);
        match self {
            Self::Numbers => None,
            Self::Words(words) => Some((0..words.len()).map(|place| place as f64).filter(within).collect()),
            Self::Decades => {
                // where there is room, the 2 and the 5 of a decade too
                let mantissas: &[f64] = if to - from > 2.5 { &[1.0] } else { &[1.0, 2.0, 5.0] };
                let decades = from.floor() as i32..=to.ceil() as i32;
                let of_decade = |decade: i32| mantissas.iter().map(move |m| f64::from(decade) + m.log10());
                Some(decades.flat_map(of_decade).filter(within).collect())
            }
        }
    }

    /// The value at a place of the axis.
    pub fn text(&self, x: f64) -> String {
        match self {
            Self::Numbers => fmt::setting(x),
            // without the last digits, which the logarithm has not kept
            Self::Decades => {
                let value: f64 = format!("{:.5e}", 10f64.powf(x)).parse().unwrap_or_default();
                fmt::setting(value)
            }
            Self::Words(words) => {
                let word = words.get(x.round().max(0.0) as usize);
                word.filter(|_| (x - x.round()).abs() < 0.26)
                    .cloned()
                    .unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_lie_along_the_axis_by_what_they_are() {
        let rates = [json!(1e-5), json!(1e-3), json!(1e-4)];
        let decades = Bottom::of(&rates);
        assert_eq!(decades, Bottom::Decades);
        assert_eq!(decades.place(&rates[0]), Some(-5.0));
        assert_eq!(decades.text(-5.0), fmt::setting(1e-5));
        assert_eq!(decades.marks(-4.1, -2.9).map(|marks| marks.len()), Some(4));
        assert_eq!(decades.marks(-6.5, -2.5), Some(vec![-6.0, -5.0, -4.0, -3.0]));
        let even = Bottom::of(&[json!(1), json!(3)]);
        assert_eq!((even.place(&json!(3)), even.marks(0.0, 4.0)), (Some(3.0), None));
        let words = Bottom::of(&[json!("b"), json!("–"), json!(10), json!(2)]);
        assert_eq!(words, Bottom::Words(["2", "10", "b", "–"].map(String::from).into()));
        assert_eq!(words.place(&json!("b")), Some(2.0));
        assert_eq!((words.text(2.1), words.text(2.5)), ("b".to_owned(), String::new()));
        assert_eq!(words.span([0.0, 3.0].into_iter()), Some((-0.5, 3.5)));
        assert_eq!(even.span([2.0].into_iter()), Some((1.8, 2.2)));
        assert_eq!(even.span(std::iter::empty()), None);
    }
}
