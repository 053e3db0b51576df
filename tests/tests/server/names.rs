//! Files are given from a run directory alone, and names are only names: no program ever starts a shell.

use reqwest::{Method, StatusCode};
use serde_json::json;
use std::fs;
use std::path::Path;
use tests::Board;
use tests::programs::root;

#[tokio::test]
async fn files_are_given_from_the_run_directory_alone() {
    let board = Board::start();
    // a run directory as a worker leaves it, where the board does not look by itself, with traps in it
    let directory = board.data_dir.join("elsewhere/trap");
    fs::create_dir_all(directory.join("checkpoint-1")).expect("a folder");
    fs::write(directory.join("config.yaml"), "run_name: trap\n").expect("a file");
    fs::write(directory.join("checkpoint-1/ok.txt"), "fine").expect("a file");
    fs::write(directory.join(".secret"), "hidden").expect("a file");
    fs::write(board.data_dir.join("secret"), "outside").expect("a file");
    fs::create_dir_all(board.data_dir.join("elsewhere/trap-evil")).expect("a folder");
    fs::write(board.data_dir.join("elsewhere/trap-evil/secret"), "twin").expect("a file");
    std::os::unix::fs::symlink("../../secret", directory.join("link")).expect("a link");
    let finished = json!({ "seq": 1, "time": 1, "type": "finished", "outcome": "completed", "step": 0, "message": "" });
    fs::write(directory.join("events.jsonl"), format!("{finished}\n")).expect("events");
    let row = board.post("/api/runs/adopt", json!({ "path": directory })).await;
    let id = row["id"].as_str().expect("an id").to_owned();
    let get = async |path: &str| {
        // a plain connection: clients tidy `..` away before they send it
        let host = board.url.trim_start_matches("http://");
        let mut stream = tokio::net::TcpStream::connect(host).await.expect("a connection");
        let request = format!("GET /api/runs/{id}/files/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
            .await
            .expect("sent");
        let mut answer = vec![];
        tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer)
            .await
            .expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    };
    let fine = get("checkpoint-1/ok.txt").await;
    assert!(fine.starts_with("HTTP/1.1 200") && fine.ends_with("fine"), "{fine}");
    for path in [
        "../../secret",
        "..%2f..%2fsecret",
        "%2e%2e/%2e%2e/secret",
        "..%252f..%252fsecret",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "//etc/passwd",
        "..%5c..%5csecret",
        "link",
        ".secret",
        "checkpoint-1/../.secret",
        "checkpoint-1/../../trap-evil/secret",
        "../trap-evil/secret",
        "ok%00.txt",
        "%2e%2e%2f%2e%2e%2fcorral.db",
    ] {
        let answer = get(path).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
        for secret in ["outside", "hidden", "twin", "root:", "SQLite format"] {
            assert!(!answer.contains(secret), "{path}: {answer}");
        }
    }
}

#[tokio::test]
async fn names_with_shell_in_them_are_only_names() {
    let board = Board::start();
    for name in [
        "$(touch pwned)",
        "`touch pwned`",
        "; touch pwned",
        "a && touch pwned",
        "<img src=x onerror=alert(1)>",
    ] {
        let keys = json!({ "run_name": name, "max_steps": 1, "eval_strategy": "no", "val_size": 0.0 });
        let mut config = tests::api::demo_config();
        for (key, value) in keys.as_object().expect("keys") {
            config[key] = value.clone();
        }
        let (status, answer) = board.call(Method::POST, "/api/runs", json!({ "config": config })).await;
        if name.contains('/') {
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
            continue;
        }
        let run = answer["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        let row = board.wait_over(&run).await;
        assert_eq!(
            (&row["state"], &row["name"]),
            (&json!("completed"), &json!(name)),
            "{row}"
        );
    }
    fn has(folder: &Path, name: &str) -> bool {
        let entries = fs::read_dir(folder).expect("a folder").flatten();
        entries
            .into_iter()
            .any(|e| e.file_name() == name || e.path().is_dir() && has(&e.path(), name))
    }
    assert!(!has(&board.data_dir, "pwned"));
}

#[test]
fn no_source_of_a_program_names_a_shell() {
    fn walk(folder: &Path, look: &mut dyn FnMut(&Path, &str)) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => walk(&path, look),
                path if path.extension().is_some_and(|e| e == "rs") => {
                    look(&path, &fs::read_to_string(&path).expect("a source"));
                }
                _ => {}
            }
        }
    }
    let mut files = 0;
    for program in ["server/src", "trainer/src", "protocol/src"] {
        walk(&root().join(program), &mut |path, text| {
            files += 1;
            for shell in ["\"sh\"", "\"bash\"", "\"/bin/sh\"", "\"-c\"", "/bin/bash"] {
                assert!(!text.contains(shell), "{}: {shell}", path.display());
            }
        });
    }
    assert!(files > 30);
}
