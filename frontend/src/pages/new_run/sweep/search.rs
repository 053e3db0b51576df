//! The sweep that the form describes, as the server plans it whenever the form has changed.

use super::super::state::CHECK_DELAY;
use crate::api::{self, Answer};
use crate::logic::form::{Draft, SearchDraft};
use crate::logic::number::plain_number;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{NewSweep, SweepPlan};
use protocol::column::results;
use protocol::config::{FieldError, Notes};
use protocol::metric::{Measured, eval_name};
use protocol::sweep::{Halving, Method, Sweep, default_metric};
use protocol::{RunConfig, Stage, says};

/// The sweep that the form describes, and the server's plan of it.
#[derive(Clone, Copy)]
pub struct Search {
    draft: RwSignal<Draft>,
    config: Memo<RunConfig>,
    notes: Memo<Notes>,
    /// The server's newest plan, and the request it answers.
    pub plan: RwSignal<Option<Planned>>,
    /// Triggers fetching the plan again.
    pub again: RwSignal<()>,
}

/// A plan of the server, with the request it answers.
pub struct Planned {
    pub asked: NewSweep,
    pub answer: Answer<SweepPlan>,
}

/// What a sweep of this config may be compared by, the method's own first.
pub fn offered(config: &RunConfig) -> Vec<String> {
    let own = default_metric(config);
    let pairs = Stage::of(config) == Some(Stage::Preference);
    // what is measured of held-out rows alone is measured of pairs
    let others = results()
        .filter(|metric| pairs || metric.measured != Measured::HeldOut)
        .map(|metric| eval_name(metric.name))
        .filter(|name| Some(name.as_str()) != own);
    own.map(str::to_owned).into_iter().chain(others).collect()
}

impl Search {
    pub fn start(draft: RwSignal<Draft>, config: Memo<RunConfig>, notes: Memo<Notes>) -> Self {
        let search = Self {
            draft,
            config,
            notes,
            plan: RwSignal::new(None),
            again: RwSignal::new(()),
        };
        let newest = StoredValue::new(0u32);
        Effect::new(move || {
            search.again.track();
            let readable = |draft: &Draft, notes: &Notes| draft.sweeps(notes) && draft.several_errors(notes).is_empty();
            let sweeps = notes.with(|notes| draft.with(|draft| readable(draft, notes)));
            let new = (sweeps && search.cap_error().is_none()).then(|| search.asked());
            newest.update_value(|n| *n += 1);
            let number = newest.get_value();
            let current = move || newest.try_get_value() == Some(number);
            let Some(new) = new else { return search.plan.set(None) };
            let ask = move || {
                if current() {
                    spawn_local(async move {
                        let answer: Answer<SweepPlan> = api::post("/api/sweeps/plan", &new).await;
                        if current() {
                            let _ = search.plan.try_set(Some(Planned { asked: new, answer }));
                        }
                    });
                }
            };
            set_timeout(ask, CHECK_DELAY);
        });
        search
    }

    /// How the values are searched, as it is chosen.
    pub fn chosen(self) -> SearchDraft {
        self.draft.with(|draft| draft.search.clone())
    }

    pub fn choose(self, edit: impl FnOnce(&mut SearchDraft)) {
        self.draft.update(|draft| edit(&mut draft.search));
    }

    /// The chosen metric, if it is offered under the config.
    pub fn metric(self) -> Option<String> {
        let metric = self.chosen().metric;
        let there = self.config.with(|config| offered(config).contains(&metric));
        there.then_some(metric)
    }

    /// The typed limit of runs, as a program parses it.
    fn cap_text(self) -> String {
        self.draft.with(|draft| plain_number(&draft.search.cap))
    }

    /// The error of the limit of runs, where it counts. A text that is not a number must not be taken as "no limit".
    pub fn cap_error(self) -> Option<FieldError> {
        let (text, drawn) = (self.cap_text(), self.chosen().method != Method::Grid);
        let bad = drawn && !text.is_empty() && text.parse::<u64>().is_err();
        bad.then(|| FieldError::new("run_cap", "type", says::takes(says::a_count(), &text)))
    }

    /// How many runs the newest plan makes.
    pub fn runs(self) -> Option<u64> {
        self.plan.with(|plan| Some(plan.as_ref()?.answer.as_ref().ok()?.runs))
    }

    /// Whether the plan has no errors and is of the form as it is now: only what was shown is started.
    pub fn is_ready(self) -> bool {
        self.plan.with(|plan| {
            plan.as_ref().is_some_and(|plan| {
                let fine = plan.answer.as_ref().is_ok_and(|answer| answer.errors.is_empty());
                fine && plan.asked == self.asked()
            })
        })
    }

    /// The sweep that the form describes.
    pub fn asked(self) -> NewSweep {
        let mut config = self.config.get();
        let name = config.run_name.take();
        let SearchDraft { method, early, .. } = self.chosen();
        NewSweep {
            sweep: Sweep {
                method,
                parameters: self
                    .notes
                    .with(|notes| self.draft.with(|draft| draft.parameters(notes))),
                run_cap: self.cap_text().parse().ok().filter(|_| method != Method::Grid),
                metric: self.metric(),
                early_terminate: early.then(Halving::default),
                ..Sweep::default()
            },
            name,
            tags: vec![],
            config,
        }
    }
}
