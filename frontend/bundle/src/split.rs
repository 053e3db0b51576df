//! Cuts the linked module where its source says so: what every visit needs stays in the main one, each part of the board and what
//! several parts share comes into a file of its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use wasm_split_cli_support::{Options, transform};

/// The script that fetches parts, which the main module imports.
const LOADER: &str = "./parts.js";

/// Writes `parts.js` and the parts into `files`, the main module, which has yet to be bound to the browser, into `work`. Gives its path.
pub fn split(module: &Path, work: &Path, files: &Path) -> Result<PathBuf> {
    fs::create_dir_all(work)?;
    let linked = fs::read(module).with_context(|| format!("{}", module.display()))?;
    let main = work.join("board.wasm");
    let mut options = Options::new(&linked);
    options.output_dir = files;
    options.main_out_path = &main;
    options.link_name = LOADER;
    options.main_module = "./board.js";
    transform(options).map_err(|error| anyhow!("{}: {error:#}", module.display()))?;
    Ok(main)
}
