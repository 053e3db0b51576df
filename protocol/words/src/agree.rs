//! Whether the files agree: each message is English's, with English's arguments, in forms that the language has.

use crate::WHOLE;
use crate::model::{Language, Message, Piece, When, used};
use crate::plural;
use std::collections::BTreeMap;

/// English itself: each message in its topic, its arguments in an order that is written down.
pub fn orders(english: &Language, faults: &mut Vec<String>) {
    for message in &english.messages {
        let id = &message.id;
        let topic = &message.topic;
        if topic.is_empty() || !id.strip_prefix(topic).is_some_and(|rest| rest.starts_with('-')) {
            faults.push(format!(
                "en.ftl: {id} stands in the group `{topic}`, whose ids begin with `{topic}-`"
            ));
        }
        if message.args.len() > 1 && !message.ordered {
            let names: Vec<_> = message.args.iter().map(|name| format!("${name}")).collect();
            faults.push(format!(
                "en.ftl: {id} has several arguments: a comment above it says their order, `# {}`",
                names.join(", ")
            ));
        }
        said("en", message, message, faults);
        forms("en", id, &message.text, faults);
    }
}

/// Brings a language's messages into English's order; what it lacks is a fault of a whole one, and else said in English.
pub fn with_english(english: &Language, language: &mut Language, faults: &mut Vec<String>) {
    let tag = language.tag.clone();
    let own = std::mem::take(&mut language.messages);
    let mut own: BTreeMap<String, Message> = own.into_iter().map(|message| (message.id.clone(), message)).collect();
    for model in &english.messages {
        let id = &model.id;
        let Some(mut message) = own.remove(id) else {
            if WHOLE.contains(&tag.as_str()) {
                faults.push(format!("{tag}.ftl: {id} is not there: \"{}\"", model.shown()));
            }
            language.lacks.push(id.clone());
            language.messages.push(Message {
                text: in_english(&model.text),
                ..model.clone()
            });
            continue;
        };
        said(&tag, &message, model, faults);
        forms(&tag, id, &message.text, faults);
        message.topic.clone_from(&model.topic);
        message.args.clone_from(&model.args);
        language.messages.push(message);
    }
    faults.extend(own.keys().map(|id| format!("{tag}.ftl: English has no {id}")));
}

/// A text says all arguments that English has, but those that may be left out, and no other.
fn said(tag: &str, message: &Message, english: &Message, faults: &mut Vec<String>) {
    let id = &message.id;
    let mut said = vec![];
    used(&message.text, &mut said);
    for name in said.iter().filter(|name| !english.args.contains(name)) {
        faults.push(format!("{tag}.ftl: {id}: ${name} is no argument of English"));
    }
    let owed = |name: &&String| !said.contains(name) && !english.free.contains(name);
    for name in english.args.iter().filter(owed) {
        faults.push(format!("{tag}.ftl: {id}: ${name} is not said"));
    }
}

/// Categories that the language does not have.
fn forms(tag: &str, id: &str, text: &[Piece], faults: &mut Vec<String>) {
    for piece in text {
        let Piece::Choice { cases, other, .. } = piece else {
            continue;
        };
        for (when, text) in cases {
            if let When::Category(name) = when
                && plural::condition(tag, name).is_none()
            {
                faults.push(format!(
                    "{tag}.ftl: {id}: [{name}] is no form of this language (words/src/plural.rs)"
                ));
            }
            forms(tag, id, text, faults);
        }
        forms(tag, id, other, faults);
    }
}

/// English within another language: its one is the number 1.
fn in_english(text: &[Piece]) -> Vec<Piece> {
    let case = |(when, text): &(When, Vec<Piece>)| match when {
        When::Category(_) => (When::Number(1), in_english(text)),
        other => (other.clone(), in_english(text)),
    };
    let piece = |piece: &Piece| match piece {
        Piece::Choice { arg, cases, other } => Piece::Choice {
            arg: arg.clone(),
            cases: cases.iter().map(case).collect(),
            other: in_english(other),
        },
        other => other.clone(),
    };
    text.iter().map(piece).collect()
}
