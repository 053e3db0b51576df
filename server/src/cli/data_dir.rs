//! The data directory of verbs that have no option for it.

use protocol::config::at_home;
use protocol::{Said, says};
use std::ffi::OsString;
use std::path::PathBuf;

/// What `DATA_DIR` says, for verbs that have no option for it.
pub(super) fn data_dir_of_environment() -> Result<PathBuf, Said> {
    std::env::var_os("DATA_DIR").map_or_else(|| Ok(default_data_dir()), data_dir_named)
}

fn data_dir_named(named: OsString) -> Result<PathBuf, Said> {
    match named.to_str() {
        Some(path) => at_home(path).map_err(|what| says::file("DATA_DIR", what.said())),
        // not UTF-8: a folder all the same, with no `~` to expand
        None => Ok(named.into()),
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
        assert_eq!(data_dir_named(no_text.clone()), Ok(no_text.into()));
        assert_eq!(data_dir_named("/tmp/x".into()), Ok("/tmp/x".into()));
        for wrong in ["~nobody-here/x/y", "$NOT_SET/x"] {
            let told = data_dir_named(wrong.into()).unwrap_err().message;
            assert!(
                told.starts_with("DATA_DIR: ") && told.contains(wrong.split('/').next().unwrap()),
                "{told}"
            );
        }
    }
}
