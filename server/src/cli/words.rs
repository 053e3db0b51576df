//! Which words of a command line name a model, before the trainer reads them.

use crate::runs::resolve::DEMO_MODEL;
use std::ffi::OsString;

/// Options of these verbs that take no value.
const FLAGS: &[&str] = &["--json", "--stdio"];
/// Options whose value is the model.
const MODEL_OPTIONS: &[&str] = &["--model", "--model_name_or_path"];

/// The option whose value the word at `at` is.
fn option_of(words: &[String], at: usize) -> Option<&str> {
    let before = words.get(at.checked_sub(1)?)?.as_str();
    let takes_value = before.starts_with("--") && before != "--" && !before.contains('=');
    (takes_value && !FLAGS.contains(&before)).then_some(before)
}

/// Where the word stands that is neither an option nor the value of one: the model, or the file that names it.
pub(super) fn positional(words: &[String]) -> Option<usize> {
    let stands_alone = |(at, word): &(usize, &String)| !word.starts_with('-') && option_of(words, *at).is_none();
    words.iter().enumerate().find(stands_alone).map(|(at, _)| at)
}

/// The words that name the demo as their model, each as what stands before its name.
pub(super) fn names_of_demo(words: &[String]) -> Vec<(usize, &str)> {
    let positional = positional(words);
    let mut named = vec![];
    for (at, word) in words.iter().enumerate() {
        let Some(before) = word.strip_suffix(DEMO_MODEL) else {
            continue;
        };
        let is_model = match before.strip_suffix('=') {
            Some("model_name_or_path") => true,
            Some(option) => MODEL_OPTIONS.contains(&option),
            None if before.is_empty() => match option_of(words, at) {
                Some(option) => MODEL_OPTIONS.contains(&option),
                None => positional == Some(at),
            },
            None => false,
        };
        if is_model {
            named.push((at, before));
        }
    }
    named
}

/// Takes a key of the config off a command line: `key=value`, `--key=value` or `--key value`.
pub(super) fn remove_key(words: &mut Vec<OsString>, key: &str) {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let word = word.to_string_lossy();
        let name = word.strip_prefix("--");
        if word.strip_prefix(key).is_some_and(|rest| rest.starts_with('='))
            || name
                .and_then(|name| name.strip_prefix(key))
                .is_some_and(|rest| rest.starts_with('='))
        {
            words.remove(at);
        } else if name == Some(key) {
            words.drain(at..(at + 2).min(words.len()));
        } else {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_however_it_was_given() {
        let line = "run.yaml dataset=a --dataset=b --dataset c dataset_dir=d --dataset_dir e model=x";
        let mut words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        remove_key(&mut words, "dataset");
        assert_eq!(words, ["run.yaml", "dataset_dir=d", "--dataset_dir", "e", "model=x"]);
    }

    #[test]
    fn the_demo_is_named_where_a_model_is_and_nowhere_else() {
        for (line, at) in [
            ("corral-demo", &[0][..]),
            ("corral-demo corral-demo", &[0]),
            ("--json corral-demo --out corral-demo", &[1]),
            ("--out corral-demo corral-demo", &[2]),
            ("-- corral-demo", &[1]),
            ("--model corral-demo", &[1]),
            ("--model=corral-demo", &[0]),
            ("--model_name_or_path corral-demo", &[1]),
            ("--model_name_or_path=corral-demo", &[0]),
            ("file.yaml model_name_or_path=corral-demo", &[1]),
            ("m --dataset corral-demo --adapter corral-demo", &[]),
            ("m --out=corral-demo --adapter=corral-demo", &[]),
            ("m export_dir=corral-demo", &[]),
            ("m --system corral-demo", &[]),
            ("my-corral-demo", &[]),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let named: Vec<usize> = names_of_demo(&words).into_iter().map(|(at, _)| at).collect();
            assert_eq!(named, at, "{line}");
        }
    }
}
