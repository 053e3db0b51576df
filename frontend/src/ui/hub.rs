//! Downloads from a hub: which hub, the download's size and the free disk space, then its progress with a button to stop it.

use super::{Icon, IconName, Progress, Toaster, use_toaster};
use crate::api;
use crate::fmt;
use crate::i18n::models as words;
use crate::i18n::said::say;
use crate::live::{Live, use_live};
use crate::logic::query::encode;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Download, DownloadPlan, HubRequest};
use protocol::hub::{Hub, HubName, Kind, has_room_for};

/// The request for what a person typed or pasted. The address of a hub's page says itself which hub it is of; a bare name is
/// asked of `hub`.
pub fn hub_request(kind: Kind, text: &str, hub: Hub) -> Option<HubRequest> {
    let named = HubName::of(kind, text)?;
    Some(HubRequest {
        hub: Some(named.hub.unwrap_or(hub)),
        name: named.name,
        revision: named.revision,
        kind,
        ..HubRequest::default()
    })
}

/// Whether a text has the form of a hub model's name, and not of a run's checkpoint.
pub fn is_hub_name(text: &str) -> bool {
    HubName::parse(text).is_some() && !text.contains("/checkpoint-")
}

/// The hub to ask: the server's default until the person chooses another.
pub fn use_default_hub() -> RwSignal<Hub> {
    let hub = RwSignal::new(Hub::default());
    spawn_local(async move {
        if let Ok(system) = api::system().await {
            let _ = hub.try_set(system.hub);
        }
    });
    hub
}

/// A select of the hubs.
#[component]
pub fn HubSelect(#[prop(into)] id: String, hub: RwSignal<Hub>) -> impl IntoView {
    let change = move |event| {
        if let Some(chosen) = Hub::of_id(&event_target_value(&event)) {
            hub.set(chosen);
        }
    };
    let options = Hub::ALL.map(|one| {
        view! { <option value=one.id() selected=move || hub.get() == one>{one.title()}</option> }
    });
    view! {
        <span class="select hub-switch">
            <select id=id aria-label=words::hub prop:value=move || hub.get().id() on:change=change>
                {options}
            </select>
        </span>
    }
}

/// A download: what is asked for, how it goes, and the plan of it.
#[derive(Clone, Copy)]
struct Fetching {
    live: Live,
    toaster: Toaster,
    request: StoredValue<HubRequest>,
    /// As the server tells it; `None` while it was not begun.
    known: Memo<Option<Download>>,
    plan: RwSignal<Option<DownloadPlan>>,
    planning: RwSignal<bool>,
    plan_error: RwSignal<Option<String>>,
}

impl Fetching {
    fn of(asked: HubRequest) -> Self {
        let (live, id) = (use_live(), asked.id());
        Self {
            live,
            toaster: use_toaster(),
            request: StoredValue::new(asked),
            known: Memo::new(move |_| live.downloads.with(|all| all.get(&id).cloned())),
            plan: RwSignal::new(None),
            planning: RwSignal::new(false),
            plan_error: RwSignal::new(None),
        }
    }

    fn in_state(self, state: &str) -> Option<Download> {
        self.known.get().filter(|download| download.state == state)
    }

    fn going(self) -> Option<Download> {
        self.in_state("downloading")
    }

    fn failed(self) -> Option<Download> {
        self.in_state("failed")
    }

    fn is_done(self) -> bool {
        self.in_state("done").is_some()
    }

    /// Calls `on_done` when it ends well after it was seen going on.
    fn when_done(self, on_done: Callback<()>) {
        Effect::new(move |was_going: Option<bool>| {
            let state = self
                .known
                .with(|known| known.as_ref().map(|download| download.state.clone()));
            if state.as_deref() == Some("done") && was_going == Some(true) {
                on_done.run(());
            }
            state.as_deref() == Some("downloading")
        });
    }

    fn ask_for_plan(self) {
        self.planning.set(true);
        self.plan_error.set(None);
        spawn_local(async move {
            let answer = api::plan_download(&self.request.get_value()).await;
            let _ = self.planning.try_set(false);
            match answer {
                Ok(found) => drop(self.plan.try_set(Some(found))),
                Err(error) => drop(self.plan_error.try_set(Some(error.message()))),
            }
        });
    }

    fn start(self) {
        spawn_local(async move {
            match api::download(&self.request.get_value()).await {
                Ok(download) => self.live.downloads.update(|all| {
                    all.insert(download.id.clone(), download);
                }),
                Err(error) => self.toaster.fail(&error),
            }
        });
    }

    fn stop(self) {
        spawn_local(async move {
            let id = self.request.with_value(HubRequest::id);
            if let Err(error) = api::delete(&format!("/api/downloads/{}", encode(&id))).await {
                self.toaster.fail(&error);
            }
        });
    }

    /// Whether there is room for it, as far as is known.
    fn fits(self) -> bool {
        self.plan
            .with(|plan| plan.as_ref().is_none_or(|plan| has_room_for(plan.missing, plan.free)))
    }
}

/// One download. A first press asks for its size, which says whether there is room for it; a second one starts it.
#[component]
pub fn HubDownload(
    asked: HubRequest,
    #[prop(into, optional)] on_done: Option<Callback<()>>,
    /// Asks for the size at once, without the first press.
    #[prop(optional)]
    plan_at_once: bool,
) -> impl IntoView {
    let fetching = Fetching::of(asked.clone());
    if let Some(on_done) = on_done {
        fetching.when_done(on_done);
    }
    if plan_at_once && fetching.known.get_untracked().is_none() {
        fetching.ask_for_plan();
    }
    let share = Signal::derive(move || {
        let known = fetching.going().filter(|download| download.total > 0);
        known.map(|d| d.done as f64 / d.total as f64)
    });
    let progress_text = move || fetching.going().map(|download| progress_text(&download));
    let parts = [&asked.subset, &asked.split, &asked.revision];
    let parts: Vec<_> = parts.into_iter().flatten().cloned().collect();
    view! {
        <div class="hub-download" data-model=asked.name.clone()>
            <a class="mono clip" href=asked.hub.unwrap_or_default().page(asked.kind, &asked.name) target="_blank" rel="noreferrer">
                {asked.name.clone()}
            </a>
            <span class="chip">{asked.hub.unwrap_or_default().title()}</span>
            {(!parts.is_empty()).then(|| view! { <span class="faint">{parts.join(" · ")}</span> })}
            <Show when=move || fetching.going().is_some() fallback=move || view! { <Before fetching /> }>
                <div class="grow">
                    <Progress share label=Signal::derive(|| words::downloading().to_string()) />
                </div>
                <span class="num faint">{progress_text}</span>
                <button type="button" class="btn small" on:click=move |_| fetching.stop()>
                    <Icon name=IconName::Stop />
                    {words::stop}
                </button>
            </Show>
            <div class="hub-failed" aria-live="polite">
                {move || fetching.failed().map(|download| view! { <p class="bad-text">{say(&download.said)}</p> })}
                {move || fetching.plan_error.get().map(|error| view! { <p class="bad-text">{error}</p> })}
            </div>
        </div>
    }
}

/// What stands beside a download that does not go on: its size, and the button that asks for that or begins.
#[component]
fn Before(fetching: Fetching) -> impl IntoView {
    let Fetching { plan, planning, .. } = fetching;
    let button = move || match (fetching.failed().is_some(), plan.with(Option::is_some)) {
        (true, _) => words::again(),
        (false, true) => words::download(),
        (false, false) => words::look(),
    };
    let press = move |_| match untrack(move || fetching.failed()).is_some() || plan.with_untracked(Option::is_some) {
        true => fetching.start(),
        false => fetching.ask_for_plan(),
    };
    view! {
        {move || plan.get().filter(|_| !fetching.is_done()).map(|plan| view! { <DiskSpace plan /> })}
        <Show when=move || !fetching.is_done() fallback=|| view! { <span class="chip ok">{words::is_here}</span> }>
            <button type="button" class="btn small" disabled=move || planning.get() || !fetching.fits() on:click=press>
                <Icon name=IconName::Download />
                {move || if planning.get() { words::asking_hub() } else { button() }}
            </button>
        </Show>
    }
}

fn progress_text(download: &Download) -> String {
    match download.total {
        0 => words::asking_hub().to_owned(),
        total => words::fetched(fmt::bytes(download.done), fmt::bytes(total)),
    }
}

/// How much is still to be downloaded, and the free disk space.
#[component]
fn DiskSpace(plan: DownloadPlan) -> impl IntoView {
    let (missing, free) = (fmt::bytes(plan.missing), fmt::bytes(plan.free));
    let short = !has_room_for(plan.missing, plan.free);
    view! {
        <span class="num hub-room" class:bad-text=short title=plan.folder>
            {move || match plan.missing {
                0 => words::all_here().to_owned(),
                _ => words::to_fetch(&missing, &free),
            }}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_address_is_read_as_its_name_and_hub() {
        let found = |text: &str| hub_request(Kind::Model, text, Hub::ModelScope).map(|asked| asked.id());
        for (text, id) in [
            (" Qwen/Qwen2.5-0.5B ", Some("modelscope/models/Qwen/Qwen2.5-0.5B")),
            (
                "https://huggingface.co/Qwen/Qwen2.5-0.5B",
                Some("huggingface/models/Qwen/Qwen2.5-0.5B"),
            ),
            (
                "https://huggingface.co/a/b/tree/v1?x=1",
                Some("huggingface/models/a/b@v1:::"),
            ),
            ("https://huggingface.co/a", None),
            ("no name", None),
            ("", None),
        ] {
            assert_eq!(found(text).as_deref(), id, "{text}");
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
