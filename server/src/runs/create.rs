//! Creating a run: it is judged by the rule book, named, given a directory, queued.

use super::announcer::Announcer;
use super::check::{Judge, unused};
use super::resolve::DEMO_MODEL;
use super::{clean_tags, marked};
use crate::ambient::Ambient;
use crate::db::Db;
use crate::db::{NewRow, SweepPlace};
use crate::error::ApiResult;
use crate::extract::Json;
use crate::off_thread::off_thread;
use crate::state::DataDir;
use crate::supervisor::{Event, Supervisor};
use crate::{ApiError, whole};
use axum::extract::State;
use axum::http::StatusCode;
use protocol::api::{MadeRun, NewRun, RunState};
use protocol::naming::{is_run_name, is_unseen};
use protocol::{FieldError, RunConfig, Stage, run_dir, says};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The code of an error that says a run's name is another's.
pub(crate) const TAKEN: &str = "taken";

/// Creates runs. Cheap to clone.
#[derive(Clone)]
pub struct Maker {
    pub ambient: Ambient,
    pub db: Db,
    pub data_dir: DataDir,
    pub supervisor: Supervisor,
    pub announcer: Announcer,
    pub judge: Judge,
}

impl Maker {
    /// Creates a run and queues it; gives its id. With a place in a sweep: `None` where that place was taken meanwhile.
    ///
    /// # Errors
    /// All that stands against its config or its name.
    pub async fn make(&self, new: NewRun, sweep: Option<SweepPlace>) -> ApiResult<Option<String>> {
        let id = new_id(&self.ambient);
        let tags = clean_tags(&new.tags)?;
        let taken: HashSet<String> = self.db.names().await?.into_iter().collect();
        let mut asked = new.config;
        let wished = new
            .name
            .or_else(|| asked.run_name.clone())
            .map(|n| n.trim().to_owned())
            .filter(|n| !n.is_empty());
        let found = self.judge.resolver.resolve(&asked).await?;
        let mut errors = found.errors;
        if let Some(parent) = &new.parent
            && self.db.run(parent).await?.is_none()
        {
            let said = says::no_such_run(parent.escape_debug().to_string());
            errors.push(FieldError::new("parent", "not_found", said));
        }
        let chosen = wished.is_some();
        let mut name = match wished {
            Some(name) => {
                if !is_run_name(&name) {
                    errors.push(FieldError::new("run_name", "bad_name", says::run_name_bad()));
                } else if taken.contains(&name) {
                    let error = FieldError::new("run_name", TAKEN, says::run_name_taken(&name));
                    errors.push(error.with_args([name.clone()]));
                }
                name
            }
            None => default_name(&asked, &taken),
        };
        let place = |name: &str| self.data_dir.runs().join(folder_name(name, &id));
        let directory = place(&name);
        asked.run_name = Some(name.clone());
        let mut resolved = found.config;
        resolved.run_name = Some(name.clone());
        resolved.output_dir = Some(directory.display().to_string());
        resolved.overwrite_output_dir = None;
        asked.output_dir = None;
        let mut marks = None;
        match protocol::config::check(&resolved).spec {
            Ok(spec) => {
                marks = spec.data.pair_marks.as_deref().map(PathBuf::from);
                errors.extend(self.judge.judge_files(&asked, &resolved, &errors).await);
                errors.extend(self.judge.judge_data(&resolved, &spec).await.errors);
            }
            Err(more) => errors.extend(more),
        }
        if !errors.is_empty() {
            return Err(ApiError::InvalidConfig(errors));
        }
        let mut row = NewRow {
            id: id.clone(),
            name: name.clone(),
            state: RunState::Queued,
            resume: false,
            config: asked,
            directory,
            tags,
            note: String::new(),
            archived: false,
            parent: new.parent.or(found.parent),
            created: self.ambient.now(),
            sweep,
            early: None,
        };
        loop {
            if marks.is_some() {
                resolved.pair_marks = Some(marked::copy_in(&row.directory).display().to_string());
            }
            let (directory, yaml, marks) = (row.directory.clone(), resolved.completed().to_yaml(), marks.clone());
            let begun = off_thread(move || NewDirectory::begin(directory, &yaml, marks.as_deref()));
            let mut new_directory = begun.await??;
            let stored = match row.sweep {
                None => self.db.insert_run(&row).await.map(|()| true),
                Some(_) => self.db.insert_next_of_sweep(&row).await,
            };
            match stored {
                Ok(true) => {
                    new_directory.is_kept = true;
                    break;
                }
                Ok(false) => return Ok(None),
                Err(error) if error.as_database_error().is_some_and(|e| e.is_unique_violation()) => {
                    if chosen {
                        return Err(super::name_taken(&row.name));
                    }
                    // the name was ours to choose, and another request was quicker
                    drop(new_directory);
                    let taken: HashSet<String> = self.db.names().await?.into_iter().collect();
                    name = default_name(&asked_without_name(&row.config), &taken);
                }
                Err(error) => return Err(error.into()),
            }
            row.directory = place(&name);
            row.name = name.clone();
            row.config.run_name = Some(name.clone());
            resolved.run_name = Some(name.clone());
            resolved.output_dir = Some(row.directory.display().to_string());
        }
        self.announcer.run(&id).await;
        self.supervisor.tell(Event::Wake);
        Ok(Some(id))
    }
}

/// Makes a run and queues it. A config that can't be used is answered with all its errors.
#[utoipa::path(post, path = "/api/runs", tag = "runs", request_body = NewRun, responses((status = 201, body = MadeRun), (status = 422, body = protocol::api::Problem)))]
pub async fn create(State(maker): State<Maker>, Json(new): Json<NewRun>) -> ApiResult<(StatusCode, Json<MadeRun>)> {
    let notices = unused(&new.config);
    let id = Box::pin(maker.make(new, None)).await?;
    let id = id.ok_or_else(|| ApiError::internal("a run of no sweep has no place to be taken"))?;
    let made = super::find(&maker.db, &id).await?;
    let run = made.summary;
    Ok((StatusCode::CREATED, Json(MadeRun { run, notices })))
}

fn asked_without_name(config: &RunConfig) -> RunConfig {
    RunConfig {
        run_name: None,
        ..config.clone()
    }
}

/// A run directory with its config; dropped before its run is stored, it is deleted.
struct NewDirectory {
    directory: PathBuf,
    is_kept: bool,
}

impl NewDirectory {
    /// Marks on pairs that the run goes by are copied, as a person may go on marking meanwhile.
    fn begin(directory: PathBuf, yaml: &str, marks: Option<&Path>) -> std::io::Result<Self> {
        std::fs::create_dir(&directory)?;
        let new_directory = Self {
            directory,
            is_kept: false,
        };
        if let Some(marks) = marks {
            marked::copy(marks, &new_directory.directory)?;
        }
        whole::write(&new_directory.directory.join(run_dir::CONFIG), yaml.as_bytes())?;
        Ok(new_directory)
    }
}

impl Drop for NewDirectory {
    fn drop(&mut self) {
        if !self.is_kept {
            // what is left of it is swept at the next start
            let _ = std::fs::remove_dir_all(&self.directory);
        }
    }
}

/// Whether a text is an id as [`new_id`] makes them.
pub fn is_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| DIGITS.contains(&b))
}

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Short, unique and in the order of making: nine digits of milliseconds and three of chance, in
/// Crockford's base 32. Within one millisecond the next id is the last one plus one, since three
/// digits of chance alone would meet again among a few hundred.
pub fn new_id(ambient: &Ambient) -> String {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let drawn = (ambient.now() as u64) << 15 | ambient.random_u64() >> 49;
    let next = |last: u64| drawn.max(last + 1);
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
    let id = next(last.unwrap_or_else(|last| last));
    let digits = (0..12).rev().map(|place| DIGITS[(id >> (5 * place) & 31) as usize]);
    digits.map(char::from).collect()
}

/// `demo-simpo-3-1a2b3c`: a run's folder, by its name as a command line takes it and the end of its id. It keeps this name
/// when the run gets another.
pub fn folder_name(name: &str, id: &str) -> String {
    let plain = |c: char| {
        if c.is_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '-'
        }
    };
    // a file system takes 255 bytes
    let name: String = name.chars().map(plain).take(60).collect();
    let end: String = id.chars().skip(id.chars().count().saturating_sub(6)).collect();
    format!("{}-{end}", name.trim_end_matches('-'))
}

/// Whether [`folder_name`] gives this of the name and some id.
pub fn is_folder_of(folder: &str, name: &str) -> bool {
    let end = folder.rsplit('-').next().unwrap_or_default();
    end.len() == 6 && end.bytes().all(|b| DIGITS.contains(&b)) && folder == folder_name(name, end)
}

/// `demo-simpo-3`: model, method, and the first number that is free.
fn default_name(config: &RunConfig, taken: &HashSet<String>) -> String {
    free_name(&stem(config), taken)
}

/// `demo-simpo`: model and method.
pub fn stem(config: &RunConfig) -> String {
    let model = match config
        .model_name_or_path
        .as_deref()
        .unwrap_or("run")
        .trim_end_matches('/')
    {
        DEMO_MODEL => "demo",
        path => path.rsplit('/').next().unwrap_or(path),
    };
    let method = match (Stage::of(config), config.pref_loss.as_deref()) {
        (Some(Stage::Preference), Some(loss)) if loss != "sigmoid" => loss,
        (Some(stage), _) => stage.name(),
        (None, _) => config.stage.as_deref().unwrap_or_default(),
    };
    let stem: String = format!("{model}-{method}")
        .chars()
        .filter(|c| !is_unseen(*c) && !"/\\".contains(*c))
        .take(80)
        .collect();
    stem.trim_start_matches('.').to_owned()
}

/// The first name of this stem that is free: `stem-1`, `stem-2` …
pub fn free_name(stem: &str, taken: &HashSet<String>) -> String {
    let numbers = 1..=taken.len() + 1;
    let mut names = numbers.map(|n| format!("{stem}-{n}"));
    names
        .find(|name| !taken.contains(name))
        .unwrap_or_else(|| stem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_model_and_method_and_are_unique() {
        let config = RunConfig {
            model_name_or_path: Some(DEMO_MODEL.into()),
            stage: Some("dpo".into()),
            pref_loss: Some("simpo".into()),
            ..RunConfig::default()
        };
        let taken = ["demo-simpo-1".to_owned(), "demo-simpo-2".to_owned(), "x".to_owned()].into();
        assert_eq!(default_name(&config, &taken), "demo-simpo-3");
        assert_eq!(default_name(&RunConfig::default(), &HashSet::new()), "run-sft-1");
    }

    #[test]
    fn a_folder_says_whose_it_is_and_stands_in_a_command_as_it_is() {
        for (name, folder) in [
            ("demo-simpo-3", "demo-simpo-3-1a2b3c"),
            ("a (b) $x", "a--b---x-1a2b3c"),
            ("学習 1", "学習-1-1a2b3c"),
            ("?", "-1a2b3c"),
        ] {
            assert_eq!(folder_name(name, "06fj2k1a2b3c"), folder);
        }
        assert!(folder_name(&"学".repeat(120), "06fj2k1a2b3c").len() < 250);
    }

    #[test]
    fn ids_sort_by_time_and_differ() {
        let ids: Vec<String> = (0..5_000).map(|_| new_id(&Ambient::default())).collect();
        assert!(ids.iter().all(|id| id.len() == 12));
        assert!(ids.is_sorted_by(|one, next| one < next));
    }
}
