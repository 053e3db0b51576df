//! `~` in front of a path: the home of whoever runs the program.

use super::names::names;
use super::{FieldError, RunConfig};
use crate::says;

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
    "output_dir",
    "resume_from_checkpoint",
];

impl RunConfig {
    /// Puts `home` in the place of each `~`. Another user's home (`~name`) is an error: it is not looked up.
    pub fn expand_home(&mut self, home: Option<&str>) -> Vec<FieldError> {
        let mut errors = vec![];
        for key in PATHS {
            let Some(serde_json::Value::String(list)) = self.get(key) else {
                continue;
            };
            if !list.contains('~') {
                continue;
            }
            let expanded: Result<Vec<_>, String> = names(Some(&list)).map(|path| expand(path, home)).collect();
            match expanded {
                Ok(paths) => drop(self.set(key, &paths.join(",").into())),
                Err(path) => {
                    let message = says::no_home(&path);
                    errors.push(FieldError::new(key, "home", message).with_args([path]));
                }
            }
        }
        errors
    }
}

/// One path with `~` written out; `Err` gives the path back.
pub fn expand(path: &str, home: Option<&str>) -> Result<String, String> {
    match (path.strip_prefix('~'), home) {
        (Some(""), Some(home)) => Ok(home.to_owned()),
        (Some(rest), Some(home)) if rest.starts_with('/') => Ok(format!("{}{rest}", home.trim_end_matches('/'))),
        (Some(_), _) => Err(path.to_owned()),
        _ => Ok(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_key_knows_the_home() {
        for key in PATHS {
            let mut config = RunConfig::default();
            config.set(key, &"~/a,b~, ~".into()).unwrap();
            assert_eq!(config.expand_home(Some("/home/u")), []);
            assert_eq!(config.get(key).unwrap(), "/home/u/a,b~,/home/u", "{key}");
            config.set(key, &"~other/a".into()).unwrap();
            let errors = config.expand_home(Some("/home/u"));
            assert_eq!((errors[0].field.as_str(), errors[0].code.as_str()), (*key, "home"));
        }
    }
}
