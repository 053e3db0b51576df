//! Adding a data set: by upload, paste or path.

use super::bring::Bring;
use super::use_library;
use crate::address::use_address;
use crate::api::{self, Answer, ApiError};
use crate::browser::file_text;
use crate::fmt;
use crate::i18n::data as words;
use crate::logic::query::encode;
use crate::ui::{Dialog, ErrorNote, Field, Icon, IconName, Tabs, use_toaster};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{DataSource, NewDataset};
use protocol::data::DatasetInfo;
use web_sys::File;

#[component]
pub fn Add() -> impl IntoView {
    let library = use_library();
    view! {
        <Dialog open=library.adding title=Signal::derive(|| words::add().to_string())>
            <Body />
        </Dialog>
    }
}

/// The name of LLaMA-Factory's list of data sets.
const REGISTER: &str = "dataset_info";

/// A name made from a file's: its stem, with what a name can't have replaced.
fn name_of(file: &str) -> String {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let plain = stem.trim().replace(|c: char| c.is_whitespace() || c == ',', "_");
    plain.trim_start_matches('.').to_owned()
}

/// What can be said against a name before the server is asked.
fn wrong(name: &str, taken: &[String]) -> Option<&'static str> {
    let bad = |c: char| c.is_whitespace() || matches!(c, ',' | '/' | '\\');
    if name.is_empty() || name.starts_with('.') || name.contains(bad) {
        Some(words::name_bad())
    } else if taken.iter().any(|other| other == name) {
        Some(words::name_taken())
    } else {
        None
    }
}

/// How pasted text is to be read: rows in braces or brackets, else plain text.
fn ending(text: &str) -> &'static str {
    match text.trim_start().chars().next() {
        Some('[') => "json",
        Some('{') => "jsonl",
        _ => "txt",
    }
}

#[component]
fn Body() -> impl IntoView {
    let (library, toaster) = (use_library(), use_toaster());
    let navigate = StoredValue::new_local(use_navigate());
    let asked_way = use_address()
        .query
        .with_untracked(|query| query.get("add").map(str::to_owned));
    let way = RwSignal::new(
        asked_way
            .filter(|way| ["upload", "paste", "path"].contains(&way.as_str()))
            .unwrap_or_else(|| "upload".into()),
    );
    let name = RwSignal::new(String::new());
    let named_by_hand = RwSignal::new(false);
    let file = RwSignal::new_local(None::<File>);
    let text = RwSignal::new(String::new());
    let path = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let tried = RwSignal::new(false);
    let failed = RwSignal::new(None::<ApiError>);
    // a register is no data set but a list of them: its entries are offered instead
    let register = RwSignal::new(None::<DataSource>);
    let taken = move || {
        library.sets.with(|sets| match sets {
            Some(Ok(sets)) => sets.iter().map(|set| set.name.clone()).collect::<Vec<_>>(),
            _ => vec![],
        })
    };
    let suggest = move |from: &str| {
        if !named_by_hand.get_untracked() {
            name.set(name_of(from));
        }
    };
    let take_file = move |chosen: Option<File>| {
        if let Some(chosen) = chosen {
            suggest(&chosen.name());
            file.set(Some(chosen));
            failed.set(None);
        }
    };
    let has_source = move || match way.get().as_str() {
        "upload" => file.with(Option::is_some),
        "paste" => text.with(|text| !text.trim().is_empty()),
        _ => path.with(|path| !path.trim().is_empty()),
    };
    let name_error = Signal::derive(move || {
        let shown = tried.get() || name.with(|name| !name.is_empty());
        let error = name.with(|name| wrong(name, &taken()));
        error.filter(|_| shown).map(str::to_owned)
    });
    let add = move || {
        tried.set(true);
        if busy.get_untracked() || !untrack(has_source) {
            return;
        }
        // the server tells a register by what is in it, whatever its name
        let reserved = untrack(|| name.with(|name| name == REGISTER));
        if !reserved && untrack(|| name.with(|name| wrong(name, &taken()))).is_some() {
            crate::browser::focus("#data-name");
            return;
        }
        busy.set(true);
        failed.set(None);
        let (name, way) = (name.get_untracked(), way.get_untracked());
        let (file, text, path) = (file.get_untracked(), text.get_untracked(), path.get_untracked());
        spawn_local(async move {
            let brought = (way.clone(), file.clone(), text.clone(), path.clone());
            let answer: Answer<DatasetInfo> = match (way.as_str(), file) {
                ("upload", Some(file)) => {
                    let address = format!("/api/datasets/{}?file_name={}", encode(&name), encode(&file.name()));
                    api::put_file(&address, &file).await
                }
                ("paste", _) => {
                    let file_name = format!("{name}.{}", ending(&text));
                    let source = DataSource::Text { file_name, text };
                    api::post("/api/datasets", &NewDataset { name, source }).await
                }
                _ => {
                    let source = DataSource::Path(path.trim().to_owned());
                    api::post("/api/datasets", &NewDataset { name, source }).await
                }
            };
            let _ = busy.try_set(false);
            match answer {
                Ok(set) => {
                    let usable = set.inspection.as_ref().map_or(0, |found| found.usable);
                    toaster.say(words::added(&set.name, fmt::count(usable)));
                    let page = format!("/data/{}", encode(&set.name));
                    // the person may have gone elsewhere meanwhile
                    if library.adding.try_get_untracked().is_some() {
                        library.put(set);
                        library.adding.set(false);
                        navigate.try_with_value(|go| go(&page, NavigateOptions::default()));
                    }
                }
                Err(error) if error.code() == "is_register" => {
                    let (way, file, text, path) = brought;
                    let file_name = "dataset_info.json".to_owned();
                    let source = match (way.as_str(), file) {
                        ("upload", Some(file)) => {
                            let text = file_text(&file).await.unwrap_or_default();
                            DataSource::Text { file_name, text }
                        }
                        ("paste", _) => DataSource::Text { file_name, text },
                        _ => DataSource::Path(path.trim().to_owned()),
                    };
                    let _ = register.try_set(Some(source));
                }
                Err(error) => {
                    let _ = failed.try_set(Some(error));
                }
            }
        });
    };
    let source = move || match way.get().as_str() {
        "paste" => view! {
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
                    prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                ></textarea>
            </Field>
        }
        .into_any(),
        "path" => view! {
            <Field
                label=Signal::derive(|| words::path_label().to_string())
                control="data-path"
                hint=Signal::derive(|| words::path_hint().to_string())
            >
                <input
                    id="data-path"
                    class="input mono"
                    placeholder="/data/pairs.jsonl"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=path
                    on:input=move |event| {
                        path.set(event_target_value(&event));
                        suggest(&path.get_untracked());
                    }
                />
            </Field>
        }
        .into_any(),
        _ => view! { <Drop file take=take_file /> }.into_any(),
    };
    let form = move || {
        view! {
            <form
                class="stack add-data"
                on:submit=move |event| {
                    event.prevent_default();
                    add();
                }
            >
                <Tabs
                    tabs=vec![("upload", words::upload), ("paste", words::paste), ("path", words::path)]
                    chosen=way
                    on_choose=move |chosen| {
                        way.set(chosen);
                        failed.set(None);
                    }
                    label=Signal::derive(|| words::ways().to_string())
                />
                {source}
                <Field
                    label=Signal::derive(|| words::name().to_string())
                    control="data-name"
                    hint=Signal::derive(|| words::name_hint().to_string())
                    error=name_error
                >
                    <input
                        id="data-name"
                        class="input"
                        autocomplete="off"
                        spellcheck="false"
                        prop:value=name
                        on:input=move |event| {
                            named_by_hand.set(true);
                            name.set(event_target_value(&event));
                        }
                    />
                </Field>
                {move || failed.get().map(|error| view! { <ErrorNote error /> })}
                <footer class="dialog-foot">
                    <button type="submit" id="data-add" class="btn primary" disabled=move || busy.get() || !has_source()>
                        {move || if busy.get() { words::adding() } else { words::add_verb() }}
                    </button>
                </footer>
            </form>
        }
    };
    move || match register.get() {
        Some(source) => view! { <Bring source /> }.into_any(),
        None => form().into_any(),
    }
}

/// A place to drop a file, or to choose one.
#[component]
fn Drop(file: RwSignal<Option<File>, LocalStorage>, #[prop(into)] take: Callback<Option<File>>) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
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
            <input node_ref=input class="sr" type="file" id="data-file" accept=".json,.jsonl,.txt" on:change=chosen />
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_from_the_file() {
        assert_eq!(name_of("/data/my pairs, v2.jsonl"), "my_pairs__v2");
        assert_eq!(name_of("C:\\x\\a.b.json"), "a.b");
        assert_eq!(name_of("plain"), "plain");
    }

    #[test]
    fn names_that_cannot_be_are_said_before_the_server_is_asked() {
        let taken = ["demo_en".to_owned()];
        assert_eq!(wrong("mine", &taken), None);
        for name in ["", "a b", "a,b", "a/b", ".x"] {
            assert_eq!(wrong(name, &taken), Some(words::name_bad()), "{name}");
        }
        assert_eq!(wrong("demo_en", &taken), Some(words::name_taken()));
    }

    #[test]
    fn pasted_rows_are_read_by_their_first_letter() {
        assert_eq!(ending(" [{}]"), "json");
        assert_eq!(ending("{\"a\":1}\n{\"a\":2}"), "jsonl");
        assert_eq!(ending("Once upon a time"), "txt");
    }
}
