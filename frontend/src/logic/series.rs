//! The metrics of a run over its steps, folded from a fetched page of series and the events after it.

use protocol::api::SeriesPage;
use protocol::event::{Event, Metrics, TrainEvent};
use protocol::fold::{Fold, Rewind};
use protocol::metric::eval_name;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A logged value: `step`, time (ms since the epoch), value.
pub type Point = (u64, i64, f64);

/// The points of every metric of a run, by ascending steps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeriesSet {
    metrics: BTreeMap<String, Vec<Point>>,
    /// The last event folded in.
    pub seq: u64,
}

impl SeriesSet {
    pub fn from_page(page: SeriesPage) -> Self {
        Self {
            metrics: page
                .series
                .into_iter()
                .map(|series| (series.metric, series.points))
                .collect(),
            seq: page.seq,
        }
    }

    /// The points of a metric; empty when it was never logged.
    pub fn get(&self, metric: &str) -> &[Point] {
        self.metrics.get(metric).map_or(&[], Vec::as_slice)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.metrics.keys().map(String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.metrics.values().all(Vec::is_empty)
    }

    /// Folds one event in. Returns whether it changed any metric.
    pub fn fold(&mut self, event: &Event) -> bool {
        if event.seq <= self.seq {
            return false;
        }
        self.seq = event.seq;
        self.apply(event);
        Self::takes(&event.body)
    }

    /// Whether an event has to do with metrics.
    pub fn takes(event: &TrainEvent) -> bool {
        let has_metrics = matches!(event, TrainEvent::Step { .. } | TrainEvent::Eval { .. });
        has_metrics || Rewind::of(event).is_some()
    }

    fn push(&mut self, step: u64, time: i64, metrics: &Metrics, named: impl Fn(&str) -> String) {
        for (name, value) in metrics {
            let points = self.metrics.entry(named(name)).or_default();
            // the evaluation at the end may be of a step that was evaluated already; the later one counts
            while points.last().is_some_and(|(last, ..)| *last >= step) {
                points.pop();
            }
            points.push((step, time, value.get()));
        }
    }

    /// The newest step of any metric.
    pub fn last_step(&self) -> u64 {
        let lasts = self.metrics.values().filter_map(|points| points.last());
        lasts.map(|(step, ..)| *step).max().unwrap_or(0)
    }

    /// The points of the metric that has the most of them, which relate steps to times best.
    pub fn longest(&self) -> &[Point] {
        self.metrics
            .values()
            .max_by_key(|points| points.len())
            .map_or(&[], Vec::as_slice)
    }

    /// Time of the newest point of any metric.
    pub fn last_time(&self) -> Option<i64> {
        self.metrics
            .values()
            .filter_map(|points| points.last())
            .map(|(_, time, _)| *time)
            .max()
    }
}

impl Fold for SeriesSet {
    fn forget(&mut self, rewind: Rewind) {
        let all = self.metrics.values_mut();
        all.for_each(|points| points.retain(|(step, ..)| !rewind.forgets(*step)));
    }

    fn see(&mut self, event: &Event) {
        match &event.body {
            TrainEvent::Step { step, metrics, .. } => self.push(*step, event.time, metrics, str::to_owned),
            TrainEvent::Eval { step, metrics, .. } => self.push(*step, event.time, metrics, eval_name),
            _ => {}
        }
    }
}

/// A stretch of a run, fetched in more points than the whole series has there.
#[derive(Debug, Clone, PartialEq)]
pub struct Fine {
    pub from: u64,
    pub to: u64,
    pub set: SeriesSet,
}

/// A run's series as they are drawn: the whole run, and the finer points of a stretch that is zoomed in on.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    pub whole: &'a SeriesSet,
    pub fine: Option<&'a Fine>,
}

impl<'a> Shown<'a> {
    /// The points of a metric: the finer ones within their stretch, those of the whole series before it, and after the last finer one.
    pub fn get(self, metric: &str) -> Cow<'a, [Point]> {
        let whole = self.whole.get(metric);
        let Some(fine) = self.fine else { return whole.into() };
        let points = fine.set.get(metric);
        let Some((last, ..)) = points.last() else {
            return whole.into();
        };
        let before = whole.iter().take_while(|(step, ..)| *step < fine.from);
        let after = whole.iter().skip_while(|(step, ..)| *step <= *last);
        before.chain(points).chain(after).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::event::{MetricValue, Started};

    fn metrics(name: &str, value: f64) -> Metrics {
        [(name.to_owned(), MetricValue::new(value).unwrap())].into()
    }

    fn step(seq: u64, step: u64, value: f64) -> Event {
        let body = TrainEvent::Step {
            step,
            epoch: 0.0,
            metrics: metrics("loss", value),
        };
        Event {
            seq,
            time: 1000 * seq as i64,
            body,
        }
    }

    fn started(seq: u64, resumed_from: u64) -> Event {
        let text = format!(
            r#"{{"total_steps":9,"resumed_from":{resumed_from},"epochs":1.0,"train_rows":9,"eval_rows":1,"trainable_params":1,
            "all_params":1,"device":"cpu","compute":"f32","stored":"f32","threads":1}}"#
        );
        let started: Started = serde_json::from_str(&text).unwrap();
        Event {
            seq,
            time: 0,
            body: TrainEvent::Started(started),
        }
    }

    #[test]
    fn events_after_a_page_go_on_where_it_ended() {
        let page = r#"{"seq":2,"series":[{"metric":"loss","points":[[1,1000,3.0],[2,2000,2.0]]}]}"#;
        let mut set = SeriesSet::from_page(serde_json::from_str(page).unwrap());
        assert!(!set.fold(&step(2, 2, 9.0)), "told already");
        assert!(set.fold(&step(3, 3, 1.0)));
        assert_eq!(set.get("loss"), [(1, 1000, 3.0), (2, 2000, 2.0), (3, 3000, 1.0)]);
        assert_eq!(set.last_time(), Some(3000));
    }

    #[test]
    fn a_resumed_worker_does_its_steps_again() {
        let mut set = SeriesSet::default();
        for event in [
            step(1, 1, 3.0),
            step(2, 2, 2.0),
            step(3, 3, 1.0),
            started(4, 2),
            step(5, 3, 1.5),
        ] {
            set.fold(&event);
        }
        assert_eq!(set.get("loss"), [(1, 1000, 3.0), (2, 2000, 2.0), (3, 5000, 1.5)]);
        set.fold(&started(6, 0));
        assert!(set.is_empty());
    }

    #[test]
    fn a_closer_look_has_the_finer_points_and_what_came_since() {
        let page = |points: &str| -> SeriesSet {
            let text = format!(r#"{{"seq":9,"series":[{{"metric":"loss","points":{points}}}]}}"#);
            SeriesSet::from_page(serde_json::from_str(&text).unwrap())
        };
        let whole = page("[[0,0,1.0],[10,0,1.0],[20,0,1.0],[30,0,1.0],[31,0,1.0]]");
        let fine = Fine {
            from: 10,
            to: 40,
            set: page("[[10,0,2.0],[15,0,2.0],[20,0,2.0],[30,0,2.0]]"),
        };
        let shown = |fine| {
            let shown = Shown { whole: &whole, fine };
            shown
                .get("loss")
                .iter()
                .map(|(step, _, y)| (*step, *y))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            shown(Some(&fine)),
            [(0, 1.0), (10, 2.0), (15, 2.0), (20, 2.0), (30, 2.0), (31, 1.0)]
        );
        assert_eq!(shown(None).len(), 5);
        assert_eq!(whole.last_step(), 31);
    }

    #[test]
    fn live_points_go_on_in_the_series_of_the_page() {
        let mut set = SeriesSet::default();
        set.fold(&Event {
            seq: 1,
            time: 0,
            body: TrainEvent::Eval {
                step: 7,
                epoch: 0.5,
                metrics: metrics("preference/accuracies", 0.75),
            },
        });
        assert_eq!(set.get("preference/accuracies"), [(7, 0, 0.75)]);
    }

    #[test]
    fn evaluations_are_told_apart_from_training() {
        let mut set = SeriesSet::default();
        let eval = |seq, name: &str, value| Event {
            seq,
            time: 0,
            body: TrainEvent::Eval {
                step: 0,
                epoch: 0.0,
                metrics: metrics(name, value),
            },
        };
        set.fold(&eval(1, "kl", 0.5));
        set.fold(&eval(2, "eval_loss", 0.7));
        assert_eq!(set.names().collect::<Vec<_>>(), ["eval_kl", "eval_loss"]);
    }
}
