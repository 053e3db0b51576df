//! The search over runs: words, fields such as `loss:simpo`, comparisons such as `acc > 0.9`, and what is not wanted
//! (`-word`). The board asks it of the rows it has; the server says the same terms in SQL.

use crate::api::RunSummary;
use crate::column::{ColumnValue, is_column};
use crate::config::KEYS;
use crate::metric;
use std::cmp::Ordering;

/// What a search asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Search {
    pub terms: Vec<Term>,
    /// Fields that it names and that do not exist.
    pub unknown: Vec<String>,
}

/// One condition, or its opposite.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    pub wanted: bool,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// In small letters, in any of [`words`].
    Word(String),
    /// A field's name, and what is to be in it in small letters.
    Field { name: String, text: String },
    /// The first of [`columns`] that is a number, beside `number`.
    Compare { key: String, sign: Sign, number: f64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    pub way: Ordering,
    pub or_equal: bool,
}

/// Fields that are not a key of the config.
const FIELDS: [&str; 9] = [
    "name", "loss", "state", "model", "data", "dataset", "tag", "note", "health",
];
/// Columns with a number, beside those of metrics.
const NUMBERS: [&str; 4] = ["lr", "time", "step", "peak"];

impl Search {
    /// Reads what was typed. A metric may be compared where `is_metric` says that there is one of this name.
    pub fn parse(text: &str, is_metric: impl Fn(&str) -> bool) -> Self {
        let mut search = Self::default();
        let mut tokens = tokens(text).into_iter().peekable();
        while let Some(token) = tokens.next() {
            let (wanted, body) = match token.strip_prefix('-') {
                Some(rest) if rest.starts_with(|c: char| c.is_alphabetic() || c == '"') => (false, rest.to_owned()),
                _ => (true, token),
            };
            // `acc > 0.9` comes as three tokens, `acc >0.9` and `acc> 0.9` as two
            let mut whole = body;
            if tokens.peek().is_some_and(|next| next.starts_with(SIGNS)) && is_name(&whole) {
                whole.push_str(&tokens.next().unwrap_or_default());
            }
            if whole.ends_with(SIGNS) && tokens.peek().is_some_and(|next| next.parse::<f64>().is_ok()) {
                whole.push_str(&tokens.next().unwrap_or_default());
            }
            let what = search.what(&whole, &is_metric);
            search.terms.push(Term { wanted, what });
        }
        search
    }

    fn what(&mut self, text: &str, is_metric: &impl Fn(&str) -> bool) -> What {
        if let Some(Comparison { key, sign, number }) = Comparison::of(text) {
            let known = |column: &String| column.contains('.') && is_column(column, is_metric);
            if NUMBERS.contains(&key) || metric::of_column(key).is_some() || columns(key).iter().any(known) {
                let key = key.to_owned();
                return What::Compare { key, sign, number };
            }
            self.unknown.push(key.to_owned());
        } else if let Some((name, value)) = text.split_once(':')
            && is_name(name)
        {
            let name = name.to_lowercase();
            if FIELDS.contains(&name.as_str()) || KEYS.iter().any(|key| key.name == name) {
                let text = value.trim_matches('"').to_lowercase();
                return What::Field { name, text };
            }
            self.unknown.push(name);
        }
        What::Word(text.trim_matches('"').to_lowercase())
    }

    pub fn matches(&self, run: &RunSummary) -> bool {
        self.matches_text(run, &text(run))
    }

    /// The same, where the [`text`] of the run is at hand: a list that is searched with each letter makes it once.
    pub fn matches_text(&self, run: &RunSummary, text: &str) -> bool {
        self.terms.iter().all(|term| term.what.holds(run, text) == term.wanted)
    }
}

const SIGNS: [char; 3] = ['<', '>', '='];

/// Parts between spaces; a quoted part may hold spaces.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        quoted ^= letter == '"';
        match tokens.last_mut() {
            Some(last) if !letter.is_whitespace() || quoted => last.push(letter),
            _ => tokens.push(String::new()),
        }
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}

/// Whether this may name a field: `12:30` does not.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_./".contains(c))
}

/// `lr>=1e-6` in its parts.
struct Comparison<'a> {
    key: &'a str,
    sign: Sign,
    number: f64,
}

impl<'a> Comparison<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (key, rest) = text.split_at(text.find(SIGNS)?);
        let way = match rest.chars().next()? {
            '<' => Ordering::Less,
            '>' => Ordering::Greater,
            _ => Ordering::Equal,
        };
        let number = rest.trim_start_matches(SIGNS);
        let (signs, _) = rest.split_at(rest.len() - number.len());
        let sign = Sign {
            way,
            or_equal: signs.contains('='),
        };
        let number = number.parse().ok().filter(|number: &f64| number.is_finite())?;
        (is_name(key) && signs.len() < 3).then_some(Self { key, sign, number })
    }
}

/// The columns a short name may mean.
pub fn columns(key: &str) -> [String; 4] {
    [
        key.to_owned(),
        format!("c.{key}"),
        format!("m.{key}"),
        format!("c.pref_{key}"),
    ]
}

/// What a word is looked for in.
pub fn words(run: &RunSummary) -> impl Iterator<Item = &str> {
    let config = &run.config;
    let named = [&config.model_name_or_path, &config.dataset].into_iter().flatten();
    let texts = [&*run.name, &*run.note, run.loss_name()].into_iter();
    texts.chain(named.chain(&run.tags).map(String::as_str))
}

/// All [`words`] in small letters, a line each: what was typed has no line break in it, and so is found in one of them or in none.
pub fn text(run: &RunSummary) -> String {
    words(run).map(str::to_lowercase).collect::<Vec<_>>().join("\n")
}

impl What {
    fn holds(&self, run: &RunSummary, text: &str) -> bool {
        match self {
            Self::Word(word) => text.contains(word.as_str()),
            Self::Field { name, text } => field(run, name, text),
            Self::Compare { key, sign, number } => {
                let number_in = |column: &String| run.column(column).number();
                let found = run.column(key).number();
                let found = found.or_else(|| columns(key).iter().skip(1).find_map(number_in));
                let order = found.and_then(|value| value.partial_cmp(number));
                order.is_some_and(|order| order == sign.way || (sign.or_equal && order == Ordering::Equal))
            }
        }
    }
}

fn has(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(part)
}

fn field(run: &RunSummary, name: &str, text: &str) -> bool {
    let config = &run.config;
    let optional = |value: &Option<String>| value.as_ref().is_some_and(|value| has(value, text));
    match name {
        "name" => has(&run.name, text),
        "loss" => has(run.loss_name(), text),
        "state" => run.state.name().starts_with(text),
        "model" => optional(&config.model_name_or_path),
        "data" | "dataset" => optional(&config.dataset),
        "tag" => run.tags.iter().any(|tag| tag.to_lowercase() == text),
        "note" => has(&run.note, text),
        "health" => run.health_key().is_some_and(|key| key == text),
        key => match run.column(&format!("c.{key}")) {
            ColumnValue::Number(value) => text.parse().is_ok_and(|wanted: f64| value == wanted),
            ColumnValue::Text(value) => has(&value, text) && !text.is_empty(),
            ColumnValue::Empty => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(id: &str, state: &str, loss: &str, lr: f64, accuracy: f64) -> RunSummary {
        serde_json::from_value(json!({
            "id": id, "name": format!("run {id}"), "state": state, "queue_position": null, "tags": [format!("t{id}")],
            "note": "", "archived": false, "created": 0, "started": null, "ended": null, "seconds": 21.0, "step": 3,
            "total_steps": 3, "seq": 1, "parent": null, "evaluated": 3,
            "config": {"stage": "dpo", "pref_loss": loss, "pref_beta": 2.0, "learning_rate": lr, "lora_rank": 8,
                       "model_name_or_path": "/models/demo/", "dataset": "curt, help", "finetuning_type": "lora"},
            "latest": {"preference/accuracies": accuracy, "grad_norm": 2.0}, "baseline": {}, "spark": [], "message": "",
            "peak_memory": null
        }))
        .unwrap()
    }

    #[test]
    fn words_fields_and_comparisons_find_what_they_say() {
        let runs = [
            run("a", "completed", "simpo", 1e-6, 0.95),
            run("b", "failed", "simpo", 1e-3, 0.5),
            run("c", "running", "ipo", 1e-3, 0.9),
        ];
        for (text, want, unknown) in [
            ("", "abc", ""),
            ("simpo", "ab", ""),
            ("loss:simpo", "ab", ""),
            ("LOSS:SimPO", "ab", ""),
            ("state:failed", "b", ""),
            ("state:run", "c", ""),
            ("tag:tb", "b", ""),
            ("tag:t", "", ""),
            ("model:demo data:curt", "abc", ""),
            ("-simpo", "c", ""),
            ("-loss:simpo -state:failed", "c", ""),
            ("-tag:ta", "bc", ""),
            ("acc>0.9", "a", ""),
            ("acc > 0.9", "a", ""),
            ("acc >= 0.9", "ac", ""),
            ("acc >=0.9 lr<1e-4", "a", ""),
            ("acc< 0.9", "b", ""),
            ("-acc > 0.9", "bc", ""),
            ("beta=2", "abc", ""),
            ("beta<2", "", ""),
            ("grad_norm>1", "abc", ""),
            ("lora_rank:8", "abc", ""),
            ("lora_rank:16", "", ""),
            ("finetuning_type:lor", "abc", ""),
            ("\"run a\"", "a", ""),
            ("name:\"run a\"", "a", ""),
            // what is no field is looked for as a word, and named
            ("looss:simpo", "", "looss"),
            ("accuracy > 0.9", "", "accuracy"),
            ("12:30", "", ""),
            ("lr>", "", ""),
            ("-", "", ""),
        ] {
            let search = Search::parse(text, |metric| runs.iter().any(|run| run.latest.contains_key(metric)));
            let found: String = runs
                .iter()
                .filter(|run| search.matches(run))
                .map(|run| run.id.as_str())
                .collect();
            assert_eq!(
                (found.as_str(), search.unknown.join(" ").as_str()),
                (want, unknown),
                "`{text}`"
            );
        }
    }
}
