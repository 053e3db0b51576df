//! Files that are broken, or made to do harm: one sentence with the file and the place, and no more memory than a file
//! of that size deserves. And folders of files.

use std::io::{BufReader, Cursor};
use std::ops::ControlFlow;

use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::*;
use crate::data::source::{Files, Watch, read_rows};

fn golden(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/golden/tables")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, bytes).expect("packs");
    encoder.finish().expect("packs")
}

/// Rows of a file with their numbers, and the error that ended it.
fn read(name: &str, content: impl AsRef<[u8]>) -> (Vec<(u64, std::result::Result<Value, String>)>, String) {
    let folder = Folder::new();
    let path = folder.write(name, content);
    let mut rows = Vec::new();
    let end = read_rows(&Files::all(path), &Watch::none(), |row| {
        rows.push((row.number, row.value.map_err(|why| why.to_string())));
        ControlFlow::Continue(())
    });
    (rows, end.err().map(|e| e.to_string()).unwrap_or_default())
}

#[track_caller]
fn refused(name: &str, content: impl AsRef<[u8]>, parts: &[&str]) {
    let (_, error) = read(name, content);
    for part in parts.iter().chain(&[name]) {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
}

#[test]
fn cells_are_read_as_tables_of_text_are_written() {
    let rows = |name: &str, text: &str| -> Vec<Value> {
        let (rows, error) = read(name, text);
        assert_eq!(error, "", "{text}");
        rows.into_iter()
            .map(|(_, row)| row.unwrap_or_else(Value::String))
            .collect()
    };
    let one = |name: &str, text: &str, row: Value| assert_eq!(rows(name, text), [row], "{text}");
    one("d.csv", "a,b\n1,x\n", json!({"a": "1", "b": "x"}));
    one(
        "d.csv",
        "\u{feff}a,b\r\n1,\"x\"\"y, z\"\r\n",
        json!({"a": "1", "b": "x\"y, z"}),
    );
    one("d.csv", "a,b\n\"1\r\n2\",", json!({"a": "1\r\n2", "b": null}));
    one("d.csv", "a;b\n1,5;x\n", json!({"a": "1,5", "b": "x"}));
    one("d.csv", "\"a;x\",b\n1,2\n", json!({"a;x": "1", "b": "2"}));
    one("d.tsv", "a,1\tb\n1\tx,\"y\"\n", json!({"a,1": "1", "b": "x,\"y\""}));
    one("d.csv", ",a\n0,x\n", json!({"Unnamed: 0": "0", "a": "x"}));
    one("d.csv", "a,b\n5\" disk,x\n", json!({"a": "5\" disk", "b": "x"}));
    one("d.csv", "a,b\n\n\"\",None\n \n", json!({"a": null, "b": "None"}));
    assert_eq!(
        rows("d.csv", "a,b\n1\n1,2,3\n1,2\n"),
        [
            json!("has 1 cell; the first line names 2 columns"),
            json!("has 3 cells; the first line names 2 columns"),
            json!({"a": "1", "b": "2"}),
        ]
    );
    // what spreadsheets write
    one("d.csv", "sep=;\r\na;b\r\n1,5;x\r\n", json!({"a": "1,5", "b": "x"}));
    one("d.csv", "a,b\n1,x,,\n", json!({"a": "1", "b": "x"}));
    one("d.csv", "a,b\n\"1\" ,x\n", json!({"a": "1", "b": "x"}));
    let stray = rows("d.csv", "a,b\n1,\"x\"y\n");
    assert!(
        stray[0]
            .as_str()
            .is_some_and(|why| why.starts_with("cell 2 goes on behind")),
        "{stray:?}"
    );
    let (found, _) = read("d.csv", b"a,b\n\xff\xfe\xfd,1\nx,y\n");
    assert!(found[0].1.as_ref().is_err_and(|why| why.contains("UTF-8")), "{found:?}");
    assert!(found[1].1.is_ok());
    assert!(rows("d.csv", "a,b\n").is_empty());
}

#[test]
fn broken_texts_are_named_with_their_place() {
    refused("d.csv", "", &["is empty"]);
    refused("d.csv", "\n \n", &["is empty"]);
    refused(
        "d.csv",
        "a,b\n1,2\n3,\"x\n4,5\n6,7\n",
        &["quote", "line 3", "never closed"],
    );
    refused("d.csv", b"\xff\xfea\0,\0", &["UTF-16"]);
    refused("d.csv", "a,b\r1,2\r3,4\r", &["carriage returns"]);
    // a column called 質問 in Shift JIS, and a row below it
    refused(
        "d.csv",
        b"\x8e\xbf\x96\xe2,b\n\x82\xb1\x82\xea\x82\xcd,\x82\xc5\x82\xb7\n",
        &["SHIFT_JIS"],
    );
    refused(
        "d.jsonl.gz",
        "{\"text\": \"x\"}\n",
        &["is called .gz", "begins as JSON"],
    );
    let whole = golden("alpaca.jsonl.gz");
    refused("d.jsonl.gz", &whole[..whole.len() / 2], &["gzip", "can't be unpacked"]);
    refused(
        "d.json.gz",
        &golden("alpaca.json.gz")[..100],
        &["gzip", "can't be unpacked"],
    );
    let whole = golden("alpaca.jsonl.zst");
    refused(
        "d.jsonl.zst",
        &whole[..whole.len() - 20],
        &["zstd", "can't be unpacked"],
    );
    refused("d.jsonl.gz", gzipped(&golden("alpaca.parquet")), &["no text"]);
    refused("d.csv.gz", gzipped(&golden("alpaca.jsonl.gz")), &["no text"]);
    refused(
        "d.json.gz",
        gzipped(b"[{\"a\": 1},\n{\"a\" 2}]"),
        &["not valid JSON", "line 2"],
    );
    refused("d.bin", "x", &["no data file by its name"]);
    refused("d.feather", "FEA1....", &["Feather of the first version"]);
    refused("d.csv", "PK\x03\x04", &["archive (ZIP)"]);
    for (name, start, is) in [
        ("d.xlsx", "PK\x03\x04", "a spreadsheet"),
        ("d.json", "<!doctype HTML><p>", "a web page"),
        (
            "d.jsonl",
            "version https://git-lfs.github.com/spec/v1\noid",
            "git lfs pull",
        ),
        ("d.csv", "BZh91AY&SY", "packed by bzip2"),
        ("d.parquet", "{\"text\": \"x\"}", "begins as JSON"),
    ] {
        refused(name, start, &[is]);
    }
}

#[test]
fn a_packed_file_grows_no_further_than_it_may() {
    use crate::data::source::{Budget, Compression, decompressed};
    let path = Path::new("bomb.jsonl.gz");
    let bomb = gzipped(&b"{\"text\": \"boom\"}\n".repeat(200_000));
    let unpack = |most: u64| {
        let bytes = Box::new(BufReader::new(Cursor::new(bomb.clone())));
        let text = decompressed(path, bytes, Some(Compression::Gzip), Budget::new(most))?;
        let mut lines = 0;
        source::text::read_lines(path, text, &mut |_, _| {
            lines += 1;
            ControlFlow::Continue(())
        })?;
        Ok::<_, DataError>(lines)
    };
    assert_eq!(unpack(4 << 20).expect("grows to 3.4 MB"), 200_000);
    let error = unpack(2 << 20).expect_err("more than 2 MB").to_string();
    assert!(
        error.contains("more than 2 MiB") && error.contains("bomb.jsonl.gz"),
        "{error}"
    );
    // one line without an end
    refused("d.jsonl.gz", gzipped(&vec![b'x'; 65 << 20]), &["line 1", "64 MiB"]);
    refused(
        "d.csv.gz",
        gzipped(&[b"a,b\n1,\"".as_slice(), &b"x\n".repeat(33 << 20)].concat()),
        &["64 MiB", "line 2"],
    );
}

#[test]
fn broken_tables_are_one_error() {
    let whole = golden("tools.parquet");
    for cut in [3, 4, 8, 100, whole.len() - 1] {
        refused("d.parquet", &whole[..cut], &[]);
    }
    let with = |at: usize, bytes: &[u8]| {
        let mut broken = whole.clone();
        broken[at..at + bytes.len()].copy_from_slice(bytes);
        broken
    };
    for length in [0_u32, 1, 1 << 20, u32::MAX] {
        refused("d.parquet", with(whole.len() - 8, &length.to_le_bytes()), &["parquet"]);
    }
    let stream = golden("tools.arrow");
    refused("d.arrow", &stream[..4], &["Arrow"]);
    refused("d.arrow", &stream[..stream.len() / 2], &["Arrow", "ends in the middle"]);
    for length in [-1_i32, i32::MAX, 1 << 20, 9] {
        let mut broken = stream.clone();
        broken[4..8].copy_from_slice(&length.to_le_bytes());
        refused("d.arrow", broken, &["Arrow"]);
    }
    // a schema of groups in groups, deeper than the library's stack would bear
    let mut footer = vec![0x15, 0x02, 0x19, 0xFC, 0xC0, 0x9A, 0x0C];
    footer.extend([0x48, 0x01, b'a', 0x15, 0x02, 0x00].repeat(200_000));
    footer.push(0x00);
    let length = u32::try_from(footer.len()).expect("length").to_le_bytes();
    let deep = [b"PAR1".as_slice(), &footer, &length, b"PAR1"].concat();
    refused("d.parquet", deep, &["parquet", "nested 200000 deep"]);
    refused("d.parquet", "x", &["is called .parquet"]);
    refused("d.arrow", "x", &["is called .arrow"]);
}

/// Every byte of small tables in turn made another: rows or one error, and never the end of the program.
#[test]
fn no_byte_of_a_table_brings_a_reader_down() {
    for name in ["pairs.parquet", "pairs.arrow", "variants/zstd.feather"] {
        let whole = golden(name);
        let ending = name.rsplit('.').next().expect("ending");
        let step = (whole.len() / 100).max(1);
        for at in (0..whole.len()).step_by(step) {
            for flip in [0xFF, 0x01] {
                let mut broken = whole.clone();
                broken[at] ^= flip;
                read(&format!("d.{ending}"), broken);
            }
        }
    }
}

#[test]
fn a_folder_is_read_file_by_file() {
    let folder = Folder::new();
    let parts = folder.0.join("parts");
    std::fs::create_dir_all(parts.join("more")).expect("folder");
    let write = |name: &str, content: &str| std::fs::write(parts.join(name), content).expect("write");
    write("b.jsonl", "{\"text\": \"3\"}\n{\"text\": 4}\n");
    write("a.json", "[{\"text\": \"1\"}, {\"text\": \"2\"}]");
    write("README.md", "# About");
    write(".hidden.json", "x");
    write("_part.json", "x");
    let (rows, report) = folder.rows("parts");
    let texts: Vec<(u64, &str)> = rows
        .iter()
        .map(|(n, row)| (*n, row.prompt[0].content.as_str()))
        .collect();
    assert_eq!(texts, [(1, "1"), (2, "2"), (3, "3")]);
    assert_eq!(report.bad_rows[0].row, 4);
    assert_eq!(
        report.bad_rows[0].reason,
        "b.jsonl, row 2: `text` is a number; it must be text"
    );
    let files = ["README.md", "_part.json", "more/"].map(str::to_owned).to_vec();
    assert!(
        report.found.contains(&protocol::data::DataNote::UnusedFiles { files }),
        "{:?}",
        report.found
    );
    let inspection = inspect(&folder.find("parts").expect("entry")).expect("inspect");
    assert_eq!((inspection.rows, inspection.usable), (4, 3));
    assert_eq!(inspection.bytes, 56);
    write("c.csv", "text\n5\n");
    let error = folder.find("parts").expect_err("two types").to_string();
    assert!(error.contains("two types (a.json, c.csv)"), "{error}");
    std::fs::create_dir_all(folder.0.join("empty/data")).expect("folder");
    let error = folder.find("empty").expect_err("no data").to_string();
    assert!(
        error.contains("holds no data file") && error.contains("its folders may: data"),
        "{error}"
    );
}
