//! What is no data file, and rows that are none.

use super::*;

/// The error of a file that can't be used at all, or the reasons of its rows.
fn problems(name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = Folder::new();
    folder.write(name, content);
    let listing = format!(r#"{{"d": {{"file_name": "{name}", "columns": {{"prompt": "text"}}}}}}"#);
    folder.write("dataset_info.json", listing);
    let mut report = DataReport::default();
    let error = match folder.find("d").and_then(|e| load_rows(&e, None, &mut report)) {
        Ok(_) => String::new(),
        Err(e) => e.to_string(),
    };
    let rows: Vec<String> = report
        .bad_rows
        .iter()
        .map(|b| format!("row {}: {}", b.row, b.reason))
        .collect();
    format!("{error} | {}", rows.join(" | "))
}

#[track_caller]
fn says(problems: &str, parts: &[&str]) {
    for part in parts {
        assert!(problems.contains(part), "`{part}` is not in: {problems}");
    }
}

#[test]
fn hostile_files_are_named_with_their_place() {
    says(&problems("a.json", ""), &["a.json", "is empty"]);
    says(&problems("a.json", " \n\t "), &["is empty"]);
    says(
        &problems("a.json", "[{\"text\": \"x\"}, {"),
        &["a.json", "ends in the middle of a row", "line 1"],
    );
    says(
        &problems("a.json", "[{\"text\": \"x\"},\n{\"text\" 1}]"),
        &["not valid JSON", "line 2"],
    );
    says(
        &problems("a.json", "[{\"text\": \"x\"}] trailing"),
        &["not valid JSON", "line 1"],
    );
    says(&problems("a.json", "{\n \"text\": \"x\"\n}"), &["holds one object"]);
    says(&problems("a.json", b"\xff\xfe[\0"), &["UTF-16"]);
    says(
        &problems("a.json", b"[{\"text\": \"\xff\xfe\"}]"),
        &["not valid JSON", "line 1"],
    );
    says(
        &problems("a.jsonl", b"{\"text\": \"\xc3\x28\"}\n{\"text\": \"x\"}\n"),
        &["row 1: not valid JSON"],
    );
    says(&problems("a.txt", b"fine\n\xc3\x28\n"), &["row 2: not UTF-8"]);
    says(
        &problems("a.parquet", "PAR1"),
        &["a.parquet", "can't be read as parquet"],
    );
    // Far deeper than any row, and than the reader's stack would bear.
    let deep = format!("[{}{}]", "[".repeat(200_000), "]".repeat(200_000));
    says(&problems("a.json", deep), &["recursion limit", "line 1"]);
    let deep = format!("{{\"text\": {}1{}}}\n", "[".repeat(200_000), "]".repeat(200_000));
    says(&problems("a.jsonl", deep), &["row 1: not valid JSON: recursion limit"]);
    says(
        &problems("a.json", "[1, null, \"x\", [], {}]"),
        &[
            "no usable row among its 5",
            "row 1: a number",
            "row 2: null",
            "row 3: a text",
        ],
    );
}

#[test]
fn bad_lines_are_counted_and_the_rest_is_used() {
    let folder = Folder::new();
    folder.write(
        "d.jsonl",
        "\u{feff}{\"text\": \"one\"}\r\n\n{\"text\": 2}\nnot json\n{\"text\": \"a\\u0000b\"}\n{\"text\": \"six",
    );
    folder.write(
        "dataset_info.json",
        r#"{"d": {"file_name": "d.jsonl", "columns": {"prompt": "text"}}}"#,
    );
    let (rows, report) = folder.rows("d");
    let numbers: Vec<u64> = rows.iter().map(|(n, _)| *n).collect();
    // Lines keep their numbers; the blank second line is no row.
    assert_eq!(numbers, [1, 5]);
    assert_eq!(rows[1].1.prompt[0].content, "a\0b");
    assert_eq!((report.rows, report.usable, report.bad_total), (5, 2, 3));
    let bad: Vec<(u64, &str)> = report.bad_rows.iter().map(|b| (b.row, b.reason.as_str())).collect();
    assert_eq!(bad[0], (3, "`text` is a number; it must be text"));
    assert_eq!(bad[1].0, 4);
    assert!(
        bad[1].1.starts_with("not valid JSON: expected ident at column"),
        "{}",
        bad[1].1
    );
    assert_eq!(bad[2].0, 6);
}

#[test]
fn only_the_first_hundred_bad_rows_are_listed() {
    let folder = Folder::new();
    let mut lines = "{\"text\": 1}\n".repeat(250);
    lines.push_str("{\"text\": \"x\"}\n");
    folder.write("d.jsonl", lines);
    folder.write(
        "dataset_info.json",
        r#"{"d": {"file_name": "d.jsonl", "columns": {"prompt": "text"}}}"#,
    );
    let (_, report) = folder.rows("d");
    assert_eq!((report.bad_total, report.bad_rows.len(), report.usable), (250, 100, 1));
}

#[test]
fn json_lines_are_read_under_any_name() {
    let folder = Folder::new();
    folder.write("lines.json", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n");
    folder.write("array.jsonl", "[\n{\"text\": \"a\"},\n{\"text\": \"b\"}\n]\n");
    for name in ["lines.json", "array.jsonl"] {
        assert_eq!(folder.rows(name).0.len(), 2, "{name}");
    }
}

#[test]
fn names_that_lead_nowhere_say_so() {
    let folder = Folder::new();
    let error = |name: &str| folder.find(name).expect_err(name).to_string();
    assert!(error("nothing").contains("there is no"), "{}", error("nothing"));
    folder.write("a.json", "[]");
    folder.write(
        "dataset_info.json",
        r#"{"demo_dpo": {"file_name": "gone.json"},
            "hub": {"hf_hub_url": "someone/something"},
            "odd": {"file_name": "a.json", "formatting": "parquet"},
            "typo": {"file_name": "a.json", "columns": {"promt": "text"}},
            "split": {"file_name": "a.json", "split": "test"},
            "list": [1]}"#,
    );
    says(&error("demo_dop"), &["did you mean `demo_dpo`"]);
    says(&error("demo_dpo"), &["there is no file", "gone.json"]);
    says(&error("hub"), &["hf_hub_url", "someone/something", "download it"]);
    says(&error("odd"), &["formatting `parquet`", "alpaca"]);
    says(&error("typo"), &["no `promt`", "prompt"]);
    says(&error("split"), &["split `test`"]);
    says(&error("list"), &["must be an object"]);
    folder.write("dataset_info.json", "{\"a\": ");
    says(&error("a"), &["dataset_info.json", "not valid JSON", "line 1"]);
}
