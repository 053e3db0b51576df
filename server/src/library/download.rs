//! Fetching from a hub in a process of its own: it can be stopped at any byte and goes on from there.

use crate::ApiError;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::live::Bus;
use crate::secrets;
use crate::state::DataDir;
use crate::work::{Halt, Tasks};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use protocol::api::{Download, DownloadPlan, HubRequest};
use protocol::hub::{Hub, HubName, Kind, is_revision};
use protocol::live::ToBrowser;
use protocol::{Said, says};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Planning is given up after this: the hub only has to list its files.
const PLAN_TIMEOUT: Duration = Duration::from_secs(120);

/// Downloads since the server started. Cheap to clone.
#[derive(Clone)]
pub struct Downloads {
    tasks: Tasks,
    bus: Bus,
    data_dir: DataDir,
    /// The hub of a name that names none.
    default_hub: Hub,
    /// By id.
    all: Arc<Mutex<BTreeMap<String, Going>>>,
}

struct Going {
    download: Download,
    /// Counts the starts of this download: what an earlier, stopped one still reports is ignored.
    turn: u64,
    halt: Halt,
}

impl Downloads {
    pub fn new(tasks: Tasks, bus: Bus, data_dir: DataDir, default_hub: Hub) -> Self {
        Self {
            tasks,
            bus,
            data_dir,
            default_hub,
            all: Arc::default(),
        }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Going>> {
        self.all.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// A request with its hub filled in, and its name taken out of an address.
    pub fn judged(&self, request: HubRequest) -> ApiResult<HubRequest> {
        let Some(named) = HubName::of(request.kind, &request.name) else {
            let said = says::hub_name(request.name.escape_debug().to_string());
            return Err(ApiError::bad(says::bad_name(said)));
        };
        let non_empty = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let revision = non_empty(request.revision).or(named.revision);
        if let Some(wrong) = revision.as_deref().filter(|revision| !is_revision(revision)) {
            return Err(ApiError::bad(says::bad_revision(wrong.escape_debug().to_string())));
        }
        Ok(HubRequest {
            name: named.name,
            hub: Some(named.hub.or(request.hub).unwrap_or(self.default_hub)),
            kind: request.kind,
            revision,
            subset: non_empty(request.subset),
            split: non_empty(request.split),
            folder: non_empty(request.folder),
        })
    }

    async fn supervise(self, download: Download, turn: u64, halt: Halt) {
        let (id, asked) = (&download.id, &download.asked);
        let fetch = async {
            let command = self.command(asked)?;
            follow(command, asked, |line| {
                self.update(id, turn, |d| (d.done, d.total) = (line.done, line.total));
            })
            .await
        };
        let outcome = tokio::select! {
            outcome = fetch => outcome,
            // the process goes with what followed it
            () = halt.stopped() => Err(says::download_stopped()),
        };
        self.update(id, turn, |d| match outcome {
            Ok(_) => {
                d.state = "done".into();
                d.done = d.total;
            }
            Err(said) => {
                d.state = "failed".into();
                d.said = said;
            }
        });
    }

    /// `corral download`, which is told the one hub's token and no other secret.
    fn command(&self, asked: &HubRequest) -> Result<Command, Said> {
        let hub = asked.hub.unwrap_or_default();
        let program = std::env::current_exe().map_err(says::download_not_started)?;
        let mut command = Command::new(program);
        command.args(["download", "--json"]).arg(format!("--hub={}", hub.id()));
        if asked.kind == Kind::Dataset {
            command.arg("--dataset");
        }
        for (option, value) in [
            ("revision", &asked.revision),
            ("subset", &asked.subset),
            ("split", &asked.split),
            ("folder", &asked.folder),
        ] {
            if let Some(value) = value {
                command.arg(format!("--{option}={value}"));
            }
        }
        secrets::remove_all_but(&mut command, hub.token_variables());
        command.env(protocol::data_dir::VARIABLE, self.data_dir.root());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }

    fn update(&self, id: &str, turn: u64, change: impl FnOnce(&mut Download)) {
        let mut all = self.all();
        if let Some(going) = all.get_mut(id).filter(|going| going.turn == turn) {
            change(&mut going.download);
            self.bus.say(ToBrowser::Download {
                download: going.download.clone(),
            });
        }
    }
}

/// A line of `corral download --json`.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProgressLine {
    pub done: u64,
    pub total: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<DownloadPlan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Said>,
}

/// All downloads since the server started.
#[utoipa::path(get, path = "/api/downloads", tag = "library", responses((status = 200, body = [Download])))]
pub async fn list(State(downloads): State<Downloads>) -> Json<Vec<Download>> {
    let all = downloads.all();
    Json(all.values().map(|g| g.download.clone()).collect())
}

/// What a download would fetch and how much room there is for it. This asks the hub, and keeps nothing.
#[utoipa::path(post, path = "/api/downloads/plan", tag = "library", request_body = HubRequest, responses((status = 200, body = DownloadPlan)))]
pub async fn plan(
    State(downloads): State<Downloads>,
    Json(request): Json<HubRequest>,
) -> ApiResult<Json<DownloadPlan>> {
    let asked = downloads.judged(request)?;
    let mut command = downloads
        .command(&asked)
        .map_err(|said| ApiError::refused(StatusCode::BAD_GATEWAY, said))?;
    command.arg("--dry-run");
    let answer = tokio::time::timeout(PLAN_TIMEOUT, follow(command, &asked, |_| ())).await;
    let planned = match answer {
        Ok(planned) => planned,
        Err(_) => Err(says::download_ended(format!("{} s", PLAN_TIMEOUT.as_secs()))),
    };
    match planned {
        Ok(Some(plan)) => Ok(Json(plan)),
        Ok(None) => Err(ApiError::internal("corral download --dry-run told no plan")),
        Err(said) => Err(ApiError::refused(StatusCode::UNPROCESSABLE_ENTITY, said)),
    }
}

/// Starts a download; answers at once, progress comes over the WebSocket. Asking again while it goes on changes nothing.
#[utoipa::path(post, path = "/api/downloads", tag = "library", request_body = HubRequest, responses((status = 200, body = Download)))]
pub async fn start(State(downloads): State<Downloads>, Json(request): Json<HubRequest>) -> ApiResult<Json<Download>> {
    let asked = downloads.judged(request)?;
    let id = asked.id();
    let mut all = downloads.all();
    if let Some(going) = all.get(&id)
        && going.download.state == "downloading"
        && !going.halt.is_stopped()
    {
        return Ok(Json(going.download.clone()));
    }
    let download = Download {
        id: id.clone(),
        asked,
        done: 0,
        total: 0,
        state: "downloading".into(),
        said: Said::default(),
    };
    let halt = Halt::default();
    let turn = all.get(&id).map_or(0, |going| going.turn + 1);
    all.insert(
        id,
        Going {
            download: download.clone(),
            turn,
            halt: halt.clone(),
        },
    );
    drop(all);
    let going = downloads.clone().supervise(download.clone(), turn, halt);
    downloads.tasks.spawn(going);
    Ok(Json(download))
}

/// Stops a download; what arrived is kept for the next try.
#[utoipa::path(delete, path = "/api/downloads/{id}", tag = "library", params(("id" = String, Path)), responses((status = 204)))]
pub async fn stop(State(downloads): State<Downloads>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let all = downloads.all();
    let going = all
        .get(&id)
        .ok_or_else(|| ApiError::not_found(says::no_such_download()))?;
    going.halt.stop();
    Ok(StatusCode::NO_CONTENT)
}

/// Runs a download to its end. What it tells of its progress goes to `tell`; the answer is the plan, where that was asked for.
async fn follow(
    mut command: Command,
    asked: &HubRequest,
    mut tell: impl FnMut(&ProgressLine),
) -> Result<Option<DownloadPlan>, Said> {
    let mut child = command
        .args(["--", &asked.name])
        .spawn()
        .map_err(says::download_not_started)?;
    let (mut failed, mut plan) = (None, None);
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout).lines();
        while let Ok(Some(text)) = lines.next_line().await {
            match serde_json::from_str::<ProgressLine>(&text) {
                Ok(ProgressLine { error: Some(error), .. }) => failed = Some(error),
                Ok(ProgressLine {
                    plan: Some(planned), ..
                }) => plan = Some(planned),
                Ok(line) => tell(&line),
                Err(_) => {}
            }
        }
    }
    let status = child.wait().await.map_err(says::download_not_started)?;
    match status.success() {
        true => Ok(plan),
        false => Err(failed.unwrap_or_else(|| says::download_ended(status.to_string()))),
    }
}

/// The hub of an id on a command line.
///
/// # Errors
/// There is no such hub; those that there are.
pub fn hub_of(id: &str) -> Result<Hub, String> {
    Hub::of_id(id).ok_or_else(|| Hub::ALL.map(Hub::id).join(" or "))
}
