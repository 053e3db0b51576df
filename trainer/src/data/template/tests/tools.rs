//! Tools, calls, answers and documents, in the words of a template or of a format in its place.

use super::*;

#[test]
fn tools_are_offered_and_called_in_the_templates_words() {
    let encoder = Encoder::new(tokenizer(), Template::named("qwen").expect("qwen"), Thinking::On).expect("encoder");
    let setting = Setting {
        system: Some("Sys.".into()),
        tools: Some(r#"[{"name":"add","parameters":{"b":1,"a":2}}]"#.into()),
    };
    let talk = [
        Message::new(Role::User, "1+1?"),
        Message::new(Role::Function, r#"{"name":"add","arguments":{"y":1,"x":[1,2]}}"#),
        Message::new(Role::Observation, "2"),
        Message::new(Role::Assistant, "Two."),
    ];
    let turns = encoder.turns(&setting, &talk).expect("turns");
    let text = |ids: &[u32]| encoder.tokenizer().decode_all(ids).expect("text");
    let system = text(&turns[0].prompt);
    assert!(
        system.contains("<tools>\n{\"type\": \"function\", \"function\": {\"name\": \"add\", \"parameters\": {\"b\": 1, \"a\": 2}}}\n</tools>"),
        "{system}"
    );
    assert_eq!(
        text(&turns[0].reply),
        "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"y\": 1, \"x\": [1, 2]}}\n</tool_call><|im_end|>\n"
    );
    assert_eq!(
        text(&turns[1].prompt),
        "<|im_start|>user\n<tool_response>\n2\n</tool_response><|im_end|>\n<|im_start|>assistant\n"
    );
    let bad = [
        Message::new(Role::User, "1+1?"),
        Message::new(Role::Function, "add(1, 1)"),
    ];
    let error = encoder.turns(&setting, &bad).expect_err("not JSON").to_string();
    assert!(error.contains("function call that is not JSON"), "{error}");
}

#[test]
fn a_tool_format_takes_the_place_of_the_templates_own() {
    let setting = Setting {
        system: None,
        tools: Some(r#"[{"name": "look", "description": "Looks.", "parameters": {}}]"#.into()),
    };
    let call = Message::new(Role::Function, CALL);
    // template, tool_format, how tools are offered, a call to its end
    let cases = [
        (
            "qwen",
            "default",
            "Tool Name: look",
            "Action: look\nAction Input: {\"a\": 1}",
        ),
        ("llama3", "glm4", "## look", "look\n{\"a\": 1}"),
        (
            "qwen",
            "llama3",
            "Cutting Knowledge Date",
            "{\"name\": \"look\", \"parameters\": {\"a\": 1}}",
        ),
        (
            "mistral",
            "mistral",
            "[AVAILABLE_TOOLS]",
            "[{\"name\": \"look\", \"arguments\": {\"a\": 1}}]",
        ),
        (
            "default",
            "qwen",
            "<tools>",
            "<tool_call>\n{\"name\": \"look\", \"arguments\": {\"a\": 1}}\n</tool_call>",
        ),
        (
            "llama3",
            "qwen3_5",
            "<IMPORTANT>",
            "<tool_call>\n<function=look>\n<parameter=a>\n1\n</parameter>\n</function>\n</tool_call>",
        ),
    ];
    for (template, format, offer, wanted) in cases {
        let place = format!("{template} {format}");
        let encoder = Encoder::new(tokenizer(), Template::named(template).expect(&place), None)
            .and_then(|encoder| encoder.with_tool_format(format))
            .expect(&place);
        let EncodedTurn { prompt, reply } = encoder.last_turn(&setting, &said(&["Hi"]), &call).expect(&place);
        let text = |ids: &[u32]| encoder.tokenizer().decode_all(ids).expect("text");
        assert!(text(&prompt).contains(offer), "{place}: {}", text(&prompt));
        let eos = encoder.tokenizer().eos().expect("EOS");
        assert_eq!(text(&reply), format!("{wanted}{}", eos.text), "{place}");
        assert_eq!(reply.last(), Some(&eos.id), "{place}");
    }
}

#[test]
fn a_tool_format_that_can_not_be_followed_is_an_error() {
    let named = Encoder::new(tokenizer(), Template::named("qwen").expect("qwen"), None).expect("encoder");
    let cases = [
        (
            named,
            "xml",
            "`xml` is not one of default, gemma4, glm4, glm4_moe, lfm2, ling, llama3, minimax1, minimax2, mistral, qwen, qwen3_5",
        ),
        (model(WHOLE).expect("template"), "qwen", "set `template`"),
    ];
    for (encoder, format, wanted) in cases {
        let error = encoder.with_tool_format(format).expect_err(wanted).to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn several_answers_go_into_named_templates_in_their_way() {
    let talk = with_tools();
    for (name, wanted) in [
        (
            "qwen",
            "user\n<tool_response>\nhere\n</tool_response>\n<tool_response>\nthere\n</tool_response><|im_end|>\n",
        ),
        (
            "chatml",
            "tool\nhere<|im_end|>\n<|im_start|>tool\nthere<|im_end|>\n<|im_start|>assistant\n",
        ),
        (
            "llama3",
            "here<|eot_id|><|start_header_id|>ipython<|end_header_id|>\n\nthere<|eot_id|><|start_header_id|>assistant",
        ),
        (
            "mistral",
            "[TOOL_RESULTS] {\"content\": here}[/TOOL_RESULTS][TOOL_RESULTS] {\"content\": there}[/TOOL_RESULTS]",
        ),
    ] {
        let named = Encoder::new(tokenizer(), Template::named(name).expect(name), None).expect(name);
        let ids = named.prompt(&Setting::default(), &talk[..3]).expect(name);
        let text = named.tokenizer().decode_all(&ids).expect("text");
        assert!(text.contains(wanted), "{name}: {text}");
    }
}

#[test]
fn tools_and_documents_are_there_if_only_as_none() {
    let source =
        "{{ tools is none }}{{ documents is none }}{{ tools is defined }}{% if tools is not none %}!{% endif %}";
    let encoder = model(source).expect("template");
    let ids = encoder.prompt(&Setting::default(), &said(&["Hi"])).expect("prompt");
    assert_eq!(encoder.tokenizer().decode_all(&ids).expect("text"), "TrueTrueTrue");
}

#[test]
fn calls_may_stand_in_tags_with_text_around_them() {
    let encoder = Encoder::new(tokenizer(), Template::named("qwen3").expect("qwen3"), None).expect("encoder");
    let text = |content: &str| {
        let call = Message::new(Role::Function, content);
        let turn = encoder
            .last_turn(&Setting::default(), &said(&["Hi"]), &call)
            .expect(content);
        encoder.tokenizer().decode_all(&turn.reply).expect("text")
    };
    let call = "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": 1}}\n</tool_call><|im_end|>\n";
    let json = r#"{"name": "f", "arguments": {"x": 1}}"#;
    for (content, before) in [
        (json.to_owned(), "<think>\n\n</think>\n\n"),
        (format!("<think>\nhm\n</think>\n\n{json}"), "<think>\nhm\n</think>\n\n"),
        (
            format!("<think>\nhm\n</think>\n\nLook: <tool_call>{json}</tool_call>"),
            "<think>\nhm\n</think>\n\nLook: ",
        ),
    ] {
        assert_eq!(text(&content), format!("{before}{call}"), "{content}");
    }
}
