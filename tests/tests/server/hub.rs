//! Downloads from a hub that behaves as badly as real ones: breaks off, redirects to another host, refuses.

use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What the fake hub saw and still means to do.
#[derive(Default)]
struct Seen {
    /// `Authorization` headers by listener: 0 the hub, 1 the storage it redirects to.
    tokens: [Vec<Option<String>>; 2],
    /// `Range` starts asked of the weights.
    ranges: Vec<u64>,
    /// Connections of the weights still to be cut in the middle.
    cuts: u32,
    requests: u32,
    /// The weights are sent with one byte changed.
    corrupt: bool,
}

struct Hub {
    endpoint: String,
    seen: Arc<Mutex<Seen>>,
}

/// A hub with one model whose weights lie on a second host, and one private model.
fn hub(files: HashMap<&'static str, Vec<u8>>, cuts: u32) -> Hub {
    let seen = Arc::new(Mutex::new(Seen {
        cuts,
        ..Seen::default()
    }));
    let listeners: Vec<TcpListener> = (0..2).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let ports: Vec<u16> = listeners.iter().map(|l| l.local_addr().unwrap().port()).collect();
    let files = Arc::new(files);
    // another name of this machine, so that it counts as another host
    let storage = format!("http://localhost:{}", ports[1]);
    for (place, listener) in listeners.into_iter().enumerate() {
        let (files, seen, storage) = (files.clone(), seen.clone(), storage.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (files, seen, storage) = (files.clone(), seen.clone(), storage.clone());
                std::thread::spawn(move || answer(stream, place, &files, &seen, &storage));
            }
        });
    }
    Hub {
        endpoint: format!("http://127.0.0.1:{}", ports[0]),
        seen,
    }
}

fn answer(stream: TcpStream, place: usize, files: &HashMap<&str, Vec<u8>>, seen: &Mutex<Seen>, storage: &str) {
    let mut out = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream).lines();
    let Some(Ok(first)) = lines.next() else { return };
    let headers: HashMap<String, String> = lines
        .map_while(Result::ok)
        .take_while(|l| !l.is_empty())
        .filter_map(|l| l.split_once(": ").map(|(k, v)| (k.to_lowercase(), v.to_owned())))
        .collect();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let range: Option<(u64, Option<u64>)> = headers.get("range").and_then(|r| {
        let (from, to) = r.strip_prefix("bytes=")?.split_once('-')?;
        Some((from.parse().ok()?, to.parse().ok()))
    });
    let mut state = seen.lock().unwrap();
    state.requests += 1;
    state.tokens[place].push(headers.get("authorization").cloned());
    let mut say = |head: &str, body: &[u8]| {
        let text = format!(
            "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        out.write_all(text.as_bytes()).and_then(|()| out.write_all(body)).ok();
    };
    if path.contains("secret") {
        return say("403 Forbidden", b"");
    }
    if path.starts_with("/api/models/") {
        if !path.starts_with("/api/models/tiny/llama") {
            return say("404 Not Found", b"");
        }
        let siblings: Vec<_> = files.keys().map(|f| serde_json::json!({"rfilename": f})).collect();
        let info = serde_json::json!({"sha": COMMIT, "siblings": siblings});
        return say("200 OK\r\ncontent-type: application/json", info.to_string().as_bytes());
    }
    if path.starts_with("/api/datasets/tiny/rows") {
        let names = [
            "README.md",
            "data/train-0.csv",
            "data/test.csv",
            "../out.csv",
            "big/train.csv",
        ];
        let siblings: Vec<_> = names.map(|f| serde_json::json!({"rfilename": f})).into();
        let info = serde_json::json!({"sha": COMMIT, "siblings": siblings});
        return say("200 OK\r\ncontent-type: application/json", info.to_string().as_bytes());
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some(body) = files.get(name) else {
        return say("404 Not Found", b"");
    };
    let large = name == "model.safetensors";
    let etag = format!("{:x}", Sha256::digest(body));
    if large && place == 0 {
        let head =
            format!("302 Found\r\nlocation: {storage}/{name}\r\nx-repo-commit: {COMMIT}\r\nx-linked-etag: \"{etag}\"");
        return say(&head, b"");
    }
    let (from, to) = range.map_or((0, body.len() as u64), |(f, t)| {
        (f, t.map_or(body.len() as u64, |t| t + 1))
    });
    let (from, to) = (from.min(body.len() as u64), to.min(body.len() as u64));
    let mut part = body[from as usize..to as usize].to_vec();
    if state.corrupt && large && part.len() > 1 {
        part[0] ^= 1;
    }
    let head = format!(
        "206 Partial Content\r\netag: \"{etag}\"\r\nx-repo-commit: {COMMIT}\r\ncontent-range: bytes {from}-{}/{}\r\n",
        to.saturating_sub(1),
        body.len()
    );
    let cut = large && part.len() > 1 && state.cuts > 0;
    if large && part.len() > 1 {
        state.ranges.push(from);
    }
    if cut {
        state.cuts -= 1;
    }
    drop(state);
    let head = format!(
        "HTTP/1.1 {head}content-length: {}\r\nconnection: close\r\n\r\n",
        part.len()
    );
    out.write_all(head.as_bytes()).ok();
    out.write_all(if cut { &part[..part.len() / 2] } else { &part[..] })
        .ok();
}

fn files() -> HashMap<&'static str, Vec<u8>> {
    let weights: Vec<u8> = (0..3_000_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    HashMap::from([
        ("config.json", br#"{"model_type":"llama"}"#.to_vec()),
        ("tokenizer.json", b"{}".to_vec()),
        ("model.safetensors", weights),
        ("pytorch_model.bin", b"never fetched".to_vec()),
    ])
}

fn download(hub: &Hub, home: &Path, model: &str, token: Option<&str>) -> Output {
    let mut command = Command::new(tests::programs::program("corral"));
    command
        .args(["download", model])
        .env("HF_ENDPOINT", &hub.endpoint)
        .env("HF_HOME", home);
    command
        .env_remove("HF_TOKEN")
        .env_remove("HF_HUB_CACHE")
        .env_remove("HF_HUB_OFFLINE");
    if let Some(token) = token {
        command.env("HF_TOKEN", token);
    }
    command.output().unwrap()
}

/// The files of the split that is asked for come, with the card; the trainer finds them by the entry of a register.
#[test]
fn a_data_set_is_fetched_by_subset_and_split_and_read_by_its_name() {
    let card = b"---\nconfigs:\n- config_name: default\n  data_dir: data\n---\n".to_vec();
    let files = HashMap::from([
        ("README.md", card),
        ("train-0.csv", b"instruction,output\nQ,A\nR,\"B, C\"\n".to_vec()),
        ("test.csv", b"instruction,output\nS,D\n".to_vec()),
    ]);
    let hub = hub(files, 0);
    let home = tempfile::tempdir().unwrap();
    let run = |program: &str, args: &[&str]| {
        let mut command = Command::new(tests::programs::program(program));
        command
            .args(args)
            .env("HF_ENDPOINT", &hub.endpoint)
            .env("HF_HOME", home.path());
        for variable in ["HF_TOKEN", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "USE_MODELSCOPE_HUB"] {
            command.env_remove(variable);
        }
        command.output().unwrap()
    };
    let entry = |split: &str| serde_json::json!({"hf_hub_url": "tiny/rows", "split": split});
    let register = serde_json::json!({"rows": entry("train"), "held": entry("test"), "none": entry("dev")});
    std::fs::write(home.path().join("dataset_info.json"), register.to_string()).unwrap();
    let folder = format!("--dataset-dir={}", home.path().display());
    let inspect = |name: &str| run("corral-trainer", &["inspect", &format!("--dataset={name}"), &folder]);
    let before = inspect("rows");
    let told = String::from_utf8_lossy(&before.stderr).into_owned() + &String::from_utf8_lossy(&before.stdout);
    assert!(
        !before.status.success() && told.contains("corral download --dataset tiny/rows"),
        "{told}"
    );
    let output = run("corral", &["download", "--dataset", "tiny/rows"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let place = home.path().join("hub/datasets--tiny--rows/snapshots").join(COMMIT);
    assert!(place.join("data/train-0.csv").is_file() && !place.join("data/test.csv").exists());
    let found: serde_json::Value = serde_json::from_slice(&inspect("rows").stdout).unwrap();
    assert_eq!(
        (found["usable"].as_u64(), found["kind"].as_str()),
        (Some(2), Some("instruction")),
        "{found}"
    );
    assert!(
        run("corral", &["download", "--dataset", "tiny/rows", "--split", "test"])
            .status
            .success()
    );
    let found: serde_json::Value = serde_json::from_slice(&inspect("held").stdout).unwrap();
    assert_eq!(found["usable"], 1, "{found}");
    let none = run("corral", &["download", "--dataset", "tiny/rows", "--split", "dev"]);
    let told = String::from_utf8_lossy(&none.stderr).into_owned();
    assert!(
        !none.status.success() && told.contains("no split `dev`; it has test, train"),
        "{told}"
    );
}

#[test]
fn a_broken_download_goes_on_where_it_was_and_arrives_whole() {
    let hub = hub(files(), 3);
    let home = tempfile::tempdir().unwrap();
    let output = download(&hub, home.path(), "tiny/llama", Some("hf_secret"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let folder = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    assert!(
        folder.ends_with(&format!("hub/models--tiny--llama/snapshots/{COMMIT}")),
        "{folder}"
    );
    let mut got = vec![];
    std::fs::File::open(Path::new(&folder).join("model.safetensors"))
        .unwrap()
        .read_to_end(&mut got)
        .unwrap();
    assert!(
        got == files()["model.safetensors"],
        "the weights differ from what the hub has"
    );
    assert!(
        !Path::new(&folder).join("pytorch_model.bin").exists(),
        "a pickle was fetched"
    );

    let before = {
        let seen = hub.seen.lock().unwrap();
        assert!(
            seen.ranges.len() >= 4 && seen.ranges[1] > 0 && seen.ranges.is_sorted(),
            "{:?}",
            seen.ranges
        );
        assert!(
            seen.tokens[0].iter().all(|t| t.as_deref() == Some("Bearer hf_secret")),
            "the hub lacks the token"
        );
        assert!(
            seen.tokens[1].iter().all(Option::is_none),
            "the token went to another host"
        );
        seen.requests
    };
    let again = download(&hub, home.path(), "tiny/llama", None);
    assert!(again.status.success());
    assert_eq!(
        hub.seen.lock().unwrap().requests,
        before,
        "a cached model asked the hub"
    );
}

#[test]
fn what_can_not_be_had_is_said_in_a_sentence() {
    let hub = hub(files(), 0);
    let home = tempfile::tempdir().unwrap();
    for (model, word) in [
        ("tiny/nothing", "is not on"),
        ("tiny/secret", "refuses access"),
        ("../../etc", "is not a hub name"),
        ("no-owner", "is not a hub name"),
    ] {
        let output = download(&hub, home.path(), model, None);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{model}: {said}");
        assert!(said.contains(word), "{model}: {said}");
    }
}

#[test]
fn bytes_that_were_changed_on_the_way_are_not_kept() {
    let hub = hub(files(), 0);
    hub.seen.lock().unwrap().corrupt = true;
    let home = tempfile::tempdir().unwrap();
    let output = download(&hub, home.path(), "tiny/llama", None);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("did not arrive whole"), "{said}");
    let blobs = home.path().join("hub/models--tiny--llama/blobs");
    let kept: Vec<u64> = std::fs::read_dir(blobs)
        .unwrap()
        .map(|f| f.unwrap().metadata().unwrap().len())
        .collect();
    assert!(
        kept.iter().all(|size| *size < 3_000_000),
        "the changed weights are still there: {kept:?}"
    );
}
