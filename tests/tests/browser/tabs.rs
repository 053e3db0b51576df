//! A tab that was cut off, and a queue that is moved, in a real browser.

use super::severe;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{Board, Browser, View};

/// A run of the demo, on a busy machine.
const RUN: Duration = Duration::from_secs(240);

/// What happened while a tab was offline is there when it is back, without a reload.
#[tokio::test]
async fn a_tab_that_was_offline_catches_up() {
    let board = Board::start();
    // a run that waits for another goes when the test says so, on a fast machine too
    let first = board.start_run(json!({ "max_steps": 5000, "save_steps": 5000 })).await;
    let run = board.start_run(json!({ "max_steps": 20, "eval_steps": 10 })).await;
    board.wait_for(&first, |row| row["state"] == "running").await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs/{run}", board.url)).await;
    browser.eval("window.sameDocument = true").await;
    browser.set_offline(true).await;
    board.post(&format!("/api/runs/{first}/stop"), json!("now")).await;
    board.wait_over(&run).await;
    assert_eq!(
        browser.eval("return !!document.querySelector('#outcome')").await,
        false,
        "it was not offline"
    );
    browser.set_offline(false).await;
    browser.see_within("#outcome", RUN).await;
    assert_eq!(
        browser.eval("return window.sameDocument").await,
        true,
        "the page was loaded again"
    );
    // each connection that was refused stands there
    browser.console().await;
}

/// Buttons of the run list change who starts next, for everyone.
#[tokio::test]
async fn a_queued_run_is_moved_forward() {
    let board = Board::start();
    let first = board
        .start_run(json!({ "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0, "save_strategy": "no" }))
        .await;
    let second = board.start_run(json!({ "run_name": "second" })).await;
    let third = board.start_run(json!({ "run_name": "third" })).await;
    board.wait_for(&first, |row| row["state"] == "running").await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs", board.url)).await;
    browser.press("button", "Start third earlier").await;
    board.wait_for(&third, |row| row["queue_position"] == 1).await;
    board.wait_for(&second, |row| row["queue_position"] == 2).await;
    browser
        .until(
            "const row = name => [...document.querySelectorAll('.run-row')].find(r => r.innerText.includes(name))?.innerText;
             return row('third')?.includes('queue 1') && row('second')?.includes('queue 2')",
        )
        .await;
}

/// A choice that takes its own menu off the page, and a run that another tab deletes.
#[tokio::test]
async fn a_run_is_stopped_by_the_menu_and_gone_where_another_tab_deletes_it() {
    let board = Board::start();
    let run = board
        .start_run(json!({ "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0, "save_strategy": "no" }))
        .await;
    board.wait_for(&run, |row| row["state"] == "running").await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs/{run}", board.url)).await;
    browser.press("button", "Stop").await;
    browser.click(".run-actions [role=menuitem]:last-child").await;
    board.wait_over(&run).await;
    browser.see_text("main", "Stopped at step").await;
    assert_eq!(severe(&browser).await, [""; 0]);
    let gone = board
        .call(Method::DELETE, &format!("/api/runs/{run}"), Value::Null)
        .await;
    assert_eq!(gone.0, StatusCode::NO_CONTENT);
    browser.see_text("main", "This run is gone").await;
    assert_eq!(severe(&browser).await, [""; 0]);
}
