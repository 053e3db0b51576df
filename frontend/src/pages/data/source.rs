//! The sources of a new data set: a file, pasted text, a path on the server's machine, or a hub.

use super::adding::Adding;
use crate::fmt;
use crate::i18n::Word;
use crate::i18n::data as words;
use crate::ui::catalogue::{HubSearch, Pick};
use crate::ui::hub::HubDownload;
use crate::ui::{Field, Icon, IconName, TextField};
use leptos::html;
use leptos::prelude::*;
use protocol::api::HubRequest;
use protocol::data::endings;
use protocol::hub::Kind;
use web_sys::File;

/// The way in which the rows are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Upload,
    Paste,
    Path,
    Hub,
}

impl Way {
    /// Its name in the address and among the tabs.
    pub fn key(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Paste => "paste",
            Self::Path => "path",
            Self::Hub => "hub",
        }
    }

    pub fn from_key(key: &str) -> Self {
        let all = [Self::Upload, Self::Paste, Self::Path, Self::Hub];
        all.into_iter().find(|way| way.key() == key).unwrap_or(Self::Upload)
    }
}

#[component]
pub fn Source(adding: Adding) -> impl IntoView {
    move || match adding.way.get() {
        Way::Upload => view! { <FileDrop file=adding.file take=move |file| adding.take_file(file) /> }.into_any(),
        Way::Paste => view! { <Pasted text=adding.text /> }.into_any(),
        Way::Hub => view! { <FromHub adding /> }.into_any(),
        Way::Path => view! {
            <TextField
                label=words::path_label
                control="data-path"
                hint=words::path_hint
                value=adding.path
                mono=true
                placeholder="/data/pairs.parquet"
                on_type=move |path: String| adding.suggest(&path)
            />
        }
        .into_any(),
    }
}

/// A data set of a hub, which is searched, downloaded, and then added.
#[component]
fn FromHub(adding: Adding) -> impl IntoView {
    view! {
        <HubSearch kind=Kind::Dataset on_pick=move |pick: Pick| adding.take_pick(pick) />
        {move || {
            let pick = adding.pick.get()?;
            Some(view! {
                <div class="row wrap">
                    <PartField label=words::hub_subset control="hub-subset" adding part=|asked| &mut asked.subset />
                    <PartField label=words::hub_split control="hub-split" adding part=|asked| &mut asked.split />
                </div>
                <HubDownload asked=pick.asked plan_at_once=true />
            })
        }}
    }
}

/// A field for the part of a data set that is meant: its subset or its split.
#[component]
fn PartField(
    label: Word,
    control: &'static str,
    adding: Adding,
    part: fn(&mut HubRequest) -> &mut Option<String>,
) -> impl IntoView {
    let value = move || {
        let pick = adding.pick.get_untracked();
        pick.and_then(|mut pick| part(&mut pick.asked).clone())
            .unwrap_or_default()
    };
    let change = move |event| {
        let typed = Some(event_target_value(&event).trim().to_owned()).filter(|typed| !typed.is_empty());
        adding.pick.update(|pick| {
            if let Some(pick) = pick {
                *part(&mut pick.asked) = typed;
            }
        });
    };
    view! {
        <Field label=Signal::derive(move || label().to_string()) control>
            <input id=control class="input mono" autocomplete="off" spellcheck="false" prop:value=value() on:change=change />
        </Field>
    }
}

#[component]
fn Pasted(text: RwSignal<String>) -> impl IntoView {
    view! {
        <Field
            label=Signal::derive(|| words::paste_label().to_string())
            control="data-text"
            hint=Signal::derive(|| words::paste_hint().to_string())
        >
            <textarea
                id="data-text"
                class="textarea mono"
                rows="10"
                spellcheck="false"
                aria-describedby="data-text-note"
                prop:value=text
                on:input=move |event| text.set(event_target_value(&event))
            ></textarea>
        </Field>
    }
}

/// A drop zone for a file, with a button to choose one.
#[component]
fn FileDrop(file: RwSignal<Option<File>, LocalStorage>, #[prop(into)] take: Callback<Option<File>>) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let taken: String = endings().collect::<Vec<_>>().join(",");
    let over = RwSignal::new(false);
    let chosen = move |_| {
        let files = input.get_untracked().and_then(|input| input.files());
        take.run(files.and_then(|files| files.get(0)));
    };
    let dropped = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        let files = event.data_transfer().and_then(|data| data.files());
        take.run(files.and_then(|files| files.get(0)));
    };
    view! {
        <div
            class="drop"
            class:over=over
            on:dragover=move |event| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <input node_ref=input class="sr" type="file" id="data-file" accept=taken on:change=chosen />
            <label class="btn" for="data-file">
                <Icon name=IconName::Upload />
                {words::choose_file}
            </label>
            {move || match file.get() {
                Some(file) => {
                    view! { <span class="num"><b>{file.name()}</b>" "<span class="faint">{fmt::bytes(file.size() as u64)}</span></span> }
                        .into_any()
                }
                None => view! { <span class="faint">{words::drop_file}</span> }.into_any(),
            }}
        </div>
    }
}
