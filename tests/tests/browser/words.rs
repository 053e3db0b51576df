//! In Japanese and in Chinese the board says nothing in English: a failed run with its notes, an import, a refused form.

use protocol::{Said, says};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tests::{Board, Browser, Lang, View};

/// What stands on the page with three English words in a row: no names (they have capitals), no keys or paths, nothing
/// that is quoted as code, typed by the person, or the worker's own log.
const ENGLISH: &str = r"
    const own = 'pre, code, textarea, script, style, .log, .yaml, [translate=no]';
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const node = walk.currentNode;
        if (node.parentElement.closest(own) || !node.parentElement.checkVisibility()) continue;
        const bare = node.data.replace(/`[^`]*`/g, '、');
        if (/(^|\s)[a-z]{2,} [a-z]{2,} [a-z]{2,}(?=[\s.,;:]|$)/.test(bare)) found.push(node.data);
    }
    return found";

async fn english(browser: &Browser) -> Vec<Value> {
    let found = browser.eval(ENGLISH).await;
    found.as_array().cloned().unwrap_or_default()
}

/// A run recorded elsewhere that failed after some notes.
fn recording(board: &Board) -> PathBuf {
    let directory = board.data_dir.join("recordings").join("failed");
    fs::create_dir_all(&directory).expect("a folder");
    fs::write(directory.join("config.yaml"), "run_name: failed\nstage: dpo\n").expect("a config");
    let notes = [
        says::lora_dropout_off(),
        says::no_effect_here("use_unsloth", says::own_engine()),
        says::long_cutoff(4096_u64, 2048_u64),
    ];
    let mut lines: Vec<Value> = notes
        .iter()
        .map(|said| with(json!({ "type": "notice" }), said))
        .collect();
    let cause = says::file("/models/a/model.safetensors", says::other_length(10_u64, 20_u64));
    let end = json!({ "type": "finished", "outcome": "failed", "step": 0, "reference_forwards": 0 });
    lines.push(with(end, &cause));
    let text = lines.into_iter().enumerate().map(|(n, mut event)| {
        event["seq"] = json!(n + 1);
        event["time"] = json!(1_700_000_000_000_u64 + n as u64);
        format!("{event}\n")
    });
    fs::write(directory.join("events.jsonl"), text.collect::<String>()).expect("events");
    directory
}

/// An event that says something.
fn with(mut event: Value, said: &Said) -> Value {
    let said = serde_json::to_value(said).expect("JSON");
    for key in ["message", "code", "args"] {
        event[key] = said.get(key).cloned().unwrap_or_default();
    }
    if event["args"].is_null() {
        event["args"] = json!([]);
    }
    event
}

/// A language, what the pages are called in it, and what they are to say.
struct Speech {
    lang: Lang,
    outcome: &'static str,
    /// Why the run failed.
    cause: &'static str,
    import: &'static str,
    read: &'static str,
    /// Of the imported lines.
    said: [&'static str; 3],
}

#[tokio::test]
async fn no_english_in_japanese_and_chinese() {
    let board = Board::start();
    let row = board
        .post("/api/runs/adopt", json!({ "path": recording(&board) }))
        .await;
    let run = row["id"].as_str().expect("an id").to_owned();
    board.wait_over(&run).await;
    let speech = [
        Speech {
            lang: Lang::Ja,
            outcome: "結果",
            cause: "ダウンロードし直してください",
            import: "YAML の読み込み",
            read: "読み込む",
            said: ["独自のエンジン", "整数", "参照モデル"],
        },
        Speech {
            lang: Lang::Zh,
            outcome: "结果",
            cause: "请重新下载",
            import: "导入 YAML",
            read: "读取",
            said: ["自己的引擎", "整数", "参考模型"],
        },
    ];
    for speech in speech {
        let lang = speech.lang;
        let browser = Browser::open(View {
            lang,
            ..View::default()
        })
        .await;
        browser.goto(&format!("{}/runs/{run}", board.url)).await;
        browser.role_says("region", speech.outcome, speech.cause).await;
        browser.settle().await;
        assert_eq!(english(&browser).await, [] as [Value; 0], "the run");
        browser.goto(&format!("{}/new?import=file", board.url)).await;
        let text = "stage: dpo\nuse_unsloth: true\nlora_rank: many\ndeepspeed: z3.json\npref_loss: simpo\nsync_ref_model: true\n";
        browser.enter("textbox", speech.import, text).await;
        browser.press("button", speech.read).await;
        for words in speech.said {
            browser.role_says("dialog", speech.import, words).await;
        }
        assert_eq!(english(&browser).await, [] as [Value; 0], "the import");
        // a sentence in English would be found
        let plant = "document.querySelector('#import-outcome').append('the file is not there')";
        browser.eval(&format!("{plant}; return true")).await;
        assert_eq!(english(&browser).await.len(), 1);
    }
}
