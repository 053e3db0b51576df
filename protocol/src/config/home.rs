//! `~` and `$HOME` in front of a path: the home of whoever runs the program. Other variables are not put in: they may
//! hold what is nobody else's to see.

use super::names::names;
use super::{FieldError, RunConfig};
use crate::{Said, says};
use std::path::{Path, PathBuf};

/// Keys whose value is a path, or a list of them, or may be one.
const PATHS: &[&str] = &[
    "model_name_or_path",
    "adapter_name_or_path",
    "cache_dir",
    "ref_model",
    "ref_model_adapters",
    "reward_model",
    "reward_model_adapters",
    "dataset",
    "eval_dataset",
    "dataset_dir",
    "pair_marks",
    "output_dir",
    "logging_dir",
    "swanlab_logdir",
    "resume_from_checkpoint",
];

/// What in front of a path, or inside it, can't be written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unexpanded {
    /// Another user's home, or one's own that is not known: the whole path.
    Home(String),
    /// A variable, as it is written.
    Variable(String),
}

impl std::fmt::Display for Unexpanded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.said().fmt(f)
    }
}

impl std::error::Error for Unexpanded {}

impl Unexpanded {
    pub fn said(&self) -> Said {
        match self {
            Self::Home(path) => says::no_home(path),
            Self::Variable(name) => says::no_variable(name),
        }
    }

    fn error(self, key: &str) -> FieldError {
        let said = self.said();
        let (code, arg) = match self {
            Self::Home(path) => ("home", path),
            Self::Variable(name) => ("variable", name),
        };
        FieldError::new(key, code, said).with_args([arg])
    }
}

impl RunConfig {
    /// Puts `home` in the place of each `~` and `$HOME`. Another user's home (`~name`) is an error, as another variable
    /// is: neither is looked up.
    pub fn expand_home(&mut self, home: Option<&str>) -> Vec<FieldError> {
        let mut errors = vec![];
        for key in PATHS {
            let Some(serde_json::Value::String(list)) = self.get(key) else {
                continue;
            };
            if !list.contains(['~', '$']) {
                continue;
            }
            let expanded: Result<Vec<_>, _> = names(Some(&list)).map(|path| expand(path, home)).collect();
            match expanded {
                Ok(paths) => drop(self.set(key, &paths.join(",").into())),
                Err(what) => errors.push(what.error(key)),
            }
        }
        errors
    }
}

/// One path with `~` or `$HOME` written out.
///
/// # Errors
/// The home is another's or not known, or another variable stands where a folder's name would.
pub fn expand(path: &str, home: Option<&str>) -> Result<String, Unexpanded> {
    let after = ["~", "$HOME", "${HOME}"]
        .iter()
        .find_map(|mark| path.strip_prefix(mark));
    let out = match (after, home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(rest), Some(home)) if rest.starts_with('/') => format!("{}{rest}", home.trim_end_matches('/')),
        _ if path.starts_with('~') => return Err(Unexpanded::Home(path.to_owned())),
        _ => path.to_owned(),
    };
    match out.split('/').find_map(variable) {
        Some(name) => Err(Unexpanded::Variable(name.to_owned())),
        None => Ok(out),
    }
}

/// A path as a person writes it, for whatever names a file or a folder of this machine: written out with one's own home,
/// or as it is, where a file is called so.
///
/// # Errors
/// What can't be written out, and is no name of a file either.
pub fn at_home(path: &str) -> Result<PathBuf, Unexpanded> {
    let home = std::env::var("HOME").ok();
    match expand(path, home.as_deref()) {
        Ok(path) => Ok(path.into()),
        // a file may be called so, or the folder that it will lie in
        Err(_) if Path::new(path).exists() || is_in_a_folder(path) => Ok(path.into()),
        Err(what) => Err(what),
    }
}

fn is_in_a_folder(path: &str) -> bool {
    let parent = Path::new(path).parent();
    parent.is_some_and(|parent| !parent.as_os_str().is_empty() && parent.is_dir())
}

/// The variable that a folder's name begins with: `$NAME` or `${NAME}`.
fn variable(folder: &str) -> Option<&str> {
    let name = folder.strip_prefix('$')?;
    if let Some((inner, rest)) = name.strip_prefix('{').and_then(|name| name.split_once('}')) {
        return (!inner.is_empty()).then(|| folder.strip_suffix(rest)).flatten();
    }
    let end = name
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(name.len());
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins.then(|| folder.split_at(end + 1).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_key_knows_the_home() {
        for key in PATHS {
            let mut config = RunConfig::default();
            config.set(key, &"~/a,b~, ~,$HOME/c,${HOME}".into()).unwrap();
            assert_eq!(config.expand_home(Some("/home/u")), []);
            assert_eq!(
                config.get(key).unwrap(),
                "/home/u/a,b~,/home/u,/home/u/c,/home/u",
                "{key}"
            );
            config.set(key, &"~other/a".into()).unwrap();
            let errors = config.expand_home(Some("/home/u"));
            assert_eq!((errors[0].field.as_str(), errors[0].code.as_str()), (*key, "home"));
            config.set(key, &"$MODELS/a".into()).unwrap();
            let errors = config.expand_home(Some("/home/u"));
            assert_eq!((errors[0].field.as_str(), errors[0].code.as_str()), (*key, "variable"));
            assert!(errors[0].message.contains("$MODELS "), "{}", errors[0].message);
        }
    }

    #[test]
    fn variables_are_named_and_other_dollars_are_letters() {
        for (path, home, want) in [
            ("$HOME", None, Err("$HOME")),
            ("$HOMES/a", Some("/h"), Err("$HOMES")),
            ("data/${SET}.json", Some("/h"), Err("${SET}")),
            ("data/$SET/x", Some("/h"), Err("$SET")),
            ("a$b/c$", Some("/h"), Ok("a$b/c$")),
            ("$5/x", Some("/h"), Ok("$5/x")),
        ] {
            let got = expand(path, home);
            let want = want
                .map(str::to_owned)
                .map_err(|name| Unexpanded::Variable(name.to_owned()));
            assert_eq!(got, want, "{path}");
        }
    }

    #[test]
    fn a_file_may_be_called_as_a_variable_is() {
        let folder = std::env::temp_dir().join(format!("corral-home-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("$THERE")).unwrap();
        let below = |name: &str| folder.join(name).display().to_string();
        for (path, is) in [
            (below("$THERE"), true),
            // to be written, in a folder that is there
            (below("$NEW.json"), true),
            (below("$THERE/new/x"), false),
            (below("$NOT/there/x"), false),
            ("$NOT".to_owned(), false),
        ] {
            assert_eq!(at_home(&path).ok(), is.then(|| PathBuf::from(&path)), "{path}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
