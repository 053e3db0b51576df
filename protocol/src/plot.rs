//! The y axis and the smoothing of a chart, for the board's canvas and for exported pictures.

/// The scale of an axis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Spread {
    #[default]
    Even,
    /// Logarithmic; only where all values are above 0.
    Log,
    /// Inverse hyperbolic sine: logarithmic on both sides of 0, linear near it.
    Asinh,
}

/// Options of an axis.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Asked {
    /// Its fixed ends, the lower first; `None`: fitted to the values.
    pub fixed: Option<(f64, f64)>,
    pub log: bool,
    /// Whether outliers, the outermost two percent of the values at each end, may be out of range.
    pub clip: bool,
    /// A value that must be in range.
    pub reference: Option<f64>,
}

/// An axis: the range shown, and its scale.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct YAxis {
    pub low: f64,
    pub high: f64,
    pub spread: Spread,
}

/// Values up to this size are on the linear part of [`Spread::Asinh`].
pub const ASINH_LINEAR: f64 = 0.01;

impl YAxis {
    /// The position of a value between the low end (0) and the high end (1).
    pub fn share(&self, value: f64) -> f64 {
        let place = |value: f64| match self.spread {
            Spread::Even => value,
            // values that are not above 0 are far below the axis
            Spread::Log => value.max(f64::MIN_POSITIVE).ln(),
            Spread::Asinh => (value / ASINH_LINEAR).asinh(),
        };
        let (low, high) = (place(self.low), place(self.high));
        (place(value) - low) / (high - low)
    }
}

/// An axis for `values`, with room at both ends so that no line is cut off at the edge.
pub fn y_axis(values: impl Iterator<Item = f64>, asked: Asked) -> YAxis {
    if let Some((low, high)) = asked.fixed {
        let room = (high - low) * 0.04;
        return YAxis {
            low: low - room,
            high: high + room,
            spread: Spread::Even,
        };
    }
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    let (mut low, mut high) = match asked.clip {
        true => bulk(&mut values),
        false => ends(&values),
    };
    let spread = match (asked.log, low > 0.0) {
        (false, _) => Spread::Even,
        (true, true) => Spread::Log,
        (true, false) => Spread::Asinh,
    };
    if let Some(reference) = asked.reference.filter(|_| spread != Spread::Log && low <= high) {
        (low, high) = (low.min(reference), high.max(reference));
    }
    if low > high {
        (low, high) = (0.0, 1.0);
    }
    if spread == Spread::Log {
        let room = (high / low).powf(0.04).max(1.05);
        return YAxis {
            low: low / room,
            high: high * room,
            spread,
        };
    }
    let room = match high - low {
        0.0 if low == 0.0 => 1.0,
        0.0 => low.abs() * 0.1,
        span => span * 0.06,
    };
    YAxis {
        low: low - room,
        high: high + room,
        spread,
    }
}

fn ends(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        })
}

/// The 2nd and the 98th percentile, widened by a tenth of the distance between them, but not beyond the extremes.
fn bulk(values: &mut [f64]) -> (f64, f64) {
    let (least, greatest) = ends(values);
    if values.len() < 10 {
        return (least, greatest);
    }
    let last = values.len() - 1;
    let (low, high) = (last * 2 / 100, last - last * 2 / 100);
    let low = *values.select_nth_unstable_by(low, f64::total_cmp).1;
    let high = *values.select_nth_unstable_by(high, f64::total_cmp).1;
    let room = (high - low) * 0.1;
    (least.max(low - room), greatest.min(high + room))
}

/// Exponential moving average, corrected for the bias towards zero at the start; `weight` 0 changes nothing.
pub fn smooth(line: &[(f64, f64)], weight: f64) -> Vec<(f64, f64)> {
    let weight = weight.clamp(0.0, 0.999);
    let (mut sum, mut norm) = (0.0, 0.0);
    line.iter()
        .map(|&(x, y)| {
            sum = weight * sum + (1.0 - weight) * y;
            norm = weight * norm + (1.0 - weight);
            (x, sum / norm)
        })
        .collect()
}

/// The range around a line, smoothed like the line, which would leave it otherwise.
pub fn smooth_range(line: &[(f64, f64)], range: &[(f64, f64)], weight: f64) -> Vec<(f64, f64)> {
    let edge = |of: fn(&(f64, f64)) -> f64| {
        let points: Vec<_> = line
            .iter()
            .zip(range)
            .map(|(point, ends)| (point.0, of(ends)))
            .collect();
        smooth(&points, weight)
    };
    let (low, high) = (edge(|ends| ends.0), edge(|ends| ends.1));
    low.iter().zip(&high).map(|(low, high)| (low.1, high.1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(values: &[f64], asked: Asked) -> (f64, f64, Spread) {
        let axis = y_axis(values.iter().copied(), asked);
        let round = |x: f64| (x * 1000.0).round() / 1000.0;
        (round(axis.low), round(axis.high), axis.spread)
    }

    #[test]
    fn smoothing_keeps_the_first_value_and_a_constant() {
        let line = [(0.0, 4.0), (1.0, 0.0)];
        assert_eq!(smooth(&line, 0.0), line);
        // by hand: (0.5·(0.5·4) + 0.5·0) / (0.5·0.5 + 0.5) = 1 / 0.75
        assert_eq!(smooth(&line, 0.5), [(0.0, 4.0), (1.0, 1.0 / 0.75)]);
        let flat: Vec<_> = (0..9).map(|i| (f64::from(i), 2.0)).collect();
        assert!(smooth(&flat, 0.9).iter().all(|point| (point.1 - 2.0).abs() < 1e-12));
    }

    #[test]
    fn lines_at_the_ends_are_not_cut() {
        let plain = Asked::default();
        let share = Asked {
            fixed: Some((0.0, 1.0)),
            ..plain
        };
        let zero = Asked {
            reference: Some(0.0),
            ..plain
        };
        for (values, asked, want) in [
            (&[1.0, 2.0][..], plain, (0.94, 2.06)),
            (&[2.0, 2.0], plain, (1.8, 2.2)),
            (&[0.0], plain, (-1.0, 1.0)),
            (&[], plain, (-0.06, 1.06)),
            (&[f64::NAN, 1.0, 2.0], plain, (0.94, 2.06)),
            (&[1.0], share, (-0.04, 1.04)),
            (&[1.0, 2.0], zero, (-0.12, 2.12)),
        ] {
            assert_eq!(axis(values, asked), (want.0, want.1, Spread::Even), "{values:?}");
        }
    }

    #[test]
    fn one_bad_run_does_not_flatten_the_others_when_clipped() {
        let mut values: Vec<f64> = (0..100).map(|i| f64::from(i) / 100.0).collect();
        values.push(1e6);
        let clip = Asked {
            clip: true,
            ..Asked::default()
        };
        let clipped = y_axis(values.iter().copied(), clip);
        assert!(clipped.high < 1.2 && clipped.low > -0.1, "{clipped:?}");
        assert!(y_axis(values.iter().copied(), Asked::default()).high > 1e6);
    }

    #[test]
    fn a_value_has_its_place_on_each_spread() {
        for (spread, low, high, value, want) in [
            (Spread::Even, 0.0, 4.0, 1.0, 0.25),
            (Spread::Even, 0.0, 4.0, 6.0, 1.5),
            (Spread::Log, 0.01, 100.0, 1.0, 0.5),
            (Spread::Asinh, -100.0, 100.0, 0.0, 0.5),
        ] {
            let axis = YAxis { low, high, spread };
            assert!((axis.share(value) - want).abs() < 1e-12, "{axis:?} {value}");
        }
        let log = YAxis {
            low: 1.0,
            high: 10.0,
            spread: Spread::Log,
        };
        assert!(log.share(0.0) < -1.0, "0 is far below");
    }

    #[test]
    fn decades_where_asked_and_possible() {
        let log = Asked {
            log: true,
            ..Asked::default()
        };
        assert_eq!(axis(&[0.01, 100.0], log).2, Spread::Log);
        assert!(y_axis([0.01, 100.0].into_iter(), log).low > 0.0);
        assert_eq!(axis(&[-0.01, 100.0], log).2, Spread::Asinh);
    }
}
