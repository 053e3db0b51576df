//! One post to the webhook: bounded in time, to that address and no other, its answer's status alone looked at.

use super::address::Address;
use protocol::notify::Message;
use std::time::Duration;
use ureq::Agent;

/// For the whole of one try.
const TIMEOUT: Duration = Duration::from_secs(10);

pub struct Poster {
    agent: Agent,
    address: Address,
}

/// Why a message was not delivered.
pub struct Failure {
    pub why: String,
    /// Another try may succeed.
    pub is_transient: bool,
}

impl Failure {
    pub fn permanent(why: impl std::fmt::Display) -> Self {
        Self {
            why: why.to_string(),
            is_transient: false,
        }
    }
}

impl Poster {
    pub fn new(address: &Address) -> Self {
        Self {
            // where a redirect leads is not what the owner typed
            agent: Agent::config_builder()
                .max_redirects(0)
                .http_status_as_error(false)
                .timeout_global(Some(TIMEOUT))
                .build()
                .into(),
            address: address.clone(),
        }
    }

    /// # Errors
    /// Nobody answers in time, or the answer is no success.
    pub fn post(&self, message: &Message) -> Result<(), Failure> {
        let answer = self.agent.post(self.address.url()).send_json(message);
        let status = match answer {
            Ok(answer) => answer.status(),
            Err(error) => {
                return Err(Failure {
                    why: self.without_address(&error.to_string()),
                    is_transient: true,
                });
            }
        };
        if status.is_success() {
            return Ok(());
        }
        Err(Failure {
            why: format!("HTTP {}", status.as_u16()),
            is_transient: status.is_server_error() || status.as_u16() == 429,
        })
    }

    /// An error of the client may name the whole address.
    fn without_address(&self, why: &str) -> String {
        why.replace(self.address.url(), self.address.host())
    }
}
