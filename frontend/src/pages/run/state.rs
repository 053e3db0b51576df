//! What the run page knows of its run, kept fresh by its events.

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

/// The page's run; in the context of all its parts.
#[derive(Clone, Copy)]
pub struct RunView {
    pub id: StoredValue<String>,
    /// Both detail and series have come.
    pub ready: RwSignal<bool>,
    pub error: RwSignal<Option<ApiError>>,
    /// It was deleted while the page was open; it may be taken back.
    pub gone: Memo<bool>,
    pub reload: Callback<()>,
    /// Everything but the series; its summary may be older than `summary`.
    pub detail: RwSignal<Option<RunDetail>>,
    pub summary: Memo<Option<RunSummary>>,
    pub series: RwSignal<SeriesSet>,
    /// What the machine did, in time that rises.
    pub usage: RwSignal<Vec<Usage>>,
    /// Long work other than steps: what, how far, of how much.
    pub phase: RwSignal<Option<(Phase, u64, u64)>>,
    /// When the worker last told anything (ms).
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
        let gone = {
            let (id, was_here) = (id.clone(), StoredValue::new(false));
            Memo::new(move |_| {
                let here = live.run(&id).is_some();
                if here {
                    was_here.set_value(true);
                }
                was_here.get_value() && !here
            })
        };
        let ready = RwSignal::new(false);
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
            let parts = Parts {
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
                    live.meet(found.summary.clone());
                    detail.set(Some(found));
                    ready.set(true);
                    if let Some(owner) = &owner {
                        owner.with(|| live.follow(&id, seq, move |feed| parts.hear(feed)));
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

    /// Whether another program trained it: nothing can be done here but look.
    pub fn is_foreign(&self) -> bool {
        self.read(|run| run.origin.is_some())
    }

    /// What is found in the curves, and whether a run that goes has been silent for oddly long.
    pub fn health(&self) -> Option<Health> {
        let mut health = self.read(|run| run.health.clone());
        if self.state() == RunState::Running && !self.is_foreign() {
            let pace = self.series.with(SeriesSet::seconds_per_step);
            let stalled = protocol::health::stalled(self.now.get(), self.heard.get(), pace);
            let health = health.get_or_insert_default();
            health.checks += 1;
            stalled.into_iter().for_each(|stalled| health.add(stalled));
        }
        health
    }

    /// Seconds to go, as the rail tells them.
    pub fn seconds_left(&self) -> Option<f64> {
        self.read(left)
    }

    pub fn scale(&self, axis: XAxis) -> XScale {
        let steps_per_epoch = self.detail.with(|detail| {
            let started = detail.as_ref().and_then(|detail| detail.started.as_ref());
            started.map_or(0.0, |started| started.total_steps as f64 / started.epochs.max(1e-9))
        });
        let origin = self.read(|run| run.started.unwrap_or_default());
        XScale {
            axis,
            steps_per_epoch,
            origin,
        }
    }
}

/// What the machine did while a run went, as it is told live.
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
        live.usage.with(|looks| {
            let Some(newest) = looks.get(&id) else {
                return;
            };
            // the server keeps fewer of a long run than a page hears of
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

/// What events write.
#[derive(Clone, Copy)]
struct Parts {
    /// Asks for the detail anew.
    refetch: Refetch,
    series: RwSignal<SeriesSet>,
    phase: RwSignal<Option<(Phase, u64, u64)>>,
    heard: RwSignal<i64>,
}

impl Parts {
    fn hear(self, feed: Feed) {
        let Feed::Event(event) = feed else { return };
        if self.heard.try_get_untracked().is_none() {
            return;
        }
        self.heard.set(event.time);
        match &event.body {
            TrainEvent::Phase { phase, done, total } => {
                let over = done >= total || *phase == Phase::Training;
                self.phase.set((!over).then_some((*phase, *done, *total)));
            }
            TrainEvent::Step { .. } if self.phase.with_untracked(Option::is_some) => self.phase.set(None),
            // checkpoints, facts, notices and last words come with the detail
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
        let value = matches!(event.body, TrainEvent::Step { .. } | TrainEvent::Eval { .. });
        if value || event.body.begins_after().is_some() {
            self.series.update(|series| {
                series.fold(&event);
            });
        }
    }
}
