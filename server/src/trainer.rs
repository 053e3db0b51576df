//! Short errands of `corral-trainer`: inspecting data, rendering rows, merging. No shell, arguments as they are.

use crate::cards::{Lease, Leases};
use crate::state::DataDir;
use crate::work::Halt;
use crate::{ApiError, secrets};
use protocol::{Said, says};
use serde::de::DeserializeOwned;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::Command;
use tokio::sync::Semaphore;

/// An errand that answers with JSON is given up after this.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Characters that are shown of what a failed errand said.
const LAST_WORDS: usize = 2000;
/// Bytes that are kept of what an errand writes to standard error.
const MAX_WORDS: usize = 64 << 10;
/// Bytes of the longest answer: rows of a data set, token by token, come to half of it.
const MAX_ANSWER: u64 = 256 << 20;

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
        command.args(args).stdin(Stdio::null()).kill_on_drop(true);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| self.missing(e))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let heard = async { tokio::join!(answer(stdout, MAX_ANSWER), tail(stderr, MAX_WORDS)) };
        let ended = async {
            let (answer, words) = heard.await;
            Ok::<_, ApiError>((answer?, words, child.wait().await.map_err(|e| self.missing(e))?))
        };
        let Ok(ended) = tokio::time::timeout(TIMEOUT, ended).await else {
            return Err(ApiError::unavailable(says::too_slow(&args[0], TIMEOUT.as_secs())));
        };
        let (answer, words, status) = ended?;
        if let Some(signal) = status.signal() {
            return Err(ApiError::unavailable(says::errand_killed(&args[0], signal)));
        }
        if !status.success() {
            return Err(ApiError::Unusable(failure(status, &words)));
        }
        serde_json::from_slice(&answer).map_err(|e| ApiError::internal(format!("corral-trainer {}: {e}", args[0])))
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
        let heard = async { tokio::join!(each_line(stdout, line), tail(stderr, MAX_WORDS)) };
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
            Ok(status) => Ended::Failed(failure(status, &text)),
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

/// All that an errand answers.
///
/// # Errors
/// It is longer than any answer.
async fn answer(from: Option<impl AsyncRead + Unpin>, most: u64) -> Result<Vec<u8>, ApiError> {
    let mut text = vec![];
    if let Some(from) = from {
        // a broken pipe is the end of what it said
        let _ = from.take(most + 1).read_to_end(&mut text).await;
    }
    match text.len() as u64 > most {
        true => Err(ApiError::internal(format!(
            "corral-trainer answers more than {most} bytes"
        ))),
        false => Ok(text),
    }
}

/// The last bytes that a process writes, drained so that it never waits.
pub async fn tail(from: Option<impl AsyncRead + Unpin>, most: usize) -> Vec<u8> {
    let mut tail = vec![];
    let Some(mut from) = from else { return tail };
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        tail.extend_from_slice(&buffer[..n]);
        // not at each piece: what stays is moved
        if tail.len() > 2 * most {
            tail.drain(..tail.len() - most);
        }
    }
    tail.drain(..tail.len().saturating_sub(most));
    tail
}

/// What a failed errand said, or at least how it ended.
fn failure(status: ExitStatus, words: &[u8]) -> Said {
    match said(&String::from_utf8_lossy(words)) {
        said if said.is_empty() => says::ended_wordless("corral-trainer", status.to_string()),
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
    use super::{answer, said, sentence, tail};
    use protocol::{Said, says};

    #[test]
    fn an_error_with_a_code_comes_whole() {
        let whole = says::file("a.json", "is empty");
        let line = serde_json::to_string(&whole).unwrap();
        assert_eq!(said(&format!("note: x\n{line}\n")), whole);
        assert_eq!(said("error: no such model\n"), Said::plain("no such model"));
        assert_eq!(said(""), Said::default());
    }

    #[tokio::test]
    async fn an_answer_has_an_end_and_of_words_the_last_are_kept() {
        assert_eq!(answer(Some(&b"four"[..]), 4).await.unwrap(), b"four");
        assert!(answer(Some(tokio::io::repeat(b'x')), 4).await.is_err());
        let words: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        assert_eq!(tail(Some(&words[..]), 1000).await, words[words.len() - 1000..]);
        assert_eq!(tail(Some(&b"few"[..]), 1000).await, b"few");
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
