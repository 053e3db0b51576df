//! The folder `samples/` of a run directory, which its worker may be writing to.

use crate::ApiError;
use crate::error::ApiResult;
use crate::path::DataPath;
use protocol::samples::{self as layout, About, Answered, Cell, CellRow, Overview, Prompt, Reply, StepReply};
use protocol::says;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Bytes of `about.json`, and of a file of answers, at most: more than a worker writes.
const MAX_FILE: u64 = 64 << 20;
/// Letters of a prompt in the overview, at most: its end, where the question is.
const MAX_PROMPT: usize = 1200;

/// What a run wrote to its sample prompts.
pub struct Folder {
    path: PathBuf,
    pub about: About,
}

impl Folder {
    /// `None`: the run has none.
    ///
    /// # Errors
    /// The folder is damaged.
    pub fn open_if_any(directory: &Path) -> ApiResult<Option<Self>> {
        let path = match DataPath::new(directory, layout::FOLDER) {
            Ok(path) => path.to_path_buf(),
            Err(ApiError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let about = match lines(&path.join(layout::ABOUT)) {
            Ok(about) => about,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let about: About = serde_json::from_reader(about).map_err(|_| damaged(layout::ABOUT))?;
        match about.prompts.len() <= layout::MOST_PROMPTS * 2 {
            true => Ok(Some(Self { path, about })),
            false => Err(damaged(layout::ABOUT)),
        }
    }

    /// The steps at which the prompts were answered, ascending.
    pub fn steps(&self) -> ApiResult<Vec<u64>> {
        let names = std::fs::read_dir(&self.path)?;
        let names = names.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut steps: Vec<u64> = names.filter_map(|name| layout::answers_step(&name)).collect();
        steps.sort_unstable();
        Ok(steps)
    }

    pub fn overview(&self) -> ApiResult<Overview> {
        let steps = self.steps()?.into_iter().map(|step| self.answered(step));
        let prompts = self.about.prompts.iter().map(cut).collect();
        Ok(Overview {
            steps: steps.collect::<ApiResult<_>>()?,
            about: About {
                prompts,
                ..self.about.clone()
            },
        })
    }

    /// What all answers at a step come to.
    pub fn answered(&self, step: u64) -> ApiResult<Answered> {
        let name = layout::answers(step);
        let mut line = String::new();
        let read = lines(&self.path.join(&name)).and_then(|mut lines| lines.read_line(&mut line));
        read.map_err(|_| damaged(&name))?;
        serde_json::from_str(&line).map_err(|_| damaged(&name))
    }

    /// Each prompt's reply at a step, one behind the other.
    pub fn replies(&self, step: u64) -> ApiResult<impl Iterator<Item = ApiResult<Reply>>> {
        let name = layout::answers(step);
        let lines = lines(&self.path.join(&name)).map_err(|_| damaged(&name))?;
        let replies = lines.lines().skip(1).take(self.about.prompts.len());
        Ok(replies.map(move |line| {
            let line = line.map_err(|_| damaged(&name))?;
            serde_json::from_str(&line).map_err(|_| damaged(&name))
        }))
    }

    pub fn column(&self, step: u64) -> ApiResult<CellRow> {
        let cells = self.replies(step)?.map(|reply| Ok(Cell::of(&reply?)));
        Ok(CellRow {
            step,
            cells: cells.collect::<ApiResult<_>>()?,
        })
    }

    pub fn reply(&self, step: u64, prompt: usize) -> ApiResult<StepReply> {
        let reply = self.replies(step)?.nth(prompt);
        let reply = reply.ok_or_else(|| damaged(&layout::answers(step)))??;
        Ok(StepReply { step, reply })
    }
}

/// A prompt without the beginning of a long text.
fn cut(prompt: &Prompt) -> Prompt {
    let letters = prompt.text.chars().count();
    let Some(more) = letters.checked_sub(MAX_PROMPT).filter(|more| *more > 0) else {
        return prompt.clone();
    };
    Prompt {
        text: "…".chars().chain(prompt.text.chars().skip(more)).collect(),
        messages: vec![],
        ..prompt.clone()
    }
}

/// A file's beginning, and no pipe that would keep everybody waiting.
fn lines(path: &Path) -> io::Result<BufReader<io::Take<File>>> {
    match std::fs::symlink_metadata(path)?.is_file() {
        true => Ok(BufReader::new(File::open(path)?.take(MAX_FILE))),
        false => Err(io::Error::other(format!("{} is no file", path.display()))),
    }
}

/// A file that is not what a worker wrote, or that it is just taking away.
fn damaged(name: &str) -> ApiError {
    ApiError::conflict(says::samples_damaged(name))
}
