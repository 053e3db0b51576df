//! `/v1`, as OpenAI's clients use it: whole and streamed, with stop texts, usage, parts, histories and bad input; and
//! `corral api`, which serves it alone.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use tests::Board;
use tests::programs::{Ended, program};

const PATH: &str = "/v1/chat/completions";

/// A request of the demo model whose reply is the same each time.
fn request(more: Value) -> Value {
    let mut body = json!({
        "model": "corral-demo", "temperature": 0, "max_tokens": 24,
        "messages": [{"role": "user", "content": "When does the shop open?"}],
    });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

fn reply(answer: &Value) -> String {
    answer["choices"][0]["message"]["content"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned()
}

/// The events of a stream: their data, as JSON but for the last.
async fn streamed(board: &Board, body: Value) -> Vec<Value> {
    let sent = reqwest::Client::new()
        .post(format!("{}{PATH}", board.url))
        .json(&body)
        .send();
    let text = sent.await.unwrap().text().await.unwrap();
    let data: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let (last, chunks) = data.split_last().unwrap_or_else(|| panic!("{text}"));
    assert_eq!(*last, "[DONE]", "{text}");
    chunks
        .iter()
        .map(|chunk| serde_json::from_str(chunk).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_whole_and_streamed() {
    let board = Board::start();
    let whole = board.post(PATH, request(json!({}))).await;
    let text = reply(&whole);
    assert_eq!(whole["object"], "chat.completion");
    assert_eq!(whole["choices"][0]["message"]["role"], "assistant");
    let usage = &whole["usage"];
    let count = |field: &str| usage[field].as_u64().unwrap();
    assert_eq!(
        count("total_tokens"),
        count("prompt_tokens") + count("completion_tokens")
    );
    assert!(count("prompt_tokens") > 0 && (1..=24).contains(&count("completion_tokens")));

    // a stop text, alone and in a list, ends the reply before it
    let chars: Vec<char> = text.chars().collect();
    assert!(chars.len() > 6, "{text}");
    let stop: String = chars[3..6].iter().collect();
    let before = text.split(&stop).next().unwrap();
    for stop in [json!(stop), json!(["never said", stop])] {
        let stopped = board.post(PATH, request(json!({"stop": stop}))).await;
        assert_eq!(reply(&stopped), before);
        assert_eq!(stopped["choices"][0]["finish_reason"], "stop");
    }
    let short = board.post(PATH, request(json!({"max_tokens": 1}))).await;
    assert_eq!(
        (
            &short["choices"][0]["finish_reason"],
            &short["usage"]["completion_tokens"]
        ),
        (&json!("length"), &json!(1))
    );

    // the same text in pieces, with usage where it is asked for
    for with_usage in [true, false] {
        let options = json!({"stream": true, "stream_options": {"include_usage": with_usage}});
        let chunks = streamed(&board, request(options)).await;
        let pieces = chunks
            .iter()
            .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str());
        assert_eq!(pieces.collect::<String>(), text);
        assert!(chunks.iter().all(|chunk| chunk["object"] == "chat.completion.chunk"));
        assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
        let ends = chunks
            .iter()
            .filter(|chunk| chunk["choices"][0]["finish_reason"].is_string());
        assert_eq!(ends.count(), 1);
        let told: Vec<&Value> = chunks.iter().filter(|chunk| chunk["usage"].is_object()).collect();
        assert_eq!(told.len(), usize::from(with_usage));
        assert!(
            told.iter()
                .all(|chunk| chunk["usage"] == *usage && chunk["choices"] == json!([]))
        );
    }

    // parts of text are a text; what is null is not asked for
    let parts = json!([{"type": "text", "text": "When does the shop open?"}]);
    let same = json!({
        "messages": [{"role": "user", "content": parts}], "stream": null, "stop": null, "tools": null, "n": null,
    });
    assert_eq!(reply(&board.post(PATH, request(same)).await), text);

    // biases and penalties change what is drawn
    let biased = board
        .post(PATH, request(json!({"logit_bias": {"40": 100}, "max_tokens": 3})))
        .await;
    let one = board
        .post(PATH, request(json!({"logit_bias": {"40": 100}, "max_tokens": 1})))
        .await;
    assert_eq!(reply(&biased), reply(&one).repeat(3));
    let penalised = json!({"logit_bias": {"40": 20}, "frequency_penalty": 2, "presence_penalty": 2});
    assert_ne!(reply(&board.post(PATH, request(penalised)).await), text);

    let models = board.get("/v1/models").await;
    assert!(
        models["data"]
            .as_array()
            .unwrap()
            .iter()
            .any(|model| model["id"] == "corral-demo")
    );
    assert_eq!(board.get("/v1/models/corral-demo").await["object"], "model");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_openais() {
    let board = Board::start();
    let user = |content: Value| json!([{"role": "user", "content": content}]);
    for (more, status, param) in [
        (json!({"model": "no-such-model"}), 404, json!("model")),
        (json!({"model": null}), 400, json!("model")),
        (json!({"messages": []}), 400, json!("messages")),
        (
            json!({"messages": user(Value::Null)}),
            400,
            json!("messages[0].content"),
        ),
        (json!({"max_tokens": 0}), 400, json!("max_tokens")),
        (json!({"temperature": 9}), 400, json!("temperature")),
        (json!({"n": 2}), 400, json!("n")),
        (
            json!({"response_format": {"type": "json_object"}}),
            400,
            json!("response_format"),
        ),
        (json!({"tools": [{"type": "function"}]}), 400, json!("tools")),
        (json!({"logprobs": true}), 400, json!("logprobs")),
        (json!({"no_such_field": 1}), 400, json!("no_such_field")),
        (json!({"temperature": "hot"}), 400, json!("temperature")),
        (json!({"max_tokens": "many"}), 400, json!("max_tokens")),
        (json!({"stop": 5}), 400, json!("stop")),
        (json!({"messages": "hi"}), 400, json!("messages")),
    ] {
        let (got, answer) = board.call(Method::POST, PATH, request(more.clone())).await;
        assert_eq!(got.as_u16(), status, "{more}: {answer}");
        let error = &answer["error"];
        assert_eq!(error["param"], param, "{more}: {answer}");
        assert_eq!(error["type"], "invalid_request_error", "{answer}");
        assert!(
            error["message"].as_str().is_some_and(|m| !m.is_empty()) && error["code"].is_string(),
            "{answer}"
        );
    }
    for (method, path, status) in [
        (Method::GET, "/v1/no/such/address", 404),
        (Method::GET, "/v1/models/no-such-model", 404),
        (Method::GET, PATH, 405),
        (Method::POST, "/v1/embeddings", 404),
    ] {
        let (got, answer) = board.call(method, path, Value::Null).await;
        assert_eq!(got.as_u16(), status, "{path}: {answer}");
        assert!(
            answer["error"]["message"].is_string() && answer["error"]["type"].is_string(),
            "{path}: {answer}"
        );
    }
    let sent = reqwest::Client::new()
        .post(format!("{}{PATH}", board.url))
        .header("content-type", "application/json");
    let answer = sent.body("{not json").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let answer: Value = answer.json().await.unwrap();
    assert!(answer["error"]["message"].is_string(), "{answer}");
    // the board's own API keeps its shape
    let (_, problem) = board.call(Method::GET, "/api/no/such/address", Value::Null).await;
    assert!(problem["code"].is_string() && problem["error"].is_null(), "{problem}");
}

/// `corral api` with more arguments, and its address.
fn api(data_dir: &std::path::Path, more: &[&str]) -> (Ended, String) {
    let mut child = Command::new(program("corral"))
        .args(["api"])
        .args(more)
        .args(["--port", "0", "--data-dir"])
        .arg(data_dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
    assert!(url.starts_with("http://"), "{line}");
    (Ended(child), url)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_alone_serves_all_models_or_the_one_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let ask = |url: String, model: &'static str| async move {
        let body = request(json!({"model": model, "max_tokens": 2}));
        let answer = reqwest::Client::new()
            .post(format!("{url}/chat/completions"))
            .json(&body)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (_all, url) = api(&folder.path().join("a"), &[]);
    assert_eq!(ask(url.clone(), "corral-demo").await.0, 200);
    let (status, answer) = ask(url.clone(), "gpt-3.5-turbo").await;
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("model_not_found")));
    let page = reqwest::get(url.trim_end_matches("/v1")).await.unwrap();
    assert_eq!(page.status().as_u16(), 404);

    let yaml = folder.path().join("talk.yaml");
    std::fs::write(
        &yaml,
        "model_name_or_path: corral-demo\ninfer_backend: huggingface  # choices: [huggingface, vllm]\ntrust_remote_code: true\n",
    )
    .unwrap();
    let (_one, url) = api(&folder.path().join("b"), &[yaml.to_str().unwrap()]);
    let models: Value = reqwest::get(format!("{url}/models"))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(models["data"].as_array().map(Vec::len), Some(1));
    let (status, answer) = ask(url, "gpt-3.5-turbo").await;
    assert_eq!((status, &answer["model"]), (200, &json!("corral-demo")), "{answer}");
    let plain = answer["usage"]["prompt_tokens"].as_u64().unwrap();

    // what the file says of text, weights and drawing holds where a request says nothing of it
    std::fs::write(
        &yaml,
        "model_name_or_path: corral-demo\ndefault_system: Answer in one word.\nquantization_bit: 8\nmax_new_tokens: 1\n\
         do_sample: false\ninfer_dtype: bfloat16\n",
    )
    .unwrap();
    let (_worded, url) = api(&folder.path().join("c"), &[yaml.to_str().unwrap()]);
    let mut body = request(json!({}));
    body.as_object_mut().unwrap().remove("max_tokens");
    let answer = reqwest::Client::new()
        .post(format!("{url}/chat/completions"))
        .json(&body)
        .send();
    let answer: Value = answer.await.unwrap().json().await.unwrap();
    assert!(answer["usage"]["prompt_tokens"].as_u64() > Some(plain), "{answer}");
    assert_eq!(answer["usage"]["completion_tokens"], 1, "{answer}");

    for (line, says) in [
        ("learning_rate: 1.0e-4", "learning_rate"),
        ("template: chatglm4", "chatglm3"),
        ("top_p: 2", "top_p"),
        ("tool_format: xml", "tool_format"),
    ] {
        std::fs::write(&yaml, format!("model_name_or_path: corral-demo\n{line}\n")).unwrap();
        let done = Command::new(program("corral")).arg("api").arg(&yaml).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{line}");
        assert!(String::from_utf8_lossy(&done.stderr).contains(says), "{line}");
    }
}
