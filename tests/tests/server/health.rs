//! What is found in a run's curves: the same in the run's row, over HTTP and on the command line, and found anew where an
//! older board did not look.

use super::run_dirs::directory;
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use std::process::Command;
use tests::Board;
use tests::programs::program;

#[tokio::test]
async fn row_api_and_command_line_say_the_same_and_older_runs_are_looked_at() {
    let mut board = Board::start();
    let run = board
        .start_run(json!({ "val_size": 0.0, "eval_strategy": "no", "max_steps": 3 }))
        .await;
    let row = board.wait_over(&run).await;
    let found = row["health"].clone();
    let rules = found["findings"].as_array().expect("findings");
    assert_eq!(rules.len(), 1, "{found}");
    assert_eq!(rules[0]["rule"], "no_held_out");
    let path = format!("/api/runs/{run}/health");
    assert_eq!(board.get(&path).await, found);
    // by its folder, and by its name
    let folder = directory(&board, &run).await.display().to_string();
    for asked in [folder.as_str(), row["name"].as_str().expect("a name")] {
        let told = Command::new(program("corral"))
            .args(["health", asked, "--json"])
            .env("DATA_DIR", &board.data_dir)
            .current_dir("/")
            .output()
            .expect("corral runs");
        let words = String::from_utf8_lossy(&told.stderr);
        let json: Value = serde_json::from_slice(&told.stdout).unwrap_or_else(|e| panic!("{asked}: {e}: {words}"));
        assert_eq!(json, found, "{asked}");
    }
    board.kill();
    let options = SqliteConnectOptions::new().filename(board.data_dir.join("corral.db"));
    let db = SqlitePoolOptions::new()
        .connect_with(options)
        .await
        .expect("the database");
    sqlx::query("UPDATE summaries SET progress = json_remove(progress, '$.health')")
        .execute(&db)
        .await
        .expect("rows");
    db.close().await;
    board.restart();
    let row = board.wait_for(&run, |row| !row["health"].is_null()).await;
    assert_eq!(row["health"], found);
}
