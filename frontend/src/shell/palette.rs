//! The command palette: runs, models, data sets, pages and actions by name.

use super::demo::use_run_demo;
use super::places::PLACES;
use super::theme::Choice;
use crate::api;
use crate::app::use_shell;
use crate::i18n::{self, Lang, reference as reference_words, shell as words};
use crate::live::use_live;
use crate::logic::find::rank;
use crate::logic::query::encode;
use crate::part::{Later, part};
use crate::ui::{Dialog, Icon, IconName};
use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

#[derive(Debug, Clone, PartialEq)]
enum Goal {
    Page(String),
    Demo,
    Language(Lang),
    Theme(Choice),
    Keys,
    Notify,
    Reference,
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    icon: IconName,
    name: String,
    kind: &'static str,
    goal: Goal,
}

impl Entry {
    fn page(icon: IconName, name: &str, kind: &'static str, path: impl Into<String>) -> Self {
        Self {
            icon,
            name: name.into(),
            kind,
            goal: Goal::Page(path.into()),
        }
    }
    fn action(icon: IconName, name: String, goal: Goal) -> Self {
        let kind = words::palette_action();
        Self { icon, name, kind, goal }
    }
}

const SHOWN: usize = 12;

fn fixed() -> Vec<Entry> {
    let page = words::palette_page();
    let places = PLACES.iter();
    let mut all: Vec<_> = places
        .map(|place| Entry::page(place.icon, (place.name)(), page, place.path))
        .collect();
    all.extend([
        Entry::action(IconName::Play, words::run_demo().into(), Goal::Demo),
        Entry::action(IconName::Info, words::keys().into(), Goal::Keys),
        Entry::action(IconName::Bell, i18n::notify::title().into(), Goal::Notify),
        Entry::action(IconName::Info, reference_words::title().into(), Goal::Reference),
    ]);
    for (icon, name, choice) in [
        (IconName::Sun, words::theme_light(), Choice::Light),
        (IconName::Moon, words::theme_dark(), Choice::Dark),
        (IconName::System, words::theme_system(), Choice::System),
    ] {
        let name = format!("{}: {name}", words::theme());
        all.push(Entry::action(icon, name, Goal::Theme(choice)));
    }
    for lang in Lang::ALL {
        let name = format!("{}: {}", words::language(), lang.name());
        all.push(Entry::action(IconName::Edit, name, Goal::Language(lang)));
    }
    all
}

#[component]
pub fn Palette() -> impl IntoView {
    let open = use_shell().palette;
    view! {
        <Dialog open title=Signal::derive(|| words::palette().to_string()) class="palette">
            <Later part=part!(frame, view! { <Search /> }) />
        </Dialog>
    }
}

/// Only there while the palette is open.
#[component]
fn Search() -> impl IntoView {
    let (shell, live) = (use_shell(), use_live());
    let text = RwSignal::new(String::new());
    let at = RwSignal::new(0usize);
    // runs are known
    let stored = LocalResource::new(|| async {
        let (models, datasets) = futures::join!(api::models(), api::datasets());
        (models.unwrap_or_default(), datasets.unwrap_or_default())
    });
    request_animation_frame(|| {
        crate::browser::focus("#palette-input");
    });
    let found = Memo::new(move |_| {
        let mut all = fixed();
        live.runs.with(|runs| {
            let mut rows: Vec<_> = runs
                .values()
                .map(|run| run.with_untracked(|r| (r.created, r.id.clone(), r.name.clone())))
                .collect();
            rows.sort_by_key(|(created, ..)| -created);
            for (_, id, name) in rows {
                all.push(Entry::page(
                    IconName::Runs,
                    &name,
                    words::palette_run(),
                    format!("/runs/{}", encode(&id)),
                ));
            }
        });
        if let Some((models, datasets)) = stored.get() {
            for model in models {
                let path = format!("/models?model={}", encode(&model.id));
                all.push(Entry::page(IconName::Models, &model.id, words::palette_model(), path));
            }
            for set in datasets {
                let path = format!("/data/{}", encode(&set.name));
                all.push(Entry::page(IconName::Data, &set.name, words::palette_data(), path));
            }
        }
        text.with(|text| rank(text, all, |entry| &entry.name, SHOWN))
    });
    let navigate = use_navigate();
    let (demo, _) = use_run_demo();
    let pick = Callback::new(move |entry: Entry| {
        shell.palette.set(false);
        match entry.goal {
            Goal::Page(path) => navigate(&path, NavigateOptions::default()),
            Goal::Demo => demo.run(()),
            Goal::Language(lang) => i18n::set_lang(lang),
            Goal::Theme(choice) => shell.theme.choose(choice),
            Goal::Reference => shell.reference.at(""),
            Goal::Keys => shell.keys.set(true),
            Goal::Notify => shell.notices.open.set(true),
        }
    });
    let keys = move |event: ev::KeyboardEvent| {
        let count = found.with(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => at.update(|at| *at = (*at + 1) % count),
            "ArrowUp" => at.update(|at| *at = (*at + count - 1) % count),
            "Enter" if !event.is_composing() => {
                if let Some(entry) = found.with(|found| found.get(at.get_untracked()).cloned()) {
                    pick.run(entry);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let items = move || {
        found
            .get()
            .into_iter()
            .enumerate()
            .map(|(i, entry)| {
                let (icon, name, kind) = (entry.icon, entry.name.clone(), entry.kind);
                view! {
                    <li
                        role="option"
                        id=format!("palette-{i}")
                        class="palette-item"
                        aria-selected=move || (at.get() == i).to_string()
                        on:pointermove=move |_| at.set(i)
                        on:click=move |_| pick.run(entry.clone())
                    >
                        <Icon name=icon />
                        <span class="grow clip">{name}</span>
                        <span class="faint">{kind}</span>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <input
            id="palette-input"
            class="palette-input"
            type="text"
            role="combobox"
            aria-expanded="true"
            aria-controls="palette-list"
            aria-activedescendant=move || format!("palette-{}", at.get())
            aria-label=words::palette
            placeholder=words::palette_placeholder
            autocomplete="off"
            spellcheck="false"
            prop:value=text
            on:input=move |event| {
                text.set(event_target_value(&event));
                at.set(0);
            }
            on:keydown=keys
        />
        <ul id="palette-list" class="palette-list" role="listbox" aria-label=words::palette>
            {items}
        </ul>
        <Show when=move || found.with(Vec::is_empty)>
            <p class="palette-none">{words::palette_none}</p>
        </Show>
    }
}
