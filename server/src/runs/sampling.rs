//! How long a run's samples take: by how fast runs of this machine wrote theirs.

use crate::samples::Folder;
use std::path::Path;

/// What a run wrote to its sample prompts, and how long it took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sampled {
    pub seconds: f64,
    pub tokens: f64,
}

impl Sampled {
    pub fn per_token(self) -> f64 {
        self.seconds / self.tokens
    }
}

/// What the run of a directory wrote; `None` where that is nothing, or can't be read. Answers that were thinned out took their time too:
/// they count as much as those that are left.
pub(super) fn sampled(directory: &Path) -> Option<Sampled> {
    let overview = Folder::open_if_any(directory).ok()??.overview().ok()?;
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
    known.then_some(Sampled {
        seconds: seconds * all,
        tokens: tokens * all,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::samples::{ABOUT, About, Answered, FOLDER, Prompt, Summary, answers};
    use std::path::PathBuf;

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
            let told = sampled(&run);
            assert_eq!(told, Some(Sampled { seconds, tokens }), "{name}");
            assert_eq!(told.map(Sampled::per_token), Some(0.05));
            std::fs::remove_dir_all(&run).unwrap();
        }
    }

    #[test]
    fn a_run_without_samples_tells_nothing() {
        assert_eq!(sampled(&std::env::temp_dir().join("corral-sampling-none")), None);
    }
}
