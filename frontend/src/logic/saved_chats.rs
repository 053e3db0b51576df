//! Chats as the browser stores them: what is stored of each, how many are kept, and their export as files.

use serde::{Deserialize, Serialize};
use serde_json::json;

/// Chats kept at most, and the bytes they may take together: a browser gives a site about five million.
const MAX_CHATS: usize = 30;
const MAX_BYTES: usize = 1_000_000;

/// How a reply ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Done {
        tokens: Option<u64>,
        seconds: Option<f64>,
        cut: bool,
    },
    Stopped,
    Failed(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedReply {
    pub column: usize,
    pub model: String,
    pub text: String,
    pub end: End,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedTurn {
    pub question: String,
    pub replies: Vec<SavedReply>,
}

/// A chat, identified by the time (ms) at which it began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedChat {
    pub id: i64,
    pub models: Vec<String>,
    pub turns: Vec<SavedTurn>,
}

/// The chats with this one put first. The oldest are dropped when there are too many; a chat without a turn is not kept.
pub fn with_chat(chats: Vec<SavedChat>, chat: SavedChat) -> Vec<SavedChat> {
    let mut all = without(chats, chat.id);
    if !chat.turns.is_empty() {
        all.insert(0, chat);
    }
    all.truncate(MAX_CHATS);
    // the first one, which is open, stays whatever its size
    let mut taken = 0;
    let mut fit = 0;
    for chat in &all {
        taken += size(chat);
        if fit > 0 && taken > MAX_BYTES {
            break;
        }
        fit += 1;
    }
    all.truncate(fit);
    all
}

/// The chats without one of them.
pub fn without(mut chats: Vec<SavedChat>, id: i64) -> Vec<SavedChat> {
    chats.retain(|chat| chat.id != id);
    chats
}

fn size(chat: &SavedChat) -> usize {
    serde_json::to_string(chat).map_or(0, |text| text.len())
}

/// The chat as Markdown, to be read: each question, and under it the reply of each model.
pub fn markdown(chat: &SavedChat) -> String {
    let mut out = String::new();
    for turn in &chat.turns {
        out += &format!("## {}\n", turn.question.trim().replace('\n', "\n## "));
        for reply in &turn.replies {
            out += &format!("\n**{}**\n\n{}\n", reply.model, reply.text.trim());
        }
        out.push('\n');
    }
    out
}

/// The chat as JSON lines, to be used by programs: a line for each column, in the form of OpenAI's messages.
pub fn json_lines(chat: &SavedChat) -> String {
    let columns = chat
        .turns
        .iter()
        .flat_map(|turn| &turn.replies)
        .map(|reply| reply.column);
    let last = columns.max().unwrap_or(0);
    let mut out = String::new();
    for column in 0..=last {
        let mut messages = vec![];
        let mut models: Vec<&str> = vec![];
        for turn in &chat.turns {
            let Some(reply) = turn.replies.iter().find(|reply| reply.column == column) else {
                continue;
            };
            if !models.contains(&reply.model.as_str()) {
                models.push(&reply.model);
            }
            messages.push(json!({"role": "user", "content": turn.question}));
            messages.push(json!({"role": "assistant", "content": reply.text}));
        }
        if !messages.is_empty() {
            out += &json!({"model": models.join(", "), "messages": messages}).to_string();
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(id: i64, words: usize) -> SavedChat {
        let reply = |column: usize, model: &str| SavedReply {
            column,
            model: model.into(),
            text: "word ".repeat(words),
            end: End::Stopped,
        };
        SavedChat {
            id,
            models: vec!["a".into(), "b".into()],
            turns: vec![SavedTurn {
                question: "Why?".into(),
                replies: vec![reply(0, "a"), reply(1, "b")],
            }],
        }
    }

    #[test]
    fn the_newest_chat_stands_first_and_once() {
        let chats = with_chat(with_chat(vec![], chat(1, 1)), chat(2, 1));
        let chats = with_chat(chats, chat(1, 3));
        assert_eq!(chats.iter().map(|chat| chat.id).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(chats[0], chat(1, 3));
    }

    #[test]
    fn a_chat_without_a_turn_is_not_kept() {
        let mut empty = chat(1, 1);
        empty.turns.clear();
        assert_eq!(with_chat(vec![chat(1, 1)], empty), []);
    }

    #[test]
    fn the_oldest_are_dropped_when_there_are_too_many_or_they_are_too_large() {
        let many = (1..=40).fold(vec![], |chats, id| with_chat(chats, chat(id, 1)));
        assert_eq!((many.len(), many[0].id), (MAX_CHATS, 40));
        let large = (1..=4).fold(vec![], |chats, id| with_chat(chats, chat(id, 40_000)));
        assert_eq!(large.iter().map(|chat| chat.id).collect::<Vec<_>>(), [4, 3]);
        let huge = with_chat(vec![], chat(1, 200_000));
        assert_eq!(huge.len(), 1, "the one that is open stays");
    }

    #[test]
    fn a_chat_is_exported_as_markdown_and_as_json_lines() {
        assert_eq!(
            markdown(&chat(1, 2)),
            "## Why?\n\n**a**\n\nword word\n\n**b**\n\nword word\n\n"
        );
        let lines = json_lines(&chat(1, 1));
        let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["model"], "b");
        assert_eq!(lines[1]["messages"][0]["content"], "Why?");
        assert_eq!(lines[1]["messages"][1]["role"], "assistant");
    }
}
