//! How long the run will take on this machine, and how much disk space it will need.

use super::state::use_form;
use crate::api::{self, Answer};
use crate::i18n::new_run as words;
use crate::ui::use_toaster;
use crate::{browser, fmt};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::Stage;
use protocol::api::{CheckAnswer, CheckRequest, Forecast, Probed};

/// Seconds from which a run counts as long, and its duration is shown in red.
const LONG: f64 = 24.0 * 60.0 * 60.0;

#[component]
pub fn Cost() -> impl IntoView {
    let form = use_form();
    let forecast = Memo::new(move |_| {
        form.answer
            .with(|answer| answer.as_ref().and_then(|answer| answer.forecast.clone()))
    });
    // outlives the box, which is rebuilt when the forecast changes
    let probing = RwSignal::new(false);
    move || {
        forecast
            .get()
            .map(|forecast| view! { <ForecastBox forecast probing /> })
    }
}

#[component]
fn ForecastBox(forecast: Forecast, probing: RwSignal<bool>) -> impl IntoView {
    let form = use_form();
    // replies of its own are what PPO's time goes into
    let measurable = Memo::new(move |_| form.config.with(|config| Stage::of(config) != Some(Stage::Ppo)));
    let Forecast {
        seconds,
        // told beside the samples
        sampling: _,
        like,
        rough,
        disk,
        free,
    } = forecast;
    let short = free > 0 && disk > free;
    let time = move || match seconds {
        Some(seconds) => words::takes(fmt::duration(seconds), browser::local_time_in(seconds)),
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
            {(seconds.is_none() || rough || probing.get_untracked())
                .then(|| view! { <Show when=move || measurable.get()><Measure probing /></Show> })}
            {space}
            {short.then(|| view! { <p class="bad-text">{words::takes_disk_short}</p> })}
        </div>
    }
}

/// A button that has the server make a few steps, and then asks for a forecast by their speed.
#[component]
fn Measure(probing: RwSignal<bool>) -> impl IntoView {
    let form = use_form();
    let toaster = use_toaster();
    let measure = move |_| {
        probing.set(true);
        spawn_local(async move {
            let config = form.config.get_untracked();
            let measured: Answer<Probed> = api::post("/api/probe", &CheckRequest { config }).await;
            let _ = probing.try_set(false);
            // the config as it is now, which may have changed meanwhile
            let Some(config) = form.config.try_get_untracked() else {
                return;
            };
            let checked = match measured {
                Ok(_) => api::post::<CheckAnswer>("/api/check", &CheckRequest { config: config.clone() }).await,
                Err(error) => Err(error),
            };
            match checked {
                Ok(answer) if form.config.try_get_untracked() == Some(config) => {
                    let _ = form.answer.try_set(Some(answer));
                }
                // the config changed again, and the form checks it by itself
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
            when=move || probing.get()
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
