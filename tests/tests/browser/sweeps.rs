//! Sweeps in a real Chromium: several values typed into the form, one row that folds, and the page that says which is best.

use tests::{Board, Browser, View};

/// Two keys with several values: what it comes to is said, the runs fold into one row, and the page tells the best setting, draws
/// all runs, keeps those that pass a stretch of an axis, and leads to training the best longer.
#[tokio::test]
async fn which_setting_is_best() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new", board.url)).await;
    browser
        .until_role("combobox", "Start from", "e.value === 'corral-demo'")
        .await;
    // the guide's third step is a click
    browser
        .press("button", "Which setting is best: the guide's search")
        .await;
    browser.see_text("#start-sweep", "Start 27 runs").await;
    browser.see_text("#sweep-cost", "how long is not known").await;
    // one's own: typed as a list
    browser.enter("textbox", "Beta", "1, 2").await;
    browser.enter("textbox", "Gamma", "0.5").await;
    browser
        .enter("textbox", "Learning rate", "1e-5, 1e-4, 1e-3, 5e-3")
        .await;
    browser
        .until("document.querySelectorAll('main details').forEach(d => d.open = true); return true")
        .await;
    browser.enter("textbox", "Most steps", "2").await;
    // eight runs of seconds
    browser.enter("textbox", "Most rows", "60").await;
    browser.enter("textbox", "Sample prompts", "0").await;
    browser.see_text("#start-sweep", "Start 8 runs").await;
    // a plan of what was typed before is none
    browser
        .until("const s = document.querySelector('#start-sweep'); return s.getAttribute('aria-disabled') === 'false'")
        .await;
    browser.see_text("[data-several=learning_rate]", "0.005").await;
    browser.screenshot("sweep-form").await;
    browser.press("button", "Start 8 runs").await;
    let all = std::time::Duration::from_secs(240);
    browser
        .see_text_within("#sweep-progress", "8 of 8 runs came to an end", all)
        .await;
    browser.see_text("#sweep-best", "Best: ").await;
    browser.see_text("#sweep-importance", "By 8 runs").await;
    browser
        .until("return document.querySelectorAll('.sweep-line').length === 8 && document.querySelectorAll('.sweep-heat .heat-field').length === 8")
        .await;
    browser.screenshot("sweep").await;
    // a stretch of an axis keeps what passes there
    browser
        .until(
            "const h = document.querySelector('.sweep-handle[data-axis=pref_beta]'), b = h.getBoundingClientRect();
             const at = (type, y) => h.dispatchEvent(new PointerEvent(type, {bubbles: true, clientX: b.x + 5, clientY: b.y + y}));
             at('pointerdown', 0); at('pointerup', b.height * 0.4);
             return true",
        )
        .await;
    browser
        .until("return document.querySelectorAll('#sweep-runs tbody tr').length === 4")
        .await;
    // the same by keyboard
    let key = |key: &str| {
        format!(
            "document.querySelector('.sweep-handle[data-axis=pref_beta]')
             .dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}))"
        )
    };
    browser.eval(&key("Escape")).await;
    browser
        .until("return document.querySelectorAll('#sweep-runs tbody tr').length === 8")
        .await;
    browser.eval(&key("ArrowUp")).await;
    browser
        .until("return document.querySelectorAll('#sweep-runs tbody tr').length === 4")
        .await;
    let best = browser.text("#sweep-best a").await;
    browser.press("link", "Train the best longer").await;
    browser.see_text(".note", &best).await;
    browser.see_text(".note", "max_steps=6").await;
    // one row in the table, which unfolds
    browser.goto(&format!("{}/runs", board.url)).await;
    browser.see_text(".sweep-row", "8 of 8").await;
    browser
        .until("return document.querySelectorAll('.run-row').length === 1")
        .await;
    browser.press("button", "Show the runs of demo-simpo-sweep-1").await;
    browser
        .until("return document.querySelectorAll('.run-row').length === 9")
        .await;
    browser.screenshot("sweep-folded").await;
}
