//! What the targets share: one scratch folder a process, below the system's folder of temporary files.

use trainer::fuzz::Places;

/// Runs one body on bytes.
pub fn run(name: &str, bytes: &[u8]) {
    let scratch = std::env::temp_dir().join(format!("corral-fuzz-{}", std::process::id()));
    match Places::new(scratch.join(name)) {
        Ok(places) => places.run(name, bytes),
        Err(error) => eprintln!("{}: {error}", scratch.display()),
    }
}
