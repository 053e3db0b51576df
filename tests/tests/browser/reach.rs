//! What keys, a phone and the focus reach, and what messages and dialogs leave free.

use super::PHONE;
use serde_json::{Value, json};
use tests::{Board, Browser, View};

/// On a phone Start is in reach wherever one is in the form, languages are in a menu, and messages leave.
#[tokio::test]
async fn a_phone_has_start_in_reach() {
    let board = Board::start();
    let browser = Browser::open(PHONE).await;
    browser.goto(&format!("{}/new", board.url)).await;
    browser.role("button", "Start").await;
    for at in ["0", "document.documentElement.scrollHeight / 2"] {
        browser.eval(&format!("scrollTo(0, {at}); return true")).await;
        let reach = "const b = document.querySelector('#start-run').getBoundingClientRect();
            const hit = document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2);
            return b.top > 0 && b.bottom < innerHeight && !!hit?.closest('#start-run')";
        browser.until(reach).await;
    }
    browser.press("button", "More").await;
    browser.press("button", "日 日本語").await;
    browser.until("return document.documentElement.lang === 'ja'").await;
}

/// `j` and `k` move through the lists of data and models, Enter opens.
#[tokio::test]
async fn keys_move_through_data_and_models() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/data", board.url)).await;
    browser.role("link", "demo_en").await;
    let key = |key: &str| {
        format!(
            "(document.activeElement || document.body).dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}));
            return document.activeElement.innerText"
        )
    };
    let first = browser.eval(&key("j")).await;
    let second = browser.eval(&key("j")).await;
    assert!(first != second && first != json!(""), "{first} {second}");
    assert_eq!(browser.eval(&key("k")).await, first);
    browser
        .client
        .active_element()
        .await
        .expect("a row")
        .send_keys("\u{e007}")
        .await
        .expect("Enter");
    browser.until("return location.pathname.startsWith('/data/')").await;
    browser.goto(&format!("{}/models", board.url)).await;
    browser.role("button", "corral-demo").await;
    let model = browser.eval(&key("j")).await;
    assert_eq!(model, json!("corral-demo"));
}

/// Deleting asks with the focus on the way out: Enter right away deletes nothing.
#[tokio::test]
async fn a_dialog_that_deletes_has_its_focus_elsewhere() {
    let board = Board::start();
    let source =
        json!({"text": {"file_name": "x.jsonl", "text": "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}"}});
    board
        .post("/api/datasets", json!({"name": "mine", "source": source}))
        .await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/data/mine", board.url)).await;
    browser.press("button", "Delete…").await;
    browser.role("button", "Delete").await;
    browser
        .until_role("button", "Cancel", "document.activeElement === e")
        .await;
    let focused = browser.client.active_element().await.expect("a button");
    focused.send_keys("\u{e007}").await.expect("Enter");
    browser.role_gone("dialog", "Delete this data set?").await;
    let sets: Value = board.get("/api/datasets").await;
    assert!(
        sets.as_array()
            .is_some_and(|sets| sets.iter().any(|set| set["name"] == "mine"))
    );
}

/// What a menu opens gives the focus back to the menu's button; Tab past its end closes a menu.
#[tokio::test]
async fn a_menu_gives_the_focus_back() {
    let board = Board::start();
    let run = board.start_run(json!({ "max_steps": 1 })).await;
    board.wait_over(&run).await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs/{run}", board.url)).await;
    browser.press("button", "More about this run").await;
    browser.press("menuitem", "Delete…").await;
    browser
        .until_role("button", "Cancel", "document.activeElement === e")
        .await;
    let key = async |key: &str| {
        let focused = browser.client.active_element().await.expect("a focus");
        focused.send_keys(key).await.expect("a key");
    };
    key("\u{e00c}").await; // Escape
    let focused = "document.activeElement === e";
    browser.until_role("button", "More about this run", focused).await;
    key("\u{e007}").await; // Enter
    let first = "document.activeElement === e";
    browser.until_role("menuitem", "Train again with changes", first).await;
    for _ in 0..5 {
        key("\u{e004}").await; // Tab
    }
    browser.role_gone("menuitem", "Train again with changes").await;
}

/// Messages leave by themselves and never lie over what one presses next.
#[tokio::test]
async fn messages_leave_and_cover_no_button() {
    let board = Board::start();
    let browser = Browser::open(PHONE).await;
    let source =
        json!({"text": {"file_name": "x.jsonl", "text": "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}"}});
    board
        .post("/api/datasets", json!({"name": "mine", "source": source}))
        .await;
    browser.goto(&format!("{}/data/mine", board.url)).await;
    browser.press("button", "Delete…").await;
    browser.press("button", "Delete").await;
    browser.see_text("[role=status]", "Deleted mine.").await;
    browser.press("link", "Chat").await;
    browser.role("button", "Send").await;
    let apart = "const send = document.querySelector('#chat-send').getBoundingClientRect();
        return [...document.querySelectorAll('.toast')].every(t => t.getBoundingClientRect().bottom < send.top)";
    browser.until(apart).await;
    browser.until("return !document.querySelector('.toast')").await;
}

/// Beside the table the run that the keys are at is told; it is pinned to the rail there, which keeps it over a reload; Enter opens it.
#[tokio::test]
async fn a_run_is_told_beside_the_table_and_pinned() {
    let board = Board::start();
    let run = board.start_run(json!({ "run_name": "told" })).await;
    board.wait_over(&run).await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs", board.url)).await;
    browser.role("link", "told").await;
    let key = |key: &str| {
        format!("dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }})); return true")
    };
    browser.eval(&key("j")).await;
    browser.see_text(".runs-preview", "Open").await;
    browser.press("button", "Pin to the rail").await;
    browser.see_text(".rail-going", "told").await;
    browser.goto(&format!("{}/runs", board.url)).await;
    browser.see_text(".rail-going", "told").await;
    browser
        .eval("document.querySelector('.run-row .col-loss').click(); return true")
        .await;
    browser.see_text(".runs-preview", "told").await;
    browser.eval(&key("Enter")).await;
    browser
        .until(&format!("return location.pathname === '/runs/{run}'"))
        .await;
    browser.until("return !!document.querySelector('.run-name')").await;
}
