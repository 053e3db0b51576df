//! How long a run's samples take: by how fast runs of this machine wrote theirs.

use super::forecast::Timed;
use crate::error::ApiResult;
use crate::off_thread::off_thread;
use crate::samples::Folder;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Runs of which it is known.
const MAX_KNOWN: usize = 1000;

/// What a run wrote to its sample prompts, and how long it took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampled {
    pub seconds: f64,
    pub tokens: f64,
}

impl Sampled {
    pub fn per_token(self) -> f64 {
        self.seconds / self.tokens
    }
}

/// A run that has ended, by which what it wrote to its sample prompts is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SamplesOf {
    /// Its id, which no other run ever has: the database gives the key of a deleted run to a later one.
    pub id: String,
    /// The last event: of a run that was resumed and has ended again it is another.
    pub seq: u64,
    pub directory: PathBuf,
}

/// What runs that have ended wrote, each read once. Cheap to clone.
#[derive(Clone, Default)]
pub struct SampledRuns(Arc<Mutex<HashMap<String, Known>>>);

struct Known {
    /// The run's last event then.
    seq: u64,
    sampled: Option<Sampled>,
}

impl SampledRuns {
    /// What a timed run wrote; `None` where that is nothing, or can't be read.
    pub(super) async fn of(&self, run: &Timed) -> Option<Sampled> {
        let SamplesOf { id, seq, directory } = run.samples.clone()?;
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known().get(&id).filter(|known| known.seq == seq) {
            return known.sampled;
        }
        // what can't be read now is read another time
        let sampled = off_thread(move || sampled(&directory)).await.ok()?.ok()?;
        let mut all = known();
        if all.len() >= MAX_KNOWN {
            all.clear();
        }
        all.insert(id, Known { seq, sampled });
        sampled
    }
}

/// What the run of a directory wrote; `None` where that is nothing. Answers that were thinned out took their time too: they count as
/// much as those that are left.
fn sampled(directory: &Path) -> ApiResult<Option<Sampled>> {
    // a folder of samples that is not there and a run that is away look alike
    directory.metadata()?;
    let Some(folder) = Folder::open_if_any(directory)? else {
        return Ok(None);
    };
    let overview = folder.overview()?;
    let prompts = overview.about.prompts.len() as f64;
    let left = overview.steps.len() as f64;
    let all = (left + overview.about.thinned as f64) / left;
    let seconds: f64 = overview.steps.iter().map(|answered| answered.seconds).sum();
    let tokens: f64 = overview
        .steps
        .iter()
        .map(|answered| answered.summary.mean_length * prompts)
        .sum();
    let known = seconds > 0.0 && tokens > 0.0;
    Ok(known.then_some(Sampled {
        seconds: seconds * all,
        tokens: tokens * all,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::samples::{ABOUT, About, Answered, FOLDER, Prompt, Summary, answers};

    /// A run directory with two prompts that were answered twice.
    fn written(name: &str, thinned: u64) -> PathBuf {
        let run = std::env::temp_dir().join(format!("corral-sampling-{name}-{}", std::process::id()));
        let folder = run.join(FOLDER);
        std::fs::create_dir_all(&folder).unwrap();
        let about = About {
            prompts: vec![Prompt::default(), Prompt::default()],
            max_new_tokens: 64,
            thinned,
            ..About::default()
        };
        std::fs::write(folder.join(ABOUT), serde_json::to_vec(&about).unwrap()).unwrap();
        for (step, seconds, mean_length) in [(0, 1.0, 10.0), (5, 3.0, 30.0)] {
            let summary = Summary {
                mean_length,
                ..Summary::default()
            };
            let answered = Answered { step, seconds, summary };
            std::fs::write(folder.join(answers(step)), serde_json::to_vec(&answered).unwrap()).unwrap();
        }
        run
    }

    #[test]
    fn all_that_was_written_tells_the_speed() {
        // of the second, half of the answers were thinned out
        for (name, thinned, seconds, tokens) in [("whole", 0, 4.0, 80.0), ("thinned", 2, 8.0, 160.0)] {
            let run = written(name, thinned);
            let told = sampled(&run).unwrap();
            assert_eq!(told, Some(Sampled { seconds, tokens }), "{name}");
            assert_eq!(told.map(Sampled::per_token), Some(0.05));
            std::fs::remove_dir_all(&run).unwrap();
        }
    }

    #[test]
    fn a_run_without_samples_tells_nothing() {
        let run = std::env::temp_dir().join(format!("corral-sampling-none-{}", std::process::id()));
        std::fs::create_dir_all(&run).unwrap();
        assert_eq!(sampled(&run).unwrap(), None);
        std::fs::remove_dir_all(&run).unwrap();
        assert!(sampled(&run).is_err(), "a disk that is away says nothing of the run");
    }

    #[tokio::test]
    async fn what_a_run_wrote_is_read_once_until_it_has_ended_again() {
        let run = written("once", 0);
        let of = |seq| Timed {
            samples: Some(SamplesOf {
                id: "once".into(),
                seq,
                directory: run.clone(),
            }),
            ..Timed::of_test()
        };
        let known = SampledRuns::default();
        let first = known.of(&of(3)).await;
        assert_eq!(first.map(|told| told.tokens), Some(80.0));
        std::fs::remove_dir_all(&run).unwrap();
        assert_eq!(known.of(&of(3)).await, first, "nothing is read again");
        // it was resumed since, and its folder is away: it is asked for again once that is back
        assert_eq!(known.of(&of(5)).await, None);
        written("once", 2);
        assert_eq!(known.of(&of(5)).await.map(|told| told.tokens), Some(160.0));
        std::fs::remove_dir_all(&run).unwrap();
    }
}
