//! Data sets as people bring them: a register among them, broken files, many at once. What is there stays.

use std::fs;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;

const ROWS: &str = r#"[{"instruction":"q","output":"a"},{"instruction":"p","output":"b"}]"#;

async fn paste(board: &Board, name: &str, text: &str) -> (StatusCode, Value) {
    let source = json!({ "text": { "file_name": "x.json", "text": text } });
    let body = json!({ "name": name, "source": source });
    board.call(Method::POST, "/api/datasets", body).await
}

async fn upload(board: &Board, name: &str, text: &str) -> (StatusCode, Value) {
    let url = format!("{}/api/datasets/{name}?file_name=x.json", board.url);
    let answer = Client::new()
        .put(url)
        .body(text.to_owned())
        .send()
        .await
        .expect("an answer");
    let status = answer.status();
    let text = answer.text().await.expect("a whole answer");
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// Names of the person's own data sets.
async fn own(board: &Board) -> Vec<String> {
    let all = board.get("/api/datasets").await;
    let own = all.as_array().expect("data sets").iter().filter(|d| d["demo"] == false);
    own.map(|d| d["name"].as_str().expect("a name").to_owned()).collect()
}

fn files(board: &Board) -> Vec<String> {
    let entries = fs::read_dir(board.data_dir.join("data")).expect("the folder of data sets");
    let mut names: Vec<String> = entries
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn no_way_of_adding_touches_the_register_or_another_data_set() {
    let board = Board::start();
    for name in ["one", "two"] {
        assert_eq!(paste(&board, name, ROWS).await.0, StatusCode::CREATED);
    }
    let before = (own(&board).await, files(&board));
    let register = fs::read(board.data_dir.join("data/dataset_info.json")).expect("a register");
    let theirs = r#"{"theirs":{"file_name":"t.json"},"more":{"hf_hub_url":"x/y"}}"#;
    let mut tried = 0;
    for name in ["dataset_info", "Dataset_Info", "DATASET_INFO", "dataset_info.json"] {
        for text in [ROWS, theirs, "garbage", "", "[]"] {
            for (status, answer) in [paste(&board, name, text).await, upload(&board, name, text).await] {
                let code = if text == theirs { "is_register" } else { "reserved_name" };
                assert!(status.is_client_error(), "{name} {text}: {status} {answer}");
                assert_eq!(answer["code"], code, "{name} {text}: {answer}");
                tried += 1;
            }
        }
    }
    // under any name a register is a register, and what can't be used leaves nothing
    for (name, text, code) in [
        ("fine", theirs, "is_register"),
        ("fine", "garbage", "unusable"),
        ("one", ROWS, "name_taken"),
        ("one", "garbage", "name_taken"),
        ("demo_en", ROWS, "name_taken"),
        // some file systems take the two for one
        ("ONE", ROWS, "name_like"),
        ("Demo_en", ROWS, "name_like"),
        ("--help", ROWS, "bad_name"),
        ("-x", ROWS, "bad_name"),
        (".x", ROWS, "bad_name"),
    ] {
        for (_, answer) in [paste(&board, name, text).await, upload(&board, name, text).await] {
            assert_eq!(answer["code"], code, "{name} {text}: {answer}");
            tried += 1;
        }
    }
    assert!(tried > 50);
    assert_eq!((own(&board).await, files(&board)), before);
    let now = fs::read(board.data_dir.join("data/dataset_info.json")).expect("a register");
    assert_eq!(now, register);
    // the words name the file that the person gave, not one that nobody knows of
    let (_, answer) = paste(&board, "fine", "garbage").await;
    let detail = answer["detail"].as_str().expect("words");
    assert!(detail.contains("fine.json") && !detail.contains("arriving"), "{detail}");
}

#[tokio::test]
async fn a_register_is_read_as_what_it_is_and_its_entries_are_offered_and_added() {
    let board = Board::start();
    assert_eq!(paste(&board, "taken", ROWS).await.0, StatusCode::CREATED);
    let theirs = tempfile::tempdir().expect("a folder");
    fs::write(theirs.path().join("good.json"), ROWS).expect("a file");
    fs::write(theirs.path().join("odd.json"), r#"[{"frage":"q","antwort":"a"}]"#).expect("a file");
    fs::write(theirs.path().join("bad.json"), "garbage").expect("a file");
    let register = json!({
        "good": { "file_name": "good.json" },
        "odd": { "file_name": "odd.json", "columns": { "prompt": "frage", "response": "antwort" } },
        "bad": { "file_name": "bad.json" },
        "gone": { "file_name": "gone.json" },
        "hub": { "hf_hub_url": "owner/name" },
        "taken": { "file_name": "good.json" },
        "a,b": { "file_name": "good.json" },
    });
    let path = theirs.path().join("dataset_info.json");
    fs::write(&path, register.to_string()).expect("a register");
    let by_path = json!({ "path": path });
    let by_text = json!({ "text": { "file_name": "dataset_info.json", "text": register.to_string() } });

    let code = |answer: &Value, name: &str| {
        let entries = answer["entries"].as_array().expect("entries").iter();
        let entry = entries.clone().find(|e| e["name"] == name).expect("the entry");
        (
            entry["found"].as_bool().expect("a mark"),
            entry["added"].as_bool().expect("a mark"),
            entry["trouble"]["code"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let listed = board.post("/api/register", json!({ "source": by_path })).await;
    for (name, want) in [
        ("good", (true, false, "")),
        ("odd", (true, false, "")),
        ("bad", (true, false, "")),
        ("gone", (false, false, "no_file")),
        ("hub", (false, false, "on_a_hub")),
        ("taken", (true, false, "name_taken")),
        ("a,b", (true, false, "bad_name")),
    ] {
        assert_eq!(
            code(&listed, name),
            (want.0, want.1, want.2.to_owned()),
            "{name}: {listed}"
        );
    }
    // as a text it says where nothing; with its folder it is the same list
    let alone = board.post("/api/register", json!({ "source": by_text })).await;
    assert_eq!(code(&alone, "good").2, "no_file");
    let folder = json!({ "source": by_text, "folder": theirs.path() });
    assert_eq!(board.post("/api/register", folder).await["entries"], listed["entries"]);
    assert_eq!(own(&board).await, ["taken"]);

    let take = json!([
        { "entry": "good" },
        { "entry": "odd" },
        { "entry": "bad" },
        { "entry": "taken", "name": "theirs" },
    ]);
    let added = board
        .post("/api/register", json!({ "source": by_path, "take": take }))
        .await;
    for (name, want) in [
        ("good", (true, true, "")),
        ("odd", (true, true, "")),
        ("bad", (true, false, "unusable")),
        ("taken", (true, true, "")),
        ("gone", (false, false, "no_file")),
    ] {
        assert_eq!(
            code(&added, name),
            (want.0, want.1, want.2.to_owned()),
            "{name}: {added}"
        );
    }
    assert_eq!(own(&board).await, ["good", "odd", "taken", "theirs"]);
    // with the columns the register gives them, and usable as they are
    let all = board.get("/api/datasets").await;
    let odd = all
        .as_array()
        .expect("data sets")
        .iter()
        .find(|d| d["name"] == "odd")
        .expect("it");
    assert_eq!(odd["inspection"]["usable"], 1, "{odd}");
    // taking one out of the list leaves the files of others alone
    for name in ["good", "odd", "theirs"] {
        let (status, _) = board
            .call(Method::DELETE, &format!("/api/datasets/{name}"), Value::Null)
            .await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    assert!(theirs.path().join("good.json").is_file() && theirs.path().join("odd.json").is_file());
}

#[tokio::test]
async fn what_stands_twice_in_a_register_is_told_by_name_and_no_writing_drops_it() {
    let board = Board::start();
    assert_eq!(paste(&board, "mine", ROWS).await.0, StatusCode::CREATED);
    let theirs = tempfile::tempdir().expect("a folder");
    fs::write(theirs.path().join("a.json"), ROWS).expect("a file");
    fs::write(
        theirs.path().join("bad.json"),
        r#"[{"messages": [{"role": "user", "content": "Q"}]}]"#,
    )
    .expect("a file");
    let entry = r#"{"file_name": "a.json"}"#;
    let bad = r#"{"file_name": "bad.json", "formatting": "openai"}"#;
    let path = theirs.path().join("dataset_info.json");
    let register = format!(r#"{{"twice": {entry}, "once": {entry}, "bad": {bad}, "twice": {entry}}}"#);
    fs::write(&path, &register).expect("a register");
    let take = json!([{ "entry": "twice" }, { "entry": "once" }, { "entry": "bad" }]);
    let asked = json!({ "source": { "path": path }, "take": take });
    let answer = board.post("/api/register", asked).await;
    let entries = answer["entries"].as_array().expect("entries");
    let of = |name: &str| entries.iter().find(|e| e["name"] == name).expect("the entry");
    assert_eq!(
        (&of("once")["added"], &of("twice")["added"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(of("twice")["trouble"]["args"][0]["code"], "entry_twice", "{answer}");
    // why no row can be used keeps its code
    let why = &of("bad")["trouble"]["args"][0];
    assert_eq!(why["code"], "no_rows_usable", "{answer}");
    assert_eq!(why["args"][1]["args"][1]["code"], "ends_with_user", "{answer}");

    // a register of one's own that was written by hand so: what is added to it would drop one of the two
    let own_register = board.data_dir.join("data/dataset_info.json");
    let text = r#"{"mine": {"file_name": "mine.json"}, "mine": {"file_name": "other.json"}}"#;
    fs::write(&own_register, text).expect("a register");
    let (status, answer) = paste(&board, "more", ROWS).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    assert!(
        answer["detail"].as_str().is_some_and(|words| words.contains("`mine`")),
        "{answer}"
    );
    assert_eq!(fs::read_to_string(&own_register).expect("a register"), text);
}

#[tokio::test]
async fn of_many_uploads_of_one_name_one_is_taken_and_nothing_else_is_left() {
    let board = Board::start();
    let tries = (0..12).map(|_| upload(&board, "same", ROWS));
    let answers = futures::future::join_all(tries).await;
    let made = answers
        .iter()
        .filter(|(status, _)| *status == StatusCode::CREATED)
        .count();
    assert_eq!(made, 1, "{answers:?}");
    for (status, answer) in &answers {
        assert!(
            *status == StatusCode::CREATED || answer["code"] == "name_taken",
            "{status} {answer}"
        );
    }
    assert_eq!(files(&board), ["dataset_info.json", "same.json"]);
}

#[tokio::test]
async fn the_data_directorys_own_files_are_no_data_sets() {
    let board = Board::start();
    fs::write(board.data_dir.join("rows.json"), ROWS).expect("a file");
    fs::create_dir_all(board.data_dir.join("runs/x")).expect("a folder");
    fs::write(board.data_dir.join("runs/x/rows.json"), ROWS).expect("a file");
    fs::write(board.data_dir.join("data/left.json"), ROWS).expect("a file");
    let outside = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(board.data_dir.join("rows.json"), outside.path().join("link.json")).expect("a link");
    for path in [
        board.data_dir.join("rows.json"),
        board.data_dir.join("runs/x/rows.json"),
        board.data_dir.join("runs/../rows.json"),
        outside.path().join("link.json"),
    ] {
        let body = json!({ "name": "x", "source": { "path": path } });
        let (status, answer) = board.call(Method::POST, "/api/datasets", body).await;
        assert_eq!(
            (status, &answer["code"]),
            (StatusCode::BAD_REQUEST, &json!("own_file")),
            "{path:?}"
        );
    }
    // what lies beside the register may be entered again
    let body = json!({ "name": "left", "source": { "path": board.data_dir.join("data/left.json") } });
    let (status, answer) = board.call(Method::POST, "/api/datasets", body).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
}

/// An inspection that failed for the machine's sake is made again; one that failed for the file's is remembered.
#[tokio::test]
async fn a_failed_inspection_is_remembered_only_when_it_is_the_files_fault() {
    let programs = tempfile::tempdir().expect("a folder");
    let corral = programs.path().join("corral");
    fs::copy(tests::programs::program("corral"), &corral).expect("a copy");
    let data = tempfile::tempdir().expect("a folder");
    let mut board = Board::prepare(&corral, data.path());
    board.launch();
    let usable = |all: &Value| {
        let all = all.as_array().expect("data sets");
        all.iter().filter(|d| d["inspection"].is_object()).count()
    };
    let all = board.get("/api/datasets").await;
    assert_eq!(usable(&all), 0);
    let error = all[0]["error"].as_str().expect("a reason");
    assert!(error.contains("could not be started"), "{error}");
    fs::copy(
        tests::programs::program("corral-trainer"),
        programs.path().join("corral-trainer"),
    )
    .expect("a copy");
    let all = board.get("/api/datasets").await;
    assert_eq!(Some(usable(&all)), all.as_array().map(Vec::len), "{all}");
}
