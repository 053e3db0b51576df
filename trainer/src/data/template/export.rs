//! A named template written as Jinja, so that transformers renders the text the run was trained on.

use super::Thinking;
use super::named::{NamedTemplate, ROUND, Reasoning, Slot, SystemPlace};
use crate::data::tokenizer::Tokenizer;

/// The chat template of a merged folder. Special tokens are written out, because the folder's own may change.
///
/// `default` is the system message of conversations that bring none.
pub(super) fn jinja(named: &NamedTemplate, default: &str, thinking: Option<Thinking>, tokenizer: &Tokenizer) -> String {
    let expr = |slots: &[Slot], content: &str| expression(&plain_text(slots, tokenizer), content);
    let without_lead = |slots: &[Slot], lead: &str| {
        let text = plain_text(slots, tokenizer);
        text.strip_suffix(lead).unwrap_or(&text).to_owned()
    };
    let user = expression(&without_lead(named.user, named.lead), "content");
    let observation = expression(&without_lead(named.observation, named.lead_after_tool()), "content");
    let system = expr(named.system, "system_message");
    let assistant = expr(named.assistant, "content");
    let lead = |before: &str| match named.lead_after_tool {
        None => literal(named.lead),
        Some(other) => format!(
            "({} if {before} == 'tool' else {})",
            literal(other),
            literal(named.lead)
        ),
    };

    let mut out = format!(
        "{{%- if messages[0]['role'] == 'system' -%}}\
         {{%- set system_message = messages[0]['content'] or {default} -%}}\
         {{%- set turns = messages[1:] -%}}\
         {{%- else -%}}\
         {{%- set system_message = {default} -%}}\
         {{%- set turns = messages -%}}\
         {{%- endif -%}}",
        default = literal(default)
    );
    if !named.prefix.is_empty() {
        out.push_str(&format!("{{{{- {} -}}}}", expr(named.prefix, "")));
    }
    if named.system_place == SystemPlace::OwnTurn {
        out.push_str(&format!(
            "{{%- if system_message -%}}{{{{- {system} -}}}}{{%- endif -%}}"
        ));
    }
    out.push_str("{%- for message in turns -%}{%- set content = message['content'] -%}");
    if named.system_place == SystemPlace::FirstUser {
        out.push_str(&format!(
            "{{%- if loop.first and system_message -%}}{{%- set content = {system} + content -%}}{{%- endif -%}}"
        ));
    }
    out.push_str(&format!(
        "{{%- if message['role'] == 'user' -%}}{{{{- {user} -}}}}\
         {{%- elif message['role'] == 'tool' -%}}{{{{- {observation} -}}}}\
         {{%- elif message['role'] == 'assistant' -%}}"
    ));
    if named.reasoning == Reasoning::Yes {
        let bare = named.thoughts.bare();
        // History loses its thoughts; the last reply has a block, if only an empty one.
        let (open, close) = (literal(bare.open), literal(bare.close));
        let strip = format!(
            "{{%- if {open} in content and {close} in content -%}}\
             {{%- set content = (content.split({open})[0] + content.split({close})[-1]).lstrip('\\n') -%}}\
             {{%- endif -%}}"
        );
        let block = literal(named.thoughts.none);
        out.push_str("{%- set thought = '' -%}");
        out.push_str(&format!("{{%- if not loop.last -%}}{strip}{{%- else -%}}"));
        if thinking == Some(Thinking::Off) {
            out.push_str(&strip);
        }
        out.push_str(&format!(
            "{{%- if {open} not in content and {close} not in content -%}}\
             {{%- set thought = {block} -%}}\
             {{%- endif -%}}{{%- endif -%}}"
        ));
    }
    let thought = match named.reasoning {
        Reasoning::Yes => "thought + ",
        Reasoning::No => "",
    };
    let before = lead("turns[loop.index0 - 1]['role']");
    out.push_str(&format!(
        "{{{{- {before} + {thought}{assistant} -}}}}{{%- endif -%}}{{%- endfor -%}}"
    ));
    out.push_str("{%- if add_generation_prompt -%}");
    if !named.lead.is_empty() {
        out.push_str(&format!("{{{{- {} -}}}}", lead("turns[-1]['role']")));
    }
    if named.reasoning == Reasoning::Yes {
        let off = match thinking {
            None | Some(Thinking::On) => "enable_thinking is defined and not enable_thinking",
            Some(Thinking::Off | Thinking::Mixed) => "not (enable_thinking is defined and enable_thinking)",
        };
        out.push_str(&format!(
            "{{%- if {off} -%}}{{{{- {} -}}}}{{%- endif -%}}",
            literal(named.thoughts.none)
        ));
    }
    out.push_str("{%- endif -%}");
    out
}

/// The pieces as one text, special tokens written out.
pub(super) fn plain_text(slots: &[Slot], tokenizer: &Tokenizer) -> String {
    slots
        .iter()
        .map(|slot| match slot {
            Slot::Text(text) => text,
            Slot::Bos => tokenizer.bos().map_or("", |t| t.text.as_str()),
            Slot::Eos => tokenizer.eos().map_or("", |t| t.text.as_str()),
            Slot::Token(token) => token,
        })
        .collect()
}

/// `'before' + content + 'after'`.
fn expression(text: &str, content: &str) -> String {
    match text.split_once("{}") {
        None => literal(text),
        Some((before, after)) => {
            let mut parts = Vec::new();
            for (i, text) in before.split(ROUND).enumerate() {
                if i > 0 {
                    parts.push("(loop.index0 // 2) | string".to_owned());
                }
                parts.extend((!text.is_empty()).then(|| literal(text)));
            }
            parts.push(content.to_owned());
            parts.extend((!after.is_empty()).then(|| literal(after)));
            parts.join(" + ")
        }
    }
}

fn literal(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n");
    format!("'{escaped}'")
}
