//! What a run writes to the same prompts on its way: the folder `samples/` of the run directory, as `protocol::samples` has it.

mod answer;
mod prompts;

pub use answer::{Writer, answer};
pub use prompts::{Asked, asked, own};

use crate::error::{Error, Result};
use crate::files;
use protocol::config;
use protocol::samples::{self as layout, About, Answered, Reply};
use std::fs;
use std::path::{Path, PathBuf};

/// The prompts of a run, and the folder that answers are added to.
pub struct SamplesFolder {
    path: PathBuf,
    about: About,
    pub asked: Vec<Asked>,
}

impl SamplesFolder {
    /// Answers past `step`, and those to other prompts, are forgotten: they are written anew.
    ///
    /// # Errors
    /// The disk can't be read or written.
    pub fn open(dir: &Path, asked: Vec<Asked>, spec: &config::Samples, step: u64) -> Result<Self> {
        let about = About {
            prompts: asked.iter().map(|one| one.prompt.clone()).collect(),
            max_new_tokens: u32::try_from(spec.max_new_tokens).unwrap_or(u32::MAX),
            temperature: spec.temperature,
            thinned: 0,
        };
        let mut of = Self {
            path: dir.join(layout::FOLDER),
            about,
            asked,
        };
        match of.known() {
            Some(known) if known.prompts == of.about.prompts => {
                of.about.thinned = known.thinned;
                files::sweep(&of.path)?;
                forget_past(&of.path, step)?;
                if of.about != known {
                    of.write_about()?;
                }
            }
            _ => files::folder_atomic(&of.path, |at| {
                let path = at.join(layout::ABOUT);
                fs::write(&path, of.text()?).map_err(Error::io(&path))
            })?,
        }
        Ok(of)
    }

    fn known(&self) -> Option<About> {
        let text = files::read_config(&self.path.join(layout::ABOUT)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    fn text(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(&self.about).map_err(|e| Error::internal(e.to_string()))
    }

    fn write_about(&self) -> Result<()> {
        files::write_atomic(&self.path.join(layout::ABOUT), &self.text()?)
    }

    /// Adds the answers at a step, in the order of the prompts.
    ///
    /// # Errors
    /// The disk can't be written.
    pub fn add(&mut self, answered: &Answered, replies: &[Reply]) -> Result<()> {
        let mut text = json_line(answered)?;
        for reply in replies {
            text.extend(json_line(reply)?);
        }
        files::write_atomic(&self.path.join(layout::answers(answered.step)), &text)?;
        self.thin()
    }

    /// Keeps the folder within its bounds.
    fn thin(&mut self) -> Result<()> {
        let steps = steps(&self.path)?;
        let size = |step: &u64| fs::metadata(self.path.join(layout::answers(*step))).map_or(0, |of| of.len());
        let full = steps.iter().map(size).sum::<u64>() > layout::MOST_TEXT;
        let most = if full { 2 } else { layout::MOST_STEPS };
        let gone = layout::thinned(&steps, most);
        if gone.is_empty() {
            return Ok(());
        }
        for step in &gone {
            remove(&self.path, *step)?;
        }
        self.about.thinned += gone.len() as u64;
        self.write_about()
    }
}

/// Forgets answers past a step, whatever they were given to.
///
/// # Errors
/// The disk can't be read or written.
pub fn forget_past(folder: &Path, step: u64) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let late = steps(folder)?.into_iter().filter(|&at| at > step);
    late.into_iter().try_for_each(|at| remove(folder, at))
}

/// Of the answers that are there, ascending.
fn steps(folder: &Path) -> Result<Vec<u64>> {
    let entries = fs::read_dir(folder).map_err(Error::io(folder))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut steps: Vec<u64> = names.filter_map(|name| layout::answers_step(&name)).collect();
    steps.sort_unstable();
    Ok(steps)
}

fn remove(folder: &Path, step: u64) -> Result<()> {
    let path = folder.join(layout::answers(step));
    fs::remove_file(&path).map_err(Error::io(&path))
}

fn json_line(of: &impl serde::Serialize) -> Result<Vec<u8>> {
    let mut line = serde_json::to_vec(of).map_err(|e| Error::internal(e.to_string()))?;
    line.push(b'\n');
    Ok(line)
}
