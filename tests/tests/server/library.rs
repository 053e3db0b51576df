//! Data sets over the API: what the board shows row by row, and takes away again.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;
use tests::programs::root;

/// Rows as the model will see them, from where the page asks for them.
#[tokio::test]
async fn a_preview_shows_the_rows_asked_for_token_by_token() {
    let board = Board::start();
    let page = board
        .get("/api/datasets/demo_en/preview?model=corral-demo&offset=2&limit=3&stage=dpo")
        .await;
    let rows = page["rows"].as_array().expect("rows");
    let numbers: Vec<_> = rows.iter().map(|row| row["row"].as_u64()).collect();
    assert_eq!(numbers, [Some(3), Some(4), Some(5)], "{page}");
    assert!(page["total"].as_u64() > Some(100), "{page}");
    for row in rows {
        for side in ["chosen", "rejected"] {
            let tokens = row[side].as_array().expect("tokens");
            let words: String = tokens.iter().filter_map(|token| token["text"].as_str()).collect();
            assert!(!words.trim().is_empty(), "{row}");
        }
    }
    let text_of = |page: &Value| -> String {
        let tokens = page["rows"][0]["prompt"].as_array().expect("tokens");
        tokens.iter().filter_map(|token| token["text"].as_str()).collect()
    };
    let address = "/api/datasets/demo_en/preview?model=corral-demo&limit=1&stage=dpo&template=qwen3";
    let plain = board.get(address).await;
    let told = board
        .get(&format!(
            "{address}&default_system=Be%20brief.&enable_thinking=false&tool_format=glm4"
        ))
        .await;
    assert!(!text_of(&plain).contains("Be brief."), "{plain}");
    assert!(
        text_of(&told).contains("Be brief.") && text_of(&told).contains("</think>"),
        "{told}"
    );
    for (path, status) in [
        ("/api/datasets/nothing/preview?model=corral-demo", StatusCode::NOT_FOUND),
        ("/api/datasets/demo_en/preview?model=nothing", StatusCode::NOT_FOUND),
        ("/api/datasets/demo_en/preview", StatusCode::BAD_REQUEST),
    ] {
        let (got, answer) = board.call(Method::GET, path, Value::Null).await;
        assert_eq!(got, status, "{path}: {answer}");
        assert!(!text(&answer, "code").is_empty(), "{path}: {answer}");
    }
}

/// A data set of one's own goes from the list, and its file with it; one named by its path leaves the file where it is, and the
/// demo's stay.
#[tokio::test]
async fn a_deleted_data_set_takes_its_own_file_along_and_no_other() {
    let board = Board::start();
    let rows = json!([{ "instruction": "Say yes.", "output": "Yes." }, { "instruction": "Say no.", "output": "No." }]);
    let outside = tempfile::tempdir().expect("a folder");
    let theirs = outside.path().join("theirs.json");
    std::fs::write(&theirs, rows.to_string()).expect("a file");
    let pasted =
        json!({ "name": "pasted", "source": { "text": { "file_name": "rows.json", "text": rows.to_string() } } });
    let named = json!({ "name": "named", "source": { "path": theirs } });
    let pasted = board.post("/api/datasets", pasted).await;
    board.post("/api/datasets", named).await;
    let ours = board.data_dir.join("data").join(text(&pasted, "file"));
    assert!(ours.is_file(), "{pasted}");

    for name in ["pasted", "named"] {
        let path = format!("/api/datasets/{name}");
        assert_eq!(
            board.call(Method::DELETE, &path, Value::Null).await.0,
            StatusCode::NO_CONTENT
        );
        assert_eq!(
            board.call(Method::DELETE, &path, Value::Null).await.0,
            StatusCode::NOT_FOUND
        );
    }
    let left = board.get("/api/datasets").await;
    let left: Vec<_> = left
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| text(d, "name"))
        .collect();
    assert!(!left.contains(&"pasted") && !left.contains(&"named"), "{left:?}");
    assert!(!ours.exists() && theirs.is_file());
    let (status, answer) = board.call(Method::DELETE, "/api/datasets/demo_en", Value::Null).await;
    assert_eq!((status, text(&answer, "code")), (StatusCode::CONFLICT, "demo"));
}

/// Files of every type come in by upload, folders by their path, and sets of both registers go into one run.
#[tokio::test]
async fn files_of_every_type_come_in_and_train_beside_the_demo() {
    let board = Board::start();
    let golden = |name: &str| root().join("tests/golden/tables").join(name);
    for (name, ending) in [("a", "parquet"), ("b", "csv"), ("c", "jsonl.gz"), ("d", "feather")] {
        let address = format!("{}/api/datasets/{name}?file_name=rows.{ending}", board.url);
        let body = std::fs::read(golden(&format!("pairs.{ending}"))).expect("a golden file");
        let answer = reqwest::Client::new()
            .put(address)
            .body(body)
            .send()
            .await
            .expect("the board answers");
        assert_eq!(answer.status(), StatusCode::CREATED, "{ending}");
        let info: Value = answer.json().await.expect("what it is");
        assert_eq!(
            (&info["inspection"]["usable"], &info["inspection"]["kind"]),
            (&json!(2), &json!("preference")),
            "{info}"
        );
    }
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::copy(golden("pairs.tsv"), folder.path().join("1.tsv")).expect("a copy");
    std::fs::copy(golden("pairs.tsv"), folder.path().join("2.tsv")).expect("a copy");
    let named = json!({ "name": "parts", "source": { "path": folder.path() } });
    let parts = board.post("/api/datasets", named).await;
    assert_eq!(parts["inspection"]["usable"], 4, "{parts}");
    // another file in it is seen
    std::fs::copy(golden("pairs.tsv"), folder.path().join("3.tsv")).expect("a copy");
    let all = board.get("/api/datasets").await;
    let parts = all
        .as_array()
        .expect("a list")
        .iter()
        .find(|set| text(set, "name") == "parts");
    assert_eq!(parts.expect("the folder")["inspection"]["usable"], 6);
    // refused by name before it is read
    let address = format!("{}/api/datasets/x?file_name=rows.xlsx", board.url);
    let answer = reqwest::Client::new()
        .put(address)
        .body("x")
        .send()
        .await
        .expect("the board answers");
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);

    let keys = json!({
        "dataset": "parts,demo_en", "mix_strategy": "interleave_over", "interleave_probs": "0.5,0.5", "max_samples": 20,
        "max_steps": 1, "val_size": 0, "eval_strategy": "no", "save_steps": 1, "eval_steps": null,
    });
    let run = board.start_run(keys).await;
    let row = board.wait_over(&run).await;
    assert_eq!(row["state"], "completed", "{row}");
    let all = board.get("/api/datasets").await;
    for name in ["parts", "demo_en"] {
        let set = all
            .as_array()
            .expect("a list")
            .iter()
            .find(|set| text(set, "name") == name)
            .expect(name);
        assert_eq!(set["used_by"], json!([run]), "{set}");
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}
