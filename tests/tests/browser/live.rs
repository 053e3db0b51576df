//! What changes elsewhere, on a page that is open: its lists follow, whatever way the answers take.

use serde_json::{Value, json};
use std::time::Instant;
use tests::{Board, Browser, View};

/// Holds back the next answer of a list, which the server has given by then, until `__release()`.
const HOLD: &str = "const plain = window.fetch;
    window.fetch = async (...args) => {
        const answer = await plain(...args);
        if (new URL(args[0].url ?? args[0], location).pathname !== '/api/datasets' || window.__release) return answer;
        await answer.clone().text();
        await new Promise(go => window.__release = go);
        return answer;
    };";

/// Counts how often a list is asked for.
const COUNT: &str = "const plain = window.fetch;
    window.__asked = 0;
    window.fetch = (...args) => {
        if (new URL(args[0].url ?? args[0], location).pathname === '/api/datasets') window.__asked++;
        return plain(...args);
    };";

async fn add(board: &Board, name: &str) {
    let source =
        json!({ "text": { "file_name": "x.jsonl", "text": "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}" } });
    let added = board
        .post("/api/datasets", json!({ "name": name, "source": source }))
        .await;
    assert_eq!(added["name"], name);
}

/// An answer that comes late is not shown over a newer one: what was deleted meanwhile does not come back.
#[tokio::test]
async fn a_late_answer_is_not_shown_over_a_newer_one() {
    let board = Board::start();
    add(&board, "first").await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/data", board.url)).await;
    browser.press("link", "first").await;
    browser.role("heading", "first").await;
    browser.eval(HOLD).await;
    // the page asks for the list, and the answer, which has both sets, is held back
    add(&board, "second").await;
    browser.until("return !!window.__release").await;
    browser.press("button", "Delete…").await;
    browser.press("button", "Delete").await;
    browser.role("link", "second").await;
    browser.role_gone("link", "first").await;
    browser.eval("window.__release()").await;
    browser.settle().await;
    browser.role("link", "second").await;
    assert!(
        !browser.has_role("link", "first").await,
        "the older answer is shown over the newer one"
    );
}

/// A burst of changes is a few questions, and what came last is shown.
#[tokio::test]
async fn a_burst_of_changes_is_a_few_questions() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/data", board.url)).await;
    browser.role("link", "demo_en").await;
    browser.eval(COUNT).await;
    let since = Instant::now();
    for n in 0..30 {
        add(&board, &format!("set_{n}")).await;
    }
    let took = since.elapsed().as_secs_f64();
    let all: Vec<String> = (0..30).map(|n| format!("set_{n}")).collect();
    browser
        .until_names("link", |links| all.iter().all(|name| links.contains(name)))
        .await;
    let asked = browser.eval("return window.__asked").await;
    // one at once, one after each rest, one for the last change
    let few = 2.0 + took / 0.5;
    assert!(
        asked.as_f64().is_some_and(|asked| (1.0..=few).contains(&asked)),
        "asked {asked} times in {took} s"
    );
}

/// What is read of a text belongs to that text: an answer to an earlier one is not offered under a later one.
#[tokio::test]
async fn an_import_offers_what_is_in_the_field() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new?import=file", board.url)).await;
    browser
        .enter("textbox", "Import a YAML", "pref_loss: ipo\npref_beta: 0.4\n")
        .await;
    browser.eval(&HOLD.replace("/api/datasets", "/api/parse")).await;
    browser.press("button", "Read it").await;
    browser.until("return !!window.__release").await;
    browser
        .enter("textbox", "Import a YAML", "pref_loss: orpo\npref_beta: 0.2\n")
        .await;
    browser.eval("window.__release()").await;
    browser.settle().await;
    assert!(
        !browser.has_role("button", "Use these settings").await,
        "the settings of the text that was there before are offered"
    );
    browser.press("button", "Read it").await;
    browser.press("button", "Use these settings").await;
    browser.until_role("textbox", "Beta", "e.value === '0.2'").await;
    let runs: Value = board.get("/api/runs").await;
    assert_eq!(runs, json!([]));
}
