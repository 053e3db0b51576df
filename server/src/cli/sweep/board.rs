//! A board asked from a terminal: one that goes, or what it would answer.

use crate::lock::Lock;
use crate::serve::here::Here;
use crate::serve::{Options, ServeError};
use crate::state::DataDir;
use axum::http::{Method, Request};
use protocol::api::Problem;
use protocol::{Said, says};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::http::{Response, header};

/// How long a board may take to start: it unpacks the demo, and asks the trainer for cards.
const START_TIMEOUT: Duration = Duration::from_secs(60);

pub(super) struct Board {
    pub url: String,
    way: Way,
}

/// How a board is asked.
enum Way {
    Http {
        agent: Agent,
        /// `CORRAL_TOKEN`, which a board beyond loopback asks for.
        token: Option<String>,
    },
    Here(Box<Here>),
}

/// The board that works on a data directory now.
///
/// # Errors
/// When the folder can't be used.
pub(super) fn running(data_dir: &DataDir) -> Result<Option<Board>, Said> {
    let since = Instant::now();
    loop {
        match Lock::take(data_dir) {
            // its address may have been left by a board that was killed
            Ok(free) => {
                return free
                    .tell("")
                    .map(|()| None)
                    .map_err(|error| says::file(&data_dir.lock(), error));
            }
            Err(ServeError::Busy(..)) => {
                if let Some(board) = answering(data_dir, since)? {
                    return Ok(Some(board));
                }
            }
            Err(error) => return Err(error.said()),
        }
    }
}

/// The board that has just been started on a data directory, once it says where it is.
pub(super) fn started(data_dir: &DataDir) -> Result<Board, Said> {
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
fn answering(data_dir: &DataDir, since: Instant) -> Result<Option<Board>, Said> {
    let url = std::fs::read_to_string(data_dir.lock()).unwrap_or_default();
    if url.starts_with("http") {
        let config = Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let board = Board {
            url: url.trim().to_owned(),
            way: Way::Http {
                agent: config.into(),
                token: std::env::var("CORRAL_TOKEN").ok().filter(|token| !token.is_empty()),
            },
        };
        // its address is known before it serves
        if board.get::<serde_json::Value>("system").is_ok() || since.elapsed() > START_TIMEOUT {
            return Ok(Some(board));
        }
    }
    if since.elapsed() > START_TIMEOUT {
        return Err(says::no_board(data_dir.root()));
    }
    std::thread::sleep(Duration::from_millis(50));
    Ok(None)
}

/// What a board of these options would answer, on a data directory that none works on.
///
/// # Errors
/// As [`Here::open`].
pub(super) fn here(options: &Options, data_dir: DataDir) -> Result<Board, Said> {
    let here = Here::open(options, data_dir).map_err(|error| error.said())?;
    Ok(Board {
        url: "http://localhost".into(),
        way: Way::Here(Box::new(here)),
    })
}

impl Board {
    pub fn get<T: DeserializeOwned>(&self, what: &str) -> Result<T, Said> {
        self.ask(Method::GET, what, None)
    }

    pub fn post<T: DeserializeOwned>(&self, what: &str, body: &impl Serialize) -> Result<T, Said> {
        let body = serde_json::to_vec(body).map_err(says::internal_error)?;
        self.ask(Method::POST, what, Some(body))
    }

    pub fn delete<T: DeserializeOwned>(&self, what: &str) -> Result<T, Said> {
        self.ask(Method::DELETE, what, None)
    }

    /// Adopts the sweeps and runs that the database does not know; a running board has done so.
    pub fn adopt(&self) -> Result<(), Said> {
        match &self.way {
            Way::Http { .. } => Ok(()),
            Way::Here(here) => here.adopt(),
        }
    }

    /// Stores the ends of a sweep's runs; a running board has done so.
    pub fn settle(&self, sweep: &str) -> Result<(), Said> {
        match &self.way {
            Way::Http { .. } => Ok(()),
            Way::Here(here) => here.settle(sweep),
        }
    }

    fn ask<T: DeserializeOwned>(&self, method: Method, what: &str, body: Option<Vec<u8>>) -> Result<T, Said> {
        let failed = |why: String| says::board_says(&self.url, why);
        let (status, text) = match &self.way {
            Way::Here(here) => here.ask(method, format!("/api/{what}"), body)?,
            Way::Http { agent, token } => {
                let mut request = Request::builder()
                    .method(method)
                    .uri(format!("{}/api/{what}", self.url))
                    .header(header::CONTENT_TYPE, "application/json");
                if let Some(token) = token {
                    request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
                }
                let unsent = |error: ureq::http::Error| failed(error.to_string());
                let sent = match body {
                    Some(body) => agent.run(request.body(body).map_err(unsent)?),
                    None => agent.run(request.body(()).map_err(unsent)?),
                };
                let mut answer: Response<ureq::Body> = sent.map_err(|error| failed(error.to_string()))?;
                let text = answer.body_mut().read_to_string();
                (answer.status(), text.map_err(|error| failed(error.to_string()))?)
            }
        };
        if status.is_success() {
            return serde_json::from_str(&text).map_err(|error| failed(error.to_string()));
        }
        let problem: Result<Problem, _> = serde_json::from_str(&text);
        Err(match (problem, &self.way) {
            (Ok(problem), Way::Here(_)) => problem.said(),
            (Ok(problem), Way::Http { .. }) => says::board_says(&self.url, problem.said()),
            (Err(_), _) => failed(status.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve;
    use protocol::api::{SweepSummary, Trashed};

    #[test]
    fn what_starts_nothing_is_answered_without_a_board() {
        let folder = std::env::temp_dir().join(format!("corral-here-{}", std::process::id()));
        let data_dir = serve::open_data_dir(&folder).unwrap();
        let options = Options::on(&folder);
        let board = here(&options, data_dir.clone()).unwrap();
        assert_eq!(board.get::<Vec<SweepSummary>>("sweeps").unwrap(), []);
        let said = board.delete::<Trashed>("sweeps/nosuch").err().unwrap();
        assert!(said.contains("nosuch") && !said.contains("http"), "{said}");
        // a board that begins meanwhile finds that somebody works here
        assert!(Lock::take(&data_dir).is_err());
        drop(board);
        assert!(Lock::take(&data_dir).is_ok());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
