//! Names of files that are made of a model's or a run's name.

/// Whether a name is that of one plain file: letters, digits, `.`, `_` and `-`, the first of them neither `.` nor `-`.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with(['.', '-']) && name.chars().all(fits)
}

/// A name made into a plain one: what may not stand in it becomes `_`; of nothing, `model`.
pub fn plain(name: &str) -> String {
    if name.is_empty() {
        return "model".to_owned();
    }
    let signs = name.chars().enumerate();
    let keeps = |at: usize, sign: char| fits(sign) && (at > 0 || !['.', '-'].contains(&sign));
    signs
        .map(|(at, sign)| if keeps(at, sign) { sign } else { '_' })
        .collect()
}

fn fits(sign: char) -> bool {
    sign.is_alphanumeric() || "._-".contains(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder_and_on_its_line() {
        for name in ["qwen2.5-0.5b_dpo", "日本語", "_x", "a..b"] {
            assert!(is_plain(name) && plain(name) == name, "{name}");
        }
        for (name, made) in [
            ("../../evil", "_._.._evil"),
            ("/tmp/x", "_tmp_x"),
            ("two\nlines", "two_lines"),
            ("-x", "_x"),
            ("..", "_."),
            ("", "model"),
        ] {
            assert!(!is_plain(name) && is_plain(&plain(name)), "{name}");
            assert_eq!(plain(name), made);
        }
    }
}
