//! Names are only names: no program ever starts a shell.

use reqwest::{Method, StatusCode};
use serde_json::json;
use std::fs;
use std::path::Path;
use tests::Board;
use tests::programs::root;

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
