//! What a child process needs not know: tokens, keys and passwords of the environment the server was started in.

use std::ffi::OsString;

/// Parts of names by which secrets go.
const SECRET: &[&str] = &[
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "API_KEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "CREDENTIAL",
];

/// A command of either kind, std's or tokio's.
pub trait Environment {
    fn forget(&mut self, name: &OsString);
}

impl Environment for std::process::Command {
    fn forget(&mut self, name: &OsString) {
        self.env_remove(name);
    }
}

impl Environment for tokio::process::Command {
    fn forget(&mut self, name: &OsString) {
        self.env_remove(name);
    }
}

/// Takes every secret out of the child's environment.
pub fn keep_from(command: &mut impl Environment) {
    keep_all_but(command, &[]);
}

/// Takes every secret out of the child's environment but those it works with.
pub fn keep_all_but(command: &mut impl Environment, needed: &[&str]) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        if is_secret(&text) && !needed.contains(&text.as_str()) {
            command.forget(&name);
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
