//! The languages that a person is spoken to in: those that have a file in `assets/words`.

include!(concat!(env!("OUT_DIR"), "/lang.rs"));

/// Languages that have data sets of the demo.
const DEMOS: [&str; 3] = ["en", "ja", "zh"];

impl Lang {
    /// The language of a browser's tag (`zh-CN`) or of a locale (`ja_JP.UTF-8`): the file of that name, of its language, or of
    /// a sister of it; else English.
    pub fn from_tag(tag: &str) -> Self {
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
        longest.or_else(sister).unwrap_or(Self::En)
    }

    /// The demo's data set in this language, in English where there is none.
    pub fn demo_data(self) -> String {
        let tag = Some(self.tag()).filter(|tag| DEMOS.contains(tag));
        format!("demo_{}", tag.unwrap_or("en"))
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
