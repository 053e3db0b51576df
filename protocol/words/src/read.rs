//! One file: Fluent as Mozilla's parser takes it, of which texts, arguments and choices by an argument are what messages are made of.

use crate::model::{Language, Message, Piece, When, used};
use fluent_syntax::ast::{Comment, Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use fluent_syntax::parser::parse;
use fluent_syntax::unicode::unescape_unicode_to_string;

/// What a file says; `faults` gets what is wrong with it.
pub fn language(tag: &str, text: &str, faults: &mut Vec<String>) -> Language {
    let mut language = Language {
        tag: tag.to_owned(),
        messages: vec![],
        lacks: vec![],
    };
    let resource = match parse(text) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            let line = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
            faults.extend(
                errors
                    .iter()
                    .map(|error| format!("{tag}.ftl:{}: {error}", line(error.pos.start))),
            );
            resource
        }
    };
    let mut topic = String::new();
    for entry in &resource.body {
        match entry {
            Entry::GroupComment(comment) => topic = topic_of(comment),
            Entry::Message(message) => {
                let id = message.id.name;
                let mut add = |id: String, order: Order, pattern: &Pattern<&str>| match pieces(pattern) {
                    Ok(text) => {
                        if language.messages.iter().any(|known| known.id == id) {
                            faults.push(format!("{tag}.ftl: {id} stands twice"));
                        }
                        let ordered = !order.args.is_empty();
                        let mut args = order.args;
                        if !ordered {
                            used(&text, &mut args);
                        }
                        language.messages.push(Message {
                            id,
                            topic: topic.clone(),
                            args,
                            ordered,
                            free: order.free,
                            text,
                        });
                    }
                    Err(why) => faults.push(format!("{tag}.ftl: {id}: {why}")),
                };
                if let Some(value) = &message.value {
                    add(
                        id.to_owned(),
                        message.comment.as_ref().map(order).unwrap_or_default(),
                        value,
                    );
                }
                for attribute in &message.attributes {
                    add(
                        format!("{id}.{}", attribute.id.name),
                        Order::default(),
                        &attribute.value,
                    );
                }
            }
            Entry::Term(term) => faults.push(format!("{tag}.ftl: -{}: terms are not read", term.id.name)),
            Entry::Comment(_) | Entry::ResourceComment(_) | Entry::Junk { .. } => {}
        }
    }
    language
}

/// `## runs: the table of runs` opens `runs`.
fn topic_of(comment: &Comment<&str>) -> String {
    let line = comment.content.first().copied().unwrap_or_default();
    line.split_once(':').map_or("", |(topic, _)| topic.trim()).to_owned()
}

/// What a comment says of a message's arguments.
#[derive(Default)]
struct Order {
    args: Vec<String>,
    free: Vec<String>,
}

/// `# $name, $bytes (may be left out)` names the arguments in their order.
fn order(comment: &Comment<&str>) -> Order {
    let line = comment.content.iter().find(|line| line.starts_with('$'));
    let mut order = Order::default();
    for part in line.into_iter().flat_map(|line| line.split(',')) {
        let name = part.trim().trim_start_matches('$');
        let name = name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
        let name = name.unwrap_or_default().to_owned();
        if part.contains("(may be left out)") {
            order.free.push(name.clone());
        }
        order.args.push(name);
    }
    order
}

fn pieces(pattern: &Pattern<&str>) -> Result<Vec<Piece>, String> {
    let mut all: Vec<Piece> = vec![];
    for element in &pattern.elements {
        let piece = match element {
            PatternElement::TextElement { value } => Piece::Text((*value).to_owned()),
            PatternElement::Placeable { expression } => placed(expression)?,
        };
        match (all.last_mut(), piece) {
            (_, Piece::Text(text)) if text.is_empty() => {}
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (_, piece) => all.push(piece),
        }
    }
    Ok(all)
}

fn placed(expression: &Expression<&str>) -> Result<Piece, String> {
    let (selector, variants) = match expression {
        Expression::Inline(InlineExpression::StringLiteral { value }) => {
            return Ok(Piece::Text(unescape_unicode_to_string(value).into_owned()));
        }
        Expression::Inline(InlineExpression::VariableReference { id }) => return Ok(Piece::Arg(id.name.to_owned())),
        Expression::Inline(_) => return Err("only arguments (`{ $name }`) and quoted text stand in braces".into()),
        Expression::Select { selector, variants } => (selector, variants),
    };
    let InlineExpression::VariableReference { id } = selector else {
        return Err("a choice is by an argument: `{ $name -> … }`".into());
    };
    let (mut cases, mut other) = (vec![], vec![]);
    for variant in variants {
        let text = pieces(&variant.value)?;
        match &variant.key {
            _ if variant.default => other = text,
            VariantKey::Identifier { name: "empty" } => cases.push((When::Empty, text)),
            VariantKey::Identifier { name } => cases.push((When::Category((*name).to_owned()), text)),
            VariantKey::NumberLiteral { value } => {
                let number = value.parse().map_err(|_| format!("[{value}] is no whole number"))?;
                cases.push((When::Number(number), text));
            }
        }
    }
    let arg = id.name.to_owned();
    Ok(Piece::Choice { arg, cases, other })
}
