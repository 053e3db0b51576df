//! The languages that a person is spoken to in.

/// A language of the board, of errors and of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    En,
    Ja,
    Zh,
}

impl Lang {
    pub const ALL: [Self; 3] = [Self::En, Self::Ja, Self::Zh];

    /// The tag in `<html lang>`, in storage, and in the names of the demo data sets.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
            Self::Zh => "zh",
        }
    }

    /// Its own name, for the switch.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ja => "日本語",
            Self::Zh => "中文",
        }
    }

    /// The letter of the switch.
    pub fn letter(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "日",
            Self::Zh => "中",
        }
    }

    /// English unless `tag` begins with `ja` or `zh`: of a browser (`zh-CN`) or a locale (`ja_JP.UTF-8`).
    pub fn from_tag(tag: &str) -> Self {
        match tag.get(..2) {
            Some("ja") => Self::Ja,
            Some("zh") => Self::Zh,
            _ => Self::En,
        }
    }

    /// Of a terminal: the first of these variables that says something decides, as in every program.
    pub fn of_terminal(variable: impl Fn(&str) -> Option<String>) -> Self {
        let said = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| {
            let value = variable(name)?;
            (!value.is_empty()).then_some(value)
        });
        Self::from_tag(&said.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_finds_its_language() {
        for (tag, lang) in [
            ("ja-JP", Lang::Ja),
            ("ja_JP.UTF-8", Lang::Ja),
            ("zh", Lang::Zh),
            ("de", Lang::En),
            ("C.UTF-8", Lang::En),
            ("", Lang::En),
        ] {
            assert_eq!(Lang::from_tag(tag), lang, "{tag}");
        }
    }

    #[test]
    fn the_first_variable_that_says_something_decides() {
        for (set, lang) in [
            (&[("LANG", "ja_JP.UTF-8")][..], Lang::Ja),
            (&[("LC_ALL", ""), ("LC_MESSAGES", "zh_CN"), ("LANG", "ja_JP")], Lang::Zh),
            (&[("LC_ALL", "C"), ("LANG", "ja_JP")], Lang::En),
            (&[], Lang::En),
        ] {
            let variable = |name: &str| Some(set.iter().find(|(known, _)| *known == name)?.1.to_owned());
            assert_eq!(Lang::of_terminal(variable), lang, "{set:?}");
        }
    }
}
