//! What a run may be called: the server refuses another name, and the form says so before it is asked.

/// Maximum length of a name in characters, not bytes.
pub const MAX_NAME_CHARS: usize = 120;

/// Whether a run may have this name.
pub fn is_run_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().count() <= MAX_NAME_CHARS
        && !name.starts_with('.')
        && !name.contains(['/', '\\'])
        && !name.chars().any(is_unseen)
}

/// Whether a character is seen only in what it does to others: control characters, and those that turn the direction of text, by which
/// a name would be read as another.
pub fn is_unseen(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_measured_in_characters() {
        for (name, good) in [
            ("demo-simpo-1", true),
            (&*"学".repeat(120), true),
            (&*"学".repeat(121), false),
            (&*"a".repeat(121), false),
            ("", false),
            (".hidden", false),
            ("a/b", false),
            ("a\\b", false),
            ("a\nb", false),
            ("a\u{202e}b", false),
            ("a\u{2066}b", false),
        ] {
            assert_eq!(is_run_name(name), good, "{name}");
        }
    }
}
