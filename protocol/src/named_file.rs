//! Files that a person names, opened with bounds: a pipe keeps nobody waiting, a device gives no endless text.

use crate::said::Arg;
use crate::{Said, says};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// More than any config has.
const MOST_CONFIG: u64 = 16 << 20;

/// Why a file is not read.
#[derive(Debug)]
pub enum Unread {
    Io(io::Error),
    /// It is of a kind, or of a length, that is not asked for.
    Unfit(Said),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Unfit(said) => said.fmt(f),
        }
    }
}

impl From<Unread> for Arg {
    fn from(why: Unread) -> Self {
        match why {
            Unread::Io(error) => error.into(),
            Unread::Unfit(said) => said.into(),
        }
    }
}

/// Opens a regular file; a pipe, a device or a folder is an error, not a wait.
///
/// # Errors
/// It is none, or can't be opened.
pub fn open(path: &Path) -> Result<File, Unread> {
    let meta = fs::metadata(path).map_err(Unread::Io)?;
    match meta.is_file() {
        true => File::open(path).map_err(Unread::Io),
        false => Err(Unread::Unfit(says::no_regular_file())),
    }
}

/// Reads a file of keys.
///
/// # Errors
/// It is no regular file, longer than any config, or can't be read.
pub fn read_config(path: &Path) -> Result<Vec<u8>, Unread> {
    let mut file = open(path)?;
    let mut bytes = vec![];
    // it may grow while it is read
    (&mut file)
        .take(MOST_CONFIG + 1)
        .read_to_end(&mut bytes)
        .map_err(Unread::Io)?;
    if bytes.len() as u64 > MOST_CONFIG {
        let length = file.metadata().map_err(Unread::Io)?.len();
        return Err(Unread::Unfit(says::too_large_for_config(length)));
    }
    Ok(bytes)
}

/// [`read_config`] of a text.
///
/// # Errors
/// Nor may it be other than UTF-8.
pub fn config_text(path: &Path) -> Result<String, Unread> {
    String::from_utf8(read_config(path)?).map_err(|_| Unread::Unfit(says::not_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_and_a_folder_are_no_files() {
        for path in ["/dev/zero", "/dev/null", "/tmp"] {
            let refused = read_config(Path::new(path)).map_err(|why| why.to_string());
            assert_eq!(refused, Err(says::no_regular_file().message), "{path}");
        }
        assert!(matches!(
            read_config(Path::new("/tmp/no such file")),
            Err(Unread::Io(_))
        ));
    }

    #[test]
    fn a_config_is_read_up_to_its_bound() {
        let path = std::env::temp_dir().join(format!("corral-config-{}", std::process::id()));
        let file = File::create(&path).unwrap();
        for (length, fits) in [(MOST_CONFIG, true), (MOST_CONFIG + 1, false)] {
            file.set_len(length).unwrap();
            let read = read_config(&path).map(|bytes| bytes.len() as u64);
            match fits {
                true => assert_eq!(read.unwrap(), length),
                false => assert_eq!(
                    read.map_err(|why| why.to_string()),
                    Err(says::too_large_for_config(length).message)
                ),
            }
        }
        fs::remove_file(&path).unwrap();
    }
}
