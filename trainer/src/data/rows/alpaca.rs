//! Rows of texts: a question in one or two columns, its answer or answers in others.

use protocol::says;
use serde_json::Value;

use super::super::layout::{Columns, Layout};
use super::super::template::{Message, Role};
use super::cell::{holds_messages, label, list_of_any, listed, reply_text, text, truthy, unfolded};
use super::{Outcome, Remarks, Replies, Row, labelled, pair, setting};

/// Marks of a speaker in a conversation that is one text.
const HUMAN: &str = "\n\nHuman:";
const ASSISTANT: &str = "\n\nAssistant:";

pub(super) fn read(layout: &Layout, row: &Value, remarks: &mut Remarks) -> Outcome<Row> {
    let columns = &layout.columns;
    let cell = |column: &Option<String>| column.as_ref().and_then(|name| row.get(name));
    if layout.ranking {
        let sides = [cell(&columns.chosen), cell(&columns.rejected)];
        if let [Some(chosen), Some(rejected)] = sides
            && [chosen, rejected]
                .into_iter()
                .all(|side| holds_messages(&unfolded(side)))
        {
            return pair::read(layout, row, remarks);
        }
        if columns.prompt.is_none() && columns.query.is_none() {
            return transcripts(columns, row);
        }
    }
    let mut prompt = history(columns, row)?;
    let parts = [text(row, &columns.prompt)?, text(row, &columns.query)?];
    let question: Vec<&str> = parts.into_iter().flatten().filter(|t| !t.is_empty()).collect();
    prompt.push(Message::new(Role::User, question.join("\n")));
    let replies = match layout.ranking {
        true => two_replies(columns, row, remarks)?,
        false => match reply_text(row, &columns.response)? {
            Some(reply) => labelled(Message::new(Role::Assistant, reply), label(row, &columns.kto_tag)?),
            None => Replies::None,
        },
    };
    let missing = question.is_empty()
        && [&columns.prompt, &columns.query]
            .into_iter()
            .flatten()
            .all(|c| row.get(c).is_none());
    if missing {
        let name = columns.prompt.as_deref().unwrap_or("prompt");
        return Err(says::column_missing(name));
    }
    Ok(Row {
        setting: setting(row, columns, None)?,
        prompt,
        replies,
    })
}

/// Turns before the question: pairs of texts.
fn history(columns: &Columns, row: &Value) -> Outcome<Vec<Message>> {
    let Some(column) = columns.history.as_ref().filter(|c| truthy(&row[*c])) else {
        return Ok(Vec::new());
    };
    let wrong = || says::history_pairs(column);
    let value = list_of_any(&row[column]);
    let turns = value.as_array().ok_or_else(wrong)?;
    let mut prompt = Vec::with_capacity(turns.len() * 2);
    for turn in turns {
        match turn.as_array().map(Vec::as_slice) {
            Some([Value::String(question), Value::String(answer)]) => {
                prompt.push(Message::new(Role::User, question));
                prompt.push(Message::new(Role::Assistant, answer));
            }
            _ => return Err(wrong()),
        }
    }
    Ok(prompt)
}

/// Two replies in columns of their own, or in the list that older files have in place of the reply.
fn two_replies(columns: &Columns, row: &Value, remarks: &mut Remarks) -> Outcome<Replies> {
    let in_columns = columns.chosen.as_ref().is_some_and(|name| row.get(name).is_some());
    if !in_columns
        && let Some(name) = &columns.response
        && let Some(list) = row.get(name).map(listed)
        && let Value::Array(list) = list.as_ref()
    {
        let [Value::String(chosen), Value::String(rejected), others @ ..] = list.as_slice() else {
            return Err(says::two_texts(name));
        };
        remarks.other_replies |= !others.is_empty();
        return Ok(Replies::Pair {
            chosen: Message::new(Role::Assistant, chosen),
            rejected: Message::new(Role::Assistant, rejected),
        });
    }
    let opening = text(row, &columns.opening)?.unwrap_or_default();
    let mut needed = |column: &Option<String>, key: &str| -> Outcome<Message> {
        let name = column.as_deref().ok_or_else(|| says::no_column_named(key))?;
        let content = match row.get(name) {
            // several replies: the first stands for them
            Some(Value::Array(list)) if list.iter().all(Value::is_string) => {
                remarks.other_replies |= list.len() > 1;
                list.first().and_then(Value::as_str)
            }
            _ => text(row, column)?,
        };
        let content = content.ok_or_else(|| says::column_missing(name))?;
        Ok(Message::new(Role::Assistant, format!("{opening}{content}")))
    };
    Ok(Replies::Pair {
        chosen: needed(&columns.chosen, "chosen")?,
        rejected: needed(&columns.rejected, "rejected")?,
    })
}

/// A pair of whole conversations, each one text of `Human:` and `Assistant:` turns; the last is the reply.
fn transcripts(columns: &Columns, row: &Value) -> Outcome<Row> {
    let side = |column: &Option<String>, key: &str| -> Outcome<Vec<Message>> {
        let name = column.as_deref().unwrap_or(key);
        let content = text(row, column)?.ok_or_else(|| says::column_missing(name))?;
        transcript(name, content)
    };
    let mut chosen = side(&columns.chosen, "chosen")?;
    let mut rejected = side(&columns.rejected, "rejected")?;
    let last = (chosen.pop(), rejected.pop());
    if !pair::alike(&chosen, &rejected) {
        return Err(says::sides_differ_early());
    }
    let (Some(chosen_reply), Some(rejected)) = last else {
        return Err(says::no_reply_there());
    };
    Ok(Row {
        setting: setting(row, columns, None)?,
        prompt: chosen,
        replies: Replies::Pair {
            chosen: chosen_reply,
            rejected,
        },
    })
}

/// Whether a text is a conversation of `Human:` and `Assistant:` turns.
pub(in crate::data) fn is_transcript(text: &str) -> bool {
    text.trim_start().starts_with(HUMAN.trim_start()) && text.contains(ASSISTANT)
}

/// The turns of a prompt that is a conversation of `Human:` and `Assistant:` turns, up to the assistant's mark.
pub(super) fn prompt_transcript(text: &str) -> Option<Vec<String>> {
    let asked = text.trim_end().strip_suffix(ASSISTANT.trim_end())?;
    let turns = transcript("", &format!("{asked}{ASSISTANT}")).ok()?;
    let asked = turns.split_last()?.1;
    Some(asked.iter().map(|turn| turn.content.clone()).collect())
}

fn transcript(name: &str, content: &str) -> Outcome<Vec<Message>> {
    let mut turns: Vec<Message> = Vec::new();
    let begun = format!("\n\n{}", content.trim_start());
    let mut rest = begun.as_str();
    loop {
        let (role, text) = match (rest.strip_prefix(HUMAN), rest.strip_prefix(ASSISTANT)) {
            (Some(text), _) => (Role::User, text),
            (None, Some(text)) => (Role::Assistant, text),
            (None, None) => {
                return Err(says::no_transcript(name));
            }
        };
        if role.is_reply() != (turns.len() % 2 == 1) {
            return Err(match turns.is_empty() {
                true => says::begins_with_reply(name),
                false => says::same_side(name, turns.len() + 1),
            });
        }
        let end = [HUMAN, ASSISTANT].iter().filter_map(|mark| text.find(mark)).min();
        let (turn, after) = text.split_at(end.unwrap_or(text.len()));
        turns.push(Message::new(role, turn.trim()));
        match end {
            Some(_) => rest = after,
            None => break,
        }
    }
    match turns.last() {
        Some(last) if last.role.is_reply() => Ok(turns),
        _ => Err(says::ends_without_reply(name)),
    }
}
