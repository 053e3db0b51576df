//! GGUF files: the header, read with bounds.
//!
//! A header is a magic, a version (2 or 3), counts, key-value pairs and one entry per tensor; data follows, aligned.
//! Lists are skipped but where they are asked for: only the tokenizer has long ones. Source: ggml's `docs/gguf.md`.
use super::Parsed;
use protocol::says;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// More than any file has; beyond it the file is broken or hostile.
const MOST: u64 = 1 << 20;
const LONGEST_TEXT: u64 = 1 << 24;

/// How the keys of lists end that are kept with the metadata: they have a value a block at most.
const KEPT: [&str; 1] = [".attention.sliding_window_pattern"];

/// Lists of the metadata, by their keys.
pub type Lists = HashMap<String, Vec<Value>>;

/// A tensor's entry.
#[derive(Debug, Clone)]
pub struct Entry {
    /// rows first, as everywhere here (ggml counts the other way)
    pub shape: Vec<usize>,
    /// ggml's number of the type
    pub kind: u32,
    offset: u64,
}

/// A file, opened: its header is checked, tensors are read on demand.
#[derive(Debug)]
pub struct GgufFile {
    path: PathBuf,
    file: File,
    data: u64,
    pub metadata: Map<String, Value>,
    pub tensors: HashMap<String, Entry>,
}

/// A header being read, of a file in which so many bytes are `left`: nothing larger than that is made room for.
struct Header<R> {
    from: R,
    left: u64,
}

impl<R: Read + Seek> Header<R> {
    fn bytes<const N: usize>(&mut self) -> Parsed<[u8; N]> {
        let mut bytes = [0; N];
        self.left = self.left.saturating_sub(N as u64);
        self.from.read_exact(&mut bytes).map_err(|_| says::header_cut_off())?;
        Ok(bytes)
    }

    fn u32(&mut self) -> Parsed<u32> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    fn u64(&mut self) -> Parsed<u64> {
        Ok(u64::from_le_bytes(self.bytes()?))
    }

    fn count(&mut self, what: &str) -> Parsed<u64> {
        match self.u64()? {
            n if n <= MOST => Ok(n),
            n => Err(says::broken_header(n, what)),
        }
    }

    fn text(&mut self) -> Parsed<String> {
        let length = self.u64()?;
        if length > LONGEST_TEXT {
            return Err(says::broken_header_text(length));
        }
        if length > self.left {
            return Err(says::header_cut_off());
        }
        let mut bytes = vec![];
        self.left -= length;
        let got = self.from.by_ref().take(length).read_to_end(&mut bytes);
        match got {
            Ok(n) if n as u64 == length => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            _ => Err(says::header_cut_off()),
        }
    }

    /// A value of a type; lists give their length only.
    fn value(&mut self, kind: u32) -> Parsed<Value> {
        Ok(match kind {
            0 => json!(self.bytes::<1>()?[0]),
            1 => json!(self.bytes::<1>()?[0] as i8),
            2 => json!(u16::from_le_bytes(self.bytes()?)),
            3 => json!(i16::from_le_bytes(self.bytes()?)),
            4 => json!(self.u32()?),
            5 => json!(self.u32()? as i32),
            6 => json!(f32::from_le_bytes(self.bytes()?)),
            7 => json!(self.bytes::<1>()?[0] != 0),
            8 => json!(self.text()?),
            9 => {
                let (kind, count) = (self.u32()?, self.u64()?);
                if kind == 9 || count > LONGEST_TEXT.min(self.left) {
                    return Err(says::broken_header_list());
                }
                for _ in 0..count {
                    self.value(kind)?;
                }
                json!({ "length": count })
            }
            10 => json!(self.u64()?),
            11 => json!(self.u64()? as i64),
            12 => json!(f64::from_le_bytes(self.bytes()?)),
            other => return Err(says::header_value_type(other)),
        })
    }

    /// The values of a list.
    fn list(&mut self) -> Parsed<Vec<Value>> {
        let (kind, count) = (self.u32()?, self.u64()?);
        if kind == 9 || count > LONGEST_TEXT.min(self.left) {
            return Err(says::broken_header_list());
        }
        (0..count).map(|_| self.value(kind)).collect()
    }

    fn entry(&mut self) -> Parsed<(String, Entry)> {
        let name = self.text()?;
        let rank = self.u32()?;
        if rank > 4 {
            return Err(says::tensor_dimensions(name, rank));
        }
        let mut shape = vec![];
        for _ in 0..rank {
            shape.push(self.u64()? as usize);
        }
        shape.reverse();
        let (kind, offset) = (self.u32()?, self.u64()?);
        Ok((name, Entry { shape, kind, offset }))
    }
}

impl GgufFile {
    pub fn open(path: &Path) -> Parsed<Self> {
        Ok(Self::open_with(path, &[])?.0)
    }

    /// The file, and the lists of these names that it has.
    pub fn open_with(path: &Path, wanted: &[&str]) -> Parsed<(Self, Lists)> {
        let meta = std::fs::metadata(path).map_err(says::not_readable)?;
        if !meta.is_file() {
            return Err(says::no_regular_file());
        }
        let file = File::open(path).map_err(says::not_readable)?;
        let copy = file.try_clone().map_err(says::not_readable)?;
        let mut header = Header {
            from: BufReader::new(copy),
            left: meta.len(),
        };
        if header.bytes::<4>()? != *b"GGUF" {
            return Err(says::no_gguf());
        }
        let version = header.u32()?;
        if !(2..=3).contains(&version) {
            return Err(says::gguf_version(version));
        }
        let (tensor_count, pairs) = (header.count("tensors")?, header.count("keys")?);
        let mut metadata = Map::new();
        let mut lists = Lists::new();
        for _ in 0..pairs {
            let key = header.text()?;
            let kind = header.u32()?;
            if kind == 9 && wanted.contains(&key.as_str()) {
                lists.insert(key, header.list()?);
                continue;
            }
            let kept = kind == 9 && KEPT.iter().any(|end| key.ends_with(end));
            let value = if kept {
                header.list()?.into()
            } else {
                header.value(kind)?
            };
            metadata.insert(key, value);
        }
        let tensors = (0..tensor_count).map(|_| header.entry()).collect::<Parsed<_>>()?;
        let alignment = metadata
            .get("general.alignment")
            .and_then(Value::as_u64)
            .unwrap_or(32)
            .clamp(1, 1 << 20);
        let end = header.from.stream_position().map_err(says::not_readable)?;
        let this = Self {
            path: path.to_owned(),
            file,
            data: end.next_multiple_of(alignment),
            metadata,
            tensors,
        };
        Ok((this, lists))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `count` bytes of a tensor, behind so many others of it.
    pub fn read(&self, entry: &Entry, before: usize, count: usize) -> Parsed<Vec<u8>> {
        let at = self.data.saturating_add(entry.offset).saturating_add(before as u64);
        let size = self.file.metadata().map_err(says::not_readable)?.len();
        if at.checked_add(count as u64).is_none_or(|end| end > size) {
            return Err(says::past_the_end());
        }
        let mut bytes = vec![0; count];
        self.file.read_exact_at(&mut bytes, at).map_err(says::not_readable)?;
        Ok(bytes)
    }

    /// The family as GGUF names it (`llama`, `qwen2`).
    pub fn architecture(&self) -> &str {
        let name = self.metadata.get("general.architecture");
        name.and_then(Value::as_str).unwrap_or_default()
    }

    /// What `config.json` would say.
    pub fn config(&self) -> Parsed<Value> {
        super::gguf_config::config(self)
    }
}

/// Whether a name is a GGUF file's.
pub fn is_gguf(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gguf"))
}

/// Files that are named where one would do.
const NAMED: usize = 4;

/// The GGUF file that a path names itself, or the only one of a folder that has no safetensors; an error where there are
/// several.
pub fn in_folder(folder: &Path) -> Parsed<Option<PathBuf>> {
    if is_gguf(folder) && folder.is_file() {
        return Ok(Some(folder.to_owned()));
    }
    if ["model.safetensors", "model.safetensors.index.json"]
        .iter()
        .any(|name| folder.join(name).is_file())
    {
        return Ok(None);
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_gguf(path) && path.is_file())
        .collect();
    files.sort();
    match files.len() {
        0 | 1 => Ok(files.pop()),
        n => {
            let names = files.iter().filter_map(|path| path.file_name()?.to_str());
            let more = (n > NAMED).then_some("…");
            let names: Vec<_> = names.take(NAMED).chain(more).collect();
            Err(says::several_gguf(n, names.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TempDir;

    #[test]
    fn hostile_headers_are_errors_that_say_why() {
        let dir = TempDir::new();
        let path = dir.path().join("a.gguf");
        let header = |version: u32, tensors: u64, pairs: u64, rest: &[u8]| {
            let mut bytes = b"GGUF".to_vec();
            bytes.extend(version.to_le_bytes());
            bytes.extend(tensors.to_le_bytes());
            bytes.extend(pairs.to_le_bytes());
            bytes.extend(rest);
            bytes
        };
        for (bytes, says) in [
            (b"PK\x03\x04".to_vec(), "no GGUF"),
            (header(1, 0, 0, &[]), "version 1"),
            (header(3, u64::MAX, 0, &[]), "announces"),
            (header(3, 0, 1, &u64::MAX.to_le_bytes()), "a text of"),
            (header(3, 1, 0, &[3, 0, 0, 0, 0, 0, 0, 0, b'a']), "cut off"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let error = GgufFile::open(&path).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        std::fs::write(&path, header(3, 0, 0, &[])).unwrap();
        let empty = GgufFile::open(&path).unwrap();
        assert!(empty.config().unwrap_err().contains("supported in GGUF"));
        std::fs::write(dir.path().join("b.gguf"), "").unwrap();
        let several = in_folder(dir.path()).unwrap_err();
        assert!(several.contains("2 GGUF files here (a.gguf, b.gguf)"), "{several}");
    }
}
