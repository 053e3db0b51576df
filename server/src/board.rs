//! The board's files, embedded: `index.html` for every page of the client's router, hashed assets cached for good.

use crate::ApiError;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../target/board"]
struct Board;

/// Shown by a server that was built without the board.
const NO_BOARD: &str = "<!doctype html><meta charset=utf-8><title>Corral</title>\
    <p>This server was built without the board. <code>make board</code>, then build it again; the API is at \
    <a href=/api/openapi.json>/api/openapi.json</a>.";

/// A file of the board, or its page for any other address.
pub async fn page(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "v1" || path.starts_with("v1/") {
        return ApiError::not_found("there is no such address").into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return ApiError::refused(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "pages are only read",
        )
        .into_response();
    }
    if let Some(file) = Board::get(path).filter(|_| path != "index.html") {
        let forever = path.starts_with("assets/");
        let cache = if forever {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        return answer(path, cache, file.data);
    }
    if path.starts_with("assets/") {
        return ApiError::not_found("there is no such file").into_response();
    }
    match Board::get("index.html") {
        Some(file) => answer("index.html", "no-cache", file.data),
        None => answer("index.html", "no-cache", NO_BOARD.as_bytes().into()),
    }
}

fn answer(path: &str, cache: &'static str, data: std::borrow::Cow<'static, [u8]>) -> Response {
    let kind = match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8".to_owned(),
        Some("html") => "text/html; charset=utf-8".to_owned(),
        _ => mime_guess::from_path(path).first_or_octet_stream().to_string(),
    };
    let kind = HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    let body = match data {
        std::borrow::Cow::Borrowed(bytes) => axum::body::Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => axum::body::Body::from(bytes),
    };
    (headers, body).into_response()
}
