//! Making a sweep and, one after the other, its runs.

use super::Sweeps;
use crate::db::{SweepPlace, SweepRow};
use crate::error::ApiResult;
use crate::off_thread::off_thread;
use crate::runs::adopt::free_name;
use crate::runs::create::{self, is_id, new_id};
use crate::runs::marked;
use crate::{ApiError, whole};
use protocol::api::{NewRun, NewSweep, RunState};
use protocol::sweep::{self, Method, Point, STARTUP_RUNS, Target};
use protocol::{RunConfig, Said};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// The file in `sweeps/<id>/` that makes the same sweep.
const FILE: &str = "sweep.yaml";
/// Beside it, of a sweep that was deleted: how far it was.
const ROW: &str = "sweep.json";
/// How long until a run that could not be made is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// Bytes of the longest such file that is read.
const MAX_FILE: u64 = 1 << 20;

impl Sweeps {
    /// Stores a sweep that was judged; its runs follow.
    pub(super) async fn create(&self, new: NewSweep, runs: u64, target: Target) -> ApiResult<SweepRow> {
        let name = match new.name {
            Some(name) => name,
            None => {
                let taken: HashSet<String> = self.db.sweeps().await?.into_iter().map(|sweep| sweep.name).collect();
                create::free_name(&format!("{}-sweep", create::stem(&new.config)), &taken)
            }
        };
        let id = new_id(&self.ambient);
        let folder = self.data_dir.sweeps().join(&id);
        let mut config = new.config;
        let mut marks = None;
        // all its runs go by the same marks, however long it takes
        if config.pair_marks.is_some() {
            let mut resolved = config.clone();
            if let Some(error) = marked::resolve(&self.db, &mut resolved).await? {
                return Err(ApiError::InvalidConfig(vec![error]));
            }
            if let Some(found) = resolved.pair_marks {
                config.pair_marks = Some(marked::copy_in(&folder).display().to_string());
                marks = Some(found);
            }
        }
        let row = SweepRow {
            id,
            name,
            config,
            sweep: new.sweep,
            target,
            tags: new.tags,
            runs,
            made: 0,
            stopped: false,
            said: Said::default(),
            created: self.ambient.now(),
        };
        let yaml = sweep::to_yaml(Some(&row.name), &row.config, &row.sweep);
        let written = off_thread(move || {
            std::fs::create_dir_all(&folder)?;
            if let Some(marks) = marks {
                marked::copy(Path::new(&marks), &folder)?;
            }
            whole::write(&folder.join(FILE), yaml.as_bytes())
        });
        written.await??;
        self.db.insert_sweep(&row).await?;
        Ok(row)
    }

    /// Has the runs of a sweep made that are due; returns at once.
    pub fn start_making(&self, id: String) {
        self.tasks.spawn(self.clone().make_due_runs(id));
    }

    /// Makes the runs of a sweep that are due: all of a grid or random search; of TPE as many as it has values for and as can be
    /// started.
    async fn make_due_runs(self, id: String) {
        let errors = loop {
            match self.next(&id).await {
                Ok(true) => {}
                Ok(false) => return,
                // what stands against one run stands against those behind it, but for a name that was taken meanwhile
                Err(ApiError::InvalidConfig(errors)) if errors.iter().any(|error| error.code != create::TAKEN) => {
                    break errors;
                }
                // a full disk, such a name: it may go well later
                Err(error) => {
                    tracing::warn!("sweep {id}: {error}");
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        };
        let said = errors.first().map(|error| error.whole()).unwrap_or_default();
        tracing::warn!("sweep {id}: {said}");
        let stopped = async {
            self.db.stop_sweep(&id, &said).await?;
            self.db.runs_of_sweep(&id).await
        };
        match stopped.await {
            Ok(runs) => {
                // the row of each says whether its sweep is stopped
                for run in runs {
                    self.queue.announcer.run(&run.summary.id).await;
                }
            }
            Err(error) => tracing::error!("sweep {id}: {error}"),
        }
    }

    /// Goes on with every sweep that has runs to make, each beside the others.
    pub async fn make_all_due_runs(self) {
        match self.db.sweeps().await {
            Ok(sweeps) => {
                for sweep in sweeps
                    .into_iter()
                    .filter(|sweep| !sweep.stopped && sweep.made < sweep.runs)
                {
                    // one that waits for room keeps no other
                    self.start_making(sweep.id);
                }
            }
            Err(error) => tracing::error!("the sweeps can't be read: {error}"),
        }
    }

    /// Makes the next run of a sweep; false when none is due.
    async fn next(&self, id: &str) -> ApiResult<bool> {
        let _one = self.making.lock().await;
        let Some(sweep) = self.db.sweep(id).await? else {
            return Ok(false);
        };
        if sweep.stopped || sweep.made >= sweep.runs {
            return Ok(false);
        }
        let Some(point) = self.point(&sweep).await? else {
            return Ok(false);
        };
        let taken: HashSet<String> = self.db.names().await?.into_iter().collect();
        let digits = sweep.runs.to_string().len();
        let new = NewRun {
            config: run_config(&sweep.config, &point),
            name: Some(free_name(
                &format!("{}-{:0digits$}", sweep.name, sweep.made + 1),
                &taken,
            )),
            tags: sweep.tags.clone(),
            parent: None,
        };
        let place = SweepPlace {
            sweep: sweep.id,
            index: sweep.made,
            point,
        };
        Ok(Box::pin(self.maker.make(new, Some(place))).await?.is_some())
    }

    /// The values of the next run; nothing while they hang on runs that have not ended.
    async fn point(&self, row: &SweepRow) -> ApiResult<Option<Point>> {
        let drawn = row.sweep.method != Method::Tpe || row.made < STARTUP_RUNS;
        if drawn {
            return Ok(sweep::at(&row.sweep, row.made));
        }
        let runs = self.db.runs_of_sweep(&row.id).await?;
        let open = runs.iter().filter(|run| !run.summary.state.is_over()).count();
        if open >= self.slots {
            return Ok(None);
        }
        let values = self.db.evaluations(&row.id, &row.target.metric).await?;
        let mut taken = vec![Point::new(); row.made as usize];
        // the further a run came the better, for those that were stopped early; then by its result
        let mut ranked: Vec<(usize, (usize, f64))> = vec![];
        for run in &runs {
            let Some(of) = &run.summary.sweep else { continue };
            let place = of.index as usize;
            if let Some(slot) = taken.get_mut(place) {
                slot.clone_from(&of.point);
            }
            if !run.summary.state.is_over() {
                continue;
            }
            let own = values.get(&run.key).map(Vec::as_slice).unwrap_or_default();
            let behind = match run.summary.state {
                RunState::Completed => 0,
                RunState::Failed => usize::MAX,
                _ => usize::MAX - 1 - own.len(),
            };
            let cost = own.last().map_or(f64::MAX, |value| row.target.goal.cost(*value));
            ranked.push((place, (behind, cost)));
        }
        ranked.sort_by(|(_, a), (_, b)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let ranked: Vec<usize> = ranked.into_iter().map(|(place, _)| place).collect();
        Ok(sweep::next(&row.sweep, &taken, &ranked))
    }

    /// Takes up the sweeps whose folders are here and which the database does not know: their runs stay together, and no more
    /// are made.
    pub async fn adopt_all(&self) {
        let root = self.data_dir.sweeps();
        let list = move || -> Vec<PathBuf> {
            let folders = std::fs::read_dir(root).into_iter().flatten().flatten();
            folders.map(|folder| folder.path()).collect()
        };
        for folder in off_thread(list).await.unwrap_or_default() {
            let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let known = !matches!(self.db.sweep(&id).await, Ok(None));
            if known || !is_id(&id) {
                continue;
            }
            let (path, of) = (folder.join(FILE), id.clone());
            let read = off_thread(move || read_row(&of, &path).or_else(|| read_file(&of, &path)));
            let Some(row) = read.await.ok().flatten() else {
                tracing::warn!("{} was not taken up", folder.join(FILE).display());
                continue;
            };
            match self.db.insert_sweep(&row).await {
                Ok(()) => drop(off_thread(move || remove_row(&folder)).await),
                Err(error) => tracing::error!("sweep {id}: {error}"),
            }
        }
    }
}

/// The config of a sweep's run: its values, and the reference's log-probs stored where there is a reference.
pub(super) fn run_config(base: &RunConfig, point: &Point) -> RunConfig {
    let mut config = sweep::config_of(base, point);
    config.run_name = None;
    if sweep::stores_reference(&config) {
        config.precompute_ref_log_probs = Some(true);
    }
    config
}

/// Writes how far a sweep is into its folder, for when it is restored.
pub(super) fn write_row(folder: &Path, row: &SweepRow) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    whole::write(&folder.join(ROW), &serde_json::to_vec_pretty(row)?)
}

/// Removes that file: the sweep is in the database again, which alone says how far it is.
pub(super) fn remove_row(folder: &Path) {
    // mostly it is not there
    let _ = std::fs::remove_file(folder.join(ROW));
}

fn read_row(id: &str, path: &Path) -> Option<SweepRow> {
    let row: SweepRow = serde_json::from_slice(&std::fs::read(path.with_file_name(ROW)).ok()?).ok()?;
    (row.id == id).then_some(SweepRow { stopped: true, ..row })
}

fn read_file(id: &str, path: &Path) -> Option<SweepRow> {
    let meta = std::fs::symlink_metadata(path).ok()?;
    if !meta.is_file() || meta.len() > MAX_FILE {
        return None;
    }
    let file = sweep::read(&std::fs::read_to_string(path).ok()?, &[]);
    let runs = sweep::count(&file.sweep)?;
    let created = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(SweepRow {
        id: id.to_owned(),
        name: file.name?,
        target: file.sweep.target(&file.config)?,
        config: file.config,
        sweep: file.sweep,
        tags: vec![],
        runs,
        made: runs,
        stopped: true,
        said: Said::default(),
        created: created.as_millis() as i64,
    })
}
