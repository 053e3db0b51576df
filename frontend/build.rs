//! Writes the words of `assets/words` as Rust: the board's functions, and the table of the form's keys.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = words::folder(&env::var("CARGO_MANIFEST_DIR")?);
    println!("cargo::rerun-if-changed={}", folder.display());
    let book = words::load(&folder)?;
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("board.rs"), words::board(&book))?;
    fs::write(Path::new(&out).join("keys.rs"), words::keys(&book))?;
    Ok(())
}
