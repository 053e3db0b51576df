//! What a template leaves out, refuses, rewrites or drops is told.

use super::*;

#[test]
fn a_template_that_refuses_or_rewrites_makes_the_row_bad() {
    let strict = model("{{ raise_exception('Roles must alternate') }}").expect("template");
    let error = strict
        .prompt(&Setting::default(), &said(&["Hi"]))
        .expect_err("refuses")
        .to_string();
    assert!(error.contains("Roles must alternate"), "{error}");

    // Puts a date after the conversation: the reply isn't where its prompt ends.
    let rewriting =
        model("{{ messages | length }}: {% for m in messages %}{{ m.content }}{% endfor %}").expect("template");
    let talk = said(&["Hi", "Hello"]);
    let error = rewriting
        .last_turn(&Setting::default(), &talk[..1], &talk[1])
        .expect_err("no prefix")
        .to_string();
    assert!(error.contains("set `template`"), "{error}");

    let broken = model("{% for m in messages %}").expect_err("broken").to_string();
    assert!(broken.contains("can't be read"), "{broken}");
}

#[test]
fn a_template_that_drops_earlier_thoughts_trains_the_last_reply() {
    let reasoning = model(
        "{% for m in messages %}{% if m.role == 'user' %}Q {{ m.content }} A {% else %}{% if loop.last %}<think></think>\
         {% endif %}{{ m.content }}<|im_end|>{% endif %}{% endfor %}",
    )
    .expect("template");
    let text = |ids: &[u32]| reasoning.tokenizer().decode_all(ids).expect("text");
    let talk = said(&["a", "b", "c", "d"]);
    let turns = reasoning.turns(&Setting::default(), &talk).expect("turns");
    let [EncodedTurn { prompt, reply }] = turns.as_slice() else {
        panic!("{turns:?}")
    };
    assert_eq!(text(prompt), "Q a A b<|im_end|>Q c A ");
    assert_eq!(text(reply), "<think></think>d<|im_end|>");
    let row = Row {
        setting: Setting::default(),
        prompt: talk[..3].to_vec(),
        replies: Replies::One(talk[3].clone()),
    };
    let (_, loss) = encode::conversation(&reasoning, &row, LossMask::Replies, 100).expect("row");
    assert!(loss.earlier_replies && !loss.cut);
}

#[test]
fn a_turn_that_the_template_leaves_out_is_an_error_with_a_way_round() {
    let talk = with_tools();
    let (reply, prompt) = talk.split_last().expect("turns");
    let call = &talk[1];
    let plain = model(PLAIN).expect("template");
    for (prompt, reply) in [(prompt, reply), (&talk[..1], call)] {
        let error = plain
            .examine(&Setting::default(), prompt, &[reply])
            .expect_err("left out")
            .to_string();
        assert!(
            error.contains("turn 2 (a tool call)") && error.contains("`qwen`"),
            "{error}"
        );
    }
    for name in ["qwen", "llama3", "mistral", "default"] {
        let named = Encoder::new(tokenizer(), Template::named(name).expect(name), None).expect(name);
        named.examine(&Setting::default(), prompt, &[reply]).expect(name);
        let turn = named.last_turn(&Setting::default(), &talk[..1], call).expect(name);
        let text = named
            .tokenizer()
            .decode_all(&[turn.prompt, turn.reply].concat())
            .expect("text");
        assert!(
            text.contains("Let me look.\n") && text.contains("look"),
            "{name}: {text}"
        );
    }
}

#[test]
fn what_stands_beside_the_text_reaches_the_models_own_template() {
    let talk = with_tools();
    let whole = model(WHOLE).expect("template");
    let setting = Setting::default();
    let omissions = whole.examine(&setting, &talk[..3], &[&talk[3]]).expect("whole");
    assert_eq!(omissions, Omissions::default());
    let ids = whole.prompt(&setting, &talk[..3]).expect("prompt");
    assert_eq!(
        whole.tokenizer().decode_all(&ids).expect("text"),
        "[user]Where?;[assistant](a drawer?)Let me look.<abcdefgh1 look>;[tool]hereabcdefgh1look;\
         [tool]thereabcdefgh2look;[assistant]"
    );
}

#[test]
fn what_a_template_leaves_out_beside_turns_is_noted() {
    let system =
        model("{% for m in messages if m.role != 'system' %}[{{ m.role }}]{{ m.content }};{% endfor %}").expect("one");
    let setting = Setting {
        system: Some("Be brief.".into()),
        tools: Some(r#"[{"name": "look"}]"#.into()),
    };
    let talk = said(&["Hi", "Hello"]);
    let thoughtful = Message {
        reasoning: Some("hm".into()),
        ..talk[1].clone()
    };
    let found = system.examine(&setting, &talk[..1], &[&thoughtful]).expect("omissions");
    let all = Omissions {
        thoughts: true,
        tools: true,
        system: true,
        block: false,
    };
    assert_eq!(found, all);
}
