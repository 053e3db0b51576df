//! What people are told by errors and notes, each sentence a message of `assets/words`. Its code is a function:
//! `says::no_such_folder(path)` is the sentence with its arguments in place, in English and ready for any other language.
//! An argument may be a sentence itself.

use crate::said::Sentence;

include!(concat!(env!("OUT_DIR"), "/says.rs"));

/// Why a data set can't be used, with its name in front where the reason doesn't say it.
pub fn in_dataset(name: &str, why: crate::Said) -> crate::Said {
    match why.code.as_str() {
        "of_dataset" | "no_usable_row" | "dataset_unlisted" | "no_dataset_list" | "no_rows_usable" => why,
        _ => of_dataset(name, why),
    }
}

/// The sentence of a code.
pub(crate) fn find(code: &str) -> Option<&'static Sentence> {
    let place = SENTENCES.binary_search_by(|sentence| sentence.code.cmp(code));
    SENTENCES.get(place.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::said::Lang;

    #[test]
    fn a_code_is_found_in_every_language() {
        for sentence in SENTENCES {
            assert_eq!(find(sentence.code).map(|found| found.code), Some(sentence.code));
        }
        assert!(find("nothing_of_that_name").is_none());
        let said = no_such_run("x");
        assert_eq!(
            (said.code.as_str(), said.message.as_str()),
            ("no_such_run", "there is no run x")
        );
        assert_eq!(said.in_lang(Lang::Ja), "実行 x はありません");
    }
}
