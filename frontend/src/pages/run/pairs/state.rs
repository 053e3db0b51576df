//! The state of the tab: the evaluation that is shown, its pairs, which are listed, which is open.

use crate::address::{Address, use_address};
use crate::api::{self, Answer, ApiError};
use crate::fetched::{Fetched, Refetch, heed};
use crate::live::use_live;
use crate::logic::pairs::frame::Frame;
use crate::logic::pairs::histogram::Span;
use crate::logic::pairs::list::{Scored, shown_step};
use crate::logic::pairs::view::PairsView;
use crate::pages::run::state::{RunView, use_run};
use leptos::prelude::*;
use protocol::pairs::{Mark, Overview, PairTokens};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The tab's state; in the context of its parts.
#[derive(Clone, Copy)]
pub struct PairsTab {
    pub run: RunView,
    pub overview: RwSignal<Option<Answer<Overview>>>,
    /// Fetches the overview again.
    pub ask: Refetch,
    pub view: Memo<PairsView>,
    address: Address,
    /// The steps of the evaluations, ascending.
    pub steps: Memo<Vec<u64>>,
    /// The step of the evaluation that is shown.
    pub step: Memo<Option<u64>>,
    /// Its pairs; those of the one before until they are fetched.
    pub scored: RwSignal<Option<Arc<Scored>>>,
    pub failed: RwSignal<Option<ApiError>>,
    pub refetch: Refetch,
    pub marks: Memo<BTreeMap<u64, Mark>>,
    /// The range of the margins in all evaluations shown so far.
    pub span: RwSignal<Span>,
    /// What the template puts around every prompt.
    pub frame: RwSignal<Frame>,
    /// The part of the view that decides which pairs are listed, and in which order.
    pub choice: Memo<PairsView>,
    /// The numbers of the listed pairs, in order.
    pub listed: Memo<Arc<[u32]>>,
    /// The open pair: the one chosen, else the first of the list.
    pub current: Memo<Option<u32>>,
    /// Tokens that a person had scored, by pair.
    pub scored_tokens: RwSignal<BTreeMap<u64, Arc<PairTokens>>>,
    /// Whether tokens are shown as tables too.
    pub numbers_open: RwSignal<bool>,
}

pub fn use_pairs() -> PairsTab {
    expect_context::<PairsTab>()
}

impl PairsTab {
    pub fn start() -> Self {
        let (run, live, address) = (use_run(), use_live(), use_address());
        let Fetched {
            answer: overview,
            refetch: ask_overview,
        } = Fetched::start(move || async move { api::pairs(&run.id.get_value()).await });
        let view = Memo::new(move |_| address.query.with(PairsView::read));
        let known = move |read: fn(&Overview) -> Vec<u64>| {
            overview.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().ok()).map(read))
        };
        let steps = Memo::new(move |_| known(|overview| overview.steps.clone()).unwrap_or_default());
        let scored_tokens = RwSignal::new(BTreeMap::new());
        Effect::new(move || {
            // a run that went on has another model now
            steps.track();
            scored_tokens.update(BTreeMap::clear);
        });
        let step = Memo::new(move |_| steps.with(|steps| shown_step(steps, view.get().step)));
        let scored = RwSignal::new(None::<Arc<Scored>>);
        let (failed, span) = (RwSignal::new(None), RwSignal::new(Span::default()));
        let ask = move || {
            let step = step.get_untracked();
            async move {
                let step = step?;
                Some(api::pair_scores(&run.id.get_value(), step).await)
            }
        };
        let refetch = Refetch::new(ask, move |answer: Option<Answer<_>>| match answer {
            Some(Ok(scores)) => {
                let new = Arc::new(Scored::of(scores));
                span.update(|span| *span = span.with(new.span()));
                failed.set(None);
                scored.set(Some(new));
            }
            Some(Err(error)) => failed.set(Some(error)),
            None => {}
        });
        Effect::new(move || {
            if step.get().is_some() {
                refetch.now();
            }
        });
        // changes with each evaluation of a live run, and with its end
        let told = Memo::new(move |_| (run.read(|run| run.evaluated), run.state()));
        Effect::new(move |before: Option<()>| {
            heed(told);
            if before.is_some() {
                ask_overview.changed();
            }
        });
        live.when_back(move || {
            ask_overview.now();
            refetch.now();
        });
        let marks = Memo::new(move |_| {
            overview.with(|answer| match answer {
                Some(Ok(overview)) => overview.marks.clone(),
                _ => BTreeMap::new(),
            })
        });
        // which pair is open, and at which step, does not change the list
        let choice = Memo::new(move |_| PairsView {
            pair: None,
            step: None,
            ..view.get()
        });
        let listed: Memo<Arc<[u32]>> = Memo::new(move |_| {
            let listed = scored.with(|scored| {
                let list = |scored: &Arc<Scored>| choice.with(|view| marks.with(|marks| scored.listed(view, marks)));
                scored.as_ref().map(list)
            });
            Arc::from(listed.unwrap_or_default())
        });
        let current = Memo::new(move |_| {
            view.get()
                .pair
                .or_else(|| listed.with(|listed| listed.first().copied()))
        });
        Self {
            run,
            overview,
            ask: ask_overview,
            view,
            address,
            steps,
            step,
            scored,
            failed,
            refetch,
            marks,
            span,
            frame: RwSignal::default(),
            choice,
            listed,
            current,
            scored_tokens,
            numbers_open: RwSignal::new(false),
        }
    }

    /// Changes the view, in the address.
    pub fn edit(self, edit: impl FnOnce(&mut PairsView)) {
        self.address.edit(|query| {
            let mut view = PairsView::read(query);
            edit(&mut view);
            view.write(query);
        });
    }

    /// Opens another pair of the list, `by` places on.
    pub fn go(self, by: isize) {
        let listed = self.listed.get_untracked();
        let here = self.current.get_untracked();
        let place = here.and_then(|here| listed.iter().position(|pair| *pair == here));
        let next = match place {
            Some(place) => place.saturating_add_signed(by),
            None => 0,
        };
        if let Some(pair) = listed.get(next) {
            self.edit(|view| view.pair = Some(*pair));
        }
    }

    /// Shows another evaluation, `by` places on. At the newest one the page follows a live run.
    pub fn go_step(self, by: isize) {
        let steps = self.steps.get_untracked();
        let here = self.step.get_untracked();
        let place = steps.iter().position(|step| Some(*step) == here);
        if let Some(place) = place {
            self.look_at(place.saturating_add_signed(by));
        }
    }

    /// Shows the evaluation at this place.
    pub fn look_at(self, place: usize) {
        let steps = self.steps.get_untracked();
        let place = place.min(steps.len().saturating_sub(1));
        let newest = place + 1 >= steps.len();
        let step = steps.get(place).copied().filter(|_| !newest);
        self.edit(|view| view.step = step);
    }
}
