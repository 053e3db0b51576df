//! Models on the board: whatever the trainer can read is listed, estimated and chosen, however it lies there; and a folder
//! that can't be read keeps nobody waiting.

use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use tests::Board;
use tests::programs::root;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

fn find<'a>(models: &'a Value, id: &str) -> &'a Value {
    let found = models.as_array().unwrap().iter().find(|model| model["id"] == id);
    found.unwrap_or_else(|| panic!("{id} is not in {models}"))
}

async fn check(board: &Board, model: &str) -> Value {
    let config = json!({"model_name_or_path": model, "stage": "dpo", "dataset": "demo_en", "finetuning_type": "lora", "template": "default"});
    board.post("/api/check", json!({ "config": config })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_trainer_reads_is_listed_estimated_and_chosen() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let models = folder.path().join("data/models");
    let golden = root().join("tests/golden");
    let gguf = golden.join("quant/llama-gguf-k");
    copy(&gguf, &models.join("gguf-k"));
    copy(&gguf, &models.join("two"));
    std::fs::copy(gguf.join("model.gguf"), models.join("two/Other.GGUF")).unwrap();
    for name in ["model.gguf", "tokenizer.json", "tokenizer_config.json"] {
        let to = if name == "model.gguf" { "lone.GGUF" } else { name };
        std::fs::copy(gguf.join(name), models.join(to)).unwrap();
    }
    std::os::unix::fs::symlink(golden.join("models/llama"), models.join("linked")).unwrap();
    let snapshot = "snapshots/0123456789abcdef0123456789abcdef01234567";
    copy(
        &golden.join("models/llama"),
        &models.join("models--a--cached").join(snapshot),
    );
    copy(
        &golden.join("models/llama"),
        &cache.path().join("models--Qwen--Tiny").join(snapshot),
    );
    let refs = cache.path().join("models--Qwen--Tiny/refs");
    std::fs::create_dir_all(&refs).unwrap();
    std::fs::write(refs.join("main"), "0123456789abcdef0123456789abcdef01234567").unwrap();
    let mut board = Board::prepare(&tests::programs::program("corral"), &folder.path().join("data"))
        .env("HF_HUB_CACHE", cache.path().to_str().unwrap());
    board.launch();

    // a run whose name is the owner of a hub model hides nothing
    let id = board.start_run(json!({"run_name": "Qwen", "max_steps": 1})).await;
    assert_eq!(board.get(&format!("/api/runs/{id}")).await["summary"]["name"], "Qwen");

    let listed = board.get("/api/models").await;
    for id in [
        "gguf-k",
        "two/Other.GGUF",
        "two/model.gguf",
        "lone.GGUF",
        "linked",
        "models--a--cached",
        "Qwen/Tiny",
    ] {
        let model = find(&listed, id);
        assert_eq!(
            (&model["error"], &model["family"]),
            (&Value::Null, &json!("llama")),
            "{model}"
        );
        assert!(model["params"].as_u64().is_some_and(|n| n > 10_000), "{model}");
        let answer = check(&board, id).await;
        assert_eq!(answer["errors"], json!([]), "{id}: {answer}");
        assert!(
            answer["memory"]["weights"].as_u64().is_some_and(|n| n > 0),
            "{id}: {answer}"
        );
    }
    assert!(find(&listed, "gguf-k")["dtype"].as_str().unwrap().starts_with('q'));
    let llama = golden.join("models/llama");
    for path in [
        gguf.join("model.gguf"),
        llama.join("model.safetensors"),
        cache.path().join("models--Qwen--Tiny"),
    ] {
        let answer = check(&board, path.to_str().unwrap()).await;
        assert_eq!(answer["errors"], json!([]), "{}", path.display());
        assert!(answer["memory"].is_object(), "{}", path.display());
    }
    let answer = check(&board, "https://huggingface.co/Qwen/Tiny/tree/main").await;
    assert_eq!(answer["errors"], json!([]));
    let answer = check(&board, "https://huggingface.co/Qwen/Other").await;
    assert!(
        answer["errors"][0]["message"].as_str().unwrap().contains("Qwen/Other"),
        "{answer}"
    );
    let answer = check(&board, "Qwen/Nothing").await;
    assert!(
        answer["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("Qwen has no Nothing"),
        "{answer}"
    );

    // files that change are read again
    let cached = models.join("models--a--cached").join(snapshot);
    std::fs::remove_file(cached.join("tokenizer.json")).unwrap();
    // a GGUF file brings its own
    std::fs::remove_file(models.join("gguf-k/tokenizer.json")).unwrap();
    let listed = board.get("/api/models").await;
    assert!(
        find(&listed, "models--a--cached")["error"]
            .as_str()
            .unwrap()
            .contains("tokenizer.json")
    );
    assert_eq!(find(&listed, "gguf-k")["error"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_in_a_model_folder_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let models = folder.path().join("data/models");
    for (model, name) in [
        ("a", "tokenizer_config.json"),
        ("b", "config.json"),
        ("c", "model.safetensors"),
    ] {
        let path = models.join(model);
        copy(&root().join("tests/golden/models/llama"), &path);
        std::fs::remove_file(path.join(name)).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(path.join(name))
            .status()
            .unwrap();
        assert!(made.success());
    }
    let board = Board::start_in(&folder.path().join("data"));
    for model in ["a", "b", "c"] {
        let body = json!({"model": model, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 1});
        let (status, answer) = board.call(Method::POST, "/v1/chat/completions", body).await;
        assert!(
            !status.is_success() && answer["error"]["message"].is_string(),
            "{model}: {status} {answer}"
        );
        board.get("/api/system").await;
    }
    find(&board.get("/api/models").await, "corral-demo");
}
