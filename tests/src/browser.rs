//! A real Chromium, headless, driven over WebDriver at an exact size, theme and language.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::board::{kill_all, processes};
use crate::{cdp, programs};

/// How long anything on a page may take to show before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// How long page and network must keep still to count as settled.
const STILL: Duration = Duration::from_millis(300);

/// What `prefers-color-scheme` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

/// What `navigator.language` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    En,
    Ja,
    Zh,
}

impl Lang {
    fn tags(self) -> (&'static str, &'static str) {
        match self {
            Lang::En => ("en-US", "en-US,en"),
            Lang::Ja => ("ja-JP", "ja-JP,ja"),
            Lang::Zh => ("zh-CN", "zh-CN,zh"),
        }
    }
}

/// The page as a person would have it: CSS pixels, colour scheme, language.
#[derive(Clone, Copy, Debug)]
pub struct View {
    pub width: u32,
    pub height: u32,
    pub theme: Theme,
    pub lang: Lang,
}

impl Default for View {
    fn default() -> View {
        View {
            width: 1440,
            height: 900,
            theme: Theme::Light,
            lang: Lang::En,
        }
    }
}

/// One Chromium with one page and a fresh profile. Dropping it ends both Chromium and its driver.
pub struct Browser {
    /// For whatever the helpers below do not cover.
    pub client: Client,
    /// Where Chromium saves what a page downloads.
    pub downloads: PathBuf,
    driver: Driver,
}

/// The chromedriver process and the profile folder, whose name marks Chromium's processes as ours.
struct Driver {
    child: Child,
    profile: TempDir,
    /// Kept open: the driver would die of a closed pipe.
    _stdout: BufReader<ChildStdout>,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mark = format!("--user-data-dir={}", self.profile.path().display());
        kill_all(&processes(|command| command.contains(&mark)));
    }
}

impl Browser {
    /// Starts Chromium on an empty page.
    ///
    /// # Panics
    /// If `chromium` or `chromedriver` is not installed, or does not start.
    pub async fn open(view: View) -> Browser {
        let (driver, port) = start_driver();
        let downloads = driver.profile.path().join("downloads");
        std::fs::create_dir_all(&downloads).expect("the download folder");
        let capabilities = capabilities(driver.profile.path(), &downloads, view);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| panic!("Chromium did not start: {error}"));
        let browser = Browser {
            client,
            downloads,
            driver,
        };
        browser
            .cdp(
                "Page.addScriptToEvaluateOnNewDocument",
                json!({ "source": COUNT_FETCHES }),
            )
            .await;
        browser.set_view(view).await;
        browser
    }

    /// Changes size, colour scheme and language of what is loaded from now on; a narrow width is a real one.
    pub async fn set_view(&self, view: View) {
        let size = json!({
            "width": view.width, "height": view.height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.cdp("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = match view.theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.cdp("Emulation.setEmulatedMedia", features).await;
        let agent = self.eval("return navigator.userAgent").await;
        let agent = json!({ "userAgent": agent, "acceptLanguage": view.lang.tags().1 });
        self.cdp("Emulation.setUserAgentOverride", agent).await;
    }

    /// Runs a command of Chromium's DevTools protocol.
    pub async fn cdp(&self, name: &str, params: Value) -> Value {
        cdp::command(&self.client, name, params).await
    }

    /// Loads a page and waits until it has settled.
    pub async fn goto(&self, url: &str) {
        self.client
            .goto(url)
            .await
            .unwrap_or_else(|error| panic!("{url}: {error}"));
        self.settle().await;
    }

    /// Waits until no request is under way and the page has stopped changing. A page that never stops (a run
    /// in progress) is left after a few seconds.
    pub async fn settle(&self) {
        let since = Instant::now();
        let (mut last, mut still) = (Value::Null, Instant::now());
        while since.elapsed() < PATIENCE / 3 {
            let now = self.eval(PAGE_STATE).await;
            if now != last || now["busy"] != json!(false) {
                (last, still) = (now, Instant::now());
            } else if still.elapsed() >= STILL {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Runs the body of a function in the page and gives what it returns.
    pub async fn eval(&self, script: &str) -> Value {
        self.client
            .execute(script, Vec::new())
            .await
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits for a script (the body of a function) to return something true, and gives it.
    pub async fn until(&self, script: &str) -> Value {
        self.until_within(script, PATIENCE).await
    }

    /// The same with a time limit of one's own, for what takes long.
    pub async fn until_within(&self, script: &str, limit: Duration) -> Value {
        let since = Instant::now();
        loop {
            let value = self.eval(script).await;
            if !matches!(value, Value::Null | Value::Bool(false)) && value != json!("") && value != json!(0) {
                return value;
            }
            if since.elapsed() > limit {
                self.fail(&format!("never true within {limit:?}: {script}")).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until an element is there and shown, and gives it.
    pub async fn see(&self, css: &str) -> Element {
        self.see_within(css, PATIENCE).await
    }

    /// The same with a time limit of one's own, for what takes long.
    pub async fn see_within(&self, css: &str, limit: Duration) -> Element {
        let since = Instant::now();
        loop {
            for element in self.client.find_all(Locator::Css(css)).await.unwrap_or_default() {
                if element.is_displayed().await.unwrap_or(false) {
                    return element;
                }
            }
            if since.elapsed() > limit {
                self.fail(&format!("nothing to see at `{css}` within {limit:?}")).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the shown text of an element (of `body`, say) contains these words.
    pub async fn see_text(&self, css: &str, words: &str) {
        self.see_text_within(css, words, PATIENCE).await;
    }

    /// The same with a time limit of one's own, for what takes long.
    pub async fn see_text_within(&self, css: &str, words: &str, limit: Duration) {
        let script = format!(
            "return [...document.querySelectorAll({})].some(e => e.innerText.includes({}))",
            json!(css),
            json!(words)
        );
        self.until_within(&script, limit).await;
    }

    /// Waits for an element and clicks it; one that the page replaces meanwhile is looked for again.
    pub async fn click(&self, css: &str) {
        let since = Instant::now();
        loop {
            match self.see(css).await.click().await {
                Ok(()) => return,
                Err(error) if since.elapsed() > PATIENCE => {
                    self.fail(&format!("click on `{css}`: {error}")).await;
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Replaces what an input, a text area or a select holds, as typing and leaving the field would.
    pub async fn fill(&self, css: &str, value: &str) {
        let field = self.see(css).await;
        let script = "const [field, value] = arguments;
            const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value');
            field.focus();
            own.set.call(field, value);
            field.dispatchEvent(new Event('input', { bubbles: true }));
            field.dispatchEvent(new Event('change', { bubbles: true }));";
        let field = serde_json::to_value(field).expect("an element reference");
        let done = self.client.execute(script, vec![field, json!(value)]).await;
        done.unwrap_or_else(|error| panic!("fill `{css}`: {error}"));
    }

    /// Puts text into a field as typing does that goes on: the field is not left.
    pub async fn fill_typing(&self, css: &str, value: &str) {
        let field = self.see(css).await;
        field
            .send_keys(value)
            .await
            .unwrap_or_else(|error| panic!("type into `{css}`: {error}"));
    }

    /// The shown text of an element.
    pub async fn text(&self, css: &str) -> String {
        self.see(css)
            .await
            .text()
            .await
            .unwrap_or_else(|error| panic!("text of `{css}`: {error}"))
    }

    /// Errors and warnings on the browser's console since the last call.
    pub async fn console(&self) -> Vec<String> {
        cdp::console(&self.client).await
    }

    /// Saves what is in view as `target/screenshots/NAME.png`.
    pub async fn screenshot(&self, name: &str) -> PathBuf {
        let path = programs::screenshots().join(format!("{name}.png"));
        self.screenshot_to(&path, false).await;
        path
    }

    /// Saves what is in view, or the page in its full height, as a PNG file.
    pub async fn screenshot_to(&self, path: &Path, full: bool) {
        let view = self.eval("return [innerWidth, innerHeight]").await;
        if full {
            let script = "return Math.max(...[...document.querySelectorAll('*')].map(e => e.scrollHeight))";
            let height = self.eval(script).await;
            self.resize(&view[0], &height).await;
            self.settle().await;
        }
        let png = self
            .client
            .screenshot()
            .await
            .unwrap_or_else(|error| panic!("screenshot: {error}"));
        std::fs::write(path, png).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if full {
            self.resize(&view[0], &view[1]).await;
        }
    }

    async fn resize(&self, width: &Value, height: &Value) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Ends the test with what was expected, what the console says and a picture of the page.
    async fn fail(&self, what: &str) -> ! {
        let picture = self.screenshot(&format!("failed-{}", self.driver.child.id())).await;
        let console = self.console().await.join("\n");
        let url = self.client.current_url().await.map(String::from).unwrap_or_default();
        panic!(
            "{what}\npage: {url}\npicture: {}\nconsole: {console}",
            picture.display()
        );
    }
}

/// Counts `fetch` calls under way, bodies included where the page reads them at once.
const COUNT_FETCHES: &str = "(() => {
    window.__fetches = 0;
    const plain = window.fetch;
    window.fetch = async (...args) => {
        window.__fetches++;
        try { return await plain(...args); } finally { setTimeout(() => window.__fetches--, 0); }
    };
})()";

const PAGE_STATE: &str = "return {
    busy: document.readyState !== 'complete' || (window.__fetches || 0) > 0 || !document.querySelector('.shell'),
    loaded: performance.getEntriesByType('resource').length,
    html: document.body.innerHTML.length,
}";

fn start_driver() -> (Driver, u16) {
    let mut child = Command::new("chromedriver")
        .args(["--port=0", "--log-level=SEVERE"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("chromedriver: {error} (`make test` installs it)"));
    let mut stdout = BufReader::new(child.stdout.take().expect("a piped stdout"));
    let mut line = String::new();
    // its last line of greeting: "ChromeDriver was started successfully on port 40123."
    let port = loop {
        line.clear();
        let read = stdout.read_line(&mut line).expect("chromedriver's greeting");
        assert!(read > 0, "chromedriver ended before it said its port");
        if let Some((_, port)) = line.trim().split_once("started successfully on port ")
            && let Ok(port) = port.trim_end_matches('.').parse()
        {
            break port;
        }
    };
    let profile = TempDir::with_prefix("corral-browser-").expect("a temporary folder");
    (
        Driver {
            child,
            profile,
            _stdout: stdout,
        },
        port,
    )
}

fn capabilities(profile: &Path, downloads: &Path, view: View) -> serde_json::Map<String, Value> {
    let (locale, languages) = view.lang.tags();
    let args = [
        "--headless".into(),
        "--no-sandbox".into(),
        "--disable-gpu".into(),
        "--disable-dev-shm-usage".into(),
        "--no-first-run".into(),
        "--disable-background-networking".into(),
        "--disable-component-update".into(),
        "--disable-sync".into(),
        "--hide-scrollbars".into(),
        // uPlot throws where the environment gives Chromium no language
        format!("--lang={locale}"),
        format!("--user-data-dir={}", profile.display()),
        // larger than any view: a screenshot takes only what the window could show
        "--window-size=2600,2000".into(),
    ];
    let capabilities = json!({
        "browserName": "chrome",
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": {
            "binary": chromium(),
            "args": args,
            "prefs": {
                "intl.accept_languages": languages,
                "download.default_directory": downloads,
                "download.prompt_for_download": false,
            },
        },
    });
    match capabilities {
        Value::Object(map) => map,
        _ => unreachable!("an object literal"),
    }
}

/// Chromium by the names it goes by.
fn chromium() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .flat_map(|name| dirs.iter().map(move |dir| dir.join(name)))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("no chromium in PATH (`make test` installs it)"))
}
