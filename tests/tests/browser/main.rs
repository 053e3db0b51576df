//! The board in a real Chromium.

#![expect(
    clippy::expect_used,
    clippy::string_slice,
    reason = "a helper of tests ends the test that called it"
)]

mod axe;
mod board;
mod bundle;
mod cards;
mod comparing;
mod console;
mod demo_time;
mod evaluate;
mod forms;
mod health;
mod home;
mod kept;
mod live;
mod merging;
mod offline;
mod pairs;
mod reach;
mod runs;
mod samples;
mod screens;
mod serving;
mod speed;
mod sweeps;
mod tabs;
mod words;

use std::time::Duration;
use tests::{Browser, Lang, Theme, View};

/// How long a reply of the demo model may take.
const REPLY: Duration = Duration::from_secs(60);

const PHONE: View = View {
    width: 390,
    height: 844,
    theme: Theme::Light,
    lang: Lang::En,
};

async fn severe(browser: &Browser) -> Vec<String> {
    let lines = browser.console().await.into_iter();
    lines.filter(|line| line.starts_with("SEVERE")).collect()
}
