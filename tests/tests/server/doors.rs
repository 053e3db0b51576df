//! Who gets in: users of the machine, floods of connections, a second server.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;
use tests::programs::program;

/// A user who is neither root nor anybody's.
const NOBODY: u32 = 65534;

/// The first line of the answer to a request that a user of this machine sends.
fn asked_by(user: Option<u32>, board: &Board, path: &str, token: Option<&str>) -> String {
    let host = board.url.trim_start_matches("http://").to_owned();
    let token = token
        .map(|t| format!("Authorization: bearer {t}\r\n"))
        .unwrap_or_default();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{token}Connection: close\r\n\r\n");
    let ask = move || {
        if let Some(user) = user {
            // SAFETY: the plain system call changes the user of this one thread, which ends after the request
            let done = unsafe { libc::syscall(libc::SYS_setresuid, user, user, user) };
            assert_eq!(done, 0, "the thread has another user");
        }
        let mut stream = TcpStream::connect(host).expect("a connection");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.lines().next().unwrap_or_default().to_owned()
    };
    std::thread::spawn(ask).join().expect("an answer")
}

#[tokio::test]
async fn on_loopback_the_person_and_root_need_no_token_and_every_other_user_does() {
    // SAFETY: it only reads the process's own user id
    if unsafe { libc::geteuid() } != 0 {
        println!("SKIPPED: only root can ask as another user");
        return;
    }
    let board = Board::start();
    let log = board.log();
    let address = log
        .split_whitespace()
        .find(|word| word.contains("?token="))
        .expect("the token is printed");
    let token = address.split_once("?token=").expect("a token").1.to_owned();
    for path in ["/api/system", "/api/runs", "/v1/models", "/", "/assets/nothing.js"] {
        let own = asked_by(None, &board, path, None);
        assert!(!own.contains("401"), "{path}: {own}");
        let other = asked_by(Some(NOBODY), &board, path, None);
        assert!(other.contains("401"), "{path}: {other}");
        let wrong = asked_by(Some(NOBODY), &board, path, Some(&token[1..]));
        assert!(wrong.contains("401"), "{path}: {wrong}");
        let known = asked_by(Some(NOBODY), &board, path, Some(&token));
        assert!(!known.contains("401"), "{path}: {known}");
    }
    // neither in files that others could read, nor in the environment of workers
    let system = board.get("/api/system").await;
    assert_eq!(system["token_required"], false);
    assert!(
        !fs::read_to_string(board.data_dir.join("corral.lock"))
            .expect("the lock")
            .contains(&token)
    );
}

#[tokio::test]
async fn what_the_server_and_its_workers_write_is_the_persons_alone() {
    let board = Board::start();
    let run = board
        .start_run(json!({ "max_steps": 2, "save_steps": 1, "eval_strategy": "no", "val_size": 0.0 }))
        .await;
    board.wait_over(&run).await;
    fn walk(folder: &Path, look: &mut dyn FnMut(&Path, u32)) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let meta = entry.path().symlink_metadata().expect("it is there");
            if meta.is_symlink() {
                continue;
            }
            look(&entry.path(), meta.permissions().mode());
            if meta.is_dir() {
                walk(&entry.path(), look);
            }
        }
    }
    let mut seen = 0;
    walk(&board.data_dir, &mut |path, mode| {
        seen += 1;
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    });
    assert!(seen > 20);
    let mode = fs::metadata(&board.data_dir)
        .expect("the data directory")
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[tokio::test]
async fn workers_do_not_learn_the_secrets_of_the_environment() {
    let data = tempfile::tempdir().expect("a folder");
    let mut board = Board::prepare(&program("corral"), data.path())
        .env("CORRAL_TOKEN", "a-token-of-sixteen-letters")
        .env("HF_TOKEN", "hf_secret")
        .env("WANDB_API_KEY", "wandb_secret")
        .env("PLAIN_SETTING", "kept");
    board.launch();
    let long = json!({ "max_steps": 100_000, "eval_strategy": "no", "val_size": 0.0 });
    let run = board.start_run(long).await;
    board.wait_for(&run, |row| row["state"] == "running").await;
    let workers = board.workers();
    assert!(!workers.is_empty());
    for pid in workers {
        let environment = fs::read(format!("/proc/{pid}/environ")).expect("its environment");
        let environment = String::from_utf8_lossy(&environment);
        for secret in ["a-token-of-sixteen-letters", "hf_secret", "wandb_secret"] {
            assert!(!environment.contains(secret));
        }
        assert!(environment.contains("PLAIN_SETTING=kept"));
    }
}

/// A flood of connections that say half a word shuts nobody out.
#[tokio::test]
async fn connections_that_say_nothing_keep_nobody_out() {
    let board = Board::start();
    let host = board.url.trim_start_matches("http://");
    // SAFETY: both calls are given one struct that lives through them
    unsafe {
        let mut limit = std::mem::zeroed::<libc::rlimit>();
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
    let silent: Vec<TcpStream> = (0..1300)
        .map_while(|n| {
            let mut stream = TcpStream::connect(host).ok()?;
            let half = if n % 2 == 0 { "GET / HTTP/1.1\r\nHo" } else { "" };
            stream.write_all(half.as_bytes()).ok()?;
            Some(stream)
        })
        .collect();
    if silent.len() < 1100 {
        println!("SKIPPED: this process may not open enough files ({})", silent.len());
        return;
    }
    let asked = Instant::now();
    for _ in 0..5 {
        assert_eq!(
            board.call(Method::GET, "/api/system", Value::Null).await.0,
            StatusCode::OK
        );
    }
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    drop(silent);
}

#[tokio::test]
async fn a_second_server_is_refused_even_when_the_lock_file_was_removed() {
    let board = Board::start();
    fs::remove_file(board.data_dir.join("corral.lock")).expect("removed");
    let second = Command::new(program("corral"))
        .args(["serve", "--port", &tests::board::free_port().to_string(), "--data-dir"])
        .arg(&board.data_dir)
        .stdin(Stdio::null())
        .output()
        .expect("it ends");
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && said.contains("another Corral"), "{said}");
}

#[test]
fn a_token_or_a_place_that_cannot_work_is_refused_with_a_sentence() {
    let data = tempfile::tempdir().expect("a folder");
    let start = |place: &Path, token: &str| {
        let port = tests::board::free_port().to_string();
        let output = Command::new(program("corral"))
            .args(["serve", "--port", &port, "--data-dir"])
            .arg(place)
            .env("CORRAL_TOKEN", token)
            .stdin(Stdio::null())
            .output()
            .expect("it ends");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for token in ["short", "with space in it", "with&and#in-it-long", "日本語日本語日本語"] {
        let said = start(data.path(), token);
        assert!(said.contains("CORRAL_TOKEN"), "{token}: {said}");
    }
    let said = start(&data.path().join("a,b"), "a-token-of-sixteen-letters");
    assert!(said.contains("comma"), "{said}");
}

/// One run on the processor, and one on each card that the trainer says it can train on.
#[tokio::test]
async fn as_many_runs_go_at_once_as_the_trainer_has_devices() {
    let board = Board::start();
    let told = Command::new(program("corral-trainer"))
        .args(["cuda", "status", "--json"])
        .output()
        .expect("it ends");
    let told: protocol::cuda::Cuda = serde_json::from_slice(&told.stdout).expect("what there is");
    let system = board.get("/api/system").await;
    assert_eq!(system["slots"], told.usable().count() + 1);
    let first = told.usable().next().map_or("cpu", |card| &card.name);
    assert_eq!(system["device"], first);
    assert_eq!(system["cuda"], serde_json::to_value(&told).expect("plain values"));
}
