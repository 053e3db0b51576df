//! Merged checkpoints: a model with its adapters folded in, as a folder that stands alone.

use crate::error::{Error, Result};
use crate::folder::{self, Origin, Source};
use crate::model::saved_head;
use crate::ops::Engine;
use crate::session::{encoder, load_frozen};
use crate::tensors::Unwritten;
use crate::weights::Weights;
use crate::{export, files, stop, tensors};
use candle_core::DType;
use protocol::config::Wording;
use protocol::{Said, says};
use std::path::{Path, PathBuf};

/// What is written beside the weights as they are, and where it is worked out.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    pub engine: &'a Engine,
    /// Bytes of a weight file at most.
    pub shard_bytes: u64,
    /// Blocks to put between the model's own (LLaMA Pro).
    pub expand: Option<usize>,
    /// Of the weights; as they are stored where none is said.
    pub dtype: Option<DType>,
    /// What the model is called in its card.
    pub name: &'a str,
}

/// What a merge and what is made of it later put into a folder; anything else there is somebody's own.
const OURS: [&str; 5] = ["json", "safetensors", "jinja", "model", "gguf"];
/// What only a checkpoint of a run has.
const OF_TRAINING: [&str; 2] = ["state.json", "optimizer.safetensors"];
const OURS_BY_NAME: [&str; 6] = [
    "merges.txt",
    "vocab.txt",
    "qwen.tiktoken",
    "Modelfile",
    "README.md",
    "SHA256SUMS",
];

/// Whether `out` may give way to a merged model: it is not there, empty, or an earlier merge and nothing else, and none
/// of what is read now.
pub fn replaceable(out: &Path, read: &[PathBuf]) -> Result<()> {
    files::check_out_folder(out)?;
    let Ok(entries) = out.read_dir() else { return Ok(()) };
    let same = |path: &Path| matches!((path.canonicalize(), out.canonicalize()), (Ok(a), Ok(b)) if a.starts_with(&b));
    for path in read {
        if same(path) {
            return Err(Error::file(out, says::out_is_merged(path)));
        }
    }
    let mut empty = true;
    for entry in entries {
        let path = entry.map_err(Error::io(out))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let trained = OF_TRAINING.contains(&name.as_ref());
        let ours = path
            .extension()
            .is_some_and(|end| OURS.iter().any(|known| end == *known));
        if path.is_dir() || trained || !(ours || OURS_BY_NAME.contains(&name.as_ref())) {
            return Err(Error::file(out, says::out_holds_others(name.as_ref())));
        }
        empty = false;
    }
    // every merge leaves a file that says what it was made of
    match empty || out.join(folder::ORIGIN).is_file() {
        true => Ok(()),
        false => Err(Error::file(out, says::out_not_empty())),
    }
}

/// A folder to be written that may be.
pub struct Target {
    out: PathBuf,
}

impl Target {
    /// # Errors
    /// `out` holds something that no merge made, or what is read.
    pub fn of(out: &Path, weights: &Weights) -> Result<Self> {
        // a link stays one: what it leads to is written
        let out = match out.is_symlink() {
            true => out.canonicalize().map_err(Error::io(out))?,
            false => out.to_owned(),
        };
        let read: Vec<PathBuf> = weights.adapters.iter().chain([&weights.base]).cloned().collect();
        replaceable(&out, &read)?;
        let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(Error::io(parent))?;
        Ok(Self { out })
    }

    /// Writes it, whole or not at all.
    pub fn fill<T>(&self, fill: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
        files::folder_atomic(&self.out, fill)
    }
}

/// The weights as they are merged. Trained on weights packed while loading, the adapter goes into the folder's own, as
/// LLaMA-Factory exports it; but LoftQ's makes up for what packing takes off them.
pub fn merged(weights: &Weights) -> Weights {
    Weights {
        quantize: weights.quantize.filter(|_| weights.loftq.is_some()),
        ..weights.clone()
    }
}

/// What a person should know where an adapter goes into other weights than it was trained on.
pub fn into_stored(weights: &Weights) -> Option<Said> {
    let packed = weights
        .quantize
        .filter(|_| weights.loftq.is_none() && !weights.adapters.is_empty())?;
    Some(says::merged_into_stored(packed.bits()))
}

/// Writes `weights` to `out`, whole or not at all; quantized weights are dequantized first. `progress` is
/// told how many weights of how many are done. Gives what a person should know.
///
/// # Errors
/// `out` holds something that is not a merged model, or anything a load or a write can fail of.
pub fn merge(
    weights: &Weights,
    wording: &Wording,
    shape: Shape<'_>,
    out: &Path,
    mut progress: impl FnMut(u64, u64) -> Result<()>,
) -> Result<Vec<Said>> {
    let target = Target::of(out, weights)?;
    let encoder = encoder(weights, &weights.worded(wording), true)?;
    let mut model = load_frozen(&merged(weights), shape.engine)?;
    let quantized = model.quantized();
    let plain = quantized.map(|(formats, _)| says::merged_is_plain(formats.join(", ")));
    let told = plain.into_iter().chain(into_stored(weights)).collect();
    if let Some(count) = shape.expand {
        model.expand(count)?;
    }
    let source = Source {
        model: &model,
        base: &weights.base,
        words: &weights.words(),
        encoder: Some(&encoder),
        dtype: shape.dtype,
    };
    target.fill(|dir| {
        folder::write(dir, &source, shape.shard_bytes, |_, done, total| {
            stop::check()?;
            progress(done as u64, total as u64)
        })?;
        let expects = weights.value_head().is_some() && !weights.scores()?;
        if let Some(head) = weights.value_head() {
            let head: Vec<_> = saved_head(&head, &tensors::HOST)?
                .into_iter()
                .map(Unwritten::from)
                .collect();
            tensors::write(&dir.join(folder::VALUE_HEAD), &head)?;
        }
        let origin = Origin {
            base: weights.base_name.clone(),
            adapters: vec![],
            wording: encoder.wording(),
            moment: None,
            quantize: None,
            rope: None,
            expects,
        };
        origin.write(dir)?;
        export::finish_merged(dir, weights, &encoder, model.config().max_positions, shape.name)
    })?;
    Ok(told)
}
