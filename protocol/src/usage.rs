//! What a machine does while a run goes: figures that the server takes every few seconds.

use crate::event::{MetricValue, Metrics};
use serde::{Deserialize, Serialize};

/// Between two looks of the server, in milliseconds.
pub const LOOK: i64 = 5000;
/// Samples kept of a run at most: of a longer one each stands for more looks.
pub const SAMPLES: usize = 720;

/// What was seen of a run's machine, the mean of all looks since the sample before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Of the last look, in milliseconds since the Unix epoch.
    pub time: i64,
    /// By names of [`crate::metric`] that begin with `machine/`; what can't be measured here is not among them.
    pub metrics: Metrics,
}

/// `GET /api/runs/{id}/usage`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsagePage {
    /// In time that rises, [`SAMPLES`] at most.
    pub samples: Vec<Usage>,
}

impl Usage {
    /// One for several, in order: the last one's time, and the mean of each figure over those that have it.
    pub fn mean(of: &[Self]) -> Self {
        let mut sums = std::collections::BTreeMap::<&str, (f64, f64)>::new();
        for (name, value) in of.iter().flat_map(|usage| &usage.metrics) {
            let sum = sums.entry(name).or_default();
            *sum = (sum.0 + value.get(), sum.1 + 1.0);
        }
        let mean = |(name, (sum, count)): (&str, (f64, f64))| Some((name.to_owned(), MetricValue::new(sum / count)?));
        Self {
            time: of.last().map_or(0, |usage| usage.time),
            metrics: sums.into_iter().filter_map(mean).collect(),
        }
    }
}

/// Milliseconds for which a sample stands in a run that was looked at for `age` milliseconds, pauses apart: so many that [`SAMPLES`] are enough.
pub fn stretch(age: i64) -> i64 {
    let looks = (age.max(0) / LOOK) as u64;
    let each = looks.div_ceil(SAMPLES as u64).max(1).next_power_of_two();
    LOOK * each as i64
}

/// Milliseconds for which each of some samples in order stands. Over a gap, as while a run was stopped, nothing is counted: the first
/// sample after it stands for as long as most do.
fn stand(samples: &[Usage]) -> impl Iterator<Item = i64> {
    let between = |pair: &[Usage]| pair[1].time.saturating_sub(pair[0].time).max(0);
    let mut spacings: Vec<i64> = samples.windows(2).map(between).collect();
    spacings.sort_unstable();
    let median = spacings.get(spacings.len().saturating_sub(1) / 2).copied();
    let span = samples.last().zip(samples.first());
    let most = span.map_or(LOOK, |(last, first)| stretch(last.time.saturating_sub(first.time)));
    // of two samples with a gap between, the median is the gap
    let usual = median.map_or(LOOK, |median| median.min(most));
    let first = samples.first().map(|_| usual);
    let rest = samples.windows(2).map(between);
    // a look or two may have been late
    first
        .into_iter()
        .chain(rest.map(move |since| if since > 3 * usual { usual } else { since }))
}

/// Milliseconds for which a run was looked at, by its samples in order: pauses are not among them.
pub fn looked(samples: &[Usage]) -> i64 {
    stand(samples).sum()
}

/// Joules of all that draws power, over samples in order; nothing where nothing is measured, and nothing for the gaps between them.
pub fn joules(samples: &[Usage]) -> Option<f64> {
    let mut joules = None;
    for (usage, stands) in samples.iter().zip(stand(samples)) {
        let seconds = stands as f64 / 1000.0;
        for name in ["machine/card_watts", "machine/processor_watts"] {
            if let Some(watts) = usage.metrics.get(name) {
                *joules.get_or_insert(0.0) += watts.get() * seconds;
            }
        }
    }
    joules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(time: i64, name: &str, value: f64) -> Usage {
        let metrics = MetricValue::new(value).map(|value| (name.to_owned(), value));
        Usage {
            time,
            metrics: metrics.into_iter().collect(),
        }
    }

    #[test]
    fn a_mean_is_of_those_that_have_the_figure() {
        let mean = Usage::mean(&[usage(1, "a", 1.0), usage(2, "a", 3.0), usage(3, "b", 5.0)]);
        let values: Vec<_> = mean
            .metrics
            .iter()
            .map(|(name, value)| (name.as_str(), value.get()))
            .collect();
        assert_eq!((mean.time, values), (3, vec![("a", 2.0), ("b", 5.0)]));
    }

    #[test]
    fn a_run_of_any_length_has_so_many_samples() {
        for hours in [0, 1, 2, 24, 24 * 30] {
            let age = hours * 3_600_000;
            assert!(age / stretch(age) <= SAMPLES as i64, "{hours} h");
        }
        assert_eq!(
            (stretch(0), stretch(3_600_000), stretch(3_700_000)),
            (5000, 5000, 10_000)
        );
    }

    #[test]
    fn energy_is_power_over_time_without_the_gaps() {
        let watts = |time| usage(time, "machine/card_watts", 100.0);
        assert_eq!(joules(&[watts(5_000), watts(10_000), watts(15_000)]), Some(1500.0));
        // a day between: three looks all the same
        let paused = [watts(5_000), watts(10_000), watts(86_400_000)];
        assert_eq!((joules(&paused), looked(&paused)), (Some(1500.0), 15_000));
        // each of several pauses counts as one look more, not as a piece of the pause
        let day = 86_400_000;
        let often: Vec<_> = (0..4)
            .flat_map(|n| (1..=10).map(move |look| n * day + look * LOOK))
            .collect();
        let often: Vec<_> = often.into_iter().map(watts).collect();
        assert_eq!((joules(&often), looked(&often)), (Some(20_000.0), 200_000));
        assert_eq!((joules(&[]), looked(&[])), (None, 0));
        assert_eq!(joules(&[usage(0, "machine/cpu", 0.5)]), None);
    }
}
