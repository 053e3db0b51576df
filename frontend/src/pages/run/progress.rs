//! The line under the head of the run page: the progress of a live run, or its place in the queue.

use super::state::{PhaseProgress, RunView, use_run};
use crate::browser;
use crate::fmt;
use crate::i18n::{home, run as words};
use crate::ui::{Icon, IconName, Progress};
use leptos::prelude::*;
use protocol::api::RunState;
use protocol::event::Phase;
use protocol::metric::is_held_out;

/// The line under the head: the progress of a live run, or its place in the queue.
#[component]
pub fn ProgressLine() -> impl IntoView {
    let run = use_run();
    let share = Signal::derive(move || match run.phase.get() {
        Some(PhaseProgress { done, total, .. }) if run.state() == RunState::Starting => {
            Some(done as f64 / total.max(1) as f64)
        }
        _ => run.read(|run| run.total_steps.map(|total| run.step as f64 / total.max(1) as f64)),
    });
    let steps = move || {
        run.read(|run| match run.total_steps {
            Some(total) => words::step_of(fmt::count(run.step), fmt::count(total)),
            None => words::step_only(fmt::count(run.step)),
        })
    };
    let doing = move || match (run.phase.get(), run.state()) {
        (Some(PhaseProgress { phase, done, total }), _) if total > 1 => {
            format!("{} {}", phase_word(phase), fmt::percent(done as f64 / total as f64))
        }
        (Some(PhaseProgress { phase, .. }), _) => phase_word(phase).to_owned(),
        (None, RunState::Starting) => words::starting().to_owned(),
        (None, RunState::Stopping) => words::stopping().to_owned(),
        _ => String::new(),
    };
    let left = move || run.seconds_left().map(|seconds| words::left(fmt::duration(seconds)));
    let end = move || {
        run.seconds_left()
            .map(|seconds| home::ends(browser::local_time_in(seconds)))
    };
    let speed = move || tokens_per_second(&run).map(|rate| words::tokens_s(fmt::rate(rate)));
    let elapsed = move || {
        let now = run.now.get();
        run.read(|run| run.started.map(|_| words::since(fmt::duration(run.seconds_until(now)))))
    };
    view! {
        <Show when=move || run.state().is_live()>
            <div class="standing">
                <Progress share label=Signal::derive(steps) />
                <div class="standing-words num">
                    <span>{steps}</span>
                    <span class="muted">{left}</span>
                    <span class="muted">{end}</span>
                    <span class="muted">{elapsed}</span>
                    <span class="muted">{speed}</span>
                    <span class="grow"></span>
                    <span class="muted">{doing}</span>
                </div>
            </div>
        </Show>
        <Show when=move || run.state() == RunState::Queued>
            <div class="standing">
                <div class="note">
                    <Icon name=IconName::Info />
                    <p>
                        {move || match run.read(|run| run.queue_position) {
                            Some(place) if place > 1 => words::queue_place(place),
                            _ => words::queue_first().to_owned(),
                        }}
                    </p>
                </div>
            </div>
        </Show>
    }
}

fn tokens_per_second(run: &RunView) -> Option<f64> {
    run.read(|run| {
        let found = run
            .latest
            .iter()
            .find(|(name, _)| name.ends_with("tokens_per_second") && !is_held_out(name));
        found.map(|(_, value)| value.get())
    })
}

/// The label of a worker's phase.
pub fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Loading => words::phase_loading(),
        Phase::Tokenizing => words::phase_tokenizing(),
        Phase::Reference => words::phase_reference(),
        Phase::Training => words::phase_training(),
        Phase::Evaluating => words::phase_evaluating(),
        Phase::Sampling => words::phase_sampling(),
        Phase::Predicting => words::phase_predicting(),
        Phase::Saving => words::phase_saving(),
        Phase::Merging => words::phase_merging(),
    }
}
