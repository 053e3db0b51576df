//! Columns that few rows fill, labels that few rows have, columns that none has, and files in other wrappings.

use super::layouts::{recognised, shown, unused, written};
use super::*;
use protocol::data::{DataKind, DataNote};
use serde_json::{Value, json};

/// One row that fills a column makes it one, wherever it stands; the others have none there.
#[test]
fn a_column_that_few_rows_fill_is_a_column() {
    let plain = json!({"instruction": "Name a fruit.", "output": "Pear."});
    let last =
        json!({"instruction": "Translate.", "input": "cat", "output": "chat", "system": "S", "history": [["q", "a"]]});
    let mut rows = vec![plain; 150];
    rows.push(last);
    let (read, inspection) = recognised(&rows);
    assert_eq!(read[150], "[S] q | a | Translate.\ncat > chat");
    assert_eq!(unused(&inspection), [""; 0]);

    // An entry with a file alone means LLaMA-Factory's names, and what those leave out is told.
    let folder = written(&rows);
    folder.write("dataset_info.json", json!({"d": {"file_name": "d.jsonl"}}).to_string());
    let (read, report) = folder.rows("d");
    assert_eq!(shown(&read[150].1), "Translate.\ncat > chat");
    assert_eq!(
        report.found,
        [DataNote::UnusedColumns {
            columns: vec!["history".into(), "system".into()]
        }]
    );
}

#[test]
fn labels_in_few_rows_make_the_others_unusable() {
    let mut rows = vec![json!({"prompt": "Q", "completion": "A"}); 3];
    rows.push(json!({"prompt": "Q", "completion": "A", "label": true}));
    let folder = written(&rows);
    let inspection = inspect(&folder.find("d.jsonl").expect("entry")).expect("inspect");
    assert_eq!(
        (inspection.kind, inspection.usable, inspection.bad_total),
        (DataKind::Unpaired, 1, 3)
    );
    assert!(
        inspection.bad_rows[0].reason.contains("no label"),
        "{:?}",
        inspection.bad_rows
    );
    assert_eq!(inspection.notes, [DataNote::OneLabel { good: true }]);
}

#[test]
fn a_named_column_that_no_row_has_is_refused() {
    let rows = [
        json!({"instruction": "I", "input": "X", "output": "A"}),
        json!({"instruction": "I", "output": "A", "sys": "S"}),
    ];
    let folder = written(&rows);
    let error = |columns: Value, limit| {
        folder.write(
            "dataset_info.json",
            json!({"d": {"file_name": "d.jsonl", "columns": columns}}).to_string(),
        );
        let mut report = DataReport::default();
        load_rows(&folder.find("d").expect("entry"), limit, &mut report)
            .err()
            .map(|e| e.to_string())
    };
    let told = error(
        json!({"prompt": "instruction", "query": "inputs", "response": "output"}),
        None,
    )
    .expect("refused");
    assert!(
        told.contains("`inputs`") && told.contains("input, instruction, output, sys"),
        "{told}"
    );
    // one that comes after the rows asked for is there
    assert_eq!(
        error(
            json!({"prompt": "instruction", "response": "output", "system": "sys"}),
            Some(1)
        ),
        None
    );
    let told = error(
        json!({"prompt": "instruction", "response": "output", "system": "sis"}),
        Some(1),
    )
    .expect("refused");
    assert!(told.contains("`sis`"), "{told}");
    folder.write("dataset_info.json", r#"{"d": {"file_name": "d.jsonl", "colums": {}}}"#);
    let told = folder.find("d").expect_err("misspelt").to_string();
    assert!(told.contains("did you mean `columns`"), "{told}");
}

#[test]
fn files_in_other_wrappings_are_read_or_told() {
    let row = r#"{"prompt": "Q", "completion": "A"}"#;
    let pretty = "{\n  \"prompt\": \"Q\",\n  \"completion\": \"A\"\n}\n";
    for (name, text) in [
        ("a.json", format!("{{\"version\": 1, \"data\": [{row}, {row}]}}")),
        ("a.jsonl", format!("{{\n\"train\": [\n{row},\n{row}]}}\n")),
        ("a.jsonl", pretty.repeat(2)),
        ("a.json", pretty.repeat(2)),
    ] {
        let folder = Folder::new();
        folder.write(name, &text);
        assert_eq!(folder.rows(name).0.len(), 2, "{text}");
    }
    let told = |name: &str, content: &[u8]| {
        let folder = Folder::new();
        folder.write(name, content);
        folder.find(name).expect_err(name).to_string()
    };
    let two = format!("{{\"train\": [{row}], \"rows\": [{row}]}}");
    for (name, content, parts) in [
        (
            "a.json",
            two.as_bytes(),
            &["several lists of rows", "`train`", "`rows`"][..],
        ),
        ("a.csv", b"a,b\n1,2\n", &["its rows have a, b", "no layout"]),
        ("a.json", b"PAR1\x15", &["can't be read as parquet"]),
        ("a.jsonl", b"\x1f\x8b\x08", &["gzip", "can't be unpacked"]),
        ("a.json", b"[\0{\0", &["UTF-16", "UTF-16LE"]),
        ("a.json", b"[{\"prompt\": \"x\", \"score\": NaN}]", &["`NaN`", "null"]),
        ("a.jsonl", b"{\"prompt\": \"x\", \"score\": NaN}\n", &["row 1", "`NaN`"]),
        ("a.jsonl", b"{'prompt': 'x'}\n", &["Python", "json.dumps"]),
        ("a.json", b"[{\"prompt\": None}]", &["Python"]),
        (
            "a.json",
            b"[{\"text\": \"\xb2\xd6\xbf\xe2\xd4\xda\xd2\xbb\xbe\xc5\"}]",
            &["GBK", "iconv"],
        ),
        (
            "a.jsonl",
            b"{\"text\": \"\xb2\xd6\xbf\xe2\xd4\xda\xd2\xbb\xbe\xc5\"}\n",
            &["row 1", "GBK"],
        ),
    ] {
        let error = told(name, content);
        for part in parts {
            assert!(error.contains(part), "`{part}` is not in: {error}");
        }
    }
    let python = json!({"messages": "[{'role': 'user', 'content': Q}]", "x": 1});
    let folder = written(&[python]);
    folder.write(
        "dataset_info.json",
        r#"{"d": {"file_name": "d.jsonl", "formatting": "openai"}}"#,
    );
    let (_, report) = folder.rows("d");
    assert!(
        report.bad_rows[0].reason.contains("Python list"),
        "{:?}",
        report.bad_rows
    );
}
