//! The reference model's log-probs: computed beside each batch, or once before training and kept for later runs.

use crate::batch::{self, hex};
use crate::data::{self, Dataset};
use crate::error::{Error, Result};
use crate::loss::RefLogps;
use crate::model::{DeviceScores, ForwardOptions, Mode, Model, Scored};
use crate::ops::cpu;
use crate::plan::{DevicePlan, Layout, Plan};
use crate::tensors::{HOST, Unwritten};
use crate::{stop, tensors};
use candle_core::Tensor;
use protocol::config::Quantize;
use protocol::pairs::MOST_TOKENS;
use protocol::says;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
        train: Vec<StoredRow>,
        eval: Vec<StoredRow>,
        forwards: u64,
    },
}

/// What is stored of a row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredRow {
    pub sums: RefLogps,
    /// Of single tokens, sequence by sequence; `None`: they are not kept.
    tokens: Option<Arc<[f32]>>,
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
                ReferenceScores::Known(rows.iter().map(|&row| of[row].clone()).collect())
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
    Known(Vec<StoredRow>),
    OnDevice(DeviceScores),
}

/// The reference's log-probs of a batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReferenceLogps {
    /// Of each row's replies.
    pub sums: Vec<RefLogps>,
    /// Of single tokens, in the places of the policy's, and not a number where one is not known; empty: none is.
    pub tokens: Vec<f32>,
}

impl ReferenceLogps {
    fn stored(rows: &[StoredRow], plan: &Plan) -> Self {
        let sums = rows.iter().map(|row| row.sums).collect();
        if rows.iter().all(|row| row.tokens.is_none()) {
            return Self { sums, tokens: vec![] };
        }
        let mut tokens = vec![];
        for (i, row) in rows.iter().enumerate() {
            let count = plan.sequence_rows(2 * i).len() + plan.sequence_rows(2 * i + 1).len();
            match &row.tokens {
                Some(known) if known.len() == count => tokens.extend_from_slice(known),
                _ => tokens.resize(tokens.len() + count, f32::NAN),
            }
        }
        Self { sums, tokens }
    }
}

impl ReferenceScores {
    /// Brings the policy's scores of the plan to the host and these with them, with one wait.
    pub fn read_with(self, policy: DeviceScores, plan: &Plan) -> Result<(Scored, Option<ReferenceLogps>)> {
        Ok(match self {
            Self::None => (policy.read()?, None),
            Self::Known(rows) => (policy.read()?, Some(ReferenceLogps::stored(&rows, plan))),
            Self::OnDevice(reference) => {
                let [policy, reference] = DeviceScores::read_together([policy, reference])?;
                let sums = sums_of_pairs(plan, &reference);
                let tokens = reference.logps;
                (policy, Some(ReferenceLogps { sums, tokens }))
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

/// Of which held-out rows those of single tokens are stored too: from the first one on, as far as the bound of a run's pairs reaches.
fn stores_tokens(eval: &Dataset) -> Result<Vec<bool>> {
    let mut end = 0;
    let one = |row| {
        end += u64::from(eval.tokens(row)?);
        Ok(end <= MOST_TOKENS)
    };
    (0..eval.len()).map(one).collect()
}

/// Log-probs of all rows, read from the store or computed and stored.
pub fn precompute(store: &LogpCache, train: &Dataset, eval: &Dataset, scorer: Scorer) -> Result<Reference> {
    let hashes = |of: &Dataset| (0..of.len()).map(|row| of.hash(row)).collect::<data::Result<Vec<_>>>();
    let (train_hashes, eval_hashes) = (hashes(train)?, hashes(eval)?);
    let mut known = store.read(&train_hashes, &eval_hashes)?;
    let with_tokens = stores_tokens(eval)?;
    let lacks = |hash: &[u8; 32], tokens: bool| known.get(hash).is_none_or(|row| tokens && row.tokens.is_none());
    let missing = |hashes: &[[u8; 32]], tokens: &dyn Fn(usize) -> bool| {
        let rows = 0..hashes.len();
        rows.filter(|&row| lacks(&hashes[row], tokens(row))).collect()
    };
    let work = [
        (Split::Train, missing(&train_hashes, &|_| false), train, &train_hashes),
        (
            Split::Eval,
            missing(&eval_hashes, &|row| with_tokens[row]),
            eval,
            &eval_hashes,
        ),
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
            for (i, (&row, sums)) in rows.iter().zip(sums_of_pairs(&plan.host, &scored)).enumerate() {
                let places = plan.host.sequence_rows(2 * i).start..plan.host.sequence_rows(2 * i + 1).end;
                let stored = known.entry(hashes[row]).or_default();
                stored.sums = sums;
                if split == Split::Eval && with_tokens[row] {
                    stored.tokens = Some(scored.logps[places].into());
                }
            }
            forwards += 1;
            done += rows.len();
            (scorer.progress)(done as u64, total as u64)?;
        }
    }
    if total > 0 {
        // rows that another choice of held-out ones was of keep their sums alone
        let held = eval_hashes.iter().zip(&with_tokens).filter(|(_, with)| **with);
        let held: HashSet<_> = held.map(|(hash, _)| *hash).collect();
        let others = known.iter_mut().filter(|(hash, _)| !held.contains(*hash));
        others.for_each(|(_, row)| row.tokens = None);
        store.write(&known)?;
    }
    let pick = |hashes: &[[u8; 32]]| hashes.iter().map(|h| known[h].clone()).collect();
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
        // "tokens": the files have those of single tokens too
        hash.update(format!("{} {:?} tokens", env!("CARGO_PKG_VERSION"), cpu::level()));
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

    fn read(&self, train: &[[u8; 32]], eval: &[[u8; 32]]) -> Result<HashMap<[u8; 32], StoredRow>> {
        let path = self.file(train, eval);
        if !path.exists() {
            return Ok(HashMap::new());
        }
        let damaged = || Error::file(&path, says::damaged_store());
        let saved = tensors::read(&path, &HOST)?;
        let of = |name: &str| saved.get(name).ok_or_else(damaged);
        let rows = of("rows")?.to_vec2::<u8>().map_err(|_| damaged())?;
        let logps = of("logps")?.to_vec2::<f64>().map_err(|_| damaged())?;
        let counts = of("counts")?.to_vec1::<u32>().map_err(|_| damaged())?;
        let tokens = of("tokens")?.to_vec1::<f32>().map_err(|_| damaged())?;
        let (mut known, mut rest) = (HashMap::new(), &tokens[..]);
        for ((row, logps), count) in rows.into_iter().zip(logps).zip(counts) {
            let (Ok(row), &[chosen, rejected]) = (<[u8; 32]>::try_from(row), &logps[..]) else {
                return Err(damaged());
            };
            let (own, others) = rest.split_at_checked(count as usize).ok_or_else(damaged)?;
            rest = others;
            let stored = StoredRow {
                sums: RefLogps { chosen, rejected },
                tokens: (count > 0).then(|| own.into()),
            };
            known.insert(row, stored);
        }
        Ok(known)
    }

    fn write(&self, known: &HashMap<[u8; 32], StoredRow>) -> Result<()> {
        let mut rows: Vec<_> = known.iter().collect();
        rows.sort_by_key(|(hash, _)| **hash);
        let hashes: Vec<[u8; 32]> = rows.iter().map(|(hash, _)| **hash).collect();
        let logps: Vec<f64> = rows
            .iter()
            .flat_map(|(_, row)| [row.sums.chosen, row.sums.rejected])
            .collect();
        let tokens_of = |row: &StoredRow| row.tokens.clone().unwrap_or_default();
        let counts: Vec<u32> = rows.iter().map(|(_, row)| tokens_of(row).len() as u32).collect();
        let tokens: Vec<f32> = rows.iter().flat_map(|(_, row)| tokens_of(row).to_vec()).collect();
        let path = self.file(&hashes, &[]);
        std::fs::create_dir_all(&self.folder).map_err(Error::io(&self.folder))?;
        let beside = path.with_extension(format!("{}.tmp", std::process::id()));
        let (rows, all) = (rows.len(), tokens.len());
        let tensors = [
            ("rows", Tensor::from_vec(hashes.concat(), (rows, 32), &HOST)?),
            ("logps", Tensor::from_vec(logps, (rows, 2), &HOST)?),
            // of single tokens, row after row
            ("counts", Tensor::from_vec(counts, rows, &HOST)?),
            ("tokens", Tensor::from_vec(tokens, all, &HOST)?),
        ];
        tensors::write(
            &beside,
            &tensors.map(|(name, tensor)| Unwritten::from((name.to_owned(), tensor))),
        )?;
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
