//! How names of data files end: the types that are read, and how texts among them may be packed.

/// Endings of text, which may be packed.
pub const TEXTS: [&str; 6] = ["json", "jsonl", "ndjson", "csv", "tsv", "txt"];
/// Endings of tables that are no text.
pub const TABLES: [&str; 3] = ["parquet", "arrow", "feather"];
/// Endings behind those of text, of what it is packed by.
pub const PACKINGS: [&str; 2] = ["gz", "zst"];

/// The ending of a name in small letters, and behind it that of what the file is packed by.
pub fn ending(name: &str) -> (&str, Option<&'static str>) {
    let of = |name: &str| name.rsplit_once('.').map_or(0, |(stem, _)| stem.len() + 1);
    let last = name.get(of(name)..).unwrap_or_default();
    let Some(packing) = PACKINGS.into_iter().find(|packing| *packing == last) else {
        return (if of(name) == 0 { "" } else { last }, None);
    };
    let inner = name.get(..name.len() - packing.len() - 1).unwrap_or_default();
    (ending(inner).0, Some(packing))
}

/// The whole ending of a data file's name, `jsonl.gz`; `None`: it is called as no data file is.
pub fn data_ending(name: &str) -> Option<String> {
    let name = name.to_lowercase();
    let (ending, packing) = ending(&name);
    match packing {
        Some(packing) if TEXTS.contains(&ending) => Some(format!("{ending}.{packing}")),
        None if TEXTS.contains(&ending) || TABLES.contains(&ending) => Some(ending.to_owned()),
        _ => None,
    }
}

/// All whole endings, each with its dot, as an upload's picker takes them: `.json`, …, `.gz`.
pub fn endings() -> impl Iterator<Item = String> {
    let all = TEXTS.into_iter().chain(TABLES).chain(PACKINGS);
    all.map(|ending| format!(".{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_told_with_what_packs_them() {
        for (name, parts, whole) in [
            ("rows.jsonl", ("jsonl", None), Some("jsonl")),
            ("rows.v2.JSONL.gz", ("JSONL", Some("gz")), Some("jsonl.gz")),
            ("rows.csv.zst", ("csv", Some("zst")), Some("csv.zst")),
            ("rows.parquet", ("parquet", None), Some("parquet")),
            ("rows.parquet.gz", ("parquet", Some("gz")), None),
            ("rows.gz", ("", Some("gz")), None),
            ("rows", ("", None), None),
            (".gz", ("", Some("gz")), None),
            ("README.md", ("md", None), None),
            ("", ("", None), None),
        ] {
            assert_eq!(ending(name), parts, "{name}");
            assert_eq!(data_ending(name).as_deref(), whole, "{name}");
        }
        assert!(endings().any(|ending| ending == ".parquet"));
    }
}
