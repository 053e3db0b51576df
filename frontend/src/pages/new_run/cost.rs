//! How long the run will take on this machine, and what it will leave on the disk.

use super::state::use_form;
use crate::api::{self, Answer};
use crate::i18n::new_run as words;
use crate::ui::use_toaster;
use crate::{browser, fmt};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::Stage;
use protocol::api::{CheckAnswer, CheckRequest, Forecast, Probed};

/// Longer than that is no evening's work.
const LONG: f64 = 24.0 * 60.0 * 60.0;

#[component]
pub fn Cost() -> impl IntoView {
    let form = use_form();
    let forecast = Memo::new(move |_| {
        form.answer
            .with(|answer| answer.as_ref().and_then(|answer| answer.forecast.clone()))
    });
    // outlives what is told, which changes meanwhile
    let going = RwSignal::new(false);
    move || forecast.get().map(|forecast| view! { <Told forecast going /> })
}

#[component]
fn Told(forecast: Forecast, going: RwSignal<bool>) -> impl IntoView {
    let form = use_form();
    // replies of its own are what PPO's time goes into
    let measurable = Memo::new(move |_| form.config.with(|config| Stage::of(config) != Some(Stage::Ppo)));
    let Forecast {
        seconds,
        like,
        rough,
        disk,
        free,
    } = forecast;
    let short = free > 0 && disk > free;
    let time = move || match seconds {
        Some(seconds) => words::takes(fmt::duration(seconds), browser::local_end(seconds)),
        None => words::takes_unknown().into(),
    };
    let by = seconds.map(|_| {
        view! {
            <p class="faint">
                {move || match (like.is_empty(), rough) {
                    (true, _) => words::takes_probed().to_string(),
                    (false, true) => words::takes_rough(&like),
                    (false, false) => words::takes_like(&like),
                }}
            </p>
        }
    });
    let space = (disk > 0).then(|| {
        view! {
            <p class="faint num">{move || words::takes_disk(fmt::bytes(disk), fmt::bytes(free))}</p>
        }
    });
    view! {
        <div class="cost" id="cost">
            <p class="row">
                <b>{words::takes_title}</b>
            </p>
            <p class="num" class:bad-text=seconds.is_some_and(|seconds| seconds > LONG)>{time}</p>
            {by}
            {(seconds.is_none() || rough || going.get_untracked())
                .then(|| view! { <Show when=move || measurable.get()><Measure going /></Show> })}
            {space}
            {short.then(|| view! { <p class="bad-text">{words::takes_disk_short}</p> })}
        </div>
    }
}

/// Asks the server to make a few steps, and then how long the run takes by them.
#[component]
fn Measure(going: RwSignal<bool>) -> impl IntoView {
    let form = use_form();
    let toaster = use_toaster();
    let measure = move |_| {
        going.set(true);
        spawn_local(async move {
            let config = form.config.get_untracked();
            let measured: Answer<Probed> = api::post("/api/probe", &CheckRequest { config }).await;
            let _ = going.try_set(false);
            // what the form is now, which may have been changed meanwhile
            let Some(config) = form.config.try_get_untracked() else {
                return;
            };
            let told = match measured {
                Ok(_) => api::post::<CheckAnswer>("/api/check", &CheckRequest { config: config.clone() }).await,
                Err(error) => Err(error),
            };
            match told {
                Ok(answer) if form.config.try_get_untracked() == Some(config) => {
                    let _ = form.answer.try_set(Some(answer));
                }
                // the form asks about what it is now
                Ok(_) => {}
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let stop = move |_| {
        spawn_local(async move {
            if let Err(error) = api::delete("/api/probe").await {
                toaster.fail(&error);
            }
        });
    };
    let ready = move || form.errors.with(Vec::is_empty);
    view! {
        <Show
            when=move || going.get()
            fallback=move || {
                view! {
                    <button type="button" class="btn small" id="probe" title=words::probe_hint disabled=move || !ready() on:click=measure>
                        {words::probe}
                    </button>
                }
            }
        >
            <p class="row">
                <span class="muted" role="status">{words::probing}</span>
                <button type="button" class="btn small" on:click=stop>{words::probe_stop}</button>
            </p>
        </Show>
    }
}
