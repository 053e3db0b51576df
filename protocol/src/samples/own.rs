//! The prompts of `sample_own_prompts`: a line each, plain or a conversation.

use super::{MOST_OWN, MOST_PROMPTS};
use crate::Said;
use crate::chat::Message;
use crate::says;
use serde::{Deserialize, Serialize};

/// An example of a conversation, for error messages.
const EXAMPLE: &str = r#"{"messages": [{"role": "user", "content": "…"}]}"#;

/// One of `sample_own_prompts`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// Its line, from 1.
    pub line: usize,
    /// The conversation to answer; in stage `pt` a single turn to continue.
    pub messages: Vec<Message>,
    /// The tools that the model may call: a JSON list of their descriptions.
    pub tools: Option<String>,
}

/// `{"messages": […], "tools": […]}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Conversation {
    messages: Vec<Message>,
    #[serde(default)]
    tools: Option<serde_json::Value>,
}

/// The prompts of `text`, a line each: what the user says, or a whole conversation as JSON, `{"messages": […]}` with `tools`
/// where there are any. Empty lines are skipped. `plain`: every line is a text to continue, whatever it looks like.
///
/// # Errors
/// A line begins like a conversation but is none, or there are too many prompts or bytes.
pub fn own_prompts(text: &str, plain: bool) -> Result<Vec<Own>, Said> {
    if text.len() > MOST_OWN {
        return Err(says::own_prompts_too_long(MOST_OWN >> 10));
    }
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let all: Vec<Own> = lines
        .map(|(line, text)| one(line, text, plain))
        .collect::<Result<_, _>>()?;
    match all.len() > MOST_PROMPTS {
        true => Err(says::own_prompts_too_many(all.len(), MOST_PROMPTS)),
        false => Ok(all),
    }
}

fn one(line: usize, text: &str, plain: bool) -> Result<Own, Said> {
    if plain || !text.trim_start().starts_with('{') {
        let text = if plain { text } else { text.trim() };
        return Ok(Own {
            line,
            messages: vec![Message::new("user", text)],
            tools: None,
        });
    }
    let wrong = |why: String| says::own_prompt_unreadable(line, why, EXAMPLE);
    let Conversation { messages, tools } = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    match messages.last().map(|last| last.role.as_str()) {
        Some("user" | "tool") => {}
        _ => return Err(says::own_prompt_ends(line)),
    }
    let known = |message: &&Message| matches!(message.role.as_str(), "system" | "user" | "assistant" | "tool");
    if let Some(other) = messages.iter().find(|message| !known(message)) {
        return Err(says::own_prompt_role(line, &other.role));
    }
    let tools = match tools {
        None | Some(serde_json::Value::Null) => None,
        Some(list @ serde_json::Value::Array(_)) => Some(list.to_string()),
        Some(_) => return Err(wrong("`tools` is no list".into())),
    };
    Ok(Own { line, messages, tools })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_prompts_and_conversations() {
        let text = "  Why is the sky blue?\n\n{\"messages\": [{\"role\": \"system\", \"content\": \"Be brief.\"}, \
                    {\"role\": \"user\", \"content\": \"a\\nb\"}], \"tools\": [{\"name\": \"f\"}]}\n";
        let all = own_prompts(text, false).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].messages, [Message::new("user", "Why is the sky blue?")]);
        assert_eq!((all[1].line, all[1].messages.len()), (3, 2));
        assert_eq!(all[1].tools.as_deref(), Some(r#"[{"name":"f"}]"#));
        // a text to be continued keeps its spaces, and looks like what it likes
        assert_eq!(own_prompts(" {a", true).unwrap()[0].messages[0].content, " {a");
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line() {
        for (text, part) in [
            ("a\n{\"messages\": [", "line 2"),
            ("{\"messages\": []}", "line 1"),
            (
                "{\"messages\": [{\"role\": \"assistant\", \"content\": \"x\"}]}",
                "line 1",
            ),
            (
                "{\"messages\": [{\"role\": \"wizard\", \"content\": \"x\"}, {\"role\": \"user\", \"content\": \"x\"}]}",
                "wizard",
            ),
            ("{\"prompt\": \"x\"}", "prompt"),
        ] {
            let said = own_prompts(text, false).unwrap_err();
            assert!(said.message.contains(part), "{}", said.message);
        }
        assert!(own_prompts(&"a\n".repeat(65), false).is_err());
        assert!(own_prompts(&"a".repeat(MOST_OWN + 1), false).is_err());
    }
}
