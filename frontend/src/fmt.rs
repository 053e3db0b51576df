//! Numbers, sizes and durations as people read them.

use crate::i18n::common;
use protocol::metric::{self, Unit};

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

/// A sentence with a capital in front.
pub fn sentence(text: &str) -> String {
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

/// Seconds as people say them, in the board's language.
pub fn duration(seconds: f64) -> String {
    let s = seconds.max(0.0).round() as u64;
    match s {
        0..60 => common::seconds(s),
        60..600 if !s.is_multiple_of(60) => common::minutes_seconds(s / 60, s % 60),
        60..3600 => common::minutes(s / 60),
        3600..86_400 => common::hours_minutes(s / 3600, s % 3600 / 60),
        _ => common::days_hours(s / 86_400, s % 86_400 / 3600),
    }
}

/// How long ago `time` was at `now` (both in ms).
pub fn ago(time: i64, now: i64) -> String {
    let seconds = (now - time) as f64 / 1000.0;
    if seconds < 10.0 {
        common::just_now().into()
    } else {
        let whole = if seconds < 60.0 {
            seconds
        } else {
            (seconds / 60.0).floor() * 60.0
        };
        common::ago(duration(whole))
    }
}

/// A metric's value, written as its unit is.
pub fn metric(name: &str, x: f64) -> String {
    match metric::unit(name) {
        Unit::Share => percent(x),
        Unit::Rate => setting(x),
        Unit::TokensPerSecond => rate(x),
        Unit::Bytes => bytes(x.max(0.0) as u64),
        Unit::Plain | Unit::Nats | Unit::Tokens | Unit::Count => number(x),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn durations_are_said_as_people_say_them() {
        assert_eq!(clock(21.3), "00:21");
        assert_eq!(clock(3723.0), "1:02:03");
        assert_eq!(duration(21.0), "21 s");
        assert_eq!(duration(125.0), "2 min 5 s");
        assert_eq!(duration(1800.0), "30 min");
        assert_eq!(duration(4320.0), "1 h 12 min");
        assert_eq!(duration(90_000.0), "1 d 1 h");
        assert_eq!(ago(0, 5_000), "just now");
        assert_eq!(ago(0, 125_000), "2 min ago");
    }

    #[test]
    fn a_metric_is_shown_by_its_kind() {
        assert_eq!(metric("preference/accuracies", 0.94), "94 %");
        assert_eq!(metric("learning_rate", 5e-6), "5e−6");
        assert_eq!(metric("eval_accuracy", 0.5), "50 %");
        assert_eq!(metric("loss", 0.5), "0.500");
    }
}
