//! A board without a port: what one of the same options would answer, with nothing that starts or follows runs.

use super::{Options, ServeError};
use crate::accept::Visitor;
use crate::app::AppState;
use crate::lock::Lock;
use crate::routes::routes;
use crate::state::DataDir;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use protocol::{Said, says};
use std::time::Duration;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// An answer is shorter.
const MAX_BYTES: usize = 256 << 20;

/// A data directory's board, for one program alone.
pub struct Here {
    runtime: Runtime,
    app: AppState,
    router: Router,
    /// No board begins on the data directory meanwhile.
    _alone: Lock,
}

impl Drop for Here {
    fn drop(&mut self) {
        self.runtime
            .block_on(async { super::end(&self.app, &mut super::Signals::listen()).await });
    }
}

/// The ends of runs that can't be stored, as on a full disk, are tried again for so long.
const SETTLING: Duration = Duration::from_secs(30);

impl Here {
    /// On a data directory that no board works on.
    ///
    /// # Errors
    /// When the folder or its database can't be used, or a board has begun on it.
    pub fn open(options: &Options, data_dir: DataDir) -> Result<Self, ServeError> {
        let alone = Lock::wait(&data_dir)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let app = runtime.block_on(async {
            let config = super::unheard(options, &data_dir).await?;
            Ok::<_, ServeError>(super::app(config, data_dir).await?.0)
        })?;
        Ok(Self {
            runtime,
            router: routes(app.clone()),
            app,
            _alone: alone,
        })
    }

    /// Adopts the sweeps and runs in the data directory that the database does not know.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn adopt(&self) -> Result<(), Said> {
        self.runtime.block_on(async {
            // before their runs are looked for
            self.app.sweeps.adopt_all().await;
            self.app.adopter.scan().await.map_err(|error| error.said())
        })
    }

    /// Stores the ends of a sweep's runs whose workers ended while no board was running.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn settle(&self, sweep: &str) -> Result<(), Said> {
        self.runtime.block_on(async {
            let runs = self.app.db.runs_of_sweep(sweep).await;
            let runs = runs.map_err(|error| says::internal_error(error.to_string()))?;
            let settled = tokio::time::timeout(SETTLING, self.app.workers().settle(runs)).await;
            settled.map_err(|_| says::ends_not_stored())
        })
    }

    /// The answer to a request of the person whose data directory it is.
    ///
    /// # Errors
    /// When the address is none, or the answer breaks off.
    pub fn ask(&self, method: Method, path: String, body: Option<Vec<u8>>) -> Result<(StatusCode, String), Said> {
        let json = HeaderValue::from_static("application/json");
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, json)
            .extension(Visitor { is_owner: true })
            .body(Body::from(body.unwrap_or_default()))
            .map_err(|error| says::internal_error(error.to_string()))?;
        self.runtime.block_on(async {
            let Ok(answer) = self.router.clone().oneshot(request).await;
            let status = answer.status();
            let bytes = to_bytes(answer.into_body(), MAX_BYTES).await;
            let bytes = bytes.map_err(|error| says::internal_error(error.to_string()))?;
            Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{NewRow, SweepPlace, SweepRow};
    use crate::runs::board_file::BoardFile;
    use protocol::api::RunState;
    use protocol::run_dir;
    use protocol::sweep::{Goal, Sweep, Target};
    use serde_json::json;
    use std::path::Path;

    /// What a worker has left that went to its end.
    fn ended(directory: &Path) {
        std::fs::create_dir_all(directory).unwrap();
        std::fs::write(directory.join(run_dir::CONFIG), "stage: dpo\n").unwrap();
        let said = json!({ "seq": 1, "time": 1, "type": "finished", "outcome": "completed", "step": 3, "message": "" });
        std::fs::write(directory.join(run_dir::EVENTS), format!("{said}\n")).unwrap();
    }

    #[test]
    fn a_sweep_whose_runs_ended_while_no_board_was_there_is_deleted_with_all_of_them() {
        const SWEEP: &str = "06fj2k1a2b3c";
        let folder = std::env::temp_dir().join(format!("corral-here-ended-{}", std::process::id()));
        let data_dir = super::super::open_data_dir(&folder).unwrap();
        let options = Options::on(&folder);
        let here = Here::open(&options, data_dir.clone()).unwrap();
        let place = |index| SweepPlace {
            sweep: SWEEP.into(),
            index,
            point: Default::default(),
        };
        let (known, unknown) = (data_dir.runs().join("known"), data_dir.runs().join("unknown"));
        ended(&known);
        ended(&unknown);
        let row = SweepRow {
            id: SWEEP.into(),
            name: "s".into(),
            config: Default::default(),
            sweep: Sweep::default(),
            target: Target {
                metric: "eval_loss".into(),
                goal: Goal::Minimize,
            },
            tags: vec![],
            runs: 2,
            made: 2,
            stopped: false,
            said: Default::default(),
            created: 1,
        };
        let new = NewRow {
            state: RunState::Running,
            sweep: Some(place(0)),
            ..NewRow::queued("06fj2k1a2b3d", known.clone())
        };
        here.runtime.block_on(async {
            here.app.db.insert_sweep(&row).await.unwrap();
            here.app.db.insert_run(&new).await.unwrap();
        });
        let kept = BoardFile {
            id: "06fj2k1a2b3e".into(),
            sweep: Some(place(1)),
            ..BoardFile::default()
        };
        std::fs::write(unknown.join(run_dir::BOARD), json!(kept).to_string()).unwrap();
        let delete = || here.ask(Method::DELETE, format!("/api/sweeps/{SWEEP}"), None).unwrap();
        assert_eq!(delete().0, StatusCode::CONFLICT);
        here.adopt().unwrap();
        here.settle(SWEEP).unwrap();
        let (status, text) = delete();
        assert_eq!(status, StatusCode::OK, "{text}");
        assert!(!known.exists() && !unknown.exists());
        drop(here);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
