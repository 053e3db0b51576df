//! A real Chromium, headless, driven over WebDriver at an exact size, theme and language.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use fantoccini::wd::WindowHandle;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::driver::{Driver, capabilities, start_driver};
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
    pub(crate) fn tags(self) -> (&'static str, &'static str) {
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
    view: Mutex<View>,
    session: cdp::Session,
    driver: Driver,
}

/// The test fails if the page wrote an error to its console, a panic included, and the test did not ask for it by
/// [`Browser::console`]. Requests that the board refuses are not among them: Chromium reports each as one.
impl Drop for Browser {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let errors: Vec<String> = self
            .session
            .console()
            .iter()
            .filter(|line| line.is_error())
            .map(ToString::to_string)
            .collect();
        assert!(
            errors.is_empty(),
            "the browser's console has errors:\n{}",
            errors.join("\n")
        );
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
        let id = client.session_id().await.expect("a session").expect("its id");
        let browser = Browser {
            client,
            downloads,
            view: Mutex::new(view),
            session: cdp::Session { port, id },
            driver,
        };
        browser.prepare_tab().await;
        browser
    }

    /// What each tab needs before its first page.
    async fn prepare_tab(&self) {
        let script = json!({ "source": COUNT_FETCHES });
        self.cdp("Page.addScriptToEvaluateOnNewDocument", script).await;
        let view = *self.view.lock().expect("the view");
        self.set_view(view).await;
    }

    /// The tab that commands go to.
    pub async fn tab(&self) -> WindowHandle {
        self.client.window().await.expect("a tab")
    }

    /// Opens another tab of the same profile, with the same view, and goes to it.
    pub async fn open_tab(&self) -> WindowHandle {
        let made = self.client.new_window(true).await.expect("another tab");
        self.to_tab(&made.handle).await;
        self.prepare_tab().await;
        made.handle
    }

    /// Goes to a tab, as a click on it would: it is the visible one from then on.
    pub async fn to_tab(&self, tab: &WindowHandle) {
        self.client
            .switch_to_window(tab.clone())
            .await
            .expect("the tab is open");
        self.cdp("Page.bringToFront", json!({})).await;
    }

    /// Cuts the tab off from the network, or lets it back. Requests fail from then on; sockets, which Chromium lets live
    /// on and opens anew all the same, are closed here, and the console says so.
    pub async fn set_offline(&self, offline: bool) {
        self.eval(&format!(
            "window.__offline = {offline}; if ({offline}) (window.__sockets || []).forEach(socket => socket.close())"
        ))
        .await;
        self.cdp("Network.enable", json!({})).await;
        let rate = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.cdp("Network.emulateNetworkConditions", rate).await;
    }

    /// Changes size, colour scheme and language of what is loaded from now on; a narrow width is a real one.
    pub async fn set_view(&self, view: View) {
        let size = json!({
            "width": view.width, "height": view.height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.cdp("Emulation.setDeviceMetricsOverride", size).await;
        *self.view.lock().expect("the view") = view;
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

    /// The same for a command that may fail because the page has changed meanwhile.
    pub async fn try_cdp(&self, name: &str, params: Value) -> Option<Value> {
        cdp::try_command(&self.client, name, params).await.ok()
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

    /// Errors and warnings on the browser's console since the last call; whoever calls this has seen them, and the end of the
    /// session does not count them again.
    pub async fn console(&self) -> Vec<String> {
        let session = self.session.clone();
        let lines = tokio::task::spawn_blocking(move || session.console()).await;
        let lines = lines.expect("the console is read");
        lines.iter().map(ToString::to_string).collect()
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
    pub(crate) async fn fail(&self, what: &str) -> ! {
        let picture = self.screenshot(&format!("failed-{}", self.driver.child.id())).await;
        let console = self.console().await.join("\n");
        let url = self.client.current_url().await.map(String::from).unwrap_or_default();
        panic!(
            "{what}\npage: {url}\npicture: {}\nconsole: {console}",
            picture.display()
        );
    }
}

/// Counts `fetch` calls under way, bodies included where the page reads them at once, and keeps the sockets that are open; a
/// panic tells all of its callers.
const COUNT_FETCHES: &str = "(() => {
    Error.stackTraceLimit = 50;
    window.__sockets = new Set();
    const Plain = window.WebSocket;
    window.WebSocket = class extends Plain {
        constructor(...args) {
            super(...args);
            if (window.__offline) this.close();
            window.__sockets.add(this);
            this.addEventListener('close', () => window.__sockets.delete(this));
        }
    };
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
