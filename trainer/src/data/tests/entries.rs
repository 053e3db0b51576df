//! Entries of `dataset_info.json` and files around several lists: what they ask for that is not done is refused or told.

use protocol::data::DataNote;
use serde_json::{Value, json};

use super::layouts::written;
use super::*;

/// What an entry with these keys over its file's name is: the keys told as not used, or why it is refused.
fn entry(rows: &[Value], keys: &Value) -> std::result::Result<Vec<String>, String> {
    let folder = written(rows);
    let mut entry = keys.clone();
    entry["file_name"] = json!("d.jsonl");
    folder.write("dataset_info.json", json!({ "d": entry }).to_string());
    let inspection = folder
        .find("d")
        .and_then(|found| inspect(&found))
        .map_err(|e| e.to_string())?;
    let keys = inspection.notes.into_iter().filter_map(|note| match note {
        DataNote::UnusedEntryKeys { keys } => Some(keys),
        _ => None,
    });
    Ok(keys.flatten().collect())
}

#[test]
fn keys_of_an_entry_that_do_nothing_are_told() {
    let rows = [json!({"instruction": "Q", "output": "A"})];
    for (keys, told) in [
        (json!({}), &[][..]),
        (json!({"formatting": "alpaca", "ranking": false, "split": "train"}), &[]),
        (json!({"subset": null, "hf_hub_url": "", "note": null}), &[]),
        (json!({"weight": 2}), &["weight"]),
        (json!({"shuffle": true, "path": "x"}), &["path", "shuffle"]),
        (json!({"prompt_column": "instruction"}), &["prompt_column"]),
        (json!({"tags": {"role_tag": "role"}, "formatting": "alpaca"}), &["tags"]),
        (json!({"description": "mine"}), &["description"]),
    ] {
        let told = told.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(entry(&rows, &keys), Ok(told), "{keys}");
    }
    let chat = [json!({"conversations": [{"role": "human", "value": "Q"}, {"role": "gpt", "value": "A"}]})];
    let tags = json!({"formatting": "sharegpt", "tags": {"role_tag": "role"}});
    assert_eq!(entry(&chat, &tags), Ok(vec![]));
}

#[test]
fn an_entry_that_asks_for_other_rows_is_refused() {
    let plain = [json!({"instruction": "Q", "output": "A"})];
    let pairs = [json!({"instruction": "Q", "chosen": "x", "rejected": "y"})];
    for (rows, keys, parts) in [
        (&plain, json!({"split": 3}), &["`split`", "text"][..]),
        (&plain, json!({"split": "test"}), &["split `test`"]),
        (&plain, json!({"folder": "data"}), &["`folder`", "`file_name`"]),
        (&plain, json!({"subset": "en"}), &["`subset`", "`file_name`"]),
        (&plain, json!({"hf_hub_url": "a/b"}), &["`hf_hub_url`", "`file_name`"]),
        (&plain, json!({"ms_hub_url": "a/b"}), &["`ms_hub_url`"]),
        (&plain, json!({"max_samples": 10}), &["`max_samples`", "`num_samples`"]),
        (&plain, json!({"limit": 10}), &["`limit`", "`num_samples`"]),
        (
            &pairs,
            json!({"columns": {"prompt": "instruction", "chosen": "chosen", "rejected": "rejected"}}),
            &["`ranking: true`", "`chosen`"],
        ),
        (
            &pairs,
            json!({"ranking": false, "columns": {"prompt": "instruction", "rejected": "rejected"}}),
            &["`ranking: true`", "`rejected`"],
        ),
    ] {
        let error = entry(rows, &keys).expect_err("refused");
        for part in parts {
            assert!(error.contains(part), "{keys}: `{part}` is not in: {error}");
        }
    }
}

#[test]
fn other_splits_in_a_file_are_told() {
    let row = r#"{"prompt": "Q", "completion": "A"}"#;
    for (text, lists) in [
        (
            format!(r#"{{"train": [{row}, {row}], "test": [{row}], "validation": []}}"#),
            &[("test", 1)][..],
        ),
        (
            format!(r#"{{"validation": [{row}], "train": [{row}, {row}], "test": [{row}, {row}]}}"#),
            &[("validation", 1), ("test", 2)],
        ),
        (
            format!(r#"{{"version": 1, "authors": ["x"], "data": [{row}, {row}]}}"#),
            &[],
        ),
    ] {
        let folder = Folder::new();
        folder.write("d.json", &text);
        let (rows, report) = folder.rows("d.json");
        assert_eq!(rows.len(), 2, "{text}");
        let want: Vec<DataNote> = lists
            .iter()
            .map(|(key, rows)| DataNote::UnusedList {
                key: (*key).to_owned(),
                rows: *rows,
            })
            .collect();
        assert_eq!(report.found, want, "{text}");
    }
}
