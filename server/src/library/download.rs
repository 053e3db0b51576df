//! Fetching a hub model in a process of its own: it can be stopped at any byte and goes on from there.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "the words of a command on a terminal"
)]

use super::hub::Hub;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::{ApiError, AppState};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::api::Download;
use protocol::data::Part;
use protocol::hub::{HubName, is_name};
use protocol::live::ToBrowser;
use protocol::{Said, says};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::sync::oneshot;

/// Downloads since the server started, by model.
#[derive(Default)]
pub struct Downloads(Mutex<BTreeMap<String, Going>>);

struct Going {
    download: Download,
    /// Dropped or used: the process is killed.
    stop: Option<oneshot::Sender<()>>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DownloadRequest {
    /// `owner/name` on the hub.
    model: String,
    #[serde(default)]
    revision: Option<String>,
}

/// A line of `corral download --json`.
#[derive(Serialize, Deserialize)]
struct Line {
    done: u64,
    total: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Said>,
}

/// All downloads since the server started.
#[utoipa::path(get, path = "/api/models/downloads", tag = "library", responses((status = 200, body = [Download])))]
pub async fn list(State(app): State<AppState>) -> Json<Vec<Download>> {
    let all = app.downloads.0.lock().unwrap_or_else(|e| e.into_inner());
    Json(all.values().map(|g| g.download.clone()).collect())
}

/// Starts a download; answers at once, progress comes over the WebSocket. Asking again while it goes on changes nothing.
#[utoipa::path(post, path = "/api/models/downloads", tag = "library", request_body = DownloadRequest, responses((status = 200, body = Download)))]
pub async fn start(State(app): State<AppState>, Json(request): Json<DownloadRequest>) -> ApiResult<Json<Download>> {
    let Some(named) = HubName::parse(&request.model) else {
        return Err(ApiError::bad(
            "bad_name",
            format!(
                "`{}` is not a hub name: it takes the form owner/name, or the address of the model's page",
                request.model.escape_debug()
            ),
        ));
    };
    let (model, revision) = (named.name, request.revision.or(named.revision));
    if revision
        .as_deref()
        .is_some_and(|r| r.starts_with('-') || !is_name(&format!("x/{r}")))
    {
        return Err(ApiError::bad(
            "bad_revision",
            "a revision is a branch, a tag or a commit",
        ));
    }
    let mut all = app.downloads.0.lock().unwrap_or_else(|e| e.into_inner());
    if let Some(going) = all.get(&model)
        && going.download.state == "downloading"
    {
        return Ok(Json(going.download.clone()));
    }
    let download = Download {
        model: model.clone(),
        done: 0,
        total: 0,
        state: "downloading".into(),
        said: Said::default(),
    };
    let (stop, stopped) = oneshot::channel();
    all.insert(
        model.clone(),
        Going {
            download: download.clone(),
            stop: Some(stop),
        },
    );
    drop(all);
    tokio::spawn(supervise(app, model, revision, stopped));
    Ok(Json(download))
}

/// Stops a download; what arrived is kept for the next try.
#[utoipa::path(delete, path = "/api/models/downloads/{model}", tag = "library", params(("model" = String, Path)), responses((status = 204)))]
pub async fn stop(State(app): State<AppState>, Path(model): Path<String>) -> ApiResult<StatusCode> {
    let mut all = app.downloads.0.lock().unwrap_or_else(|e| e.into_inner());
    let going = all
        .get_mut(&model)
        .ok_or_else(|| ApiError::not_found(says::no_such_download()))?;
    drop(going.stop.take());
    Ok(StatusCode::NO_CONTENT)
}

async fn supervise(app: AppState, model: String, revision: Option<String>, stopped: oneshot::Receiver<()>) {
    let outcome = tokio::select! {
        outcome = fetch(&app, &model, revision) => outcome,
        _ = stopped => Err(Said::new("download_stopped", "stopped; what arrived is kept")),
    };
    update(&app, &model, |d| match outcome {
        Ok(()) => {
            d.state = "done".into();
            d.done = d.total;
        }
        Err(said) => {
            d.state = "failed".into();
            d.said = said;
        }
    });
}

async fn fetch(app: &AppState, model: &str, revision: Option<String>) -> Result<(), Said> {
    let failed_to_start = |e: std::io::Error| {
        let message = format!("the download could not be started: {e}");
        Said::new("download_not_started", message).with_args([e.to_string()])
    };
    let program = std::env::current_exe().map_err(failed_to_start)?;
    let mut command = Command::new(program);
    command.args(["download", "--json"]);
    if let Some(revision) = revision {
        command.arg(format!("--revision={revision}"));
    }
    command.args(["--", model]);
    crate::secrets::keep_all_but(&mut command, &["HF_TOKEN"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(failed_to_start)?;
    let mut failed = None;
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout).lines();
        while let Ok(Some(text)) = lines.next_line().await {
            let Ok(line) = serde_json::from_str::<Line>(&text) else {
                continue;
            };
            match line.error {
                Some(error) => failed = Some(error),
                None => update(app, model, |d| (d.done, d.total) = (line.done, line.total)),
            }
        }
    }
    let status = child.wait().await.map_err(failed_to_start)?;
    if status.success() {
        Ok(())
    } else {
        Err(failed.unwrap_or_else(|| {
            Said::new("download_ended", format!("the download ended with {status}")).with_args([status.to_string()])
        }))
    }
}

fn update(app: &AppState, model: &str, change: impl FnOnce(&mut Download)) {
    let mut all = app.downloads.0.lock().unwrap_or_else(|e| e.into_inner());
    if let Some(going) = all.get_mut(model) {
        change(&mut going.download);
        app.bus.say(ToBrowser::Download {
            download: going.download.clone(),
        });
    }
}

/// What `corral download` is asked for.
#[derive(Debug, clap::Args)]
pub struct DownloadArgs {
    /// owner/name
    model: String,
    /// It is a data set
    #[arg(long)]
    dataset: bool,
    /// Which of the data set's subsets
    #[arg(long, requires = "dataset")]
    subset: Option<String>,
    /// Which of its splits [default: train]
    #[arg(long, requires = "dataset")]
    split: Option<String>,
    /// Only what lies in this folder of it
    #[arg(long, requires = "dataset")]
    folder: Option<String>,
    /// A branch, a tag or a commit [default: main]
    #[arg(long)]
    revision: Option<String>,
    /// Tell progress in JSON lines on standard output
    #[arg(long)]
    json: bool,
}

/// `corral download`: fetches a model or a data set with progress on standard error, or with `json` in lines on standard output.
/// Prints its folder. The answer is the exit code.
pub fn command(args: &DownloadArgs) -> u8 {
    let (model, json) = (args.model.as_str(), args.json);
    let mut told: Option<Instant> = None;
    let mut tell = |done: u64, total: u64| {
        let due = told.is_none_or(|t| t.elapsed() > Duration::from_millis(200)) || done == total;
        if !due {
            return;
        }
        told = Some(Instant::now());
        if json {
            say(&Line {
                done,
                total,
                error: None,
            });
        } else {
            eprint!("\r{model}: {} of {} MiB", done >> 20, total >> 20);
        }
    };
    // an address is as good as the name in it
    let named = HubName::parse(model);
    let name = named.as_ref().map_or(model, |named| &named.name);
    let revision = args.revision.as_deref();
    let revision = revision.or(named.as_ref().and_then(|named| named.revision.as_deref()));
    let hub = Hub::from_env();
    let part = Part {
        subset: args.subset.clone(),
        split: args.split.clone(),
        folder: args.folder.clone(),
    };
    let fetched = match args.dataset {
        true => hub.download_dataset(name, revision, &part, &mut tell),
        false => hub.download(name, revision, &mut tell),
    };
    match fetched {
        Ok(path) => {
            if !json {
                eprintln!();
                println!("{}", path.display());
            }
            0
        }
        Err(error) if json => {
            say(&Line {
                done: 0,
                total: 0,
                error: Some(error.said()),
            });
            1
        }
        Err(error) => {
            eprintln!("\nerror: {error}");
            1
        }
    }
}

fn say(line: &Line) {
    let mut out = std::io::stdout().lock();
    // a reader that went away ends us by its signal or here: either way there is no one to tell
    let _ = writeln!(out, "{}", serde_json::to_string(line).unwrap_or_default());
    let _ = out.flush();
}
