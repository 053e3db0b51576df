//! From the messages of a chat to the turns that a template takes.

use crate::data::{Answer, Message, Role, Setting};
use crate::error::{Error, Result};
use protocol::chat;
use protocol::says;
use serde_json::json;

/// System message and turns.
pub(crate) fn conversation(messages: &[chat::Message]) -> Result<(Setting, Vec<Message>)> {
    let mut setting = Setting::default();
    let mut turns = vec![];
    for (i, message) in messages.iter().enumerate() {
        let role = match message.role.as_str() {
            "system" | "developer" if i == 0 => {
                setting.system = Some(message.content.clone());
                continue;
            }
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" => Role::Observation,
            other => {
                return Err(Error::invalid(says::role_of_talk(i + 1, other)));
            }
        };
        if role == Role::Observation {
            answered(&mut turns, message);
            continue;
        }
        let mut turn = match message.tool_calls.is_empty() {
            true => Message::new(role, message.content.clone()),
            false => called(message),
        };
        turn.name = message.name.clone();
        turn.reasoning = message.reasoning.clone();
        turns.push(turn);
    }
    Ok((setting, turns))
}

/// A turn of the assistant that has tools do something.
fn called(message: &chat::Message) -> Message {
    let call = |call: &chat::ToolCall| {
        let mut json = json!({"type": "function", "function": {"name": call.name, "arguments": call.arguments}});
        if let Some(id) = &call.id {
            json["id"] = json!(id);
        }
        json
    };
    let calls: Vec<_> = message.tool_calls.iter().map(call).collect();
    let mut turn = Message::new(Role::Function, json!(calls).to_string());
    turn.said = Some(message.content.clone()).filter(|said| !said.is_empty());
    turn
}

/// A tool's answer: one turn with those right before it.
fn answered(turns: &mut Vec<Message>, message: &chat::Message) {
    let answer = Answer {
        content: message.content.clone(),
        name: message.name.clone(),
        call_id: message.tool_call_id.clone(),
    };
    match turns.last_mut() {
        Some(turn) if turn.role == Role::Observation => {
            turn.content = format!("{}\n{}", turn.content, answer.content);
            turn.answers.push(answer);
        }
        _ => {
            let mut turn = Message::new(Role::Observation, answer.content.clone());
            turn.answers.push(answer);
            turns.push(turn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_answers_of_a_history_keep_what_belongs_to_them() {
        let mut call = chat::Message::new("assistant", "Let me look.");
        call.reasoning = Some("Hm.".into());
        call.tool_calls = vec![chat::ToolCall {
            id: Some("c1".into()),
            name: "f".into(),
            arguments: json!({"x": 1}),
        }];
        let answer = |id: &str, text: &str| chat::Message {
            tool_call_id: Some(id.into()),
            ..chat::Message::new("tool", text)
        };
        let user = chat::Message::new("user", "hi");
        let history = [user, call, answer("c1", "one"), answer("c2", "two")];
        let (_, turns) = conversation(&history).unwrap();
        let [_, call, answers] = &turns[..] else {
            panic!("{turns:?}")
        };
        assert_eq!(
            (call.role, call.said.as_deref(), call.reasoning.as_deref()),
            (Role::Function, Some("Let me look."), Some("Hm."))
        );
        assert!(
            call.content.contains("\"c1\"") && call.content.contains("\"x\":1"),
            "{}",
            call.content
        );
        assert_eq!((answers.content.as_str(), answers.answers.len()), ("one\ntwo", 2));
        assert_eq!(answers.answers[1].call_id.as_deref(), Some("c2"));
        assert!(conversation(&[chat::Message::new("wizard", "x")]).is_err());
    }
}
