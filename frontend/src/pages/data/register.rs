//! Importing a register (`dataset_info.json`): its entries are listed, and the chosen ones are added.

use super::{Library, use_library};
use crate::api::{self, Answer};
use crate::fetched::Refetch;
use crate::i18n::{data as words, said};
use crate::ui::{ErrorNote, Icon, IconName, Skeleton, TextField, Toaster, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{DataSource, RegisterAnswer, RegisterEntry, RegisterRequest, TakeEntry};
use std::future::Future;

/// An entry, whether it is chosen, and the name it is added under.
#[derive(Clone)]
struct Choice {
    entry: RegisterEntry,
    is_chosen: RwSignal<bool>,
    name: RwSignal<String>,
}

/// What can be added first, then what something stands against, then what is not there; each in the file's order.
fn in_order(mut choices: Vec<Choice>) -> Vec<Choice> {
    choices.sort_by_key(|choice| match (choice.entry.found, &choice.entry.trouble) {
        (true, None) => 0,
        (true, Some(_)) => 1,
        (false, _) => 2,
    });
    choices
}

impl Choice {
    fn of(entry: RegisterEntry) -> Self {
        Self {
            is_chosen: RwSignal::new(entry.found && entry.trouble.is_none()),
            name: RwSignal::new(entry.name.clone()),
            entry,
        }
    }
}

/// What is listed of the register, and what was chosen of it.
#[derive(Clone, Copy)]
struct Register {
    source: StoredValue<DataSource>,
    folder: RwSignal<String>,
    listed: RwSignal<Option<Answer<Vec<Choice>>>>,
    busy: RwSignal<bool>,
}

impl Register {
    fn new(source: DataSource) -> Self {
        Self {
            source: StoredValue::new(source),
            folder: RwSignal::new(String::new()),
            listed: RwSignal::new(None),
            busy: RwSignal::new(false),
        }
    }

    /// Asks for its entries, and takes these of them.
    fn ask(self, take: Vec<TakeEntry>) -> impl Future<Output = Answer<RegisterAnswer>> {
        let folder = Some(self.folder.get_untracked()).filter(|folder| !folder.trim().is_empty());
        let request = RegisterRequest {
            source: self.source.get_value(),
            folder,
            take,
        };
        async move { api::post("/api/register", &request).await }
    }

    /// The entries came.
    fn list(self, answer: Answer<RegisterAnswer>) {
        if let Ok(RegisterAnswer {
            folder: Some(known), ..
        }) = &answer
            && self.folder.with_untracked(String::is_empty)
        {
            self.folder.set(known.clone());
        }
        self.listed.set(Some(
            answer.map(|answer| in_order(answer.entries.into_iter().map(Choice::of).collect())),
        ));
    }

    fn chosen(self) -> Vec<Choice> {
        self.listed.with(|listed| match listed {
            Some(Ok(choices)) => choices
                .iter()
                .filter(|choice| choice.is_chosen.get())
                .cloned()
                .collect::<Vec<_>>(),
            _ => vec![],
        })
    }

    /// Adds the chosen entries. Those that could not be added stay, with the reason.
    async fn add(self, take: Vec<TakeEntry>, library: Library, toaster: Toaster) {
        let wanted: Vec<String> = take.iter().map(|take| take.entry.clone()).collect();
        let answer = self.ask(take).await;
        let _ = self.busy.try_set(false);
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return drop(self.listed.try_set(Some(Err(error)))),
        };
        let added = answer.entries.iter().filter(|entry| entry.added).count() as u64;
        if added > 0 {
            toaster.say(words::brought(added));
            library.refetch.now();
        }
        let left: Vec<_> = answer.entries.into_iter().filter(|entry| !entry.added).collect();
        if left.iter().any(|entry| wanted.contains(&entry.name)) {
            let mut left = in_order(left.into_iter().map(Choice::of).collect());
            left.sort_by_key(|choice| !wanted.contains(&choice.entry.name));
            let _ = self.listed.try_set(Some(Ok(left)));
        } else if library.adding.try_get_untracked().is_some() {
            library.adding.set(false);
        }
    }
}

#[component]
pub fn ImportRegister(source: DataSource) -> impl IntoView {
    let (library, toaster) = (use_library(), use_toaster());
    let register = Register::new(source);
    let Register {
        folder, listed, busy, ..
    } = register;
    let entries = Refetch::new(move || register.ask(vec![]), move |answer| register.list(answer));
    entries.now();
    let add = move |_| {
        let take: Vec<_> = untrack(move || register.chosen())
            .into_iter()
            .map(|choice| TakeEntry {
                entry: choice.entry.name,
                name: Some(choice.name.get_untracked()),
            })
            .collect();
        if take.is_empty() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        entries.forget();
        spawn_local(register.add(take, library, toaster));
    };
    let rows = move || match listed.get() {
        None => view! { <Skeleton lines=4 /> }.into_any(),
        Some(Err(error)) => view! { <ErrorNote error on_retry=move |()| entries.now() /> }.into_any(),
        Some(Ok(choices)) => {
            let rows = choices
                .into_iter()
                .map(|choice| view! { <Row choice /> })
                .collect_view();
            view! { <ul class="bring-list" aria-label=words::bring_entries>{rows}</ul> }.into_any()
        }
    };
    view! {
        <p class="note">
            <Icon name=IconName::Info />
            <span>{words::bring_text}</span>
        </p>
        {rows}
        <div class="row bring-folder">
            <div class="grow">
                <TextField label=words::bring_folder control="bring-folder" hint=words::bring_folder_hint value=folder mono=true />
            </div>
            <button type="button" class="btn" on:click=move |_| entries.now()>{words::bring_look}</button>
        </div>
        <footer class="dialog-foot">
            <button type="button" id="bring-add" class="btn primary" disabled=move || busy.get() || register.chosen().is_empty() on:click=add>
                {move || if busy.get() { words::adding().to_owned() } else { words::bring_add(register.chosen().len() as u64) }}
            </button>
        </footer>
    }
}

#[component]
fn Row(choice: Choice) -> impl IntoView {
    let Choice { entry, is_chosen, name } = choice;
    // a name that is taken can be changed here; a file that is missing can only be found in another folder
    let there = entry.found;
    let trouble = entry.trouble.clone();
    let label = entry.name.clone();
    view! {
        <li class="bring-row" data-entry=entry.name.clone()>
            <input type="checkbox" aria-label=label.clone() disabled=!there prop:checked=is_chosen on:change=move |event| is_chosen.set(event_target_checked(&event)) />
            <input
                class="input"
                aria-label=words::bring_name(&label)
                disabled=!there
                autocomplete="off"
                spellcheck="false"
                prop:value=name
                on:input=move |event| {
                    name.set(event_target_value(&event));
                    is_chosen.set(true);
                }
            />
            <span class="mono clip faint" title=entry.file.clone()>{entry.file.clone()}</span>
            // what lies elsewhere is no mistake
            <p class=if there { "bad-text" } else { "faint" }>{move || trouble.as_ref().map(said::say)}</p>
        </li>
    }
}
