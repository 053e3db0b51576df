//! The reference model's log-probs: computed beside each batch, or once before training and kept for later runs.

use crate::batch::{self, hex};
use crate::data::{self, Dataset};
use crate::error::{Error, Result};
use crate::loss::RefLogps;
use crate::model::{DeviceScores, ForwardOptions, Mode, Model, Scored};
use crate::ops::cpu;
use crate::plan::{DevicePlan, Layout, Plan};
use crate::tensors::Unwritten;
use crate::{stop, tensors};
use candle_core::{Device, Tensor};
use protocol::config::Quantize;
use protocol::says;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Where the reference's log-probs come from.
pub enum Reference {
    /// The loss needs none.
    None,
    /// The weights the run started from, which the trained model keeps beside its own.
    Start { forwards: u64 },
    /// Another model.
    Model { model: Box<Model>, forwards: u64 },
    /// Stored, by the hash of a row.
    Stored {
        train: Vec<RefLogps>,
        eval: Vec<RefLogps>,
        forwards: u64,
    },
}

/// Which rows are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    Train,
    Eval,
}

impl Split {
    /// What passes over its rows are for, the reference's as the policy's.
    pub fn mode(self) -> Mode {
        match self {
            Self::Train => Mode::Training,
            Self::Eval => Mode::Inference,
        }
    }
}

impl Reference {
    /// What is known of a batch's pairs, computed or begun to be. `plan` is the plan of `rows`.
    pub fn scores(
        &mut self,
        model: &mut Model,
        plan: &DevicePlan,
        split: Split,
        rows: &[usize],
    ) -> Result<ReferenceScores> {
        Ok(match self {
            Self::None => ReferenceScores::None,
            Self::Start { .. } | Self::Model { .. } => {
                ReferenceScores::OnDevice(self.pass(model, plan, split.mode())?)
            }
            Self::Stored { train, eval, .. } => {
                let of = if split == Split::Train { train } else { eval };
                ReferenceScores::Known(rows.iter().map(|&row| of[row]).collect())
            }
        })
    }

    /// A pass of the reference over a plan, which no store holds.
    pub fn pass(&mut self, model: &mut Model, plan: &DevicePlan, mode: Mode) -> Result<DeviceScores> {
        let (model, options) = match self {
            Self::Model { model, forwards } => {
                *forwards += 1;
                (&mut **model, ForwardOptions::policy())
            }
            Self::Start { forwards } => {
                *forwards += 1;
                (model, ForwardOptions::reference())
            }
            Self::None | Self::Stored { .. } => (model, ForwardOptions::reference()),
        };
        model.forward_on_device(plan, options.within(mode))
    }

    /// Forward passes of the reference so far.
    pub fn forwards(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Start { forwards } | Self::Model { forwards, .. } | Self::Stored { forwards, .. } => *forwards,
        }
    }
}

/// The reference's log-probs of a batch before they are asked for.
pub enum ReferenceScores {
    /// The loss needs none.
    None,
    Known(Vec<RefLogps>),
    OnDevice(DeviceScores),
}

impl ReferenceScores {
    /// Brings the policy's scores of the plan to the host and these with them, with one wait.
    pub fn read_with(self, policy: DeviceScores, plan: &Plan) -> Result<(Scored, Option<Vec<RefLogps>>)> {
        Ok(match self {
            Self::None => (policy.read()?, None),
            Self::Known(known) => (policy.read()?, Some(known)),
            Self::OnDevice(reference) => {
                let [policy, reference] = DeviceScores::read_together([policy, reference])?;
                let sums = sums_of_pairs(plan, &reference);
                (policy, Some(sums))
            }
        })
    }
}

/// Summed log-probs of a plan of pairs.
fn sums_of_pairs(plan: &Plan, scored: &Scored) -> Vec<RefLogps> {
    let sums = plan.sum_by_sequence(&scored.logps);
    let pair = |s: &[f64]| RefLogps {
        chosen: s[0],
        rejected: s[1],
    };
    sums.chunks_exact(2).map(pair).collect()
}

/// What computes log-probs that are to be stored.
pub struct Scorer<'a> {
    pub model: &'a mut Model,
    /// The pass that is the reference.
    pub options: ForwardOptions,
    /// Pairs in a batch.
    pub batch: usize,
    /// Told how many rows of how many are done.
    pub progress: &'a mut dyn FnMut(u64, u64) -> Result<()>,
}

/// Log-probs of all rows, read from the store or computed and stored.
pub fn precompute(store: &LogpCache, train: &Dataset, eval: &Dataset, scorer: Scorer) -> Result<Reference> {
    let hashes = |of: &Dataset| (0..of.len()).map(|row| of.hash(row)).collect::<data::Result<Vec<_>>>();
    let (train_hashes, eval_hashes) = (hashes(train)?, hashes(eval)?);
    let mut known = store.read(&train_hashes, &eval_hashes)?;
    let missing = |hashes: &[[u8; 32]]| (0..hashes.len()).filter(|&i| !known.contains_key(&hashes[i])).collect();
    let work = [
        (Split::Train, missing(&train_hashes), train, &train_hashes),
        (Split::Eval, missing(&eval_hashes), eval, &eval_hashes),
    ];
    let total: usize = work
        .iter()
        .map(|(_, rows, ..): &(_, Vec<usize>, _, _)| rows.len())
        .sum();
    let (mut forwards, mut done) = (0, 0);
    for (split, rows, dataset, hashes) in work {
        let mode = split.mode();
        let layout = Layout {
            turns_past: scorer.model.turns_past().filter(|_| mode == Mode::Inference),
            ..Layout::default()
        };
        for rows in rows.chunks(scorer.batch) {
            stop::check()?;
            let plan = batch::plan(&dataset.read(rows)?, layout)?;
            let plan = DevicePlan::new(scorer.model.engine(), plan)?;
            let scored = scorer.model.forward(&plan, scorer.options.within(mode))?;
            let logps = sums_of_pairs(&plan.host, &scored);
            known.extend(rows.iter().map(|&i| hashes[i]).zip(logps));
            forwards += 1;
            done += rows.len();
            (scorer.progress)(done as u64, total as u64)?;
        }
    }
    if total > 0 {
        store.write(&known)?;
    }
    let pick = |hashes: &[[u8; 32]]| hashes.iter().map(|h| known[h]).collect();
    Ok(Reference::Stored {
        train: pick(&train_hashes),
        eval: pick(&eval_hashes),
        forwards,
    })
}

/// Stored log-probs of one reference model: files named by the rows in them. A row's hash is that of its token ids, so
/// template and cut-off are in it.
pub struct LogpCache {
    folder: PathBuf,
}

impl LogpCache {
    /// `weights` are the folders the reference is made of, in order: the model, then adapters; `made` is what else its
    /// numbers depend on. So are this program and the processor's kind: a policy that has not moved yet has its reference's
    /// log-probs to the last bit, or rewards begin beside zero.
    pub fn new(cache: &Path, weights: &[PathBuf], made: &str) -> Result<Self> {
        let mut hash = Sha256::new();
        hash.update(format!("{} {:?}", env!("CARGO_PKG_VERSION"), cpu::level()));
        hash.update(made);
        for folder in weights {
            hash_folder(folder, &mut hash)?;
        }
        Ok(Self {
            folder: cache.join("reference").join(hex(&hash.finalize()[..16])),
        })
    }

    /// The store of the same folders packed in another way while loading.
    pub fn packed(mut self, how: Option<Quantize>) -> Self {
        self.folder
            .extend(how.map(|how| format!("{how:?}").to_lowercase().replace([' ', ':', ','], "-")));
        self
    }

    fn file(&self, train: &[[u8; 32]], eval: &[[u8; 32]]) -> PathBuf {
        let mut all: Vec<_> = train.iter().chain(eval).collect();
        all.sort();
        all.dedup();
        let mut hash = Sha256::new();
        all.iter().for_each(|h| hash.update(h));
        self.folder.join(format!("{}.safetensors", hex(&hash.finalize()[..16])))
    }

    fn read(&self, train: &[[u8; 32]], eval: &[[u8; 32]]) -> Result<HashMap<[u8; 32], RefLogps>> {
        let path = self.file(train, eval);
        if !path.exists() {
            return Ok(HashMap::new());
        }
        let damaged = || Error::file(&path, says::damaged_store());
        let saved = tensors::read(&path, &Device::Cpu)?;
        let (rows, logps) = saved.get("rows").zip(saved.get("logps")).ok_or_else(damaged)?;
        let rows = rows.to_vec2::<u8>().map_err(|_| damaged())?;
        let logps = logps.to_vec2::<f64>().map_err(|_| damaged())?;
        rows.into_iter()
            .zip(logps)
            .map(|(row, logps)| match (<[u8; 32]>::try_from(row), &logps[..]) {
                (Ok(row), &[chosen, rejected]) => Ok((row, RefLogps { chosen, rejected })),
                _ => Err(damaged()),
            })
            .collect()
    }

    fn write(&self, known: &HashMap<[u8; 32], RefLogps>) -> Result<()> {
        let mut rows: Vec<_> = known.iter().collect();
        rows.sort_by_key(|(hash, _)| **hash);
        let hashes: Vec<[u8; 32]> = rows.iter().map(|(hash, _)| **hash).collect();
        let logps: Vec<f64> = rows.iter().flat_map(|(_, l)| [l.chosen, l.rejected]).collect();
        let path = self.file(&hashes, &[]);
        std::fs::create_dir_all(&self.folder).map_err(Error::io(&self.folder))?;
        let beside = path.with_extension(format!("{}.tmp", std::process::id()));
        let flat = Tensor::from_vec(hashes.concat(), (rows.len(), 32), &Device::Cpu)?;
        let logps = Tensor::from_vec(logps, (rows.len(), 2), &Device::Cpu)?;
        let tensors = [("rows".to_owned(), flat), ("logps".to_owned(), logps)];
        tensors::write(&beside, &tensors.map(Unwritten::from))?;
        std::fs::rename(&beside, &path).map_err(Error::io(&path))
    }
}

/// The content of the files a model or adapter is made of.
fn hash_folder(folder: &Path, hash: &mut Sha256) -> Result<()> {
    let entries = match folder.is_file() {
        // a GGUF file
        true => None,
        false => Some(std::fs::read_dir(folder).map_err(Error::io(folder))?),
    };
    let mut files: Vec<_> = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let weights =
                (name.ends_with(".safetensors") || name.ends_with(".gguf")) && name != "optimizer.safetensors";
            weights || name == "config.json" || name == crate::peft::CONFIG
        })
        .collect();
    files.sort();
    files.extend(folder.is_file().then(|| folder.to_owned()));
    for path in files {
        let mut file = crate::files::open(&path)?;
        let mut one = Sha256::new();
        std::io::copy(&mut file, &mut one).map_err(Error::io(&path))?;
        hash.update(one.finalize());
    }
    Ok(())
}
