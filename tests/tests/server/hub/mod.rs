//! Downloads from hubs that behave as badly as real ones do.

pub mod fake;
mod kept;

use fake::{COMMIT, Fake, Files, Lie, hub};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;
use tests::Board;

const HUBS: [&str; 2] = ["huggingface", "modelscope"];

pub fn model() -> Files {
    let weights: Vec<u8> = (0..3_000_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    Files::from([
        ("config.json", br#"{"model_type":"llama"}"#.to_vec()),
        ("tokenizer.json", b"{}".to_vec()),
        ("model.safetensors", weights),
        ("pytorch_model.bin", b"never fetched".to_vec()),
    ])
}

pub fn rows() -> Files {
    let card = b"---\nconfigs:\n- config_name: default\n  data_dir: data\n---\n".to_vec();
    Files::from([
        ("README.md", card),
        ("data/train-0.csv", b"instruction,output\nQ,A\nR,\"B, C\"\n".to_vec()),
        ("data/test.csv", b"instruction,output\nS,D\n".to_vec()),
        ("big/train.csv", b"instruction,output\nT,E\n".to_vec()),
    ])
}

/// Where the caches have what was fetched.
fn folder(home: &Path, hub: &str, kind: &str, name: &str) -> PathBuf {
    match hub {
        "modelscope" => home.join("ms").join(kind).join(name).join("snapshots/master"),
        _ => home
            .join("hf/hub")
            .join(format!("{kind}--{name}"))
            .join("snapshots")
            .join(COMMIT),
    }
}

fn download(hub: &Fake, home: &Path, words: &[&str]) -> Output {
    hub.program("corral", home)
        .arg("download")
        .args(words)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn a_broken_download_goes_on_where_it_was_and_arrives_whole() {
    for name in HUBS {
        let hub = hub(model(), rows());
        (hub.state().cuts, hub.state().stalls) = (2, 1);
        let home = tempfile::tempdir().unwrap();
        let fetch = || {
            let mut command = hub.program("corral", home.path());
            command.args(["download", "tiny/llama", &format!("--hub={name}")]);
            command
                .env("HF_TOKEN", "hf_secret")
                .env("MODELSCOPE_API_TOKEN", "ms_secret");
            command.output().unwrap()
        };
        let output = fetch();
        assert!(output.status.success(), "{name}: {}", said(&output));
        let place = folder(home.path(), name, "models", "tiny--llama");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout).trim(),
            place.display().to_string()
        );
        let got = std::fs::read(place.join("model.safetensors")).unwrap();
        assert!(
            got == model()["model.safetensors"],
            "the weights differ from what the hub has"
        );
        assert!(!place.join("pytorch_model.bin").exists(), "a pickle was fetched");
        {
            let state = hub.state();
            let ranges = &state.ranges;
            assert!(ranges.len() >= 4 && ranges[1] > 0 && ranges.is_sorted(), "{ranges:?}");
            let secret = if name == "modelscope" { "ms_secret" } else { "hf_secret" };
            let other = if name == "modelscope" { "hf_secret" } else { "ms_secret" };
            let tokens = &state.tokens[0];
            assert!(tokens.contains(&format!("Bearer {secret}")), "the hub lacks the token");
            assert!(
                !tokens.iter().any(|token| token.contains(other)),
                "it has the other's token"
            );
            assert!(state.tokens[1].is_empty(), "the token went to another host");
        }
        let before = hub.state().asked.len();
        assert!(fetch().status.success());
        assert_eq!(hub.state().asked.len(), before, "a cached model asked the hub");
    }
}

/// The files of the split that is asked for come, with the card; the trainer finds them by the entry of a register.
#[test]
fn a_data_set_is_fetched_by_subset_and_split_and_read_by_its_name() {
    for name in HUBS {
        let hub = hub(model(), rows());
        let home = tempfile::tempdir().unwrap();
        let key = if name == "modelscope" {
            "ms_hub_url"
        } else {
            "hf_hub_url"
        };
        let entry = |split: &str| json!({key: "tiny/rows", "split": split});
        let register = json!({"rows": entry("train"), "held": entry("test"), "none": entry("dev")});
        std::fs::write(home.path().join("dataset_info.json"), register.to_string()).unwrap();
        let inspect = |name: &str| {
            let mut command = hub.program("corral-trainer", home.path());
            command.args(["inspect", &format!("--dataset={name}")]);
            command.arg(format!("--dataset-dir={}", home.path().display()));
            command.output().unwrap()
        };
        let option = format!("--hub={name}");
        let fetch = |words: &[&str]| {
            let words = [&["--dataset", "tiny/rows", option.as_str()], words].concat();
            download(&hub, home.path(), &words)
        };
        let before = inspect("rows");
        let told = said(&before);
        let option = if name == "modelscope" { "--hub=modelscope " } else { "" };
        let command = format!("corral download --dataset {option}tiny/rows");
        assert!(!before.status.success() && told.contains(&command), "{told}");
        let output = fetch(&[]);
        assert!(output.status.success(), "{}", said(&output));
        let place = folder(home.path(), name, "datasets", "tiny--rows");
        assert!(place.join("data/train-0.csv").is_file() && !place.join("data/test.csv").exists());
        let found: Value = serde_json::from_slice(&inspect("rows").stdout).unwrap();
        assert_eq!(
            (found["usable"].as_u64(), found["kind"].as_str()),
            (Some(2), Some("instruction")),
            "{found}"
        );
        assert!(fetch(&["--split", "test"]).status.success());
        let found: Value = serde_json::from_slice(&inspect("held").stdout).unwrap();
        assert_eq!(found["usable"], 1, "{found}");
        let none = fetch(&["--split", "dev"]);
        let told = said(&none);
        assert!(
            !none.status.success() && told.contains("no split `dev`; it has test, train"),
            "{told}"
        );

        // without a network what is here is found, and what is not is said
        let offline = |words: &[&str]| {
            let mut command = hub.program("corral", home.path());
            command.args(["download", "tiny/rows", "--dataset", &format!("--hub={name}")]);
            command.args(words).env("HF_HUB_OFFLINE", "1").output().unwrap()
        };
        let asked = hub.state().asked.len();
        assert_eq!(said(&offline(&[])).trim(), place.display().to_string());
        let told = said(&offline(&["--folder=big"]));
        assert!(told.contains("HF_HUB_OFFLINE is set"), "{told}");
        assert_eq!(hub.state().asked.len(), asked);
    }
}

#[test]
fn what_can_not_be_had_is_said_in_a_sentence() {
    let hub = hub(model(), rows());
    let home = tempfile::tempdir().unwrap();
    for (words, word) in [
        (&["tiny/nothing"][..], "is not on"),
        (&["tiny/private"], "set HF_TOKEN"),
        (&["tiny/private", "--hub=modelscope"], "set MODELSCOPE_API_TOKEN"),
        (&["tiny/gated"], "accept its terms on its page and set HF_TOKEN"),
        (&["tiny/gated", "--hub=modelscope"], "refuses access"),
        (&["tiny/llama", "--revision=v9"], "has no revision v9"),
        (&["tiny/llama", "--revision=../x"], "is no revision"),
        (&["tiny/llama", "--hub=else"], "huggingface or modelscope"),
        (&["../../etc"], "is not a hub name"),
        (&["no-owner"], "is not a hub name"),
    ] {
        let output = download(&hub, home.path(), words);
        let told = said(&output);
        assert!(!output.status.success() && told.contains(word), "{words:?}: {told}");
    }
}

#[test]
fn what_a_hub_lies_about_is_not_kept() {
    let lies = [
        (Lie::Large, "did not arrive whole"),
        (Lie::Small, "did not arrive whole"),
        (Lie::Longer, "bytes and sends"),
        (Lie::Range, "another part than was asked for"),
    ];
    let cases = HUBS
        .into_iter()
        .flat_map(|name| lies.map(|(lie, words)| (name, lie, words)));
    std::thread::scope(|threads| {
        for (name, lie, words) in cases {
            threads.spawn(move || {
                let hub = hub(model(), rows());
                hub.state().lie = Some(lie);
                let home = tempfile::tempdir().unwrap();
                let output = download(&hub, home.path(), &["tiny/llama", &format!("--hub={name}")]);
                let told = said(&output);
                assert!(
                    !output.status.success() && told.contains(words),
                    "{name} {lie:?}: {told}"
                );
                let place = folder(home.path(), name, "models", "tiny--llama");
                assert!(!place.join("model.safetensors").exists(), "{name} {lie:?}");
            });
        }
    });
}

#[test]
fn sizes_are_told_first_and_what_has_no_room_is_not_begun() {
    for name in HUBS {
        let hub = hub(model(), rows());
        let home = tempfile::tempdir().unwrap();
        let words = ["tiny/llama", "--dry-run", "--json", &format!("--hub={name}")];
        let output = download(&hub, home.path(), &words);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let plan = &told["plan"];
        assert_eq!(
            (plan["files"].as_u64(), plan["missing"].as_u64()),
            (Some(3), Some(3_000_024)),
            "{plan}"
        );
        assert!(plan["free"].as_u64().is_some_and(|free| free > 0), "{plan}");
        assert_eq!(hub.state().asked.len(), 1, "only the list is asked for");
        hub.state().lie = Some(Lie::Endless);
        let output = download(&hub, home.path(), &["tiny/llama", &format!("--hub={name}")]);
        let told = said(&output);
        assert!(
            !output.status.success() && told.contains("MiB free: make room"),
            "{told}"
        );
        assert_eq!(hub.state().asked.len(), 2, "something was fetched");
    }
}

/// ModelScope's tools wrote other folders until version 1.37: what lies there is a model of the board and of a run.
#[tokio::test(flavor = "multi_thread")]
async fn the_board_fetches_from_either_hub_and_finds_what_is_there() {
    let hub = hub(model(), rows());
    let home = tempfile::tempdir().unwrap();
    let before = home.path().join("ms/hub/models/old/model-0___5");
    std::fs::create_dir_all(&before).unwrap();
    for (name, bytes) in model() {
        std::fs::write(before.join(name), bytes).unwrap();
    }
    let mut board = Board::prepare(&tests::programs::program("corral"), &home.path().join("data"));
    for (variable, value) in hub.environment(home.path()) {
        board = board.env(variable, &value);
    }
    board.launch();
    let asked = json!({"name": "https://modelscope.cn/models/tiny/llama"});
    let plan = board.post("/api/downloads/plan", asked.clone()).await;
    assert_eq!(
        (&plan["asked"]["hub"], &plan["missing"]),
        (&json!("modelscope"), &json!(3_000_024)),
        "{plan}"
    );
    let mut live = board.live().await;
    let begun = board.post("/api/downloads", asked).await;
    assert_eq!(begun["id"], "modelscope/models/tiny/llama", "{begun}");
    let set = json!({"name": "tiny/rows", "kind": "dataset", "split": "test"});
    board.post("/api/downloads", set).await;
    for _ in 0..2 {
        let ended = |said: &Value| said["type"] == "download" && said["download"]["state"] != "downloading";
        let said = live.until(ended).await;
        assert_eq!(said["download"]["state"], "done", "{said}");
    }
    assert!(
        folder(home.path(), "huggingface", "datasets", "tiny--rows")
            .join("data/test.csv")
            .is_file()
    );
    let models = board.get("/api/models").await;
    let names: Vec<&str> = models
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|model| model["id"].as_str())
        .collect();
    assert!(
        names.contains(&"tiny/llama") && names.contains(&"old/model-0.5"),
        "{names:?}"
    );
    for (name, code) in [("-h/x", "bad_name"), ("--help/x", "bad_name"), ("x/-y", "bad_name")] {
        let (status, answer) = board
            .call(reqwest::Method::POST, "/api/downloads", json!({ "name": name }))
            .await;
        assert_eq!(
            (status.as_u16(), &answer["code"]),
            (400, &json!(code)),
            "{name}: {answer}"
        );
    }
}
