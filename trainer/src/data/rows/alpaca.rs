//! Rows of texts: a question in one or two columns, its answer or answers in others.

use serde_json::Value;

use super::super::info::{Columns, Layout};
use super::super::template::{Message, Role};
use super::cell::{holds_messages, label, reply_text, text, truthy, unfolded};
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
        true => two_replies(columns, row)?,
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
        return Err(format!("`{name}` is missing"));
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
    let wrong = || format!("`{column}` must be a list of question and answer pairs");
    let parsed: Option<Value> = row[column].as_str().and_then(|text| serde_json::from_str(text).ok());
    let turns = parsed.as_ref().unwrap_or(&row[column]).as_array().ok_or_else(wrong)?;
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
fn two_replies(columns: &Columns, row: &Value) -> Outcome<Replies> {
    let in_columns = columns.chosen.as_ref().is_some_and(|name| row.get(name).is_some());
    if !in_columns
        && let Some(name) = &columns.response
        && let Some(Value::Array(list)) = row.get(name)
    {
        let [Value::String(chosen), Value::String(rejected)] = list.as_slice() else {
            return Err(format!(
                "`{name}` must hold two texts, the chosen reply and the rejected one"
            ));
        };
        return Ok(Replies::Pair {
            chosen: Message::new(Role::Assistant, chosen),
            rejected: Message::new(Role::Assistant, rejected),
        });
    }
    let needed = |column: &Option<String>, key: &str| -> Outcome<Message> {
        let name = column
            .as_deref()
            .ok_or_else(|| format!("the entry in dataset_info.json names no `{key}` column"))?;
        let content = text(row, column)?.ok_or_else(|| format!("`{name}` is missing"))?;
        Ok(Message::new(Role::Assistant, content))
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
        let content = text(row, column)?.ok_or_else(|| format!("`{name}` is missing"))?;
        transcript(name, content)
    };
    let mut chosen = side(&columns.chosen, "chosen")?;
    let mut rejected = side(&columns.rejected, "rejected")?;
    let last = (chosen.pop(), rejected.pop());
    if !pair::alike(&chosen, &rejected) {
        return Err("its chosen and rejected conversation differ before their last turns already".into());
    }
    let (Some(chosen_reply), Some(rejected)) = last else {
        return Err("there is no reply".into());
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

fn transcript(name: &str, content: &str) -> Outcome<Vec<Message>> {
    let mut turns: Vec<Message> = Vec::new();
    let begun = format!("\n\n{}", content.trim_start());
    let mut rest = begun.as_str();
    loop {
        let (role, text) = match (rest.strip_prefix(HUMAN), rest.strip_prefix(ASSISTANT)) {
            (Some(text), _) => (Role::User, text),
            (None, Some(text)) => (Role::Assistant, text),
            (None, None) => {
                return Err(format!(
                    "`{name}` holds no prompt: it is no conversation of `Human:` and `Assistant:` turns, and the entry \
                     names no `prompt` column"
                ));
            }
        };
        if role.is_reply() != (turns.len() % 2 == 1) {
            return Err(match turns.is_empty() {
                true => format!("`{name}` begins with the assistant's turn"),
                false => format!("`{name}`: turn {} has the same side as the one before", turns.len() + 1),
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
        _ => Err(format!("`{name}` doesn't end with the assistant's turn")),
    }
}
