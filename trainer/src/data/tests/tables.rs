//! Every row layout in every type of file, as people's tools wrote them: what is read is what is read from JSON.

use protocol::data::Inspection;

use super::*;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/golden/tables")
        .join(name)
}

/// What is found in a data set: its rows, and what is told of it.
fn found(entry: &Entry) -> Result<(Vec<Row>, Inspection)> {
    let mut report = DataReport::default();
    let rows = load_rows(entry, None, &mut report)?;
    let numbers: Vec<u64> = rows.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=rows.len() as u64).collect::<Vec<_>>(), "{}", entry.name);
    Ok((rows.into_iter().map(|(_, row)| row).collect(), inspect(entry)?))
}

/// A file by what is recognised in it, and by the entry of its layout.
fn both_ways(name: &str, entry: &serde_json::Value) -> Result<[Entry; 2]> {
    let folder = Folder::new();
    let mut entry = entry.clone();
    entry["file_name"] = golden(name).display().to_string().into();
    folder.write("dataset_info.json", serde_json::json!({ name: entry }).to_string());
    Ok([
        info::find(&golden(name).display().to_string(), Path::new("/nowhere"))?,
        folder.find(name)?,
    ])
}

const LAYOUTS: [&str; 19] = [
    "alpaca",
    "text",
    "sharegpt",
    "openai",
    "tools",
    "pairs",
    "pairs_messages",
    "pairs_sharegpt",
    "pairs_transcript",
    "pairs_list",
    "kto",
    "kto_messages",
    "ranked",
    "compared",
    "answers",
    "prompts",
    "ranked_inside",
    "turns",
    "exchanges",
];
const ENDINGS: [&str; 8] = [
    "json.gz",
    "jsonl.gz",
    "jsonl.zst",
    "csv",
    "tsv",
    "parquet",
    "feather",
    "arrow",
];

/// In a table of text a list of replies can't be told from one reply that is written as a list, so that a column which may hold
/// either is a pair where its entry says so alone.
const TOLD_BY_ENTRY: [&str; 2] = ["pairs_list.csv", "pairs_list.tsv"];

#[test]
fn every_layout_reads_the_same_from_every_type_of_file() {
    let mut wrong = Vec::new();
    for layout in LAYOUTS {
        let name = golden(&format!("{layout}.jsonl")).display().to_string();
        let (rows, inspection) = found(&info::find(&name, Path::new("/nowhere")).expect(layout)).expect(layout);
        assert_eq!(inspection.bad_total, 0, "{layout}: {:?}", inspection.bad_rows);
        let told = |told: &Inspection| {
            let mut entry = told.entry.clone();
            entry["file_name"] = "".into();
            (told.kind, entry, told.rows, told.usable, told.notes.clone())
        };
        for name in ENDINGS.map(|ending| format!("{layout}.{ending}")) {
            let [recognised, by_entry] = both_ways(&name, &inspection.entry).unwrap_or_else(|e| panic!("{name}: {e}"));
            let by_itself = !TOLD_BY_ENTRY.contains(&name.as_str());
            for entry in by_itself.then_some(recognised).into_iter().chain([by_entry]) {
                match found(&entry) {
                    Err(e) => wrong.push(format!("{name}: {e}")),
                    Ok((others, _)) if others != rows => {
                        wrong.push(format!("{name}: {others:?}\n   not {rows:?}"));
                    }
                    Ok((_, other)) if told(&other) != told(&inspection) => {
                        wrong.push(format!("{name}: {:?}\n   not {:?}", told(&other), told(&inspection)));
                    }
                    Ok(_) => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// The rows of a file as JSON.
fn raw(path: &Path) -> Vec<serde_json::Value> {
    let mut rows = Vec::new();
    let read = source::read_rows(&source::Files::all(path), &source::Watch::none(), |row| {
        rows.push(row.value.unwrap_or_else(|e| panic!("{}: {e}", path.display())));
        std::ops::ControlFlow::Continue(())
    });
    read.unwrap_or_else(|e| panic!("{e}"));
    rows
}

/// Packings, pages of both versions, dictionaries, long strings, null columns, numbers, times, bytes, maps, lists of lists.
#[test]
fn tables_are_read_in_every_packing_and_type() {
    let rows: Vec<serde_json::Value> =
        serde_json::from_slice(&std::fs::read(golden("variants/rows.json")).expect("rows")).expect("rows");
    for name in [
        "none.parquet",
        "snappy.parquet",
        "gzip.parquet",
        "zstd.parquet",
        "lz4.parquet",
        "pages2.parquet",
        "uncompressed.feather",
        "lz4.feather",
        "zstd.feather",
    ] {
        let found = raw(&golden("variants").join(name));
        assert_eq!(found.len(), rows.len(), "{name}");
        for (row, want) in found.iter().zip(&rows) {
            for (column, value) in want.as_object().expect("object") {
                // pandas makes numbers with fractions of whole ones that have gaps
                match value.as_f64() {
                    Some(number) => assert_eq!(row[column].as_f64(), Some(number), "{name} {column}"),
                    None => assert_eq!(&row[column], value, "{name} {column}"),
                }
            }
        }
        let column = |of: &str| found.iter().map(|row| row[of].clone()).collect::<Vec<_>>();
        let json = |text: &str| serde_json::from_str::<Vec<serde_json::Value>>(text).expect("json");
        assert_eq!(
            column("day"),
            json(r#"["1970-01-01", "1970-01-02", null, "2024-10-04"]"#),
            "{name}"
        );
        assert_eq!(
            column("at"),
            json(r#"["1970-01-01T00:00:00Z", "1970-01-01T00:00:01.5Z", null, "1970-01-01T00:00:00.000001Z"]"#),
            "{name}"
        );
        assert_eq!(column("raw"), json(r#"["text", {"bytes": 2}, null, ""]"#), "{name}");
        assert_eq!(column("pairs"), json(r#"[{"a": 1}, {}, null, {"b": 2}]"#), "{name}");
        if name.ends_with("feather") {
            let views = json(r#"["short", "a text of more than twelve bytes", null, ""]"#);
            assert_eq!(column("view"), views, "{name}");
        }
    }
    let error = source::read_rows(
        &source::Files::all(golden("variants/brotli.parquet")),
        &source::Watch::none(),
        |_| std::ops::ControlFlow::Continue(()),
    );
    let error = error.map(|_| ()).expect_err("a packing that is not read").to_string();
    assert!(error.contains("BROTLI") || error.contains("brotli"), "{error}");
}
