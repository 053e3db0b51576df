//! Reading the files of an import, which lie in memory until they are taken in: how much of them that may be.

use super::ImportError;
use super::run::{ForeignRun, MAX_WEIGHT, POINT_WEIGHT};
use protocol::says;
use std::fs;
use std::io::Read;
use std::path::Path;

/// Bytes of the largest file that is read.
const MAX_FILE: u64 = 512 << 20;
/// So many elements of lists take the room of one value that has a name.
const ELEMENTS_OF_VALUE: usize = 4;

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

/// A text of JSON rows. Each row, and each value of one, takes many times its letters until it is taken in: they are weighed before.
pub fn read_rows(path: &Path) -> Result<String, ImportError> {
    let text = read_text(path)?;
    match weight_of_rows(&text) > MAX_WEIGHT {
        true => Err(ImportError(says::import_many_values(path))),
        false => Ok(text),
    }
}

/// What a text of JSON takes while it is read, as [`MAX_WEIGHT`] counts: an object as a row, what has a name and each list as a value. The
/// elements of a list take less: a history may have histograms in its rows, which are not taken in. Within quotes nothing is a value.
fn weight_of_rows(text: &str) -> usize {
    let (mut objects, mut values, mut elements) = (0, 0, 0);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            // no text goes past the end of its line: one that was cut off there does not hide what follows
            b'\n' => (quoted, escaped) = (false, false),
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' => objects += 1,
            b':' | b'[' => values += 1,
            b',' => elements += 1,
            _ => {}
        }
    }
    POINT_WEIGHT * objects + values + elements / ELEMENTS_OF_VALUE
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
    fn what_is_quoted_or_in_a_list_weighs_little() {
        let text = "{\"a\": \"{,:[\\\"{,\", \"b\": [1, 2, 3]}\n{\"c\": \"cut {,:\n{\"d\": 1}\n";
        // three rows, four values and a list, and commas that are not worth one more
        assert_eq!(weight_of_rows(text), 3 * POINT_WEIGHT + 5);
        let numbers = ["0.25"; 64].join(",");
        let histogram = format!("{{\"_type\":\"histogram\",\"bins\":[{numbers}],\"values\":[{numbers}]}}");
        let row = format!("{{\"_step\":1,\"loss\":0.5,\"gradients/a\":{histogram}}}\n");
        // a row with one histogram takes no more than a few rows without
        assert!(weight_of_rows(&row) < 7 * POINT_WEIGHT, "{}", weight_of_rows(&row));
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
