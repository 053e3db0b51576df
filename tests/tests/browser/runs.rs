//! The pages of runs in a real Chromium: the list that lives, the page that claims only what is there, charts looked at
//! closely.

use serde_json::json;
use tests::api::demo_config;
use tests::recorded::{End, Recording};
use tests::{Board, Browser, View};

/// A run that goes on until it is stopped.
fn endless() -> serde_json::Value {
    json!({ "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0, "save_strategy": "no" })
}

/// Waits until the table has these runs, in this order: each row begins with a box to select it by its name.
async fn until_runs(browser: &Browser, names: &[&str]) {
    let rows = |boxes: &[String]| {
        let rows = boxes.iter().filter_map(|name| name.strip_prefix("Select "));
        rows.filter(|name| *name != "all shown")
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    browser.until_names("checkbox", |boxes| rows(boxes) == names).await;
}

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
        until_runs(tab, &["first"]).await;
    }
    board.start_run(named("second", json!({}))).await;
    let third = board.start_run(named("third", json!({}))).await;
    for tab in &tabs {
        until_runs(tab, &["first", "second", "third"]).await;
    }
    // in one list the third is moved before the second: it moves in the other too
    tabs[0].press("button", "Start third earlier").await;
    for tab in &tabs {
        until_runs(tab, &["first", "third", "second"]).await;
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
        until_runs(tab, &["first", "second"]).await;
    }
    // an archived run leaves both, says so, and comes back with Undo
    tabs[1].press("checkbox", "Select second").await;
    tabs[1].press("button", "Archive").await;
    for tab in &tabs {
        until_runs(tab, &["first"]).await;
    }
    tabs[1].role_gone("region", "1 selected").await;
    tabs[1].press("button", "Undo").await;
    for tab in &tabs {
        until_runs(tab, &["first", "second"]).await;
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
        browser.role_says("region", "Outcome", said).await;
        browser.role("button", offered).await;
        for (role, absent) in [("link", "Chat with it"), ("button", "Download merged")] {
            assert!(!browser.has_role(role, absent).await, "{absent} of {said}");
        }
    }
    // a note is kept though the field is never left
    browser.type_on("textbox", "Note", "came to nothing").await;
    board.wait_for(&first, |row| row["note"] == "came to nothing").await;
    // and so is a name, when the page is left in the middle of it
    browser.type_on("textbox", "Rename the run", "-again").await;
    browser.press("link", "Data").await;
    let renamed = |row: &serde_json::Value| row["name"].as_str().is_some_and(|name| name.ends_with("-again"));
    board.wait_for(&first, renamed).await;
}

/// What is zoomed into is fetched in full; the table beside the chart says it in numbers, the keyboard reaches it, and a
/// run that got worse is not called a success.
#[tokio::test]
async fn a_closer_look_shows_every_step_and_a_worse_run_is_called_so() {
    let board = Board::start();
    let accuracy = |share: f64| json!({ "preference/accuracies": share });
    let long = Recording {
        name: "long".into(),
        steps: 20_000,
        step: |step| json!({ "loss": 1.0 / step as f64, "rewards/margins": 0.0 }),
        evals: vec![(0, accuracy(0.5)), (20_000, accuracy(0.1))],
        end: End::Completed,
    };
    let run = long.adopted(&board).await;
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs/{run}?zoom=5430~5440", board.url)).await;
    browser
        .role_says("region", "Outcome", "Worse than before training")
        .await;
    assert!(
        !browser.has_role("link", "Chat with it").await,
        "a run without a checkpoint offers a chat"
    );
    browser.press("button", "Loss as a table").await;
    let all: Vec<String> = (5430..=5440).map(|step| format!("step {step}")).collect();
    browser.until_names("rowheader", |steps| steps == all).await;
    browser.screenshot("run-zoomed").await;
    let plot = browser.role("image", "Reward margin. …").await;
    // Home, then the arrow to the right
    plot.send_keys("\u{e011}\u{e014}").await.expect("keys");
    browser.see_text("[aria-live]", "step 5431").await;
    let path = browser.until_role("link", "CSV", "e.getAttribute('href')").await;
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
    let rows = |names: &[String]| names.iter().filter(|name| name.ends_with(" the baseline")).count() == 10;
    browser.until_names("button", rows).await;
    browser.role("image", "Held-out preference margin. …").await;
    browser.role("combobox", "Colour by").await;
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
    let name = board.get(&format!("/api/runs/{}", runs[0])).await["summary"]["name"].clone();
    let hide = format!("Hide {} in the charts", name.as_str().expect("a name"));
    browser.press("button", &hide).await;
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
    until_runs(&browser, &["ipo", "simpo"]).await;
    let search = "Search, or loss:simpo acc>0.9 -word";
    for (words, names) in [
        ("loss:simpo", &["simpo"][..]),
        ("-loss:simpo", &["ipo"]),
        ("step > 5", &[]),
    ] {
        browser.enter("searchbox", search, words).await;
        until_runs(&browser, names).await;
    }
    browser.enter("searchbox", search, "looss:simpo").await;
    browser.see_text("[role=status]", "looss").await;
}
