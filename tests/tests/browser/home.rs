//! The first page and the run page while a run goes, and once it has ended.

use serde_json::json;
use std::time::Duration;
use tests::{Board, Browser, View};

/// Between two looks at the machine there are seconds, and a rate needs two.
const LOOKS: Duration = Duration::from_secs(60);

/// A run that goes is on the first page with its end; the tab counts along; the run's page has chosen and rejected part, and the
/// machine beside them. What failed needs attention, what ended says what came of it.
#[tokio::test]
async fn when_will_it_be_done_and_what_needs_a_look() {
    let board = Board::start();
    let failed = board.start_run(json!({ "learning_rate": 1e30, "max_steps": 9 })).await;
    board.wait_over(&failed).await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&board.url).await;
    browser.role_says("region", "Needs attention", "Diverged at step").await;
    browser.role_says("region", "Running now", "Nothing runs now").await;

    let run = board
        .start_run(json!({ "pref_loss": "simpo", "max_steps": 4000, "eval_steps": 5, "val_size": 0.0, "eval_dataset": "demo_en_test" }))
        .await;
    browser.see_text_within(".home-card", "ends ", LOOKS).await;
    browser
        .until_within("return /^\\d+ % /.test(document.title) && document.querySelector('link[rel=icon]').href.startsWith('data:')", LOOKS)
        .await;
    browser.click(".home-card").await;
    // chosen and rejected part, evaluations ringed, the best flagged; names stand where lines end
    browser
        .see_within("figure[data-metrics~=\"rewards/chosen\"] canvas", LOOKS)
        .await;
    browser.see_within(".legend.at-ends .legend-item", LOOKS).await;
    // a chart is drawn where it is in sight
    let processor = "figure[data-metrics~=\"machine/worker_cpu\"]";
    browser
        .until_within(
            &format!("const e = document.querySelector('{processor}'); e?.scrollIntoView(); return !!e"),
            LOOKS,
        )
        .await;
    browser.see_within(&format!("{processor} canvas"), LOOKS).await;
    browser.press("button", "Loss in full width").await;
    browser.until("return location.search.includes('chart=Loss')").await;
    browser.screenshot("run-live").await;
    let page = board.get(&format!("/api/runs/{run}/usage")).await;
    let memory = &page["samples"][0]["metrics"]["machine/worker_memory"];
    assert!(memory.as_f64().is_some_and(|bytes| bytes > 1e6), "{page}");

    board.post(&format!("/api/runs/{run}/stop"), json!("now")).await;
    board.wait_over(&run).await;
    browser.press("link", "Home").await;
    browser.role_says("region", "Last results", "held-out pairs").await;
    browser.until("return document.title === 'Home · Corral'").await;
    browser.screenshot("home").await;
}
