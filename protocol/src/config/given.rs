//! The keys of one text under the names they have here, and what is given more than once.

use super::renamed::translate;
use crate::{Said, says};
use serde_json::Value;

/// The key that a key of a text stands for here.
pub fn meaning(key: &str, value: &Value) -> String {
    translate(key, value).map_or(key, |(key, _)| key).to_owned()
}

/// A key as a text gives it.
pub struct Given {
    /// The name it has here.
    pub key: String,
    /// The name that the text calls it by.
    pub written: String,
    pub value: Value,
    pub before: Before,
}

/// Where the same text gives the same key further up.
pub enum Before {
    Nowhere,
    UnderThisName,
    UnderOtherName(String),
}

/// Keys of one text under the names they have here, in their order, without those that ask for nothing because another
/// name of the same key asks for something.
pub fn given(entries: Vec<(String, Value)>) -> Vec<Given> {
    let asks: Vec<String> = entries
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| meaning(key, value))
        .collect();
    let mut out: Vec<Given> = vec![];
    for (written, value) in entries {
        let key = meaning(&written, &value);
        // a null over the same name takes back what was said under it
        let takes_back = out.iter().any(|known| known.written == written);
        if value.is_null() && asks.contains(&key) && !takes_back {
            continue;
        }
        let before = match out.iter().find(|known| known.key == key) {
            None => Before::Nowhere,
            Some(known) if known.written == written => Before::UnderThisName,
            Some(known) => Before::UnderOtherName(known.written.clone()),
        };
        out.push(Given {
            key,
            written,
            value,
            before,
        });
    }
    out
}

/// Programs that read command lines take the last of several values.
pub fn given_twice(key: &str, value: &Value) -> Said {
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    says::given_twice(key, value)
}

#[cfg(test)]
mod tests {
    use crate::config::RunConfig;

    #[test]
    fn a_key_given_twice_on_a_command_line_is_said() {
        let twice = ["--pref_beta", "0.1", "pref_beta=0.2"].map(str::to_owned);
        let pasted = "llamafactory-cli train --stage dpo --pref_beta 0.1 --pref_beta 0.2";
        for parsed in [
            RunConfig::parse_with_overrides("stage: dpo", &twice),
            RunConfig::parse(pasted),
        ] {
            assert_eq!(parsed.errors, []);
            assert_eq!(parsed.config.pref_beta, Some(0.2));
            let said: Vec<_> = parsed.notices.iter().map(|said| said.message.as_str()).collect();
            assert_eq!(
                said,
                ["pref_beta is given more than once on the command line: the last one, 0.2, is taken"]
            );
        }
        let once = RunConfig::parse_with_overrides("pref_beta: 0.1\nstage: dpo", &twice[2..]);
        assert_eq!((once.notices, once.config.pref_beta), (vec![], Some(0.2)));
    }

    #[test]
    fn one_key_under_two_names_is_said_by_name_wherever_it_stands() {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for (text, over, wrong) in [
            (
                "pref_beta: 0.1\ndpo_beta: 0.2\n",
                &[][..],
                Some(("pref_beta", "dpo_beta")),
            ),
            ("", &["pref_beta=0.1", "dpo_beta=0.2"], Some(("dpo_beta", "pref_beta"))),
            ("", &["--pref_beta", "0.1", "beta=0.2"], Some(("beta", "pref_beta"))),
            (
                "",
                &["modules_to_save=a", "additional_target=b"],
                Some(("additional_target", "modules_to_save")),
            ),
            (
                "llamafactory-cli train --dpo_beta 1 --pref_beta 2",
                &[],
                Some(("pref_beta", "dpo_beta")),
            ),
            // over a file it is the command line that counts, under either name, and mends what the file says wrong
            ("dpo_beta: 0.1\n", &["pref_beta=0.2"], None),
            ("pref_beta: x\n", &["dpo_beta=0.2"], None),
            ("pref_beta: 0.1\ndpo_beta: 0.2\n", &["beta=0.2"], None),
            ("pref_beta: 0.2\ndpo_beta: null\n", &[], None),
            ("beta: null\npref_beta: 0.2\n", &[], None),
        ] {
            let parsed = RunConfig::parse_with_overrides(text, &words(over));
            let said = parsed.errors.first().map(|e| (e.field.as_str(), e.args[0].as_str()));
            assert_eq!(said, wrong, "{text} {over:?} {:?}", parsed.errors);
            assert!(
                wrong.is_some() || parsed.config.pref_beta == Some(0.2),
                "{text} {over:?}"
            );
        }
    }
}
