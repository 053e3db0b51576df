//! How a data set's rows are laid out: an entry of `dataset_info.json` without its file.

use serde_json::{Map, Value, json};

use super::comparison::{self, Comparison};
use protocol::{Said, says};

/// How rows are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formatting {
    /// Columns of texts.
    Alpaca,
    /// A column with a list of messages.
    Sharegpt,
}

/// Names of the columns; `None` if the layout has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns {
    pub prompt: Option<String>,
    pub query: Option<String>,
    pub response: Option<String>,
    pub history: Option<String>,
    pub messages: Option<String>,
    pub system: Option<String>,
    pub tools: Option<String>,
    pub chosen: Option<String>,
    pub rejected: Option<String>,
    /// The beginning that both replies of a pair share.
    pub opening: Option<String>,
    pub kto_tag: Option<String>,
    pub images: Option<String>,
    pub videos: Option<String>,
    pub audios: Option<String>,
}

const COLUMNS: [&str; 14] = [
    "prompt", "query", "response", "history", "messages", "system", "tools", "chosen", "rejected", "opening",
    "kto_tag", "images", "videos", "audios",
];

impl Columns {
    /// The columns there are.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.each().into_iter().flatten().map(String::as_str)
    }

    /// All columns, in the order of [`COLUMNS`].
    fn each(&self) -> [&Option<String>; 14] {
        [
            &self.prompt,
            &self.query,
            &self.response,
            &self.history,
            &self.messages,
            &self.system,
            &self.tools,
            &self.chosen,
            &self.rejected,
            &self.opening,
            &self.kto_tag,
            &self.images,
            &self.videos,
            &self.audios,
        ]
    }
}

/// Keys of a message, and the names of the roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags {
    pub role: String,
    pub content: String,
    pub user: String,
    pub assistant: String,
    pub observation: String,
    pub function: String,
    pub system: String,
}

const TAGS: [&str; 7] = [
    "role_tag",
    "content_tag",
    "user_tag",
    "assistant_tag",
    "observation_tag",
    "function_tag",
    "system_tag",
];

impl Default for Tags {
    fn default() -> Self {
        Self {
            role: "from".into(),
            content: "value".into(),
            user: "human".into(),
            assistant: "gpt".into(),
            observation: "observation".into(),
            function: "function_call".into(),
            system: "system".into(),
        }
    }
}

impl Tags {
    /// The names OpenAI's and Hugging Face's messages have.
    pub fn openai() -> Self {
        Self {
            role: "role".into(),
            content: "content".into(),
            user: "user".into(),
            assistant: "assistant".into(),
            observation: "tool".into(),
            function: "function_call".into(),
            system: "system".into(),
        }
    }
}

/// The layout of a data set's rows: an entry of `dataset_info.json` without its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub formatting: Formatting,
    /// Rows hold a chosen and a rejected reply.
    pub ranking: bool,
    pub columns: Columns,
    pub tags: Tags,
    /// The pair is chosen from replies side by side.
    pub comparison: Option<Comparison>,
    pub num_samples: Option<usize>,
    /// The column of labels was recognised, not named by a person, and its values may be the numbers of two classes.
    pub label_may_be_class: bool,
}

impl Layout {
    /// The layout of an entry that names only a file.
    pub fn new(formatting: Formatting, ranking: bool) -> Self {
        let name = |text: &str| Some(text.to_owned());
        Self {
            formatting,
            ranking,
            columns: Columns {
                prompt: name("instruction"),
                query: name("input"),
                response: name("output"),
                messages: name("conversations"),
                chosen: ranking.then(|| "chosen".into()),
                rejected: ranking.then(|| "rejected".into()),
                ..Columns::default()
            },
            tags: Tags::default(),
            comparison: None,
            num_samples: None,
            label_may_be_class: false,
        }
    }

    /// All columns that the rows must have.
    pub fn columns_named(&self) -> impl Iterator<Item = &str> {
        let compared = self.comparison.iter().flat_map(Comparison::columns);
        self.columns.names().chain(compared)
    }

    /// All columns that are used.
    pub fn columns_used(&self) -> impl Iterator<Item = &str> {
        let key = self.comparison.as_ref().and_then(Comparison::key);
        self.columns_named().chain(key)
    }

    /// Whether rows that were recognised as `found` have the main columns that this layout has by default.
    pub(super) fn is_told_by(&self, found: &Self) -> bool {
        !found.ranking
            && found.formatting == Formatting::Alpaca
            && found.columns.prompt == self.columns.prompt
            && found.columns.response == self.columns.response
            && found.columns.kto_tag.is_none()
    }

    /// Takes rows for those of one reply each where what labels them may be a class as well. That the column isn't used
    /// is told with the others.
    pub(super) fn leave_label(&mut self) {
        if std::mem::take(&mut self.label_may_be_class) {
            self.columns.kto_tag = None;
        }
    }

    /// Reads the layout keys of an entry. An entry that names any `columns` has no default ones.
    pub fn read(entry: &Map<String, Value>) -> Result<Self, Said> {
        let ranking = match entry.get("ranking") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(b)) => *b,
            Some(_) => return Err(says::entry_flag("ranking")),
        };
        let formatting = match entry.get("formatting").filter(|v| !v.is_null()) {
            None => "alpaca",
            Some(value) => value.as_str().unwrap_or_default(),
        };
        let mut layout = match formatting {
            "alpaca" => Self::new(Formatting::Alpaca, ranking),
            "sharegpt" => Self::new(Formatting::Sharegpt, ranking),
            "openai" => {
                let mut layout = Self::new(Formatting::Sharegpt, ranking);
                layout.columns.messages = Some("messages".into());
                layout.tags = Tags::openai();
                layout
            }
            other => {
                return Err(says::entry_formatting(other));
            }
        };
        if let Some(comparison) = entry.get(comparison::KEY).filter(|v| !v.is_null()) {
            layout.comparison = Some(Comparison::read(comparison)?);
            layout.ranking = true;
        }
        if let Some(columns) = texts(entry, "columns", &COLUMNS)? {
            let get = |key: &str| columns.get(key).cloned();
            layout.columns = Columns {
                prompt: get("prompt"),
                query: get("query"),
                response: get("response"),
                history: get("history"),
                messages: get("messages"),
                system: get("system"),
                tools: get("tools"),
                chosen: get("chosen"),
                rejected: get("rejected"),
                opening: get("opening"),
                kto_tag: get("kto_tag"),
                images: get("images"),
                videos: get("videos"),
                audios: get("audios"),
            };
        }
        let sides = [&layout.columns.chosen, &layout.columns.rejected];
        if let Some(side) = sides.into_iter().flatten().next().filter(|_| !layout.ranking) {
            return Err(says::entry_pairs_unmarked(side));
        }
        if let Some(tags) = texts(entry, "tags", &TAGS)? {
            let set = |key: &str, place: &mut String| {
                if let Some(text) = tags.get(key) {
                    place.clone_from(text);
                }
            };
            set("role_tag", &mut layout.tags.role);
            set("content_tag", &mut layout.tags.content);
            set("user_tag", &mut layout.tags.user);
            set("assistant_tag", &mut layout.tags.assistant);
            set("observation_tag", &mut layout.tags.observation);
            set("function_tag", &mut layout.tags.function);
            set("system_tag", &mut layout.tags.system);
        }
        layout.num_samples = match entry.get("num_samples") {
            None | Some(Value::Null) => None,
            Some(value) => Some(
                value
                    .as_u64()
                    .and_then(|n| usize::try_from(n).ok())
                    .filter(|&n| n > 0)
                    .ok_or_else(|| says::entry_count("num_samples"))?,
            ),
        };
        Ok(layout)
    }

    /// The entry of `dataset_info.json` for a file of this layout.
    pub fn entry(&self, file_name: &str) -> Value {
        let mut entry = Map::new();
        entry.insert("file_name".into(), json!(file_name));
        // labels or classes: the stage that is asked for tells, as it does where no column is named
        if self.label_may_be_class {
            return Value::Object(entry);
        }
        if self.ranking {
            entry.insert("ranking".into(), json!(true));
        }
        let plain = Self::new(self.formatting, self.ranking);
        if self.formatting == Formatting::Sharegpt {
            entry.insert("formatting".into(), json!("sharegpt"));
        }
        if self.columns != plain.columns || self.ranking {
            let columns: Map<String, Value> = COLUMNS
                .iter()
                .zip(self.columns.each())
                .filter_map(|(key, name)| Some(((*key).to_owned(), json!(name.as_ref()?))))
                .collect();
            entry.insert("columns".into(), Value::Object(columns));
        }
        if let Some(comparison) = &self.comparison {
            entry.insert(comparison::KEY.into(), comparison.entry());
        }
        if self.tags != plain.tags {
            let t = &self.tags;
            let listed = [
                &t.role,
                &t.content,
                &t.user,
                &t.assistant,
                &t.observation,
                &t.function,
                &t.system,
            ];
            let tags: Map<String, Value> = TAGS
                .iter()
                .zip(listed)
                .map(|(key, name)| ((*key).to_owned(), json!(name)))
                .collect();
            entry.insert("tags".into(), Value::Object(tags));
        }
        Value::Object(entry)
    }
}

type Texts = std::collections::BTreeMap<String, String>;

/// The object of strings under `key`; nulls count as absent, and unknown names are an error.
fn texts(entry: &Map<String, Value>, key: &str, known: &[&str]) -> Result<Option<Texts>, Said> {
    let map = match entry.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(map)) => map,
        Some(_) => return Err(says::entry_object(key)),
    };
    let mut out = Texts::new();
    for (name, value) in map {
        if !known.contains(&name.as_str()) {
            return Err(says::entry_lacks(key, name, known.join(", ")));
        }
        match value {
            Value::Null => {}
            Value::String(text) => {
                out.insert(name.clone(), text.clone());
            }
            _ => return Err(says::entry_text(format!("{key}.{name}"))),
        }
    }
    Ok(Some(out))
}
