//! The languages of the interface: those with a file in `assets/words`.

use std::io::IsTerminal;

include!(concat!(env!("OUT_DIR"), "/lang.rs"));

/// Languages with a demo data set.
const DEMOS: [&str; 3] = ["en", "ja", "zh"];

impl Lang {
    /// The language for a browser's tag (`zh-CN`) or a locale (`ja_JP.UTF-8`), else English.
    pub fn from_tag(tag: &str) -> Self {
        Self::spoken(tag).unwrap_or(Self::En)
    }

    /// The language for such a tag, where there is one: the one with that tag, with its language, or with another region of its
    /// language.
    pub fn spoken(tag: &str) -> Option<Self> {
        let tag = tag.split(['.', '@']).next().unwrap_or_default();
        let tag = tag.replace('_', "-").to_ascii_lowercase();
        let language = |tag: &str| tag.split('-').next().map(str::to_ascii_lowercase);
        let covers = |lang: &Self| {
            let rest = tag.strip_prefix(&lang.tag().to_ascii_lowercase());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let longest = Self::ALL.into_iter().filter(covers).max_by_key(|lang| lang.tag().len());
        let sister = || {
            Self::ALL
                .into_iter()
                .find(|lang| language(lang.tag()) == language(&tag))
        };
        longest.or_else(sister)
    }

    /// The name of the demo data set in this language, or in English where there is none.
    pub fn demo_data(self) -> String {
        let tag = Some(self.tag()).filter(|tag| DEMOS.contains(tag));
        format!("demo_{}", tag.unwrap_or("en"))
    }

    /// The language of whoever reads a stream: of the person at a terminal; English for a program or a file.
    pub fn of_reader(stream: &impl IsTerminal) -> Self {
        match stream.is_terminal() {
            true => Self::of_terminal(|name| std::env::var(name).ok()),
            false => Self::En,
        }
    }

    /// The language of a terminal, by the usual environment variables: the first that is not empty decides.
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
    use std::collections::BTreeSet;

    #[test]
    fn each_file_is_a_language_that_its_tag_finds() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/words");
        let files = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let tags = files.filter_map(|name| Some(name.to_str()?.strip_suffix(".ftl")?.to_owned()));
        let tags: BTreeSet<String> = tags.collect();
        assert_eq!(tags, Lang::ALL.iter().map(|lang| lang.tag().to_owned()).collect());
        for lang in Lang::ALL {
            assert_eq!(Lang::from_tag(lang.tag()), lang);
            assert!(!lang.name().is_empty() && !lang.letter().is_empty(), "{lang:?}");
        }
    }

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
