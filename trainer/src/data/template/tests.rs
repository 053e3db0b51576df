//! Chat templates and tools by hand, and the goldens.

mod all;
mod golden;
mod left_out;
mod named;
mod tools;

use std::path::PathBuf;

use super::thoughts::without_thought;
use super::*;
use crate::data::rows::{Replies, Row};
use crate::data::{LossMask, Tokenizer, encode};
use protocol::config::Wording;

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden")
}

fn tokenizer() -> Tokenizer {
    Tokenizer::from_dir(&golden().join("models/llama")).expect("tokenizer")
}

const CHATML: &str = "{%- for message in messages %}\n    {{- '<|im_start|>' + message.role + '\\n' + message.content + \
                      '<|im_end|>\\n' }}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- \
                      '<|im_start|>assistant\\n' }}\n{%- endif %}\n";

/// Prompt and reply of each turn, their tokens read back.
fn texts(encoder: &Encoder, setting: &Setting, talk: &[Message]) -> Vec<[String; 2]> {
    let read = |ids: &[u32]| encoder.tokenizer().decode_all(ids).expect("text");
    let turns = encoder.turns(setting, talk).expect("turns");
    turns
        .iter()
        .map(|turn| [read(&turn.prompt), read(&turn.reply)])
        .collect()
}

fn model(source: &str) -> Result<Encoder> {
    let tokenizer = tokenizer();
    let template = Template::Model(Box::new(ChatTemplate::new(source, &tokenizer)?));
    Encoder::new(tokenizer, template, Thinking::On)
}

fn said(texts: &[&str]) -> Vec<Message> {
    texts
        .iter()
        .enumerate()
        .map(|(i, t)| Message::new([Role::User, Role::Assistant][i % 2], *t))
        .collect()
}

#[test]
fn a_models_own_chatml_gives_the_tokens_of_the_named_one() {
    let own = model(CHATML).expect("template");
    let named = Encoder::new(tokenizer(), Template::named("chatml").expect("chatml"), Thinking::On).expect("encoder");
    let setting = Setting {
        system: Some("Be brief.".into()),
        tools: None,
    };
    let talk = said(&["Hi", "Hello!", "東京？", "はい 🦙\n\nyes"]);
    assert_eq!(
        own.turns(&setting, &talk).expect("own"),
        named.turns(&setting, &talk).expect("named")
    );
    let [prompt @ .., reply] = talk.as_slice() else {
        unreachable!()
    };
    let no = Message::new(Role::Assistant, "いいえ");
    assert_eq!(
        own.pair(&setting, prompt, reply, &no).expect("own"),
        named.pair(&setting, prompt, reply, &no).expect("named")
    );
    assert_eq!(
        own.prompt(&setting, prompt).expect("own"),
        named.prompt(&setting, prompt).expect("named")
    );
    // <|im_end|> is 5; the tokenizer's own EOS is 2.
    assert_eq!(own.stop_ids(), [2, 5]);
}

#[test]
fn exported_jinja_renders_what_training_saw() {
    let talks = [said(&["Hi", "Hello!"]), said(&["a 'b' {c}", "x\\n", "東京？", "は い"])];
    let tokenizer = || Tokenizer::from_dir(&golden().join("template_tokenizer")).expect("tokenizer");
    for named in TEMPLATES.iter().copied().flatten() {
        for thinking in [Thinking::On, Thinking::Off, Thinking::Mixed] {
            let bound = Encoder::new(tokenizer(), Template::Named(named), thinking).expect("encoder");
            let source = bound.to_chat_template();
            let chat = ChatTemplate::new(&source, bound.tokenizer()).expect(named.name);
            let exported =
                Encoder::new(bound.tokenizer().clone(), Template::Model(Box::new(chat)), None).expect("export");
            for system in [None, Some("Be 'brief'.\n".to_owned())] {
                let setting = Setting { system, tools: None };
                for talk in &talks {
                    let (reply, prompt) = talk.split_last().expect("turns");
                    let place = format!("{} {thinking:?} {setting:?}", named.name);
                    let text = |ids: &[u32]| bound.tokenizer().decode_all(ids).expect("text");
                    let turn = bound.last_turn(&setting, prompt, reply).expect(&place);
                    let own_turn = exported.last_turn(&setting, prompt, reply).expect(&place);
                    assert_eq!(
                        text(&own_turn.prompt) + &text(&own_turn.reply),
                        text(&turn.prompt) + &text(&turn.reply),
                        "{place}"
                    );
                    let start = bound.prompt(&setting, prompt).expect(&place);
                    let own_start = exported.prompt(&setting, prompt).expect(&place);
                    assert_eq!(text(&own_start), text(&start), "{place}");
                }
            }
        }
    }
}

#[test]
fn strings_go_on_after_a_backslash_at_the_end_of_a_line() {
    let encoder = model("{{ 'one\\\n two' }}").expect("template");
    let ids = encoder.prompt(&Setting::default(), &said(&["Hi"])).expect("prompt");
    assert_eq!(encoder.tokenizer().decode_all(&ids).expect("text"), "one two");
}

#[test]
fn an_endless_template_ends() {
    let endless =
        model("{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}").expect("template");
    assert!(endless.prompt(&Setting::default(), &said(&["Hi"])).is_err());
}

#[test]
fn generation_tags_and_loop_controls_are_read() {
    let tagged = model(
        "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|im_end|>{% endgeneration %}\
         {% continue %}{% endif %}{{ m.content.strip() }}:{% endfor %}",
    )
    .expect("template");
    let talk = said(&[" Hi ", "Hello"]);
    let EncodedTurn { prompt, reply } = tagged
        .last_turn(&Setting::default(), &talk[..1], &talk[1])
        .expect("turn");
    let text = |ids: &[u32]| tagged.tokenizer().decode_all(ids).expect("text");
    assert_eq!(text(&prompt), "Hi:");
    assert_eq!(text(&reply), "Hello<|im_end|>");
}

#[test]
fn json_in_templates_is_written_as_python_writes_it() {
    let encoder = model("{{ tools | tojson }}|{{ tools[0] | tojson(indent=2) }}").expect("template");
    let setting = Setting {
        system: None,
        tools: Some(r#"[{"name":"f<","b":[],"a":{"é":1.5}}]"#.into()),
    };
    let ids = encoder.prompt(&setting, &said(&["Hi"])).expect("prompt");
    assert_eq!(
        encoder.tokenizer().decode_all(&ids).expect("text"),
        "[{\"name\": \"f<\", \"b\": [], \"a\": {\"é\": 1.5}}]|{\n  \"name\": \"f<\",\n  \"b\": [],\n  \"a\": {\n    \"é\": 1.5\n  }\n}"
    );
}

#[test]
fn thoughts_are_removed_as_a_regular_expression_would() {
    const THINK: ThoughtWords = ThoughtWords::THINK;
    assert_eq!(without_thought("a<think>\nb\n</think>\n\nc", THINK), "ac");
    assert_eq!(without_thought("a<think>b</think>\n\nc", THINK), "a\n\nc");
    assert_eq!(without_thought("<think>b</think>\n\nc<think>d</think>", THINK), "c");
    assert_eq!(without_thought("<think>open\nc", THINK), "<think>open\nc");
    assert_eq!(without_thought("</think>x<think>", THINK), "</think>x<think>");
}

#[test]
fn missing_stop_words_are_added_and_named() {
    let mut tokenizer = tokenizer();
    tokenizer.set_eos("<|new|>").expect("add");
    assert_eq!(tokenizer.eos().map(|e| e.id), Some(352));
    let unknown = Template::named("llama33").expect_err("unknown").to_string();
    assert!(unknown.contains("llama3"), "{unknown}");
}

/// A template that writes what is said alone: no tools, no calls.
const PLAIN: &str = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}\
                     {% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
/// One that writes calls, answers with their ids, and thoughts.
const WHOLE: &str = "{% if tools is not none %}T{{ tools | tojson }}{% endif %}{% for m in messages %}[{{ m.role }}]\
                     {% if m.reasoning_content %}({{ m.reasoning_content }}){% endif %}{{ m.content }}\
                     {% for c in m.tool_calls or [] %}<{{ c.id }} {{ c.function.name }}>{% endfor %}\
                     {{ m.tool_call_id }}{{ m.name }};{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";
const CALL: &str =
    r#"[{"id": "abcdefgh1", "type": "function", "function": {"name": "look", "arguments": "{\"a\": 1}"}}]"#;

fn with_tools() -> [Message; 4] {
    let answer = |content: &str, id: &str| Answer {
        content: content.into(),
        name: Some("look".into()),
        call_id: Some(id.into()),
    };
    [
        Message::new(Role::User, "Where?"),
        Message {
            said: Some("Let me look.".into()),
            reasoning: Some("a drawer?".into()),
            ..Message::new(Role::Function, CALL)
        },
        Message {
            answers: vec![answer("here", "abcdefgh1"), answer("there", "abcdefgh2")],
            ..Message::new(Role::Observation, "here\nthere")
        },
        Message::new(Role::Assistant, "Here and there."),
    ]
}

#[test]
fn a_block_that_the_lead_opens_is_the_replys_where_the_reply_has_none() {
    let source = "{% for m in messages %}[{{ m.role }}]{{ m.content }};{% endfor %}\
                  {% if add_generation_prompt %}[assistant]<think>\n{% endif %}";
    let opening = model(source).expect("template");
    let text = |ids: &[u32]| opening.tokenizer().decode_all(ids).expect("text");
    let talk = said(&["Hi", "<b>Hello", "Bye", "<think>\nhm</think>Bye"]);
    let setting = Setting::default();
    let EncodedTurn { prompt, reply } = opening.last_turn(&setting, &talk[..1], &talk[1]).expect("turn");
    assert_eq!(
        (text(&prompt).as_str(), text(&reply).as_str()),
        ("[user]Hi;[assistant]", "<b>Hello;")
    );
    assert!(opening.examine(&setting, &talk[..1], &[&talk[1]]).expect("row").block);
    let pair = opening.pair(&setting, &talk[..1], &talk[3], &talk[1]).expect("pair");
    assert_eq!(text(&pair.prompt), "[user]Hi;[assistant]");
    assert_eq!(
        (text(&pair.chosen).as_str(), text(&pair.rejected).as_str()),
        ("<think>\nhm</think>Bye;", "<b>Hello;")
    );
    let turns = opening.turns(&setting, &talk).expect("turns");
    assert_eq!(turns.len(), 2);
    assert_eq!(text(&turns[1].prompt), "[user]Bye;[assistant]<think>\n");
}

#[test]
fn the_rule_book_knows_the_templates_there_are() {
    let mut names: Vec<_> = TEMPLATES.iter().copied().flatten().map(|t| t.name).collect();
    names.sort_unstable();
    assert_eq!(names, protocol::config::TEMPLATES);
    let mut without_end: Vec<_> = TEMPLATES
        .iter()
        .copied()
        .flatten()
        .filter(|t| t.efficient_eos)
        .map(|t| t.name)
        .collect();
    without_end.sort_unstable();
    assert_eq!(without_end, protocol::config::WITHOUT_END);
    assert_eq!(ToolFormat::NAMES.map(|(name, _)| name), protocol::config::TOOL_FORMATS);
}

#[test]
fn a_default_system_message_takes_the_place_of_the_templates() {
    let wording = |system: Option<&str>| Wording {
        template: Some("qwen".into()),
        system: system.map(str::to_owned),
        ..Wording::default()
    };
    let talk = said(&["Hi"]);
    for (default, own, wanted) in [
        (
            None,
            None,
            "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
        ),
        (Some("Be brief."), None, "<|im_start|>system\nBe brief.<|im_end|>"),
        (
            Some("Be brief."),
            Some("Rhyme."),
            "<|im_start|>system\nRhyme.<|im_end|>",
        ),
        (Some(""), None, "<|im_start|>user\nHi<|im_end|>"),
    ] {
        let setting = Setting {
            system: own.map(str::to_owned),
            tools: None,
        };
        let named = Template::named("qwen").expect("qwen");
        let named = Encoder::worded(tokenizer(), named, &wording(default)).expect("encoder");
        let text = |ids: &[u32]| named.tokenizer().decode_all(ids).expect("text");
        let prompt = text(&named.prompt(&setting, &talk).expect("prompt"));
        assert!(prompt.starts_with(wanted), "{default:?} {own:?}: {prompt}");
        assert_eq!(named.wording(), wording(default));
        // and the model's own template is given it
        let whole = model(WHOLE).expect("template");
        let whole = Encoder::worded(tokenizer(), whole.template().clone(), &wording(default)).expect("encoder");
        let prompt = text(&whole.prompt(&setting, &talk).expect("prompt"));
        let system = own.or(default).filter(|s| !s.is_empty());
        let wanted = system.map_or("[user]".to_owned(), |s| format!("[system]{s};[user]"));
        assert!(prompt.starts_with(&wanted), "{prompt}");
    }
}

#[test]
fn a_run_is_told_one_day_and_a_chat_its_own() {
    let dated =
        model("{{ strftime_now('%d %b %Y') }} {% for m in messages %}{{ m.content }}{% endfor %}").expect("template");
    let text = |encoder: &Encoder| {
        let ids = encoder.prompt(&Setting::default(), &said(&["Hi"])).expect("prompt");
        encoder.tokenizer().decode_all(&ids).expect("text")
    };
    let day: Moment = "2026-11-26T13:05:09".parse().expect("a day");
    assert_eq!(text(&dated.clone().with_clock(Clock::Stopped(day))), "26 Nov 2026 Hi");
    let today = || Moment::now().format("%d %b %Y Hi");
    let (before, now, after) = (today(), text(&dated.with_clock(Clock::Running)), today());
    assert!(now == before || now == after, "{now}");
}

/// Else kept tokens would be made again each day.
#[test]
fn tokens_depend_on_the_day_only_where_a_template_tells_it() {
    for (name, tells) in [("chatml", false), ("qwen", false), ("llama3", true)] {
        let on = |day: &str| {
            let template = Template::named(name).expect(name);
            let encoder = Encoder::new(tokenizer(), template, None).expect("encoder");
            let clock = Clock::Stopped(day.parse().expect("a day"));
            encoder.with_clock(clock).origin()
        };
        let (first, next) = (on("2026-11-26T13:05:09"), on("2026-11-27T09:00:00"));
        assert_eq!(first.moment != next.moment, tells, "{name}");
        assert_eq!(first.template, next.template, "{name}");
    }
}

#[test]
fn a_reply_without_an_end_of_its_own_is_followed_by_one() {
    let encoder = Encoder::new(tokenizer(), Template::named("solar").expect("solar"), None).expect("encoder");
    let eos = encoder.tokenizer().eos().expect("EOS").id;
    let talk = said(&["Hi", "Hello", "And?", "Bye"]);
    let mut row = Row {
        setting: Setting::default(),
        prompt: talk[..3].to_vec(),
        replies: Replies::One(talk[3].clone()),
    };
    let (sequence, _) = encode::conversation(&encoder, &row, LossMask::Replies, 1000).expect("row");
    assert_eq!(sequence.tokens.last(), Some(&eos));
    let turns = encoder.turns(&Setting::default(), &talk).expect("turns");
    let second = turns[0].prompt.len() + turns[0].reply.len();
    assert_eq!(sequence.ends, [crate::data::End { at: second, token: eos }]);
    assert!(sequence.counts[second] && !sequence.counts[second + 1] && sequence.counts[second - 1]);
    assert_eq!(sequence.counts.last(), Some(&true));
    // a reply that is not learned has no end to learn
    row.prompt[1].learned = false;
    let (sequence, _) = encode::conversation(&encoder, &row, LossMask::Replies, 1000).expect("row");
    assert_eq!(sequence.ends, []);
    let pair = encoder
        .pair(&Setting::default(), &talk[..1], &talk[1], &talk[3])
        .expect("pair");
    assert_eq!((pair.chosen.last(), pair.rejected.last()), (Some(&eos), Some(&eos)));
}
