//! Questions to a hub: redirects followed, what it answers told apart.

use super::error::{told, variable};
use super::{HubError, Place};
use protocol::hub::Hub;
use protocol::says;
use serde::de::DeserializeOwned;
use std::time::Duration;
use ureq::http::{Response, Uri, header};
use ureq::{Agent, Body};

/// Redirects that are followed one after the other.
const REDIRECTS: usize = 6;
/// No list of files is longer, in bytes.
const LONGEST: u64 = 256 << 20;
/// A hub that asks to be left alone for longer is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What is asked for, as errors name it.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub name: &'a str,
    pub revision: &'a str,
}

/// A hub's answer.
pub(super) struct Answer {
    /// Its own, where that sent us elsewhere.
    pub first: Option<Response<Body>>,
    pub last: Response<Body>,
}

impl Place {
    /// Asks, and follows redirects by hand: the token goes to the hub alone.
    pub(super) fn get(&self, about: About, url: &str, range: Option<(u64, Option<u64>)>) -> Result<Answer, HubError> {
        let agent: Agent = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(self.patience))
            .timeout_recv_response(Some(self.patience))
            // a file may take as long as it goes on coming, which its reader sees to
            .timeout_recv_body(range.is_none().then(|| self.patience * 4))
            .build()
            .into();
        let hub: Uri = self
            .endpoint
            .parse()
            .map_err(|_| HubError::broken(&self.endpoint, says::no_endpoint()))?;
        let mut at: Uri = url.parse().map_err(|_| HubError::broken(url, says::no_address()))?;
        let mut first = None;
        for _ in 0..REDIRECTS {
            let mut request = agent.get(&at);
            if let (Some(token), true) = (&self.token, at.authority() == hub.authority()) {
                request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
                if self.hub == Hub::ModelScope {
                    // what its older parts go by
                    request = request.header(header::COOKIE, format!("m_session_id={token}"));
                }
            }
            if let Some((from, to)) = range {
                let to = to.map(|t| t.to_string()).unwrap_or_default();
                request = request.header(header::RANGE, format!("bytes={from}-{to}"));
            }
            let answer = request.call().map_err(|e| HubError::again(about.name, told(e)))?;
            match answer.status().as_u16() {
                200..=299 => return Ok(Answer { first, last: answer }),
                300..=399 => {
                    at = next(&at, &answer).ok_or_else(|| HubError::broken(about.name, says::redirect_nowhere()))?;
                    first.get_or_insert(answer);
                }
                status => return Err(self.refusal(about, status, &answer)),
            }
        }
        Err(HubError::broken(about.name, says::redirect_circles()))
    }

    /// What an answer that is none means.
    fn refusal(&self, about: About, status: u16, answer: &Response<Body>) -> HubError {
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
            (408 | 429 | 500..=599, _) => match wait_of(answer) {
                Some(wait) if wait > LONGEST_WAIT => HubError::broken(about.name, says::hub_come_again(wait.as_secs())),
                wait => HubError::after(about.name, says::hub_answers(status), wait.unwrap_or_default()),
            },
            _ => HubError::broken(about.name, says::hub_answers(status)),
        }
    }

    /// A small file's text, of which nothing is kept.
    pub(super) fn get_text(&self, about: About, url: &str) -> Result<String, HubError> {
        super::fetch::retry(about.name, || {
            let mut answer = self.get(about, url, None)?.last;
            let body = answer.body_mut().with_config().limit(LONGEST);
            body.read_to_string().map_err(|e| HubError::again(about.name, told(e)))
        })
    }

    /// Asks for JSON.
    pub(super) fn get_json<T: DeserializeOwned>(&self, about: About, url: &str) -> Result<T, HubError> {
        super::fetch::retry(about.name, || {
            let mut answer = self.get(about, url, None)?.last;
            let body = answer.body_mut().with_config().limit(LONGEST);
            body.read_json().map_err(|e| HubError::again(about.name, told(e)))
        })
    }
}

/// How long the hub asks to be left alone: `Retry-After` in seconds.
fn wait_of(answer: &Response<Body>) -> Option<Duration> {
    let text = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

fn next(at: &Uri, answer: &Response<Body>) -> Option<Uri> {
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
