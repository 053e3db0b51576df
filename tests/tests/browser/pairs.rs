//! The held-out pairs of a run that really trained: which it gets wrong, what changed in them, and against another run.

use crate::severe;
use serde_json::{Value, json};
use tests::{Board, Browser, View};

/// Pairs held out.
const PAIRS: f64 = 20.0;

/// How many pairs an accuracy leaves wrong.
fn wrong(metrics: &Value) -> u64 {
    let right = metrics["preference/accuracies"].as_f64().expect("an accuracy");
    ((1.0 - right) * PAIRS).round() as u64
}

/// Waits until the chip of a filter has this count.
async fn counts(browser: &Browser, filter: &str, count: u64) {
    let script = format!("return document.querySelector('[data-filter={filter}] b')?.innerText === '{count}'");
    browser.until(&script).await;
}

#[tokio::test]
async fn which_pairs_it_did_not_learn() {
    let board = Board::start();
    let run = board
        .start_run(json!({ "run_name": "first", "val_size": PAIRS, "learning_rate": 4e-3 }))
        .await;
    let other = board
        .start_run(json!({ "run_name": "second", "val_size": PAIRS, "pref_loss": "simpo", "learning_rate": 4e-3 }))
        .await;
    let row = board.wait_over(&run).await;
    board.wait_over(&other).await;
    let (before, after) = (wrong(&row["baseline"]), wrong(&row["latest"]));
    assert!(after > 0 && before > 0, "nothing is left to look at: {before} {after}");

    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs/{run}", board.url)).await;
    let share = ((PAIRS - after as f64) / PAIRS * 100.0).round();
    let headline = format!("Prefers the chosen reply in {share} % of held-out pairs …");
    let headline =
        match row["latest"]["preference/accuracies"].as_f64() < row["baseline"]["preference/accuracies"].as_f64() {
            true => format!("Worse than before training. {headline}"),
            false => headline,
        };
    browser.press("link", &headline).await;
    counts(&browser, "wrong", after).await;
    counts(&browser, "all", PAIRS as u64).await;
    let listed = format!("return document.querySelectorAll('.pairs-rows .pairs-row').length === {after}");
    browser.until(&listed).await;
    browser.press("button", "All 20").await;
    browser.press("button", "Pair 3: …").await;
    browser.role("heading", "Pair 3").await;
    browser
        .until("return location.search.includes('pair=2') && !location.search.includes('show=')")
        .await;
    browser
        .until("return [...document.querySelectorAll('.tokens .pairs-token')].some(token => token.style.background)")
        .await;
    browser.see_text(".pairs-key", "minus that under the reference").await;
    browser.screenshot("pairs").await;
    // the same as numbers
    browser.click(".pairs-numbers summary").await;
    browser
        .until(
            "const rows = [...document.querySelectorAll('.pairs-numbers tbody tr')];
             const tokens = document.querySelectorAll('.tokens .pairs-token').length;
             return rows.length >= tokens && tokens > 0 && rows.some(row => row.lastElementChild.innerText.startsWith('+'))",
        )
        .await;
    assert_eq!(severe(&browser).await, Vec::<String>::new());

    // back to the first evaluation: what was wrong before, and nothing has flipped
    let slider = browser.role("slider", "Evaluation").await;
    slider.send_keys("\u{E011}").await.expect("the slider takes keys");
    browser.see_text(".pairs-steps", "Step 0").await;
    counts(&browser, "wrong", before).await;
    counts(&browser, "to-right", 0).await;
    browser.until("return location.search.includes('step=0')").await;
    // the tint is that of the evaluation shown: before training the model is its reference
    browser
        .see_text(".pairs-key", "log-prob at step 0 minus that under the reference")
        .await;
    browser
        .until("return [...document.querySelectorAll('.tokens .pairs-token')].every(token => !token.style.background)")
        .await;
    // by keyboard, a token tells its probability
    browser
        .until(
            "const p = document.querySelector('.tokens[tabindex]'); p.focus();
             p.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
             return document.querySelector('.pairs-tip')?.innerText.includes('p ')",
        )
        .await;

    // without a reference, the first evaluation is what tints compare with
    browser
        .goto(&format!("{}/runs/{other}?tab=pairs&pair=2", board.url))
        .await;
    browser.see_text(".pairs-key", "the first evaluation: ").await;
    browser
        .goto(&format!("{}/runs/{run}?tab=pairs&pair=2", board.url))
        .await;

    browser.press("button", "Mark as mislabelled").await;
    counts(&browser, "marked", 1).await;
    browser.role("link", "Ask both models").await;
    assert_eq!(severe(&browser).await, Vec::<String>::new());
    // the next run can go by the marks
    browser.press("link", "Train again by the marks").await;
    browser.see_text("main", "pair_marks: ").await;

    // the same pairs in another run
    browser.goto(&format!("{}/compare?runs={run},{other}", board.url)).await;
    let fields = "return [...document.querySelectorAll('.pairs-field b')].reduce((sum, b) => sum + Number(b.innerText), 0) === 20";
    browser.until(fields).await;
    browser.click(".pairs-field:not([disabled])").await;
    browser
        .until("return document.querySelectorAll('.pairs-both .pairs-side:not(.faint)').length > 1")
        .await;
    browser.screenshot("pairs-compared").await;
    assert_eq!(severe(&browser).await, Vec::<String>::new());
}
