//! Merging checkpoints from the comparison: what it will make, what stands against it, and the run that comes of it.

use serde_json::json;
use tests::{Board, Browser, View};

#[tokio::test]
async fn compared_runs_are_merged_into_a_run_to_talk_to() {
    let board = Board::start();
    let mut ids = vec![];
    for (name, rank) in [("a", 8), ("b", 8), ("small", 2)] {
        let keys = json!({
            "run_name": name, "lora_rank": rank, "max_steps": 1, "save_steps": 1, "eval_strategy": "no", "val_size": 0.0,
        });
        let id = board.start_run(keys).await;
        assert_eq!(board.wait_over(&id).await["state"], "completed");
        ids.push(id);
    }
    let browser = Browser::open(View::default()).await;
    browser
        .goto(&format!("{}/compare?runs={}", board.url, ids.join(",")))
        .await;
    browser.press("button", "Merge").await;
    // adapters' exact sum is the usual method, for ranks of any size
    browser.see_text("#combine-plan", "Makes an adapter").await;
    browser.press("button", "Take small/checkpoint-1 out").await;
    browser.enter("combobox", "Method", "ties").await;
    browser.enter("textbox", "Weight of a/checkpoint-1", "0.7").await;
    browser.see_text(".combine-parts", "a number for each").await;
    browser.enter("textbox", "Weight of b/checkpoint-1", "0.3").await;
    browser.enter("textbox", "Share of changes that is kept", "0.4").await;
    browser.enter("textbox", "Name of the run", "both").await;
    browser.see_text("#combine-plan", "Makes an adapter").await;
    browser.screenshot("merge-form").await;
    browser.click("#combine-start:not([disabled])").await;
    browser
        .see_text("#combine-standing", "both is among the runs and the models")
        .await;
    browser.press("link", "Open the run").await;
    browser.role("link", "Chat with it").await;
    browser.see_text(".run-head", "merged").await;
    browser
        .see_text("body", "0.7 × a/checkpoint-1, 0.3 × b/checkpoint-1")
        .await;
    browser.screenshot("merged-run").await;
}
