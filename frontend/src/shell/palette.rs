//! The command palette: runs, models, data sets, pages and actions by name.

use super::demo::use_run_demo;
use super::nav::NAV_ITEMS;
use super::theme::ThemeChoice;
use crate::api;
use crate::app::use_shell;
use crate::i18n::{self, Lang, reference as reference_words, shell as words};
use crate::links;
use crate::live::{Live, use_live};
use crate::logic::find::rank;

use crate::part::{Lazy, part};
use crate::ui::{Dialog, Icon, IconName};
use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use protocol::api::{ModelInfo, RunSummary};
use protocol::data::DatasetInfo;

/// What an entry does.
#[derive(Debug, Clone, PartialEq)]
enum Command {
    /// Goes to the page at this path.
    Page(String),
    Demo,
    Language(Lang),
    Theme(ThemeChoice),
    Shortcuts,
    Notifications,
    Reference,
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    icon: IconName,
    name: String,
    kind: &'static str,
    command: Command,
}

impl Entry {
    fn page(icon: IconName, name: &str, kind: &'static str, path: impl Into<String>) -> Self {
        Self {
            icon,
            name: name.into(),
            kind,
            command: Command::Page(path.into()),
        }
    }
    fn action(icon: IconName, name: String, command: Command) -> Self {
        let kind = words::palette_action();
        Self {
            icon,
            name,
            kind,
            command,
        }
    }
}

/// Entries shown at most.
const MAX_SHOWN: usize = 12;

/// The entries that are always there: pages and actions.
fn static_entries() -> Vec<Entry> {
    let page = words::palette_page();
    let mut all: Vec<_> = NAV_ITEMS
        .iter()
        .map(|item| Entry::page(item.icon, (item.name)(), page, item.path))
        .collect();
    all.extend([
        Entry::action(IconName::Play, words::run_demo().into(), Command::Demo),
        Entry::action(IconName::Info, words::keys().into(), Command::Shortcuts),
        Entry::action(IconName::Bell, i18n::notify::title().into(), Command::Notifications),
        Entry::action(IconName::Info, reference_words::title().into(), Command::Reference),
    ]);
    for (icon, name, choice) in [
        (IconName::Sun, words::theme_light(), ThemeChoice::Light),
        (IconName::Moon, words::theme_dark(), ThemeChoice::Dark),
        (IconName::System, words::theme_system(), ThemeChoice::System),
    ] {
        let name = format!("{}: {name}", words::theme());
        all.push(Entry::action(icon, name, Command::Theme(choice)));
    }
    for lang in Lang::ALL {
        let name = format!("{}: {}", words::language(), lang.name());
        all.push(Entry::action(IconName::Edit, name, Command::Language(lang)));
    }
    all
}

/// All entries there are: the static ones, the runs from the newest, and what of the library was fetched.
fn entries(live: Live, library: Option<&(Vec<ModelInfo>, Vec<DatasetInfo>)>) -> Vec<Entry> {
    let mut all = static_entries();
    let mut rows: Vec<_> = live.runs.with(|runs| {
        let row =
            |run: &ArcRwSignal<RunSummary>| run.with_untracked(|run| (run.created, run.id.clone(), run.name.clone()));
        runs.values().map(row).collect()
    });
    rows.sort_by_key(|(created, ..)| -created);
    all.extend(
        rows.iter()
            .map(|(_, id, name)| Entry::page(IconName::Runs, name, words::palette_run(), links::run(id))),
    );
    let (models, datasets) = library.map_or((&[][..], &[][..]), |(models, datasets)| (models, datasets));
    for model in models {
        let path = links::model(&model.id);
        all.push(Entry::page(IconName::Models, &model.id, words::palette_model(), path));
    }
    for set in datasets {
        let path = links::dataset(&set.name);
        all.push(Entry::page(IconName::Data, &set.name, words::palette_data(), path));
    }
    all
}

#[component]
pub fn Palette() -> impl IntoView {
    let open = use_shell().palette_open;
    view! {
        <Dialog open title=Signal::derive(|| words::palette().to_string()) class="palette">
            <Lazy part=part!(frame, view! { <Search /> }) />
        </Dialog>
    }
}

/// The combobox with its listbox of entries; mounted while the palette is open.
#[component]
fn Search() -> impl IntoView {
    let (shell, live) = (use_shell(), use_live());
    let text = RwSignal::new(String::new());
    // the index of the active entry
    let active = RwSignal::new(0usize);
    // fetched each time the palette opens; the runs are known already
    let library = LocalResource::new(|| async {
        let (models, datasets) = futures::join!(api::models(), api::datasets());
        (models.unwrap_or_default(), datasets.unwrap_or_default())
    });
    request_animation_frame(|| {
        crate::browser::focus("#palette-input");
    });
    let found = Memo::new(move |_| {
        let all = entries(live, library.get().as_ref());
        text.with(|text| rank(text, all, |entry| &entry.name, MAX_SHOWN))
    });
    let navigate = use_navigate();
    let (demo, _) = use_run_demo();
    let pick = Callback::new(move |entry: Entry| {
        shell.palette_open.set(false);
        match entry.command {
            Command::Page(path) => navigate(&path, NavigateOptions::default()),
            Command::Demo => demo.run(()),
            Command::Language(lang) => i18n::set_lang(lang),
            Command::Theme(choice) => shell.theme.choose(choice),
            Command::Reference => shell.reference.at(""),
            Command::Shortcuts => shell.shortcuts_open.set(true),
            Command::Notifications => shell.notifications.dialog_open.set(true),
        }
    });
    let keys = move |event: ev::KeyboardEvent| {
        let count = found.with(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => active.update(|active| *active = (*active + 1) % count),
            "ArrowUp" => active.update(|active| *active = (*active + count - 1) % count),
            "Enter" if !event.is_composing() => {
                if let Some(entry) = found.with(|found| found.get(active.get_untracked()).cloned()) {
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
                        aria-selected=move || (active.get() == i).to_string()
                        on:pointermove=move |_| active.set(i)
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
            aria-autocomplete="list"
            aria-controls="palette-list"
            aria-activedescendant=move || found.with(|found| !found.is_empty()).then(|| format!("palette-{}", active.get()))
            aria-label=words::palette
            placeholder=words::palette_placeholder
            autocomplete="off"
            spellcheck="false"
            prop:value=text
            on:input=move |event| {
                text.set(event_target_value(&event));
                active.set(0);
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
