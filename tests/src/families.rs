//! The families of models that train, a row each, and what their golden folders show of them: the README's table and
//! `make families`.

use crate::programs::root;
use protocol::decoder::{BASES, Base, Extent, LEFT_OUT, ModelSpec, families};
use serde_json::Value;

/// A family as its architecture names it.
pub struct Row {
    pub models: &'static str,
    pub architecture: &'static str,
    /// What its blocks have that Llama's have not, in any of its folders.
    pub differences: Vec<String>,
    /// Folders of golden numbers.
    pub folders: Vec<String>,
    /// The forms that its frozen base may be stored in, and what of it.
    pub bases: Vec<(Base, Extent)>,
}

impl Row {
    /// Its bases in few words: those of single layers together.
    fn bases(&self) -> String {
        let mut all: Vec<&str> = self
            .bases
            .iter()
            .filter(|(base, extent)| base.holds_stacks() && *extent == Extent::All)
            .map(|(base, _)| base.name())
            .collect();
        let of_layers = |wanted| {
            let mut own = self.bases.iter().filter(|(base, _)| !base.holds_stacks());
            own.all(|(_, extent)| *extent == wanted)
        };
        if of_layers(Extent::All) {
            all.push("layers");
        } else if of_layers(Extent::AllButExperts) {
            all.push("layers but experts");
        }
        all.join(", ")
    }
}

/// The forms of single layers, for the README.
pub fn of_layers() -> String {
    let own = BASES.iter().filter(|base| !base.holds_stacks());
    own.map(|base| base.name()).collect::<Vec<_>>().join(", ")
}

/// All of them, in the order they are known in.
pub fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = vec![];
    for family in families() {
        if rows.iter().all(|row| row.architecture != family.architecture) {
            rows.push(Row {
                models: family.models,
                architecture: family.architecture,
                differences: vec![],
                folders: vec![],
                bases: BASES.iter().map(|base| (*base, base.extent(family))).collect(),
            });
        }
    }
    for (folder, config) in golden() {
        let named = |row: &&mut Row| config["architectures"][0] == row.architecture;
        let Some(row) = rows.iter_mut().find(named) else {
            continue;
        };
        row.folders.push(folder);
        let model = config.as_object().and_then(|config| ModelSpec::parse(config).ok());
        for what in model.map(|model| model.decoder.differences()).unwrap_or_default() {
            if !row.differences.contains(&what) {
                row.differences.push(what);
            }
        }
    }
    rows
}

/// The golden folders by name, with what their configurations say.
fn golden() -> Vec<(String, Value)> {
    let golden = root().join("tests/golden");
    let within = |folder: &str| {
        let entries = std::fs::read_dir(golden.join(folder))
            .expect("golden folders")
            .flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| path.join("expected.json").is_file())
    };
    let mut folders: Vec<_> = within("families").chain(within("models")).collect();
    folders.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read(path.join("config.json")).expect("a golden folder has a config.json");
        let config: Value = serde_json::from_slice(&text).expect("which is JSON");
        Some((path.file_name()?.to_string_lossy().into_owned(), config))
    };
    folders.iter().filter_map(read).collect()
}

/// The README's table.
pub fn markdown() -> String {
    let mut out = format!(
        "A base of single `layers` is a folder of one of these: {}.\n\n",
        of_layers()
    );
    out.push_str("| models | `architectures` | bases | beside Llama's block |\n| --- | --- | --- | --- |\n");
    for row in rows() {
        let differences = match row.differences.is_empty() {
            true => "–".to_owned(),
            false => row.differences.join(", "),
        };
        out.push_str(&format!(
            "| {} | `{}` | {} | {differences} |\n",
            row.models,
            row.architecture,
            row.bases()
        ));
    }
    for left_out in LEFT_OUT {
        out.push_str(&format!(
            "| {} | `{}` | – | left out: {} |\n",
            left_out.models,
            left_out.architecture,
            (left_out.why)().message
        ));
    }
    out
}
