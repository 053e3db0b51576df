//! The machine's figures on the x axis of a run's charts: a sample of a time is placed at the step the run was at then.

use super::plot::{XAxis, XScale};
use super::series::Point;
use protocol::usage::Usage;

/// `(x, value)` of every sample that has the figure. `logged` are points of the run, which relate times to steps.
pub fn along(usage: &[Usage], name: &str, logged: &[Point], scale: &XScale) -> Vec<(f64, f64)> {
    let place = |time: i64| match scale.axis {
        XAxis::Time => Some(scale.clock.seconds(time)),
        XAxis::Epoch if scale.steps_per_epoch > 0.0 => Some(step_at(time, logged)? / scale.steps_per_epoch),
        XAxis::Step | XAxis::Epoch => step_at(time, logged),
        // on an axis of another metric, a time has no place
        XAxis::Value => None,
    };
    let point = |sample: &Usage| Some((place(sample.time)?, sample.metrics.get(name)?.get()));
    let mut line: Vec<_> = usage.iter().filter_map(point).collect();
    line.sort_by(|a, b| a.0.total_cmp(&b.0));
    line
}

/// The step a run was at, interpolated between two logged ones; `None` before the first and after the last.
fn step_at(time: i64, logged: &[Point]) -> Option<f64> {
    let after = logged.partition_point(|(_, at, _)| *at < time);
    let next = logged.get(after)?;
    let last = logged.get(after.checked_sub(1)?)?;
    let part = (time - last.1) as f64 / (next.1 - last.1).max(1) as f64;
    Some(last.0 as f64 + part * (next.0 - last.0) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::event::MetricValue;
    use protocol::worked::Clock;

    #[test]
    fn a_figure_stands_at_the_step_of_its_time() {
        let logged: Vec<Point> = vec![(0, 1_000, 0.0), (10, 11_000, 0.0), (20, 31_000, 0.0)];
        let usage: Vec<_> = [500, 6_000, 21_000, 40_000]
            .map(|time| Usage {
                time,
                metrics: [("machine/cpu".to_owned(), MetricValue::new(0.5).unwrap())].into(),
            })
            .into();
        let xs = |axis| {
            let scale = XScale {
                axis,
                steps_per_epoch: 10.0,
                clock: Clock {
                    start: 1_000,
                    ..Clock::default()
                },
            };
            let line = along(&usage, "machine/cpu", &logged, &scale);
            line.into_iter().map(|point| point.0).collect::<Vec<_>>()
        };
        assert_eq!(xs(XAxis::Step), [5.0, 15.0]);
        assert_eq!(xs(XAxis::Epoch), [0.5, 1.5]);
        assert_eq!(xs(XAxis::Time), [-0.5, 5.0, 20.0, 39.0]);
        assert!(along(&usage, "machine/card", &logged, &XScale::default()).is_empty());
    }
}
