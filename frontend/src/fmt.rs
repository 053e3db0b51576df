//! Durations, ages and energy as text, beside the numbers and sizes of `protocol::numbers`.

use crate::i18n::common;
pub use protocol::numbers::*;

/// A duration in seconds as people say it, in the board's language.
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

/// An energy in joules, as watt-hours or kilowatt-hours.
pub fn energy(joules: f64) -> String {
    match joules / 3600.0 {
        hours if hours >= 1000.0 => format!("{} kWh", number(hours / 1000.0)),
        hours => format!("{} Wh", number(hours)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
