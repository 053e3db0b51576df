//! Evaluations asked of the board: one after the other, live, kept over a restart, stopped, compared pair by pair.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;

async fn asked(board: &Board, more: Value) -> String {
    let mut asked = json!({ "model": "corral-demo", "dataset": "demo_en", "max_samples": 12, "cutoff_len": 128 });
    for (key, value) in more.as_object().unwrap() {
        asked[key] = value.clone();
    }
    let made = board.post("/api/evaluations", asked).await;
    assert_eq!(made["standing"]["state"], "queued");
    made["id"].as_str().unwrap().to_owned()
}

fn is_over(one: &Value) -> bool {
    ["done", "stopped", "failed"].contains(&one["standing"]["state"].as_str().unwrap_or_default())
}

async fn one(board: &Board, id: &str) -> Value {
    let all = board.get("/api/evaluations").await;
    let found = all.as_array().unwrap().iter().find(|one| one["id"] == id);
    found.cloned().unwrap_or(Value::Null)
}

async fn over(board: &Board, id: &str) -> Value {
    let mut live = board.live().await;
    let now = one(board, id).await;
    if is_over(&now) {
        return now;
    }
    let told = live.until(|m| m["type"] == "evaluation" && m["evaluation"]["id"] == id && is_over(&m["evaluation"]));
    told.await["evaluation"].clone()
}

#[tokio::test]
async fn models_are_evaluated_kept_and_compared() {
    let mut board = Board::start();
    let run = board
        .start_run(json!({ "run_name": "tuned", "max_steps": 4, "save_steps": 4 }))
        .await;
    board.wait_over(&run).await;
    let predict = json!({ "max_new_tokens": 4 });
    let base = asked(&board, json!({ "predict": predict })).await;
    let tuned = asked(&board, json!({ "model": "tuned/checkpoint-4" })).await;
    let last = asked(&board, json!({ "max_samples": 3 })).await;
    let done = over(&board, &base).await;
    let found = &done["standing"]["found"];
    assert_eq!(
        (done["standing"]["state"].as_str(), found["rows"].as_u64()),
        (Some("done"), Some(12)),
        "{done}"
    );
    for name in [
        "eval_loss",
        "perplexity",
        "preference/accuracies",
        "preference/margins",
        "predict_bleu-4",
        "predict_rouge-l",
    ] {
        assert!(found["metrics"][name].is_number(), "{name}: {found}");
    }
    let file = board.text(&format!("/api/evaluations/{base}/predictions")).await;
    let first = board
        .text(&format!("/api/evaluations/{base}/predictions?first=2"))
        .await;
    assert_eq!(file.lines().count(), 12);
    assert_eq!(
        first.lines().collect::<Vec<_>>(),
        file.lines().take(2).collect::<Vec<_>>()
    );
    assert!(file.starts_with("{\"prompt\": \""), "{first}");

    let trained = over(&board, &tuned).await;
    assert_eq!(trained["standing"]["found"]["of"], "pairs", "{trained}");
    over(&board, &last).await;
    let matrix = board
        .get(&format!("/api/evaluations/matrix?ids={base},{tuned},{last}"))
        .await;
    let cell = |row: usize, column: usize, key: &str| matrix["cells"][row][column][key].as_u64().unwrap();
    assert_eq!(
        (cell(0, 1, "pairs"), cell(0, 2, "pairs"), cell(0, 0, "larger")),
        (12, 3, 0)
    );
    // no two models give a pair the same margin
    assert_eq!(cell(0, 1, "larger") + cell(1, 0, "larger"), 12);
    let right = found["metrics"]["preference/accuracies"].as_f64().unwrap();
    assert_eq!(cell(0, 0, "right_both"), (right * 12.0).round() as u64);

    // kept; what waited or went on when the server was killed is done by the next
    let waits = asked(&board, json!({ "predict": { "max_new_tokens": 40 } })).await;
    board.kill();
    board.launch();
    assert_eq!(one(&board, &base).await, done);
    assert_eq!(over(&board, &waits).await["standing"]["state"], "done");
    let gone = board
        .call(Method::DELETE, &format!("/api/evaluations/{base}"), Value::Null)
        .await;
    assert_eq!(gone.0, StatusCode::NO_CONTENT);
    assert_eq!(one(&board, &base).await, Value::Null);
    assert!(!board.data_dir.join("evaluations").join(&base).exists());
}

#[tokio::test]
async fn one_is_stopped_and_what_can_not_be_is_said() {
    let board = Board::start();
    let long = json!({ "max_samples": 4000, "predict": { "max_new_tokens": 500 } });
    let going = asked(&board, long.clone()).await;
    let waiting = asked(&board, long).await;
    let mut live = board.live().await;
    if one(&board, &going).await["standing"]["state"] == "queued" {
        let goes = |m: &Value| m["type"] == "evaluation" && m["evaluation"]["standing"]["state"] == "going";
        live.until(goes).await;
    }
    let refused = board
        .call(Method::DELETE, &format!("/api/evaluations/{going}"), Value::Null)
        .await;
    assert_eq!(
        (refused.0, refused.1["code"].as_str()),
        (StatusCode::CONFLICT, Some("evaluation_goes_on"))
    );
    for id in [&waiting, &going] {
        board.post(&format!("/api/evaluations/{id}/stop"), json!({})).await;
        assert_eq!(over(&board, id).await["standing"]["state"], "stopped");
    }
    let left = std::fs::read_dir(board.data_dir.join("evaluations")).unwrap().flatten();
    let names: Vec<_> = left
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.iter().all(|name| !name.starts_with('.')), "{names:?}");

    let wrong =
        json!({ "model": "nothing", "dataset": "nowhere", "cutoff_len": 0, "predict": { "max_new_tokens": 0 } });
    let (status, problem) = board.call(Method::POST, "/api/evaluations", wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["field"].as_str().unwrap())
        .collect();
    for field in ["model_name_or_path", "dataset", "cutoff_len", "max_new_tokens"] {
        assert!(fields.contains(&field), "{problem}");
    }
    let missing = board
        .call(Method::GET, "/api/evaluations/..%2fruns/predictions", Value::Null)
        .await;
    assert_eq!(missing.0, StatusCode::NOT_FOUND);
}
