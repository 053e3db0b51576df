//! Keys and tokens stay where a person put them: the environment and `secrets.env`.

use crate::hub::{fake, model, rows};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tests::Board;
use tests::programs::program;

/// How each planted secret begins.
const PLANTED: &str = "planted-";

/// A process, as far as it matters.
struct Process {
    command: String,
    environment: String,
}

/// All processes that a process began, and those that they did.
fn children(pid: u32) -> Vec<Process> {
    let mut all = vec![];
    let threads = fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    for thread in threads {
        let begun = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        for child in begun.split_whitespace().filter_map(|pid| pid.parse().ok()) {
            let read = |what: &str| fs::read(format!("/proc/{child}/{what}")).unwrap_or_default();
            all.push(Process {
                command: String::from_utf8_lossy(&read("cmdline")).replace('\0', " "),
                environment: String::from_utf8_lossy(&read("environ")).into_owned(),
            });
            all.extend(children(child));
        }
    }
    all
}

/// Every file below a folder that has a secret in it.
fn found(folder: &Path, out: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            found(&path, out);
        } else if path.is_file() && !path.ends_with("secrets.env") {
            let bytes = fs::read(&path).unwrap_or_default();
            if bytes.windows(PLANTED.len()).any(|part| part == PLANTED.as_bytes()) {
                out.push(path.display().to_string());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_keys_and_tokens_are_nowhere_but_where_they_are_needed() {
    let hub = fake::hub(model(), rows());
    hub.state().stalls = 2;
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    let secrets = data.join("secrets.env");
    fs::create_dir(&data).expect("a folder");
    let kept = "MODELSCOPE_API_TOKEN=planted-modelscope\nMLFLOW_TRACKING_TOKEN=planted-mlflow\n";
    fs::write(&secrets, kept).expect("a file");
    fs::set_permissions(&secrets, fs::Permissions::from_mode(0o600)).expect("its mode");
    let mut board = Board::prepare(&program("corral"), &data)
        .env("HF_TOKEN", "planted-huggingface")
        .env("WANDB_API_KEY", "planted-wandb")
        // nobody listens there, and the address itself has a password in it
        .env("MLFLOW_TRACKING_URI", "http://me:planted-password@127.0.0.1:9");
    for (variable, value) in hub.environment(home.path()) {
        board = board.env(variable, &value);
    }
    let mut board = board.env("HF_HUB_DOWNLOAD_TIMEOUT", "3");
    board.launch();

    let long = json!({ "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0, "report_to": "mlflow" });
    let run = board.start_run(long).await;
    let mut live = board.live().await;
    board.wait_for(&run, |row| row["state"] == "running").await;
    // both stall until they are given up, so that there is time to look at them
    for name in ["huggingface", "modelscope"] {
        board
            .post("/api/downloads", json!({"name": "tiny/llama", "hub": name}))
            .await;
    }
    live.until(|said| said["type"] == "download" && said["download"]["done"].as_u64() > Some(0))
        .await;
    let begun = children(board.pid());
    let named = |word: &str| begun.iter().filter(|child| child.command.contains(word)).count();
    assert!(named("corral-trainer") > 0 && named("--hub=huggingface") + named("--hub=modelscope") > 0);
    for child in &begun {
        let environment = &child.environment;
        let needs = |word: &str| child.command.contains(word);
        assert_eq!(
            environment.contains("planted-huggingface"),
            needs("--hub=huggingface"),
            "{}",
            child.command
        );
        assert_eq!(
            environment.contains("planted-password"),
            needs(" report "),
            "{}",
            child.command
        );
        assert!(!environment.contains("planted-wandb"), "{}", child.command);
        assert!(!environment.contains("planted-modelscope"), "{}", child.command);
    }
    for _ in 0..2 {
        let ended = |said: &Value| said["type"] == "download" && said["download"]["state"] != "downloading";
        let said = live.until(ended).await;
        assert_eq!(said["download"]["state"], "done", "{said}");
    }
    let tokens = hub.state().tokens.clone();
    for token in [
        "Bearer planted-huggingface",
        "Bearer planted-modelscope",
        "m_session_id=planted-modelscope",
    ] {
        assert!(tokens[0].iter().any(|seen| seen == token), "the hub lacks {token}");
    }
    assert!(tokens[1].is_empty(), "a token went to another host");

    board.post(&format!("/api/runs/{run}/stop"), json!("save")).await;
    board.wait_over(&run).await;
    let document = board.get("/api/openapi.json").await;
    let paths = document["paths"].as_object().expect("paths");
    let mut asked = 0;
    for (path, methods) in paths {
        let path = path.replace("{id}", &run);
        if methods.get("get").is_none() || path.contains('{') || path.ends_with("/live") {
            continue;
        }
        let answer = reqwest::get(format!("{}{path}", board.url)).await.expect("an answer");
        let text = answer.bytes().await.expect("a whole answer");
        assert!(!String::from_utf8_lossy(&text).contains(PLANTED), "{path}");
        asked += 1;
    }
    assert!(asked > 10);
    for what in ["config", "adapter"] {
        let address = format!("{}/api/runs/{run}/archive?what={what}", board.url);
        let archive = reqwest::get(address).await.expect("an answer");
        assert!(
            !String::from_utf8_lossy(&archive.bytes().await.expect("it")).contains(PLANTED),
            "{what}"
        );
    }
    let mut places = vec![];
    found(home.path(), &mut places);
    assert_eq!(places, Vec::<String>::new());
    assert!(!board.log().contains(PLANTED));

    // a file that others can read is no place for a token
    fs::set_permissions(&secrets, fs::Permissions::from_mode(0o644)).expect("its mode");
    let body = json!({"name": "tiny/other", "hub": "modelscope"});
    let (status, answer) = board.call(Method::POST, "/api/downloads/plan", body).await;
    assert_eq!(
        (status, &answer["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("secrets_open")),
        "{answer}"
    );
}

/// On the command line the trainer's verbs are told the hubs' tokens alone, and those that fetch no model none.
#[test]
fn verbs_are_told_what_they_need() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("corral");
    fs::hard_link(program("corral"), &own)
        .or_else(|_| fs::copy(program("corral"), &own).map(drop))
        .expect("a copy");
    let trainer = folder.path().join("corral-trainer");
    fs::write(&trainer, "#!/bin/sh\nenv\n").expect("a script");
    fs::set_permissions(&trainer, fs::Permissions::from_mode(0o755)).expect("its mode");
    for (verb, told) in [("merge", 2), ("cuda", 0)] {
        let output = Command::new(&own)
            .args([verb, "x"])
            .env("HF_TOKEN", "planted-huggingface")
            .env("MODELSCOPE_API_TOKEN", "planted-modelscope")
            .env("MLFLOW_TRACKING_TOKEN", "planted-mlflow")
            .env("CORRAL_TOKEN", "planted-board")
            .output()
            .expect("it ends");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("PATH="), "{verb}: {text}");
        assert_eq!(text.matches(PLANTED).count(), told, "{verb}: {text}");
    }
}
