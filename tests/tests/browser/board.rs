//! The board in a real Chromium over a real server, a real trainer and a real database.

use std::process::Command;
use std::time::Duration;
use tests::api::demo_config;
use tests::browser::{Lang, Theme};
use tests::visit::first_visit;
use tests::{Board, Browser, View};

/// A run of the demo, on a busy machine.
const RUN: Duration = Duration::from_secs(240);

/// From the click on the demo to a chat that has changed and a checkpoint on disk, with nothing but the two programs.
#[tokio::test]
async fn a_first_visit_ends_with_a_tuned_model_on_disk() {
    let alone = tempfile::tempdir().expect("a folder");
    for name in ["corral", "corral-trainer"] {
        std::fs::copy(tests::programs::program(name), alone.path().join(name)).expect("the program is copied");
    }
    let mut board = Board::prepare(&alone.path().join("corral"), &alone.path().join("data"));
    board.launch();
    let browser = Browser::open(View::default()).await;
    let visit = first_visit(&browser, &board.url).await;
    let [before, after] = &visit.replies;
    assert!(!before.is_empty() && !after.is_empty());
    assert_ne!(before, after, "the chat has not changed");
    assert!(
        after.len() > before.len(),
        "curt before, helpful after: `{before}`, `{after}`"
    );
    browser.screenshot("visit-chat").await;

    let unpacked = tempfile::tempdir().expect("a folder");
    let tar = Command::new("tar")
        .arg("xf")
        .arg(&visit.archive)
        .arg("-C")
        .arg(unpacked.path())
        .status();
    assert!(tar.expect("tar runs").success());
    let folder = std::fs::read_dir(unpacked.path())
        .unwrap()
        .next()
        .expect("one folder")
        .unwrap()
        .path();
    let sums = Command::new("sha256sum")
        .args(["-c", "--quiet", "SHA256SUMS"])
        .current_dir(&folder)
        .status();
    assert!(sums.expect("sha256sum runs").success(), "a checksum is wrong");
    for file in [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ] {
        assert!(folder.join(file).is_file(), "{file} is not in the download");
    }

    browser.goto(&visit.run).await;
    browser.role_says("region", "Outcome", "%").await;
    browser.screenshot("visit-run").await;
    let left: Vec<_> = std::fs::read_dir(alone.path())
        .unwrap()
        .map(|f| f.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 3, "only the programs and the data directory: {left:?}");
}

/// A reload in the middle of a run shows the same picture, without a gap, and the run never noticed.
#[tokio::test]
async fn a_reload_in_the_middle_of_a_run_loses_nothing() {
    let board = Board::start();
    // it goes on until it is told to stop, however fast the machine
    let endless =
        serde_json::json!({ "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0, "save_strategy": "no" });
    let run = board.start_run(endless).await;
    let browser = Browser::open(View::default()).await;
    let page = format!("{}/runs/{run}", board.url);
    browser.goto(&page).await;
    board.wait_for(&run, |row| row["step"].as_u64() >= Some(3)).await;
    browser.goto(&page).await;
    board.wait_for(&run, |row| row["step"].as_u64() >= Some(12)).await;
    board.post(&format!("/api/runs/{run}/stop"), "now".into()).await;
    browser.role_within("region", "Outcome", RUN).await;
    // every point: a fast machine makes more of them than a chart is sent
    let csv = "return fetch('/api/runs/RUN/series.csv').then(answer => answer.text())";
    let csv = browser.eval(&csv.replace("RUN", &run)).await;
    let rows = csv.as_str().expect("a table").lines().skip(1);
    let steps: Vec<u64> = rows
        .map(|row| {
            row.split(',')
                .next()
                .and_then(|step| step.parse().ok())
                .expect("a step")
        })
        .collect();
    assert!(
        steps.len() > 10 && steps.windows(2).all(|w| w[1] == w[0] + 1),
        "a gap: {steps:?}"
    );
    browser.role("image", "Reward margin. …").await;
    browser.screenshot("run-after-reload").await;
}

/// Two runs of different losses, side by side: charts, differences only, the best marked; the address holds the view.
#[tokio::test]
async fn two_runs_are_compared() {
    let board = Board::start();
    let mut runs = vec![];
    for loss in ["simpo", "sigmoid"] {
        let mut config = demo_config();
        config["pref_loss"] = loss.into();
        config["max_steps"] = 6.into();
        if loss == "sigmoid" {
            config.as_object_mut().expect("keys").remove("simpo_gamma");
            config["pref_beta"] = 0.1.into();
        }
        runs.push(board.start_run(config).await);
    }
    for run in &runs {
        board.wait_over(run).await;
    }
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/runs", board.url)).await;
    for run in &runs {
        let row = board.get(&format!("/api/runs/{run}")).await;
        let name = row["summary"]["name"].as_str().expect("a name");
        browser.press("checkbox", &format!("Select {name}")).await;
    }
    browser.press("link", "Compare").await;
    browser.role_says("region", "Results", "pref_loss").await;
    browser.role_says("region", "Results", "simpo").await;
    let same = browser
        .eval("return document.body.innerText.includes('lora_rank')")
        .await;
    assert_eq!(same, false, "a key that does not differ is shown");
    browser.role_says("region", "Results", "best of the column").await;
    browser.role("image", "Held-out preference margin. …").await;
    browser.screenshot("compare").await;
    let address = browser.eval("return location.href").await;
    browser.goto(address.as_str().expect("an address")).await;
    browser.role_says("region", "Results", "pref_loss").await;
}

/// A form that can't be started says what is wrong, where, and goes on when it is mended.
#[tokio::test]
async fn a_form_with_an_error_is_refused_beside_the_field() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new", board.url)).await;
    let wrong = async |wrong: bool| {
        let says = format!("e.getAttribute('aria-invalid') === '{wrong}'");
        browser.until_role("textbox", "Learning rate", &says).await;
    };
    browser.enter("textbox", "Learning rate", "-1").await;
    wrong(true).await;
    browser.press("button", "Start").await;
    browser.role_says("list", "1 thing to mend", "learning_rate").await;
    browser.screenshot("form-refused").await;
    let count = board.get("/api/runs").await;
    assert_eq!(
        count.as_array().map(Vec::len),
        Some(0),
        "a run was made of a wrong form"
    );
    browser.enter("textbox", "Learning rate", "0.001").await;
    wrong(false).await;
    browser.role_gone("list", "1 thing to mend").await;
}

/// A file from LLaMA-Factory fills the form; what in it contradicts itself is named in the person's language, and what is
/// left can start.
#[tokio::test]
async fn an_imported_file_says_what_does_not_fit_and_fills_the_form() {
    let board = Board::start();
    let lang = Lang::Ja;
    let browser = Browser::open(View {
        lang,
        ..View::default()
    })
    .await;
    let file = board.data_dir.join("theirs.yaml");
    let yaml = "stage: dpo\npref_loss: ipo\npref_beta: 0.25\nld_alpha: 0.5\nmodel_name_or_path: corral-demo\n\
                dataset: demo_ja\nuse_unsloth: true\nmax_steps: 2\n";
    std::fs::write(&file, yaml).unwrap();
    browser.goto(&format!("{}/new", board.url)).await;
    browser.press("button", "YAML を読み込む").await;
    browser.choose_file("ファイルを選択", &file).await;
    for said in ["ld_alpha 使える損失", "use_unsloth"] {
        browser.role_says("dialog", "YAML の読み込み", said).await;
    }
    browser.screenshot("import-conflicts").await;
    browser.press("button", "この設定を使う").await;
    browser.until_role("textbox", "Beta (β)", "e.value === '0.25'").await;
    browser.press("button", "開始").await;
    browser.until("return location.pathname.startsWith('/runs/')").await;
    let runs = board.get("/api/runs").await;
    let run = board
        .get(&format!("/api/runs/{}", runs[0]["id"].as_str().unwrap()))
        .await;
    let directory = std::path::Path::new(run["directory"].as_str().unwrap());
    let config = std::fs::read_to_string(directory.join("config.yaml")).unwrap();
    assert!(
        config.contains("pref_loss: ipo") && config.contains("pref_beta: 0.25"),
        "{config}"
    );
    assert!(!config.contains("ld_alpha"), "{config}");
}

/// One's own file, in the preference guide's own format: recognised, its bad row named, its rows shown as tokens.
#[tokio::test]
async fn a_file_of_ones_own_is_recognised_and_shown() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    let pair = |n: usize| {
        serde_json::json!({
            "conversations": [{"from": "human", "value": format!("Question {n}?")}, {"from": "gpt", "value": "A good answer."}],
            "rejected_conversations": [{"from": "human", "value": format!("Question {n}?")}, {"from": "gpt", "value": "No."}],
        })
    };
    let mut rows: Vec<_> = (0..12).map(pair).collect();
    rows[4]["rejected_conversations"][0]["value"] = "Another question?".into();
    let file = board.data_dir.join("mine.json");
    std::fs::write(&file, serde_json::to_vec(&rows).unwrap()).unwrap();
    browser.goto(&format!("{}/data?add=upload", board.url)).await;
    browser.choose_file("Choose a file", &file).await;
    browser.enter("textbox", "Name", "mine").await;
    browser.press("button", "Add").await;
    browser.role("heading", "mine").await;
    browser.role("cell", "5").await;
    let info = board.get("/api/datasets").await;
    let mine = info
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["name"] == "mine")
        .expect("it is in the list")
        .clone();
    assert_eq!(mine["inspection"]["rows"], 12);
    assert_eq!(mine["inspection"]["usable"], 11);
    assert_eq!(mine["inspection"]["bad_rows"][0]["row"], 5);
    browser.screenshot("data-mine").await;
}

/// The same pages in three languages, light and dark, wide and narrow: words of the language, nothing cut off.
#[tokio::test]
async fn the_board_speaks_three_languages() {
    let board = Board::start();
    for (lang, code, runs) in [
        (Lang::En, "en", "Runs"),
        (Lang::Ja, "ja", "実行"),
        (Lang::Zh, "zh", "运行"),
    ] {
        let theme = if matches!(lang, Lang::Ja) {
            Theme::Dark
        } else {
            Theme::Light
        };
        let browser = Browser::open(View {
            lang,
            theme,
            ..View::default()
        })
        .await;
        for page in ["runs", "new", "data", "models", "chat"] {
            browser.goto(&format!("{}/{page}", board.url)).await;
            browser.role("link", runs).await;
            let html = browser.eval("return document.documentElement.lang").await;
            assert!(html.as_str().is_some_and(|l| l.starts_with(code)), "{page}: {html}");
            browser.settle().await;
            browser.screenshot(&format!("{page}-{code}")).await;
        }
        browser
            .set_view(View {
                width: 390,
                height: 844,
                lang,
                theme,
            })
            .await;
        for page in ["runs", "new", "data", "models", "chat"] {
            browser.goto(&format!("{}/{page}", board.url)).await;
            browser.settle().await;
            let over = browser
                .eval("return document.documentElement.scrollWidth - innerWidth")
                .await;
            assert!(
                over.as_i64() <= Some(0),
                "{page} in {code} is {over} px too wide at 390"
            );
            browser.screenshot(&format!("{page}-{code}-390")).await;
        }
    }
}
