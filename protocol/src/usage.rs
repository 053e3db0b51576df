//! Usage of the machine during a run: measurements that the server takes every few seconds.

use crate::event::{MetricValue, Metrics};
use serde::{Deserialize, Serialize};

/// Time between two measurements, in milliseconds.
pub const LOOK: i64 = 5000;
/// Samples that are kept of a run, at most: in longer runs each is the mean of more measurements.
pub const SAMPLES: usize = 720;

/// A sample: the mean of all measurements since the one before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Time of the last measurement, in milliseconds since the Unix epoch.
    pub time: i64,
    /// By the names of [`crate::metric`] that begin with `machine/`, without those that can't be measured here.
    pub metrics: Metrics,
}

/// `GET /api/runs/{id}/usage`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsagePage {
    /// From the oldest to the newest, [`SAMPLES`] at most.
    pub samples: Vec<Usage>,
}

impl Usage {
    /// Several consecutive samples as one: the last one's time, and the mean of each metric over those that have it.
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

/// Milliseconds that one sample covers in a run that was measured for `age` milliseconds without pauses: long enough that
/// [`SAMPLES`] cover all of it.
pub fn stretch(age: i64) -> i64 {
    let looks = (age.max(0) / LOOK) as u64;
    let each = looks.div_ceil(SAMPLES as u64).max(1).next_power_of_two();
    LOOK * each as i64
}

/// Milliseconds that each of some consecutive samples covers. Gaps, such as while a run was stopped, are not covered: the first
/// sample after one covers as long as most do.
fn sample_durations(samples: &[Usage]) -> impl Iterator<Item = i64> {
    let between = |pair: &[Usage]| pair[1].time.saturating_sub(pair[0].time).max(0);
    let mut spacings: Vec<i64> = samples.windows(2).map(between).collect();
    spacings.sort_unstable();
    let median = spacings.get(spacings.len().saturating_sub(1) / 2).copied();
    let span = samples.last().zip(samples.first());
    let most = span.map_or(LOOK, |(last, first)| stretch(last.time.saturating_sub(first.time)));
    // of only two samples with a gap between them, the median would be the gap
    let usual = median.map_or(LOOK, |median| median.min(most));
    let first = samples.first().map(|_| usual);
    let rest = samples.windows(2).map(between);
    // one or two measurements may have been late
    first
        .into_iter()
        .chain(rest.map(move |since| if since > 3 * usual { usual } else { since }))
}

/// Milliseconds that consecutive samples cover together, without pauses.
pub fn looked(samples: &[Usage]) -> i64 {
    sample_durations(samples).sum()
}

/// Energy in joules over consecutive samples, without the gaps between them; `None`: no power was measured.
pub fn joules(samples: &[Usage]) -> Option<f64> {
    let mut joules = None;
    for (usage, stands) in samples.iter().zip(sample_durations(samples)) {
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
