//! Sample prompts over the API and in a terminal: of a real run, and of folders that are not as a worker leaves them.

use std::fs;

use protocol::samples::{self, Cells, Overview, PromptReplies};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;

use crate::run_dirs::directory;

#[tokio::test]
async fn samples_of_a_run_are_read_by_range() {
    let board = Board::start();
    let run = board
        .start_run(json!({
            "val_size": 20, "sample_prompts": 2, "sample_max_new_tokens": 8,
            "sample_own_prompts": "What is a duck?\n{\"messages\": [{\"role\": \"user\", \"content\": \"a\\nb\"}]}",
        }))
        .await;
    let silent = board.start_run(json!({ "max_steps": 1 })).await;
    let row = board.wait_over(&run).await;
    board.wait_over(&silent).await;
    let folder = directory(&board, &run).await;
    let at = |path: &str| format!("/api/runs/{run}/samples{path}");

    let overview: Overview = serde_json::from_value(board.get(&at("")).await).expect("an overview");
    let steps: Vec<u64> = overview.steps.iter().map(|at| at.step).collect();
    assert_eq!((overview.about.prompts.len(), steps.as_slice()), (4, &[0, 3, 6][..]));
    assert_eq!(
        overview
            .about
            .prompts
            .iter()
            .map(|prompt| prompt.own)
            .collect::<Vec<_>>(),
        [false, false, true, true]
    );
    // its row has what they come to
    let last = overview.steps[2].summary;
    assert_eq!(row["latest"]["eval_completions/mean_length"], json!(last.mean_length));

    let cells: Cells = serde_json::from_value(board.get(&at("/replies?from=1&count=90")).await).expect("columns");
    assert_eq!(
        cells.columns.iter().map(|column| column.step).collect::<Vec<_>>(),
        [3, 6]
    );
    let whole: PromptReplies = serde_json::from_value(board.get(&at("/3?from=2&count=1")).await).expect("a prompt");
    assert_eq!(whole.prompt.messages[0].content, "a\nb");
    let [reply] = &whole.replies[..] else {
        panic!("{whole:?}")
    };
    assert_eq!((reply.step, &reply.reply.text), (6, &cells.columns[1].cells[3].text));
    for (path, status) in [("/4", 404), ("/x", 404), ("/replies?from=a", 400)] {
        let (found, _) = board.call(Method::GET, &at(path), Value::Null).await;
        assert_eq!(found, status, "{path}");
    }
    let none: Overview = serde_json::from_value(board.get(&format!("/api/runs/{silent}/samples")).await).expect("none");
    assert!(none.steps.is_empty() && none.about.prompts.is_empty());

    // the same in a terminal
    let listed = |more: &[&str]| {
        let asked = std::process::Command::new(tests::programs::program("corral"))
            .arg("samples")
            .arg(&folder)
            .args(more)
            .output()
            .expect("an answer");
        (asked.status.success(), String::from_utf8(asked.stdout).expect("text"))
    };
    let (_, text) = listed(&["--prompt", "4"]);
    assert!(
        text.starts_with("4. ")
            && text.contains("step 0 (")
            && text.contains(&format!("step 6 ({} tokens", reply.reply.tokens)),
        "{text}"
    );
    let (_, all) = listed(&["--all", "--json"]);
    let line: Value = serde_json::from_str(all.lines().last().expect("a reply")).expect("JSON");
    assert_eq!((all.lines().count(), &line["text"]), (12, &json!(reply.reply.text)));
    assert!(!listed(&["--step", "1"]).0 && !listed(&["--prompt", "5"]).0);

    // what is damaged is told, and a link out of the directory is not followed
    let file = folder.join(samples::FOLDER).join(samples::answers(3));
    fs::write(&file, "{}\n{\"text\": 1}\n").expect("a damaged file");
    let (status, problem) = board.call(Method::GET, &at("/replies"), Value::Null).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("samples_damaged"))
    );
    fs::remove_file(&file).expect("it is there");
    std::os::unix::fs::symlink(folder.join("config.yaml"), &file).expect("a link");
    let (status, _) = board.call(Method::GET, &at("/replies"), Value::Null).await;
    assert_eq!(status, StatusCode::CONFLICT);
}
