//! Secrets: where they are read from, and what a child process must not be given: the tokens, keys and passwords of the environment the server was started in.

use protocol::{Said, says};
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// An environment variable whose name contains one of these is a secret.
const SECRET: &[&str] = &[
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "API_KEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "CREDENTIAL",
    // it may have a password in it
    "MLFLOW_TRACKING_URI",
];

/// Secrets that people keep in a file of the data directory: lines `NAME=value`, readable by them alone.
const FILE: &str = "secrets.env";

/// The value of this name from the environment, else from the file; `None` where it is not set or empty.
///
/// # Errors
/// The file can be read by others, or not by us.
pub fn find(name: &str, data_dir: &Path) -> Result<Option<String>, Said> {
    let non_empty = |value: String| Some(value.trim().to_owned()).filter(|value| !value.is_empty());
    if let Some(value) = std::env::var(name).ok().and_then(non_empty) {
        return Ok(Some(value));
    }
    let path = data_dir.join(FILE);
    let meta = match std::fs::metadata(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        meta => meta.map_err(|e| says::secrets_unreadable(&path, e))?,
    };
    if meta.permissions().mode() & 0o077 != 0 {
        return Err(says::secrets_open(&path));
    }
    let text = std::fs::read_to_string(&path).map_err(|e| says::secrets_unreadable(&path, e))?;
    let mut set = text.lines().filter_map(|line| {
        let line = line.trim();
        let (known, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        (known.trim() == name).then(|| value.trim().trim_matches(['"', '\'']).to_owned())
    });
    Ok(set.next_back().and_then(non_empty))
}

/// A command whose environment can be changed: std's or tokio's.
pub trait Environment {
    fn unset(&mut self, name: &OsString);
}

impl Environment for std::process::Command {
    fn unset(&mut self, name: &OsString) {
        self.env_remove(name);
    }
}

impl Environment for tokio::process::Command {
    fn unset(&mut self, name: &OsString) {
        self.env_remove(name);
    }
}

/// Takes every secret out of the child's environment.
pub fn remove_all(command: &mut impl Environment) {
    remove_all_but(command, &[]);
}

/// Takes every secret out of the child's environment but those it works with.
pub fn remove_all_but(command: &mut impl Environment, needed: &[&str]) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        if is_secret(&text) && !needed.contains(&text.as_str()) {
            command.unset(&name);
        }
    }
}

fn is_secret(name: &str) -> bool {
    SECRET.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for secret in [
            "CORRAL_TOKEN",
            "HF_TOKEN",
            "HUGGING_FACE_HUB_TOKEN",
            "WANDB_API_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "PGPASSWORD",
        ] {
            assert!(is_secret(secret), "{secret}");
        }
        for plain in [
            "PATH",
            "HOME",
            "HF_HOME",
            "CORRAL_LOG",
            "RAYON_NUM_THREADS",
            "LD_LIBRARY_PATH",
        ] {
            assert!(!is_secret(plain), "{plain}");
        }
    }
}
