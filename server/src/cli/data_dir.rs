//! The data directory: as an option names it, or the environment, or the usual one.

use clap::builder::{OsStringValueParser, TypedValueParser};
use protocol::config::{Unexpanded, at_home};
use protocol::{Said, says};
use std::ffi::OsString;
use std::path::PathBuf;

/// What `DATA_DIR` says, for verbs that have no option for it.
pub(super) fn data_dir_of_environment() -> Result<PathBuf, Said> {
    let Some(path) = std::env::var_os("DATA_DIR") else {
        return Ok(default_data_dir());
    };
    named(path).map_err(|what| says::file("DATA_DIR", what.said()))
}

/// The parser of an option that names the data directory; its name need not be UTF-8.
pub(super) fn folder() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().try_map(named)
}

/// A folder as a person names it, with `~` expanded.
///
/// # Errors
/// What can't be expanded.
pub(super) fn named(path: OsString) -> Result<PathBuf, Unexpanded> {
    match path.to_str() {
        Some(path) => at_home(path),
        // not UTF-8: a folder all the same, with no `~` to expand
        None => Ok(path.into()),
    }
}

/// `$XDG_DATA_HOME/corral`, usually `~/.local/share/corral`.
pub fn default_data_dir() -> PathBuf {
    protocol::data_dir::usual(&|name| std::env::var_os(name)).unwrap_or_else(|| "data".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    #[test]
    fn a_data_dir_is_the_one_that_is_named_or_an_error() {
        let no_text = OsString::from_vec(b"/tmp/\xff".to_vec());
        assert_eq!(named(no_text.clone()).unwrap(), PathBuf::from(no_text));
        assert_eq!(named("/tmp/x".into()).unwrap(), PathBuf::from("/tmp/x"));
        for wrong in ["~nobody-here/x/y", "$NOT_SET/x"] {
            let told = named(wrong.into()).unwrap_err().to_string();
            assert!(told.contains(wrong.split('/').next().unwrap()), "{told}");
        }
    }
}
