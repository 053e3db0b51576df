//! `corral keys`: the reference of all keys in a terminal, and the schema for editors of YAML.

use super::told;
use clap::Args;
use protocol::config::{Described, Foreign, Group, Kind, foreign, reference, schema};
use protocol::{Said, says};
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
    let text = match select(asked) {
        Err(error) => {
            told::error(&error);
            return ExitCode::from(2);
        }
        Ok(_) if args.schema => pretty(schema()),
        Ok(keys) if args.json => pretty(&keys),
        Ok(keys) => match (keys.as_slice(), asked) {
            ([key], Some(_)) => full_text(key),
            (keys, _) => list_text(keys),
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

fn heading(group: Group) -> &'static str {
    match group {
        Group::Model => "Model",
        Group::Data => "Data",
        Group::Method => "Method: the stage, its loss, what it compares with",
        Group::Adapter => "What trains",
        Group::Optimizer => "Optimizer and schedule",
        Group::Batch => "Batch, length and device",
        Group::Cadence => "Evaluations, checkpoints, logs",
        Group::Run => "The run: its place, its name, who is told of it",
    }
}

fn kind(key: &Described) -> &'static str {
    match (key.kind, key.list) {
        (Kind::Text, true) => "list",
        (Kind::Text, false) => "text",
        (Kind::Flag, _) => "flag",
        (Kind::FlagOrNull, _) => "flag or null",
        (Kind::Count, _) => "count",
        (Kind::Number, _) if key.range.is_some_and(|range| range.whole) => "whole number",
        (Kind::Number, _) => "number",
        (Kind::Map, _) => "map",
    }
}

/// Choices that are listed on one line.
const MAX_LISTED: usize = 8;

/// The keys under their groups, some lines each.
fn list_text(keys: &[&Described]) -> String {
    let mut text = String::new();
    let widest = keys.iter().map(|key| key.name.len()).max().unwrap_or_default();
    for group in Group::ALL {
        let mut of_group = keys.iter().filter(|key| key.group == group).peekable();
        if of_group.peek().is_some() {
            let _ = writeln!(text, "{}\n", heading(group));
        }
        for key in of_group {
            let mut facts = vec![kind(key).to_owned()];
            facts.extend(key.range.map(|range| range.text()).filter(|text| !text.is_empty()));
            facts.extend(names(key, MAX_LISTED));
            if !key.defaults.is_empty() {
                facts.push(format!("default {}", key.default_text()));
            }
            let _ = writeln!(text, "  {:widest$}  {}", key.name, facts.join(" | "));
            let _ = writeln!(text, "  {:widest$}  {}", "", key.about);
            match key.when_text().as_deref() {
                Some("") => {}
                Some(when) => drop(writeln!(text, "  {:widest$}  Counts under {when}.", "")),
                None => drop(writeln!(text, "  {:widest$}  Read, and changes nothing.", "")),
            }
            text.push('\n');
        }
    }
    text
}

/// What a key may be: its first `most` choices.
fn names(key: &Described, most: usize) -> Option<String> {
    let first: Vec<&str> = key.choices.iter().take(most).map(String::as_str).collect();
    let more = match key.choices.len() - first.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!first.is_empty()).then(|| format!("{}{more}", first.join(", ")))
}

/// All that is known of one key.
fn full_text(key: &Described) -> String {
    let mut text = format!("{}\n\n{}\n\n", key.name, key.about);
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:11}{value}");
        }
    };
    row("group", heading(key.group).into());
    row("takes", kind(key).into());
    row("range", key.range.map(|range| range.text()).unwrap_or_default());
    row("choices", names(key, usize::MAX).unwrap_or_default());
    row(
        "also",
        key.also
            .iter()
            .chain(&key.patterns)
            .cloned()
            .collect::<Vec<_>>()
            .join(", "),
    );
    row(
        "default",
        match key.default_text() {
            text if text.is_empty() => "none".into(),
            text => text,
        },
    );
    row(
        "counts",
        match key.when_text() {
            None => "never: it is read, and changes nothing".into(),
            Some(when) if when.is_empty() => "always".into(),
            Some(when) => format!("under {when}"),
        },
    );
    row("whose", key.whose.name().into());
    row("also named", key.names.join(", "));
    text
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
        let text = full_text(select(Some("pref_beta")).unwrap()[0]);
        for line in [
            "  range      above 0\n",
            "  default    0.1; 2 (pref_loss: simpo)\n",
            "  counts     under stage: dpo or kto\n",
            "  whose      LLaMA-Factory\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        let all = list_text(&select(None).unwrap());
        assert!(reference().iter().all(|key| all.contains(&key.about)));
    }
}
