//! What a form says is kept under a name and comes back; what is deleted comes back too.

use serde_json::json;
use tests::{Board, Browser, View};

/// The way back in a message.
const UNDO: &str = ".toast .btn.small:not(.icon)";

/// Waits until an element says something no more.
async fn gone(browser: &Browser, css: &str, words: &str) {
    let script = format!("return !document.querySelector('{css}').innerText.includes('{words}')");
    browser.until(&script).await;
}

#[tokio::test]
async fn a_form_is_kept_under_a_name_and_what_was_deleted_comes_back() {
    let board = Board::start();
    let run = board
        .start_run(
            json!({ "run_name": "tuned", "max_steps": 2, "save_steps": 1, "eval_strategy": "no", "val_size": 0.0 }),
        )
        .await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new", board.url)).await;
    // keys without a field: what is wrong keeps the run from starting, what has a field goes there
    browser
        .fill("#further-keys", "data_seed: 7\nlora_rank: 12\nno_such_key: 1")
        .await;
    browser.see_text("#problems", "no_such_key").await;
    browser
        .see_text("#further-note", "Set in its own field: lora_rank")
        .await;
    browser.fill("#further-keys", "data_seed: 7").await;
    browser.see_text("#yaml", "data_seed: 7").await;
    browser.see_text("#yaml", "lora_rank: 12").await;
    browser.press("button", "Configurations").await;
    browser.fill("#config-name", "mine").await;
    browser.press("button", "Save").await;
    browser.see_text("#saved-configs", "mine").await;
    browser.click("dialog[open] .dialog-close").await;
    browser.press("button", "Start over").await;
    gone(&browser, "#yaml", "data_seed").await;
    browser.press("button", "Configurations").await;
    browser.press("button", "Load").await;
    browser.see_text(".new-form [role=status]", "data_seed – → 7").await;
    browser.see_text("#yaml", "lora_rank: 12").await;
    browser.screenshot("configurations").await;
    browser.click(UNDO).await;
    gone(&browser, "#yaml", "data_seed").await;

    board.wait_over(&run).await;
    browser.goto(&format!("{}/models", board.url)).await;
    browser.see_text("#models", "tuned/checkpoint-2").await;
    browser.press("button", "Delete tuned/checkpoint-2?").await;
    browser.click("dialog[open] .danger").await;
    gone(&browser, "#models", "tuned/checkpoint-2").await;
    browser.click(UNDO).await;
    browser.see_text("#models", "tuned/checkpoint-2").await;
    browser.goto(&format!("{}/runs/{run}", board.url)).await;
    browser.press("button", "More about this run").await;
    browser.press("menuitem", "Delete…").await;
    browser.click("dialog[open] .danger").await;
    let link = format!("a[href='/runs/{run}']");
    browser
        .until(&format!("return !document.querySelector(\"{link}\")"))
        .await;
    browser.click(UNDO).await;
    browser.see(&link).await;
}
