//! Rows with a chosen and a rejected reply.

use protocol::says;
use serde_json::Value;

use super::super::layout::{Layout, Tags};
use super::super::template::{Message, Role};
use super::cell::{listed, unfolded};
use super::message::{Conversation, Spoken, conversation, message};
use super::{GUIDE_REJECTED, Outcome, Remarks, Replies, Row, other_system, setting};

/// One side of a pair: its reply, and the turns before it in the same cell.
#[derive(Debug)]
pub(super) struct Side {
    system: Option<String>,
    pub turns: Vec<Message>,
    pub reply: Message,
}

/// A side with the name of its column, for messages.
struct NamedSide<'a> {
    name: &'a str,
    side: &'a Side,
}

/// The turns before a reply, in a column of their own.
#[derive(Debug)]
struct Before<'a> {
    name: &'a str,
    system: Option<String>,
    turns: Vec<Message>,
    /// Only a text, which may be a part of the conversation.
    text: bool,
}

/// A prompt with two replies; a whole conversation with a rejected one or a rejected reply; two whole conversations
/// that share their beginning, with or without the shared prompt apart. What the two sides have in common is the
/// prompt.
pub(super) fn read(layout: &Layout, row: &Value, remarks: &mut Remarks) -> Outcome<Row> {
    let (columns, tags) = (&layout.columns, &layout.tags);
    fn present<'a>(row: &Value, name: &'a Option<String>) -> Option<&'a str> {
        name.as_deref().filter(|n| row.get(*n).is_some_and(|v| !v.is_null()))
    }
    let guide = row.get(GUIDE_REJECTED).map(|_| GUIDE_REJECTED);
    let rejected_name = present(row, &columns.rejected)
        .or(guide)
        .ok_or_else(|| says::column_missing(columns.rejected.as_deref().unwrap_or("rejected")))?;
    let before_name = present(row, &columns.messages).or(present(row, &columns.prompt));
    // The chosen side may be the messages themselves.
    let chosen_name = present(row, &columns.chosen).filter(|name| Some(*name) != before_name);
    let asked = before_name.is_some();
    let rejected = side(rejected_name, &row[rejected_name], asked, tags, remarks)?;

    let (chosen, before) = match (chosen_name, before_name) {
        (Some(name), Some(before)) => (
            side(name, &row[name], asked, tags, remarks)?,
            Some(read_before(before, &row[before], tags, remarks)?),
        ),
        (Some(name), None) => (side(name, &row[name], asked, tags, remarks)?, None),
        (None, Some(before)) => {
            let elsewhere = columns.chosen.as_deref().filter(|name| *name != before);
            if rejected.turns.is_empty()
                && let Some(name) = elsewhere
            {
                return Err(says::column_missing(name));
            }
            (side(before, &row[before], false, tags, remarks)?, None)
        }
        (None, None) => {
            let names = [&columns.messages, &columns.prompt, &columns.chosen];
            let name = names.into_iter().flatten().next();
            return Err(says::column_missing(name.map_or("conversations", String::as_str)));
        }
    };
    let chosen_column = chosen_name.or(before_name).unwrap_or("chosen");
    if !chosen.turns.is_empty() && !rejected.turns.is_empty() {
        let [one, other] =
            [(chosen_column, &chosen), (rejected_name, &rejected)].map(|(name, side)| NamedSide { name, side });
        check_same_prompt(one, other)?;
    }
    let whole = Conversation {
        system: chosen.system.or(rejected.system),
        turns: match chosen.turns.is_empty() {
            true => rejected.turns,
            false => chosen.turns,
        },
    };
    let known = !whole.turns.is_empty();
    let shared = match before {
        Some(before) if known => reconcile(chosen_column, whole, before, &chosen.reply, remarks)?,
        Some(before) => Conversation {
            system: whole.system.or(before.system),
            turns: before.turns,
        },
        None if known => whole,
        None => {
            let name = columns.messages.as_deref().or(columns.prompt.as_deref());
            return Err(match (chosen_name, name) {
                (Some(_), Some(name)) => says::column_missing(name),
                _ => says::no_prompt_in(chosen_column, rejected_name),
            });
        }
    };
    if shared.turns.len() % 2 == 0 {
        return Err(match shared.turns.is_empty() {
            true => says::no_prompt(),
            false => says::prompt_ends_with_reply(),
        });
    }
    other_system(row, columns, shared.system.as_deref(), remarks)?;
    Ok(Row {
        setting: setting(row, columns, shared.system)?,
        prompt: shared.turns,
        replies: Replies::Pair {
            chosen: chosen.reply,
            rejected: rejected.reply,
        },
    })
}

/// A reply as a text, a message, or a list of messages that ends with it. If the prompt is in another column (`asked`),
/// a list of texts or of conversations is several replies, of which the first is used.
pub(super) fn side(name: &str, value: &Value, asked: bool, tags: &Tags, remarks: &mut Remarks) -> Outcome<Side> {
    let value = match asked {
        true => unfolded(value),
        false => listed(value),
    };
    if let Value::Array(list) = value.as_ref()
        && let [first, others @ ..] = list.as_slice()
        && (first.is_array() || first.is_string() && (asked || others.is_empty()))
    {
        remarks.other_replies |= !others.is_empty();
        return side(name, first, asked, tags, remarks);
    }
    let alone = |reply| Side {
        system: None,
        turns: Vec::new(),
        reply,
    };
    let one = |value: &Value, remarks: &mut Remarks| -> Outcome<_> {
        match message(name, value, tags, remarks)? {
            Spoken::Turn(reply) if reply.role.is_reply() => Ok(Some(alone(reply))),
            _ => Ok(None),
        }
    };
    match value.as_ref() {
        Value::String(text) if super::cell::is_pythons_messages(text) => Err(says::python_list(name)),
        Value::String(text) => Ok(alone(Message::new(Role::Assistant, text))),
        Value::Array(list)
            if list.len() == 1
                && list[0]
                    .as_object()
                    .is_some_and(|map| super::cell::exchange(map).is_none()) =>
        {
            one(&list[0], remarks)?.ok_or_else(|| says::ends_without_reply(name))
        }
        Value::Array(_) => whole(name, &value, tags, remarks),
        Value::Object(map) if map.contains_key("messages") => whole(name, &value, tags, remarks),
        Value::Object(_) => one(&value, remarks)?.ok_or_else(|| says::not_the_reply(name)),
        other => Err(says::not_a_reply(name, super::what(other))),
    }
}

fn whole(name: &str, value: &Value, tags: &Tags, remarks: &mut Remarks) -> Outcome<Side> {
    let Conversation { system, mut turns } = conversation(name, value, tags, remarks)?;
    match turns.pop() {
        Some(reply) if reply.role.is_reply() => Ok(Side { system, turns, reply }),
        Some(_) => Err(says::ends_without_reply(name)),
        None => Err(says::column_empty(name)),
    }
}

fn read_before<'a>(name: &'a str, value: &Value, tags: &Tags, remarks: &mut Remarks) -> Outcome<Before<'a>> {
    let value = unfolded(value);
    if let Value::String(text) = value.as_ref()
        && !super::cell::is_pythons_messages(text)
    {
        return Ok(Before {
            name,
            system: None,
            turns: vec![Message::new(Role::User, text)],
            text: true,
        });
    }
    let Conversation { system, turns } = conversation(name, &value, tags, remarks)?;
    Ok(Before {
        name,
        system,
        turns,
        text: false,
    })
}

/// The prompt of a row that holds its conversation whole and names what comes before the reply as well: the longer of
/// the two where one continues the other.
fn reconcile(
    name: &str,
    whole: Conversation,
    before: Before,
    chosen: &Message,
    remarks: &mut Remarks,
) -> Outcome<Conversation> {
    let systems = [whole.system.as_deref(), before.system.as_deref()];
    if let [Some(one), Some(other)] = systems
        && one != other
    {
        return Err(says::systems_differ(name, before.name));
    }
    let system = whole.system.or(before.system);
    let (own, others) = (&whole.turns, &before.turns);
    // A list may go on before the conversation begins; it may end with the reply too.
    let asked = match others.split_last() {
        Some((last, asked)) if same(last, chosen) => asked,
        _ => others,
    };
    if asked.len() > own.len() && alike(&asked[asked.len() - own.len()..], own) {
        return Ok(Conversation {
            system,
            turns: asked.to_vec(),
        });
    }
    let is_part = match before.text {
        true => own.iter().any(|turn| said_alike(turn, &others[0])),
        false => own.len() >= asked.len() && alike(&own[..asked.len()], asked),
    };
    if !is_part && !before.text {
        return Err(says::not_from_prompt(name));
    }
    if !is_part && !others[0].content.trim().is_empty() {
        remarks.other_prompt = Some(before.name.to_owned());
    }
    Ok(Conversation {
        system,
        turns: whole.turns,
    })
}

/// The same words from the same side, but for blanks around them.
fn said_alike(one: &Message, other: &Message) -> bool {
    one.role == other.role && one.content.trim() == other.content.trim()
}

/// The same turn, whether it is learned or not.
pub(super) fn same(one: &Message, other: &Message) -> bool {
    one.role == other.role
        && one.content == other.content
        && one.said == other.said
        && one.reasoning == other.reasoning
        && one.answers == other.answers
}

pub(super) fn alike(one: &[Message], other: &[Message]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
}

/// Refuses two sides whose prompts differ.
fn check_same_prompt(one: NamedSide, other: NamedSide) -> Outcome<()> {
    if one.side.system != other.side.system {
        return Err(says::systems_differ(one.name, other.name));
    }
    let (turns, others) = (&one.side.turns, &other.side.turns);
    if turns.len() != others.len() {
        return Err(says::turns_before(one.name, turns.len(), other.name, others.len()));
    }
    match turns.iter().zip(others).position(|(a, b)| !same(a, b)) {
        None => Ok(()),
        Some(turn) => Err(says::differ_at(one.name, other.name, turn + 1)),
    }
}
