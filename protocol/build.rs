//! Writes the words of `assets/words` as Rust: the languages, the sentences of errors and notes, the words of tables.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = words::folder(&env::var("CARGO_MANIFEST_DIR")?);
    println!("cargo::rerun-if-changed={}", folder.display());
    let book = words::load(&folder)?;
    for language in book.languages.iter().filter(|language| !language.lacks.is_empty()) {
        let (tag, count) = (&language.tag, language.lacks.len());
        println!(
            "cargo::warning={tag}.ftl lacks {count} messages, which stand in English: {}",
            language.lacks.join(", ")
        );
    }
    let tables = ["metric", "chart", "method", "report"].map(|topic| words::constants(&book, topic));
    let out = env::var("OUT_DIR")?;
    for (file, text) in [
        ("lang.rs", words::languages(&book)),
        ("says.rs", words::sentences(&book)),
        ("wording.rs", tables.concat()),
    ] {
        fs::write(Path::new(&out).join(file), text)?;
    }
    Ok(())
}
