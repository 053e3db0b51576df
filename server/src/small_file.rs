//! Reading files that are small by what they are for: a state, a register, a card. A pipe or a device, which never ends, and a file
//! that is longer than any of its kind are errors, whoever put them there.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// All that is in a file of at most so many bytes.
///
/// # Errors
/// It is longer or no file, or can't be read.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // opening a pipe would wait for whoever writes into it
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("this is no file"));
    }
    let mut bytes = vec![];
    // it may grow meanwhile
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(io::Error::other(format!("this is longer than {most} bytes"))),
        false => Ok(bytes),
    }
}

/// The same of a text.
///
/// # Errors
/// As [`read`]; it is no UTF-8.
pub fn text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_or_is_too_long_is_refused() {
        let path = std::env::temp_dir().join(format!("corral-small-{}", std::process::id()));
        std::fs::write(&path, "four").unwrap();
        assert_eq!(text(&path, 4).unwrap(), "four");
        assert_eq!(read(&path, 3).unwrap_err().to_string(), "this is longer than 3 bytes");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read(&path, 3).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(
            read(Path::new("/dev/zero"), 3).unwrap_err().to_string(),
            "this is no file"
        );
    }
}
