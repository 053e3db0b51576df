//! What the dialog that adds a data set knows: what was given, its name, and how adding it goes.

use super::source::Way;
use super::{Library, use_library};
use crate::address::use_address;
use crate::api::{self, Answer, ApiError};
use crate::browser::file_text;
use crate::fmt;
use crate::i18n::data as words;
use crate::i18n::said::say;
use crate::links;
use crate::logic::query::encode;
use crate::ui::catalogue::Pick;
use crate::ui::{Toaster, use_toaster};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{DataSource, NewDataset, NewHubDataset};
use protocol::data::{DatasetInfo, data_ending};
use protocol::says;
use web_sys::File;

/// The name of LLaMA-Factory's register of data sets.
const REGISTER: &str = "dataset_info";

/// A name for a data set from that of its file: its stem, with the characters replaced that a name can't have.
fn name_of(file: &str) -> String {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let ending = data_ending(base).map_or(0, |ending| ending.len() + 1);
    let stem = match ending {
        0 => base.rsplit_once('.').map_or(base, |(stem, _)| stem),
        _ => base.get(..base.len() - ending).unwrap_or(base),
    };
    let plain = stem.trim().replace(|c: char| c.is_whitespace() || c == ',', "_");
    plain.trim_start_matches(['.', '-']).to_owned()
}

/// The error of a name that can be found without the server.
fn name_error(name: &str, taken: &[String]) -> Option<String> {
    let bad = |c: char| c.is_whitespace() || matches!(c, ',' | '/' | '\\');
    if name.is_empty() || name.starts_with(['.', '-']) || name.contains(bad) {
        Some(fmt::sentence(&say(&says::dataset_name_bad())))
    } else if taken.iter().any(|other| other == name) {
        Some(words::name_taken().to_owned())
    } else {
        None
    }
}

/// The file type of pasted text: JSON where it begins with a bracket, JSON lines with a brace, else plain text.
fn file_type(text: &str) -> &'static str {
    match text.trim_start().chars().next() {
        Some('[') => "json",
        Some('{') => "jsonl",
        _ => "txt",
    }
}

/// What is to be added.
#[derive(Clone)]
pub enum Input {
    File(File),
    Text(String),
    Path(String),
    Hub(Box<Pick>),
}

impl Input {
    /// Asks the server to add it under this name.
    async fn send(self, name: String) -> Answer<DatasetInfo> {
        let source = match self {
            Self::File(file) => {
                let address = format!("/api/datasets/{}?file_name={}", encode(&name), encode(&file.name()));
                return api::put_file(&address, &file).await;
            }
            Self::Text(text) => DataSource::Text {
                file_name: format!("{name}.{}", file_type(&text)),
                text,
            },
            Self::Path(path) => DataSource::Path(path),
            Self::Hub(pick) => {
                let Pick { asked, entry, .. } = *pick;
                return api::add_hub_dataset(&NewHubDataset { name, asked, entry }).await;
            }
        };
        api::post("/api/datasets", &NewDataset { name, source }).await
    }

    /// It as a register, the entries of which are to be listed.
    async fn register(self) -> DataSource {
        let file_name = "dataset_info.json".to_owned();
        let text = match self {
            Self::File(file) => file_text(&file).await.unwrap_or_default(),
            Self::Text(text) => text,
            Self::Path(path) => return DataSource::Path(path),
            // a hub's data set is no register
            Self::Hub(_) => String::new(),
        };
        DataSource::Text { file_name, text }
    }
}

/// The state of the dialog.
#[derive(Clone, Copy)]
pub struct Adding {
    library: Library,
    toaster: Toaster,
    pub way: RwSignal<Way>,
    pub name: RwSignal<String>,
    pub named_by_hand: RwSignal<bool>,
    pub file: RwSignal<Option<File>, LocalStorage>,
    pub text: RwSignal<String>,
    pub path: RwSignal<String>,
    /// The data set that was chosen on a hub.
    pub pick: RwSignal<Option<Pick>>,
    pub busy: RwSignal<bool>,
    /// Whether the button was pressed once. From then on the error of an empty name is shown.
    pub tried: RwSignal<bool>,
    pub failed: RwSignal<Option<ApiError>>,
    /// A register that was given in place of a data set: its entries are offered instead.
    pub register: RwSignal<Option<DataSource>>,
}

impl Adding {
    pub fn start() -> Self {
        let asked = use_address()
            .query
            .with_untracked(|query| Way::from_key(query.get("add").unwrap_or_default()));
        Self {
            library: use_library(),
            toaster: use_toaster(),
            way: RwSignal::new(asked),
            name: RwSignal::default(),
            named_by_hand: RwSignal::new(false),
            file: RwSignal::new_local(None),
            text: RwSignal::default(),
            path: RwSignal::default(),
            pick: RwSignal::new(None),
            busy: RwSignal::new(false),
            tried: RwSignal::new(false),
            failed: RwSignal::new(None),
            register: RwSignal::new(None),
        }
    }

    fn clear(self) {
        for text in [self.name, self.text, self.path] {
            text.set(String::new());
        }
        self.file.set(None);
        self.pick.set(None);
        self.named_by_hand.set(false);
        self.tried.set(false);
    }

    /// Suggests a name after that of the file, unless the person typed one.
    pub fn suggest(self, from: &str) {
        if !self.named_by_hand.get_untracked() {
            self.name.set(name_of(from));
        }
    }

    pub fn take_file(self, chosen: Option<File>) {
        if let Some(chosen) = chosen {
            self.suggest(&chosen.name());
            self.file.set(Some(chosen));
            self.failed.set(None);
        }
    }

    pub fn take_pick(self, pick: Pick) {
        if !self.named_by_hand.get_untracked() {
            self.name.set(pick.name.clone());
        }
        self.pick.set(Some(pick));
        self.failed.set(None);
    }

    /// What is to be added; `None` while nothing is given.
    pub fn input(self) -> Option<Input> {
        let given = |text: RwSignal<String>| Some(text.get()).filter(|text| !text.trim().is_empty());
        match self.way.get() {
            Way::Upload => self.file.get().map(Input::File),
            Way::Paste => given(self.text).map(Input::Text),
            Way::Hub => self.pick.get().map(|pick| Input::Hub(Box::new(pick))),
            Way::Path => given(self.path).map(|path| Input::Path(path.trim().to_owned())),
        }
    }

    pub fn name_error(self) -> Option<String> {
        let taken = self.library.sets.with(|sets| match sets {
            Some(Ok(sets)) => sets.iter().map(|set| set.name.clone()).collect::<Vec<_>>(),
            _ => vec![],
        });
        self.name.with(|name| name_error(name, &taken))
    }

    /// Sends what is to be added, and goes to the page of the new data set.
    pub fn add(self, go: impl Fn(&str) + 'static) {
        self.tried.set(true);
        let Some(input) = untrack(|| self.input()) else {
            return;
        };
        if self.busy.get_untracked() {
            return;
        }
        let name = self.name.get_untracked();
        // a register needs no name of its own; the server recognises it by its content
        if name != REGISTER && untrack(|| self.name_error()).is_some() {
            crate::browser::focus("#data-name");
            return;
        }
        self.busy.set(true);
        self.failed.set(None);
        spawn_local(async move {
            let answer = input.clone().send(name).await;
            let _ = self.busy.try_set(false);
            match answer {
                Ok(set) => self.added(set, go),
                Err(error) if error.code() == "is_register" => {
                    let _ = self.register.try_set(Some(input.register().await));
                }
                Err(error) => {
                    let _ = self.failed.try_set(Some(error));
                }
            }
        });
    }

    fn added(self, set: DatasetInfo, go: impl Fn(&str)) {
        let usable = set.inspection.as_ref().map_or(0, |found| found.usable);
        self.toaster.say(words::added(&set.name, fmt::count(usable)));
        // the person may have gone elsewhere meanwhile
        if self.library.adding.try_get_untracked().is_some() {
            let page = links::dataset(&set.name);
            self.clear();
            self.library.put(set);
            self.library.adding.set(false);
            go(&page);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_from_the_file() {
        assert_eq!(name_of("/data/my pairs, v2.jsonl"), "my_pairs__v2");
        assert_eq!(name_of("C:\\x\\a.b.json"), "a.b");
        assert_eq!(name_of("a.b.jsonl.gz"), "a.b");
        assert_eq!(name_of("plain"), "plain");
        assert_eq!(name_of("-.x.json"), "x");
    }

    #[test]
    fn an_invalid_name_is_found_before_the_server_is_asked() {
        let taken = ["demo_en".to_owned()];
        assert_eq!(name_error("mine", &taken), None);
        for name in ["", "a b", "a,b", "a/b", ".x", "-x"] {
            let error = name_error(name, &taken).unwrap_or_default();
            assert!(error.starts_with("A data set's name is one word"), "{name}: {error}");
        }
        assert_eq!(name_error("a-b.c", &taken), None);
        assert_eq!(name_error("demo_en", &taken).as_deref(), Some(words::name_taken()));
    }

    #[test]
    fn pasted_rows_are_read_by_their_first_letter() {
        assert_eq!(file_type(" [{}]"), "json");
        assert_eq!(file_type("{\"a\":1}\n{\"a\":2}"), "jsonl");
        assert_eq!(file_type("Once upon a time"), "txt");
    }
}
