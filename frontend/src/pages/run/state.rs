//! The state of the run page, kept fresh by the run's events.

use crate::api::{self, Answer, ApiError};
use crate::fetched::Refetch;
use crate::live::{Feed, clock, use_live};
use crate::logic::pace::left;
use crate::logic::plot::{XAxis, XScale};
use crate::logic::series::SeriesSet;
use leptos::prelude::*;
use protocol::api::{RunDetail, RunState, RunSummary};
use protocol::event::{Phase, TrainEvent};
use protocol::health::Health;
use protocol::method::MethodId;
use protocol::usage::{SAMPLES, Usage};

/// How far a worker is in a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhaseProgress {
    pub phase: Phase,
    pub done: u64,
    pub total: u64,
}

/// The page's run; in the context of all its parts.
#[derive(Clone, Copy)]
pub struct RunView {
    pub id: StoredValue<String>,
    /// Whether both detail and series were fetched.
    pub ready: RwSignal<bool>,
    pub error: RwSignal<Option<ApiError>>,
    /// It was deleted while the page was open; it may be taken back.
    pub gone: Memo<bool>,
    pub reload: Callback<()>,
    /// All but the series. Its summary may be older than `summary`.
    pub detail: RwSignal<Option<RunDetail>>,
    pub summary: Memo<Option<RunSummary>>,
    pub series: RwSignal<SeriesSet>,
    /// Samples of the machine's use, by ascending time.
    pub usage: RwSignal<Vec<Usage>>,
    /// The progress of long work other than training steps.
    pub phase: RwSignal<Option<PhaseProgress>>,
    /// When the worker last sent anything (ms).
    pub heard: RwSignal<i64>,
    pub now: ReadSignal<i64>,
}

/// The run of the page this component is on.
pub fn use_run() -> RunView {
    expect_context::<RunView>()
}

impl RunView {
    pub fn load(id: String) -> Self {
        let live = use_live();
        let detail = RwSignal::new(None::<RunDetail>);
        let summary = {
            let id = id.clone();
            Memo::new(move |_| {
                let row = live.run(&id).map(|row| row.get());
                row.or_else(|| detail.with(|detail| detail.as_ref().map(|detail| detail.summary.clone())))
            })
        };
        let ready = RwSignal::new(false);
        let gone = {
            let id = id.clone();
            Memo::new(move |_| ready.get() && live.run(&id).is_none())
        };
        let error = RwSignal::new(None);
        let series = RwSignal::new(SeriesSet::default());
        let phase = RwSignal::new(None);
        let heard = RwSignal::new(0);
        let ask = {
            let id = id.clone();
            move || {
                let id = id.clone();
                async move { api::run(&id).await }
            }
        };
        let refetch = Refetch::new(ask.clone(), move |found: Answer<RunDetail>| {
            if let Ok(found) = found {
                detail.set(Some(found));
            }
        });
        let first = {
            let (id, owner) = (id.clone(), Owner::current());
            let on_events = EventHandler {
                refetch,
                series,
                phase,
                heard,
            };
            let whole = {
                let id = id.clone();
                move || {
                    let (found, id) = (ask(), id.clone());
                    async move { futures::join!(found, api::series(&id)) }
                }
            };
            Refetch::new(whole, move |answers| match answers {
                (Ok(found), Ok(page)) => {
                    let set = SeriesSet::from_page(page);
                    let seq = set.seq;
                    heard.set(set.last_time().unwrap_or(found.summary.started.unwrap_or_default()));
                    series.set(set);
                    live.add_if_unknown(found.summary.clone());
                    detail.set(Some(found));
                    ready.set(true);
                    if let Some(owner) = &owner {
                        owner.with(|| live.follow(&id, seq, move |feed| on_events.handle(feed)));
                    }
                }
                (Err(problem), _) | (_, Err(problem)) => error.set(Some(problem)),
            })
        };
        let reload = Callback::new(move |()| {
            error.set(None);
            first.now();
        });
        reload.run(());
        live.when_back(move || {
            if error.with_untracked(Option::is_some) {
                reload.run(());
            }
        });
        Self {
            ready,
            error,
            gone,
            reload,
            detail,
            summary,
            series,
            usage: usage_of(id.clone()),
            id: StoredValue::new(id),
            phase,
            heard,
            now: clock(),
        }
    }

    /// Reads the summary; `default` before there is one.
    pub fn read<T: Default>(&self, read: impl FnOnce(&RunSummary) -> T) -> T {
        self.summary
            .with(|summary| summary.as_ref().map(read).unwrap_or_default())
    }

    pub fn state(&self) -> RunState {
        self.summary
            .with(|summary| summary.as_ref().map_or(RunState::Queued, |run| run.state))
    }

    pub fn method(&self) -> Option<MethodId> {
        let known = |run: &RunSummary| run.origin.is_none() || run.config.stage.is_some();
        self.read(|run| MethodId::of(&run.config).filter(|_| known(run)))
    }

    /// Whether another program trained it, so that it can only be looked at.
    pub fn is_foreign(&self) -> bool {
        self.read(|run| run.origin.is_some())
    }

    /// The findings in the curves, and whether a live run has been silent for unusually long.
    pub fn health(&self) -> Option<Health> {
        let mut health = self.read(|run| run.health.clone());
        if self.state() == RunState::Running && !self.is_foreign() {
            let stalled =
                protocol::health::stalled(self.now.get(), self.heard.get(), self.read(|run| run.seconds_per_step));
            let health = health.get_or_insert_default();
            health.checks += 1;
            stalled.into_iter().for_each(|stalled| health.add(stalled));
        }
        health
    }

    /// The remaining seconds, the same as in the rail.
    pub fn seconds_left(&self) -> Option<f64> {
        self.read(left)
    }

    pub fn scale(&self, axis: XAxis) -> XScale {
        let steps_per_epoch = self.detail.with(|detail| {
            let started = detail.as_ref().and_then(|detail| detail.started.as_ref());
            started.map_or(0.0, |started| started.total_steps as f64 / started.epochs.max(1e-9))
        });
        let clock = self.read(RunSummary::clock);
        XScale {
            axis,
            steps_per_epoch,
            clock,
        }
    }
}

/// The machine's use while the run trained: fetched, then extended by live samples.
fn usage_of(id: String) -> RwSignal<Vec<Usage>> {
    let (live, usage) = (use_live(), RwSignal::new(vec![]));
    let all = {
        let id = id.clone();
        Refetch::new(
            move || {
                let id = id.clone();
                async move { api::usage(&id).await }
            },
            move |found| {
                if let Ok(found) = found {
                    usage.set(found.samples);
                }
            },
        )
    };
    all.now();
    live.when_back(move || all.now());
    Effect::new(move || {
        live.usage.with(|newest| {
            let Some(newest) = newest.get(&id) else {
                return;
            };
            // the server thins the samples of a long run; here they are fetched again when they become too many
            if usage.with_untracked(Vec::len) >= 2 * SAMPLES {
                return all.changed();
            }
            if usage.with_untracked(|all| all.last().is_none_or(|last| last.time < newest.time)) {
                usage.update(|usage| usage.push(newest.clone()));
            }
        });
    });
    usage
}

/// Updates the page by the run's events.
#[derive(Clone, Copy)]
struct EventHandler {
    /// Fetches the detail again.
    refetch: Refetch,
    series: RwSignal<SeriesSet>,
    phase: RwSignal<Option<PhaseProgress>>,
    heard: RwSignal<i64>,
}

impl EventHandler {
    fn handle(self, feed: Feed) {
        let Feed::Event(event) = feed else { return };
        if self.heard.try_get_untracked().is_none() {
            return;
        }
        self.heard.set(event.time);
        match &event.body {
            TrainEvent::Phase { phase, done, total } => {
                let (phase, done, total) = (*phase, *done, *total);
                let is_over = done >= total || phase == Phase::Training;
                self.phase
                    .set((!is_over).then_some(PhaseProgress { phase, done, total }));
            }
            TrainEvent::Step { .. } if self.phase.with_untracked(Option::is_some) => self.phase.set(None),
            // checkpoints, facts, notices and the end of the log come with the detail
            TrainEvent::Origin(_)
            | TrainEvent::Started(_)
            | TrainEvent::Checkpoint { .. }
            | TrainEvent::Notice { .. }
            | TrainEvent::Finished { .. } => {
                self.phase.set(None);
                self.refetch.changed();
            }
            _ => {}
        }
        if SeriesSet::takes(&event.body) {
            self.series.update(|series| {
                series.fold(&event);
            });
        }
    }
}
