//! Pictures of every page in every dress, to look at: `target/screenshots/pages/PAGE-LANG-THEME-WIDTH.png`.

use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tests::api::demo_config;
use tests::recorded::{End, Recording};
use tests::{Board, Browser, Lang, Theme, View, programs};

/// A page, and what is done on it before its picture.
struct Shot {
    name: &'static str,
    path: String,
    act: String,
}

fn plain(name: &'static str, path: impl Into<String>) -> Shot {
    acted(name, path, "")
}

fn acted(name: &'static str, path: impl Into<String>, act: impl Into<String>) -> Shot {
    Shot {
        name,
        path: path.into(),
        act: act.into(),
    }
}

/// Puts a value into a field as typing would.
fn typed(css: &str, value: &str) -> String {
    format!(
        "{{ const e = document.querySelector({css:?});
            Object.getOwnPropertyDescriptor(Object.getPrototypeOf(e), 'value').set.call(e, {value});
            e.dispatchEvent(new Event('input', {{ bubbles: true }})); }}",
        value = json!(value)
    )
}

/// Every dress: language, theme, width.
fn views() -> Vec<View> {
    let mut all = vec![];
    for lang in [Lang::En, Lang::Ja, Lang::Zh] {
        for theme in [Theme::Light, Theme::Dark] {
            for (width, height) in [(1440, 900), (390, 844), (768, 1024), (2560, 1440)] {
                all.push(View {
                    width,
                    height,
                    theme,
                    lang,
                });
            }
        }
    }
    all
}

fn dress(view: View) -> String {
    format!("{:?}-{:?}-{}", view.lang, view.theme, view.width).to_lowercase()
}

/// Takes the pictures, and says which pages scroll sideways. Of all dresses it takes those that `DRESSES` names
/// (`en-light-1440,ja-dark-390`), where it is set: all of them are over a thousand pictures.
async fn take(board: &Board, shots: &[Shot]) -> Vec<String> {
    let folder = programs::screenshots().join("pages");
    fs::create_dir_all(&folder).expect("a folder");
    let asked = std::env::var("DRESSES").unwrap_or_default();
    let wanted = |view: &View| asked.is_empty() || asked.split(',').any(|name| name == dress(*view));
    let mut wide = vec![];
    for view in views().into_iter().filter(wanted) {
        let browser = Browser::open(view).await;
        let dress = dress(view);
        for Shot { name, path, act } in shots {
            browser.goto(&format!("{}{path}", board.url)).await;
            if !act.is_empty() {
                browser.eval(act).await;
                browser.settle().await;
            }
            let over = browser
                .eval("return document.documentElement.scrollWidth - innerWidth")
                .await;
            if over.as_i64() > Some(0) {
                wide.push(format!("{name} {dress}: {over} px too wide"));
            }
            let path: PathBuf = folder.join(format!("{name}-{dress}.png"));
            browser.screenshot_to(&path, true).await;
        }
    }
    wide
}

/// A step of a recorded run.
fn step(step: u64) -> Value {
    let noise = ((step.wrapping_mul(2_654_435_761) >> 7) % 1000) as f64 / 1000.0;
    let way = step as f64 / 400.0;
    json!({
        "loss": 0.7 - 0.5 * way + 0.1 * noise, "rewards/margins": 2.0 * way + 0.4 * noise,
        "rewards/chosen": way + 0.2 * noise, "rewards/rejected": -way - 0.2 * noise,
        "logps/chosen": -40.0 - 4.0 * way, "logps/rejected": -45.0 - 20.0 * way,
        "grad_norm": 1.0 + noise, "learning_rate": 1e-5 * (1.0 - way), "tokens_per_second": 900.0 + 50.0 * noise,
    })
}

fn recording(name: &str, gain: f64, end: End) -> Recording {
    let eval = |way: f64| json!({ "eval_loss": 0.7 - gain * way / 2.0, "preference/accuracies": 0.5 + gain * way / 2.2, "preference/margins": gain * way });
    Recording {
        name: name.into(),
        steps: 400,
        step,
        evals: (0..=8).map(|n| (50 * n, eval(n as f64 / 8.0))).collect(),
        end,
    }
}

/// The runs of a board that is in use, and rows of one's own.
struct Used {
    done: String,
    going: String,
    queued: String,
    recorded: Vec<String>,
    failed: String,
    elsewhere: String,
    cancelled: String,
    sweep: String,
}

async fn use_it(board: &Board) -> Used {
    let mut config = demo_config();
    config["max_steps"] = 12.into();
    config["run_name"] = "demo-dpo-1".into();
    config["sample_prompts"] = 3.into();
    config["sample_max_new_tokens"] = 24.into();
    let done = board.start_run(config).await;
    board.wait_over(&done).await;
    let mut config = demo_config();
    config["max_steps"] = 4.into();
    let parameters = json!([
        { "key": "pref_beta", "values": { "list": [0.1, 0.3, 0.5] } },
        { "key": "learning_rate", "values": { "list": [1e-4, 1e-3, 1e-2] } },
    ]);
    let asked = json!({ "config": config, "sweep": { "parameters": parameters, "metric": "preference/margins" } });
    let sweep = board.post("/api/sweeps", asked).await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let mut live = board.live().await;
    while board.get(&format!("/api/sweeps/{sweep}")).await["summary"]["state"] == "going" {
        live.until(|message| message["type"] == "run").await;
    }
    let endless = json!({ "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0, "save_strategy": "no" });
    let mut recorded = vec![];
    for n in 0..10_u32 {
        let name = match n {
            0 => "a-name-as-long-as-people-really-write-them-simpo-gamma-0.55-beta-2.2-lr-1e-6-seed-42".to_owned(),
            n => format!("sweep-{n}"),
        };
        let run = recording(&name, 0.1 * f64::from(n), End::Completed);
        recorded.push(run.adopted(board).await);
    }
    let failed = recording(
        "too-eager",
        -0.4,
        End::Failed("diverged at step 400: the loss is not a number"),
    );
    let failed = failed.adopted(board).await;
    let elsewhere = recording("on-another-machine", 0.5, End::Elsewhere)
        .adopted(board)
        .await;
    let going = board.start_run(endless.clone()).await;
    let cancelled = board.start_run(endless.clone()).await;
    board.post(&format!("/api/runs/{cancelled}/stop"), json!("now")).await;
    let queued = board.start_run(endless).await;
    board.wait_for(&going, |row| row["step"].as_u64() > Some(3)).await;
    let rows = "{\"prompt\":\"富士山の高さは？\",\"chosen\":\"3776 メートルです。\",\"rejected\":\"知りません。\"}\n{\"prompt\":\"a\",\"chosen\":\"\",\"rejected\":\"\"}\n";
    let source = json!({ "text": { "file_name": "x.jsonl", "text": rows } });
    board
        .post("/api/datasets", json!({ "name": "own_rows", "source": source }))
        .await;
    Used {
        done,
        going,
        queued,
        recorded,
        failed,
        elsewhere,
        cancelled,
        sweep,
    }
}

fn shots(used: &Used) -> Vec<Shot> {
    let all = used.recorded.join(",");
    let two = used.recorded[8..].join(",");
    let key = |key: &str, ctrl: bool| {
        format!("dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', ctrlKey: {ctrl} }}))")
    };
    let select = "[...document.querySelectorAll('.run-row input[type=checkbox]')].slice(0, 3).forEach(e => e.click())";
    let lines = "stage: dpo\npref_loss: ipo\npref_beta: 0.25\nld_alpha: 0.5\nuse_unsloth: true\nlearning_rat: 1\n";
    let read = format!(
        "{} setTimeout(() => document.querySelector('#import-read').click(), 50)",
        typed("#import-text", lines)
    );
    let register =
        json!({ "mine": { "file_name": "pairs.jsonl", "ranking": true }, "gone": { "file_name": "nowhere.json" } });
    let pasted = format!(
        "{}{} setTimeout(() => document.querySelector('#data-add').click(), 50)",
        typed("#data-text", &register.to_string()),
        typed("#data-name", "mine")
    );
    let wrong = [
        ("[data-key=learning_rate] input", "-1"),
        ("[data-key=lora_rank] input", "x"),
        ("#run-name", "a/b"),
    ]
    .map(|(css, value)| typed(css, value))
    .concat();
    let ask = format!(
        "{} setTimeout(() => document.querySelector('#chat-send').click(), 50)",
        typed("#chat-input", "What is the capital of Kenya?")
    );
    let offline = "window.__offline = true; (window.__sockets || []).forEach(socket => socket.close())";
    let mut all_shots = vec![
        plain("home", "/"),
        plain("runs", "/runs"),
        acted("runs-selected", "/runs", select),
        plain("runs-no-match", "/runs?q=nothing-of-that-name"),
        plain("runs-unknown-field", "/runs?q=looss:simpo"),
        acted(
            "runs-columns",
            "/runs",
            "document.querySelector('.runs-bar .popover .btn').click()",
        ),
    ];
    for (name, run) in [
        ("run-done", &used.done),
        ("run-recorded", &used.recorded[9]),
        ("run-going", &used.going),
        ("run-queued", &used.queued),
        ("run-failed", &used.failed),
        ("run-elsewhere", &used.elsewhere),
        ("run-cancelled", &used.cancelled),
    ] {
        all_shots.push(plain(name, format!("/runs/{run}")));
    }
    for (name, tab) in [
        ("run-config", "config"),
        ("run-checkpoints", "checkpoints"),
        ("run-log", "log"),
        ("run-files", "files"),
        ("run-pairs", "pairs&pair=0"),
        ("run-samples", "samples&prompt=1"),
    ] {
        all_shots.push(plain(name, format!("/runs/{}?tab={tab}", used.done)));
    }
    all_shots.extend([
        plain("run-gone", "/runs/no-such-run"),
        plain("run-no-pairs", format!("/runs/{}?tab=pairs", used.failed)),
        plain("run-no-samples", format!("/runs/{}?tab=samples", used.failed)),
        plain("sweep", format!("/sweeps/{}", used.sweep)),
        plain("sweep-gone", "/sweeps/no-such-sweep"),
        plain("evaluate", "/evaluate"),
        acted(
            "run-menu",
            format!("/runs/{}", used.done),
            "document.querySelector('.run-head .popover .btn').click()",
        ),
        plain("compare-two", format!("/compare?runs={two}&pin={}", used.recorded[8])),
        plain("compare-ten", format!("/compare?runs={all}")),
        plain("compare-none", "/compare"),
        plain("new", "/new"),
        acted(
            "new-open",
            "/new",
            "document.querySelectorAll('details').forEach(d => d.open = true)",
        ),
        acted("new-wrong", "/new", wrong),
        plain("new-next", format!("/new?parent={}", used.done)),
        acted("new-import", "/new?import=file", read),
        plain("data", "/data"),
        plain("data-detail", "/data/demo_en"),
        plain("data-own", "/data/own_rows"),
        plain("data-gone", "/data/nothing"),
        plain("data-upload", "/data?add=upload"),
        plain("data-path", "/data?add=path"),
        acted("data-register", "/data?add=paste", pasted),
        plain("models", "/models"),
        acted(
            "models-open",
            "/models",
            "document.querySelector('#models .link')?.click()",
        ),
        plain("chat", "/chat"),
        acted("chat-replies", format!("/chat?run={}", used.done), ask),
        acted("palette", "/runs", key("k", true)),
        acted("keys", "/runs", key("?", false)),
        acted("offline", "/data", offline),
        acted("offline-home", "/", offline),
        acted("offline-run", format!("/runs/{}", used.done), offline),
        plain("no-page", "/no-such-page"),
    ]);
    all_shots
}

/// Not part of `make test`: pictures are looked at.
#[tokio::test]
#[ignore = "pictures to look at: cargo test --workspace --test browser screens -- --ignored"]
async fn every_page_in_every_dress() {
    let fresh = Board::start();
    let mut wide = take(&fresh, &[plain("home-first", "/"), plain("models-first", "/models")]).await;
    drop(fresh);
    let board = Board::start();
    let one = board
        .start_run(json!({ "max_steps": 4, "run_name": "the-first" }))
        .await;
    board.wait_over(&one).await;
    wide.extend(take(&board, &[plain("runs-one", "/runs")]).await);
    let used = use_it(&board).await;
    wide.extend(take(&board, &shots(&used)).await);
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}
