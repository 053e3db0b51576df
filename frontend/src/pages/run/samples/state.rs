//! The state of the tab: the prompts, the steps at which they were answered, and which of both are shown.

use crate::address::{Address, use_address};
use crate::api::{self, Answer};
use crate::fetched::{Fetched, Refetch, heed};
use crate::live::use_live;
use crate::logic::pairs::frame::Frame;
use crate::logic::samples::view::{SamplesView, place_of};
use crate::pages::run::state::{RunView, use_run};
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use protocol::samples::{Answered, Overview, Prompt};
use std::sync::Arc;
use std::time::Duration;

/// How long each step is shown while playing.
const BEAT: Duration = Duration::from_millis(500);

/// The tab's state; in the context of its parts.
#[derive(Clone, Copy)]
pub struct SamplesTab {
    pub run: RunView,
    pub overview: RwSignal<Option<Answer<Overview>>>,
    pub ask: Refetch,
    pub view: Memo<SamplesView>,
    address: Address,
    /// The times at which the prompts were answered, by ascending steps.
    pub answered: Memo<Arc<[Answered]>>,
    pub prompts: Memo<Arc<[Prompt]>>,
    /// The place of the step that is shown.
    pub place: Memo<usize>,
    /// What the template puts around every prompt.
    pub frame: Memo<Frame>,
    /// The most tokens of a reply.
    pub room: Memo<u32>,
    playing: RwSignal<Option<IntervalHandle>>,
}

pub fn use_samples() -> SamplesTab {
    expect_context::<SamplesTab>()
}

impl SamplesTab {
    pub fn start() -> Self {
        let (run, live, address) = (use_run(), use_live(), use_address());
        let Fetched {
            answer: overview,
            refetch: ask,
        } = Fetched::start(move || async move { api::samples(&run.id.get_value()).await });
        let view = Memo::new(move |_| address.query.with(SamplesView::read));
        let answered: Memo<Arc<[Answered]>> =
            Memo::new(move |_| known(overview, |overview| overview.steps.as_slice().into()));
        let prompts: Memo<Arc<[Prompt]>> =
            Memo::new(move |_| known(overview, |overview| overview.about.prompts.as_slice().into()));
        let place = Memo::new(move |_| {
            let steps: Vec<u64> = answered.with(|all| all.iter().map(|at| at.step).collect());
            place_of(&steps, view.get().step)
        });
        let frame = Memo::new(move |_| {
            prompts.with(|all| {
                let held_out = all.iter().filter(|prompt| !prompt.own);
                Frame::of(&held_out.map(|prompt| prompt.text.as_str()).collect::<Vec<_>>())
            })
        });
        // changes with each evaluation of a live run, and with its end
        let told = Memo::new(move |_| (run.read(|run| run.evaluated), run.state()));
        Effect::new(move |before: Option<()>| {
            heed(told);
            if before.is_some() {
                ask.changed();
            }
        });
        live.when_back(move || ask.now());
        let tab = Self {
            run,
            overview,
            ask,
            view,
            address,
            answered,
            prompts,
            place,
            frame,
            room: Memo::new(move |_| known(overview, |overview| overview.about.max_new_tokens)),
            playing: RwSignal::new(None),
        };
        on_cleanup(move || tab.pause());
        tab
    }

    /// Changes the view, in the address.
    pub fn edit(self, edit: impl FnOnce(&mut SamplesView)) {
        self.address.edit(|query| {
            let mut view = SamplesView::read(query);
            edit(&mut view);
            view.write(query);
        });
    }

    /// Shows the step at this place, and ends playing, which would go on from there.
    pub fn look_at(self, place: usize) {
        self.pause();
        self.show(place);
    }

    /// Shows the step at this place. At the newest one the page follows a live run.
    fn show(self, place: usize) {
        let step = self.answered.with_untracked(|all| {
            let newest = place + 1 >= all.len();
            all.get(place).map(|at| at.step).filter(|_| !newest)
        });
        self.edit(|view| view.step = step);
    }

    /// Shows another step, `by` places on.
    pub fn go_step(self, by: isize) {
        let last = self.answered.with_untracked(|all| all.len().saturating_sub(1));
        self.look_at(self.place.get_untracked().saturating_add_signed(by).min(last));
    }

    /// Opens another prompt, `by` places on.
    pub fn go(self, by: isize) {
        let last = self.prompts.with_untracked(|all| all.len().saturating_sub(1));
        let next = match self.view.get_untracked().prompt {
            Some(here) => here.saturating_add_signed(by).min(last),
            None => 0,
        };
        self.edit(|view| view.prompt = Some(next));
    }

    /// The question of a prompt, without what the template puts around it.
    pub fn question(self, prompt: &Prompt) -> String {
        match (prompt.own, prompt.messages.last()) {
            (true, Some(last)) => last.content.trim().to_owned(),
            _ => self.frame.with(|frame| frame.inside(&prompt.text).to_owned()),
        }
    }

    pub fn is_playing(self) -> bool {
        self.playing.with(Option::is_some)
    }

    pub fn pause(self) {
        if let Some(Some(handle)) = self.playing.try_update(Option::take) {
            handle.clear();
        }
    }

    /// Plays through the steps; from the first one where the newest is shown.
    pub fn play(self) {
        self.pause();
        let last = move || self.answered.with_untracked(|all| all.len().saturating_sub(1));
        if self.place.get_untracked() >= last() {
            self.show(0);
        }
        let beat = move || {
            // the page may be gone
            let Some(here) = self.place.try_get_untracked() else {
                return;
            };
            if here >= last() {
                return self.pause();
            }
            self.show(here + 1);
        };
        self.playing.set(set_interval_with_handle(beat, BEAT).ok());
    }

    pub fn toggle(self) {
        match self.playing.with_untracked(Option::is_some) {
            true => self.pause(),
            false => self.play(),
        }
    }
}

fn known<T: Default>(overview: RwSignal<Option<Answer<Overview>>>, read: impl Fn(&Overview) -> T) -> T {
    overview.with(|answer| match answer {
        Some(Ok(overview)) => read(overview),
        _ => T::default(),
    })
}
