//! Folders that LLaMA-Factory keeps its tokens in: every stage's rows are what its own trainer finds there.

use protocol::config::Packing;
use serde_json::{Value, json};

use super::*;
use crate::data::store::Example;
use crate::data::token_cache::cached_tokens;

const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/tokenized");

fn spec(path: &Path, val_size: ValSize) -> DataSpec {
    DataSpec {
        // neither is there: what was kept needs none
        dataset: vec!["gone".into()],
        dataset_dir: "/nowhere".into(),
        tokenized_path: Some(path.display().to_string()),
        val_size,
        ..Folder::new().spec("gone")
    }
}

/// Ids with what is to be predicted at each, as LLaMA-Factory writes them.
fn labelled(prompt: &[u32], reply: &[u32]) -> Value {
    let labels = std::iter::repeat_n(-100, prompt.len()).chain(reply.iter().map(|id| i64::from(*id)));
    let ids = [prompt, reply].concat();
    json!([ids, labels.collect::<Vec<_>>()])
}

/// A row in LLaMA-Factory's columns, those of `like`.
fn columns(example: Example, like: &Value) -> Value {
    let mut row = json!({});
    let mut put = |prefix: &str, [ids, labels]: [&str; 2], value: Value| {
        row[format!("{prefix}{ids}")] = value[0].clone();
        row[format!("{prefix}{labels}")] = value[1].clone();
    };
    let names = ["input_ids", "labels"];
    match example {
        Example::Pair(pair) => {
            put("chosen_", names, labelled(&pair.prompt, &pair.chosen));
            put("rejected_", names, labelled(&pair.prompt, &pair.rejected));
        }
        Example::Labelled(one) => {
            put("", names, labelled(&one.prompt, &one.reply));
            put("kl_", names, labelled(&one.other_prompt, &one.other_reply));
            row["kto_tags"] = json!(one.good);
        }
        Example::Prompt(ids) | Example::Document(ids) => row["input_ids"] = json!(ids),
        Example::Sequence(sequence) => {
            let fill = like["input_ids"].as_array().expect("ids").len() - sequence.tokens.len();
            let numbers = sequence
                .lengths
                .iter()
                .zip(1..)
                .flat_map(|(n, number)| std::iter::repeat_n(if sequence.joined { 1 } else { number }, *n));
            let label = |at: usize| match sequence.ends.iter().find(|end| end.at == at) {
                Some(end) => i64::from(end.token),
                None if sequence.counts[at] => i64::from(sequence.tokens[at]),
                None => -100,
            };
            let filled = |with: i64, own: Vec<i64>| -> Vec<i64> {
                own.into_iter().chain(std::iter::repeat_n(with, fill)).collect()
            };
            row["attention_mask"] = json!(filled(i64::from(sequence.joined), numbers.collect()));
            row["position_ids"] = json!(filled(0, sequence.lengths.iter().flat_map(|n| 0..*n as i64).collect()));
            row["labels"] = json!(filled(-100, (0..sequence.tokens.len()).map(label).collect()));
            row["input_ids"] = json!(filled(0, sequence.tokens.iter().map(|id| i64::from(*id)).collect()));
        }
    }
    row
}

#[test]
fn llama_factorys_tokens_are_used_as_they_are() {
    let rows = std::fs::read_to_string(Path::new(KEPT).join("rows.json")).expect("golden");
    let rows: Value = serde_json::from_str(&rows).expect("golden");
    let supervised = conversations(LossMask::Replies, Packing::No);
    for (name, intake) in [
        ("sft", supervised),
        ("sft_ends", supervised),
        ("sft_prompt", supervised),
        ("sft_packed", supervised),
        ("sft_neat", supervised),
        ("pt", texts(true)),
        ("rm", RANKED),
        ("rm", PAIRS),
        ("kto", LABELLED),
        ("ppo", PROMPTS),
    ] {
        let path = Path::new(KEPT).join(name);
        let has_held_out = rows[name]["validation"].is_array();
        let spec = spec(
            &path,
            if has_held_out {
                ValSize::Share(0.1)
            } else {
                ValSize::None
            },
        );
        let found = cached_tokens(&spec, intake, 1, &encoder("chatml")).expect(name);
        assert_eq!((found.train.is_some(), found.eval), (true, has_held_out), "{name}");
        let loaded = load(&spec, intake, 1, &encoder("chatml")).expect(name);
        assert_eq!(loaded.notices[0].code, "tokens_of_llamafactory");
        for (split, ours) in [("train", &loaded.train), ("validation", &loaded.eval)] {
            let theirs = rows[name][split].as_array().map_or(&[][..], Vec::as_slice);
            assert_eq!(ours.len(), theirs.len(), "{name} {split}");
            for (row, like) in theirs.iter().enumerate() {
                let ours = columns(ours.example(row).expect("row"), like);
                for (column, value) in like.as_object().expect("row") {
                    // in one piece nothing but ones; of prompts alone the reply is not looked at
                    if ours.get(column).is_some() {
                        assert_eq!(&ours[column], value, "{name} {split} {row} {column}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_stands_against_llama_factorys_tokens_is_said() {
    let refused = |path: &Path, intake: Intake, val_size: ValSize| {
        let spec = spec(path, val_size);
        let error = load(&spec, intake, 1, &encoder("chatml"))
            .expect_err("refused")
            .to_string();
        let told = cached_tokens(&spec, intake, 1, &encoder("chatml")).expect_err("refused");
        assert_eq!(told.to_string(), error);
        error
    };
    let error = refused(&Path::new(KEPT).join("sft"), PAIRS, ValSize::None);
    assert!(error.contains("`chosen_input_ids` is missing"), "{error}");
    let folder = Folder::new();
    let copied = folder.0.join("kept");
    std::fs::create_dir_all(copied.join("train")).expect("folder");
    for name in [
        "dataset_dict.json",
        "train/state.json",
        "train/data-00000-of-00001.arrow",
    ] {
        std::fs::copy(Path::new(KEPT).join("pt").join(name), copied.join(name)).expect("copied");
    }
    let intake = texts(false);
    let error = refused(&copied, intake, ValSize::Rows(2));
    assert!(error.contains("validation/state.json"), "{error}");
    folder.write("kept/dataset_dict.json", r#"{"splits": ["train"]}"#);
    let error = refused(&copied, intake, ValSize::Rows(500));
    assert!(error.contains("`val_size` holds out 500 rows"), "{error}");
    for (state, why) in [
        (
            r#"{"_data_files": [{"filename": "../../secret.arrow"}]}"#,
            "not in its folder",
        ),
        (
            r#"{"_data_files": [{"filename": "a"}], "_indices_files": [{"filename": "i"}]}"#,
            "indices file",
        ),
        (r#"{"_data_files": [{"filename": "a.arrow"}]}"#, "a.arrow"),
        (r#"{"_data_files": []}"#, "no usable row"),
        ("{", "state.json"),
    ] {
        folder.write("kept/train/state.json", state);
        let error = refused(&copied, intake, ValSize::None);
        assert!(error.contains(why), "{error}");
    }
}
