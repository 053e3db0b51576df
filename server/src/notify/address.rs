//! The webhook's address: of the owner's choice alone, kept in a file of the data directory that nobody else can read.

use crate::ApiError;
use crate::error::ApiResult;
use protocol::says;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use ureq::http::Uri;

const FILE: &str = "webhook.json";
/// Longer than any service's.
const MAX_LENGTH: usize = 2000;

/// An `http` or `https` address with a host.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    url: String,
}

/// What is after the host may be a secret: it goes into no log.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({}…)", self.host())
    }
}

impl Address {
    pub fn parse(text: &str) -> ApiResult<Self> {
        let bad = |why| Err(ApiError::bad(says::bad_webhook(why)));
        if text.len() > MAX_LENGTH {
            return bad(says::webhook_too_long(MAX_LENGTH));
        }
        let uri: Option<Uri> = text.parse().ok();
        let Some(uri) = uri.filter(|uri| uri.host().is_some_and(|host| !host.is_empty())) else {
            return bad(says::webhook_not_whole());
        };
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return bad(says::webhook_scheme());
        }
        if uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'))
        {
            return bad(says::webhook_user());
        }
        Ok(Self { url: text.to_owned() })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Host and port, which may be told.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    }

    /// The one that is set.
    ///
    /// # Errors
    /// The file is there and can't be read, or holds no address.
    pub fn read(data_dir: &Path) -> io::Result<Option<Self>> {
        let text = match std::fs::read(data_dir.join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let read: Self = serde_json::from_slice(&text)?;
        match Self::parse(&read.url) {
            Ok(address) => Ok(Some(address)),
            Err(error) => Err(io::Error::other(error.to_string())),
        }
    }

    /// Keeps it, or none.
    ///
    /// # Errors
    /// When the disk won't have it.
    pub fn write(data_dir: &Path, address: Option<&Self>) -> ApiResult<()> {
        let path = data_dir.join(FILE);
        let done = match address {
            Some(address) => {
                let text = serde_json::to_vec(address).map_err(ApiError::internal)?;
                crate::whole::write_private(&path, &text)
            }
            None => match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        };
        done.map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_web_addresses_are_taken_and_the_secret_part_is_not_told() {
        for bad in [
            "",
            "example.org/hook",
            "ftp://example.org/x",
            "file:///etc/passwd",
            "https://",
            "https://me:word@example.org/",
            "https://example.org/a b",
            "https://example.org/\nHost: other",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
        let address = Address::parse("https://hooks.example.org:8443/services/SECRET?key=K").unwrap();
        assert_eq!(address.host(), "hooks.example.org:8443");
        assert!(!format!("{address:?}").contains("SECRET"));
    }
}
