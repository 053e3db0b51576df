//! Comparing in a real Chromium: groups with means and ranges, charts of one's own, kept views, and what is taken along.

use serde_json::{Value, json};
use tests::{Board, Browser, View};

/// The logged values of a run's loss.
async fn losses(board: &Board, id: &str) -> Vec<f64> {
    let page = board.get(&format!("/api/runs/{id}/series")).await;
    let all = page["series"].as_array().expect("series");
    let loss = all.iter().find(|series| series["metric"] == "loss").expect("a loss");
    let points = loss["points"].as_array().expect("points");
    points.iter().map(|point| point[2].as_f64().expect("a value")).collect()
}

/// Two learning rates with two seeds each: which of them is better is told by groups, whose means are those of the runs; a view is
/// kept and comes back; report, picture and values are files that need no board.
#[tokio::test]
async fn how_do_these_runs_differ() {
    let board = Board::start();
    let mut ids = vec![];
    for (name, rate, seed) in [
        ("a<b> & \"c\"", 1e-3, 1),
        ("a2", 1e-3, 2),
        ("b1", 1e-4, 1),
        ("b2", 1e-4, 2),
    ] {
        let keys = json!({ "run_name": name, "learning_rate": rate, "seed": seed, "max_steps": 4, "eval_steps": 2 });
        ids.push(board.start_run(keys).await);
    }
    for id in &ids {
        assert_eq!(board.wait_over(id).await["state"], "completed");
    }
    let runs = ids.join(",");
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/compare?runs={runs}", board.url)).await;
    browser.enter("combobox", "Group by", "learning_rate").await;
    browser
        .until("return document.querySelectorAll('.group-row').length === 2 && document.querySelectorAll('.results tbody tr').length === 2")
        .await;
    browser.press("button", "learning_rate: 0.001 …").await;
    browser.role_says("region", "Results", "a<b>").await;
    browser
        .until(
            "return [...document.querySelectorAll('.plot-box')].some(e => e.ariaLabel.includes('learning_rate: 1e−4'))",
        )
        .await;
    browser.screenshot("compare-groups").await;

    let (a, b) = (losses(&board, &ids[0]).await, losses(&board, &ids[1]).await);
    let asked = |what: &str, more: &str| format!("/api/compare/{what}?runs={runs}&{more}");
    let curves = board.get(&asked("curves", "y=loss&group=learning_rate")).await;
    let of = |place: usize| curves["curves"][place].clone();
    assert_eq!(
        (of(0)["of"].clone(), of(1)["of"].clone()),
        (json!("0.0001"), json!("0.001"))
    );
    let (mean, low) = (&of(1)["points"][3][1], &of(1)["range"][3][0]);
    let close = |value: &Value, to: f64| (value.as_f64().expect("a value") - to).abs() < 1e-9;
    assert!(
        close(mean, (a[3] + b[3]) / 2.0) && close(low, a[3].min(b[3])),
        "{curves} {a:?} {b:?}"
    );

    // charts of one's own: a dot a run, with a table of the same values; and a line a run
    browser.enter("combobox", "Upwards", "eval_loss").await;
    browser.enter("combobox", "Along", "c.learning_rate").await;
    browser.press("button", "Add chart").await;
    browser.enter("combobox", "Along", "grad_norm").await;
    browser.press("button", "Add chart").await;
    browser
        .until("return document.querySelectorAll('.own-chart canvas').length === 2")
        .await;
    browser
        .eval("document.querySelector('.own-chart .chart-tools > button').click()")
        .await;
    browser
        .until("return document.querySelectorAll('.own-chart .chart-table tbody th a').length === 4")
        .await;

    // the view, by a name
    browser.press("button", "Views").await;
    browser.enter("textbox", "Name of this view", "rates").await;
    browser.press("button", "Save").await;
    browser.role("link", "rates").await;
    browser.screenshot("compare-views").await;
    browser.goto(&format!("{}/compare?runs={}", board.url, ids[0])).await;
    browser.press("button", "Views").await;
    browser.press("link", "rates").await;
    // a chart is drawn near the view alone
    browser
        .until("document.querySelector('.own-chart')?.scrollIntoView(); return document.querySelectorAll('.group-row').length === 2 && document.querySelectorAll('.own-chart canvas').length === 2")
        .await;

    // every value, none left out, and the table
    let csv = board
        .text(&asked("points.csv", "y=loss,eval_loss&group=learning_rate"))
        .await;
    let head = "run,id,learning_rate,step,time,loss,eval_loss";
    assert_eq!(csv.lines().next(), Some(head), "{csv}");
    let line = csv.lines().nth(2).expect("a second line");
    assert!(
        line.starts_with("\"a<b> & \"\"c\"\"\",") && line.contains(&format!(",{},", a[0])),
        "{line}"
    );
    let points = board.get(&asked("points.json", "y=loss")).await;
    assert_eq!(points[3]["points"].as_array().map(Vec::len), Some(4), "{points}");
    let table = board.get(&asked("table.json", "")).await;
    assert_eq!(
        (&table[0]["config.learning_rate"], &table[3]["config.seed"]),
        (&json!(0.001), &json!(2)),
        "{table}"
    );

    // one file, opened without the board
    let report = board
        .text(&asked("report.html", "group=learning_rate&own=eval_loss~c.seed"))
        .await;
    assert!(
        !report.contains("<script") && !report.contains("<b>") && !report.contains("src="),
        "{report}"
    );
    let file = board.data_dir.join("report.html");
    std::fs::write(&file, &report).expect("a file");
    browser.goto(&format!("file://{}", file.display())).await;
    browser
        .until("return document.querySelectorAll('tbody tr').length === 4 && document.querySelectorAll('.charts svg').length > 4 && document.body.innerText.includes('a<b> & \"c\"')")
        .await;
    browser.screenshot("compare-report").await;
}
