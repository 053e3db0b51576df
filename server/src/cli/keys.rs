//! `corral keys`: the reference of all keys in a terminal, and the schema for editors of YAML.

use super::told;
use clap::Args;
use protocol::config::{Described, Foreign, Group, ValueType, foreign, reference, schema};
use protocol::{Lang, Said, says};
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

#[derive(Args)]
pub(super) struct Keys {
    /// A key, or a part of some; without it all
    name: Option<String>,
    /// As JSON: all that is known of each
    #[arg(long, conflicts_with = "schema")]
    json: bool,
    /// A JSON Schema of run configs, for editors of YAML
    #[arg(long, conflicts_with = "name")]
    schema: bool,
}

pub(super) fn run(args: &Keys) -> ExitCode {
    let asked = args.name.as_deref().map(str::trim);
    let words = InWords(Lang::of_reader(&std::io::stdout()));
    let text = match select(asked) {
        Err(error) => {
            told::error(&error);
            return ExitCode::from(2);
        }
        Ok(_) if args.schema => pretty(schema()),
        Ok(keys) if args.json => pretty(&keys),
        Ok(keys) => match (keys.as_slice(), asked) {
            ([key], Some(_)) => words.full(key),
            (keys, _) => words.list(keys),
        },
    };
    // whoever reads no further has what they wanted
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            told::error(&says::not_printed(error));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).map_or_else(|_| String::new(), |text| text + "\n")
}

/// The key of this name or alias; else those whose names contain it.
fn select(name: Option<&str>) -> Result<Vec<&'static Described>, Said> {
    let Some(name) = name else {
        return Ok(reference().iter().collect());
    };
    let is = |key: &&Described| key.name == name || key.names.iter().any(|other| other == name);
    if let Some(key) = reference().iter().find(is) {
        return Ok(vec![key]);
    }
    let parts: Vec<_> = reference().iter().filter(|key| key.name.contains(name)).collect();
    match (parts.is_empty() || name.is_empty(), foreign(name)) {
        (false, _) => Ok(parts),
        (true, Foreign::PythonOnly(known)) => Err(says::key_of_python(name, (known.why)())),
        (true, Foreign::NotBuilt(known)) => Err(says::key_not_built(name, (known.why)())),
        (true, Foreign::Unknown(near)) => Err(says::key_nowhere(name, near.unwrap_or_default())),
    }
}

fn heading(group: Group) -> Said {
    match group {
        Group::Model => says::keys_of_model(),
        Group::Data => says::keys_of_data(),
        Group::Method => says::keys_of_method(),
        Group::Adapter => says::keys_of_adapter(),
        Group::Optimizer => says::keys_of_optimizer(),
        Group::Batch => says::keys_of_batch(),
        Group::Cadence => says::keys_of_cadence(),
        Group::Run => says::keys_of_run(),
    }
}

fn kind(key: &Described) -> Said {
    match (key.kind, key.list) {
        (ValueType::Text, true) => says::key_is_list(),
        (ValueType::Text, false) => says::key_is_text(),
        (ValueType::Flag, _) => says::key_is_flag(),
        (ValueType::FlagOrNull, _) => says::key_is_flag_or_null(),
        (ValueType::Count, _) => says::key_is_count(),
        (ValueType::Number, _) if key.range.is_some_and(|range| range.whole) => says::key_is_whole(),
        (ValueType::Number, _) => says::key_is_number(),
        (ValueType::Map, _) => says::key_is_map(),
    }
}

/// Choices that are listed on one line.
const MAX_LISTED: usize = 8;

/// The keys in a language; what each means is told in English in all of them.
struct InWords(Lang);

impl InWords {
    fn say(&self, said: &Said) -> String {
        said.in_lang(self.0)
    }

    /// The keys under their groups, some lines each.
    fn list(&self, keys: &[&Described]) -> String {
        let mut text = self.meanings_are_english();
        let widest = keys.iter().map(|key| key.name.len()).max().unwrap_or_default();
        for group in Group::ALL {
            let mut of_group = keys.iter().filter(|key| key.group == group).peekable();
            if of_group.peek().is_some() {
                let _ = writeln!(text, "{}\n", self.say(&heading(group)));
            }
            for key in of_group {
                let mut facts = vec![self.say(&kind(key))];
                facts.extend(self.range(key));
                facts.extend(self.names(key, MAX_LISTED));
                if let Some(default) = key.default_in(self.0) {
                    facts.push(self.say(&says::key_has_default(default)));
                }
                let _ = writeln!(text, "  {:widest$}  {}", key.name, facts.join(" | "));
                let _ = writeln!(text, "  {:widest$}  {}", "", key.about);
                let counts = match key.when_in(self.0) {
                    Some(when) if when.is_empty() => None,
                    Some(when) => Some(says::key_counts_under(when)),
                    None => Some(says::key_counts_never()),
                };
                if let Some(counts) = counts {
                    let _ = writeln!(text, "  {:widest$}  {}", "", self.say(&counts));
                }
                text.push('\n');
            }
        }
        text
    }

    /// A line on it before them, for readers of other languages.
    fn meanings_are_english(&self) -> String {
        match self.0 {
            Lang::En => String::new(),
            _ => self.say(&says::keys_in_english()) + "\n\n",
        }
    }

    fn range(&self, key: &Described) -> Option<String> {
        Some(self.say(&key.range?.said()?))
    }

    /// What a key may be: its first `most` choices.
    fn names(&self, key: &Described, most: usize) -> Option<String> {
        let first: Vec<&str> = key.choices.iter().take(most).map(String::as_str).collect();
        let named = first.join(", ");
        match key.choices.len() - first.len() {
            _ if first.is_empty() => None,
            0 => Some(named),
            more => Some(self.say(&says::names_and_more(named, more))),
        }
    }

    /// All that is known of one key.
    fn full(&self, key: &Described) -> String {
        let english = self.meanings_are_english();
        let mut text = format!("{english}{}\n\n{}\n\n", key.name, key.about);
        let also: Vec<_> = key.also.iter().chain(&key.patterns).cloned().collect();
        let default = key.default_in(self.0);
        let counts = match key.when_in(self.0) {
            None => says::counts_never(),
            Some(when) if when.is_empty() => says::counts_always(),
            Some(when) => says::counts_under(when),
        };
        for (name, value) in [
            (says::fact_group(), self.say(&heading(key.group))),
            (says::fact_takes(), self.say(&kind(key))),
            (says::fact_range(), self.range(key).unwrap_or_default()),
            (says::fact_choices(), self.names(key, usize::MAX).unwrap_or_default()),
            (says::fact_also(), also.join(", ")),
            (
                says::fact_default(),
                default.unwrap_or_else(|| self.say(&says::default_none())),
            ),
            (says::fact_counts(), self.say(&counts)),
            (says::fact_whose(), key.whose.name().into()),
            (says::fact_also_named(), key.names.join(", ")),
        ] {
            if !value.is_empty() {
                let _ = writeln!(text, "  {}{value}", told::to_left(&self.say(&name), 11));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_each_of_its_names_and_others_are_told_why() {
        let named = |name| select(Some(name)).map(|keys| keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>());
        assert_eq!(named("pref_beta"), Ok(vec!["pref_beta"]));
        assert_eq!(named("beta"), Ok(vec!["pref_beta"]));
        assert!(named("galore").is_ok_and(|keys| keys.len() == 6));
        assert_eq!(named("lora_rnk"), Err(says::key_nowhere("lora_rnk", "lora_rank")));
        assert!(named("deepspeed").is_err_and(|why| why.contains("several devices")));
        assert_eq!(select(None).map(|keys| keys.len()), Ok(reference().len()));
    }

    #[test]
    fn one_key_is_told_in_full() {
        let key = select(Some("pref_beta")).unwrap()[0];
        let text = InWords(Lang::En).full(key);
        for line in [
            "  range      above 0\n",
            "  default    0.1; 2 (pref_loss: simpo)\n",
            "  counts     under stage: dpo or kto\n",
            "  whose      LLaMA-Factory\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        let text = InWords(Lang::Ja).full(key);
        for line in [
            "各キーの意味は英語で示します。\n\npref_beta\n",
            "  範囲       0 より大きい\n",
            "  既定値     0.1、2（pref_loss: simpo）\n",
            "  効果       stage: dpo または kto のとき\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        let all = InWords(Lang::En).list(&select(None).unwrap());
        assert!(reference().iter().all(|key| all.contains(&key.about)));
    }
}
