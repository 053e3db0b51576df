//! A board asked from a terminal.

use crate::lock::Lock;
use crate::serve::ServeError;
use crate::state::DataDir;
use protocol::api::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::http::{Response, header};

/// How long a board may take to start: it unpacks the demo, and asks the trainer for cards.
const START: Duration = Duration::from_secs(60);

pub(super) struct Board {
    pub url: String,
    agent: Agent,
    /// `CORRAL_TOKEN`, which a board beyond loopback asks for.
    token: Option<String>,
}

/// The board that works on a data directory now.
///
/// # Errors
/// When the folder can't be used.
pub(super) fn running(data_dir: &DataDir) -> Result<Option<Board>, String> {
    let since = Instant::now();
    loop {
        match Lock::take(data_dir) {
            // its address may have been left by a board that was killed
            Ok(free) => return free.tell("").map(|()| None).map_err(|error| error.to_string()),
            Err(ServeError::Busy(..)) => {
                if let Some(board) = answering(data_dir, since)? {
                    return Ok(Some(board));
                }
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// The board that has just been started on a data directory, once it says where it is.
pub(super) fn started(data_dir: &DataDir) -> Result<Board, String> {
    let since = Instant::now();
    loop {
        if let Some(board) = answering(data_dir, since)? {
            return Ok(board);
        }
    }
}

/// The board at the address that is written, where it answers; else nothing, after a little while.
///
/// # Errors
/// When it has been waited for too long.
fn answering(data_dir: &DataDir, since: Instant) -> Result<Option<Board>, String> {
    let url = std::fs::read_to_string(data_dir.lock()).unwrap_or_default();
    if url.starts_with("http") {
        let config = Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let board = Board {
            url: url.trim().to_owned(),
            agent: config.into(),
            token: std::env::var("CORRAL_TOKEN").ok().filter(|token| !token.is_empty()),
        };
        // its address is known before it serves
        if board.get::<serde_json::Value>("system").is_ok() || since.elapsed() > START {
            return Ok(Some(board));
        }
    }
    if since.elapsed() > START {
        return Err(format!("no board answers on {}", data_dir.root().display()));
    }
    std::thread::sleep(Duration::from_millis(50));
    Ok(None)
}

impl Board {
    pub fn get<T: DeserializeOwned>(&self, what: &str) -> Result<T, String> {
        let request = self.agent.get(format!("{}/api/{what}", self.url));
        let sent = match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")).call(),
            None => request.call(),
        };
        self.read(sent)
    }

    pub fn post<T: DeserializeOwned>(&self, what: &str, body: &impl Serialize) -> Result<T, String> {
        let request = self.agent.post(format!("{}/api/{what}", self.url));
        let sent = match &self.token {
            Some(token) => request
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .send_json(body),
            None => request.send_json(body),
        };
        self.read(sent)
    }

    pub fn delete<T: DeserializeOwned>(&self, what: &str) -> Result<T, String> {
        let request = self.agent.delete(format!("{}/api/{what}", self.url));
        let sent = match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")).call(),
            None => request.call(),
        };
        self.read(sent)
    }

    fn read<T: DeserializeOwned>(&self, sent: Result<Response<ureq::Body>, ureq::Error>) -> Result<T, String> {
        let at = |what: String| format!("the board at {}: {what}", self.url);
        let mut answer = sent.map_err(|error| at(error.to_string()))?;
        let text = answer
            .body_mut()
            .read_to_string()
            .map_err(|error| at(error.to_string()))?;
        if answer.status().is_success() {
            return serde_json::from_str(&text).map_err(|error| at(error.to_string()));
        }
        let problem: Result<Problem, _> = serde_json::from_str(&text);
        Err(at(
            problem.map_or_else(|_| answer.status().to_string(), |problem| problem.detail)
        ))
    }
}
