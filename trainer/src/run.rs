//! A run from its config to its last event: the run directory's files around the loop.

use crate::error::{Error, Result};
use crate::events::{EventLog, Watch};
use crate::ops::cuda;
use crate::session::{Session, predict_alone, resume_point};
use crate::trackers::{self, Beside};
use crate::weights::Hub;
use crate::{checkpoint, files, folder, info, machine, resumed, train};
use protocol::config::{PlacedRun, Resume, RunSpec};
use protocol::event::{Outcome, TrainEvent};
use protocol::memory::{self, Shortage};
use protocol::pairs::MARKS_USED;
use protocol::{RunConfig, Said, run_dir, says};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// A checked config, ready to run.
pub struct Request {
    pub config: RunConfig,
    pub run: PlacedRun,
    /// What the person should know of their config.
    pub notices: Vec<Said>,
}

/// Trains. Whatever happens after the run directory is open, its last event says how it ended.
///
/// # Errors
/// The run directory can't be used: nothing was written.
pub fn run(request: Request, watch: Box<dyn Watch>) -> Result<Outcome> {
    let dir = Path::new(&request.run.output_dir).to_owned();
    check_free(&dir, &request.run)?;
    // its config and events tell how its checkpoints were trained: a prediction alone would write others over them
    if request.run.spec.predict.is_some_and(|predict| predict.alone) && !checkpoint::list(&dir).is_empty() {
        return Err(Error::file(&dir, says::predicts_elsewhere()));
    }
    let mut request = request;
    let spec = request.run.spec.clone();
    let resume = resume_point(&spec, Some(&dir))?;
    if let Some(checkpoint) = &resume {
        request.notices.extend(resumed::compare(checkpoint, &request.config)?);
    }
    let asked = &spec.trackers;
    for (asked, tracker) in [(asked.trackio, "trackio"), (asked.mlflow, "mlflow")] {
        if asked && std::env::var_os(run_dir::REPORTED).is_none() {
            request.notices.push(says::tracker_by_corral(tracker));
        }
    }
    request
        .notices
        .extend(trackers::notices(&spec.trackers, &dir, &request.config));
    std::fs::create_dir_all(&dir).map_err(Error::io(&dir))?;
    let mut events = EventLog::open(&dir, watch)?;
    files::sweep(&dir)?;
    let mut worker = machine::worker()?;
    folder::write_json(&dir.join(run_dir::WORKER), &serde_json::json!(worker))?;
    worker.card = cuda::uuid(spec.device);
    if worker.card.is_some() {
        // a board places no other run on it
        folder::write_json(&dir.join(run_dir::WORKER), &serde_json::json!(worker))?;
    }
    machine::beat(&dir.join(run_dir::WORKER));
    // the config of checkpoints that are there stays until this run is known to go
    let kept = kept(&request.config, &dir);
    let config = kept.to_yaml();
    let late = !checkpoint::list(&dir).is_empty();
    if !late {
        files::write_atomic(&dir.join(run_dir::CONFIG), config.as_bytes())?;
    }

    events.follow(Beside::start(&dir, &spec.trackers, &kept));
    let done = catch_unwind(AssertUnwindSafe(|| {
        let opened = || match late {
            true => files::write_atomic(&dir.join(run_dir::CONFIG), config.as_bytes()),
            false => Ok(()),
        };
        attempt(request, &mut events, opened)
    }));
    let ended = done.unwrap_or_else(|panic| Ended::unopened(Err(Error::invalid(says::internal_error(words(&*panic))))));
    let (outcome, said) = match &ended.result {
        Ok(()) => (Outcome::Completed, Said::default()),
        Err(Error::Stopped) => (Outcome::Stopped, Said::default()),
        Err(e) => (Outcome::Failed, told(e, &dir, &spec, ended.rows.unwrap_or(u64::MAX))),
    };
    events.end_followers(outcome, &said)?;
    events.emit(TrainEvent::Finished {
        outcome,
        step: ended.step,
        said,
        reference_forwards: ended.reference_forwards,
    })?;
    Ok(outcome)
}

/// The error as the last event says it: where a card was too small, with what to change.
fn told(error: &Error, dir: &Path, spec: &RunSpec, rows: u64) -> Said {
    if let Some(path) = error.full_disk() {
        return match checkpoint::newest(dir) {
            Some(_) => says::disk_is_full_resume(path),
            None => says::disk_is_full(path),
        };
    }
    let said = error.said();
    let Error::CardMemory { wanted, free, total } = error else {
        return said;
    };
    let shortage = Shortage {
        wanted: *wanted as u64,
        free: *free as u64,
        total: *total as u64,
    };
    match info::read(Path::new(&spec.model.path)) {
        Ok(model) => says::card_full_so(said, memory::advice(&model.dims, spec, rows, shortage)),
        // a name of the hub, say
        Err(_) => said,
    }
}

struct Ended {
    result: Result<()>,
    step: u64,
    /// Rows that it trains on, once they are known.
    rows: Option<u64>,
    reference_forwards: u64,
}

impl Ended {
    /// Without a session.
    fn unopened(result: Result<()>) -> Self {
        Self {
            result,
            step: 0,
            rows: None,
            reference_forwards: 0,
        }
    }
}

/// `opened` is called once model, data and checkpoint are known to go together.
fn attempt(request: Request, events: &mut EventLog, opened: impl FnOnce() -> Result<()>) -> Ended {
    let told = request.notices.into_iter().try_for_each(|notice| events.notice(notice));
    let hub = Hub::of(&request.run.spec);
    if let Some(predict) = request.run.spec.predict.filter(|predict| predict.alone) {
        let opened = told.and_then(|()| opened());
        return Ended::unopened(opened.and_then(|()| predict_alone(&request.run, &predict, events, &hub)));
    }
    match told.and_then(|()| Session::open(request.run, events, &hub)) {
        Ok(mut session) => Ended {
            result: opened().and_then(|()| trained(&mut session)),
            step: session.state.step,
            rows: session.feed.rows(),
            reference_forwards: session.reference.forwards(),
        },
        Err(e) => Ended::unopened(Err(e)),
    }
}

/// Trains to the end, and predicts then, where it is asked for.
fn trained(session: &mut Session) -> Result<()> {
    train::run(session)?;
    session.predict()
}

/// A directory that was trained into is used again only when asked for.
fn check_free(dir: &Path, run: &PlacedRun) -> Result<()> {
    files::check_out_folder(dir).map_err(|e| Error::invalid(says::file("output_dir", e.said())))?;
    if run.overwrite_output_dir || run.spec.resume != Resume::No || !dir.exists() {
        return Ok(());
    }
    let events = dir.join(run_dir::EVENTS);
    let trained = events.metadata().is_ok_and(|m| m.len() > 0) || !checkpoint::list(dir).is_empty();
    // what stands there before a worker starts: its config, its log, and the traces of one that never got far
    let known = [
        run_dir::CONFIG,
        run_dir::LOG,
        run_dir::WORKER,
        run_dir::EVENTS,
        run_dir::BOARD,
        MARKS_USED,
    ];
    let stranger = std::fs::read_dir(dir)
        .map_err(Error::io(dir))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .find(|name| !known.contains(&name.as_str()) && !name.starts_with('.'));
    match (trained, stranger) {
        (false, None) => Ok(()),
        (true, _) => Err(Error::file(dir, says::trained_before())),
        (false, Some(name)) => Err(Error::file(dir, says::not_empty(name))),
    }
}

/// What `config.yaml` says: complete, but for how this one worker came to start.
fn kept(config: &RunConfig, dir: &Path) -> RunConfig {
    let mut config = config.completed();
    let inside = |path: &str| path.eq_ignore_ascii_case("true") || Path::new(path).starts_with(dir);
    if config.resume_from_checkpoint.as_deref().is_some_and(inside) {
        config.resume_from_checkpoint = None;
    }
    config
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "the program panicked".into())
}
