//! The model's own chat template, rendered as transformers renders it, with the tokens of each reply found exactly.

use std::sync::Arc;

use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind};

use super::tools::{self, Indent};
use super::{Message, Role, Setting, Thinking};
use crate::data::error::{DataError, Result};
use crate::data::tokenizer::Tokenizer;

/// Instructions one rendering may take: far above any real template, low enough that a broken one ends.
const FUEL: u64 = 20_000_000;
const NAME: &str = "chat_template";

/// A compiled chat template.
#[derive(Debug, Clone)]
pub struct ChatTemplate {
    env: Arc<Environment<'static>>,
    source: String,
    special: Vec<(&'static str, String)>,
    end_of_turn: Option<u32>,
}

/// Whether a rendering ends with the lead of the assistant's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Closed,
    GenerationPrompt,
}

impl ChatTemplate {
    /// Compiles `source`; `tokenizer` gives the special tokens it may name.
    pub fn new(source: &str, tokenizer: &Tokenizer) -> Result<Self> {
        let mut env = Environment::new();
        env.set_syntax(
            env.syntax()
                .to_builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .build()
                .map_err(|e| DataError::template("of the model", text_of(&e)))?,
        );
        env.set_fuel(Some(FUEL));
        env.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        env.add_filter("tojson", tojson);
        env.add_function(
            "raise_exception",
            |message: String| -> std::result::Result<Value, Error> {
                Err(Error::new(ErrorKind::InvalidOperation, message))
            },
        );
        env.add_function("strftime_now", |format: &str| strftime(format));
        env.add_template_owned(NAME, as_plain_jinja(source))
            .map_err(|e| DataError::template("of the model", format!("can't be read: {}", text_of(&e))))?;

        let special = [
            ("bos_token", tokenizer.bos()),
            ("eos_token", tokenizer.eos()),
            ("pad_token", tokenizer.pad()),
            ("unk_token", tokenizer.unk()),
        ];
        let mut this = Self {
            env: Arc::new(env),
            source: source.to_owned(),
            special: special
                .into_iter()
                .filter_map(|(key, token)| Some((key, token?.text.clone())))
                .collect(),
            end_of_turn: None,
        };
        this.end_of_turn = this.find_end_of_turn(tokenizer);
        Ok(this)
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    /// The special token after a reply, where there is one.
    pub(super) fn end_of_turn(&self) -> Option<u32> {
        self.end_of_turn
    }

    pub(super) fn prompt(
        &self,
        tokenizer: &Tokenizer,
        thinking: Thinking,
        setting: &Setting,
        messages: &[Message],
    ) -> Result<Vec<u32>> {
        tokenizer.encode(&self.render(thinking, setting, messages, End::GenerationPrompt)?)
    }

    pub(super) fn last_turn(
        &self,
        tokenizer: &Tokenizer,
        thinking: Thinking,
        setting: &Setting,
        prompt: &[Message],
        reply: &Message,
    ) -> Result<(Vec<u32>, Vec<u32>)> {
        let before = self.render(thinking, setting, prompt, End::GenerationPrompt)?;
        let full = self.render_with(thinking, setting, prompt, reply, &before)?;
        let mut pieces = encode_cut(tokenizer, &full, &[before.len()])?;
        let reply = pieces.pop().unwrap_or_default();
        Ok((pieces.pop().unwrap_or_default(), reply))
    }

    #[expect(clippy::string_slice, reason = "each full text begins with the prompt")]
    pub(super) fn pair(
        &self,
        tokenizer: &Tokenizer,
        thinking: Thinking,
        setting: &Setting,
        prompt: &[Message],
        replies: [&Message; 2],
    ) -> Result<(Vec<u32>, Vec<u32>, Vec<u32>)> {
        let before = self.render(thinking, setting, prompt, End::GenerationPrompt)?;
        let mut sides = Vec::with_capacity(2);
        for reply in replies {
            let full = self.render_with(thinking, setting, prompt, reply, &before)?;
            let mut pieces = encode_cut(tokenizer, &full, &[before.len()])?;
            let ids = pieces.pop().unwrap_or_default();
            sides.push((pieces.pop().unwrap_or_default(), ids, full));
        }
        let shared = sides[0].0 == sides[1].0;
        let prompt = if shared {
            std::mem::take(&mut sides[0].0)
        } else {
            tokenizer.encode(&before)?
        };
        let mut replies = sides.into_iter().map(|(_, ids, full)| match shared {
            true => Ok(ids),
            // A reply whose first letters reach into the prompt's last token stands apart from it.
            false => tokenizer.encode(&full[before.len()..]),
        });
        let chosen = replies.next().transpose()?.unwrap_or_default();
        let rejected = replies.next().transpose()?.unwrap_or_default();
        Ok((prompt, chosen, rejected))
    }

    /// The conversation with its reply, checked to begin with its prompt.
    fn render_with(
        &self,
        thinking: Thinking,
        setting: &Setting,
        prompt: &[Message],
        reply: &Message,
        before: &str,
    ) -> Result<String> {
        let mut messages = prompt.to_vec();
        messages.push(reply.clone());
        let full = self.render(thinking, setting, &messages, End::Closed)?;
        if !full.starts_with(before) || full.len() == before.len() {
            return Err(no_prefix());
        }
        Ok(full)
    }

    pub(super) fn turns(
        &self,
        tokenizer: &Tokenizer,
        thinking: Thinking,
        setting: &Setting,
        messages: &[Message],
    ) -> Result<Vec<(Vec<u32>, Vec<u32>)>> {
        let Some(last) = messages.last() else {
            return Ok(Vec::new());
        };
        let full = self.render(thinking, setting, messages, End::Closed)?;
        let mut cuts = Vec::with_capacity(messages.len());
        for end in (2..=messages.len()).step_by(2) {
            let prompt = self.render(thinking, setting, &messages[..end - 1], End::GenerationPrompt)?;
            let closed = if end == messages.len() {
                full.len()
            } else {
                let text = self.render(thinking, setting, &messages[..end], End::Closed)?;
                if !full.starts_with(&text) {
                    let turn = self.last_turn(tokenizer, thinking, setting, &messages[..messages.len() - 1], last)?;
                    return Ok(vec![turn]);
                }
                text.len()
            };
            if !full.starts_with(&prompt) || closed <= prompt.len() {
                return Err(no_prefix());
            }
            cuts.extend([prompt.len(), closed]);
        }
        cuts.pop();
        let mut pieces = encode_cut(tokenizer, &full, &cuts)?.into_iter();
        let mut turns = Vec::with_capacity(messages.len() / 2);
        while let (Some(prompt), Some(reply)) = (pieces.next(), pieces.next()) {
            turns.push((prompt, reply));
        }
        Ok(turns)
    }

    pub(super) fn render(
        &self,
        thinking: Thinking,
        setting: &Setting,
        messages: &[Message],
        end: End,
    ) -> Result<String> {
        let mut list = Vec::with_capacity(messages.len() + 1);
        if let Some(system) = setting.system.as_deref().filter(|s| !s.is_empty()) {
            list.push(plain("system", system));
        }
        for message in messages {
            list.push(match message.role {
                Role::User => plain("user", &message.content),
                Role::Assistant => plain("assistant", &message.content),
                Role::Observation => plain("tool", &message.content),
                Role::Function => calls(&message.content)?,
            });
        }
        let mut context = vec![
            ("messages", Value::from(list)),
            ("add_generation_prompt", Value::from(end == End::GenerationPrompt)),
        ];
        if let Some(tools) = setting.tools.as_deref().filter(|t| !t.is_empty()) {
            context.push(("tools", Value::from(tools::parse_tools(tools)?)));
        }
        if thinking != Thinking::On {
            context.push(("enable_thinking", Value::from(false)));
        }
        for (key, text) in &self.special {
            context.push((key, Value::from(text.as_str())));
        }
        self.env
            .get_template(NAME)
            .and_then(|t| t.render(Value::from_pairs(context)))
            .map_err(|e| DataError::Row(format!("the model's chat template refuses it: {}", text_of(&e))))
    }

    fn find_end_of_turn(&self, tokenizer: &Tokenizer) -> Option<u32> {
        let ask = Message::new(Role::User, "question");
        let answer = Message::new(Role::Assistant, "answer");
        let (_, reply) = self
            .last_turn(tokenizer, Thinking::On, &Setting::default(), &[ask], &answer)
            .ok()?;
        let from = reply
            .iter()
            .rposition(|&id| !tokenizer.is_special(id) && !is_blank(tokenizer, id))?;
        reply[from..].iter().copied().find(|&id| tokenizer.is_special(id))
    }
}

fn is_blank(tokenizer: &Tokenizer, id: u32) -> bool {
    tokenizer.decode_all(&[id]).is_ok_and(|t| t.trim().is_empty())
}

fn plain(role: &str, content: &str) -> Value {
    Value::from_pairs([("role", Value::from(role)), ("content", Value::from(content))])
}

fn calls(content: &str) -> Result<Value> {
    let (thought, calls) = tools::parse_calls(content)?;
    let calls: Vec<Value> = calls
        .into_iter()
        .map(|call| {
            let function = Value::from_pairs([("name", Value::from(call.name)), ("arguments", call.arguments)]);
            Value::from_pairs([("type", Value::from("function")), ("function", function)])
        })
        .collect();
    Ok(Value::from_pairs([
        ("role", Value::from("assistant")),
        ("content", Value::from(thought.unwrap_or_default())),
        ("tool_calls", Value::from(calls)),
    ]))
}

fn no_prefix() -> DataError {
    DataError::Row(
        "the model's chat template doesn't put the reply right after its prompt, so the tokens that count can't be \
         told; set `template` to a named one"
            .into(),
    )
}

/// Encodes `text` as a whole and hands its tokens out by the byte positions in `cuts`. Where a token would reach over
/// a cut, the text is parted there first: that is what generation sees, whose prompt ends at the cut.
#[expect(clippy::string_slice, reason = "the cuts are where messages begin and end")]
fn encode_cut(tokenizer: &Tokenizer, text: &str, cuts: &[usize]) -> Result<Vec<Vec<u32>>> {
    let (ids, offsets) = tokenizer.encode_with_offsets(text)?;
    let mut pieces = vec![Vec::new(); cuts.len() + 1];
    let mut piece = 0;
    for (id, (start, end)) in ids.into_iter().zip(offsets) {
        while piece < cuts.len() && start >= cuts[piece] {
            piece += 1;
        }
        if piece < cuts.len() && end > cuts[piece] {
            let cut = cuts[piece];
            let mut left = encode_cut(tokenizer, &text[..cut], &cuts[..piece])?;
            let rest: Vec<usize> = cuts[piece + 1..].iter().map(|c| c - cut).collect();
            left.extend(encode_cut(tokenizer, &text[cut..], &rest)?);
            return Ok(left);
        }
        pieces[piece].push(id);
    }
    Ok(pieces)
}

/// Rewrites what only Python's Jinja reads: `{% generation %}` blocks, which mark replies (found without them here),
/// and strings continued on the next line by a backslash.
fn as_plain_jinja(source: &str) -> String {
    let source = source.replace("\\\r\n", "").replace("\\\n", "");
    let mut out = String::with_capacity(source.len());
    let mut rest = source.as_str();
    while let Some((before, after)) = rest.split_once("{%") {
        let Some((tag, _)) = after.split_once("%}") else {
            break;
        };
        let word = tag.trim_matches(['-', '+']).trim();
        out.push_str(before);
        out.push_str("{%");
        match word {
            "generation" => out.push_str(&tag.replace(word, "if true")),
            "endgeneration" => out.push_str(&tag.replace(word, "endif")),
            _ => out.push_str(tag),
        }
        rest = after.strip_prefix(tag).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// transformers' `tojson`: Python's `json.dumps`, with nothing escaped for HTML.
fn tojson(value: &Value, options: Kwargs) -> std::result::Result<Value, Error> {
    let indent: Option<usize> = options.get("indent")?;
    // Accepted as in transformers; the order of keys and the letters are kept as they are.
    let _: Option<Value> = options.get("ensure_ascii")?;
    let _: Option<Value> = options.get("separators")?;
    let _: Option<Value> = options.get("sort_keys")?;
    options.assert_all_used()?;
    let indent = indent.map_or(Indent::None, Indent::Spaces);
    tools::dump(value, indent)
        .map(Value::from)
        .map_err(|e| Error::new(ErrorKind::BadSerialization, e.to_string()))
}

/// The date templates see. It is a fixed one, Llama's own fallback: a run resumed on another day, or a checkpoint
/// chatted with later, must see the tokens it was trained on.
fn strftime(format: &str) -> String {
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let part = match chars.next() {
            Some('-') => match chars.next() {
                Some('d') => "26",
                Some('m') => "7",
                _ => "0",
            },
            Some('d') => "26",
            Some('m') => "07",
            Some('b') => "Jul",
            Some('B') => "July",
            Some('Y') => "2024",
            Some('y') => "24",
            Some('a') => "Fri",
            Some('A') => "Friday",
            Some('j') => "208",
            Some('H' | 'M' | 'S') => "00",
            Some('%') => "%",
            _ => "",
        };
        out.push_str(part);
    }
    out
}

/// The message of the innermost error.
fn text_of(error: &Error) -> String {
    let line = error.line().map_or(String::new(), |l| format!(" (line {l})"));
    match error.detail() {
        Some(detail) => format!("{detail}{line}"),
        None => format!("{error}"),
    }
}
