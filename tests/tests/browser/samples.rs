//! What a run that really trained writes to the same prompts, before and after: in its tab, beside another run, and its cost in the form.

use crate::severe;
use serde_json::{Value, json};
use tests::{Board, Browser, View};

/// The text of the grid's cell in a row and a column, once it is there.
async fn cell(browser: &Browser, row: usize, column: usize) -> String {
    let path = format!(
        "document.querySelectorAll('.samples-grid [role=rowgroup] .samples-row')[{row}]?.querySelectorAll('button.samples-cell')[{column}]"
    );
    browser.until(&format!("return Boolean({path}?.innerText)")).await;
    let text = browser
        .eval(&format!("return {path}.querySelector('.samples-clamp').innerText"))
        .await;
    text.as_str().expect("a text").trim().to_owned()
}

#[tokio::test]
async fn what_does_it_now_write() {
    let board = Board::start();
    let samples = |name: &str, loss: &str| {
        json!({
            "run_name": name, "pref_loss": loss, "val_size": 20, "learning_rate": 4e-3, "sample_prompts": 3,
            "sample_max_new_tokens": 24, "sample_own_prompts": "What is a duck?",
        })
    };
    let run = board.start_run(samples("first", "sigmoid")).await;
    let other = board.start_run(samples("second", "simpo")).await;
    let without = board.start_run(json!({ "run_name": "silent", "max_steps": 1 })).await;
    for run in [&run, &other, &without] {
        board.wait_over(run).await;
    }
    let overview: Value = board.get(&format!("/api/runs/{run}/samples")).await;
    let steps: Vec<u64> = overview["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|at| at["step"].as_u64().expect("a step"))
        .collect();
    let last = steps.len() - 1;
    let told = |prompt: usize, place: usize| {
        let (board, run) = (&board, &run);
        async move {
            let answer: Value = board
                .get(&format!("/api/runs/{run}/samples/{prompt}?from={place}&count=1"))
                .await;
            answer["replies"][0]["text"].as_str().expect("a text").trim().to_owned()
        }
    };

    // the grid has each reply at each step, and what changed is marked side by side
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs/{run}", board.url)).await;
    browser.press("tab", "Samples").await;
    assert_eq!(cell(&browser, 0, 0).await, told(0, 0).await);
    assert_eq!(cell(&browser, 3, last).await, told(3, last).await);
    let mut changed = 0;
    while told(changed, 0).await == told(changed, last).await {
        changed += 1;
    }
    browser
        .click(&format!(
            ".samples-grid [role=rowgroup] .samples-row:nth-child({}) .samples-prompt",
            changed + 1
        ))
        .await;
    let sides = "[...document.querySelectorAll('.samples-text:not(.muted)')].map(side => side.innerText.trim())";
    let want = json!([told(changed, 0).await, told(changed, last).await]);
    browser
        .until(&format!("return JSON.stringify({sides}) === JSON.stringify({want})"))
        .await;
    browser
        .until("return document.querySelectorAll('.samples-text mark').length > 0")
        .await;
    browser.role("link", "Ask in chat").await;
    browser.screenshot("samples").await;
    assert_eq!(severe(&browser).await, Vec::<String>::new());

    // arrow keys go through the steps, and so does playing, from the first to the newest
    let page = browser.see("body").await;
    page.send_keys("\u{E012}").await.expect("the page takes keys");
    browser
        .see_text(".samples-steps", &format!("Step {}", steps[last - 1]))
        .await;
    browser.press("button", "Play").await;
    browser
        .see_text(".samples-steps", &format!("{0} / {0}", steps.len()))
        .await;
    browser.role("button", "Play").await;

    // a run that was not asked says how it would be, and opens the form with the cost of it
    browser.goto(&format!("{}/runs/{without}?tab=samples", board.url)).await;
    browser.press("link", "Train again with samples").await;
    browser
        .see_text("#samples-cost", "6 prompts × 2 answers × up to 128 tokens")
        .await;
    let own = browser.role("textbox", "Prompts of your own").await;
    own.send_keys("One\nTwo").await.expect("a text");
    browser.see_text("#samples-cost", "8 prompts × 2 answers").await;
    assert_eq!(severe(&browser).await, Vec::<String>::new());

    // the same prompts with the runs as columns
    browser.goto(&format!("{}/compare?runs={run},{other}", board.url)).await;
    browser
        .until("return document.querySelectorAll('.samples-compared tbody tr').length === 4")
        .await;
    browser.see_text(".samples-compared thead", "second").await;
    browser.screenshot("samples-compared").await;
    assert_eq!(severe(&browser).await, Vec::<String>::new());
}
