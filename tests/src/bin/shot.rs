//! A picture of a page: `shot URL OUT.png [WIDTH HEIGHT] [dark] [en|ja|zh] [full] [wait=CSS] [click=CSS] [fill=CSS=TEXT] [eval=SCRIPT]`.
//!
//! A URL that is only a path (`/runs`) is served from `target/board` of the current folder, without an API. What to do on the page is
//! done in the order given. Errors of the browser's console are printed.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a helper of tests ends the test that called it"
)]

use std::path::Path;
use std::process::ExitCode;

use tests::{Browser, Lang, Theme, View, site};

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, out, rest @ ..] = args.as_slice() else {
        eprintln!(
            "usage: shot URL OUT.png [WIDTH HEIGHT] [dark] [en|ja|zh] [full] [wait=CSS] [click=CSS] [fill=CSS=TEXT] [eval=SCRIPT]"
        );
        return ExitCode::from(2);
    };
    let mut view = View::default();
    let mut sizes = rest.iter().filter_map(|word| word.parse().ok());
    (view.width, view.height) = (sizes.next().unwrap_or(view.width), sizes.next().unwrap_or(view.height));
    for word in rest {
        match word.as_str() {
            "dark" => view.theme = Theme::Dark,
            "ja" => view.lang = Lang::Ja,
            "zh" => view.lang = Lang::Zh,
            _ => {}
        }
    }
    let url = match url.starts_with('/') {
        true => site::serve("target/board".into()) + url,
        false => url.clone(),
    };

    let browser = Browser::open(view).await;
    browser.goto(&url).await;
    for word in rest {
        match word.split_once('=') {
            Some(("wait", css)) => drop(browser.see(css).await),
            Some(("click", css)) => browser.click(css).await,
            Some(("fill", rest)) => match rest.rsplit_once('=') {
                Some((css, text)) => browser.fill(css, text).await,
                None => panic!("fill=CSS=TEXT, not `{word}`"),
            },
            Some(("eval", script)) => println!("{}", browser.eval(script).await),
            _ => continue,
        }
        browser.settle().await;
    }
    browser
        .screenshot_to(Path::new(out), rest.iter().any(|word| word == "full"))
        .await;
    for line in browser.console().await {
        println!("console: {line}");
    }
    println!("{out}: {}x{} of {url}", view.width, view.height);
    ExitCode::SUCCESS
}
