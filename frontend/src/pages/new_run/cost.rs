//! How long the run will take on this machine, and what it will leave on the disk.

use super::state::use_form;
use crate::i18n::new_run as words;
use crate::{browser, fmt};
use leptos::prelude::*;
use protocol::api::Forecast;

/// Longer than that is no evening's work.
const LONG: f64 = 24.0 * 60.0 * 60.0;

#[component]
pub fn Cost() -> impl IntoView {
    let form = use_form();
    let forecast = Memo::new(move |_| {
        form.answer
            .with(|answer| answer.as_ref().and_then(|answer| answer.forecast.clone()))
    });
    move || forecast.get().map(|forecast| view! { <Told forecast /> })
}

#[component]
fn Told(forecast: Forecast) -> impl IntoView {
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
                {move || if rough { words::takes_rough(&like) } else { words::takes_like(&like) }}
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
            {space}
            {short.then(|| view! { <p class="bad-text">{words::takes_disk_short}</p> })}
        </div>
    }
}
