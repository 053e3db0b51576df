//! The board's files, as the program brings them: `index.html` for every page of the client's router, hashed assets cached for good.
//! An asset that has a compressed twin (`FILE.br`) is sent compressed to browsers that accept Brotli.

use crate::db::Db;
use crate::{ApiError, prerender};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use protocol::says;
use std::borrow::Cow;

/// The board's bundle: gives the bytes of the file at a path in it. The program has it inside; by default there is none.
#[derive(Debug, Clone, Copy)]
pub struct Board(fn(&str) -> Option<Cow<'static, [u8]>>);

impl Board {
    pub fn new(file: fn(&str) -> Option<Cow<'static, [u8]>>) -> Self {
        Self(file)
    }

    fn file(self, path: &str) -> Option<Cow<'static, [u8]>> {
        (self.0)(path)
    }
}

impl Default for Board {
    fn default() -> Self {
        Self(|_| None)
    }
}

/// Shown by a server that was built without the board.
const NO_BOARD: &str = "<!doctype html><meta charset=utf-8><title>Corral</title>\
    <p>This server was built without the board. <code>make board</code>, then build it again; the API is at \
    <a href=/api/openapi.json>/api/openapi.json</a>.";

/// A file of the board, or its page for any other address.
pub async fn page(
    State(board): State<Board>,
    State(db): State<Db>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "v1" || path.starts_with("v1/") {
        return ApiError::not_found(says::no_such_address()).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let said = says::method_not_allowed(method.as_str());
        return ApiError::refused(StatusCode::METHOD_NOT_ALLOWED, said).into_response();
    }
    // the compressed twins have no address of their own
    let is_asset = path != "index.html" && !path.ends_with(".br");
    if let Some(file) = board.file(path).filter(|_| is_asset) {
        let is_immutable = path.starts_with("assets/");
        let cache = if is_immutable {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let compressed = board.file(&format!("{path}.br"));
        let mut response = match &compressed {
            Some(compressed) if accepts_brotli(&headers) => {
                let mut response = file_response(path, cache, compressed.clone());
                let encoding = HeaderValue::from_static("br");
                response.headers_mut().insert(header::CONTENT_ENCODING, encoding);
                response
            }
            _ => file_response(path, cache, file),
        };
        if compressed.is_some() {
            let vary = HeaderValue::from_static("accept-encoding");
            response.headers_mut().insert(header::VARY, vary);
        }
        return response;
    }
    if path.starts_with("assets/") {
        return ApiError::not_found(says::no_board_file()).into_response();
    }
    match board.file("index.html") {
        Some(file) if matches!(path, "" | "runs") && uri.query().is_none() => {
            let page = prerender::fill(&db, &String::from_utf8_lossy(&file)).await;
            file_response("index.html", "no-cache", page.into_bytes().into())
        }
        Some(file) => file_response("index.html", "no-cache", file),
        None => file_response("index.html", "no-cache", NO_BOARD.as_bytes().into()),
    }
}

/// Whether `Accept-Encoding` names Brotli, and not with `q=0`.
fn accepts_brotli(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut offers = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    offers.any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let none = |part: &str| part.strip_prefix("q=").is_some_and(|q| q.parse::<f64>() == Ok(0.0));
        name.eq_ignore_ascii_case("br") && !parts.any(none)
    })
}

fn file_response(path: &str, cache: &'static str, data: Cow<'static, [u8]>) -> Response {
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
        Cow::Borrowed(bytes) => axum::body::Body::from(bytes),
        Cow::Owned(bytes) => axum::body::Body::from(bytes),
    };
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_goes_to_those_who_take_it() {
        for (accepted, takes) in [
            (Some("gzip, deflate, br, zstd"), true),
            (Some("br;q=0.5"), true),
            (Some("BR"), true),
            (Some("gzip, br;q=0"), false),
            (Some("gzip, br; q=0.0"), false),
            (Some("gzip"), false),
            (None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accepted) = accepted {
                headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            }
            assert_eq!(accepts_brotli(&headers), takes, "{accepted:?}");
        }
    }
}
