//! `dataset_info.json`: which file a data set's name stands for, and where in its rows things are.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::error::{DataError, Result};
use protocol::says;

/// The file that lists a folder's data sets.
pub const FILE: &str = "dataset_info.json";

/// How rows are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formatting {
    /// Columns of texts.
    Alpaca,
    /// A column with a list of messages.
    Sharegpt,
}

/// Names of the columns; `None`: there is none.
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
    pub kto_tag: Option<String>,
    pub images: Option<String>,
    pub videos: Option<String>,
    pub audios: Option<String>,
}

const COLUMNS: [&str; 13] = [
    "prompt", "query", "response", "history", "messages", "system", "tools", "chosen", "rejected", "kto_tag", "images",
    "videos", "audios",
];

impl Columns {
    /// The columns there are.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.each().into_iter().flatten().map(String::as_str)
    }

    /// All columns, in the order of [`COLUMNS`].
    fn each(&self) -> [&Option<String>; 13] {
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
            &self.kto_tag,
            &self.images,
            &self.videos,
            &self.audios,
        ]
    }
}

/// Names inside a message.
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
    pub num_samples: Option<usize>,
}

/// A data set: its name, its file and how the file is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub path: PathBuf,
    pub layout: Layout,
    /// The entry names its columns itself, so that each of them must be in some row.
    pub names_columns: bool,
}

/// Reads `dataset_info.json` of `dir`; an empty one where there is none.
pub fn read_info(dir: &Path) -> Result<Map<String, Value>> {
    let path = dir.join(FILE);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Map::new()),
        Err(e) => return Err(DataError::read(&path, e)),
    };
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(&bytes);
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(DataError::file(&path, "must be an object of data sets by name")),
        Err(e) => Err(DataError::file(&path, format!("is not valid JSON: {e}"))),
    }
}

/// Finds what `name` stands for: an entry of `dataset_info.json` in `dir`, else a file, whose layout is recognised.
pub fn find(name: &str, dir: &Path) -> Result<Entry> {
    let info = read_info(dir)?;
    if let Some(entry) = info.get(name) {
        return Entry::read(name, entry, dir);
    }
    let candidates = [PathBuf::from(name), dir.join(name)];
    if let Some(path) = candidates.into_iter().find(|p| p.is_file()) {
        let layout = super::detect::detect(&path)?.layout;
        return Ok(Entry {
            name: name.to_owned(),
            path,
            layout,
            names_columns: false,
        });
    }
    let near = nearest(name, info.keys().map(String::as_str));
    let listed = dir.join(FILE);
    Err(DataError::UnknownDataset(match listed.exists() {
        true => says::dataset_unlisted(name, listed.as_path(), near.unwrap_or_default()),
        false => says::no_dataset_list(name, listed.as_path()),
    }))
}

impl Entry {
    fn read(name: &str, value: &Value, dir: &Path) -> Result<Self> {
        let fail = |problem: String| DataError::dataset(name, problem);
        let entry = value
            .as_object()
            .ok_or_else(|| fail(format!("its entry in {FILE} must be an object")))?;
        let Some(file) = entry.get("file_name") else {
            let remote = [
                "hf_hub_url",
                "ms_hub_url",
                "om_hub_url",
                "script_url",
                "cloud_file_name",
            ];
            return Err(fail(
                match remote.iter().find_map(|key| Some((key, entry.get(*key)?))) {
                    Some((key, place)) => format!(
                        "it is not on this machine (`{key}`: {place}); download it as .json or .jsonl into {} and put \
                         `file_name` in its entry",
                        dir.display()
                    ),
                    None => format!("its entry in {FILE} has no `file_name`"),
                },
            ));
        };
        let file = file.as_str().ok_or_else(|| fail("`file_name` must be a text".into()))?;
        let path = dir.join(file);
        if !path.exists() {
            return Err(fail(format!("there is no file {}", path.display())));
        }
        if let Some(split) = entry.get("split").and_then(Value::as_str)
            && split != "train"
        {
            return Err(fail(format!(
                "split `{split}`: a file has one split, `train`; put the rows wanted into a file of their own"
            )));
        }
        if let Some((key, meant)) = misspelt(entry) {
            return Err(fail(format!(
                "its entry in {FILE} has `{key}`; did you mean `{meant}`?"
            )));
        }
        let mut layout = Layout::read(entry).map_err(fail)?;
        // An entry that says nothing of its rows means LLaMA-Factory's names; where rows have other ones, they speak for
        // themselves.
        let silent = ["formatting", "ranking", "columns", "tags"]
            .iter()
            .all(|key| entry.get(*key).is_none_or(Value::is_null));
        if silent
            && let Ok(found) = super::detect::detect(&path)
            && !layout.is_told_by(&found.layout)
        {
            layout = Layout {
                num_samples: layout.num_samples,
                ..found.layout
            };
        }
        Ok(Self {
            name: name.to_owned(),
            path,
            layout,
            names_columns: entry.get("columns").is_some_and(Value::is_object),
        })
    }
}

impl Layout {
    /// What an entry with nothing but a file means.
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
            num_samples: None,
        }
    }

    /// Whether rows that were recognised as `found` have the main columns that this layout has by default.
    fn is_told_by(&self, found: &Self) -> bool {
        !found.ranking
            && found.formatting == Formatting::Alpaca
            && found.columns.prompt == self.columns.prompt
            && found.columns.response == self.columns.response
            && found.columns.kto_tag.is_none()
    }

    /// Reads the layout keys of an entry. Naming `columns` drops the default names of all of them.
    pub fn read(entry: &Map<String, Value>) -> std::result::Result<Self, String> {
        let ranking = match entry.get("ranking") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(b)) => *b,
            Some(_) => return Err("`ranking` must be true or false".into()),
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
                return Err(format!(
                    "formatting `{other}` is unknown; it is `alpaca`, `sharegpt` or `openai`"
                ));
            }
        };
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
                kto_tag: get("kto_tag"),
                images: get("images"),
                videos: get("videos"),
                audios: get("audios"),
            };
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
                    .ok_or("`num_samples` must be a whole number above 0")?,
            ),
        };
        Ok(layout)
    }

    /// The entry of `dataset_info.json` for a file of this layout.
    pub fn entry(&self, file_name: &str) -> Value {
        let mut entry = Map::new();
        entry.insert("file_name".into(), json!(file_name));
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

/// Keys of an entry.
const KEYS: [&str; 15] = [
    "file_name",
    "formatting",
    "ranking",
    "columns",
    "tags",
    "num_samples",
    "split",
    "subset",
    "folder",
    "hf_hub_url",
    "ms_hub_url",
    "om_hub_url",
    "script_url",
    "cloud_file_name",
    "load_from",
];

/// A key that is nearly one of an entry's, and the one that is meant. Others are the person's own notes.
fn misspelt(entry: &Map<String, Value>) -> Option<(&str, &'static str)> {
    entry
        .keys()
        .filter(|key| !KEYS.contains(&key.as_str()))
        .find_map(|key| {
            let meant = KEYS
                .into_iter()
                .find(|known| distance(key, known) <= 2 && !entry.contains_key(*known))?;
            Some((key.as_str(), meant))
        })
}

type Texts = std::collections::BTreeMap<String, String>;

/// An object of texts under `key`; nulls count as left out, unknown names are an error.
fn texts(entry: &Map<String, Value>, key: &str, known: &[&str]) -> std::result::Result<Option<Texts>, String> {
    let map = match entry.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(map)) => map,
        Some(_) => return Err(format!("`{key}` must be an object")),
    };
    let mut out = Texts::new();
    for (name, value) in map {
        if !known.contains(&name.as_str()) {
            return Err(format!("`{key}` has no `{name}`; it has {}", known.join(", ")));
        }
        match value {
            Value::Null => {}
            Value::String(text) => {
                out.insert(name.clone(), text.clone());
            }
            _ => return Err(format!("`{key}.{name}` must be a text")),
        }
    }
    Ok(Some(out))
}

/// The name most like `name`, if one is like it.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|n| (distance(name, n), n))
        .min()
        .filter(|(d, _)| *d <= name.chars().count() / 3 + 1)
        .map(|(_, n)| n)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replace = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
