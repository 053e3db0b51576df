//! Makes sure that the board's folder exists, and builds the program again when the board changes.

use std::path::Path;

const BOARD: &str = "../../target/board";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if !Path::new(BOARD).is_dir()
        && let Err(error) = std::fs::create_dir_all(BOARD)
    {
        println!("cargo:warning={BOARD}: {error}");
    }
    println!("cargo:rerun-if-changed={BOARD}");
}
