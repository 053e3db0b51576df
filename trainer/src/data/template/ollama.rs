//! A named template written as Ollama's Go template.
//!
//! Source: Ollama's `docs/template.md`; LLaMA-Factory's `Template.get_ollama_template`.

use super::export::plain_text;
use super::named::{NamedTemplate, ROUND, SystemPlace};
use crate::data::tokenizer::Tokenizer;

/// The lines of a Modelfile that say how conversations become text: `TEMPLATE` and, where there is a default, `SYSTEM`.
pub(super) fn lines(named: &NamedTemplate, default: &str, tokenizer: &Tokenizer) -> String {
    // Ollama's templates can't halve the number of a message: each question is written as the first
    let plain = |slots| plain_text(slots, tokenizer).replace(ROUND, "0");
    let text = |slots, content: &str| escaped(&plain(slots)).replace("{}", content);
    let system = text(named.system, "{{ .System }}");
    let user = text(named.user, "{{ .Content }}");
    let reply = text(named.assistant, "{{ .Content }}");
    let answer = text(named.observation, "{{ .Content }}");
    // llama.cpp puts the token in front that texts begin with
    let begin = tokenizer.bos().map_or("", |bos| bos.text.as_str());
    let prefix = escaped(plain_text(named.prefix, tokenizer).trim_start_matches(begin));
    let (before, within) = match named.system_place {
        SystemPlace::OwnTurn => (format!("{{{{ if .System }}}}{system}{{{{ end }}}}"), String::new()),
        SystemPlace::FirstUser => {
            let first = format!("{{{{ if and $.System (eq $i 0) }}}}{system}{{{{ end }}}}");
            (String::new(), first.replace(".System", "$.System").replace("$$", "$"))
        }
    };
    let user = match user.split_once("{{ .Content }}") {
        Some((open, close)) => format!("{open}{within}{{{{ .Content }}}}{close}"),
        None => user,
    };
    let turns = format!(
        "{{{{ range $i, $_ := .Messages }}}}{{{{ if eq .Role \"user\" }}}}{user}\
         {{{{ else if eq .Role \"tool\" }}}}{answer}\
         {{{{ else if eq .Role \"assistant\" }}}}{reply}{{{{ end }}}}{{{{ end }}}}"
    );
    let mut lines = format!("TEMPLATE \"\"\"{prefix}{before}{turns}\"\"\"\n");
    if !default.is_empty() {
        lines.push_str(&format!("SYSTEM \"\"\"{default}\"\"\"\n"));
    }
    lines
}

/// Go's templates would read two braces as their own.
fn escaped(text: &str) -> String {
    text.replace("{{", "{{ \"{{\" }}")
}
