//! Paths that come from outside: only ever below a folder of ours.

use crate::{ApiError, error::ApiResult};
use protocol::says;
use std::ops::Deref;
use std::path::{Component, Path, PathBuf};

/// An existing file or folder below a root, links resolved. There is no other way from a request's text to a path,
/// so that a new route can't forget the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataPath(PathBuf);

impl DataPath {
    /// `relative` below `root`. Refused: absolute paths, `..`, hidden names, backslashes, NUL, and links that lead
    /// out of `root`.
    ///
    /// # Errors
    /// `bad_path` for a text that names nothing of ours, `not_found` when there is no such file.
    pub fn new(root: &Path, relative: &str) -> ApiResult<Self> {
        let refused = || {
            let said = says::path_not_below(relative.escape_debug().to_string());
            ApiError::bad(says::bad_path(said))
        };
        if relative.is_empty() || relative.contains(['\0', '\\']) {
            return Err(refused());
        }
        let plain = Path::new(relative).components().all(|part| match part {
            Component::Normal(name) => !name.to_string_lossy().starts_with('.'),
            _ => false,
        });
        if !plain {
            return Err(refused());
        }
        let root = root.canonicalize()?;
        let path = root
            .join(relative)
            .canonicalize()
            .map_err(|_| ApiError::not_found(says::no_such_file(format!("`{relative}`"))))?;
        if !path.starts_with(&root) {
            return Err(refused());
        }
        Ok(Self(path))
    }
}

impl Deref for DataPath {
    type Target = Path;
    fn deref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for DataPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

/// A text that is one plain file name, for names that become folders or files.
pub fn is_plain_name(name: &str) -> bool {
    // a file system takes 255 bytes, of which an ending and a temporary mark want some
    !name.is_empty()
        && name.len() <= 240
        && name.chars().count() <= 120
        && !name.starts_with('.')
        && !name.contains(['/', '\\', '\0'])
        && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_below_the_root() {
        let dir = std::env::temp_dir().join(format!("corral-path-{}", std::process::id()));
        let root = dir.join("root");
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::create_dir_all(dir.join("root-evil")).unwrap();
        std::fs::write(root.join("a/b/file"), "x").unwrap();
        std::fs::write(root.join(".hidden"), "x").unwrap();
        std::fs::write(dir.join("root-evil/secret"), "x").unwrap();
        std::os::unix::fs::symlink("../root-evil/secret", root.join("out")).unwrap();
        std::os::unix::fs::symlink("a/b", root.join("in")).unwrap();

        assert!(DataPath::new(&root, "a/b/file").is_ok());
        assert_eq!(
            *DataPath::new(&root, "in/file").unwrap(),
            *root.canonicalize().unwrap().join("a/b/file")
        );
        for bad in [
            "",
            ".",
            "..",
            "../root-evil/secret",
            "a/../../root-evil/secret",
            "/etc/passwd",
            "a/./b",
            "./a",
            ".hidden",
            "a\\b",
            "a\0b",
            "out",
            "..%2froot-evil",
            "nothing",
            "%2e%2e/root-evil/secret",
            "//etc/passwd",
        ] {
            if let Ok(path) = DataPath::new(&root, bad) {
                // `a/./b` is the same as `a/b`: what counts is that nothing outside is reached
                assert!(path.starts_with(root.canonicalize().unwrap()), "{bad:?}");
                assert!(["a/./b"].contains(&bad), "{bad:?}");
            }
        }
        std::fs::remove_dir_all(dir).unwrap();
    }
}
