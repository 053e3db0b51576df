//! A client of a running board: REST with JSON, and the live socket.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use protocol::api::{RunFields, RunSummary};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::Board;

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(120);

impl Board {
    /// Sends a request (a JSON body unless it is null); gives the status and the JSON answer (null for none).
    pub async fn call(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let mut request = reqwest::Client::new().request(method, format!("{}{path}", self.url));
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("the board answers");
        let status = answer.status();
        let text = answer.text().await.expect("a whole answer");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// `GET`, which must succeed.
    pub async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call(Method::GET, path, Value::Null).await;
        assert!(status.is_success(), "GET {path}: {status} {answer}");
        answer
    }

    /// `GET` of an answer that is not JSON, which must succeed.
    pub async fn text(&self, path: &str) -> String {
        String::from_utf8(self.bytes(path).await).expect("text")
    }

    /// `GET` of an answer in bytes, which must succeed.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let answer = reqwest::get(format!("{}{path}", self.url))
            .await
            .expect("the board answers");
        assert!(answer.status().is_success(), "GET {path}: {}", answer.status());
        answer.bytes().await.expect("a whole answer").into()
    }

    /// `POST`, which must succeed.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, body).await;
        assert!(status.is_success(), "POST {path}: {status} {answer}");
        answer
    }

    /// Makes a run of the demo, with these keys over [`demo_config`]; gives its id.
    pub async fn start_run(&self, keys: Value) -> String {
        let mut config = demo_config();
        for (key, value) in keys.as_object().expect("keys of a config") {
            config[key] = value.clone();
        }
        let made = self.post("/api/runs", json!({ "config": config })).await;
        made["id"].as_str().expect("a run has an id").to_owned()
    }

    /// Opens the live socket as a page of this board would.
    pub async fn live(&self) -> Live {
        let request = self.live_request(Some(&self.url));
        let (socket, _) = tokio_tungstenite::connect_async(request)
            .await
            .expect("the socket opens");
        let mut live = Live {
            socket,
            heard: VecDeque::new(),
            rows: HashMap::new(),
        };
        assert_eq!(live.next().await["type"], "hello");
        live
    }

    /// The socket's request with any `Origin`, or none.
    pub fn live_request(&self, origin: Option<&str>) -> tokio_tungstenite::tungstenite::handshake::client::Request {
        let url = format!("{}/api/live", self.url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("a request");
        if let Some(origin) = origin {
            request
                .headers_mut()
                .insert("origin", origin.parse().expect("a header's value"));
        }
        request
    }

    /// Waits on the socket until the run's row passes the test; gives the row.
    pub async fn wait_for(&self, run: &str, test: impl Fn(&Value) -> bool) -> Value {
        let mut live = self.live().await;
        let row = self.get(&format!("/api/runs/{run}")).await["summary"].clone();
        if test(&row) {
            return row;
        }
        live.until(|m| m["type"] == "run" && m["run"]["id"] == run && test(&m["run"]))
            .await["run"]
            .clone()
    }

    /// Waits until the run is over; gives its row.
    pub async fn wait_over(&self, run: &str) -> Value {
        self.wait_for(run, is_over).await
    }
}

/// Whether a run's row says that it has ended.
pub fn is_over(row: &Value) -> bool {
    ["completed", "stopped", "failed", "untold"].contains(&row["state"].as_str().unwrap_or_default())
}

/// A run of the demo that takes some seconds: DPO, every step logged.
pub fn demo_config() -> Value {
    json!({
        "model_name_or_path": "corral-demo",
        "dataset": "demo_en",
        "stage": "dpo",
        "pref_loss": "sigmoid",
        "cutoff_len": 128,
        "per_device_train_batch_size": 2,
        "max_steps": 6,
        "max_samples": 60,
        "val_size": 4,
        "learning_rate": 1e-3,
        "logging_steps": 1,
        "eval_strategy": "steps",
        "eval_steps": 3,
        "save_steps": 3
    })
}

/// A page's socket.
pub struct Live {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// What came in one message with what was asked for last.
    heard: VecDeque<Value>,
    /// Each run's row as it was told last.
    rows: HashMap<String, RunFields>,
}

impl Live {
    pub async fn send(&mut self, message: Value) {
        self.socket
            .send(Message::Text(message.to_string().into()))
            .await
            .expect("the socket takes a message");
    }

    /// Asks for the events of a run after `after`.
    pub async fn follow(&mut self, run: &str, after: u64) {
        self.send(json!({ "type": "follow", "run": run, "after": after })).await;
    }

    /// The next message, or the socket's error. What changed of a row comes as the whole row, as a page has it then.
    pub async fn try_next(&mut self) -> Result<Value, Error> {
        let message = self.try_next_as_sent().await?;
        Ok(match self.row_of(&message) {
            Some(row) => json!({ "type": "run", "run": row }),
            None => message,
        })
    }

    /// The row that a message tells, whole or by what changed of it; it is kept for what changes next.
    fn row_of(&mut self, message: &Value) -> Option<RunSummary> {
        let fields = match message["type"].as_str() {
            Some("run") => serde_json::from_value(message["run"].clone()).expect("fields"),
            Some("run_changed") => {
                let known = self.rows.get(message["run"].as_str().expect("an id"));
                let mut known = known.expect("a run is told whole before what changed of it").clone();
                known.change(message["changed"].as_object().expect("fields").clone());
                known
            }
            Some("hello") => {
                self.rows.clear();
                return None;
            }
            _ => return None,
        };
        let row = fields.row().expect("a row");
        self.rows.insert(row.id.clone(), fields);
        Some(row)
    }

    /// The next message as it was sent, or the socket's error.
    async fn try_next_as_sent(&mut self) -> Result<Value, Error> {
        loop {
            if let Some(message) = self.heard.pop_front() {
                return Ok(message);
            }
            let next = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match next.expect("a message in time") {
                Some(Ok(Message::Text(text))) => self.heard = serde_json::from_str(&text).expect("a list"),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Err(Error::ConnectionClosed),
            }
        }
    }

    pub async fn next(&mut self) -> Value {
        self.try_next().await.expect("a message")
    }

    /// The next message about a run's row, as it was sent.
    pub async fn next_of_row(&mut self, run: &str) -> Value {
        loop {
            let message = self.try_next_as_sent().await.expect("a message");
            if self.row_of(&message).is_some_and(|row| row.id == run) {
                return message;
            }
        }
    }

    /// Messages up to the first that passes the test; gives that one.
    pub async fn until(&mut self, mut test: impl FnMut(&Value) -> bool) -> Value {
        let all = async {
            loop {
                let message = self.next().await;
                if test(&message) {
                    return message;
                }
            }
        };
        tokio::time::timeout(PATIENCE, all).await.expect("the message in time")
    }

    /// Events of a run, in order, up to and with the worker's last one.
    pub async fn events_to_end(&mut self, run: &str) -> Vec<Value> {
        let mut events = vec![];
        loop {
            let message = self.next().await;
            if message["type"] == "event" && message["run"] == run {
                let event = message["event"].clone();
                let last = event["type"] == "finished";
                events.push(event);
                if last {
                    return events;
                }
            }
        }
    }
}
