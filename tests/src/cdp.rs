//! The two things WebDriver lacks: commands of Chromium's DevTools protocol, and the browser's console.

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::{Method, Url};
use serde_json::{Value, json};

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
    let post = Post {
        path: "goog/cdp/execute",
        body: json!({ "cmd": name, "params": params }),
    };
    client
        .issue_cmd(post)
        .await
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Console lines since the last call, errors and warnings only, each as `LEVEL: text`.
pub async fn console(client: &Client) -> Vec<String> {
    let post = Post {
        path: "se/log",
        body: json!({ "type": "browser" }),
    };
    let log = client
        .issue_cmd(post)
        .await
        .unwrap_or_else(|error| panic!("browser log: {error}"));
    log.as_array()
        .into_iter()
        .flatten()
        .filter(|line| matches!(line["level"].as_str(), Some("SEVERE" | "WARNING")))
        .map(|line| {
            format!(
                "{}: {}",
                line["level"].as_str().unwrap_or_default(),
                line["message"].as_str().unwrap_or_default()
            )
        })
        .collect()
}
