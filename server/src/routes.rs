//! The one list of routes.

use crate::accept::ConnectionHandle;
use crate::app::AppState;
use crate::work::Tasks;
use crate::{
    ApiError, board, chat, compare, configs, evaluations, files, guard, imports, keys, language, library, live, notify,
    openapi, pairs, runs, samples, sweeps, system, trash, usage,
};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use protocol::says;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

/// Largest body of a request in bytes, where a route does not say otherwise.
const MAX_BODY: usize = 2 << 20;
/// Largest data set that may be pasted, in bytes; a larger one is uploaded or named by its path.
const MAX_PASTED: usize = 64 << 20;

/// Largest log of another program that may be uploaded, in bytes.
const MAX_IMPORTED: usize = 256 << 20;

/// A path below the prefix of its part, and what it answers by method.
type Route = (&'static str, MethodRouter<AppState>);

/// The board's own API, below `/api`.
fn api() -> Vec<Route> {
    vec![
        ("/system", get(system::system)),
        ("/notify", get(notify::settings).put(notify::set)),
        ("/notify/test", post(notify::test)),
        ("/presets", get(system::presets)),
        ("/keys", get(keys::keys)),
        ("/keys/schema.json", get(keys::json_schema)),
        ("/openapi.json", get(openapi::document)),
        ("/live", get(live::connect)),
        ("/check", post(runs::check::check)),
        ("/parse", post(runs::check::parse)),
        ("/configs", get(configs::list)),
        (
            "/configs/{name}",
            get(configs::file)
                .put(configs::save)
                .patch(configs::rename)
                .delete(configs::delete),
        ),
        ("/disk", get(trash::disk)),
        ("/trash", get(trash::list).delete(trash::empty)),
        ("/trash/{id}", delete(trash::delete)),
        ("/trash/{id}/restore", post(trash::restore)),
        ("/probe", post(runs::probe::start).delete(runs::probe::stop)),
        ("/runs", get(runs::list::list).post(runs::create::create)),
        ("/runs/adopt", post(runs::adopt::adopt)),
        ("/imports", post(imports::api::from_path)),
        (
            "/imports/{file}",
            put(imports::api::upload).layer(DefaultBodyLimit::max(MAX_IMPORTED)),
        ),
        (
            "/runs/{id}",
            get(runs::detail::detail).patch(runs::patch).delete(runs::delete),
        ),
        ("/sweeps", get(sweeps::list).post(sweeps::create)),
        ("/sweeps/plan", post(sweeps::plan)),
        ("/sweeps/{id}", get(sweeps::detail).delete(sweeps::delete)),
        ("/sweeps/{id}/stop", post(sweeps::stop)),
        ("/sweeps/{id}/resume", post(sweeps::resume)),
        ("/runs/{id}/stop", post(runs::stop)),
        ("/runs/{id}/resume", post(runs::resume)),
        ("/runs/{id}/series", get(runs::series::series)),
        ("/runs/{id}/series.csv", get(runs::series::csv)),
        ("/runs/{id}/events", get(runs::series::events)),
        ("/runs/{id}/usage", get(usage::usage)),
        ("/runs/{id}/health", get(runs::health::health)),
        ("/runs/{id}/log", get(runs::log::log)),
        ("/runs/{id}/files", get(files::list)),
        ("/runs/{id}/files/{*path}", get(files::file)),
        ("/runs/{id}/pairs", get(pairs::overview)),
        ("/runs/{id}/pairs/scores", get(pairs::scores)),
        ("/runs/{id}/pairs/rows", get(pairs::rows)),
        ("/runs/{id}/pairs/{pair}", get(pairs::detail)),
        ("/runs/{id}/pairs/{pair}/mark", put(pairs::mark)),
        ("/runs/{id}/pairs/{pair}/tokens", post(pairs::tokens)),
        ("/pairs/compare", get(pairs::compare)),
        ("/compare/series", get(compare::series)),
        ("/compare/curves", get(compare::curves)),
        ("/compare/chart.svg", get(compare::picture)),
        ("/compare/points.csv", get(compare::csv)),
        ("/compare/points.json", get(compare::json)),
        ("/compare/table.csv", get(compare::table_csv)),
        ("/compare/table.json", get(compare::table_json)),
        ("/compare/report.html", get(compare::report)),
        ("/views", get(compare::views::list).put(compare::views::keep)),
        ("/views/{name}", delete(compare::views::forget)),
        ("/runs/{id}/samples", get(samples::overview)),
        ("/runs/{id}/samples/replies", get(samples::replies)),
        ("/runs/{id}/samples/{prompt}", get(samples::prompt)),
        ("/runs/{id}/archive", get(files::archive::archive)),
        (
            "/runs/{id}/merge",
            get(files::merge::status)
                .post(files::merge::start)
                .delete(files::merge::stop),
        ),
        ("/combine", get(files::combine::last).post(files::combine::start)),
        ("/combine/plan", post(files::combine::plan)),
        ("/evaluations", get(evaluations::list).post(evaluations::start)),
        ("/evaluations/matrix", get(evaluations::matrix)),
        ("/evaluations/{id}", delete(evaluations::remove)),
        ("/evaluations/{id}/stop", post(evaluations::stop)),
        ("/evaluations/{id}/predictions", get(evaluations::predictions)),
        ("/models", get(library::models)),
        ("/models/{*id}", delete(library::tidy::delete)),
        ("/catalogue", get(library::catalogue::list)),
        ("/hub-datasets", post(library::catalogue::add)),
        (
            "/downloads",
            get(library::download::list).post(library::download::start),
        ),
        ("/downloads/plan", post(library::download::plan)),
        ("/downloads/{*id}", delete(library::download::stop)),
        (
            "/datasets",
            get(library::datasets::list)
                .post(library::datasets::add)
                .layer(DefaultBodyLimit::max(MAX_PASTED)),
        ),
        (
            "/register",
            post(library::register_import::bring).layer(DefaultBodyLimit::max(MAX_PASTED)),
        ),
        (
            "/datasets/{name}",
            put(library::datasets::upload)
                .delete(library::datasets::remove)
                .layer(DefaultBodyLimit::disable()),
        ),
        ("/datasets/{name}/preview", get(library::preview::preview)),
    ]
}

/// OpenAI's part, below `/v1`: beside the board, and alone under `corral api`.
fn openai() -> Vec<Route> {
    vec![
        ("/models", get(chat::openai::models)),
        ("/models/{*model}", get(chat::openai::model)),
        ("/chat/completions", post(chat::openai::chat)),
    ]
}

fn router(routes: Vec<Route>) -> Router<AppState> {
    let empty = Router::new();
    routes
        .into_iter()
        .fold(empty, |all, (path, methods)| all.route(path, methods))
}

/// Everything the server answers to.
pub fn routes(app: AppState) -> Router {
    with_layers(
        Router::new()
            .nest(
                "/api",
                router(api())
                    .fallback(no_such_route)
                    .layer(middleware::from_fn_with_state(app.tasks.clone(), run_to_completion)),
            )
            .nest("/v1", router(openai()).fallback(no_such_route))
            .fallback(board::page),
        app,
    )
}

/// What `corral api` answers to.
pub fn openai_routes(app: AppState) -> Router {
    let alone = || async { ApiError::not_found(says::no_openai_address()) };
    with_layers(
        Router::new()
            .nest("/v1", router(openai()).fallback(alone))
            .fallback(alone),
        app,
    )
}

/// A change that has begun goes on to its end though whoever asked for it has gone: a request that is dropped in the
/// middle would leave a run without its folder, or a queue that nobody is told of. What only looks, or talks, ends with
/// the connection.
pub(crate) async fn run_to_completion(State(tasks): State<Tasks>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let only_judges = ["/check", "/parse", "/tokens"].iter().any(|end| path.ends_with(end));
    if request.method().is_safe() || (request.method() == Method::POST && only_judges) {
        return next.run(request).await;
    }
    // shutdown waits for whatever holds the connection's entry, also when the client has gone
    let connection = request.extensions().get::<ConnectionHandle>().cloned();
    let change = async move {
        let _connection = connection;
        next.run(request).await
    };
    match tasks.spawn_to_end(change).await {
        Ok(answer) => answer,
        Err(error) => ApiError::internal(error).into_response(),
    }
}

/// Wraps the routes in the layers that every request passes.
fn with_layers(routes: Router<AppState>, app: AppState) -> Router {
    let compressed = DefaultPredicate::new()
        .and(NotForContentType::const_new("application/octet-stream"))
        .and(NotForContentType::const_new("application/x-tar"));
    routes
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(in_text))
        .layer(middleware::from_fn_with_state(app.config.clone(), guard::guard))
        .layer(middleware::from_fn(chat::openai::errors))
        // around the one before, which gives the refusals of OpenAI's part their own shape
        .layer(middleware::from_fn(language::say_refusals))
        // outermost: it must see the body that the layers above have rewritten
        .layer(CompressionLayer::new().compress_when(compressed))
        .with_state(app)
}

/// An address whose bytes are no text names nothing.
async fn in_text(request: Request, next: Next) -> Response {
    if percent_encoding::percent_decode_str(request.uri().path())
        .decode_utf8()
        .is_err()
    {
        let path = request.uri().path().escape_debug().to_string();
        return ApiError::bad(says::bad_address(path)).into_response();
    }
    next.run(request).await
}

async fn no_such_route() -> ApiError {
    ApiError::not_found(says::no_api_address())
}

async fn wrong_method(method: Method) -> ApiError {
    let said = says::method_not_allowed(method.as_str());
    ApiError::refused(StatusCode::METHOD_NOT_ALLOWED, said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::in_process::InProcess;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use std::collections::BTreeSet;
    use tower::ServiceExt;

    const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

    /// Whether the router takes the method at the path: it is refused there neither as an address nor as a method.
    async fn takes(router: &Router, method: &Method, path: &str) -> bool {
        let address = path.replace(['{', '}'], "");
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header("host", "127.0.0.1:7860")
            .extension(crate::accept::Visitor { is_owner: true })
            .body(Body::empty())
            .unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        if answer.status() != StatusCode::METHOD_NOT_ALLOWED && answer.status() != StatusCode::NOT_FOUND {
            return true;
        }
        // a handler's own 404 is an answer too
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let body = String::from_utf8_lossy(&body);
        let refusals = [says::no_api_address(), says::method_not_allowed(method.as_str())];
        !refusals.iter().any(|said| body.contains(&said.message))
    }

    #[tokio::test]
    async fn the_api_alone_names_what_it_serves_and_an_address_is_text() {
        let server = InProcess::open("routes-alone").await;
        let ask = async |router: Router, path: &str| {
            let request = Request::builder()
                .uri(path)
                .header("host", "127.0.0.1:7860")
                .extension(crate::accept::Visitor { is_owner: true })
                .body(Body::empty())
                .unwrap();
            let answer = router.oneshot(request).await.unwrap();
            let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            serde_json::from_slice::<serde_json::Value>(&body).unwrap()
        };
        for path in ["/", "/api/runs", "/v1/embeddings"] {
            let said = ask(openai_routes(server.app.clone()), path).await.to_string();
            assert!(
                said.contains("/v1/chat/completions") && !said.contains("openapi.json"),
                "{path}: {said}"
            );
        }
        let said = ask(server.router.clone(), "/v1/models/%ff").await;
        assert_eq!(said["error"]["code"], "bad_address", "{said}");
        let said = ask(server.router.clone(), "/api/runs/%ff").await;
        assert_eq!(said["code"], "bad_address", "{said}");
        server.close().await;
    }

    /// Both ways: what the router takes is described, and what is described it takes.
    #[tokio::test]
    async fn the_description_is_the_routers() {
        let server = InProcess::open("routes").await;
        let router = &server.router;
        let mut taken = BTreeSet::new();
        for (prefix, part) in [("/api", api()), ("/v1", openai())] {
            for (path, _) in part {
                let path = format!("{prefix}{}", path.replace("{*", "{"));
                for method in METHODS {
                    if path != "/api/openapi.json" && takes(router, &method, &path).await {
                        taken.insert(format!("{method} {path}"));
                    }
                }
            }
        }
        let document = serde_json::to_value(openapi::description()).unwrap();
        let mut described = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                described.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
        server.close().await;
        assert!(taken.len() > 30, "{taken:?}");
        let undescribed: Vec<_> = taken.difference(&described).collect();
        let untaken: Vec<_> = described.difference(&taken).collect();
        assert!(undescribed.is_empty(), "not in the description: {undescribed:?}");
        assert!(untaken.is_empty(), "described, but there is no such route: {untaken:?}");
    }
}
