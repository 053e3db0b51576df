//! The two things WebDriver lacks: commands of Chromium's DevTools protocol, and the browser's console.

use fantoccini::Client;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

#[derive(Debug)]
struct Post {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Post {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// Runs a command such as `Page.captureScreenshot` and gives its result.
pub async fn command(client: &Client, name: &str, params: Value) -> Value {
    try_command(client, name, params)
        .await
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The same where a failure is an answer too.
pub async fn try_command(client: &Client, name: &str, params: Value) -> Result<Value, CmdError> {
    let post = Post {
        path: "goog/cdp/execute",
        body: json!({ "cmd": name, "params": params }),
    };
    client.issue_cmd(post).await
}

/// A session's own address, to ask about it where nothing can be awaited: when the browser is dropped.
#[derive(Debug, Clone)]
pub struct Session {
    pub port: u16,
    pub id: String,
}

/// A line of the browser's console.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    pub level: String,
    /// `console-api`, `javascript`, `network`, `security` …
    pub source: String,
    pub message: String,
}

impl Line {
    /// An error, but for a request to the API that was refused or not answered: the page is told, and says it itself.
    pub fn is_error(&self) -> bool {
        let of_the_api = ["/api/", "/v1/"].iter().any(|path| self.message.contains(path));
        let refused = of_the_api && (self.source == "network" || self.message.contains("WebSocket connection to"));
        self.level == "SEVERE" && !refused
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.level, self.message)
    }
}

impl Session {
    /// Console lines of all tabs since the last call, errors and warnings only.
    ///
    /// # Panics
    /// If the driver gives no answer: then nobody knows what the console holds.
    pub fn console(&self) -> Vec<Line> {
        let log = self.post("se/log", &json!({ "type": "browser" }));
        let lines = log["value"].as_array();
        let lines = lines.unwrap_or_else(|| panic!("the browser's console can't be read: {log}"));
        let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
        lines
            .iter()
            .map(|line| Line {
                level: text(line, "level"),
                source: text(line, "source"),
                message: text(line, "message"),
            })
            .filter(|line| matches!(line.level.as_str(), "SEVERE" | "WARNING"))
            .collect()
    }

    /// One request over a connection of its own.
    fn post(&self, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.set_read_timeout(Some(Duration::from_secs(20)))?;
            write!(
                stream,
                "POST /session/{}/{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                self.id,
                self.port,
                body.len()
            )?;
            let mut answer = String::new();
            // the driver may keep the connection open: the head says how much there is
            let mut reader = BufReader::new(stream);
            let mut length = 0;
            loop {
                answer.clear();
                reader.read_line(&mut answer)?;
                let head = answer.trim().to_ascii_lowercase();
                if head.is_empty() {
                    break;
                }
                if let Some(bytes) = head.strip_prefix("content-length:") {
                    length = bytes.trim().parse().unwrap_or(0);
                }
            }
            let mut bytes = vec![0; length];
            reader.read_exact(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let answer = ask().unwrap_or_else(|error| panic!("{path}: {error}"));
        serde_json::from_str(&answer).unwrap_or(Value::Null)
    }
}
