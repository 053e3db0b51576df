//! Which files of a data set on a hub belong to a subset and a split: as its card says, else as `datasets` tells it by their names.

use super::endings::data_ending;
use crate::{Said, says};
use serde_json::Value;

/// What is asked for of a data set: keys of an entry in `dataset_info.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// One of the card's configurations.
    pub subset: Option<String>,
    /// `train` where it is left out.
    pub split: Option<String>,
    /// The folder its files lie in.
    pub folder: Option<String>,
}

/// Words that files of a split are called by.
const SPLITS: [(&str, &[&str]); 3] = [
    ("train", &["train", "training"]),
    ("validation", &["validation", "valid", "dev", "val"]),
    ("test", &["test", "testing", "eval", "evaluation"]),
];

impl Part {
    /// The card of a data set, with its subsets at the top.
    pub const CARD: &str = "README.md";
    /// No card is longer.
    pub const LARGEST_CARD: u64 = 4 << 20;

    /// The YAML at the top of a card; null where there is none.
    pub fn card(text: &str) -> Value {
        let yaml = text.strip_prefix("---").and_then(|rest| rest.split_once("\n---"));
        yaml.and_then(|(yaml, _)| yaml_serde::from_str(yaml).ok())
            .unwrap_or_default()
    }

    fn split(&self) -> &str {
        self.split.as_deref().unwrap_or("train")
    }

    /// The files, by name and in order, of those that there are (`names`, relative, with `/`); `card` is the data set's
    /// `README.md`, read from YAML.
    ///
    /// # Errors
    /// There is no such subset or split, or several subsets and none is named.
    pub fn files<'a>(&self, card: &Value, names: impl Iterator<Item = &'a str>) -> Result<Vec<&'a str>, Said> {
        let mut data: Vec<&str> = names
            .filter(|name| data_ending(name).is_some() && !name.split('/').any(|part| part.starts_with(['.', '_'])))
            .collect();
        data.sort_unstable();
        if let Some(folder) = &self.folder {
            let folder = folder.trim_matches('/');
            data.retain(|name| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
            if data.is_empty() {
                return Err(says::no_hub_folder(folder));
            }
            return self.by_names(&data);
        }
        let configs = card["configs"].as_array().map(Vec::as_slice).unwrap_or_default();
        let named = |wanted: &str| configs.iter().find(|config| config_name(config) == wanted);
        let config = match (&self.subset, configs) {
            (Some(subset), _) => named(subset).or_else(|| named("default").filter(|_| subset == "default")),
            (None, [only]) => Some(only),
            (None, several) => {
                let chosen = several
                    .iter()
                    .find(|config| config["default"] == true)
                    .or_else(|| named("default"));
                if chosen.is_none() && !several.is_empty() {
                    return Err(says::name_a_subset(listed(configs.iter().map(config_name))));
                }
                chosen
            }
        };
        let Some(config) = config else {
            return match &self.subset {
                Some(subset) if subset != "default" => {
                    Err(says::no_hub_subset(subset, listed(configs.iter().map(config_name))))
                }
                _ => self.by_names(&data),
            };
        };
        let folder = config["data_dir"].as_str().map(|folder| folder.trim_matches('/'));
        if let Some(folder) = folder {
            data.retain(|name| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
        }
        let within = |pattern: &str| match folder {
            Some(folder) => format!("{folder}/{pattern}"),
            None => pattern.trim_start_matches("./").to_owned(),
        };
        let entries: Vec<&Value> = match &config["data_files"] {
            Value::Null => return self.by_names(&data),
            Value::Array(entries) => entries.iter().collect(),
            one => vec![one],
        };
        let split_of = |entry: &Value| entry["split"].as_str().unwrap_or("train").to_owned();
        let chosen = entries.iter().filter(|entry| split_of(entry) == self.split());
        let patterns: Vec<String> = chosen
            .flat_map(|entry| match entry {
                Value::Object(entry) => texts(entry.get("path").unwrap_or(&Value::Null)),
                other => texts(other),
            })
            .map(within)
            .collect();
        if patterns.is_empty() {
            let splits = entries.iter().map(|entry| entry["split"].as_str().unwrap_or("train"));
            return Err(says::no_hub_split(self.split(), listed(splits)));
        }
        data.retain(|name| {
            patterns
                .iter()
                .any(|pattern| matches(pattern.as_bytes(), name.as_bytes()))
        });
        match data.is_empty() {
            true => Err(says::no_hub_files()),
            false => Ok(data),
        }
    }

    /// Files of the split by their names; all of them are `train` where no name tells a split.
    fn by_names<'a>(&self, data: &[&'a str]) -> Result<Vec<&'a str>, Said> {
        if data.is_empty() {
            return Err(says::no_hub_files());
        }
        let told: Vec<Option<String>> = data.iter().map(|name| split_of_name(name)).collect();
        if told.iter().all(Option::is_none) {
            return match self.split() {
                "train" => Ok(data.to_vec()),
                other => Err(says::no_hub_split(other, "train")),
            };
        }
        let of_split = data
            .iter()
            .zip(&told)
            .filter(|(_, split)| split.as_deref() == Some(self.split()));
        let files: Vec<&str> = of_split.map(|(name, _)| *name).collect();
        match files.is_empty() {
            false => Ok(files),
            true => Err(says::no_hub_split(
                self.split(),
                listed(told.iter().flatten().map(String::as_str)),
            )),
        }
    }
}

fn config_name(config: &Value) -> &str {
    config["config_name"].as_str().unwrap_or("default")
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    }
}

/// Each once, in order.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<&str> = names.collect();
    all.sort_unstable();
    all.dedup();
    all.join(", ")
}

/// The split that a path's words tell: `data/NAME-00000-of-00001.parquet` any, else one of the usual words.
fn split_of_name(path: &str) -> Option<String> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let digits = |text: &str| text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit());
    let shard = file.split_once("-of-").and_then(|(before, _)| before.rsplit_once('-'));
    if let Some((split, _)) = shard.filter(|(_, number)| digits(number)) {
        return Some(usual(split).unwrap_or(split).to_owned());
    }
    // the nearest to the end counts: `train/test-cases.json` is a file of tests
    let words: Vec<&str> = path
        .split(|c: char| "-._ /".contains(c) || c.is_ascii_digit())
        .collect();
    words.iter().rev().find_map(|word| usual(word)).map(str::to_owned)
}

fn usual(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let found = SPLITS.iter().find(|(_, words)| words.contains(&word.as_str()));
    found.map(|(split, _)| *split)
}

/// Whether a path is one that a pattern means: `*` is anything within a name, `**` over folders too, `?` one letter.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    // by rows of a table, so that no pattern takes longer than its length times the path's
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    let mut at = 0;
    while at < pattern.len() {
        let rest = &pattern[at..];
        let (taken, over, many) = match rest {
            [b'*', b'*', b'/', ..] => (3, true, true),
            [b'*', b'*', ..] => (2, true, true),
            [b'*', ..] => (1, false, true),
            _ => (1, false, false),
        };
        let mut next = vec![false; path.len() + 1];
        if many {
            let mut open = false;
            for to in 0..=path.len() {
                let stops = to > 0 && path[to - 1] == b'/' && !over;
                open = (open && !stops) || reached[to];
                // `**/` is whole folders
                let whole = taken != 3 || to == 0 || path[to - 1] == b'/' || reached[to];
                next[to] = open && whole;
            }
        } else {
            for to in 1..=path.len() {
                let fits = rest[0] == path[to - 1] || rest[0] == b'?' && path[to - 1] != b'/';
                next[to] = reached[to - 1] && fits;
            }
        }
        reached = next;
        at += taken;
    }
    reached[path.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn part(subset: &str, split: &str, folder: &str) -> Part {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Part {
            subset: some(subset),
            split: some(split),
            folder: some(folder),
        }
    }

    #[test]
    fn files_of_a_split_are_told_by_card_and_names() {
        let plain = ["README.md", "a.json", ".gitattributes", "b.json"];
        let shards = [
            "README.md",
            "data/train-00000-of-00002.parquet",
            "data/train-00001-of-00002.parquet",
            "data/test_prefs-00000-of-00001.parquet",
        ];
        let words = ["train.jsonl", "dev.jsonl", "en/test/x.jsonl"];
        let card = json!({"configs": [
            {"config_name": "en", "data_files": [{"split": "train", "path": "en/*.json"}, {"split": "test", "path": ["t/**", "u/?.csv"]}]},
            {"config_name": "zh", "data_dir": "zh"},
        ]});
        let carded = [
            "en/a.json",
            "en/deep/b.json",
            "t/x/y.json",
            "u/1.csv",
            "u/12.csv",
            "zh/train.json",
            "zh/test.json",
        ];
        let none = json!(null);
        for (part, card, names, found) in [
            (part("", "", ""), &none, &plain[..], Ok("a.json b.json")),
            (part("", "test", ""), &none, &plain, Err("no_hub_split")),
            (
                part("", "", ""),
                &none,
                &shards,
                Ok("data/train-00000-of-00002.parquet data/train-00001-of-00002.parquet"),
            ),
            (
                part("", "test_prefs", ""),
                &none,
                &shards,
                Ok("data/test_prefs-00000-of-00001.parquet"),
            ),
            (part("", "train", ""), &none, &words, Ok("train.jsonl")),
            (part("", "validation", ""), &none, &words, Ok("dev.jsonl")),
            (part("", "", "en"), &none, &words, Err("no_hub_split")),
            (part("", "test", "/en/"), &none, &words, Ok("en/test/x.jsonl")),
            (part("", "", "fr"), &none, &words, Err("no_hub_folder")),
            (part("x", "", ""), &none, &words, Err("no_hub_subset")),
            (part("", "", ""), &card, &carded, Err("name_a_subset")),
            (part("en", "", ""), &card, &carded, Ok("en/a.json")),
            (part("en", "test", ""), &card, &carded, Ok("t/x/y.json u/1.csv")),
            (part("en", "dev", ""), &card, &carded, Err("no_hub_split")),
            (part("zh", "", ""), &card, &carded, Ok("zh/train.json")),
            (part("de", "", ""), &card, &carded, Err("no_hub_subset")),
            (part("", "", ""), &none, &["README.md", "x.py"], Err("no_hub_files")),
        ] {
            let files = part.files(card, names.iter().copied());
            let files = files.as_ref().map(|files| files.join(" "));
            assert_eq!(
                files.as_deref().map_err(|said| said.code.as_str()),
                found,
                "{part:?} {names:?}"
            );
        }
    }

    #[test]
    fn the_head_of_a_card_is_its_yaml() {
        let card = "---\nlicense: mit\nconfigs:\n- config_name: en\n  data_files: a.json\n---\n# Title\n";
        assert_eq!(Part::card(card)["configs"][0]["config_name"], "en");
        for other in ["", "# Title", "---\nx: [\n---\n", "---\n"] {
            assert_eq!(Part::card(other), Value::Null, "{other}");
        }
    }

    #[test]
    fn patterns_take_no_longer_than_they_are() {
        for (pattern, path, fits) in [
            ("*.json", "a.json", true),
            ("*.json", "x/a.json", false),
            ("**/*.json", "a.json", true),
            ("**/*.json", "x/y/a.json", true),
            ("x/**", "x/y/a.json", true),
            ("x/**/a.json", "x/a.json", true),
            ("x/**/a.json", "x/ba.json", false),
            ("?.csv", "12.csv", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), path.as_bytes()), fits, "{pattern} {path}");
        }
        assert!(!matches("**a".repeat(200).as_bytes(), "a".repeat(150).as_bytes()));
    }
}
