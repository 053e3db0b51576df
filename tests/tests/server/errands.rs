//! Errands of the trainer: none is run twice for the same answer, and few at once.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::Board;
use tests::api::demo_config;
use tests::programs::program;

/// A board whose trainer writes down when it starts and ends.
struct Watched {
    board: Board,
    log: PathBuf,
    _place: TempDir,
}

impl Watched {
    /// `first`: lines of shell that the trainer begins with.
    fn start(first: &str) -> Self {
        let real = program("corral");
        let place = TempDir::new_in(real.parent().expect("a folder")).expect("a folder");
        let corral = place.path().join("corral");
        fs::hard_link(&real, &corral).expect("a link");
        let log = place.path().join("log");
        let trainer = place.path().join("corral-trainer");
        let script = format!(
            "#!/bin/sh\necho \"start $$ $*\" | head -n 1 >> '{log}'\n{first}\n'{real}' \"$@\"\nended=$?\necho \"end $$\" >> '{log}'\nexit $ended\n",
            log = log.display(),
            real = program("corral-trainer").display(),
        );
        fs::write(&trainer, script).expect("a script");
        fs::set_permissions(&trainer, fs::Permissions::from_mode(0o755)).expect("a program");
        let mut board = Board::prepare(&corral, &place.path().join("data"));
        board.launch();
        Self {
            board,
            log,
            _place: place,
        }
    }

    /// How many errands with these words were begun.
    fn begun(&self, words: &str) -> usize {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        log.lines()
            .filter(|line| line.starts_with("start") && line.contains(words))
            .count()
    }

    /// The most errands at one time.
    fn at_once(&self) -> usize {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let (mut now, mut most) = (0usize, 0);
        for line in log.lines() {
            match line.starts_with("start") {
                true => now += 1,
                false => now = now.saturating_sub(1),
            }
            most = most.max(now);
        }
        most
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_inspected_once_however_many_ask_and_few_errands_go_at_once() {
    let watched = Watched::start("");
    let board = &watched.board;
    let rows = json!([{ "instruction": "Say yes.", "output": "Yes." }, { "instruction": "Say no.", "output": "No." }]);
    for name in ["one", "two", "three", "four"] {
        let text = json!({ "file_name": "rows.json", "text": rows.to_string() });
        board
            .post("/api/datasets", json!({ "name": name, "source": { "text": text } }))
            .await;
    }
    let before = watched.begun("--dataset=one");
    // another file as far as its time says
    let file = board.data_dir.join("data/one.json");
    fs::File::options()
        .append(true)
        .open(&file)
        .and_then(|file| file.set_modified(std::time::SystemTime::now() + Duration::from_secs(9)))
        .expect("touched");
    futures::future::join_all((0..10).map(|_| board.get("/api/datasets"))).await;
    assert_eq!(watched.begun("--dataset=one"), before + 1);
    let check = |n: u64| {
        let mut config = demo_config();
        config["cutoff_len"] = json!(32 + n);
        async move { board.post("/api/check", json!({ "config": config })).await }
    };
    let answers = futures::future::join_all((0..8).map(check)).await;
    for answer in answers {
        assert_eq!(answer["errors"], json!([]), "{answer}");
    }
    assert!((2..=3).contains(&watched.at_once()), "{} at once", watched.at_once());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_no_file_cares_about_asks_the_trainer_nothing_anew() {
    let watched = Watched::start("");
    let check = async |key: &str, value: Value| {
        let mut config = demo_config();
        config[key] = value;
        let answer = watched.board.post("/api/check", json!({ "config": config })).await;
        assert_eq!(answer["errors"], json!([]), "{answer}");
        watched.begun("check --config")
    };
    assert_eq!(check("learning_rate", json!(1e-4)).await, 1);
    for (key, value, begun) in [
        ("learning_rate", json!(2e-4), 1),
        ("pref_beta", json!(0.2), 1),
        ("num_train_epochs", json!(2.0), 1),
        ("lora_target", json!("q_proj"), 2),
        ("learning_rate", json!(3e-4), 2),
    ] {
        assert_eq!(check(key, value).await, begun, "{key}");
    }
}

/// Says that it is ready, and nothing after that: a worker caught in what it can't be called out of.
const DEAF: &str = r#"if [ "$1" = chat ]; then
echo '{"type":"ready","context":512,"template":"none","resident_bytes":1}'
exec sleep 600
fi"#;

#[tokio::test(flavor = "multi_thread")]
async fn chats_that_never_end_give_their_places_back_once_nobody_waits() {
    let watched = Watched::start(DEAF);
    let board = &watched.board;
    for name in ["one", "two", "three"] {
        let folder = board.data_dir.join("models").join(name);
        crate::run_dirs::copy(&board.data_dir.join("demo/model"), &folder);
    }
    let ask = async |model: &str| {
        let body = json!({ "model": model, "stream": true, "messages": [{ "role": "user", "content": "hi" }] });
        let sent = reqwest::Client::new()
            .post(format!("{}/v1/chat/completions", board.url))
            .json(&body)
            .send();
        sent.await.expect("an answer")
    };
    let (one, two) = (ask("one").await, ask("two").await);
    assert_eq!((one.status(), two.status()), (StatusCode::OK, StatusCode::OK));
    let refused = ask("three").await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    drop((one, two, refused));
    let since = Instant::now();
    while ask("three").await.status() != StatusCode::OK {
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "the places are not given back"
        );
        tokio::task::yield_now().await;
    }
}

/// Two models at most are loaded, whoever asks for how many at once.
#[tokio::test(flavor = "multi_thread")]
async fn no_third_model_is_loaded_by_those_who_ask_at_once() {
    let watched = Watched::start(DEAF);
    let board = &watched.board;
    let names = ["one", "two", "three", "four", "five"];
    for name in names {
        let folder = board.data_dir.join("models").join(name);
        crate::run_dirs::copy(&board.data_dir.join("demo/model"), &folder);
    }
    let ask = |model: &'static str| async move {
        let body = json!({ "model": model, "stream": true, "messages": [{ "role": "user", "content": "hi" }] });
        let sent = reqwest::Client::new()
            .post(format!("{}/v1/chat/completions", board.url))
            .json(&body)
            .send();
        sent.await.expect("an answer")
    };
    let answers = futures::future::join_all(names.map(ask)).await;
    let talking = answers
        .iter()
        .filter(|answer| answer.status() == StatusCode::OK)
        .count();
    assert_eq!((talking, watched.begun("chat --stdio")), (2, 2));
}
