//! Fetching a model from the hub, with progress and a way to stop.

use crate::api::{self, Answer};
use crate::fmt;
use crate::i18n::models as words;
use crate::i18n::said::say;
use crate::live::use_live;
use crate::logic::query::encode;
use crate::ui::{Icon, IconName, Progress, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::Download;

/// Whether a text has the form of a hub name: `owner/name`.
pub fn is_hub_name(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    text.split_once('/')
        .is_some_and(|(owner, name)| part(owner) && part(name))
        && !text.contains("/checkpoint-")
}

/// The hub name in what a person typed or pasted: the name itself, or the address of its page.
pub fn hub_name(text: &str) -> Option<String> {
    let text = text.trim();
    let path = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let name = match path {
        Some(address) => {
            let path = address.split(['?', '#']).next().unwrap_or_default();
            let (_, path) = path.split_once('/')?;
            let mut parts = path.split('/').filter(|part| !part.is_empty());
            // of a file's address the rest is no part of the name
            [parts.next()?, parts.next()?].join("/")
        }
        None => text.to_owned(),
    };
    is_hub_name(&name).then_some(name)
}

/// The state of one download, with the buttons that start and stop it.
#[component]
pub fn HubDownload(
    model: String,
    #[prop(into, optional)] on_done: Option<Callback<()>>,
    /// It was asked for already: no second click.
    #[prop(optional)]
    start_now: bool,
) -> impl IntoView {
    let (live, toaster) = (use_live(), use_toaster());
    let name = StoredValue::new(model);
    let known = Memo::new(move |_| live.downloads.with(|all| all.get(&name.get_value()).cloned()));
    let going = move || known.get().filter(|download| download.state == "downloading");
    let failed = move || known.get().filter(|download| download.state == "failed");
    let was_going = StoredValue::new(false);
    Effect::new(move || {
        let state = known.with(|known| known.as_ref().map(|download| download.state.clone()));
        if state.as_deref() == Some("done")
            && was_going.get_value()
            && let Some(done) = on_done
        {
            done.run(());
        }
        was_going.set_value(state.as_deref() == Some("downloading"));
    });
    let start = move || {
        spawn_local(async move {
            let body = serde_json::json!({"model": name.get_value()});
            let answer: Answer<Download> = api::post("/api/models/downloads", &body).await;
            match answer {
                Ok(download) => live.downloads.update(|all| {
                    all.insert(download.model.clone(), download);
                }),
                Err(error) => toaster.fail(&error),
            }
        });
    };
    if start_now {
        start();
    }
    let stop = move |_| {
        spawn_local(async move {
            if let Err(error) = api::delete(&format!("/api/models/downloads/{}", encode(&name.get_value()))).await {
                toaster.fail(&error);
            }
        });
    };
    let share = Signal::derive(move || {
        going()
            .filter(|download| download.total > 0)
            .map(|d| d.done as f64 / d.total as f64)
    });
    let so_far = move || {
        going().map(|download| match download.total {
            0 => words::asking_hub().to_owned(),
            total => words::fetched(fmt::bytes(download.done), fmt::bytes(total)),
        })
    };
    view! {
        <div class="hub-download" data-model=name.get_value()>
            <span class="mono clip">{name.get_value()}</span>
            <Show
                when=move || going().is_some()
                fallback=move || {
                    view! {
                        <button type="button" class="btn small" on:click=move |_| start()>
                            <Icon name=IconName::Download />
                            {move || if failed().is_some() { words::again() } else { words::download() }}
                        </button>
                    }
                }
            >
                <div class="grow">
                    <Progress share label=Signal::derive(|| words::downloading().to_string()) />
                </div>
                <span class="num faint">{so_far}</span>
                <button type="button" class="btn small" on:click=stop>
                    <Icon name=IconName::Stop />
                    {words::stop}
                </button>
            </Show>
            {move || failed().map(|download| view! { <p class="bad-text hub-failed">{say(&download.said)}</p> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::{hub_name, is_hub_name};

    #[test]
    fn a_pasted_address_is_read_as_its_name() {
        for (text, name) in [
            (" Qwen/Qwen2.5-0.5B ", Some("Qwen/Qwen2.5-0.5B")),
            ("https://huggingface.co/Qwen/Qwen2.5-0.5B", Some("Qwen/Qwen2.5-0.5B")),
            ("https://huggingface.co/a/b/tree/main?x=1", Some("a/b")),
            ("https://huggingface.co/a", None),
            ("no name", None),
            ("", None),
        ] {
            assert_eq!(hub_name(text).as_deref(), name, "{text}");
        }
    }

    #[test]
    fn a_hub_name_is_owner_and_name() {
        assert!(is_hub_name("Qwen/Qwen2.5-0.5B"));
        for other in [
            "corral-demo",
            "/models/x",
            "a/b/c",
            "../x",
            "run/checkpoint-20",
            "a b/c",
            "a/",
        ] {
            assert!(!is_hub_name(other), "{other}");
        }
    }
}
