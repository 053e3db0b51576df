//! Several checkpoints made one on demand: a child process writes the adapter or the model, which then is the checkpoint
//! of a run of its own, to be talked to, exported and downloaded as every other.

mod parts;

use super::merge::{broadcast, check_room};
use crate::ambient::Ambient;
use crate::db::Db;
use crate::error::ApiResult;
use crate::extract::Json;
use crate::live::Bus;
use crate::off_thread::off_thread;
use crate::path::DataPath;
use crate::runs::adopt::Adopter;
use crate::runs::board_file::BoardFile;
use crate::runs::create::{folder_name, new_id};
use crate::runs::resolve::Resolver;
use crate::runs::valid_name;
use crate::state::DataDir;
use crate::trainer::{Ended, Trainer};
use crate::work::{Halt, Tasks};
use crate::{ApiError, whole};
use axum::extract::State;
use parts::Parts;
use protocol::api::{Combine, CombinePlan, Combined, Combining, ExportForm, Merge};
use protocol::event::{Event, Origin, Outcome, Program, TrainEvent};
use protocol::{RunConfig, Said, run_dir, says};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// In front of the name of a run that is not whole yet.
const UNFINISHED_PREFIX: &str = ".combining-";

/// Merges of several checkpoints, and what makes them. Cheap to clone.
#[derive(Clone)]
pub struct Combines {
    pub tasks: Tasks,
    pub ambient: Ambient,
    pub db: Db,
    pub bus: Bus,
    pub data_dir: DataDir,
    pub trainer: Trainer,
    pub resolver: Resolver,
    pub adopter: Adopter,
    /// The merge that is running, or the last one. One runs at a time: each may fill the memory.
    pub last: Arc<Mutex<Option<Last>>>,
}

pub struct Last {
    combining: Combining,
    /// The folders that are merged.
    from: Vec<PathBuf>,
    halt: Halt,
}

impl Combines {
    fn last(&self) -> MutexGuard<'_, Option<Last>> {
        self.last.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The state of the merge that this run will come of, while there is no run yet.
    pub fn state(&self, run: &str) -> Option<Merge> {
        let last = self.last();
        let merge = last.as_ref().filter(|last| last.combining.run == run)?;
        let merge = &merge.combining.merge;
        (!matches!(merge, Merge::Done { .. })).then(|| merge.clone())
    }

    /// Stops the merge that this run will come of; false where none is running.
    pub fn stop(&self, run: &str) -> bool {
        let last = self.last();
        let of = last.as_ref().filter(|last| last.combining.run == run);
        let going = of.filter(|last| matches!(last.combining.merge, Merge::Going { .. }));
        going.inspect(|last| last.halt.stop()).is_some()
    }

    /// # Errors
    /// A merge is running.
    fn refuse_while_going(last: &Option<Last>) -> ApiResult<()> {
        match last.as_ref().map(|last| &last.combining.merge) {
            Some(Merge::Going { .. }) => Err(ApiError::conflict(says::combine_going())),
            _ => Ok(()),
        }
    }

    /// Whether a merge is running that reads a folder for which `is` holds.
    pub fn is_reading(&self, is: impl Fn(&Path) -> bool) -> bool {
        let last = self.last();
        let going = last
            .as_ref()
            .filter(|last| matches!(last.combining.merge, Merge::Going { .. }));
        going.is_some_and(|last| last.from.iter().any(|folder| is(folder)))
    }

    fn claim(&self, combining: Combining, parts: &Parts) -> ApiResult<Halt> {
        let mut last = self.last();
        Self::refuse_while_going(&last)?;
        let halt = self.tasks.halt();
        *last = Some(Last {
            combining,
            from: parts.folders.iter().map(|part| part.folder.clone()).collect(),
            halt: halt.clone(),
        });
        Ok(halt)
    }

    fn set_state(&self, merge: Merge) {
        if let Some(last) = self.last().as_mut() {
            last.combining.merge = merge;
        }
    }
}

/// The merge of several checkpoints that goes on, or the last one since the server started.
#[utoipa::path(get, path = "/api/combine", tag = "files", responses((status = 200, body = [Combining])))]
pub async fn last(State(combines): State<Combines>) -> Json<Vec<Combining>> {
    let last = combines.last();
    Json(last.iter().map(|last| last.combining.clone()).collect())
}

/// What merging these checkpoints would make, or what stands against it.
#[utoipa::path(post, path = "/api/combine/plan", tag = "files", request_body = Combine, responses((status = 200, body = CombinePlan)))]
pub async fn plan(State(combines): State<Combines>, Json(asked): Json<Combine>) -> ApiResult<Json<CombinePlan>> {
    let (_, combined) = combines.judge(&asked).await?;
    let runs = combines.data_dir.runs();
    Ok(Json(CombinePlan {
        adapter: combined.adapter,
        bytes: combined.bytes,
        free: off_thread(move || crate::system::disk_free(&runs)).await??,
    }))
}

/// Merges checkpoints into a new run; answers at once. How it stands is told live, and by `GET /api/combine`.
#[utoipa::path(post, path = "/api/combine", tag = "files", request_body = Combine, responses((status = 200, body = Combining)))]
pub async fn start(State(combines): State<Combines>, Json(asked): Json<Combine>) -> ApiResult<Json<Combining>> {
    let asked_name = asked.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    if let Some(name) = asked_name {
        valid_name(name)?;
        if combines.db.names().await?.iter().any(|taken| taken == name) {
            return Err(ApiError::conflict(says::run_name_taken(name)));
        }
    }
    // before it is judged, which takes a while
    Combines::refuse_while_going(&combines.last())?;
    let name = asked_name.map_or_else(|| format!("merged-{}", asked.method), str::to_owned);
    let (parts, combined) = combines.judge(&asked).await?;
    let runs = combines.data_dir.runs();
    let (bytes, target) = (combined.bytes, runs.clone());
    off_thread(move || check_room(bytes, &target)).await??;
    let run = new_id(&combines.ambient);
    let going = Combining {
        run: run.clone(),
        from: asked.from.clone(),
        method: asked.method.clone(),
        merge: Merge::Going { done: 0, total: 0 },
    };
    // from here on this is the one that is running
    let halt = combines.claim(going.clone(), &parts)?;
    broadcast(&combines.bus, &run, going.merge.clone());
    let job = Job {
        fresh: runs.join(format!("{UNFINISHED_PREFIX}{run}")),
        directory: runs.join(folder_name(&name, &run)),
        args: arguments(&parts, &asked),
        run,
        name,
        made_of: made_of(&asked),
        combined,
        parts,
        halt,
    };
    combines.tasks.clone().spawn_to_end(combines.work(job));
    Ok(Json(going))
}

impl Combines {
    /// Finds what is asked for, and has the trainer judge it: its rules are the only ones.
    async fn judge(&self, asked: &Combine) -> ApiResult<(Parts, Combined)> {
        let of_adapters = Combine::methods(true);
        let of_models_alone = Combine::methods(false)
            .iter()
            .filter(|name| !of_adapters.contains(name));
        let methods: Vec<&str> = of_adapters.iter().chain(of_models_alone).copied().collect();
        if !methods.contains(&asked.method.as_str()) {
            let method = asked.method.escape_debug().to_string();
            let said = says::file("method", says::not_one_of(method, methods.join(", ")));
            return Err(ApiError::bad(said));
        }
        if asked.from.len() < 2 {
            return Err(ApiError::bad(says::combine_takes_two()));
        }
        let parts = Parts::find(&self.db, &self.resolver, asked).await?;
        let mut args = arguments(&parts, asked);
        args.push("--check".into());
        let combined = self.trainer.json(&args).await.map_err(|error| match error {
            ApiError::Unusable(said) => ApiError::Unusable(parts.by_name(said)),
            other => other,
        });
        Ok((parts, combined?))
    }

    async fn work(self, mut job: Job) {
        let checkpoint = job.fresh.join(run_dir::checkpoint(0));
        job.args.push(format!("--out={}", checkpoint.display()));
        let mut notices = vec![job.made_of.clone()];
        let ended = self
            .trainer
            .lines(&job.args, &job.halt, |line| match serde_json::from_str(line) {
                Ok(TrainEvent::Phase { done, total, .. }) => {
                    self.set_and_broadcast(&job.run, Merge::Going { done, total })
                }
                Ok(TrainEvent::Notice(said)) => notices.push(said),
                _ => {}
            })
            .await;
        let (fresh, run) = (job.fresh.clone(), job.run.clone());
        let outcome = match ended {
            Ended::Stopped => Merge::None,
            Ended::Failed(said) => failed(job.parts.by_name(says::merge_failed(said))),
            // boxed: the future is large
            Ended::Well => match Box::pin(self.publish(job, notices)).await {
                Ok(done) => done,
                Err(error) => failed(error.said()),
            },
        };
        // what is left where it did not come to its end
        if let Err(error) = tokio::task::spawn_blocking(move || remove_folder(&fresh)).await {
            tracing::error!("{error}");
        }
        self.set_and_broadcast(&run, outcome);
    }

    fn set_and_broadcast(&self, run: &str, merge: Merge) {
        self.set_state(merge.clone());
        broadcast(&self.bus, run, merge);
    }

    /// Makes a run of what was written, and takes it up.
    async fn publish(&self, job: Job, notices: Vec<Said>) -> ApiResult<Merge> {
        let (bytes, directory) = (job.combined.bytes, job.directory.clone());
        let now = self.ambient.now();
        off_thread(move || describe(&job, notices, now).and_then(|()| fs::rename(&job.fresh, &job.directory)))
            .await??;
        let runs = self.data_dir.runs();
        let place = move || {
            let name = directory.file_name().unwrap_or_default().to_string_lossy();
            DataPath::new(&runs, &name).map(|path| path.to_path_buf())
        };
        self.adopter.adopt(off_thread(place).await??, false).await?;
        Ok(Merge::Done {
            bytes,
            checkpoint: run_dir::checkpoint(0),
            form: ExportForm::default(),
        })
    }
}

/// The arguments for the trainer, but for where to write.
fn arguments(parts: &Parts, asked: &Combine) -> Vec<String> {
    let mut args = vec!["merge".into(), "--json".into(), format!("--method={}", asked.method)];
    if !asked.weights.is_empty() {
        let weights: Vec<_> = asked.weights.iter().map(f64::to_string).collect();
        args.push(format!("--weights={}", weights.join(",")));
    }
    args.extend(asked.density.map(|density| format!("--density={density}")));
    let changes = !["linear", "slerp"].contains(&asked.method.as_str());
    if let Some(base) = parts.base.as_ref().filter(|_| changes && !parts.are_adapters()) {
        args.push(format!("--base={base}"));
    }
    args.extend(parts.folders.iter().map(|part| part.folder.display().to_string()));
    args
}

/// What was merged, and how, in a sentence.
fn made_of(asked: &Combine) -> Said {
    let part = |(place, name): (usize, &String)| match asked.weights.get(place) {
        Some(weight) => format!("{weight} × {name}"),
        None => name.clone(),
    };
    let parts: Vec<_> = asked.from.iter().enumerate().map(part).collect();
    let density = asked.density.map(|density| format!(" ({density})")).unwrap_or_default();
    says::combine_made_of(format!("{}{density}", asked.method), parts.join(", "))
}

/// A merge to be made.
struct Job {
    run: String,
    name: String,
    /// Where it is written.
    fresh: PathBuf,
    /// Where it goes once it is whole.
    directory: PathBuf,
    args: Vec<String>,
    made_of: Said,
    combined: Combined,
    parts: Parts,
    halt: Halt,
}

fn failed(said: Said) -> Merge {
    Merge::Failed { said, earlier: None }
}

/// Writes what a run directory has beside its checkpoint.
fn describe(job: &Job, notices: Vec<Said>, now: i64) -> io::Result<()> {
    let from = job.parts.folders.iter().map(|part| part.name.as_str());
    let origin = Origin {
        from: Program::Merge,
        path: from.collect::<Vec<_>>().join(", "),
        total_steps: None,
        resumed_from: 0,
    };
    let mut events = vec![TrainEvent::Origin(origin)];
    events.extend(notices.into_iter().map(TrainEvent::Notice));
    events.push(TrainEvent::Checkpoint {
        step: 0,
        path: run_dir::checkpoint(0),
        best: false,
    });
    events.push(TrainEvent::Finished {
        outcome: Outcome::Completed,
        step: 0,
        said: Said::default(),
        reference_forwards: 0,
    });
    let mut text = vec![];
    for (body, seq) in events.into_iter().zip(1..) {
        serde_json::to_writer(&mut text, &Event { seq, time: now, body })?;
        text.push(b'\n');
    }
    let config = RunConfig {
        run_name: Some(job.name.clone()),
        output_dir: Some(job.directory.display().to_string()),
        ..job.parts.config()
    };
    let kept = BoardFile {
        id: job.run.clone(),
        name: job.name.clone(),
        created: Some(now),
        ..BoardFile::default()
    };
    whole::write(&job.fresh.join(run_dir::CONFIG), config.to_yaml().as_bytes())?;
    whole::write(&job.fresh.join(run_dir::BOARD), &serde_json::to_vec_pretty(&kept)?)?;
    whole::write(&job.fresh.join(run_dir::EVENTS), &text)
}

/// Removes what merges left that were cut off.
pub fn sweep(runs: &Path) {
    let entries = fs::read_dir(runs).into_iter().flatten().flatten();
    let undone = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(UNFINISHED_PREFIX));
    undone.for_each(|entry| remove_folder(&entry.path()));
}

fn remove_folder(folder: &Path) {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!("{} can't be removed: {error}", folder.display());
        }
        _ => {}
    }
}
