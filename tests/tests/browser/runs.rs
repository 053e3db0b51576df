//! The pages of runs in a real Chromium: the list that lives, the page that claims only what is there, charts looked at
//! closely.

use serde_json::json;
use std::fs;
use std::time::Duration;
use tests::api::demo_config;
use tests::{Board, Browser, View};

/// A run that goes on until it is stopped.
fn endless() -> serde_json::Value {
    json!({ "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0, "save_strategy": "no" })
}

/// The names in the table, in their order.
const NAMES: &str = "[...document.querySelectorAll('.run-row .cell-name a')].map(a => a.innerText).join()";

/// Two open lists, and a third party that starts, moves and deletes runs: both lists follow by themselves.
#[tokio::test]
async fn two_open_lists_follow_what_happens_elsewhere() {
    let board = Board::start();
    let named = |name: &str, mut keys: serde_json::Value| {
        keys["run_name"] = name.into();
        keys
    };
    let first = board.start_run(named("first", endless())).await;
    board.wait_for(&first, |row| row["state"] == "running").await;
    let tabs = [
        Browser::open(View::default()).await,
        Browser::open(View::default()).await,
    ];
    for tab in &tabs {
        tab.goto(&format!("{}/runs", board.url)).await;
        tab.until(&format!("return {NAMES} === 'first'")).await;
    }
    board.start_run(named("second", json!({}))).await;
    let third = board.start_run(named("third", json!({}))).await;
    for tab in &tabs {
        tab.until(&format!("return {NAMES} === 'first,second,third'")).await;
    }
    // in one list the third is moved before the second: it moves in the other too
    tabs[0]
        .click(".run-row:nth-of-type(4) [aria-label='Start earlier']")
        .await;
    for tab in &tabs {
        tab.until(&format!("return {NAMES} === 'first,third,second'")).await;
    }
    board.post(&format!("/api/runs/{third}/stop"), json!("now")).await;
    let (status, _) = board
        .call(
            reqwest::Method::DELETE,
            &format!("/api/runs/{third}?files=true"),
            json!(null),
        )
        .await;
    assert!(status.is_success());
    for tab in &tabs {
        tab.until(&format!("return {NAMES} === 'first,second'")).await;
    }
    // an archived run leaves both, says so, and comes back with Undo
    tabs[1].click(".run-row:nth-of-type(3) input[type=checkbox]").await;
    tabs[1].click(".strip [aria-label=Archive]").await;
    for tab in &tabs {
        tab.until(&format!("return {NAMES} === 'first'")).await;
    }
    tabs[1].until("return !document.querySelector('.strip')").await;
    tabs[1].click(".toast .btn.small:not(.icon)").await;
    for tab in &tabs {
        tab.until(&format!("return {NAMES} === 'first,second'")).await;
    }
    board.post(&format!("/api/runs/{first}/stop"), json!("now")).await;
}

/// A run that never began and one that kept nothing offer no result, no chat and no download.
#[tokio::test]
async fn a_run_without_a_result_claims_none() {
    let board = Board::start();
    let first = board.start_run(endless()).await;
    let second = board.start_run(json!({})).await;
    board.wait_for(&first, |row| row["step"].as_u64() >= Some(2)).await;
    for run in [&second, &first] {
        board.post(&format!("/api/runs/{run}/stop"), json!("now")).await;
        board.wait_over(run).await;
    }
    let browser = Browser::open(View::default()).await;
    for (run, said, offered) in [
        (
            &second,
            "Taken out of the queue before it began",
            "Put back into the queue",
        ),
        (&first, "no checkpoint was written", "Start over"),
    ] {
        browser.goto(&format!("{}/runs/{run}", board.url)).await;
        browser.see_text("#outcome", said).await;
        browser.see_text(".run-head", offered).await;
        for absent in ["#chat-with", "#download-merged"] {
            let there = browser
                .eval(&format!("return !!document.querySelector('{absent}')"))
                .await;
            assert_eq!(there, false, "{absent} of {said}");
        }
    }
    // a note is kept though the field is never left
    browser.fill_typing("textarea", "came to nothing").await;
    board.wait_for(&first, |row| row["note"] == "came to nothing").await;
}

/// A run recorded elsewhere, with more steps than a chart has points.
fn recording(board: &Board, steps: u64) -> std::path::PathBuf {
    let directory = board.data_dir.join("recordings").join("long");
    fs::create_dir_all(&directory).expect("a folder");
    fs::write(directory.join("config.yaml"), "run_name: long\nstage: dpo\n").expect("a config");
    let mut lines = vec![json!({
        "type": "started", "total_steps": steps, "resumed_from": 0, "epochs": 1.0, "train_rows": 8, "eval_rows": 8,
        "trainable_params": 1, "all_params": 1, "device": "cpu", "compute": "f32", "stored": "f32", "threads": 1
    })];
    let accuracy = |step: u64, share: f64| json!({ "type": "eval", "step": step, "epoch": 0.5, "metrics": { "preference/accuracies": share } });
    lines.push(accuracy(0, 0.5));
    lines.extend((1..=steps).map(|step| {
        json!({ "type": "step", "step": step, "epoch": 0.5, "metrics": { "loss": 1.0 / step as f64, "rewards/margins": 0.0 } })
    }));
    lines.push(accuracy(steps, 0.1));
    lines.push(json!({ "type": "finished", "outcome": "completed", "step": steps, "message": "" }));
    let text = lines.into_iter().enumerate().map(|(n, mut event)| {
        event["seq"] = json!(n + 1);
        event["time"] = json!(1_700_000_000_000_u64 + n as u64);
        format!("{event}\n")
    });
    fs::write(directory.join("events.jsonl"), text.collect::<String>()).expect("events");
    directory
}

/// What is zoomed into is fetched in full; the table beside the chart says it in numbers, the keyboard reaches it, and a
/// run that got worse is not called a success.
#[tokio::test]
async fn a_closer_look_shows_every_step_and_a_worse_run_is_called_so() {
    let board = Board::start();
    let directory = recording(&board, 20_000);
    let row = board.post("/api/runs/adopt", json!({ "path": directory })).await;
    let run = row["id"].as_str().expect("an id").to_owned();
    board.wait_for(&run, |row| row["step"] == 20_000).await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs/{run}?zoom=5430~5440", board.url)).await;
    browser.see_text("#outcome", "Worse than before training").await;
    let chat_first = browser
        .eval("return !!document.querySelector('#chat-with.primary')")
        .await;
    assert_eq!(
        chat_first, false,
        "the primary action of a run that got worse is to chat with it"
    );
    browser.click("[aria-label='Loss as a table']").await;
    let steps = "return [...document.querySelectorAll('.chart-table tbody th')].map(th => th.innerText).join()";
    let all: Vec<String> = (5430..=5440).map(|step| format!("step {step}")).collect();
    browser.until(&format!("{steps} === '{}'", all.join(","))).await;
    browser.screenshot("run-zoomed").await;
    let keys = "const plot = document.querySelector('.plot-box');
        plot.focus();
        plot.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true }));
        plot.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));";
    browser.eval(keys).await;
    browser.see_text(".tip", "step 5431").await;
    let csv = "return document.querySelector('a[href$=\"/series.csv\"]').getAttribute('href')";
    let path = browser.eval(csv).await;
    let csv = board.text(path.as_str().expect("a path")).await;
    assert_eq!(
        csv.lines().count(),
        20_002,
        "a row for each step, the evaluation before them and the head"
    );
}

/// Many runs over one another: one table is the legend, lines can be hidden, colours go by a metric, nothing is wider
/// than a phone.
#[tokio::test]
async fn a_dozen_runs_are_told_apart() {
    let board = Board::start();
    let mut runs = vec![];
    for n in 0..10 {
        let mut config = demo_config();
        config["max_steps"] = (2 + n % 2).into();
        config["learning_rate"] = (0.0001 * f64::from(n + 1)).into();
        runs.push(board.start_run(config).await);
    }
    for run in &runs {
        board.wait_over(run).await;
    }
    let browser = Browser::open(View::default()).await;
    browser
        .goto(&format!("{}/compare?color=lr&runs={}", board.url, runs.join(",")))
        .await;
    browser
        .until("return document.querySelectorAll('.results tbody tr').length === 10")
        .await;
    browser.see(".charts canvas").await;
    browser.see(".color-by").await;
    let colors = "return new Set([...document.querySelectorAll('.run-dot')].map(d => getComputedStyle(d).color)).size";
    assert!(
        browser.eval(colors).await.as_u64() > Some(1),
        "all runs have one colour"
    );
    // runs of two lengths: the quicker one is not the better one for it
    let starred = "return [...document.querySelectorAll('.results .best')].map(td => td.cellIndex).join()";
    let heads = "return [...document.querySelectorAll('.results thead th')].map(th => th.innerText).join()";
    let heads = browser.eval(heads).await;
    let time = heads
        .as_str()
        .expect("heads")
        .split(',')
        .position(|head| head == "Time");
    let starred = browser.eval(starred).await;
    let starred = starred.as_str().expect("places").to_owned();
    assert!(
        starred.split(',').all(|place| place.parse().ok() != time),
        "{starred} of {heads}"
    );
    browser.click(".results tbody tr:first-child .swatch-button").await;
    browser.until("return location.search.includes('hide=')").await;
    browser.screenshot("compare-many").await;
    browser
        .set_view(View {
            width: 390,
            height: 844,
            ..View::default()
        })
        .await;
    browser.settle().await;
    let over = browser
        .eval("return document.documentElement.scrollWidth - innerWidth")
        .await;
    assert!(over.as_i64() <= Some(0), "{over} px too wide at 390");
    browser.screenshot("compare-many-390").await;
}

/// A field of the search that does not exist is said; one that does finds its runs.
#[tokio::test]
async fn a_search_by_field_finds_and_an_unknown_field_is_said() {
    let board = Board::start();
    for loss in ["simpo", "ipo"] {
        let mut config = demo_config();
        config["pref_loss"] = loss.into();
        config["max_steps"] = 1.into();
        config["run_name"] = loss.into();
        if loss == "ipo" {
            config.as_object_mut().expect("keys").remove("simpo_gamma");
        }
        let run = board.start_run(config).await;
        board.wait_over(&run).await;
    }
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs", board.url)).await;
    browser.until(&format!("return {NAMES}.split(',').length === 2")).await;
    for (search, names) in [("loss:simpo", "simpo"), ("-loss:simpo", "ipo"), ("step > 5", "")] {
        browser.fill("[data-search]", search).await;
        browser.until(&format!("return {NAMES} === '{names}'")).await;
    }
    browser.fill("[data-search]", "looss:simpo").await;
    browser
        .see_text_within("[role=status]", "looss", Duration::from_secs(10))
        .await;
}
