//! Numbers, sizes and times as people read them.

use crate::metric;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::HashMap;

/// A metric's value: about four significant digits, `5e-6` below a thousandth.
pub fn number(x: f64) -> String {
    let a = x.abs();
    match a {
        _ if !x.is_finite() => "–".into(),
        0.0 => "0".into(),
        _ if a < 1e-3 => scientific(x),
        _ if a < 10.0 => minus(format!("{x:.3}")),
        _ if a < 100.0 => minus(format!("{x:.2}")),
        _ if a < 10_000.0 => minus(format!("{x:.1}")),
        _ if a < 1e12 => minus(grouped(x.round())),
        _ => scientific(x),
    }
}

/// A value of a column: three decimals whatever its size, so that the points of a column stand under each other.
pub fn aligned(x: f64) -> String {
    let a = x.abs();
    match a {
        _ if !x.is_finite() => "–".into(),
        _ if a != 0.0 && a < 5e-4 => scientific(x),
        _ if a < 1e6 => minus(format!("{x:.3}")),
        _ => number(x),
    }
}

/// A tick of an axis: short, and never so long that it is cut.
pub fn tick(x: f64) -> String {
    match x.abs() {
        a if a >= 1e9 => scientific(x),
        a if a >= 10_000.0 => minus(rate(x)),
        _ => setting(x),
    }
}

/// Shortest exact-looking form, for settings: `0.05`, `5e-6`, `32`.
pub fn setting(x: f64) -> String {
    let a = x.abs();
    if a != 0.0 && !(1e-3..1e7).contains(&a) {
        scientific(x)
    } else {
        minus(trimmed(format!("{x:.6}")))
    }
}

fn scientific(x: f64) -> String {
    let text = format!("{x:.2e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    minus(format!("{}e{exponent}", trimmed(mantissa.to_owned())))
}

fn trimmed(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A true minus sign: as wide as a digit in tabular numerals.
fn minus(text: String) -> String {
    text.replace('-', "−")
}

fn grouped(x: f64) -> String {
    let digits = format!("{:.0}", x.abs());
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if x < 0.0 { format!("-{out}") } else { out }
}

/// A whole number with thousands set apart.
pub fn count(n: u64) -> String {
    grouped(n as f64)
}

/// A share as a whole percentage.
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A sentence with a capital in front. One that begins with a name keeps it as it is written: `lora_rank: …`, `data/rows.json …`.
pub fn sentence(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    if first.ends_with(':') || first.contains(['_', '/', '.', '=']) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Parameters of a model: `1.6 M`, `8 B`.
pub fn params(n: u64) -> String {
    short(n as f64, &["", " K", " M", " B", " T"])
}

/// Bytes in units of 1000.
pub fn bytes(n: u64) -> String {
    short(n as f64, &[" B", " kB", " MB", " GB", " TB"])
}

/// A rate such as tokens a second: `940`, `12.4k`.
pub fn rate(x: f64) -> String {
    short(x, &["", "k", "M", "G"])
}

fn short(mut x: f64, units: &[&str]) -> String {
    let mut unit = 0;
    while x.abs() >= 999.5 && unit + 1 < units.len() {
        x /= 1000.0;
        unit += 1;
    }
    let text = if unit == 0 || x.abs() >= 99.95 {
        format!("{x:.0}")
    } else {
        trimmed(format!("{x:.1}"))
    };
    text + units[unit]
}

/// Seconds as on a clock: `00:21`, `1:02:03`.
pub fn clock(seconds: f64) -> String {
    let s = seconds.max(0.0).round() as u64;
    match s / 3600 {
        0 => format!("{:02}:{:02}", s / 60, s % 60),
        hours => format!("{hours}:{:02}:{:02}", s % 3600 / 60, s % 60),
    }
}

/// A value as one writes it.
pub fn value_text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.as_f64().map_or_else(|| number.to_string(), setting),
        Some(other) => other.to_string(),
    }
}

/// A value to its last digit, for programs: `1` and `1.0` are one value, nothing is empty.
pub fn exact_text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => match number.as_f64() {
            // whole numbers up to here are exact
            Some(x) if number.is_f64() && x.fract() == 0.0 && x.abs() < 9e15 => format!("{x:.0}"),
            _ => number.to_string(),
        },
        Some(other) => other.to_string(),
    }
}

/// Values as [`exact_text`] writes them in their order: numbers by size, then words, nothing last.
pub fn by_value(a: &str, b: &str) -> Ordering {
    let number = |text: &str| text.parse::<f64>().ok();
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
    .then_with(|| a.is_empty().cmp(&b.is_empty()))
    .then_with(|| a.cmp(b))
}

/// What has one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueGroup {
    /// To the last digit.
    pub value: String,
    /// As people write it, with all digits where another group would have the same label.
    pub label: String,
    /// Places of its members.
    pub places: Vec<usize>,
}

/// The groups of equal values, in the order of the values.
pub fn grouped_by(values: &[Option<Value>]) -> Vec<ValueGroup> {
    let mut groups: Vec<ValueGroup> = vec![];
    let mut known = HashMap::new();
    for (place, value) in values.iter().enumerate() {
        let exact = exact_text(value.as_ref());
        let group = *known.entry(exact.clone()).or_insert(groups.len());
        if group == groups.len() {
            groups.push(ValueGroup {
                value: exact,
                label: value_text(value.as_ref()),
                places: vec![],
            });
        }
        groups[group].places.push(place);
    }
    let mut labels: HashMap<String, usize> = HashMap::new();
    groups
        .iter()
        .for_each(|group| *labels.entry(group.label.clone()).or_default() += 1);
    for group in groups.iter_mut().filter(|group| labels[&group.label] > 1) {
        group.label.clone_from(&group.value);
    }
    groups.sort_by(|a, b| by_value(&a.value, &b.value));
    groups
}

/// A metric's value, written as its unit is.
pub fn metric(name: &str, x: f64) -> String {
    metric::unit(name).written(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_keep_sensible_digits() {
        let cases = [
            (0.0, "0"),
            (0.412_34, "0.412"),
            (-1.822_1, "−1.822"),
            (25.0, "25.00"),
            (-123.456, "−123.5"),
            (12_345.6, "12,346"),
            (0.000_05, "5e−5"),
            (f64::NAN, "–"),
        ];
        for (x, text) in cases {
            assert_eq!(number(x), text);
        }
    }

    #[test]
    fn numbers_of_a_column_have_their_points_under_each_other() {
        for (x, text) in [
            (23.32, "23.320"),
            (-0.0991, "−0.099"),
            (0.0, "0.000"),
            (0.0001, "1e−4"),
            (2e6, "2,000,000"),
        ] {
            assert_eq!(aligned(x), text);
        }
        for (x, text) in [
            (14_705.88, "14.7k"),
            (-20_000.0, "−20k"),
            (0.25, "0.25"),
            (5e-6, "5e−6"),
            (3e12, "3e12"),
        ] {
            assert_eq!(tick(x), text);
        }
    }

    #[test]
    fn sentences_begin_with_a_capital() {
        assert_eq!(sentence("the worker crashed"), "The worker crashed");
        for name in [
            "lora_rank: takes a number",
            "stage: not there",
            "rows.json ends in a word",
        ] {
            assert_eq!(sentence(name), name);
        }
        assert_eq!((sentence(""), sentence("学習")), (String::new(), "学習".to_owned()));
    }

    #[test]
    fn settings_are_short() {
        for (x, text) in [
            (5e-6, "5e−6"),
            (0.05, "0.05"),
            (32.0, "32"),
            (2.0, "2"),
            (1e-3, "0.001"),
            (1.5e-5, "1.5e−5"),
        ] {
            assert_eq!(setting(x), text);
        }
    }

    #[test]
    fn sizes_and_rates_choose_their_unit() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_500_000), "1.5 MB");
        assert_eq!(bytes(16_000_000_000), "16 GB");
        assert_eq!(params(1_600_000), "1.6 M");
        assert_eq!(params(8_030_000_000), "8 B");
        assert_eq!(rate(940.0), "940");
        assert_eq!(rate(12_430.0), "12.4k");
        assert_eq!(rate(999_700.0), "1M");
    }

    #[test]
    fn a_metric_is_shown_by_its_kind() {
        assert_eq!(metric("preference/accuracies", 0.94), "94 %");
        assert_eq!(metric("learning_rate", 5e-6), "5e−6");
        assert_eq!(metric("eval_accuracy", 0.5), "50 %");
        assert_eq!(metric("loss", 0.5), "0.500");
    }

    #[test]
    fn groups_stand_in_the_order_of_their_values() {
        let grouped = |values: &[Value]| {
            let values: Vec<_> = values.iter().cloned().map(Some).collect();
            let said = grouped_by(&values).into_iter();
            said.map(|group| (group.label, group.places)).collect::<Vec<_>>()
        };
        let values = [
            json!(10),
            json!("simpo"),
            Value::Null,
            json!(2),
            json!(10.0),
            json!(5e-6),
        ];
        let expected = [
            ("5e−6", vec![5]),
            ("2", vec![3]),
            ("10", vec![0, 4]),
            ("simpo", vec![1]),
            ("", vec![2]),
        ];
        assert_eq!(
            grouped(&values),
            expected.map(|(label, places)| (label.to_owned(), places))
        );
        // seeds of a date are written alike, and are two
        let expected = [("20261127", vec![1]), ("20261128", vec![0])];
        assert_eq!(
            grouped(&[json!(20261128), json!(20261127)]),
            expected.map(|(label, places)| (label.to_owned(), places))
        );
    }
}
