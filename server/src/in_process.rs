//! A server in process, for tests: the whole router over a data directory of its own. Nothing of its work may outlive it.

use crate::accept::Visitor;
use crate::ambient::Ambient;
use crate::app::App;
use crate::routes::routes;
use crate::state::{Config, DataDir, ServerStart, Token};
use crate::supervisor::Event;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tower::ServiceExt;

/// Longest answer that is read, in bytes.
const MAX_ANSWER: usize = 16 << 20;
/// Everything that requests began must have ended within this.
const TIMEOUT: Duration = Duration::from_secs(2);

/// An answer, whole.
pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// A server without supervisor and port, gone with its folder. [`InProcess::close`] it: work that goes on then fails the test, and
/// so does a server that nobody closes.
pub struct InProcess {
    pub app: Arc<App>,
    pub router: Router,
    /// The events that a supervisor would handle.
    pub events: UnboundedReceiver<Event>,
    folder: PathBuf,
    closed: Closed,
}

/// Whether a server was closed: only then is it known what goes on for it.
struct Closed(bool);

impl Drop for Closed {
    fn drop(&mut self) {
        if !self.0 && !std::thread::panicking() {
            panic!("a server in process was not closed");
        }
    }
}

impl InProcess {
    /// Where [`InProcess::open`] has the server of this name; what lies there it finds.
    pub fn folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("corral-{name}-{}", std::process::id()))
    }

    /// `name` tells its folder from those of other tests.
    pub async fn open(name: &str) -> Self {
        let folder = Self::folder(name);
        let config = Config {
            host: std::net::Ipv4Addr::LOCALHOST.into(),
            port: 7860,
            allowed_hosts: vec![],
            slots: Default::default(),
            token: Token::random(&Default::default()),
            cuda: Default::default(),
            trainer: folder.join("no-trainer"),
            board: Default::default(),
            served: None,
            started: ServerStart {
                at: Ambient::default().now(),
                command: "corral serve".into(),
            },
        };
        let data_dir = DataDir::open(&folder).unwrap();
        let (app, events) = crate::serve::app(config, data_dir).await.unwrap();
        let router = routes(app.clone());
        Self {
            app,
            router,
            events,
            folder,
            closed: Closed(false),
        }
    }

    pub fn data_dir(&self) -> &Path {
        &self.folder
    }

    /// A request of the person who started the server. `path` goes out as it is, `..` and all.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:7860")
            .extension(Visitor { is_owner: true });
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = to_bytes(answer.into_body(), MAX_ANSWER).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answered { status, headers, text }
    }

    pub async fn get(&self, path: &str) -> Answered {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Leaves the server and its folder as they are: as a killed one leaves them.
    pub fn leave(mut self) {
        self.closed.0 = true;
    }

    /// Ends the server. Whatever works for it holds its data directory or its database: nobody else may by then.
    pub async fn close(self) {
        let Self {
            app,
            router,
            events,
            folder,
            mut closed,
        } = self;
        closed.0 = true;
        let left = app.tasks.end(TIMEOUT).await;
        assert_eq!(left, 0, "pieces of work do not end with their server");
        let (data_dir, db) = (app.data_dir.clone(), app.db.clone());
        drop((app, router, events));
        // less the two of ours
        let others = || data_dir.holders() + db.holders() - 2;
        let alone = async {
            while others() > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let ended = tokio::time::timeout(TIMEOUT, alone).await;
        assert!(
            ended.is_ok(),
            "work goes on for a server that has ended: {} hold its data",
            others()
        );
        db.close().await;
        tokio::fs::remove_dir_all(folder).await.unwrap();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;
    use std::fs;

    fn text<'a>(value: &'a Value, key: &str) -> &'a str {
        value[key].as_str().unwrap_or_default()
    }

    #[tokio::test]
    #[should_panic(expected = "work goes on for a server that has ended: 1 hold its data")]
    async fn work_that_outlives_the_server_is_told() {
        let server = InProcess::open("leak").await;
        let db = server.app.db.clone();
        fs::remove_dir_all(server.data_dir()).unwrap();
        tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(db);
        });
        server.close().await;
    }

    #[tokio::test]
    #[should_panic(expected = "a server in process was not closed")]
    async fn a_server_that_nobody_closes_is_told() {
        let server = InProcess::open("unclosed").await;
        fs::remove_dir_all(server.data_dir()).unwrap();
    }

    #[tokio::test]
    #[should_panic(expected = "pieces of work do not end with their server")]
    async fn work_that_does_not_end_with_the_server_is_told() {
        let server = InProcess::open("endless").await;
        fs::remove_dir_all(server.data_dir()).unwrap();
        server.app.tasks.spawn_to_end(std::future::pending::<()>());
        server.close().await;
    }

    /// A preset is the file of that name in `configs/`, whole, and every file there is one.
    #[tokio::test]
    async fn the_presets_are_the_files_of_configs() {
        let server = InProcess::open("presets").await;
        let mut files = BTreeMap::new();
        let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs");
        for file in fs::read_dir(configs).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
        let presets = server.get("/api/presets").await.json();
        let presets = presets.as_array().unwrap().iter();
        let offered: BTreeMap<String, String> = presets
            .map(|preset| (text(preset, "name").to_owned(), text(preset, "yaml").to_owned()))
            .collect();
        assert!(offered.len() > 15);
        assert_eq!(offered, files);
        // each can be parsed by the board itself, without an error
        for (name, yaml) in offered {
            let parsed = server.post("/api/parse", json!({ "text": yaml })).await.json();
            assert_eq!(parsed["errors"], json!([]), "{name}: {parsed}");
        }
        server.close().await;
    }

    #[tokio::test]
    async fn files_are_given_from_the_run_directory_alone() {
        let server = InProcess::open("files").await;
        // a run directory as a worker leaves it, where the board does not look by itself, with traps in it
        let data = server.data_dir();
        let directory = data.join("elsewhere/trap");
        fs::create_dir_all(directory.join("checkpoint-1")).unwrap();
        fs::write(directory.join("config.yaml"), "run_name: trap\n").unwrap();
        fs::write(directory.join("checkpoint-1/ok.txt"), "fine").unwrap();
        fs::write(directory.join(".secret"), "hidden").unwrap();
        fs::write(data.join("secret"), "outside").unwrap();
        fs::create_dir_all(data.join("elsewhere/trap-evil")).unwrap();
        fs::write(data.join("elsewhere/trap-evil/secret"), "twin").unwrap();
        std::os::unix::fs::symlink("../../secret", directory.join("link")).unwrap();
        let finished =
            json!({ "seq": 1, "time": 1, "type": "finished", "outcome": "completed", "step": 0, "message": "" });
        fs::write(directory.join("events.jsonl"), format!("{finished}\n")).unwrap();
        let row = server.post("/api/runs/adopt", json!({ "path": directory })).await;
        assert_eq!(row.status, StatusCode::CREATED, "{}", row.text);
        let id = text(&row.json(), "id").to_owned();
        let fine = server.get(&format!("/api/runs/{id}/files/checkpoint-1/ok.txt")).await;
        assert_eq!((fine.status, &*fine.text), (StatusCode::OK, "fine"));
        for path in [
            "../../secret",
            "..%2f..%2fsecret",
            "%2e%2e/%2e%2e/secret",
            "..%252f..%252fsecret",
            "/etc/passwd",
            "%2fetc%2fpasswd",
            "//etc/passwd",
            "..%5c..%5csecret",
            "link",
            ".secret",
            "checkpoint-1/../.secret",
            "checkpoint-1/../../trap-evil/secret",
            "../trap-evil/secret",
            "ok%00.txt",
            "%2e%2e%2f%2e%2e%2fcorral.db",
        ] {
            let answer = server.get(&format!("/api/runs/{id}/files/{path}")).await;
            assert!(answer.status.is_client_error(), "{path}: {}", answer.text);
            for secret in ["outside", "hidden", "twin", "root:", "SQLite format"] {
                assert!(!answer.text.contains(secret), "{path}: {}", answer.text);
            }
        }
        server.close().await;
    }

    #[tokio::test]
    async fn the_list_of_runs_is_whole_or_a_page_with_the_way_to_the_next() {
        let server = InProcess::open("list").await;
        for (name, loss, rate) in [
            ("first", "simpo", 1e-6),
            ("second", "ipo", 1e-5),
            ("third", "simpo", 1e-4),
        ] {
            let directory = server.data_dir().join("elsewhere").join(name);
            fs::create_dir_all(&directory).unwrap();
            let config = format!("run_name: {name}\nstage: dpo\npref_loss: {loss}\nlearning_rate: {rate}\n");
            fs::write(directory.join("config.yaml"), config).unwrap();
            fs::write(directory.join("events.jsonl"), "").unwrap();
            let made = server.post("/api/runs/adopt", json!({ "path": directory })).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        }
        let names = |answer: &Answered| -> Vec<String> {
            let rows = answer.json();
            rows.as_array()
                .unwrap()
                .iter()
                .map(|row| text(row, "name").to_owned())
                .collect()
        };
        let whole = server.get("/api/runs").await;
        assert_eq!(names(&whole).len(), 3);
        assert!(!whole.headers.contains_key(header::LINK));
        let mut path = "/api/runs?sort=-lr&limit=2".to_owned();
        let first = server.get(&path).await;
        assert_eq!(names(&first), ["third", "second"]);
        let link = first.headers[header::LINK].to_str().unwrap();
        path = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
        let last = server.get(&path).await;
        assert_eq!(names(&last), ["first"]);
        assert!(!last.headers.contains_key(header::LINK));
        assert_eq!(names(&server.get("/api/runs?q=simpo%20lr%3C1e-5").await), ["first"]);
        assert_eq!(names(&server.get("/api/runs?loss=ipo,sft").await), ["second"]);
        assert_eq!(names(&server.get("/api/runs?archived=true").await), [""; 0]);
        for (query, code) in [
            ("q=looss:simpo", "bad_search"),
            ("sort=m.nothing", "bad_sort"),
            ("limit=0", "bad_limit"),
            ("limit=1001", "bad_limit"),
            ("limit=many", "bad_query"),
            ("after=nobody", "not_found"),
        ] {
            let refused = server.get(&format!("/api/runs?{query}")).await;
            assert_eq!(text(&refused.json(), "code"), code, "{query}: {}", refused.text);
        }
        server.close().await;
    }
}
