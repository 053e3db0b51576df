//! Chromium's driver process, and how Chromium is started by it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::board::{kill_all, processes};
use crate::browser::View;

/// The chromedriver process and the profile folder, whose name marks Chromium's processes as ours.
pub(crate) struct Driver {
    pub child: Child,
    pub profile: TempDir,
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

/// Starts chromedriver on a free port, which it names itself.
pub(crate) fn start_driver() -> (Driver, u16) {
    // it takes a port of IPv4 and wants the same of IPv6, which another may have: then it ends, and is started again
    let (child, stdout, port) = (0..5)
        .find_map(|_| greeted())
        .expect("chromedriver ended each time before it said its port");
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

/// One start of chromedriver up to the port in its greeting; `None` where it ended before.
fn greeted() -> Option<(Child, BufReader<ChildStdout>, u16)> {
    let mut child = Command::new("chromedriver")
        .args(["--port=0", "--log-level=SEVERE"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("chromedriver: {error} (`make test` installs it)"));
    let mut stdout = BufReader::new(child.stdout.take().expect("its standard output"));
    match port(&mut stdout) {
        Some(port) => Some((child, stdout, port)),
        None => {
            let _ = child.wait();
            None
        }
    }
}

/// Reads to the last line of the greeting: "ChromeDriver was started successfully on port 40123."
fn port(stdout: &mut BufReader<ChildStdout>) -> Option<u16> {
    let mut line = String::new();
    loop {
        line.clear();
        if stdout.read_line(&mut line).expect("chromedriver's greeting") == 0 {
            return None;
        }
        if let Some((_, port)) = line.trim().split_once("started successfully on port ")
            && let Ok(port) = port.trim_end_matches('.').parse()
        {
            return Some(port);
        }
    }
}

/// What Chromium is asked to be.
pub(crate) fn capabilities(profile: &Path, downloads: &Path, view: View) -> serde_json::Map<String, Value> {
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
