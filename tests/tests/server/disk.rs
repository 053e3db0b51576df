//! A full disk, made of a small file system of its own: nothing is lost, what could not be done is said, and when there
//! is room again all goes on without a restart.

use std::ffi::CString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;

/// A mounted file system of some MiB; dropped, it is gone.
struct SmallDisk {
    place: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` where this user can't mount: said, so that a skipped test is seen.
    #[expect(
        clippy::print_stdout,
        reason = "who runs the tests is told which of them could not be run"
    )]
    fn mount(mib: u32) -> Option<Self> {
        let place = tempfile::tempdir().expect("a folder");
        let (kind, target) = (c"tmpfs", path(place.path()));
        let options = CString::new(format!("size={mib}m,mode=0700")).expect("options");
        // SAFETY: all pointers are C strings that outlive the call
        let done = unsafe {
            libc::mount(
                kind.as_ptr(),
                target.as_ptr(),
                kind.as_ptr(),
                0,
                options.as_ptr().cast(),
            )
        };
        if done != 0 {
            println!(
                "SKIPPED: a file system can't be mounted here: {}",
                std::io::Error::last_os_error()
            );
            return None;
        }
        Some(Self { place })
    }

    fn data_dir(&self) -> PathBuf {
        self.place.path().join("data")
    }

    /// Takes all room but `left` bytes.
    fn fill(&self, left: u64) {
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(self.filler())
            .expect("a file");
        let block = vec![7; 64 << 10];
        while file.write_all(&block).is_ok() {}
        while file.write_all(&[7]).is_ok() {}
        let length = file.metadata().expect("its length").len();
        file.set_len(length.saturating_sub(left)).expect("shortened");
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).expect("removed");
    }

    fn filler(&self) -> PathBuf {
        self.place.path().join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let target = path(self.place.path());
        // SAFETY: the pointer is a C string that outlives the call
        unsafe { libc::umount2(target.as_ptr(), libc::MNT_DETACH) };
    }
}

fn path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_encoded_bytes()).expect("a path without NUL")
}

#[tokio::test]
async fn a_full_disk_ends_a_run_with_words_and_the_database_works_again_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(48) else { return };
    let board = Board::start_in(&disk.data_dir());
    let long = json!({ "max_steps": 100_000, "save_steps": 100_000, "eval_strategy": "no", "val_size": 0.0 });
    let run = board.start_run(long).await;
    let next = board
        .start_run(json!({ "max_steps": 1, "eval_strategy": "no", "val_size": 0.0 }))
        .await;
    board.wait_for(&run, |row| row["step"].as_u64() >= Some(3)).await;
    disk.fill(0);
    // as soon as the database meets it, every write says so
    let patch = format!("/api/runs/{run}");
    loop {
        let (status, answer) = board
            .call(Method::PATCH, &patch, json!({ "note": "x".repeat(15_000) }))
            .await;
        if status.is_server_error() {
            assert_eq!(answer["code"], "disk_full", "{answer}");
            break;
        }
    }
    for _ in 0..20 {
        let (status, answer) = board
            .call(Method::PATCH, &patch, json!({ "note": "y".repeat(15_000) }))
            .await;
        assert!(
            status.is_success() || answer["code"] == "disk_full",
            "{status} {answer}"
        );
    }
    while !board.workers().is_empty() {
        tokio::task::yield_now().await;
    }
    disk.make_room();
    let row = board.wait_over(&run).await;
    assert_eq!(row["state"], "failed", "{row}");
    assert_eq!(board.wait_over(&next).await["state"], "completed");
    let (status, row) = board.call(Method::PATCH, &patch, json!({ "note": "fine" })).await;
    assert_eq!((status, &row["note"]), (StatusCode::OK, &json!("fine")));
    let made = board
        .start_run(json!({ "max_steps": 1, "eval_strategy": "no", "val_size": 0.0 }))
        .await;
    assert_eq!(board.wait_over(&made).await["state"], "completed");
    for id in [&run, &next, &made] {
        let (status, answer) = board
            .call(Method::DELETE, &format!("/api/runs/{id}?files=true"), Value::Null)
            .await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    }
}

const ROWS: &str = r#"[{"instruction":"q","output":"a"}]"#;

async fn own(board: &Board) -> usize {
    let all = board.get("/api/datasets").await;
    all.as_array()
        .expect("data sets")
        .iter()
        .filter(|d| d["demo"] == false)
        .count()
}

#[tokio::test]
async fn no_data_set_is_lost_to_a_full_disk_and_none_is_taken_in_part() {
    let Some(disk) = SmallDisk::mount(32) else { return };
    let board = Board::start_in(&disk.data_dir());
    for n in 0..12 {
        let source = json!({ "text": { "file_name": "x.json", "text": ROWS } });
        board
            .post("/api/datasets", json!({ "name": format!("mine{n}"), "source": source }))
            .await;
    }
    let register = disk.data_dir().join("data/dataset_info.json");
    let files = || {
        let entries = fs::read_dir(disk.data_dir().join("data")).expect("a folder");
        let mut names: Vec<_> = entries.flatten().map(|e| e.file_name()).collect();
        names.sort();
        names
    };
    let rows: Vec<Value> = (0..30_000)
        .map(|n| json!({ "instruction": "question ".repeat(6), "output": n.to_string() }))
        .collect();
    let body = Value::from(rows).to_string();
    let before = (fs::read(&register).expect("a register"), files());
    // too little room by a lot, by a page, by the register alone
    let size = body.len() as u64;
    for short in [size, 1 << 20, 120_000, 60_000, 20_000, 4_096, 1] {
        disk.fill((size).saturating_sub(short));
        let url = format!("{}/api/datasets/large?file_name=l.json", board.url);
        let answer = Client::new()
            .put(url)
            .body(body.clone())
            .send()
            .await
            .expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a whole answer");
        assert!(
            status.is_server_error() && text.contains("disk_full"),
            "short by {short}: {status} {text}"
        );
        let source = json!({ "text": { "file_name": "x.json", "text": body } });
        let (status, answer) = board
            .call(
                Method::POST,
                "/api/datasets",
                json!({ "name": "large", "source": source }),
            )
            .await;
        assert!(status.is_server_error(), "short by {short}: {status} {answer}");
        assert_eq!(answer["code"], "disk_full", "short by {short}: {answer}");
        disk.make_room();
        assert_eq!(
            (fs::read(&register).expect("a register"), files()),
            before,
            "short by {short}"
        );
    }
    disk.fill(0);
    let (status, answer) = board.call(Method::DELETE, "/api/datasets/mine3", Value::Null).await;
    assert!(
        status.is_server_error() && answer["code"] == "disk_full",
        "{status} {answer}"
    );
    assert_eq!(fs::read(&register).expect("a register"), before.0);
    disk.make_room();
    assert_eq!(own(&board).await, 12);
    let (status, _) = board.call(Method::DELETE, "/api/datasets/mine3", Value::Null).await;
    assert_eq!((status, own(&board).await), (StatusCode::NO_CONTENT, 11));
}
