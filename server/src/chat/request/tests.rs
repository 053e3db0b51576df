//! What is asked of `/v1/chat/completions`, done or refused.

use super::*;
use serde_json::json;

fn judge(extra: Value) -> Result<Wanted, Refusal> {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    for (key, value) in extra.as_object().unwrap() {
        body[key] = value.clone();
    }
    serde_json::from_value::<ChatRequest>(body)
        .unwrap()
        .judge(&SamplingDefaults::default(), || 7)
}

#[test]
fn what_is_usual_has_the_bounds_of_what_is_asked_for() {
    let usual = SamplingDefaults::default;
    for (usual, wrong) in [
        (usual(), None),
        (
            SamplingDefaults {
                temperature: Some(2.0),
                ..usual()
            },
            None,
        ),
        (
            SamplingDefaults {
                temperature: Some(2.5),
                ..usual()
            },
            Some("temperature"),
        ),
        (
            SamplingDefaults {
                top_p: Some(1e-9),
                ..usual()
            },
            Some("top_p"),
        ),
        (
            SamplingDefaults {
                repetition_penalty: Some(11.0),
                ..usual()
            },
            Some("repetition_penalty"),
        ),
    ] {
        let told = check_defaults(&usual).err().and_then(|refusal| refusal.param);
        assert_eq!(told.as_deref(), wrong, "{usual:?}");
    }
}

#[test]
fn what_asks_for_something_that_is_not_there_is_refused_by_name() {
    for (extra, param) in [
        (json!({"response_format": {"type": "json_object"}}), "response_format"),
        (
            json!({"response_format": {"type": "json_schema", "json_schema": {}}}),
            "response_format",
        ),
        (
            json!({"tools": [{"type": "function"}], "tool_choice": "required"}),
            "tool_choice",
        ),
        (json!({"tools": [{"type": "function"}]}), "tools"),
        (json!({"functions": [{"name": "f"}]}), "functions"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"top_logprobs": 3}), "top_logprobs"),
        (json!({"n": 2}), "n"),
        (json!({"best_of": 2}), "best_of"),
        (json!({"min_p": 0.1}), "min_p"),
        (json!({"guided_json": {"a": 1}}), "guided_json"),
        (json!({"max_tokens": 0}), "max_tokens"),
        (json!({"max_completion_tokens": -1}), "max_completion_tokens"),
        (json!({"temperature": 2.5}), "temperature"),
        (json!({"top_p": 0}), "top_p"),
        (json!({"presence_penalty": 3}), "presence_penalty"),
        (json!({"logit_bias": {"x": 1}}), "logit_bias"),
        (json!({"logit_bias": {"1": 101}}), "logit_bias"),
        (json!({"stop": ["", "a"]}), "stop"),
        (json!({"messages": []}), "messages"),
        (json!({"web_search_options": {}}), "web_search_options"),
        (json!({"add_generation_prompt": false}), "add_generation_prompt"),
        (
            json!({"stream_options": {"continuous_usage_stats": true}}),
            "stream_options.continuous_usage_stats",
        ),
        (
            json!({"messages": [{"role": "assistant", "content": "a", "prefix": true}]}),
            "messages[0].prefix",
        ),
        (
            json!({"messages": [{"role": "user", "content": "a", "reasoning_content": "b"}]}),
            "messages[0].reasoning_content",
        ),
        (
            json!({"messages": [{"role": "assistant", "content": "a", "reasoning_content": ["b"]}]}),
            "messages[0].reasoning_content",
        ),
        (
            json!({"messages": [{"role": "wizard", "content": "x"}]}),
            "messages[0].role",
        ),
        (
            json!({"messages": [{"role": "user", "content": null}]}),
            "messages[0].content",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}),
            "messages[0].content",
        ),
    ] {
        let refusal = judge(extra.clone()).expect_err(&extra.to_string());
        // of several, the first by name
        let named = refusal.param.unwrap();
        assert!(named == param || extra.get(&named).is_some(), "{extra}: {named}");
        let base = param.split(['.', '[']).next().unwrap();
        assert!(
            refusal.said.message.contains(base) || refusal.code != "unsupported" || base == "messages",
            "{}",
            refusal.said.message
        );
    }
}

#[test]
fn what_asks_for_nothing_passes() {
    for extra in [
        json!({"stream": null, "temperature": null, "stop": null, "tools": null, "n": null, "logprobs": null}),
        json!({"response_format": {"type": "text"}, "tools": [], "tool_choice": "auto", "logprobs": false}),
        json!({"tools": [{"type": "function"}], "tool_choice": "none"}),
        json!({"user": "me", "metadata": {"a": "b"}, "store": true, "parallel_tool_calls": true}),
        json!({"files": [], "features": {}, "extra_body": {}, "tool_servers": [], "provider": {"order": null}}),
        json!({"chat_id": "a", "session_id": "b", "background_tasks": {"title_generation": true}, "keep_alive": "5m",
               "cache_prompt": true, "drop_params": true, "dry_multiplier": 0.0, "repeat_penalty": 1.0}),
        json!({"n": 1.0, "max_tokens": 16.0, "seed": 18446744073709551615_u64, "top_k": 40.0, "stop": ""}),
        json!({"messages": [{"role": "user", "content": [{"type": "input_text", "text": "a"}], "cache_control": {"type": "ephemeral"},
               "additional_kwargs": {}, "provider_specific_fields": {"refusal": null}}]}),
        json!({"top_k": -1, "n": 1, "min_p": 0, "logit_bias": {}, "presence_penalty": 0}),
        json!({"stream_options": {"include_usage": false, "include_obfuscation": true}, "web_search_options": null}),
        json!({"messages": [{"role": "assistant", "content": "a", "refusal": null, "annotations": [], "prefix": false}]}),
    ] {
        assert!(judge(extra.clone()).is_ok(), "{extra}");
    }
}

#[test]
fn a_refusal_says_what_is_asked_for() {
    for (extra, says) in [
        (json!({"verbosity": "low"}), "verbosity: \"low\" asks for something"),
        (
            json!({"reasoning_effort": "high"}),
            "reasoning_effort: \"high\" asks for something",
        ),
        (json!({"colour": "red"}), "colour: this field is not known here"),
        (
            json!({"messages": [{"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}]}),
            "`refusal`",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}),
            "never fetched",
        ),
    ] {
        let refusal = judge(extra.clone()).expect_err(&extra.to_string());
        assert!(refusal.said.message.contains(says), "{extra}: {}", refusal.said.message);
    }
}

#[test]
fn numbers_are_taken_as_clients_write_them() {
    let sampling = |extra: Value| judge(extra).unwrap().sampling;
    assert_eq!(sampling(json!({"temperature": 1e-8})).temperature, 0.0);
    assert_eq!(sampling(json!({"temperature": 1e-6})).temperature, 1e-6);
    let s = sampling(json!({"max_tokens": 16.0, "top_k": 40.0, "seed": 7.0, "stop": ""}));
    assert_eq!((s.max_tokens, s.top_k, s.seed, s.stop), (16, Some(40), 7, vec![]));
}

#[test]
fn what_is_asked_for_reaches_the_worker() {
    let wanted = judge(json!({
        "temperature": 0.5, "top_p": 0.9, "top_k": 7, "presence_penalty": 1, "frequency_penalty": -0.5,
        "logit_bias": {"3": -100}, "max_tokens": 9, "seed": 4, "stop": "END", "stream": true,
        "stream_options": {"include_usage": true},
    }))
    .unwrap();
    let s = wanted.sampling;
    assert_eq!(
        (s.temperature, s.top_p, s.top_k, s.max_tokens, s.seed),
        (0.5, 0.9, Some(7), 9, 4)
    );
    assert_eq!((s.presence_penalty, s.frequency_penalty), (1.0, -0.5));
    assert_eq!((s.logit_bias, s.stop), (vec![(3, -100.0)], vec!["END".to_owned()]));
    assert!(wanted.stream && wanted.include_usage);
}

#[test]
fn histories_with_tools_and_parts_are_read() {
    let wanted = judge(json!({"messages": [
        {"role": "developer", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"x\": 1}"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "2"},
        {"role": "assistant", "content": null, "function_call": {"name": "g", "arguments": "{}"}, "reasoning_content": "Hm."},
    ]}))
    .unwrap();
    let [system, call, answer, older] = &wanted.messages[..] else {
        panic!("{:?}", wanted.messages)
    };
    assert_eq!((system.role.as_str(), system.content.as_str()), ("system", "a\nb"));
    assert_eq!(call.tool_calls[0].arguments, json!({"x": 1}));
    assert_eq!(older.tool_calls[0].name, "g");
    assert_eq!(
        (older.reasoning.as_deref(), call.reasoning.as_deref()),
        (Some("Hm."), None)
    );
    assert_eq!(
        (answer.role.as_str(), answer.tool_call_id.as_deref()),
        ("tool", Some("c1"))
    );
}

#[test]
fn what_a_file_says_of_drawing_stands_where_a_request_says_nothing() {
    let usual = SamplingDefaults {
        temperature: Some(0.0),
        top_p: Some(0.5),
        top_k: Some(3),
        max_tokens: Some(7),
        repetition_penalty: Some(1.5),
    };
    let ask = |extra: Value| {
        let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let request = serde_json::from_value::<ChatRequest>(body).unwrap();
        request.judge(&usual, || 7).unwrap().sampling
    };
    let silent = ask(json!({"temperature": null}));
    let drawn = (silent.temperature, silent.top_p, silent.top_k, silent.max_tokens);
    assert_eq!(drawn, (0.0, 0.5, Some(3), 7));
    assert_eq!(silent.repetition_penalty, 1.5);
    let said = ask(json!({"temperature": 0.25, "top_p": 1, "top_k": -1, "max_completion_tokens": 9}));
    let drawn = (said.temperature, said.top_p, said.top_k, said.max_tokens);
    assert_eq!(drawn, (0.25, 1.0, None, 9));
}
