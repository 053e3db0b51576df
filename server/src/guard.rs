//! Who may send requests: the checks every one passes before any handler sees it.
//!
//! A server on localhost is reached by every page the person's browser opens. So: only known host names (DNS
//! rebinding), no requests from other sites whatever the method, exact `Origin` on WebSockets, and a token: of everybody
//! when bound to other than loopback, of other users of this machine when bound to loopback. There are no CORS headers
//! anywhere.

use crate::ApiError;
use crate::accept::Visitor;
use crate::state::Config;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::{Said, says};
use std::sync::Arc;

const COOKIE: &str = "corral_token";

/// The layer around all routes.
pub async fn guard(State(config): State<Arc<Config>>, request: Request, next: Next) -> Response {
    let checked = check_host(&config, &request).and_then(|host| check_site(&request, &host));
    let response = match checked.and_then(|()| check_token(&config, &request)) {
        Ok(Admission::Enter) => next.run(request).await,
        Ok(Admission::SetCookie(response)) => response,
        Err(error) => error.into_response(),
    };
    with_headers(response)
}

enum Admission {
    Enter,
    SetCookie(Response),
}

fn forbidden(said: Said) -> ApiError {
    ApiError::refused(StatusCode::FORBIDDEN, said)
}

/// What a page of another site sent, known by this header.
fn cross_site(header: &str, value: &str) -> ApiError {
    forbidden(says::cross_site(format!("{header}: {}", value.escape_debug())))
}

/// The `Host` of the request, port included, if it is one of ours.
fn check_host(config: &Config, request: &Request) -> Result<String, ApiError> {
    let host = match request.headers().get(header::HOST) {
        Some(value) => value.to_str().unwrap_or_default(),
        None => request.uri().authority().map_or("", |a| a.as_str()),
    };
    if host_allowed(config, host) {
        return Ok(host.to_ascii_lowercase());
    }
    let said = says::host_not_allowed(host.escape_debug().to_string());
    Err(ApiError::refused(StatusCode::MISDIRECTED_REQUEST, said))
}

fn host_allowed(config: &Config, host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    if ["localhost", "127.0.0.1", "[::1]"].contains(&name.as_str()) || config.allowed_hosts.contains(&name) {
        return true;
    }
    let bare = name
        .strip_prefix('[')
        .and_then(|n| n.strip_suffix(']'))
        .unwrap_or(&name);
    match bare.parse::<std::net::IpAddr>() {
        // Rebinding needs a name. A server on all addresses may be called by any of them.
        Ok(address) => address == config.host || config.host.is_unspecified(),
        Err(_) => false,
    }
}

/// Refuses what another site's page sent. A person may follow a link to a page of ours, nothing else.
fn check_site(request: &Request, host: &str) -> Result<(), ApiError> {
    let headers = request.headers();
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    let websocket = text("upgrade").is_some_and(|u| u.eq_ignore_ascii_case("websocket"));
    match text("origin") {
        Some(origin) if !same_origin(origin, host) => {
            return Err(cross_site("Origin", origin));
        }
        None if websocket => {
            return Err(forbidden(says::origin_required()));
        }
        _ => {}
    }
    if let Some(site @ ("cross-site" | "same-site")) = text("sec-fetch-site") {
        let opens_page = request.method() == Method::GET
            && text("sec-fetch-mode") == Some("navigate")
            && text("sec-fetch-dest") == Some("document")
            && !is_api(request.uri());
        if !opens_page {
            return Err(cross_site("Sec-Fetch-Site", site));
        }
    }
    Ok(())
}

fn is_api(uri: &Uri) -> bool {
    ["/api", "/v1"]
        .iter()
        .any(|p| uri.path() == *p || uri.path().starts_with(&format!("{p}/")))
}

fn same_origin(origin: &str, host: &str) -> bool {
    let rest = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    rest.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

fn check_token(config: &Config, request: &Request) -> Result<Admission, ApiError> {
    let token = &config.token;
    // the person who started it, and no other user of the machine
    let is_owner = request
        .extensions()
        .get::<Visitor>()
        .is_some_and(|visitor| visitor.is_owner);
    if is_owner && config.host.is_loopback() {
        return Ok(Admission::Enter);
    }
    if presented_tokens(request.headers()).any(|t| token.matches(t)) {
        return Ok(Admission::Enter);
    }
    // the printed address, once: the token moves into a cookie and out of the address
    if request.method() == Method::GET
        && !is_api(request.uri())
        && let Some(given) = request.uri().query().and_then(|q| q.strip_prefix("token="))
        && token.matches(given)
    {
        let cookie = format!("{COOKIE}={given}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000");
        let cookie = HeaderValue::from_str(&cookie).map_err(ApiError::internal)?;
        let location = HeaderValue::from_static("/");
        let headers = [(header::SET_COOKIE, cookie), (header::LOCATION, location)];
        return Ok(Admission::SetCookie((StatusCode::SEE_OTHER, headers).into_response()));
    }
    Err(ApiError::refused(StatusCode::UNAUTHORIZED, says::token_required()))
}

/// The tokens that a request brings: in `Authorization: Bearer`, and in our cookie.
fn presented_tokens(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let cookies = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|v| v.to_str().ok());
    let cookie = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    bearer.into_iter().chain(cookie)
}

/// `connect-src 'self'` covers the WebSocket: browsers match ws: of the same host and port.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// Headers of every response. A handler that sets one of them (a download's stricter policy) keeps its own.
fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", CONTENT_SECURITY_POLICY),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    let cache = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(cache);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Token;

    fn config(host: &str) -> Config {
        Config {
            host: host.parse().unwrap(),
            port: 7860,
            allowed_hosts: vec!["box.lan".into()],
            slots: Default::default(),
            token: Token::random(&Default::default()),
            trainer: "corral-trainer".into(),
            board: Default::default(),
            served: None,
            started: Default::default(),
            cuda: Default::default(),
        }
    }

    #[test]
    fn only_known_hosts() {
        let c = config("127.0.0.1");
        for good in [
            "localhost",
            "localhost:7860",
            "LOCALHOST:1",
            "127.0.0.1:7860",
            "[::1]:7860",
            "[::1]",
            "box.lan:80",
        ] {
            assert!(host_allowed(&c, good), "{good}");
        }
        for bad in [
            "",
            "evil.test",
            "evil.test:7860",
            "localhost.evil.test",
            "evil.localhost",
            "127.0.0.1.evil.test",
            "192.168.0.7:7860",
            "localhost:7860:1",
            "[::1",
            "localhost@evil.test",
            "127.0.0.2",
        ] {
            assert!(!host_allowed(&c, bad), "{bad}");
        }
        let open = config("0.0.0.0");
        assert!(host_allowed(&open, "192.168.0.7:7860"));
        assert!(!host_allowed(&open, "evil.test"));
    }

    #[test]
    fn an_origin_is_the_same_only_to_the_letter() {
        assert!(same_origin("http://localhost:7860", "localhost:7860"));
        for bad in [
            "null",
            "http://localhost",
            "http://localhost:7861",
            "http://localhost:7860.evil.test",
            "file://",
        ] {
            assert!(!same_origin(bad, "localhost:7860"), "{bad}");
        }
    }
}
