//! Talks as the browser keeps them: what is kept of each, how many, and how one is written out.

use serde::{Deserialize, Serialize};
use serde_json::json;

/// Talks kept at most, and the bytes they may take together: a browser gives a site about five million.
const TALKS: usize = 30;
const BYTES: usize = 1_000_000;

/// How a kept reply ended.
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
pub struct KeptReply {
    pub column: usize,
    pub model: String,
    pub text: String,
    pub end: End,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptTurn {
    pub question: String,
    pub replies: Vec<KeptReply>,
}

/// A talk, named by the time (ms) at which it began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptTalk {
    pub id: i64,
    pub models: Vec<String>,
    pub turns: Vec<KeptTurn>,
}

/// The talks with this one put first. The oldest go when there are too many; a talk without a turn is not kept.
pub fn keep(talks: Vec<KeptTalk>, talk: KeptTalk) -> Vec<KeptTalk> {
    let mut all = without(talks, talk.id);
    if !talk.turns.is_empty() {
        all.insert(0, talk);
    }
    all.truncate(TALKS);
    // the one that is open stays whatever its size
    let mut taken = 0;
    let mut fit = 0;
    for talk in &all {
        taken += size(talk);
        if fit > 0 && taken > BYTES {
            break;
        }
        fit += 1;
    }
    all.truncate(fit);
    all
}

/// The talks but for one.
pub fn without(mut talks: Vec<KeptTalk>, id: i64) -> Vec<KeptTalk> {
    talks.retain(|talk| talk.id != id);
    talks
}

fn size(talk: &KeptTalk) -> usize {
    serde_json::to_string(talk).map_or(0, |text| text.len())
}

/// The talk to read: each question, and beneath it what each model said.
pub fn markdown(talk: &KeptTalk) -> String {
    let mut out = String::new();
    for turn in &talk.turns {
        out += &format!("## {}\n", turn.question.trim().replace('\n', "\n## "));
        for reply in &turn.replies {
            out += &format!("\n**{}**\n\n{}\n", reply.model, reply.text.trim());
        }
        out.push('\n');
    }
    out
}

/// The talk to go on with: one JSON line a column, in the form of OpenAI's messages.
pub fn json_lines(talk: &KeptTalk) -> String {
    let columns = talk
        .turns
        .iter()
        .flat_map(|turn| &turn.replies)
        .map(|reply| reply.column);
    let last = columns.max().unwrap_or(0);
    let mut out = String::new();
    for column in 0..=last {
        let mut messages = vec![];
        let mut models: Vec<&str> = vec![];
        for turn in &talk.turns {
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

    fn talk(id: i64, words: usize) -> KeptTalk {
        let reply = |column: usize, model: &str| KeptReply {
            column,
            model: model.into(),
            text: "word ".repeat(words),
            end: End::Stopped,
        };
        KeptTalk {
            id,
            models: vec!["a".into(), "b".into()],
            turns: vec![KeptTurn {
                question: "Why?".into(),
                replies: vec![reply(0, "a"), reply(1, "b")],
            }],
        }
    }

    #[test]
    fn the_newest_talk_stands_first_and_once() {
        let talks = keep(keep(vec![], talk(1, 1)), talk(2, 1));
        let talks = keep(talks, talk(1, 3));
        assert_eq!(talks.iter().map(|talk| talk.id).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(talks[0], talk(1, 3));
    }

    #[test]
    fn a_talk_without_a_turn_is_not_kept() {
        let mut empty = talk(1, 1);
        empty.turns.clear();
        assert_eq!(keep(vec![talk(1, 1)], empty), []);
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_or_they_are_too_large() {
        let many = (1..=40).fold(vec![], |talks, id| keep(talks, talk(id, 1)));
        assert_eq!((many.len(), many[0].id), (TALKS, 40));
        let large = (1..=4).fold(vec![], |talks, id| keep(talks, talk(id, 40_000)));
        assert_eq!(large.iter().map(|talk| talk.id).collect::<Vec<_>>(), [4, 3]);
        let huge = keep(vec![], talk(1, 200_000));
        assert_eq!(huge.len(), 1, "the one that is open stays");
    }

    #[test]
    fn a_talk_is_written_to_read_and_to_go_on_with() {
        assert_eq!(
            markdown(&talk(1, 2)),
            "## Why?\n\n**a**\n\nword word\n\n**b**\n\nword word\n\n"
        );
        let lines = json_lines(&talk(1, 1));
        let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["model"], "b");
        assert_eq!(lines[1]["messages"][0]["content"], "Why?");
        assert_eq!(lines[1]["messages"][1]["role"], "assistant");
    }
}
