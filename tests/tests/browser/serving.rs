//! The board as `corral` itself serves it: pages, their policy, and the same address after a kill.

use serde_json::json;
use std::process::Command;
use tests::programs::program;
use tests::recorded::{End, Recording};
use tests::{Board, Browser, View};

#[tokio::test]
async fn the_first_page_loads_without_an_error_on_the_console() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&board.url).await;
    browser.until("return !!document.querySelector('.shell')").await;
    browser.screenshot("first-visit").await;
}

/// The module goes out packed by Brotli to browsers that take it, as it is to others; the layout is there before it.
#[tokio::test]
async fn assets_go_out_packed_and_the_layout_first() {
    let board = Board::start();
    let client = reqwest::Client::new();
    let page = client.get(&board.url).send().await.expect("an answer");
    let page = page.text().await.expect("a page");
    assert!(page.contains("id=\"boot\""), "{page}");
    let (_, rest) = page.split_once("application/wasm").expect("the module's address");
    let module = rest
        .split('"')
        .find(|word| word.starts_with("/assets/"))
        .expect("a path");
    let fetch = async |accepted: &str| {
        let request = client.get(format!("{}{module}", board.url));
        let answer = request
            .header("accept-encoding", accepted)
            .send()
            .await
            .expect("an answer");
        let encoding = answer.headers().get("content-encoding").cloned();
        let vary = answer.headers().get("vary").cloned();
        let bytes = answer.bytes().await.expect("a body").len();
        (encoding, vary, bytes)
    };
    let (plain, vary, whole) = fetch("identity").await;
    assert_eq!((plain, vary.is_some()), (None, true));
    let (packed, _, bytes) = fetch("gzip, deflate, br").await;
    assert_eq!(packed.expect("an encoding"), "br");
    assert!(bytes * 3 < whole, "{bytes} of {whole} bytes");
    println!("bundle: module {whole} bytes, {bytes} as sent");
}

/// The page is sent with its first words: the newest runs, or that there are none; the board takes their place.
#[tokio::test]
async fn the_page_comes_with_the_newest_runs_in_it() {
    let board = Board::start();
    assert!(board.text("/").await.contains("class=\"boot-no-runs\""));
    let run = Recording {
        name: "a<b>&c".into(),
        steps: 7,
        step: |step| json!({ "loss": 1.0 / step as f64 }),
        evals: vec![(7, json!({ "preference/accuracies": 0.875 }))],
        end: End::Completed,
    };
    let id = run.adopted(&board).await;
    let page = board.text("/runs").await;
    for part in [format!("href=\"/runs/{id}\""), "a&lt;b&gt;&amp;c".into(), "0.88".into()] {
        assert!(page.contains(&part), "{part} in {page}");
    }
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs", board.url)).await;
    browser.see("tr.run-row").await;
    browser.until("return !document.querySelector('#boot')").await;
    // an order of one's own is left to the board
    assert!(!board.text("/runs?sort=acc").await.contains("boot-runs"));
}

#[tokio::test]
async fn a_killed_server_comes_back_at_the_same_address() {
    let mut board = Board::start();
    let first = board.pid();
    board.restart();
    assert_ne!(board.pid(), first);
    let page = reqwest::get(&board.url)
        .await
        .expect("an answer")
        .text()
        .await
        .expect("a page");
    assert!(page.contains("board.js"), "{page}");
}

/// The line the form shows for a terminal, on a machine where no board was ever started.
#[test]
fn a_config_that_names_the_demo_trains_from_the_command_line() {
    let here = tempfile::tempdir().expect("a folder");
    let yaml = "stage: dpo\npref_loss: simpo\nmodel_name_or_path: corral-demo\ndataset: demo_en\nmax_steps: 1\n";
    std::fs::write(here.path().join("run.yaml"), yaml).expect("a config");
    let done = Command::new(program("corral"))
        .args(["train", "run.yaml", "output_dir=run"])
        .current_dir(here.path())
        .env("DATA_DIR", here.path().join("data"))
        .output()
        .expect("corral starts");
    let words = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{words}");
    assert!(
        here.path().join("run/checkpoint-1/adapter_model.safetensors").is_file(),
        "{words}"
    );
}
