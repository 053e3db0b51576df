//! Makes sure that the folders embedded in the binary exist, and builds again when one of them changes.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for folder in ["../assets/demo", "../configs", "../migrations"] {
        if !Path::new(folder).is_dir()
            && let Err(error) = std::fs::create_dir_all(folder)
        {
            println!("cargo:warning={folder}: {error}");
        }
        println!("cargo:rerun-if-changed={folder}");
    }
}
