//! What people have in their clipboard: YAML or JSON, a fenced block of it, a command line, LlamaBoard's saved settings.

use super::words::{self, Command};
use super::{FieldError, board_settings, strict};
use crate::{Said, says};
use serde_json::Value;

/// Keys and values of a text, in their order, with what was met on the way.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub entries: Vec<(String, Value)>,
    pub errors: Vec<FieldError>,
    pub notices: Vec<Said>,
}

impl Source {
    pub fn read(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let inner = match fenced(text) {
            // three backticks may stand inside a text of YAML
            Some(_) if strict::entries(text).is_ok() => None,
            inner => inner,
        };
        let text = inner.as_deref().unwrap_or(text);
        if let Some(found) = Self::of_command(text) {
            return found;
        }
        match strict::entries(text) {
            Ok(found) => {
                let of_board = board_settings::are(&found.keys);
                let mut source = match of_board {
                    true => board_settings::keys(&found.keys),
                    false => Self {
                        entries: found.keys,
                        ..Self::default()
                    },
                };
                source.errors.extend(found.twice);
                source
            }
            Err(error) => Self {
                errors: vec![error],
                ..Self::default()
            },
        }
    }

    /// A `llamafactory-cli train …` line and its like.
    fn of_command(text: &str) -> Option<Self> {
        let commands = words::split(text);
        let mut known = commands.iter().filter_map(|words| words::behind_train(words));
        let rest = match known.next()? {
            Ok(rest) => rest,
            Err(verb) => {
                let message = says::other_command(verb);
                return Some(Self {
                    errors: vec![FieldError::new("", "not_train", message).with_args([verb.to_owned()])],
                    ..Self::default()
                });
            }
        };
        let command = Command::read(rest);
        let mut found = Self {
            entries: command.entries,
            errors: command.errors,
            notices: vec![],
        };
        if let Some(file) = command.file {
            let message = says::names_file(&file);
            let error = FieldError::new("", "names_a_file", message);
            found.errors.push(error.with_args([file]));
        }
        if known.next().is_some() {
            found.notices.push(says::first_command());
        }
        Some(found)
    }
}

/// What stands in the first fenced block (```` ```yaml ````) of a text.
fn fenced(text: &str) -> Option<String> {
    let fence = |line: &str| {
        ["```", "~~~"]
            .into_iter()
            .find(|mark| line.trim_start().starts_with(mark))
    };
    let mut lines = text.lines().skip_while(|line| fence(line).is_none());
    let mark = fence(lines.next()?)?;
    let inside: Vec<_> = lines.take_while(|line| !line.trim_start().starts_with(mark)).collect();
    Some(inside.join("\n"))
}
