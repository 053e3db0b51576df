//! Requests to a hub: redirects are followed by hand, and its refusals told apart.

use super::error::{asking_failed, variable};
use super::{HubError, HubPlace};
use protocol::hub::Hub;
use protocol::says;
use serde::de::DeserializeOwned;
use std::time::Duration;
use ureq::http::{Response, Uri, header};
use ureq::{Agent, Body};

/// Redirects that are followed one after the other.
const MAX_REDIRECTS: usize = 6;
/// Bytes of the longest list of files that is read.
const MAX_BODY: u64 = 256 << 20;
/// A hub that asks to be left alone for longer is not waited for.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// What is asked for, as errors name it.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub name: &'a str,
    pub revision: &'a str,
}

/// A hub's answer.
pub(super) struct Answer {
    /// The hub's own answer, where that redirected us elsewhere.
    pub first: Option<Response<Body>>,
    pub last: Response<Body>,
}

impl HubPlace {
    /// Asks, and follows redirects by hand: the token goes to the hub alone.
    pub(super) fn get(&self, about: Subject, url: &str, range: Option<(u64, Option<u64>)>) -> Result<Answer, HubError> {
        let agent: Agent = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(self.timeout))
            .timeout_recv_response(Some(self.timeout))
            // a file may take as long as it goes on coming, which its reader sees to
            .timeout_recv_body(range.is_none().then(|| self.timeout * 4))
            .build()
            .into();
        let hub: Uri = self
            .endpoint
            .parse()
            .map_err(|_| HubError::broken(&self.endpoint, says::no_endpoint()))?;
        let mut at: Uri = url.parse().map_err(|_| HubError::broken(url, says::no_address()))?;
        let mut first = None;
        for _ in 0..MAX_REDIRECTS {
            let mut request = agent.get(&at);
            if let (Some(token), true) = (&self.token, at.authority() == hub.authority()) {
                request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
                if self.hub == Hub::ModelScope {
                    // its older endpoints take the token as a cookie
                    request = request.header(header::COOKIE, format!("m_session_id={token}"));
                }
            }
            if let Some((from, to)) = range {
                let to = to.map(|t| t.to_string()).unwrap_or_default();
                request = request.header(header::RANGE, format!("bytes={from}-{to}"));
            }
            let answer = request
                .call()
                .map_err(|e| HubError::again(about.name, asking_failed(e)))?;
            match answer.status().as_u16() {
                200..=299 => return Ok(Answer { first, last: answer }),
                300..=399 => {
                    at = redirect_target(&at, &answer)
                        .ok_or_else(|| HubError::broken(about.name, says::redirect_nowhere()))?;
                    first.get_or_insert(answer);
                }
                status => return Err(self.refusal(about, status, &answer)),
            }
        }
        Err(HubError::broken(about.name, says::redirect_circles()))
    }

    /// The error that a status other than success or a redirect means.
    fn refusal(&self, about: Subject, status: u16, answer: &Response<Body>) -> HubError {
        let (model, endpoint) = (about.name.to_owned(), self.endpoint.clone());
        let variable = variable(self.hub);
        let code = answer.headers().get("x-error-code").and_then(|code| code.to_str().ok());
        match (status, code) {
            (401 | 403, Some("GatedRepo")) | (403, _) => HubError::Refused {
                model,
                endpoint,
                variable,
            },
            (404, Some("RevisionNotFound")) => HubError::NoRevision {
                model,
                endpoint,
                revision: about.revision.to_owned(),
            },
            (401 | 404, _) => HubError::NotFound {
                model,
                endpoint,
                variable,
            },
            // it is busy, or has a moment of its own
            (408 | 429 | 500..=599, _) => match retry_after(answer) {
                Some(wait) if wait > MAX_WAIT => HubError::broken(about.name, says::hub_come_again(wait.as_secs())),
                wait => HubError::after(about.name, says::hub_answers(status), wait.unwrap_or_default()),
            },
            _ => HubError::broken(about.name, says::hub_answers(status)),
        }
    }

    /// A small file's text, of which nothing is kept.
    pub(super) fn get_text(&self, about: Subject, url: &str) -> Result<String, HubError> {
        super::fetch::retry(about.name, || {
            let mut answer = self.get(about, url, None)?.last;
            let body = answer.body_mut().with_config().limit(MAX_BODY);
            body.read_to_string()
                .map_err(|e| HubError::again(about.name, asking_failed(e)))
        })
    }

    /// Asks for JSON.
    pub(super) fn get_json<T: DeserializeOwned>(&self, about: Subject, url: &str) -> Result<T, HubError> {
        super::fetch::retry(about.name, || {
            let mut answer = self.get(about, url, None)?.last;
            let body = answer.body_mut().with_config().limit(MAX_BODY);
            body.read_json()
                .map_err(|e| HubError::again(about.name, asking_failed(e)))
        })
    }
}

/// How long the hub asks to be left alone: `Retry-After` in seconds.
fn retry_after(answer: &Response<Body>) -> Option<Duration> {
    let text = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

fn redirect_target(at: &Uri, answer: &Response<Body>) -> Option<Uri> {
    let location = answer.headers().get(header::LOCATION)?.to_str().ok()?;
    if location.starts_with('/') && !location.starts_with("//") {
        let mut parts = at.clone().into_parts();
        parts.path_and_query = Some(location.parse().ok()?);
        return Uri::from_parts(parts).ok();
    }
    let to: Uri = location.parse().ok()?;
    // never from https to http
    let safe = to.scheme_str() == Some("https") || at.scheme_str() == Some("http");
    safe.then_some(to)
}
