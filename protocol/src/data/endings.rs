//! How names of data files end: the types that are read, and how texts among them may be packed.

/// What a data file holds. Files of one kind may lie in one folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// One value, or one a line.
    Json,
    Csv,
    Tsv,
    /// Lines of plain text.
    Text,
    Parquet,
    Arrow,
}

/// Every ending that a data file has.
const ENDINGS: [(&str, FileKind); 9] = [
    ("json", FileKind::Json),
    ("jsonl", FileKind::Json),
    ("ndjson", FileKind::Json),
    ("csv", FileKind::Csv),
    ("tsv", FileKind::Tsv),
    ("txt", FileKind::Text),
    ("parquet", FileKind::Parquet),
    ("arrow", FileKind::Arrow),
    ("feather", FileKind::Arrow),
];
/// Endings behind those of text, of what it is packed by.
const PACKINGS: [&str; 2] = ["gz", "zst"];

impl FileKind {
    /// What files of an ending in small letters hold; `None`: no data.
    pub fn of(ending: &str) -> Option<Self> {
        let found = ENDINGS.iter().find(|(known, _)| *known == ending);
        found.map(|(_, kind)| *kind)
    }

    /// Whether it is text, which may be packed.
    pub fn is_text(self) -> bool {
        !matches!(self, Self::Parquet | Self::Arrow)
    }
}

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
        Some(packing) if FileKind::of(ending)?.is_text() => Some(format!("{ending}.{packing}")),
        None if FileKind::of(ending).is_some() => Some(ending.to_owned()),
        _ => None,
    }
}

/// All whole endings, each with its dot, as an upload's picker takes them: `.json`, …, `.gz`.
pub fn endings() -> impl Iterator<Item = String> {
    let all = ENDINGS.into_iter().map(|(ending, _)| ending).chain(PACKINGS);
    all.map(|ending| format!(".{ending}"))
}

/// The same for people: those of text, of what it may be packed by, and of tables that are no text.
pub fn endings_by_kind() -> [String; 3] {
    let list = |endings: Vec<&str>| {
        endings
            .iter()
            .map(|ending| format!(".{ending}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (texts, tables): (Vec<_>, Vec<_>) = ENDINGS.iter().partition(|(_, kind)| kind.is_text());
    let names = |all: Vec<(&'static str, FileKind)>| all.into_iter().map(|(ending, _)| ending).collect();
    [list(names(texts)), list(PACKINGS.to_vec()), list(names(tables))]
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
