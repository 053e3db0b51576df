//! `report_to: mlflow` against a server that follows MLflow's REST API and is as strict: what it is told, how often, and where
//! the key to it is not.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tests::Board;
use tests::programs::program;

const KEY: &str = "planted-key-of-mlflow";

/// What the server has by now.
#[derive(Default)]
struct Kept {
    experiments: Vec<String>,
    /// Values by run, metric and step, as often as they were told.
    metrics: BTreeMap<(String, String, i64), Vec<f64>>,
    params: BTreeMap<String, String>,
    status: Option<String>,
    /// Requests still to be answered with 503.
    away: u32,
    /// Requests whose key was another.
    keyless: u32,
    redirect: Option<String>,
}

type Shared = Arc<(Mutex<Kept>, Condvar)>;

struct Mlflow {
    uri: String,
    shared: Shared,
}

impl Mlflow {
    fn start(kept: Kept) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let uri = format!("http://{}", listener.local_addr().expect("an address"));
        let shared: Shared = Arc::new((Mutex::new(kept), Condvar::new()));
        let of_thread = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &of_thread);
            }
        });
        Self { uri, shared }
    }

    /// Waits until the server has something.
    fn until(&self, ready: impl Fn(&Kept) -> bool) -> std::sync::MutexGuard<'_, Kept> {
        let (kept, changed) = &*self.shared;
        let waited = changed.wait_timeout_while(kept.lock().unwrap(), Duration::from_secs(60), |kept| !ready(kept));
        let (kept, timeout) = waited.unwrap();
        assert!(!timeout.timed_out(), "the server was told nothing of it for 60 s");
        kept
    }
}

fn answer(stream: TcpStream, (kept, changed): &(Mutex<Kept>, Condvar)) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    let (mut first, mut length, mut key) = (String::new(), 0, String::new());
    reader.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ")?;
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => key = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut kept = kept.lock().ok()?;
    let (status, said) = reply(&mut kept, &method, &path, &body, &key);
    let said = said.to_string();
    let more = kept
        .redirect
        .as_ref()
        .map(|to| format!("location: {to}{path}\r\n"))
        .unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\n{more}content-length: {}\r\nconnection: close\r\n\r\n{said}",
        said.len()
    );
    out.write_all(head.as_bytes()).ok()?;
    changed.notify_all();
    Some(())
}

/// As MLflow's handlers and its validation answer.
fn reply(kept: &mut Kept, method: &str, path: &str, body: &Value, key: &str) -> (u16, Value) {
    if kept.redirect.is_some() {
        return (302, json!({}));
    }
    if key != format!("Bearer {KEY}") {
        kept.keyless += 1;
        return (401, json!({ "message": "no key" }));
    }
    if kept.away > 0 {
        kept.away -= 1;
        return (503, json!({}));
    }
    let bad = |why: &str| (400, json!({ "error_code": "INVALID_PARAMETER_VALUE", "message": why }));
    let list = |name: &str| body[name].as_array().cloned().unwrap_or_default();
    let Some(what) = path.strip_prefix("/api/2.0/mlflow/") else {
        return (404, json!({}));
    };
    match (method, what.split('?').next().unwrap_or_default()) {
        ("GET", "experiments/get-by-name") => match kept
            .experiments
            .iter()
            .position(|name| path.ends_with(&format!("experiment_name={name}")))
        {
            Some(id) => (200, json!({ "experiment": { "experiment_id": id.to_string() } })),
            None => (404, json!({ "error_code": "RESOURCE_DOES_NOT_EXIST" })),
        },
        ("POST", "experiments/create") => {
            kept.experiments.push(body["name"].as_str().expect("a name").to_owned());
            (
                200,
                json!({ "experiment_id": (kept.experiments.len() - 1).to_string() }),
            )
        }
        ("POST", "runs/create") => {
            let known = body["experiment_id"]
                .as_str()
                .and_then(|id| id.parse::<usize>().ok())
                .filter(|id| *id < kept.experiments.len());
            match known {
                Some(_) if body["start_time"].is_i64() => {
                    kept.status = Some("RUNNING".into());
                    (
                        200,
                        json!({ "run": { "info": { "run_id": "r1", "run_name": body["run_name"] } } }),
                    )
                }
                _ => bad("no such experiment"),
            }
        }
        ("POST", "runs/log-batch") if body["run_id"] == "r1" => {
            let (metrics, params) = (list("metrics"), list("params"));
            if metrics.len() > 1000 || params.len() > 100 {
                return bad("A batch logging request can contain at most 1000 metrics");
            }
            for metric in metrics {
                let (Some(name), Some(value), Some(step), Some(_)) = (
                    metric["key"].as_str(),
                    metric["value"].as_f64(),
                    metric["step"].as_i64(),
                    metric["timestamp"].as_i64(),
                ) else {
                    return bad("a metric");
                };
                if !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-. /:".contains(c)) {
                    return bad("Invalid metric name");
                }
                kept.metrics
                    .entry(("r1".into(), name.into(), step))
                    .or_default()
                    .push(value);
            }
            for param in params {
                let (Some(name), Some(value)) = (param["key"].as_str(), param["value"].as_str()) else {
                    return bad("a param");
                };
                if value.len() > 500
                    || kept
                        .params
                        .insert(name.into(), value.into())
                        .is_some_and(|before| before != value)
                {
                    return bad("Changing param values is not allowed");
                }
            }
            (200, json!({}))
        }
        ("POST", "runs/update") if body["run_id"] == "r1" => {
            kept.status = body["status"].as_str().map(str::to_owned);
            (200, json!({}))
        }
        _ => (404, json!({ "error_code": "ENDPOINT_NOT_FOUND" })),
    }
}

fn files(folder: &Path, look: &mut impl FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        match entry.file_type().expect("a kind") {
            kind if kind.is_dir() => files(&entry.path(), look),
            kind if kind.is_file() => look(&entry.path(), &std::fs::read(entry.path()).expect("a file")),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mlflow_is_told_each_value_once_and_no_key_of_a_tracker_is_anywhere() {
    let mlflow = Mlflow::start(Kept {
        away: 2,
        ..Kept::default()
    });
    let data = tempfile::tempdir().expect("a folder");
    let mut board = Board::prepare(&program("corral"), data.path())
        .env("MLFLOW_TRACKING_URI", &mlflow.uri)
        .env("MLFLOW_TRACKING_TOKEN", KEY)
        .env("MLFLOW_EXPERIMENT_NAME", "tuning")
        .env("WANDB_API_KEY", KEY)
        .env("SWANLAB_API_KEY", KEY)
        .env("HF_TOKEN", KEY);
    board.launch();
    let keys = json!({ "max_steps": 6, "save_steps": 2, "eval_strategy": "steps", "eval_steps": 3, "report_to": "mlflow,wandb,swanlab,trackio" });
    let run = board.start_run(keys).await;
    for pid in board.workers() {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&environment).contains(KEY));
    }
    assert_eq!(board.wait_over(&run).await["state"], "completed");
    {
        let kept = mlflow.until(|kept| kept.status.as_deref() == Some("FINISHED"));
        assert_eq!(
            (kept.experiments.as_slice(), kept.keyless),
            (&["tuning".to_owned()][..], 0)
        );
        assert_eq!(kept.params["max_steps"], "6");
        for step in 1..=6 {
            assert_eq!(
                kept.metrics[&("r1".into(), "loss".into(), step)].len(),
                1,
                "step {step}"
            );
        }
        assert!(
            [0, 3, 6]
                .iter()
                .all(|step| kept.metrics[&("r1".into(), "eval_loss".into(), *step)].len() == 1)
        );
        assert!(
            kept.metrics
                .contains_key(&("r1".into(), "eval_preference/accuracies".into(), 6))
        );
    }
    let detail = board.get(&format!("/api/runs/{run}")).await;
    let directory = Path::new(detail["directory"].as_str().expect("a path"));
    for told in ["wandb", "swanlog", "trackio/huggingface.db"] {
        assert!(directory.join(told).exists(), "{told}");
    }
    // told again, it is told nothing
    let again = Command::new(program("corral"))
        .args(["report", detail["directory"].as_str().expect("a path")])
        .env("MLFLOW_TRACKING_URI", &mlflow.uri)
        .env("MLFLOW_TRACKING_TOKEN", KEY)
        .status();
    assert!(again.expect("corral").success());
    assert!(mlflow.until(|_| true).metrics.values().all(|values| values.len() == 1));
    // the key is in no file and in no answer
    let mut seen = 0;
    files(data.path(), &mut |path, bytes| {
        seen += 1;
        assert!(
            !bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes()),
            "{}",
            path.display()
        );
    });
    assert!(seen > 10);
    for path in [
        format!("/api/runs/{run}"),
        "/api/runs".into(),
        format!("/api/runs/{run}/log"),
        "/api/system".into(),
    ] {
        assert!(!board.text(&path).await.contains(KEY), "{path}");
    }
    assert!(!board.log().contains(KEY));
}

#[test]
fn a_redirect_gets_no_key_and_an_open_file_of_keys_is_not_used() {
    let other = Mlflow::start(Kept::default());
    let to = other.uri.replace("127.0.0.1", "localhost");
    let mlflow = Mlflow::start(Kept {
        redirect: Some(to),
        ..Kept::default()
    });
    let data = tempfile::tempdir().expect("a folder");
    let run = data.path().join("runs/r");
    std::fs::create_dir_all(&run).expect("a folder");
    let step = json!({ "seq": 1, "time": 1, "type": "step", "step": 1, "epoch": 0.5, "metrics": { "loss": 0.5 } });
    std::fs::write(run.join("events.jsonl"), format!("{step}\n")).expect("events");
    let said = |mode: u32, lines: &str| {
        let file = data.path().join("secrets.env");
        std::fs::write(&file, lines).expect("a file");
        std::fs::set_permissions(&file, Permissions::from_mode(mode)).expect("a mode");
        let mut command = Command::new(program("corral"));
        command.arg("report").arg(&run).env("DATA_DIR", data.path());
        for name in ["MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_TOKEN"] {
            command.env_remove(name);
        }
        let done = command.output().expect("corral");
        assert_eq!(done.status.code(), Some(1));
        String::from_utf8_lossy(&done.stderr).into_owned()
    };
    let keys = format!(
        "MLFLOW_TRACKING_URI={}\nexport MLFLOW_TRACKING_TOKEN=\"{KEY}\"\n",
        mlflow.uri
    );
    assert!(said(0o644, &keys).contains("chmod 600"));
    assert!(said(0o600, &keys).contains("refuses"));
    assert_eq!(other.until(|_| true).keyless, 0, "it was not asked at all");
    assert!(said(0o600, "").contains("MLFLOW_TRACKING_URI"));
    let inside = said(0o600, "MLFLOW_TRACKING_URI=ftp://me:planted@host/x");
    assert!(inside.contains("host/x") && !inside.contains("planted"), "{inside}");
    // what stands in its way is kept for the board, without a key
    let kept = std::fs::read_to_string(run.join("report.json")).expect("a file");
    assert!(kept.contains("mlflow_no_server") && !kept.contains("planted"), "{kept}");
    // beside a run that goes it is said in the run's terminal as well
    std::fs::write(run.join("config.yaml"), "report_to: mlflow\n").expect("a config");
    std::fs::write(data.path().join("secrets.env"), &keys).expect("a file");
    let mut beside = Command::new(program("corral"));
    beside
        .arg("report")
        .arg(&run)
        .args(["--pid", &std::process::id().to_string()]);
    let done = beside.env("DATA_DIR", data.path()).output().expect("corral");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.starts_with("note: ") && said.contains("refuses"), "{said}");
}
