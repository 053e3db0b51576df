//! What goes wrong in a run, in a real Chromium: told under the verdict, shown on its chart, and tried by one click.

use serde_json::json;
use tests::{Board, Browser, View};

/// A learning rate that is nobody's ruins the demo: the page says so with its numbers, points at the chart, and opens the form
/// with a rate that works; the table has it too.
#[tokio::test]
async fn is_something_going_wrong_and_what_to_try() {
    let board = Board::start();
    let run = board
        .start_run(json!({
            "pref_loss": "simpo", "pref_beta": 2.0, "simpo_gamma": 0.5, "learning_rate": 1e6,
            "max_steps": 8, "eval_steps": 4, "val_size": 0.0, "eval_dataset": "demo_en_test"
        }))
        .await;
    board.wait_over(&run).await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs/{run}", board.url)).await;
    browser
        .role_says("region", "Health", "Worse than before training")
        .await;
    browser.role_says("region", "Health", "0 % of held-out pairs").await;
    browser.press("button", "Show where: Worse than before training…").await;
    browser.see_text("figure [aria-live]", "Steps 0 to 8 are shaded").await;
    browser
        .until(
            "const at = document.querySelector('figure[data-metrics~=\"preference/accuracies\"]').getBoundingClientRect();
             return at.top >= 0 && at.bottom <= innerHeight",
        )
        .await;
    browser.screenshot("run-health").await;
    browser.press("link", "Train again with learning_rate=5e-4").await;
    browser.see_text(".note", "with learning_rate=5e-4").await;
    let rate = browser.until_role("textbox", "Learning rate", "e.value").await;
    assert_eq!(rate, "5e-4");
    browser
        .goto(&format!("{}/runs?q=health:bad&sort=-health", board.url))
        .await;
    browser.role("image", "Worse than before training…").await;
    // all say the same: the row, the API
    let row = board.get(&format!("/api/runs/{run}")).await["summary"]["health"].clone();
    let told = board.get(&format!("/api/runs/{run}/health")).await;
    assert_eq!(row, told);
    assert_eq!(told["findings"][0]["rule"], "collapse");
}
