//! Pages that are left and come back to, and tabs without a server for a while.

use super::{REPLY, severe};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{Board, Browser, View};

/// What the dot in the rail says.
const LIVE: &str = "What you see is up to date.";

const OFFLINE: &str = "The server cannot be reached; trying again by itself.";

/// Every way out of the chat, without a panic; what stood there is there again.
#[tokio::test]
async fn a_chat_is_left_without_a_panic_and_kept() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/chat", board.url)).await;
    browser
        .enter("textbox", "Message", "What is the capital of Kenya?")
        .await;
    browser.press("button", "Send").await;
    let done = "e.getAttribute('aria-busy') === 'false' && e.querySelector('.chat-text').innerText.trim()";
    let said = browser.until_role_within("group", "corral-demo", done, REPLY).await;
    let said = said.as_str().expect("a reply").to_owned();
    for page in ["Runs", "New run", "Data", "Models"] {
        browser.press("link", page).await;
        browser
            .until("return location.pathname !== '/chat' && !document.querySelector('.chat')")
            .await;
        browser.settle().await;
        let query = browser.eval("return location.search").await;
        assert_eq!(query, json!(""), "the chat wrote into the address of {page}");
        browser.press("link", "Chat").await;
        browser.role_says("group", "corral-demo", &said).await;
    }
    browser.client.back().await.expect("back");
    browser.until("return location.pathname !== '/chat'").await;
    browser.client.forward().await.expect("forward");
    browser
        .role_says("log", "Conversation", "What is the capital of Kenya?")
        .await;
    // what was typed and not sent is there too
    browser.enter("textbox", "Message", "And of Peru?").await;
    browser.press("link", "Models").await;
    browser.press("link", "Chat").await;
    browser
        .until_role("textbox", "Message", "e.value === 'And of Peru?'")
        .await;
    let lost = severe(&browser).await;
    assert!(lost.is_empty(), "{lost:#?}");
}

/// Pages opened and lists left while there was no server go on by themselves when it is back.
#[tokio::test]
async fn pages_opened_offline_recover_by_themselves() {
    let mut board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs", board.url)).await;
    browser.role("status", LIVE).await;
    for (page, role, there) in [
        ("Data", "link", "demo_en"),
        ("New run", "checkbox", "demo_en…"),
        ("Models", "button", "corral-demo"),
        ("Chat", "textbox", "Message"),
    ] {
        browser.press("link", "Runs").await;
        board.kill();
        browser.role("status", OFFLINE).await;
        browser.press("link", page).await;
        browser.role("button", "Try again").await;
        board.launch();
        browser.role_within(role, there, Duration::from_secs(20)).await;
        assert!(
            !browser.has_role("button", "Try again").await,
            "{page} still says that it is offline"
        );
    }
    // each connection that was refused stands there
    browser.console().await;
}

/// A tab whose network goes and comes back is live again at once, not after the longest pause.
#[tokio::test]
async fn a_tab_that_was_offline_is_live_when_the_network_is_back() {
    let mut board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/data", board.url)).await;
    browser.role("status", LIVE).await;
    board.kill();
    browser.role("status", OFFLINE).await;
    // pauses between tries have grown to their longest
    browser
        .until("window.__since ??= performance.now(); return performance.now() - window.__since > 8000")
        .await;
    board.launch();
    let back = "dispatchEvent(new Event('online')); window.__back = performance.now(); return true";
    browser.eval(back).await;
    browser.role("status", LIVE).await;
    let took = browser.eval("return performance.now() - window.__back").await;
    assert!(took.as_f64() < Some(2500.0), "{took} ms");
    // each connection that was refused stands there
    browser.console().await;
}

/// Data sets and checkpoints that others make and delete come to open pages and leave them; what a person has typed there
/// stays.
#[tokio::test]
async fn open_pages_follow_a_library_that_others_change() {
    let board = Board::start();
    let (list, form, models) = (
        Browser::open(View::default()).await,
        Browser::open(View::default()).await,
        Browser::open(View::default()).await,
    );
    list.goto(&format!("{}/data", board.url)).await;
    form.goto(&format!("{}/new", board.url)).await;
    models.goto(&format!("{}/models", board.url)).await;
    for page in [&list, &form, &models] {
        page.role("status", LIVE).await;
    }
    form.enter("textbox", "Beta", "3.3").await;
    let source =
        json!({"text": {"file_name": "x.jsonl", "text": "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}"}});
    board
        .post("/api/datasets", json!({"name": "theirs", "source": source}))
        .await;
    list.role("link", "theirs").await;
    form.role("checkbox", "theirs…").await;
    form.until_role("textbox", "Beta", "e.value === '3.3'").await;
    let (status, _) = board
        .call(reqwest::Method::DELETE, "/api/datasets/theirs", Value::Null)
        .await;
    assert!(status.is_success());
    list.role_gone("link", "theirs").await;
    form.role_gone("checkbox", "theirs…").await;
    let run = board.start_run(json!({ "max_steps": 2, "run_name": "tuned" })).await;
    board.wait_over(&run).await;
    models.role("button", "tuned…").await;
}
