//! `SHA256SUMS`: what each file of an exported folder is, as `sha256sum --check` reads it.

use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

pub const SUMS: &str = "SHA256SUMS";

/// Writes it of all files that lie in `dir`.
pub fn write(dir: &Path) -> Result<()> {
    let mut names = vec![];
    for entry in dir.read_dir().map_err(Error::io(dir))? {
        let entry = entry.map_err(Error::io(dir))?;
        if entry.path().is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    let mut lines = String::new();
    for name in names {
        let digest = digest(&dir.join(&name))?;
        // two spaces: read as bytes
        let _ = writeln!(lines, "{digest}  {name}");
    }
    let path = dir.join(SUMS);
    std::fs::write(&path, lines).map_err(Error::io(&path))
}

fn digest(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    let (mut hash, mut part) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut part).map_err(Error::io(path))? {
            0 => break,
            count => hash.update(&part[..count]),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TempDir;

    #[test]
    fn a_line_is_a_digest_and_a_name() {
        let dir = TempDir::new();
        std::fs::write(dir.path().join("b"), "abc").unwrap();
        std::fs::write(dir.path().join("a"), "").unwrap();
        write(dir.path()).unwrap();
        // FIPS 180-2's own examples
        assert_eq!(
            std::fs::read_to_string(dir.path().join(SUMS)).unwrap(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n\
             ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b\n"
        );
    }
}
