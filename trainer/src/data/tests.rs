//! Files of every format, hostile ones among them, and the arithmetic of cut-offs, packing and splits.

mod broken;
mod cells;
mod columns;
mod compared;
mod entries;
mod files;
mod formats;
mod forms;
mod gguf;
mod judged;
mod kept;
mod layouts;
mod loading;
mod marked;
mod mixed;
mod mixture;
mod stored;
mod streamed;
mod tables;
mod tokenized;
mod tokenizers;
mod told;
mod usable;
mod verdicts;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use protocol::config::{DataSpec, Mixing, ValSize, Wording};
use protocol::data::DataKind;
use protocol::event::DataReport;

use super::info::Entry;
use super::rows::Row;
use super::*;
use crate::stage::ppo::PROMPTS;
use crate::stage::{LABELLED, PAIRS, RANKED, conversations, learning, texts};

/// A folder that goes away with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("corral-data-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&path).expect("folder");
        Self(path)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).expect("write");
        path
    }

    fn find(&self, name: &str) -> Result<Entry> {
        info::find(name, &self.0)
    }

    /// Rows and report of a data set.
    fn rows(&self, name: &str) -> (Vec<(u64, Row)>, DataReport) {
        let mut report = DataReport::default();
        let entry = self.find(name).expect("entry");
        let rows = match load_rows(&entry, None, &mut report) {
            Ok(rows) => rows,
            Err(DataError::NoUsableRow { bad, .. }) => {
                report.bad_rows = bad;
                Vec::new()
            }
            Err(e) => panic!("{e}"),
        };
        (rows, report)
    }

    fn spec(&self, dataset: &str) -> DataSpec {
        let names = |list: &str| list.split(',').filter(|n| !n.is_empty()).map(str::to_owned).collect();
        DataSpec {
            dataset: names(dataset),
            eval_dataset: Vec::new(),
            dataset_dir: self.0.display().to_string(),
            cutoff_len: 4096,
            max_samples: None,
            streaming: None,
            mixing: Mixing::Concat,
            val_size: ValSize::None,
            shuffle: true,
            by_length: false,
            order_seed: None,
            wording: Wording::default(),
            tokenized_path: None,
            pair_marks: None,
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The golden tokenizer with a named template.
fn encoder(template: &str) -> Encoder {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/models/llama");
    Encoder::from_dir(&dir, Some(template), Thinking::On).expect("encoder")
}
