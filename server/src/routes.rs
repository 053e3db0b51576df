//! The one list of routes.

use crate::{ApiError, AppState, board, chat, files, guard, library, live, openapi, runs, system};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{delete, get, post, put};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

/// Largest body of a request, where a route does not say otherwise.
const BODY: usize = 2 << 20;
/// Largest data set that is pasted; a larger one is uploaded or named by its path.
const PASTED: usize = 64 << 20;

/// Everything the server answers to.
pub fn routes(app: AppState) -> Router {
    let api = Router::new()
        .route("/system", get(system::system))
        .route("/presets", get(system::presets))
        .route("/openapi.json", get(openapi::document))
        .route("/live", get(live::connect))
        .route("/check", post(runs::check::check))
        .route("/parse", post(runs::check::parse))
        .route("/runs", get(runs::list).post(runs::create::create))
        .route("/runs/adopt", post(runs::adopt::adopt))
        .route("/runs/{id}", get(runs::detail).patch(runs::patch).delete(runs::delete))
        .route("/runs/{id}/stop", post(runs::stop))
        .route("/runs/{id}/resume", post(runs::resume))
        .route("/runs/{id}/series", get(runs::series::series))
        .route("/runs/{id}/series.csv", get(runs::series::csv))
        .route("/runs/{id}/events", get(runs::series::events))
        .route("/runs/{id}/log", get(runs::log::log))
        .route("/runs/{id}/files", get(files::list))
        .route("/runs/{id}/files/{*path}", get(files::file))
        .route("/runs/{id}/archive", get(files::archive::archive))
        .route("/runs/{id}/merge", get(files::merge::status).post(files::merge::start))
        .route("/models", get(library::models))
        .route(
            "/models/downloads",
            get(library::download::list).post(library::download::start),
        )
        .route("/models/downloads/{*model}", delete(library::download::stop))
        .route(
            "/datasets",
            get(library::datasets::list)
                .post(library::datasets::add)
                .layer(DefaultBodyLimit::max(PASTED)),
        )
        .route(
            "/datasets/{name}",
            put(library::datasets::upload)
                .delete(library::datasets::remove)
                .layer(DefaultBodyLimit::disable()),
        )
        .route("/datasets/{name}/preview", get(library::datasets::preview))
        .fallback(no_such_route);
    around(
        Router::new()
            .nest("/api", api)
            .nest("/v1", openai())
            .fallback(board::page),
        app,
    )
}

/// What `corral api` answers to.
pub fn openai_routes(app: AppState) -> Router {
    around(Router::new().nest("/v1", openai()).fallback(no_such_route), app)
}

/// The layers that every route lies behind.
fn around(routes: Router<AppState>, app: AppState) -> Router {
    let compressed = DefaultPredicate::new()
        .and(NotForContentType::const_new("application/octet-stream"))
        .and(NotForContentType::const_new("application/x-tar"));
    routes
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(CompressionLayer::new().compress_when(compressed))
        .layer(middleware::from_fn_with_state(app.clone(), guard::guard))
        .layer(middleware::from_fn(chat::openai::errors))
        .with_state(app)
}

/// OpenAI's part of the API: beside the board, and alone under `corral api`.
fn openai() -> Router<AppState> {
    Router::new()
        .route("/models", get(chat::openai::models))
        .route("/models/{*model}", get(chat::openai::model))
        .route("/chat/completions", post(chat::openai::chat))
        .layer(DefaultBodyLimit::max(BODY))
        .fallback(no_such_route)
}

async fn no_such_route() -> ApiError {
    ApiError::not_found("the API has no such address; /api/openapi.json lists them")
}

async fn wrong_method() -> ApiError {
    ApiError::refused(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "this address does not take that method",
    )
}
