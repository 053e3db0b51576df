//! Probing how fast a run will go where nothing like it was timed: a few of its own steps are made and thrown away.

use super::forecast::{Timed, TrainingKind, params, work};
use super::resolve::Resolver;
use crate::db::Db;
use crate::db::progress::Progress;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::off_thread::off_thread;
use crate::state::DataDir;
use crate::trainer::{Ended, Trainer};
use crate::work::{Halt, Tasks};
use crate::{ApiError, whole};
use axum::extract::State;
use axum::http::StatusCode;
use protocol::api::{CheckRequest, Probed};
use protocol::config::Method;
use protocol::fold::Fold;
use protocol::{Event, FieldError, RunConfig, RunSpec, run_dir, says};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Steps that are made; the first is a warm-up too.
const STEPS: u64 = 3;
/// Speeds that are remembered.
const MAX_KEPT: usize = 50;
/// The folder in the data directory, for as long as it takes.
const FOLDER: &str = ".probe";

/// Measures how fast training goes here. Cheap to clone.
#[derive(Clone)]
pub struct Probes {
    pub tasks: Tasks,
    pub db: Db,
    pub data_dir: DataDir,
    pub trainer: Trainer,
    pub resolver: Resolver,
    pub shared: Arc<Shared>,
}

/// Speeds measured since the server's start, and what is being measured.
#[derive(Default)]
pub struct Shared {
    timed: Mutex<Vec<Timed>>,
    going: Mutex<Option<Halt>>,
}

impl Probes {
    pub(super) fn timed(&self) -> Vec<Timed> {
        self.shared.timed.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    fn keep(&self, timed: Timed) {
        let mut all = self.shared.timed.lock().unwrap_or_else(|e| e.into_inner());
        all.insert(0, timed);
        all.truncate(MAX_KEPT);
    }

    /// One at a time: two would slow each other down.
    fn begin(&self) -> Option<(Halt, GoingProbe<'_>)> {
        let mut going = self.shared.going.lock().unwrap_or_else(|e| e.into_inner());
        if going.is_some() {
            return None;
        }
        let halt = self.tasks.halt();
        *going = Some(halt.clone());
        Some((halt, GoingProbe(self)))
    }
}

impl Probes {
    async fn clear(&self) {
        let root = self.data_dir.root().to_owned();
        if let Err(error) = off_thread(move || sweep(&root)).await {
            tracing::warn!("{FOLDER}: {error}");
        }
    }
}

/// Marks a probe as running until it is dropped, also where the request is cancelled.
struct GoingProbe<'a>(&'a Probes);

impl Drop for GoingProbe<'_> {
    fn drop(&mut self) {
        *self.0.shared.going.lock().unwrap_or_else(|e| e.into_inner()) = None;
    }
}

/// Makes a few steps of a run and answers how fast they went; `/api/check` then tells its time. Nothing of them stays. While a
/// run goes it is refused, as the two would slow each other down.
#[utoipa::path(post, path = "/api/probe", tag = "config", request_body = CheckRequest, responses((status = 200, body = Probed), (status = 409, body = protocol::api::Problem), (status = 422, body = protocol::api::Problem)))]
pub async fn start(State(probes): State<Probes>, Json(request): Json<CheckRequest>) -> ApiResult<Json<Probed>> {
    let found = probes.resolver.resolve(&request.config).await?;
    if !found.errors.is_empty() {
        return Err(ApiError::InvalidConfig(found.errors));
    }
    let (halt, _going) = probes.begin().ok_or_else(|| ApiError::conflict(says::probe_going()))?;
    if !probes.db.live_runs().await?.is_empty() {
        return Err(ApiError::conflict(says::probe_beside_run()));
    }
    let folder = probes.data_dir.root().join(FOLDER);
    let (config, spec) = few_steps(found.config, &folder).map_err(ApiError::InvalidConfig)?;
    if matches!(spec.method, Method::Ppo(_)) {
        return Err(ApiError::conflict(says::probe_of_ppo()));
    }
    let file = write_config(folder.clone(), config.completed().to_yaml()).await?;
    let args = ["train".to_owned(), file.display().to_string()];
    let ended = probes.trainer.lines(&args, &halt, |_| {}).await;
    let measured = match ended {
        Ended::Well => off_thread(move || measured(&folder, &spec)).await?,
        Ended::Stopped => Err(ApiError::conflict(says::probe_stopped())),
        Ended::Failed(said) => {
            // a worker tells its log why it failed, with a code
            let told = off_thread(move || progress(&folder).ok().and_then(|of| of.finished)).await?;
            let said = told.map_or(said, |(_, finished)| finished.said());
            Err(ApiError::refused(StatusCode::UNPROCESSABLE_ENTITY, said))
        }
    };
    probes.clear().await;
    let (timed, probed) = measured?;
    probes.keep(timed);
    Ok(Json(probed))
}

/// Stops what is being measured, if anything is.
#[utoipa::path(delete, path = "/api/probe", tag = "config", responses((status = 204)))]
pub async fn stop(State(probes): State<Probes>) -> StatusCode {
    if let Some(halt) = &*probes.shared.going.lock().unwrap_or_else(|e| e.into_inner()) {
        halt.stop();
    }
    StatusCode::NO_CONTENT
}

/// The same training for a few steps, with nothing beside them.
fn few_steps(config: RunConfig, folder: &Path) -> Result<(RunConfig, RunSpec), Vec<FieldError>> {
    let few = RunConfig {
        max_steps: Some(STEPS as f64),
        num_train_epochs: None,
        logging_strategy: Some("steps".into()),
        logging_steps: Some(1.0),
        val_size: None,
        eval_dataset: None,
        eval_strategy: Some("no".into()),
        do_eval: None,
        do_predict: None,
        predict_with_generate: None,
        save_strategy: Some("no".into()),
        load_best_model_at_end: None,
        early_stopping_steps: None,
        sample_prompts: None,
        sample_own_prompts: None,
        report_to: None,
        pair_marks: None,
        // rows of a few steps are not those of the run
        tokenized_path: None,
        // looks at evaluations
        lr_scheduler_type: config
            .lr_scheduler_type
            .clone()
            .filter(|kind| kind != "reduce_lr_on_plateau"),
        lr_scheduler_kwargs: None,
        use_swanlab: None,
        resume_from_checkpoint: None,
        run_name: None,
        output_dir: Some(folder.join("run").display().to_string()),
        ..config
    };
    let spec = protocol::config::check(&few).spec?;
    // no more of a large file is read than these steps take
    let rows = (STEPS as usize + 1) * spec.batch.train * spec.batch.accumulation;
    let most = few.max_samples.map_or(rows as u64, |most| most.min(rows as u64));
    let few = RunConfig {
        max_samples: match few.streaming {
            Some(true) => None,
            _ => Some(most),
        },
        ..few
    };
    let spec = protocol::config::check(&few).spec?;
    Ok((few, spec))
}

/// Writes the config into an empty folder; gives its path.
async fn write_config(folder: PathBuf, yaml: String) -> ApiResult<PathBuf> {
    let write = move || {
        remove_folder(&folder)?;
        std::fs::create_dir(&folder)?;
        let file = folder.join(run_dir::CONFIG);
        whole::write(&file, yaml.as_bytes())?;
        Ok(file)
    };
    off_thread(write).await?
}

/// What the steps' events add up to.
fn progress(folder: &Path) -> std::io::Result<Progress> {
    let text = std::fs::read_to_string(folder.join("run").join(run_dir::EVENTS))?;
    let mut progress = Progress::default();
    let events = text.lines().filter_map(|line| serde_json::from_str::<Event>(line).ok());
    events.for_each(|event| progress.apply(&event));
    Ok(progress)
}

/// The speed of the steps, by what their events tell.
fn measured(folder: &Path, spec: &RunSpec) -> ApiResult<(Timed, Probed)> {
    let progress = progress(folder)?;
    let speed = progress.latest.get("tokens_per_second").map(|(_, value)| value.get());
    let (Some(facts), Some(speed)) = (progress.facts, speed.filter(|speed| *speed > 0.0)) else {
        return Err(ApiError::internal("the steps told no speed"));
    };
    let params = params(spec, &facts);
    let timed = Timed {
        name: String::new(),
        work: work(spec, params),
        params,
        kind: TrainingKind::of(spec),
        on_cpu: facts.device == "cpu",
        total_work: work(spec, params) * speed,
        seconds: 1.0,
        samples: None,
    };
    let probed = Probed {
        tokens_per_second: speed,
        device: facts.device,
    };
    Ok((timed, probed))
}

/// Removes what measuring left in a data directory.
pub fn sweep(root: &Path) {
    if let Err(error) = remove_folder(&root.join(FOLDER)) {
        tracing::warn!("{FOLDER}: {error}");
    }
}

fn remove_folder(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
