//! Why a worker ended without a word, in a sentence with a way out.

use super::process::Ending;
use protocol::run_dir;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The likely cause, the last thing it said, and what to do.
pub fn of(ending: Ending, directory: &Path, step: u64) -> String {
    let what = match ending {
        Ending::Signal(libc::SIGKILL) => {
            "the worker was killed (signal 9): most likely the machine ran out of memory; a smaller batch or \
             cutoff_len needs less"
                .to_owned()
        }
        Ending::Signal(libc::SIGTERM | libc::SIGINT | libc::SIGHUP) => {
            "the worker was told to end from outside".to_owned()
        }
        Ending::Signal(signal) => format!("the worker crashed (signal {signal})"),
        Ending::Exit(code) => format!("the worker ended with exit code {code}"),
        Ending::Unknown => {
            "the worker is gone without a word: killed, out of memory, or the machine was restarted".to_owned()
        }
    };
    let crashed = !matches!(ending, Ending::Signal(libc::SIGKILL | libc::SIGTERM));
    let said = last_words(directory, 1).pop().filter(|_| crashed);
    let said = said.map(|line| format!("; it said last: {line}")).unwrap_or_default();
    let resume = match newest_checkpoint(directory) {
        Some(name) if step > 0 => format!(" (it can be resumed from {name})"),
        _ => String::new(),
    };
    format!("{what}{said}{resume}")
}

fn newest_checkpoint(directory: &Path) -> Option<String> {
    let entries = std::fs::read_dir(directory).ok()?;
    let steps = entries
        .flatten()
        .filter_map(|e| run_dir::checkpoint_step(e.file_name().to_str()?));
    steps.max().map(run_dir::checkpoint)
}

/// The last lines of a run's log that say something, progress bars drawn over taken as they ended.
pub fn last_words(directory: &Path, lines: usize) -> Vec<String> {
    let tail = || -> std::io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(directory.join(run_dir::LOG))?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(16 << 10)))?;
        let mut text = vec![];
        file.read_to_end(&mut text)?;
        Ok(text)
    };
    let text = tail().unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut said: Vec<String> = text
        .lines()
        .filter_map(|line| line.rsplit('\r').find(|part| !part.trim().is_empty()))
        .map(|line| line.trim_end().chars().take(400).collect())
        .collect();
    said.split_off(said.len().saturating_sub(lines))
}
