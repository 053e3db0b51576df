//! Adopting run directories that this server did not make: from the command line, another machine, a lost database.

use super::announcer::Announcer;
use super::board_file::BoardFile;
use super::config_text;
use super::create::{is_id, new_id};
use super::was::Was;
use crate::ApiError;
use crate::ambient::Ambient;
use crate::db::{Db, EndedRun, NewRow};
use crate::error::ApiResult;
use crate::extract::Json;
use crate::live::Bus;
use crate::off_thread::off_thread;
use crate::state::DataDir;
use crate::supervisor::follow::{self, Follower};
use crate::supervisor::{Event, Supervisor};
use axum::extract::State;
use axum::http::StatusCode;
use protocol::api::{AdoptRun, RunState, RunSummary};
use protocol::{RunConfig, Said, run_dir, says};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Folders below `runs/` that are looked into: `runs/<id>`, and LLaMA-Factory's habit of `saves/<model>/<kind>/<stage>`.
const MAX_DEPTH: usize = 4;
/// How many folders one search looks at, at most.
const MAX_FOLDERS: usize = 20_000;
/// Time between two searches for run directories that nobody has told us of.
const SCAN_INTERVAL: Duration = Duration::from_secs(2);

/// Adopts run directories. Cheap to clone.
#[derive(Clone)]
pub struct Adopter {
    pub ambient: Ambient,
    pub db: Db,
    pub bus: Bus,
    pub data_dir: DataDir,
    pub supervisor: Supervisor,
    pub announcer: Announcer,
    /// One import of other programs' runs at a time.
    pub importing: Arc<tokio::sync::Mutex<()>>,
}

impl Adopter {
    /// The error of a directory that lies in another run's, or that others lie in: deleting a run deletes its directory, so each must
    /// be one run's alone.
    fn misplaced(&self, directory: &Path, known: &[PathBuf]) -> Option<ApiError> {
        let said = directory.display().to_string();
        if let Some(other) = known.iter().find(|other| directory.starts_with(other)) {
            let other = other.display().to_string();
            return Some(ApiError::conflict(says::inside_a_run(said, other)));
        }
        let own = [self.data_dir.runs(), self.data_dir.data(), self.data_dir.models()];
        let held = own.iter().chain(known).find(|other| other.starts_with(directory))?;
        let said = says::others_inside(said, held);
        Some(ApiError::conflict(says::holds_others(said)))
    }

    /// Searches for new run directories, and for ended runs that were resumed, as long as the server runs.
    pub async fn scan_periodically(self) {
        let mut scan = Scan::first(&self.db).await;
        let mut every = tokio::time::interval(SCAN_INTERVAL);
        loop {
            every.tick().await;
            if let Err(error) = scan.once(&self).await {
                tracing::error!("run directories could not be taken up: {error}");
            }
            scan.fresh = false;
        }
    }

    /// Searches once for new run directories, and for ended runs that were resumed.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn scan(&self) -> ApiResult<()> {
        Box::pin(Scan::first(&self.db).await.once(self)).await
    }

    /// Makes a run of a directory and gives its id, or that of the run that was made of it a moment ago. With `stays_queued`, a run
    /// that waited in the queue goes on waiting; else it does not start by itself.
    pub async fn adopt(&self, directory: PathBuf, stays_queued: bool) -> ApiResult<String> {
        // on the heap: what waits for it stays small
        Box::pin(self.list(directory, stays_queued, None)).await
    }

    /// Gives the id of a run that was deleted and is taken back: where it is known how it `was`, it is so again.
    pub async fn take_back(&self, directory: PathBuf, was: Option<&Was>) -> ApiResult<String> {
        Box::pin(self.list(directory, true, was)).await
    }

    async fn list(&self, directory: PathBuf, stays_queued: bool, was: Option<&Was>) -> ApiResult<String> {
        let place = directory.clone();
        let Some(about) = off_thread(move || DirectoryFacts::read(&place).map(Box::new)).await? else {
            let said = says::config_unreadable(&directory.join(run_dir::CONFIG));
            return Err(ApiError::bad(says::bad_config_file(said)));
        };
        let DirectoryFacts {
            config,
            written,
            kept,
            begun,
        } = *about;
        let config = was.map_or(config, |was| was.config.clone());
        let kept = was.map_or(kept, |was| was.kept.clone());
        // how it ended is told once its events are read, and until then nobody else judges it
        let comes_back = was.filter(|was| was.state != RunState::Queued);
        let folder = directory.file_name().map(|n| n.to_string_lossy().into_owned());
        let named = [Some(kept.name.clone()), config.run_name.clone(), folder];
        let mut named = named.into_iter().flatten();
        let wished = named.find(|n| super::valid_name(n).is_ok());
        let wished = wished.unwrap_or_else(|| "run".into());
        // a copied directory has the same id in it as the original
        let original = is_id(&kept.id) && self.db.run(&kept.id).await?.is_none();
        let state = match kept.queued {
            Some(_) if stays_queued && original => RunState::Queued,
            _ if begun => RunState::Starting,
            // it never began: as `Starting` it would be put into the queue if the server were killed now
            _ => comes_back.map_or(RunState::Stopped, |was| was.state),
        };
        let goes_on = was.map_or(begun, |was| was.kept.resume);
        let mut row = NewRow {
            id: if original { kept.id.clone() } else { String::new() },
            name: String::new(),
            state,
            resume: goes_on && state == RunState::Queued,
            config,
            directory,
            tags: kept.tags,
            note: kept.note,
            archived: kept.archived,
            parent: kept.parent,
            created: kept.created.or(written).unwrap_or_else(|| self.ambient.now()),
            // its sweep may not be known any more
            sweep: match kept.sweep {
                Some(place) if original && self.db.sweep(&place.sweep).await?.is_some() => Some(place),
                _ => None,
            },
            early: None,
        };
        row.early = kept.early.filter(|_| row.sweep.is_some());
        loop {
            let taken: HashSet<String> = self.db.names().await?.into_iter().collect();
            if row.id.is_empty() {
                row.id = new_id(&self.ambient);
            }
            row.name = free_name(&wished, &taken);
            match self.db.insert_run(&row).await {
                Ok(()) => break,
                // between the look and the insert: the scan took up the same directory, or a new run took the name or id
                Err(error) if error.as_database_error().is_some_and(|e| e.is_unique_violation()) => {
                    if let Some(id) = self.db.run_in(&row.directory).await? {
                        return Ok(id);
                    }
                    row.id.clear();
                }
                Err(error) => return Err(error.into()),
            }
        }
        let id = row.id;
        tracing::info!("took up {}", row.directory.display());
        match (comes_back, row.state) {
            (Some(was), _) => {
                if let Err(error) = was.come_back(self, &id).await {
                    tracing::error!("run {id} may not be as it was: {error}");
                    if row.state == RunState::Starting {
                        self.supervisor.tell(Event::Adopted { run: id.clone() });
                    }
                }
            }
            (_, RunState::Queued) => {
                // its curve so far; the rest when its turn comes
                let stored = super::find(&self.db, &id).await?;
                Follower::new(&stored)
                    .catch_up(&self.db, &self.bus)
                    .await
                    .map_err(ApiError::internal)?;
                self.supervisor.tell(Event::Wake);
            }
            (_, RunState::Stopped) => {
                let stored = super::find(&self.db, &id).await?;
                self.db.end_run(stored.key, RunState::Stopped, &never_began()).await?;
            }
            _ => self.supervisor.tell(Event::Adopted { run: id.clone() }),
        }
        self.announcer.run(&id).await;
        Ok(id)
    }
}

/// Takes up the run directory at an absolute path on this machine.
#[utoipa::path(post, path = "/api/runs/adopt", tag = "runs", request_body = AdoptRun, responses((status = 201, body = RunSummary)))]
pub async fn adopt(
    State(adopter): State<Adopter>,
    Json(request): Json<AdoptRun>,
) -> ApiResult<(StatusCode, Json<RunSummary>)> {
    let path = PathBuf::from(&request.path);
    let look = move || path.canonicalize().ok().filter(|p| path.is_absolute() && is_run(p));
    let directory = off_thread(look).await?;
    let Some(directory) = directory else {
        let path = request.path.escape_debug().to_string();
        return Err(ApiError::bad(says::no_run_directory(path)));
    };
    let known = adopter.db.directories().await?;
    if known.contains(&directory) {
        return Err(ApiError::conflict(says::adopted(&directory)));
    }
    if let Some(error) = adopter.misplaced(&directory, &known) {
        return Err(error);
    }
    adopter.db.remember_directory(&directory).await?;
    let id = adopter.adopt(directory, false).await?;
    Ok((StatusCode::CREATED, Json(super::find(&adopter.db, &id).await?.summary)))
}

#[derive(Default)]
struct Scan {
    fresh: bool,
    /// Directories that can't be adopted, and why: each is logged once.
    bad: HashMap<PathBuf, String>,
    /// How long the events of ended runs were at the last look.
    lengths: HashMap<String, u64>,
}

impl Scan {
    /// A database that knows no run is new, or a new one in place of a lost one: then what waited goes on waiting.
    async fn first(db: &Db) -> Self {
        Self {
            fresh: db.names().await.is_ok_and(|names| names.is_empty()),
            ..Self::default()
        }
    }

    /// Adopts every run directory below `runs/` that is not known yet.
    async fn once(&mut self, adopter: &Adopter) -> ApiResult<()> {
        let known = adopter.db.directories().await?;
        let skip: HashSet<PathBuf> = known
            .iter()
            .cloned()
            .chain(adopter.db.forgotten_directories().await?)
            .collect();
        let root = adopter.data_dir.runs();
        let find = move || {
            let mut search = DirectorySearch {
                skip,
                found: vec![],
                left: MAX_FOLDERS,
            };
            search.collect(&root, MAX_DEPTH);
            // what waited keeps its order
            search
                .found
                .sort_by_key(|found| BoardFile::read(found).and_then(|kept| kept.queued));
            search.found
        };
        for directory in off_thread(find).await? {
            let taken = match adopter.misplaced(&directory, &known) {
                Some(error) => Err(error),
                None => adopter.adopt(directory.clone(), self.fresh).await,
            };
            match taken {
                Ok(_) => drop(self.bad.remove(&directory)),
                Err(error) => {
                    let error = error.to_string();
                    if self.bad.get(&directory) != Some(&error) {
                        tracing::warn!("{} was not taken up: {error}", directory.display());
                        self.bad.insert(directory, error);
                    }
                }
            }
        }
        let over = adopter.db.runs_over().await?;
        let mut lengths = std::mem::take(&mut self.lengths);
        let (lengths, grown) = off_thread(move || {
            let grown = grown(over, &mut lengths);
            (lengths, grown)
        })
        .await?;
        self.lengths = lengths;
        for run in grown {
            if adopter.db.reopen(run.key).await? {
                adopter.supervisor.tell(Event::Adopted { run: run.id });
            }
        }
        Ok(())
    }
}

/// The ended runs whose events have grown: somebody resumed them from the command line.
fn grown(mut over: Vec<EndedRun>, lengths: &mut HashMap<String, u64>) -> Vec<EndedRun> {
    over.retain(|run| {
        let events = run.directory.join(run_dir::EVENTS);
        let Ok(length) = std::fs::metadata(&events).map(|meta| meta.len()) else {
            return false;
        };
        let before = lengths.insert(run.id.clone(), length);
        length > run.bytes && before != Some(length) && follow::has_news(&events, run.bytes, run.seq)
    });
    over
}

struct DirectorySearch {
    skip: HashSet<PathBuf>,
    found: Vec<PathBuf>,
    left: usize,
}

impl DirectorySearch {
    fn collect(&mut self, folder: &Path, depth: usize) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            // a link here was put by the person, and stands for the run directory it points to
            let Ok(path) = entry.path().canonicalize() else {
                continue;
            };
            if hidden || !path.is_dir() || self.skip.contains(&path) || self.found.contains(&path) {
                continue;
            }
            if is_run(&path) {
                self.found.push(path);
            } else if depth > 1 && !is_link {
                self.collect(&path, depth - 1);
            }
        }
    }
}

/// Whether a directory is a run's: one that is only being prepared has its config alone.
pub fn is_run(directory: &Path) -> bool {
    let has = |name| directory.join(name).is_file();
    has(run_dir::CONFIG) && (has(run_dir::EVENTS) || has(run_dir::BOARD))
}

/// What a run directory says of itself.
struct DirectoryFacts {
    config: RunConfig,
    /// When the config was written, in milliseconds since the Unix epoch.
    written: Option<i64>,
    kept: BoardFile,
    /// Whether a worker has been here.
    begun: bool,
}

impl DirectoryFacts {
    /// `None` where its config can't be read.
    fn read(directory: &Path) -> Option<Self> {
        let yaml = config_text(directory)?;
        let meta = std::fs::metadata(directory.join(run_dir::CONFIG));
        let written = meta.and_then(|meta| meta.modified()).ok();
        let written = written.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        Some(Self {
            config: RunConfig::parse(&yaml).config,
            written: written.map(|since| since.as_millis() as i64),
            kept: BoardFile::read(directory).unwrap_or_default(),
            begun: directory.join(run_dir::EVENTS).is_file(),
        })
    }
}

/// Said of a run that left the queue before a worker was started.
pub fn never_began() -> Said {
    says::never_began()
}

/// The name, or the first of `name-2`, `name-3` … that is free.
pub fn free_name(wished: &str, taken: &HashSet<String>) -> String {
    if !taken.contains(wished) {
        return wished.to_owned();
    }
    let mut names = (2..).map(|n| format!("{wished}-{n}"));
    names
        .find(|name| !taken.contains(name))
        .unwrap_or_else(|| wished.to_owned())
}
