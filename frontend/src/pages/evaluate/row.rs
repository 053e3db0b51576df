//! The row of an evaluation: its scores, or its state.

use super::replies::Replies;
use super::{COMPARED, has_pairs};
use crate::address::use_address;
use crate::api;
use crate::fmt;
use crate::i18n::{evaluate as words, said};
use crate::live::use_live;
use crate::ui::{ConfirmDialog, Icon, IconName, Progress, marked, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::evaluation::{Evaluation, Found, Standing};

#[component]
pub fn Row(id: String, compared: Memo<Vec<String>>) -> impl IntoView {
    let (live, address) = (use_live(), use_address());
    let id = StoredValue::new(id);
    let one = Memo::new(move |_| {
        live.evaluations
            .with(|all| id.with_value(|id| all.get(id).cloned()))
            .unwrap_or_default()
    });
    let asked = Memo::new(move |_| one.with(|one| one.asked.clone()));
    let is_compared = move || compared.with(|all| id.with_value(|id| all.contains(id)));
    let toggle = move |_| {
        let mut all = compared.get_untracked();
        let id = id.get_value();
        match all.contains(&id) {
            true => all.retain(|other| *other != id),
            false => all.push(id),
        }
        address.edit(|query| query.set_list(COMPARED, &all));
    };
    let open = RwSignal::new(false);
    view! {
        <tr data-name=move || asked.with(|asked| format!("{} {}", asked.model, asked.dataset))>
            <td>
                <Show when=move || one.with(has_pairs)>
                    <input
                        type="checkbox"
                        aria-label=move || asked.with(|asked| words::compare_with(&asked.model, &asked.dataset))
                        prop:checked=is_compared
                        on:change=toggle
                    />
                </Show>
            </td>
            <td class="library-name">{move || asked.with(|asked| asked.model.clone())}</td>
            <td>{move || asked.with(|asked| asked.dataset.clone())}</td>
            {move || one.with(|one| match &one.standing {
                Standing::Done { found, seconds } => scores(found, *seconds).into_any(),
                _ => view! { <td colspan="10"><State one=one.clone() /></td> }.into_any(),
            })}
            <Actions id one open />
        </tr>
        <Show when=move || open.get()>
            <tr class="library-open">
                <td colspan="14">
                    <Replies id=id.get_value() rows=Signal::derive(move || rows(&one.get())) />
                </td>
            </tr>
        </Show>
    }
}

/// What can be done with an evaluation: its replies shown, itself stopped or deleted.
#[component]
fn Actions(id: StoredValue<String>, one: Memo<Evaluation>, open: RwSignal<bool>) -> impl IntoView {
    let (live, toaster) = (use_live(), use_toaster());
    let confirming_delete = RwSignal::new(false);
    let writes = move || one.with(|one| one.asked.predict.is_some() && matches!(one.standing, Standing::Done { .. }));
    let going = move || one.with(|one| matches!(one.standing, Standing::Queued | Standing::Going { .. }));
    let stop = move |_| {
        let id = id.get_value();
        spawn_local(async move {
            if let Err(error) = api::stop_evaluation(&id).await {
                toaster.fail(&error);
            }
        });
    };
    let delete = move |()| {
        // the socket may tell of it before the answer comes, and the row is gone then
        let id = id.get_value();
        spawn_local(async move {
            match api::delete_evaluation(&id).await {
                Ok(()) => live.drop_evaluation(&id),
                Err(error) => toaster.fail(&error),
            }
        });
    };
    view! {
        <td class="right library-actions">
            <Show when=writes>
                <button
                    type="button"
                    class="btn small ghost"
                    aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    {move || if open.get() { words::hide_replies() } else { words::show_replies() }}
                </button>
            </Show>
            <Show
                when=going
                fallback=move || {
                    view! {
                        <button
                            type="button"
                            class="btn icon small ghost"
                            aria-label=words::delete
                            title=words::delete
                            on:click=move |_| confirming_delete.set(true)
                        >
                            <Icon name=IconName::Trash />
                        </button>
                    }
                }
            >
                <button type="button" class="btn small" on:click=stop>{words::stop}</button>
            </Show>
            <ConfirmDialog
                open=confirming_delete
                title=Signal::derive(|| words::delete_title().to_string())
                text=Signal::derive(|| words::delete_text().to_string())
                verb=Signal::derive(|| words::delete().to_string())
                on_confirm=delete
            />
        </td>
    }
}

fn rows(one: &Evaluation) -> u64 {
    match &one.standing {
        Standing::Done { found, .. } => found.rows,
        _ => 0,
    }
}

/// The cells of an evaluation that is done.
fn scores(found: &Found, seconds: f64) -> impl IntoView + use<> {
    let cell = |name: &str, show: fn(f64) -> String| match found.metrics.get(name) {
        Some(value) => show(*value),
        None => "–".to_owned(),
    };
    let plain = |name: &str| cell(name, fmt::number);
    let notes = [
        (found.left_out, words::left_out as fn(u64) -> String),
        (found.cut, words::cut),
    ];
    let notes: Vec<_> = notes.iter().filter(|(n, _)| *n > 0).map(|(n, said)| said(*n)).collect();
    let warned = !notes.is_empty();
    view! {
        <td class="right num" class:warn-text=warned title=notes.join("; ")>{fmt::count(found.rows)}</td>
        <td class="right num">{plain("eval_loss")}</td>
        <td class="right num wide">{plain("perplexity")}</td>
        <td class="right num">{cell("preference/accuracies", fmt::percent)}</td>
        <td class="right num">{plain("preference/margins")}</td>
        <td class="right num wide">{plain("predict_bleu-4")}</td>
        <td class="right num wide">{plain("predict_rouge-1")}</td>
        <td class="right num wide">{plain("predict_rouge-2")}</td>
        <td class="right num wide">{plain("predict_rouge-l")}</td>
        <td class="right num wide">{fmt::duration(seconds)}</td>
    }
}

/// The state of an evaluation that has no scores.
#[component]
fn State(one: Evaluation) -> impl IntoView {
    match one.standing {
        Standing::Going { phase, done, total } => {
            let share = (total > 0).then(|| done as f64 / total as f64);
            view! {
                <div class="row">
                    <span class="muted">{crate::pages::run::phase_word(phase)}</span>
                    <span class="num faint">{format!("{done} / {total}")}</span>
                    <div class="grow">
                        <Progress share=Signal::derive(move || share) label=Signal::derive(|| words::going().to_string()) />
                    </div>
                </div>
            }
            .into_any()
        }
        Standing::Failed { said } => {
            view! { <span class="bad-text" role="alert">{marked(&fmt::sentence(&said::say(&said)))}</span> }.into_any()
        }
        Standing::Stopped => view! { <span class="muted">{words::stopped}</span> }.into_any(),
        Standing::Queued | Standing::Done { .. } => view! { <span class="muted">{words::queued}</span> }.into_any(),
    }
}
