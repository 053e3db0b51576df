//! Importing runs of other programs, from a path on the server's machine or from a file.

use crate::api::{self, Answer, ApiError};
use crate::i18n::runs as words;
use crate::i18n::said;
use crate::links;
use crate::logic::query::encode;
use crate::part::{Lazy, part};
use crate::ui::{Dialog, ErrorNote, Icon, IconName, TextField, use_toaster};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::Said;
use protocol::api::{ImportRuns, ImportedRuns};

#[component]
pub fn ImportButton() -> impl IntoView {
    let open = RwSignal::new(false);
    provide_context(Opened(open));
    view! {
        <button type="button" id="import-runs" class="btn" on:click=move |_| open.set(true)>
            <Icon name=IconName::Upload />
            {words::take_in}
        </button>
        <Dialog open title=Signal::derive(|| words::take_in_title().to_string())>
            <Lazy part=part!(frame, view! { <Form /> }) />
        </Dialog>
    }
}

/// Whether the dialog is open.
#[derive(Clone, Copy)]
struct Opened(RwSignal<bool>);

#[component]
fn Form() -> impl IntoView {
    let Opened(open) = expect_context();
    let toaster = use_toaster();
    let navigate = StoredValue::new_local(use_navigate());
    let (path, name) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let input = NodeRef::<html::Input>::new();
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<ApiError>);
    let left_out = RwSignal::new(Vec::<Said>::new());
    let done = move |answer: Answer<ImportedRuns>| {
        let _ = busy.try_set(false);
        match answer {
            Ok(ImportedRuns { runs, left_out: why }) => {
                toaster.say(words::taken_in(runs.len() as u64));
                let all = why.is_empty();
                if left_out.try_set(why).is_none() && all {
                    open.set(false);
                    if let [run] = runs.as_slice() {
                        navigate.try_with_value(|go| go(&links::run(&run.id), NavigateOptions::default()));
                    }
                }
            }
            Err(error) => drop(failed.try_set(Some(error))),
        }
    };
    let begin = move || {
        failed.set(None);
        left_out.set(vec![]);
        !busy.get_untracked() && {
            busy.set(true);
            true
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request = ImportRuns {
            path: path.get_untracked().trim().to_owned(),
            name: Some(name.get_untracked().trim().to_owned()).filter(|name| !name.is_empty()),
        };
        if !request.path.is_empty() && begin() {
            spawn_local(async move { done(api::post("/api/imports", &request).await) });
        }
    };
    let chosen = move |_| {
        let files = input.get_untracked().and_then(|input| input.files());
        if let Some(file) = files.and_then(|files| files.get(0)).filter(|_| begin()) {
            let called = name.with_untracked(|name| encode(name.trim()));
            let address = format!("/api/imports/{}?name={called}", encode(&file.name()));
            spawn_local(async move { done(api::put_file(&address, &file).await) });
        }
    };
    let sentence = |why: Said| view! { <p>{move || said::row(&why.message, &why.code, &why.args)}</p> };
    view! {
        <form class="stack" on:submit=submit>
            <p class="muted">{words::take_in_text}</p>
            <TextField
                label=words::take_in_path
                control="import-path"
                hint=words::take_in_path_hint
                value=path
                mono=true
                placeholder="/home/me/saves"
            />
            <TextField label=words::take_in_name control="import-name" hint=words::take_in_name_hint value=name />
            {move || failed.get().map(|error| view! { <ErrorNote error /> })}
            <Show when=move || left_out.with(|all| !all.is_empty())>
                <div class="note warn" role="status" id="import-left-out">
                    <Icon name=IconName::Warning />
                    <div class="grow">
                        <p>{words::take_in_left_out}</p>
                        {move || left_out.get().into_iter().map(sentence).collect_view()}
                    </div>
                </div>
            </Show>
            <footer class="dialog-foot">
                <input
                    node_ref=input
                    class="sr"
                    type="file"
                    id="import-file"
                    on:change=chosen
                />
                <label class="btn" for="import-file">
                    <Icon name=IconName::Upload />
                    {words::take_in_file}
                </label>
                <button
                    type="submit"
                    id="import-add"
                    class="btn primary"
                    disabled=move || busy.get() || path.with(|path| path.trim().is_empty())
                >
                    {words::take_in_verb}
                </button>
            </footer>
        </form>
    }
}
