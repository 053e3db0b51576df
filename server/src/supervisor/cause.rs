//! Why a worker ended without a word, in a sentence with a way out.

use super::launcher::Ending;
use crate::files::checkpoints;
use crate::path::DataPath;
use protocol::{Said, run_dir, says};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The likely cause, the last thing it said, and what to do. The code names the cause; its arguments are the signal or
/// exit code, the last line said, and the checkpoint to go on from (each empty where there is none).
pub fn of(ending: Ending, directory: &Path, step: u64) -> Said {
    let said = last_words(directory, 1).pop().unwrap_or_default();
    let allocation = said.starts_with("memory allocation of ");
    let quiet = matches!(ending, Ending::Signal(libc::SIGKILL | libc::SIGTERM));
    let last = if quiet { String::new() } else { said };
    let from = checkpoints::newest(directory).filter(|_| step > 0).unwrap_or_default();
    match ending {
        Ending::Signal(signal @ libc::SIGKILL) => says::killed(signal, last, from),
        Ending::Signal(signal @ libc::SIGABRT) if allocation => says::out_of_memory(signal, last, from),
        Ending::Signal(signal @ (libc::SIGTERM | libc::SIGINT | libc::SIGHUP)) => says::told_to_end(signal, last, from),
        Ending::Signal(signal) => says::crashed(signal, last, from),
        Ending::Exit(code) => says::exited(code, last, from),
        Ending::Unknown => says::gone("0", last, from),
    }
}

/// The last lines of a run's log that say something, progress bars drawn over taken as they ended.
pub fn last_words(directory: &Path, lines: usize) -> Vec<String> {
    let tail = || -> std::io::Result<Vec<u8>> {
        let path = DataPath::new(directory, run_dir::LOG).map_err(std::io::Error::other)?;
        if !path.is_file() {
            return Ok(vec![]);
        }
        let mut file = std::fs::File::open(path)?;
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
        // what the runtime says of every panic, whatever it was
        .filter(|line| !line.starts_with("note: run with `RUST_BACKTRACE"))
        .map(|line| line.trim_end().chars().take(400).collect())
        .collect();
    said.split_off(said.len().saturating_sub(lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_of_a_crash_is_said() {
        let dir = std::env::temp_dir().join(format!("corral-cause-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let log = "reading\nmemory allocation of 50734301184 bytes failed\n\
                   note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
        std::fs::write(dir.join(run_dir::LOG), log).unwrap();
        let allocation = "memory allocation of 50734301184 bytes failed";
        for (ending, code, args) in [
            (Ending::Signal(libc::SIGABRT), "out_of_memory", ["6", allocation, ""]),
            (Ending::Signal(libc::SIGSEGV), "crashed", ["11", allocation, ""]),
            (Ending::Signal(libc::SIGKILL), "killed", ["9", "", ""]),
            (Ending::Signal(libc::SIGTERM), "told_to_end", ["15", "", ""]),
            (Ending::Exit(3), "exited", ["3", allocation, ""]),
            (Ending::Unknown, "gone", ["0", allocation, ""]),
        ] {
            let said = of(ending, &dir, 5);
            assert_eq!((said.code.as_str(), &said.args), (code, &args.map(Into::into).to_vec()));
            assert!(!said.message.contains("RUST_BACKTRACE"), "{said}");
        }
        std::fs::remove_dir_all(dir).unwrap();
    }
}
