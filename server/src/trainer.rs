//! Short errands of `corral-trainer`: inspecting data, rendering rows, merging. No shell, arguments as they are.

use crate::cards::{Lease, Leases};
use crate::state::DataDir;
use crate::work::Halt;
use crate::{ApiError, secrets};
use protocol::{Said, says};
use serde::de::DeserializeOwned;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::Command;
use tokio::sync::Semaphore;

/// An errand that answers with JSON is given up after this.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Characters that are shown of what a failed errand said.
const LAST_WORDS: usize = 2000;

/// How an errand ended.
pub enum Ended {
    Well,
    Stopped,
    Failed(Said),
}

/// Errands at once: each reads a model's tokenizer or a whole data set.
const MAX_AT_ONCE: usize = 3;

/// `corral-trainer`, and what it may work with. Cheap to clone.
#[derive(Clone)]
pub struct Trainer {
    program: Arc<Path>,
    data_dir: DataDir,
    leases: Leases,
    /// Bounds the errands that answer with JSON; one too many waits.
    permits: Arc<Semaphore>,
}

impl Trainer {
    pub fn new(program: PathBuf, data_dir: DataDir, leases: Leases) -> Self {
        Self {
            program: program.into(),
            data_dir,
            leases,
            permits: Arc::new(Semaphore::new(MAX_AT_ONCE)),
        }
    }

    pub fn program(&self) -> &Path {
        &self.program
    }

    /// A card that neither a run nor anything else has, for work that takes longer than an errand.
    pub async fn lease(&self) -> Option<Lease> {
        self.leases.take().await
    }

    /// The trainer, as everything of this server starts it: it knows the data directory and no secrets.
    pub fn command(&self) -> std::process::Command {
        let mut command = std::process::Command::new(&*self.program);
        secrets::remove_all(&mut command);
        command.env(protocol::data_dir::VARIABLE, self.data_dir.root());
        command.env(protocol::run_dir::REPORTED, "1");
        command
    }

    /// An errand: short work on the processor, whoever has the cards.
    fn errand(&self) -> Command {
        let mut command = Command::from(self.command());
        command.env("CUDA_VISIBLE_DEVICES", "");
        tell_whole(&mut command);
        command
    }

    /// Runs an errand whose standard output is one JSON value. What the trainer itself says against it has the code
    /// `unusable`; every other error is the machine's, and may be another the next time.
    pub async fn json<T: DeserializeOwned>(&self, args: &[String]) -> Result<T, ApiError> {
        if args.iter().any(|arg| arg.contains('\0')) {
            return Err(ApiError::bad(says::bad_argument()));
        }
        let _permit = self.permits.acquire().await.map_err(ApiError::internal)?;
        let mut command = self.errand();
        let child = command.args(args).stdin(Stdio::null()).kill_on_drop(true).output();
        let output = match tokio::time::timeout(TIMEOUT, child).await {
            Ok(output) => output.map_err(|e| self.missing(e))?,
            Err(_) => {
                return Err(ApiError::unavailable(says::too_slow(&args[0], TIMEOUT.as_secs())));
            }
        };
        if let Some(signal) = output.status.signal() {
            return Err(ApiError::unavailable(says::errand_killed(&args[0], signal)));
        }
        if !output.status.success() {
            return Err(ApiError::Unusable(failure(&output)));
        }
        serde_json::from_slice(&output.stdout)
            .map_err(|e| ApiError::internal(format!("corral-trainer {}: {e}", args[0])))
    }

    /// Runs an errand that tells its progress in lines, on a card where one is free. One that is stopped ends at once: what it
    /// has not finished lies under a hidden name.
    pub async fn lines(&self, args: &[String], halt: &Halt, line: impl FnMut(&str)) -> Ended {
        let mut command = self.errand();
        let card = self.lease().await;
        let child = command
            .args(args)
            .env("CUDA_VISIBLE_DEVICES", Lease::visible(card.as_ref()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(e) => return Ended::Failed(self.missing(e).said()),
        };
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let heard = async { tokio::join!(each_line(stdout, line), whole(stderr)) };
        let text = tokio::select! {
            ((), text) = heard => text,
            () = halt.stopped() => {
                return match child.kill().await {
                    Ok(()) => Ended::Stopped,
                    Err(e) => Ended::Failed(ApiError::from(e).said()),
                };
            }
        };
        match child.wait().await {
            Ok(status) if status.success() => Ended::Well,
            Ok(status) => Ended::Failed(match said(&String::from_utf8_lossy(&text)) {
                said if said.is_empty() => says::ended_wordless("corral-trainer", status.to_string()),
                said => said,
            }),
            Err(e) => Ended::Failed(self.missing(e).said()),
        }
    }

    /// The error of a program that would not start.
    pub fn missing(&self, error: std::io::Error) -> ApiError {
        ApiError::unavailable(says::no_trainer(&*self.program, error))
    }
}

/// Tells the lines of what a process writes, as they come.
async fn each_line(from: Option<impl AsyncRead + Unpin>, mut tell: impl FnMut(&str)) {
    let Some(from) = from else { return };
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        tell(&line);
    }
}

/// All that a process writes.
async fn whole(from: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut text = vec![];
    if let Some(mut from) = from {
        // a broken pipe is the end of what it said
        let _ = from.read_to_end(&mut text).await;
    }
    text
}

/// What a failed errand said, or at least how it ended.
fn failure(output: &std::process::Output) -> Said {
    match said(&String::from_utf8_lossy(&output.stderr)) {
        said if said.is_empty() => says::ended_wordless("corral-trainer", output.status.to_string()),
        said => said,
    }
}

/// Asks a program of ours to print its error as JSON, with its code, through the environment.
pub fn tell_whole(command: &mut Command) {
    command.env(protocol::said::WHOLE, "1");
}

/// The error that a program ended with: with its code, where it is one of ours, else the end of its standard error.
pub fn said(stderr: &str) -> Said {
    let whole = stderr.lines().rev().find_map(|line| serde_json::from_str(line).ok());
    whole.unwrap_or_else(|| {
        let mut last: Vec<char> = sentence(stderr).chars().rev().take(LAST_WORDS + 1).collect();
        last.reverse();
        Said::plain(last.into_iter().collect::<String>())
    })
}

/// The error text without what is meant for developers: notes, backtraces and the place of a panic.
pub fn sentence(stderr: &str) -> String {
    let lines = stderr.lines().filter(|line| !line.starts_with("note: "));
    let lines: Vec<&str> = lines.take_while(|line| line.trim() != "stack backtrace:").collect();
    let panicked = lines
        .iter()
        .rposition(|line| line.starts_with("thread '") && line.contains("panicked at"));
    let text = match panicked {
        Some(at) => format!("corral-trainer failed: {}", lines[at + 1..].join("\n").trim()),
        None => lines.join("\n"),
    };
    let text = text.trim();
    text.strip_prefix("error: ").unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{said, sentence};
    use protocol::{Said, says};

    #[test]
    fn an_error_with_a_code_comes_whole() {
        let whole = says::file("a.json", "is empty");
        let line = serde_json::to_string(&whole).unwrap();
        assert_eq!(said(&format!("note: x\n{line}\n")), whole);
        assert_eq!(said("error: no such model\n"), Said::plain("no such model"));
        assert_eq!(said(""), Said::default());
    }

    #[test]
    fn people_get_no_backtrace() {
        for (said, shown) in [
            ("error: no such model\n", "no such model"),
            ("note: `x` changes nothing\nerror: no\n", "no"),
            (
                "\nthread 'main' (7) panicked at trainer/src/a.rs:3:4:\nindex out of bounds\nnote: run with `RUST_BACKTRACE=1`\n",
                "corral-trainer failed: index out of bounds",
            ),
            (
                "thread 'main' panicked at a.rs:1:1:\nboom\nstack backtrace:\n   0: std::rt\n",
                "corral-trainer failed: boom",
            ),
            (
                "memory allocation of 99 bytes failed\n",
                "memory allocation of 99 bytes failed",
            ),
        ] {
            assert_eq!(sentence(said), shown);
        }
    }
}
