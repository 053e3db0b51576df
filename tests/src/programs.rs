//! Finds the two programs under test beside the running test, ends those that it started, and knows the folders of its output.

use std::path::{Path, PathBuf};
use std::process::Child;

/// A process that ends with the test that started it.
pub struct Ended(pub Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The built program of this name (`corral`, `corral-trainer`), of the same profile as the caller.
///
/// # Panics
/// If it has not been built.
pub fn program(name: &str) -> PathBuf {
    let dir = profile_dir();
    let path = dir.join(name);
    assert!(
        path.is_file(),
        "`{name}` is not in {}: build it with `cargo build --release -p corral -p trainer`",
        dir.display()
    );
    path
}

/// Where the browser's screenshots go: `screenshots/` in the target folder.
pub fn screenshots() -> PathBuf {
    let dir = profile_dir().with_file_name("screenshots");
    std::fs::create_dir_all(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    dir
}

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ has a parent")
}

/// `target/release`: the folder of the running program, without the `deps` that test programs live in.
fn profile_dir() -> PathBuf {
    let exe = std::env::current_exe().expect("the running test has a path");
    let dir = exe.parent().expect("a program lies in a folder");
    match dir.file_name() {
        Some(name) if name == "deps" => dir.parent().expect("deps lies in a folder").to_path_buf(),
        _ => dir.to_path_buf(),
    }
}
