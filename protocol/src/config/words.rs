//! A command line as people paste it: its words, and the keys they set.

use super::foreign::{Foreign, foreign};
use super::keys::{KEYS, ValueType};
use super::renamed::translate;
use super::strict;
use super::{FieldError, RunConfig};
use crate::says;
use serde_json::Value;

/// What a command line sets.
#[derive(Debug, Default)]
pub(super) struct Command {
    pub entries: Vec<(String, Value)>,
    pub errors: Vec<FieldError>,
    /// A file of keys that it names in front.
    pub file: Option<String>,
}

impl Command {
    /// `--key value`, `--key=value`, `--flag`, `key=value`, in any order; a first word without a key names a file.
    pub fn read(words: &[String]) -> Self {
        let mut found = Self::default();
        let mut rest = words;
        match rest.split_first() {
            // ends what may be a file
            Some((first, more)) if first == "--" => rest = more,
            _ => {
                let (file, more) = file_and_overrides(rest);
                found.file = file.map(str::to_owned);
                rest = more;
            }
        }
        while let Some((word, more)) = rest.split_first() {
            rest = more;
            if let Some(key) = without_value(word) {
                // what an unset variable of a shell leaves: nobody meant the default
                found.errors.push(FieldError::new(key, "no_value", says::no_value(key)));
            } else if let Some(flag) = word.strip_prefix("--").filter(|flag| !flag.is_empty()) {
                let taken = rest.iter().take_while(|word| !word.starts_with("--")).count();
                // `--flag key=value`: what follows a flag may be an override
                let taken = rest[..taken].iter().position(|w| is_pair(w)).unwrap_or(taken);
                let (values, more) = match flag.contains('=') {
                    true => (&rest[..0], rest),
                    false => rest.split_at(taken),
                };
                rest = more;
                match takes_value(flag) && values.is_empty() {
                    true => found
                        .errors
                        .push(FieldError::new(flag, "no_value", says::option_without_value())),
                    false => found.entries.push(flagged(flag, values)),
                }
            } else if let Some((key, value)) = word.split_once('=').filter(|(key, _)| !key.trim().is_empty()) {
                found.entries.push((key.trim().to_owned(), strict::value(value)));
            } else {
                found
                    .errors
                    .push(FieldError::new(word, "override", says::not_key_value(word)));
            }
        }
        found
    }
}

/// The file that the words behind `train` name in front, and the words that set keys over what it says.
pub fn file_and_overrides(words: &[String]) -> (Option<&str>, &[String]) {
    match words.split_first() {
        Some((first, more)) if !first.starts_with('-') && !sets_a_key(first) => (Some(first), more),
        _ => (None, words),
    }
}

/// The key of `key=` and `--key=`.
fn without_value(word: &str) -> Option<&str> {
    let (key, value) = word.split_once('=')?;
    let key = key.strip_prefix("--").unwrap_or(key).trim();
    (value.trim().is_empty() && !key.is_empty()).then_some(key)
}

/// Whether a word reads as `key=value`; the name of a file may hold an equals sign too.
fn sets_a_key(word: &str) -> bool {
    let key = word.split_once('=').map(|(key, _)| key);
    key.is_some_and(|key| key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

/// Whether a word is `key=value` for a key that is known, under whichever name.
fn is_pair(word: &str) -> bool {
    let key = word.split_once('=').map(|(key, _)| key);
    key.is_some_and(|key| {
        let here = KEYS.iter().any(|k| k.name == key) || translate(key, &Value::Bool(true)).is_some();
        here || !matches!(foreign(key), Foreign::Unknown(_))
    })
}

/// The key of `--key`, with the words behind it.
fn flagged(flag: &str, values: &[String]) -> (String, Value) {
    if let Some((key, value)) = flag.split_once('=') {
        return (key.replace('-', "_"), strict::value(value));
    }
    let key = flag.replace('-', "_");
    match values {
        [] => match key.strip_prefix("no_").filter(|rest| is_flag(rest)) {
            // transformers' way to turn a flag off
            Some(rest) if RunConfig::default().set(&key, &Value::Null).is_err() => {
                (rest.to_owned(), Value::Bool(false))
            }
            _ => (key, Value::Bool(true)),
        },
        [one] => (key, strict::value(one)),
        several => {
            let all = several.iter().map(|word| strict::value(word));
            (key, all.collect())
        }
    }
}

/// Whether `--key` alone says nothing: a text that is no `true`.
fn takes_value(flag: &str) -> bool {
    let key = flag.replace('-', "_");
    let key = translate(&key, &Value::Bool(true))
        .map_or(key.as_str(), |(key, _)| key)
        .to_owned();
    // whose `true` is the newest checkpoint
    key != "resume_from_checkpoint"
        && KEYS
            .iter()
            .any(|known| known.name == key && known.kind == ValueType::Text)
}

fn is_flag(name: &str) -> bool {
    KEYS.iter()
        .any(|key| key.name == name && matches!(key.kind, ValueType::Flag | ValueType::FlagOrNull))
}

/// The commands in `text`, each as its words, as a shell splits them: quotes, escapes, lines continued by `\` (or by
/// PowerShell's and cmd's marks), comments.
pub(super) fn split(text: &str) -> Vec<Vec<String>> {
    let mut commands = vec![];
    let mut words = vec![];
    let mut word = String::new();
    let mut open = false;
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('"'), '\\') if matches!(chars.peek(), Some('"' | '\\' | '$' | '`')) => word.extend(chars.next()),
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                open = true;
            }
            (None, '\\' | '`' | '^') if rest_of_line_is_blank(&chars) => {
                while chars.next_if(|c| *c != '\n').is_some() {}
                chars.next();
                finish(&mut words, &mut word, &mut open);
            }
            (None, '\\') => {
                word.extend(chars.next());
                open = true;
            }
            (None, '#') if !open => while chars.next_if(|c| *c != '\n').is_some() {},
            (None, '\n' | ';' | '&' | '|') => {
                finish(&mut words, &mut word, &mut open);
                commands.push(std::mem::take(&mut words));
            }
            (None, c) if c.is_whitespace() => finish(&mut words, &mut word, &mut open),
            (None, c) => {
                word.push(c);
                open = true;
            }
        }
    }
    finish(&mut words, &mut word, &mut open);
    commands.push(words);
    commands.retain(|words| !words.is_empty());
    commands
}

fn rest_of_line_is_blank(chars: &std::iter::Peekable<std::str::Chars>) -> bool {
    let mut line = chars.clone().take_while(|c| *c != '\n');
    line.all(char::is_whitespace)
}

fn finish(words: &mut Vec<String>, word: &mut String, open: &mut bool) {
    if std::mem::take(open) {
        words.push(std::mem::take(word));
    }
}

/// Programs whose command lines are read, with LLaMA-Factory's own scripts.
const PROGRAMS: &[&str] = &[
    "llamafactory-cli",
    "lmf",
    "corral",
    "corral-trainer",
    "train.py",
    "train_bash.py",
];
/// Words before the program that are looked past, launchers with their own flags among them.
const BEFORE: usize = 24;

/// The words behind `train` of a command line for one of [`PROGRAMS`]; `Err` is the verb when it is another one.
/// `None`: no such command.
pub(super) fn behind_train(words: &[String]) -> Option<Result<&[String], &str>> {
    if words
        .first()
        .and_then(|word| word.strip_prefix("--"))
        // three dashes open a document of YAML
        .is_some_and(|key| key.starts_with(|c: char| c.is_ascii_alphanumeric()))
    {
        return Some(Ok(words));
    }
    let name = |word: &String| word.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let at = words
        .iter()
        .take(BEFORE)
        .position(|word| PROGRAMS.contains(&name(word).as_str()))?;
    // before it stand an environment and a launcher, no `key: value`
    if words[..at].iter().any(|word| word.ends_with(':')) {
        return None;
    }
    let rest = &words[at + 1..];
    if words[at].ends_with(".py") {
        return Some(Ok(rest));
    }
    match rest.split_first() {
        Some((verb, rest)) if verb == "train" => Some(Ok(rest)),
        Some((verb, _)) => Some(Err(verb)),
        None => Some(Ok(rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(text: &str) -> Vec<String> {
        split(text).remove(0)
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        for (text, want) in [
            ("a 'b c' \"d \\\"e\" f\\ g", vec!["a", "b c", "d \"e", "f g"]),
            ("a \\\n  --b 1 \\ \n --c", vec!["a", "--b", "1", "--c"]),
            ("a `\n --b 1", vec!["a", "--b", "1"]),
            ("# first\n\na b # c\n", vec!["a", "b"]),
            ("a ''", vec!["a", ""]),
        ] {
            assert_eq!(words(text), want, "{text}");
        }
        assert_eq!(
            split("cd x && a b\nc\n\n# d\n"),
            [vec!["cd", "x"], vec!["a", "b"], vec!["c"]]
        );
    }

    #[test]
    fn each_form_of_a_key_is_read() {
        let list: Vec<String> = words(
            "--stage dpo --lora-rank=16 --bf16 True --do_train seed=3 --no_bf16 --report_to none wandb --max_steps -1 \
             --lr_scheduler_kwargs '{\"power\": 2}' x",
        );
        let command = Command::read(&list);
        let want = [
            ("stage", json!("dpo")),
            ("lora_rank", json!(16)),
            ("bf16", json!(true)),
            ("do_train", json!(true)),
            ("seed", json!(3)),
            ("bf16", json!(false)),
            ("report_to", json!(["none", "wandb"])),
            ("max_steps", json!(-1)),
            ("lr_scheduler_kwargs", json!([{ "power": 2 }, "x"])),
        ];
        assert_eq!(command.entries, want.map(|(key, value)| (key.to_owned(), value)));
        let command = Command::read(&words(
            "a.yaml --resume_from_checkpoint --output_dir --run-name --seed 3",
        ));
        let missing: Vec<_> = command.errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!((missing, command.entries.len()), (vec!["output_dir", "run-name"], 2));
        let command = Command::read(&words("a.yaml seed=3 nonsense"));
        assert_eq!((command.file.as_deref(), command.errors.len()), (Some("a.yaml"), 1));
    }

    #[test]
    fn a_command_is_known_by_its_program() {
        let of = |text: &str| match behind_train(&words(text)) {
            Some(Ok(rest)) => rest.join(" "),
            Some(Err(verb)) => format!("verb {verb}"),
            None => "none".into(),
        };
        for (text, want) in [
            ("llamafactory-cli train a.yaml", "a.yaml"),
            (
                "FORCE_TORCHRUN=1 CUDA_VISIBLE_DEVICES=0,1 llamafactory-cli train --stage sft",
                "--stage sft",
            ),
            (
                "torchrun --nproc_per_node 8 --master_port 29500 src/train.py --stage pt",
                "--stage pt",
            ),
            ("$ corral train a.yaml lora_rank=4", "a.yaml lora_rank=4"),
            ("--stage dpo", "--stage dpo"),
            ("llamafactory-cli export a.yaml", "verb export"),
            ("stage: dpo", "none"),
            ("run_name: corral train", "none"),
        ] {
            assert_eq!(of(text), want, "{text}");
        }
    }
}
