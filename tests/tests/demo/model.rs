//! The demo model: small, and right about what it was taught, in three languages.

use std::collections::BTreeSet;
use tests::demo::{self, Question, Talker};

/// Bytes of the model folder, at most.
const LARGEST: u64 = 8_000_000;

#[test]
fn the_model_folder_is_small() {
    let files = std::fs::read_dir(demo::model()).unwrap();
    let bytes: u64 = files.map(|f| f.unwrap().metadata().unwrap().len()).sum();
    println!("assets/demo/model: {bytes} bytes");
    assert!(bytes <= LARGEST, "{bytes} bytes");
}

#[test]
fn held_out_questions_are_in_no_data_set() {
    let mut texts = BTreeSet::new();
    for file in std::fs::read_dir(demo::data()).unwrap() {
        texts.insert(std::fs::read_to_string(file.unwrap().path()).unwrap());
    }
    assert!(texts.iter().any(|t| t.contains("\"rejected\"")));
    for asked in demo::questions().values().flatten() {
        let quoted = serde_json::to_string(&asked.question).unwrap();
        assert!(!texts.iter().any(|text| text.contains(&quoted)), "{quoted}");
    }
}

#[test]
fn an_answer_counts_as_a_word_of_its_own() {
    let asked = |accept: &str| Question {
        question: String::new(),
        accept: vec![accept.into()],
    };
    assert!(asked("4").is_answered_by("3 + 1 is 4."));
    assert!(!asked("4").is_answered_by("14."));
    assert!(asked("Paris").is_answered_by("paris."));
    assert!(!asked("1月").is_answered_by("11月です。"));
    assert!(asked("パリ").is_answered_by("フランスの首都はパリです。"));
    assert!(!asked("パリ").is_answered_by("ローマ。"));
}

#[test]
fn it_answers_sixteen_of_twenty_held_out_questions_in_each_language() {
    let mut model = Talker::new(&demo::model());
    let mut wrong_languages = vec![];
    for (language, questions) in demo::questions() {
        assert_eq!(questions.len(), 20);
        let mut right = 0;
        for asked in &questions {
            let reply = model.ask(&asked.question);
            let good = asked.is_answered_by(&reply);
            right += usize::from(good);
            println!("{language} {} {} {reply}", if good { "+" } else { "-" }, asked.question);
        }
        println!("{language}: {right} of 20");
        if right < 16 {
            wrong_languages.push(format!("{language}: {right} of 20"));
        }
    }
    assert!(wrong_languages.is_empty(), "{wrong_languages:?}");
}
