//! How good is it on this set: a model and a set chosen, scores and replies seen, two models against each other.

use super::REPLY;
use serde_json::json;
use tests::{Board, Browser, View};

#[tokio::test]
async fn how_good_is_it_on_this_set() {
    let board = Board::start();
    let run = board
        .start_run(json!({ "run_name": "tuned", "max_steps": 3, "save_steps": 3 }))
        .await;
    board.wait_over(&run).await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/models", board.url)).await;
    browser.press("link", "Evaluate").await;
    browser.enter("textbox", "Rows", "6").await;
    browser.enter("combobox", "Data set", "demo_en").await;
    browser
        .press("checkbox", "Write replies and compare them (BLEU-4, ROUGE)")
        .await;
    browser.enter("textbox", "Tokens of a reply", "none").await;
    browser.press("button", "Evaluate").await;
    browser
        .see_text("#evaluate", "Takes a whole number, 0 or more, not none")
        .await;
    browser.enter("textbox", "Tokens of a reply", "8").await;
    browser.enter("textbox", "Cut-off", "128").await;
    browser.press("button", "Evaluate").await;
    browser.role_within("button", "Show replies", REPLY).await;
    browser.press("button", "Show replies").await;
    browser.see_text("#evaluations", "Expected").await;
    browser.role("link", "Download generated_predictions.jsonl").await;
    browser.enter("combobox", "Model", "tuned/checkpoint-3").await;
    browser
        .press("checkbox", "Write replies and compare them (BLEU-4, ROUGE)")
        .await;
    browser.press("button", "Evaluate").await;
    browser
        .role_within("checkbox", "Compare tuned/checkpoint-3 on demo_en", REPLY)
        .await;
    for model in ["tuned/checkpoint-3", "corral-demo"] {
        browser.press("checkbox", &format!("Compare {model} on demo_en")).await;
    }
    browser.see_text("#win-matrix", "%").await;
    browser.screenshot("evaluate").await;
    // what is compared is in the address
    let address = browser.eval("return location.href").await;
    browser.goto(address.as_str().unwrap_or_default()).await;
    browser.see_text("#win-matrix", "corral-demo").await;
}
