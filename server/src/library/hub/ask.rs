//! Questions to a hub: redirects followed, broken connections tried again.

use super::{Hub, HubError, TRIES};
use std::time::Duration;
use ureq::http::{Response, Uri, header};
use ureq::{Agent, Body};

/// Waiting for a connection, or for an answer's head.
const PATIENCE: Duration = Duration::from_secs(30);

impl Hub {
    /// Asks, and follows redirects by hand: the token goes to the hub alone. Returns the first answer where it was a
    /// redirect, and the last.
    pub(super) fn get(
        &self,
        model: &str,
        url: &str,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<(Option<Response<Body>>, Response<Body>), HubError> {
        let agent: Agent = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .build()
            .into();
        let hub: Uri = self
            .endpoint
            .parse()
            .map_err(|_| broken(&self.endpoint, "HF_ENDPOINT is no address"))?;
        let mut at: Uri = url.parse().map_err(|_| broken(url, "is no address"))?;
        let mut first = None;
        for _ in 0..6 {
            let mut request = agent.get(&at);
            if let (Some(token), true) = (&self.token, at.authority() == hub.authority()) {
                request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            }
            if let Some((from, to)) = range {
                let to = to.map(|t| t.to_string()).unwrap_or_default();
                request = request.header(header::RANGE, format!("bytes={from}-{to}"));
            }
            let answer = request.call().map_err(|e| broken(model, e))?;
            let (model, endpoint) = (model.to_owned(), self.endpoint.clone());
            match answer.status().as_u16() {
                200..=299 => return Ok((first, answer)),
                300..=399 => {
                    at = next(&at, &answer).ok_or_else(|| broken(&model, "a redirect leads nowhere"))?;
                    first.get_or_insert(answer);
                }
                401 | 404 => return Err(HubError::NotFound { model, endpoint }),
                403 => return Err(HubError::Refused { model, endpoint }),
                status => return Err(broken(&model, format!("the hub answers {status}"))),
            }
        }
        Err(broken(model, "it redirects in circles"))
    }
}

pub(super) fn broken(file: &str, reason: impl std::fmt::Display) -> HubError {
    HubError::Broken {
        file: file.into(),
        reason: reason.to_string(),
    }
}

fn next(at: &Uri, answer: &Response<Body>) -> Option<Uri> {
    let location = answer.headers().get(header::LOCATION)?.to_str().ok()?;
    if location.starts_with('/') {
        let mut parts = at.clone().into_parts();
        parts.path_and_query = Some(location.parse().ok()?);
        return Uri::from_parts(parts).ok();
    }
    let to: Uri = location.parse().ok()?;
    // never from https to http
    let safe = to.scheme_str() == Some("https") || at.scheme_str() == Some("http");
    safe.then_some(to)
}

/// Tries again when a connection broke; an answer (not found, refused) is final.
pub(super) fn retry<T>(file: &str, mut go: impl FnMut() -> Result<T, HubError>) -> Result<T, HubError> {
    let mut tried = 0;
    loop {
        match go() {
            Err(HubError::Broken { reason, .. }) => {
                tried += 1;
                if tried == TRIES {
                    return Err(HubError::Broken {
                        file: file.into(),
                        reason,
                    });
                }
                std::thread::sleep(Duration::from_millis(100 << tried));
            }
            done => return done,
        }
    }
}
