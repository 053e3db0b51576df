//! Short errands of `corral-trainer`: inspecting data, rendering rows, merging. No shell, arguments as they are.

use crate::{ApiError, AppState};
use serde::de::DeserializeOwned;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

/// An errand that answers with JSON takes no longer than this.
const PATIENCE: Duration = Duration::from_secs(120);
/// Of what a failed errand says, this much is shown.
const LAST_WORDS: usize = 2000;

/// How an errand ended.
pub enum Ended {
    Well,
    Failed(String),
}

impl Ended {
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }
}

/// Runs an errand whose standard output is one JSON value.
pub async fn json<T: DeserializeOwned>(app: &AppState, args: &[String]) -> Result<T, ApiError> {
    let child = Command::new(&app.config.trainer)
        .args(args)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(PATIENCE, child).await {
        Ok(output) => output.map_err(|e| missing(app, e))?,
        Err(_) => {
            let detail = format!("`corral-trainer {}` took over {} s", args[0], PATIENCE.as_secs());
            return Err(ApiError::Unavailable {
                code: "too_slow",
                detail,
            });
        }
    };
    if !output.status.success() {
        return Err(ApiError::bad("unusable", last_words(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|e| ApiError::internal(format!("corral-trainer {}: {e}", args[0])))
}

/// Runs an errand that tells its progress in lines.
pub async fn lines(app: &AppState, args: &[String], mut line: impl FnMut(&str)) -> Ended {
    let child = Command::new(&app.config.trainer)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(e) => return Ended::failed(missing(app, e).to_string()),
    };
    let stderr = child.stderr.take();
    let said = tokio::spawn(async move {
        let mut text = vec![];
        if let Some(mut stderr) = stderr {
            // a broken pipe is the end of what it said
            let _ = stderr.read_to_end(&mut text).await;
        }
        text
    });
    if let Some(stdout) = child.stdout.take() {
        let mut reader = BufReader::new(stdout).lines();
        while let Ok(Some(text)) = reader.next_line().await {
            line(&text);
        }
    }
    match child.wait().await {
        Ok(status) if status.success() => Ended::Well,
        Ok(status) => {
            let words = last_words(&said.await.unwrap_or_default());
            Ended::failed(if words.is_empty() {
                format!("corral-trainer ended with {status}")
            } else {
                words
            })
        }
        Err(e) => Ended::failed(e.to_string()),
    }
}

/// The error of a program that would not start.
pub fn missing(app: &AppState, error: std::io::Error) -> ApiError {
    let detail = format!("{} could not be started: {error}", app.config.trainer.display());
    ApiError::Unavailable {
        code: "no_trainer",
        detail,
    }
}

fn last_words(stderr: &[u8]) -> String {
    let text = sentence(&String::from_utf8_lossy(stderr));
    let mut last: Vec<char> = text.chars().rev().take(LAST_WORDS + 1).collect();
    last.reverse();
    last.into_iter().collect()
}

/// What a program said at last without what is for its developers: notes, backtraces and the place of a panic.
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
    use super::sentence;

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
