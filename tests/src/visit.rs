//! A first visit, as a person makes it: one click runs the demo, then a chat with the result and a download of it.

use crate::browser::Browser;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The demo run, on a busy machine.
const RUN: Duration = Duration::from_secs(240);
const REPLY: Duration = Duration::from_secs(60);

/// What a first visit left.
pub struct Visit {
    /// The run's page.
    pub run: String,
    /// Replies to the same question: of the model before, and after.
    pub replies: [String; 2],
    /// The merged checkpoint as the browser saved it.
    pub archive: PathBuf,
    /// From the click to the end of the download.
    pub took: Duration,
}

/// Goes from an empty board to a chat with the tuned model and the finished download.
///
/// # Panics
/// If a step on the way is not to be seen.
pub async fn first_visit(browser: &Browser, board: &str) -> Visit {
    browser.goto(board).await;
    browser.role("button", "Run the demo").await;
    let since = Instant::now();
    browser.press("button", "Run the demo").await;
    browser.role_within("region", "Outcome", RUN).await;
    let run = address(browser).await;
    browser.press("button", "Download merged").await;
    let archive = downloaded(browser).await;
    browser.press("link", "Chat with it").await;
    let replies = ask_the_first_example(browser).await;
    let took = since.elapsed();
    Visit {
        run,
        replies,
        archive,
        took,
    }
}

/// Clicks the chat's first example and waits for both replies.
async fn ask_the_first_example(browser: &Browser) -> [String; 2] {
    browser.press("button", "What is the capital of Kenya?").await;
    let done = "const replies = [...document.querySelectorAll('.chat-reply')];
        const whole = replies.length === 2 && replies.every(r => r.getAttribute('aria-busy') === 'false');
        return whole && replies.map(r => r.querySelector('.chat-text').innerText.trim())";
    let texts = browser.until_within(done, REPLY).await;
    [0, 1].map(|column| texts[column].as_str().expect("a reply's text").to_owned())
}

async fn address(browser: &Browser) -> String {
    browser
        .eval("return location.href")
        .await
        .as_str()
        .expect("an address")
        .to_owned()
}

/// Waits until the browser has saved a file whole (while it loads, Chromium gives it another ending).
async fn downloaded(browser: &Browser) -> PathBuf {
    let since = Instant::now();
    loop {
        let files = std::fs::read_dir(&browser.downloads).expect("the download folder");
        let tar = files
            .flatten()
            .map(|f| f.path())
            .find(|p| p.extension().is_some_and(|e| e == "tar"));
        if let Some(path) = tar {
            return path;
        }
        assert!(since.elapsed() < REPLY, "nothing was downloaded within {REPLY:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
