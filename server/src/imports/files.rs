//! Reading the files of an import, which lie in memory until they are taken in: how much of them that may be.

use super::ImportError;
use super::run::{ForeignRun, MAX_WEIGHT, POINT_WEIGHT};
use protocol::says;
use std::fs;
use std::io::Read;
use std::path::Path;

/// Bytes of the largest file that is read.
const MAX_FILE: u64 = 512 << 20;

/// Refuses what is more than is held in memory.
pub fn check_weight(path: &Path, runs: &[ForeignRun]) -> Result<(), ImportError> {
    match runs.iter().map(ForeignRun::weight).sum::<usize>() > MAX_WEIGHT {
        true => Err(ImportError(says::import_many_values(path))),
        false => Ok(()),
    }
}

pub fn read_bytes(path: &Path) -> Result<Vec<u8>, ImportError> {
    let unreadable = |e: std::io::Error| ImportError(says::import_unreadable(path, e));
    let meta = fs::metadata(path).map_err(unreadable)?;
    if !meta.is_file() {
        // opening a pipe would wait for whoever writes into it
        return Err(unreadable(std::io::Error::other("this is no file")));
    }
    let mut bytes = vec![];
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    match bytes.len() as u64 > MAX_FILE {
        true => Err(ImportError(says::import_too_large(path, MAX_FILE >> 20))),
        false => Ok(bytes),
    }
}

pub fn read_text(path: &Path) -> Result<String, ImportError> {
    let text = String::from_utf8(read_bytes(path)?);
    text.map_err(|e| ImportError(says::import_unreadable(path, e.utf8_error().to_string())))
}

/// A text of JSON rows. Each row, and each value of one, takes many times its letters until it is taken in: they are counted before.
pub fn read_rows(path: &Path) -> Result<String, ImportError> {
    let text = read_text(path)?;
    let count = |of: fn(&u8) -> bool| text.bytes().filter(of).count();
    let (rows, values) = (
        count(|byte| matches!(byte, b'{' | b'[')),
        count(|byte| matches!(byte, b':' | b',')),
    );
    match POINT_WEIGHT * rows + values > MAX_WEIGHT {
        true => Err(ImportError(says::import_many_values(path))),
        false => Ok(text),
    }
}

/// Turns what Python writes into valid JSON: NaN and infinities become null.
pub fn plain_json(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut quoted = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = ["NaN", "-Infinity", "Infinity"]
            .iter()
            .find(|word| !quoted && rest.starts_with(**word));
        let (taken, put) = match (c, word) {
            (_, Some(word)) => (word.len(), "null"),
            ('\\', None) if quoted => {
                let taken: usize = rest.chars().take(2).map(char::len_utf8).sum();
                (taken, rest.get(..taken).unwrap_or_default())
            }
            (c, None) => {
                quoted ^= c == '"';
                (c.len_utf8(), rest.get(..c.len_utf8()).unwrap_or_default())
            }
        };
        plain.push_str(put);
        rest = rest.get(taken..).unwrap_or_default();
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::names::Meaning;

    #[test]
    fn what_takes_too_much_memory_is_told_before_it_is_taken_in() {
        let path = std::env::temp_dir().join(format!("corral-weight-{}", std::process::id()));
        fs::write(&path, "{\"step\": 1, \"loss\": NaN}\n").unwrap();
        assert!(read_rows(&path).unwrap().contains("NaN"));
        // four megabytes, of which a gigabyte would become
        fs::write(&path, format!("[{}]", "{},".repeat(MAX_WEIGHT / POINT_WEIGHT))).unwrap();
        assert_eq!(read_rows(&path).unwrap_err().0.code, "import_many_values");
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn steps_and_their_values_weigh_what_they_take() {
        let mut run = ForeignRun::named("a");
        let loss = || Meaning::Step("loss".into());
        run.put(1, 0, loss(), 0.5);
        assert_eq!(run.weight(), POINT_WEIGHT + 1);
        run.put(1, 0, loss(), 0.25);
        run.put(1, 0, Meaning::Step("acc".into()), 0.5);
        assert_eq!(run.weight(), POINT_WEIGHT + 2);
        assert!(check_weight(Path::new("a"), &[run]).is_ok());
    }
}
