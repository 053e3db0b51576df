//! A board without a port: what one of the same options would answer, with nothing that starts, follows or takes up runs.

use super::{Options, ServeError};
use crate::accept::Visitor;
use crate::app::AppState;
use crate::lock::Lock;
use crate::routes::routes;
use crate::state::DataDir;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
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
        self.runtime.block_on(self.app.db.close());
    }
}

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

    /// The answer to a request of the person whose data directory it is.
    ///
    /// # Errors
    /// When the address is none, or the answer breaks off.
    pub fn ask(&self, method: Method, path: String, body: Option<Vec<u8>>) -> Result<(StatusCode, String), String> {
        let json = HeaderValue::from_static("application/json");
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, json)
            .extension(Visitor { is_owner: true })
            .body(Body::from(body.unwrap_or_default()))
            .map_err(|error| error.to_string())?;
        self.runtime.block_on(async {
            let Ok(answer) = self.router.clone().oneshot(request).await;
            let status = answer.status();
            let bytes = to_bytes(answer.into_body(), MAX_BYTES).await;
            let bytes = bytes.map_err(|error| error.to_string())?;
            Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
        })
    }
}
