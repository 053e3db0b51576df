//! Where runs, data and models are kept when nothing else is said: the same folder for the server and the trainer.

use std::ffi::OsString;
use std::path::PathBuf;

/// The variable that names another.
pub const VARIABLE: &str = "DATA_DIR";

/// `DATA_DIR`, else the usual one.
pub fn of(env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let named = env(VARIABLE).filter(|path| !path.is_empty());
    named.map(PathBuf::from).or_else(|| usual(env))
}

/// `$XDG_DATA_HOME/corral`, usually `~/.local/share/corral`; `None` where there is no home.
pub fn usual(env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
    base.map(|base| base.join("corral"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_the_one_named_or_the_usual_one() {
        let named = |variables: &[(&str, &str)]| {
            let env = |name: &str| {
                let set = variables.iter().find(|(known, _)| *known == name);
                set.map(|(_, value)| OsString::from(*value))
            };
            of(&env)
        };
        assert_eq!(named(&[]), None);
        assert_eq!(
            named(&[("HOME", "/home/me")]),
            Some("/home/me/.local/share/corral".into())
        );
        assert_eq!(
            named(&[("HOME", "/h"), ("XDG_DATA_HOME", "/x")]),
            Some("/x/corral".into())
        );
        assert_eq!(
            named(&[("HOME", "/h"), ("XDG_DATA_HOME", "rel")]),
            Some("/h/.local/share/corral".into())
        );
        assert_eq!(named(&[("HOME", "/h"), ("DATA_DIR", "/d")]), Some("/d".into()));
        assert_eq!(
            named(&[("HOME", "/h"), ("DATA_DIR", "")]),
            Some("/h/.local/share/corral".into())
        );
    }
}
