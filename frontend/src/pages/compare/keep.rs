//! Saving a comparison: its view under a name, its table and a report as files.

use super::state::with_known_runs;
use crate::address::use_address;
use crate::api;
use crate::browser;
use crate::chart::SMOOTHING;
use crate::i18n::{common, compare as words, lang};
use crate::live::use_live;
use crate::logic::query::Query;
use crate::ui::{Icon, IconName, Menu, MenuItem, Popover, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::SavedView;

/// The menu of downloads.
#[component]
pub fn TakeAlong() -> impl IntoView {
    let (address, live) = (use_address(), use_live());
    let file = move |what: &'static str| {
        let mut query = address.query.with_untracked(|query| with_known_runs(query, live));
        query.set("lang", lang().tag());
        if query.get("smooth").is_none() {
            query.set("smooth", &format!("{SMOOTHING:.2}"));
        }
        browser::download(&format!("/api/compare/{what}{query}"));
    };
    view! {
        <Menu
            trigger=ViewFn::from(|| view! { <Icon name=IconName::Download /><span class="wide">{words::download}</span> })
            label=Signal::derive(|| words::download().to_string())
            align_end=true
        >
            <MenuItem on_pick=move |()| file("report.html")>{words::report}</MenuItem>
            <MenuItem on_pick=move |()| file("table.csv")>{words::table_csv}</MenuItem>
            <MenuItem on_pick=move |()| file("table.json")>{words::table_json}</MenuItem>
        </Menu>
    }
}

/// The saved views, and a form to save the current one under a name.
#[component]
pub fn Views() -> impl IntoView {
    let toaster = use_toaster();
    let address = use_address();
    let views = RwSignal::new(Vec::<SavedView>::new());
    let name = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    Effect::new(move || {
        if open.get() {
            spawn_local(async move {
                match api::views().await {
                    Ok(found) => drop(views.try_set(found)),
                    Err(error) => toaster.fail(&error),
                }
            });
        }
    });
    let keep = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let query = address.query.with_untracked(Query::to_string);
        let view = SavedView {
            name: name.get_untracked(),
            query,
        };
        spawn_local(async move {
            match api::keep_view(&view).await {
                Ok(found) => {
                    toaster.say(words::view_kept(view.name));
                    views.try_set(found);
                    name.try_set(String::new());
                }
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let forget = move |gone: String| {
        spawn_local(async move {
            match api::forget_view(&gone).await {
                Ok(()) => drop(views.try_update(|views| views.retain(|view| view.name != gone))),
                Err(error) => toaster.fail(&error),
            }
        });
    };
    let row = move |view: SavedView| {
        let (gone, label) = (view.name.clone(), view.name.clone());
        view! {
            <div class="row">
                <a class="menu-item grow clip" href=format!("/compare?{}", view.query.trim_start_matches('?')) on:click=move |_| open.set(false)>{view.name}</a>
                <button type="button" class="cell-button" aria-label=move || words::view_forget(&label) on:click=move |_| forget(gone.clone())>
                    <Icon name=IconName::Trash />
                </button>
            </div>
        }
    };
    view! {
        <Popover
            trigger=ViewFn::from(|| view! { <Icon name=IconName::Star /><span class="wide">{words::views}</span> })
            label=Signal::derive(|| words::views().to_string())
            align_end=true
            open
        >
            <div class="stack kept-views">
                {move || views.get().into_iter().map(row).collect_view()}
                <form class="row" on:submit=keep>
                    <input class="input grow" aria-label=words::view_name placeholder=words::view_name maxlength="80" required=true
                        prop:value=name on:input=move |event| name.set(event_target_value(&event)) />
                    <button type="submit" class="btn">{common::save}</button>
                </form>
            </div>
        </Popover>
    }
}
