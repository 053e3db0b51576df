//! The evaluations that wait and the one that goes on: one at a time, since each may fill the memory.

use super::kept;
use crate::ApiError;
use crate::ambient::Ambient;
use crate::error::ApiResult;
use crate::live::Bus;
use crate::off_thread::off_thread;
use crate::runs::resolve::{Resolved, Resolver};
use crate::state::DataDir;
use crate::trainer::{Ended, Trainer};
use crate::work::Halt;
use protocol::evaluation::{Evaluate, Evaluation, Standing};
use protocol::event::{Phase, TrainEvent};
use protocol::live::ToBrowser;
use protocol::{RunConfig, says};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::Notify;

/// The evaluations of a data directory, and what works on them. Cheap to clone.
#[derive(Clone)]
pub struct Evaluations {
    pub ambient: Ambient,
    pub bus: Bus,
    pub data_dir: DataDir,
    pub trainer: Trainer,
    pub resolver: Resolver,
    pub known: Arc<Known>,
}

/// All evaluations of the data directory.
pub struct Known {
    all: Mutex<HashMap<String, Evaluation>>,
    going: Mutex<Option<Going>>,
    /// Notified when one was asked for.
    wake: Notify,
}

/// The evaluation that is running.
struct Going {
    id: String,
    /// A person's: one that the server's end breaks off is begun anew by the next.
    halt: Halt,
}

impl Known {
    pub fn read(data: &DataDir) -> Self {
        let all = kept::read_all(data).into_iter().map(|one| (one.id.clone(), one));
        Self {
            all: Mutex::new(all.collect()),
            going: Mutex::default(),
            wake: Notify::new(),
        }
    }
}

impl Evaluations {
    fn map(&self) -> MutexGuard<'_, HashMap<String, Evaluation>> {
        self.known.all.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn going(&self) -> MutexGuard<'_, Option<Going>> {
        self.known.going.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The newest first.
    pub fn all(&self) -> Vec<Evaluation> {
        let mut all: Vec<_> = self.map().values().cloned().collect();
        all.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        all
    }

    pub fn one(&self, id: &str) -> Option<Evaluation> {
        self.map().get(id).cloned()
    }

    pub fn put(&self, evaluation: Evaluation) {
        self.map().insert(evaluation.id.clone(), evaluation.clone());
        let evaluation = Box::new(evaluation);
        self.bus.say(ToBrowser::Evaluation { evaluation });
    }

    /// Takes an evaluation off the list, so that it never starts; false where it is running.
    pub fn forget(&self, id: &str) -> bool {
        let going = self.going();
        let mut all = self.map();
        let is_going = |one: &Evaluation| matches!(one.standing, Standing::Going { .. });
        if going.as_ref().is_some_and(|going| going.id == id) || all.get(id).is_some_and(is_going) {
            return false;
        }
        all.remove(id);
        true
    }

    pub fn wake(&self) {
        self.known.wake.notify_one();
    }

    /// The evaluation that has waited longest, from now on the running one.
    fn next(&self) -> Option<(Evaluation, Halt)> {
        let mut going = self.going();
        let all = self.map();
        let waiting = all.values().filter(|one| one.standing == Standing::Queued);
        let first = waiting.min_by_key(|one| (one.created, one.id.clone()))?.clone();
        let halt = Halt::default();
        *going = Some(Going {
            id: first.id.clone(),
            halt: halt.clone(),
        });
        Some((first, halt))
    }

    /// Stops one that waits or goes on.
    pub async fn stop(&self, id: &str) -> ApiResult<()> {
        match self.stop_or_take(id) {
            Some(one) => self.end(one, Standing::Stopped).await,
            None => Ok(()),
        }
    }

    /// Stops the evaluation if it is running: whoever runs it then records its end. One that waits is taken out of the queue and
    /// given back.
    fn stop_or_take(&self, id: &str) -> Option<Evaluation> {
        let going = self.going();
        if let Some(going) = going.as_ref().filter(|going| going.id == id) {
            going.halt.stop();
            return None;
        }
        let mut all = self.map();
        let one = all.get_mut(id).filter(|one| one.standing == Standing::Queued)?;
        one.standing = Standing::Stopped;
        Some(one.clone())
    }

    async fn end(&self, evaluation: Evaluation, standing: Standing) -> ApiResult<()> {
        let evaluation = Evaluation { standing, ..evaluation };
        let (data, ended) = (self.data_dir.clone(), evaluation.clone());
        let kept = off_thread(move || kept::write(&data, &ended)).await?;
        // kept in memory even where the disk does not take it
        self.put(evaluation);
        Ok(kept?)
    }
}

impl Evaluations {
    /// Model, adapters and data sets as the trainer takes them, or what stands against them.
    pub async fn resolved(&self, asked: &Evaluate) -> Result<Resolved, ApiError> {
        let config = Box::new(RunConfig {
            model_name_or_path: Some(asked.model.clone()),
            dataset: Some(asked.dataset.clone()),
            ..RunConfig::default()
        });
        self.resolver.resolve(&config).await
    }

    /// Runs evaluations as they come, until the server ends.
    pub async fn run_queue(self) {
        loop {
            while let Some((evaluation, halt)) = self.next() {
                let standing = self.run(&evaluation, &halt).await;
                *self.going() = None;
                if let Err(error) = self.end(evaluation, standing).await {
                    tracing::error!("{error}");
                }
            }
            self.known.wake.notified().await;
        }
    }

    async fn run(&self, evaluation: &Evaluation, halt: &Halt) -> Standing {
        let started = self.ambient.steady();
        let going = |phase, done, total| Evaluation {
            standing: Standing::Going { phase, done, total },
            ..evaluation.clone()
        };
        self.put(going(Phase::Loading, 0, 1));
        let resolved = match self.resolved(&evaluation.asked).await {
            Ok(resolved) => resolved,
            Err(error) => return Standing::Failed { said: error.said() },
        };
        // a model that was there when it was asked for may be gone
        if let Some(error) = resolved.errors.first() {
            return Standing::Failed { said: error.whole() };
        }
        let fresh = kept::fresh(&self.data_dir);
        let args = arguments(&evaluation.asked, &resolved.config, &fresh);
        let ended = self
            .trainer
            .lines(&args, halt, |line| {
                if let Ok(TrainEvent::Phase { phase, done, total }) = serde_json::from_str(line) {
                    self.put(going(phase, done, total));
                }
            })
            .await;
        let (data, id, left) = (self.data_dir.clone(), evaluation.id.clone(), fresh.clone());
        let standing = match ended {
            Ended::Stopped => Standing::Stopped,
            Ended::Failed(said) => Standing::Failed {
                said: says::evaluation_failed(said),
            },
            Ended::Well => match off_thread(move || kept::publish(&data, &id, &fresh)).await {
                Ok(Ok(found)) => Standing::Done {
                    found,
                    seconds: self.ambient.since(started).as_secs_f64(),
                },
                Ok(Err(error)) => Standing::Failed {
                    said: ApiError::from(error).said(),
                },
                Err(error) => Standing::Failed { said: error.said() },
            },
        };
        sweep(left).await;
        standing
    }
}

/// Removes what an evaluation left that did not come to its end.
async fn sweep(folder: PathBuf) {
    let swept = off_thread(move || match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!("{} can't be removed: {error}", folder.display());
        }
        _ => {}
    });
    if let Err(error) = swept.await {
        tracing::error!("{error}");
    }
}

fn arguments(asked: &Evaluate, config: &RunConfig, out: &std::path::Path) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut args = vec![
        "evaluate".to_owned(),
        "--json".into(),
        "--progress".into(),
        format!("--model={}", text(&config.model_name_or_path)),
        format!("--dataset={}", text(&config.dataset)),
        format!("--out={}", out.display()),
        format!("--cutoff-len={}", asked.cutoff_len),
        format!("--batch-size={}", asked.batch_size),
    ];
    args.extend(
        config
            .dataset_dir
            .iter()
            .map(|folder| format!("--dataset-dir={folder}")),
    );
    let chain = text(&config.adapter_name_or_path);
    args.extend(protocol::config::names(Some(&chain)).map(|adapter| format!("--adapter={adapter}")));
    args.extend(asked.template.iter().map(|name| format!("--template={name}")));
    args.extend(asked.max_samples.map(|rows| format!("--max-samples={rows}")));
    if let Some(predict) = asked.predict {
        args.push("--predict".into());
        args.push(format!("--max-new-tokens={}", predict.max_new_tokens));
        args.push(format!("--temperature={}", predict.temperature));
        args.push(format!("--top-p={}", predict.top_p));
    }
    args
}
