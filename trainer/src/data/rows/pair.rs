//! Rows with a chosen and a rejected reply.

use serde_json::Value;

use super::super::info::{Layout, Tags};
use super::super::template::{Message, Role};
use super::cell::unfolded;
use super::message::{Conversation, Said, conversation, message};
use super::{GUIDE_REJECTED, Outcome, Remarks, Replies, Row, other_system, python_list, setting};

/// One side of a pair: its reply, and what stands before it in the same cell.
#[derive(Debug)]
pub(super) struct Side {
    system: Option<String>,
    pub turns: Vec<Message>,
    pub reply: Message,
}

/// What comes before a reply.
#[derive(Debug)]
struct Before<'a> {
    name: &'a str,
    system: Option<String>,
    turns: Vec<Message>,
    /// A text alone, which may be a part of the conversation only.
    text: bool,
}

/// A prompt with two replies; a whole conversation with a rejected one or a rejected reply; two whole conversations that
/// share their beginning, with or without the shared prompt apart. What the two sides have in common is the prompt.
pub(super) fn read(layout: &Layout, row: &Value, remarks: &mut Remarks) -> Outcome<Row> {
    let (columns, tags) = (&layout.columns, &layout.tags);
    fn present<'a>(row: &Value, name: &'a Option<String>) -> Option<&'a str> {
        name.as_deref().filter(|n| row.get(*n).is_some_and(|v| !v.is_null()))
    }
    let guide = row.get(GUIDE_REJECTED).map(|_| GUIDE_REJECTED);
    let rejected_name = present(row, &columns.rejected)
        .or(guide)
        .ok_or_else(|| format!("`{}` is missing", columns.rejected.as_deref().unwrap_or("rejected")))?;
    let before_name = present(row, &columns.messages).or(present(row, &columns.prompt));
    // The chosen side may be the messages themselves.
    let chosen_name = present(row, &columns.chosen).filter(|name| Some(*name) != before_name);
    let rejected = side(rejected_name, &row[rejected_name], tags, remarks)?;

    let (chosen, before) = match (chosen_name, before_name) {
        (Some(name), Some(before)) => (
            side(name, &row[name], tags, remarks)?,
            Some(read_before(before, &row[before], tags, remarks)?),
        ),
        (Some(name), None) => (side(name, &row[name], tags, remarks)?, None),
        (None, Some(before)) => {
            let elsewhere = columns.chosen.as_deref().filter(|name| *name != before);
            if rejected.turns.is_empty()
                && let Some(name) = elsewhere
            {
                return Err(format!("`{name}` is missing"));
            }
            (side(before, &row[before], tags, remarks)?, None)
        }
        (None, None) => {
            let names = [&columns.messages, &columns.prompt, &columns.chosen];
            let name = names.into_iter().flatten().next();
            return Err(format!("`{}` is missing", name.map_or("conversations", String::as_str)));
        }
    };
    let names = (chosen_name.or(before_name).unwrap_or("chosen"), rejected_name);
    if !chosen.turns.is_empty() && !rejected.turns.is_empty() {
        same_prompt((names.0, &chosen), (names.1, &rejected))?;
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
        Some(before) if known => reconcile(names.0, whole, before, &chosen.reply, remarks)?,
        Some(before) => Conversation {
            system: whole.system.or(before.system),
            turns: before.turns,
        },
        None if known => whole,
        None => {
            let name = columns.messages.as_deref().or(columns.prompt.as_deref());
            return Err(match (chosen_name, name) {
                (Some(_), Some(name)) => format!("`{name}` is missing"),
                _ => format!("`{}` and `{}` hold no prompt", names.0, names.1),
            });
        }
    };
    if shared.turns.len() % 2 == 0 {
        return Err(match shared.turns.is_empty() {
            true => "there is no prompt".into(),
            false => "the prompt doesn't end with the user's turn".into(),
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

/// A reply as a text, a message, or a list of messages that ends with it.
pub(super) fn side(name: &str, value: &Value, tags: &Tags, remarks: &mut Remarks) -> Outcome<Side> {
    let value = unfolded(value);
    let alone = |reply| Side {
        system: None,
        turns: Vec::new(),
        reply,
    };
    let one = |value: &Value, remarks: &mut Remarks| match message(name, value, tags, remarks)? {
        Said::Turn(reply) if reply.role.is_reply() => Ok(Some(alone(reply))),
        _ => Ok::<_, String>(None),
    };
    match value.as_ref() {
        Value::String(text) if super::cell::is_python(text) => Err(python_list(name)),
        Value::String(text) => Ok(alone(Message::new(Role::Assistant, text))),
        Value::Array(list)
            if list.len() == 1
                && list[0]
                    .as_object()
                    .is_some_and(|map| super::cell::exchange(map).is_none()) =>
        {
            one(&list[0], remarks)?.ok_or_else(|| format!("`{name}` doesn't end with the assistant's turn"))
        }
        Value::Array(_) => whole(name, &value, tags, remarks),
        Value::Object(map) if map.contains_key("messages") => whole(name, &value, tags, remarks),
        Value::Object(_) => one(&value, remarks)?.ok_or_else(|| format!("`{name}` is not the assistant's turn")),
        other => Err(format!("`{name}` is {}; it must be a message", super::what(other))),
    }
}

fn whole(name: &str, value: &Value, tags: &Tags, remarks: &mut Remarks) -> Outcome<Side> {
    let Conversation { system, mut turns } = conversation(name, value, tags, remarks)?;
    match turns.pop() {
        Some(reply) if reply.role.is_reply() => Ok(Side { system, turns, reply }),
        Some(_) => Err(format!("`{name}` doesn't end with the assistant's turn")),
        None => Err(format!("`{name}` is empty")),
    }
}

fn read_before<'a>(name: &'a str, value: &Value, tags: &Tags, remarks: &mut Remarks) -> Outcome<Before<'a>> {
    let value = unfolded(value);
    if let Value::String(text) = value.as_ref()
        && !super::cell::is_python(text)
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
        return Err(format!("`{name}` and `{}` have different system messages", before.name));
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
        return Err(format!("`{name}` doesn't begin with the row's prompt"));
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

fn same_prompt(one: (&str, &Side), other: (&str, &Side)) -> Outcome<()> {
    if one.1.system != other.1.system {
        return Err(format!("`{}` and `{}` have different system messages", one.0, other.0));
    }
    let (turns, others) = (&one.1.turns, &other.1.turns);
    if turns.len() != others.len() {
        return Err(format!(
            "`{}` has {} turns before its reply, `{}` has {}",
            one.0,
            turns.len(),
            other.0,
            others.len()
        ));
    }
    match turns.iter().zip(others).position(|(a, b)| !same(a, b)) {
        None => Ok(()),
        Some(turn) => Err(format!(
            "`{}` and `{}` differ at turn {} already; only their last turns may differ",
            one.0,
            other.0,
            turn + 1
        )),
    }
}
