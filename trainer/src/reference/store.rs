//! Log-probs of a reference that are computed once before training and kept for later runs.

use super::{Reference, Split, StoredRow, sums_of_pairs};
use crate::batch::{self, hex};
use crate::data::{self, Dataset, PairRows};
use crate::error::{Error, Result};
use crate::loss::RefLogps;
use crate::model::{ForwardOptions, Mode, Model};
use crate::ops::cpu;
use crate::pairs::token_places;
use crate::plan::{DevicePlan, Layout};
use crate::tensors::{HOST, Unwritten};
use crate::{stop, tensors};
use candle_core::Tensor;
use protocol::config::Quantize;
use protocol::pairs::MOST_TOKENS;
use protocol::says;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Log-probs of single tokens in a file, at most, but for those of the run that writes it: enough for some choices of held-out rows.
const MOST_STORED: u64 = 4 * MOST_TOKENS;

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

/// Of which held-out rows those of single tokens are stored too: of those that are given room for them in the run's folder of pairs.
fn stores_tokens(eval: &Dataset) -> Result<Vec<bool>> {
    let mut stores = vec![false; eval.len()];
    let pairs = eval.pairs()?;
    // fewer places than pairs: the folder has no more of them
    for (rows, place) in pairs.iter().zip(token_places(eval, &pairs)?) {
        let rows = match rows {
            PairRows::One(row) => std::slice::from_ref(row),
            PairRows::Unpaired(rows) => &rows[..],
        };
        rows.iter().for_each(|&row| stores[row] = place.is_some());
    }
    Ok(stores)
}

/// What is stored of rows, by their hashes.
type Known = HashMap<[u8; 32], StoredRow>;

/// Adds what was computed of a row. What is known of it already stays: another run may have begun with these very numbers, and is to
/// read them again when it goes on.
fn learn(known: &mut Known, hash: [u8; 32], computed: StoredRow) {
    let StoredRow { sums, tokens } = computed;
    let row = known.entry(hash).or_insert(StoredRow { sums, tokens: None });
    row.tokens = row.tokens.take().or(tokens);
}

/// Lets go of single tokens' log-probs beyond `most`. Those of this run's own rows stay; of the rows that another choice of held-out
/// ones was of, as many as have room beside them.
fn bound(known: &mut Known, own: &HashSet<[u8; 32]>, most: u64) {
    let count = |row: &StoredRow| row.tokens.as_ref().map_or(0, |tokens| tokens.len() as u64);
    let of_own = known.iter().filter(|(hash, _)| own.contains(*hash));
    let mut left = most.saturating_sub(of_own.map(|(_, row)| count(row)).sum());
    let mut others: Vec<_> = known.iter_mut().filter(|(hash, _)| !own.contains(*hash)).collect();
    // in an order that is the same each time, so that runs taking turns let go of the same ones
    others.sort_unstable_by_key(|(hash, _)| **hash);
    for (_, row) in others {
        match left.checked_sub(count(row)) {
            Some(rest) => left = rest,
            None => row.tokens = None,
        }
    }
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
                let keeps = split == Split::Eval && with_tokens[row];
                let tokens = keeps.then(|| scored.logps[places].into());
                learn(&mut known, hashes[row], StoredRow { sums, tokens });
            }
            forwards += 1;
            done += rows.len();
            (scorer.progress)(done as u64, total as u64)?;
        }
    }
    if total > 0 {
        let own = eval_hashes.iter().zip(&with_tokens).filter(|(_, with)| **with);
        bound(&mut known, &own.map(|(hash, _)| *hash).collect(), MOST_STORED);
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

    fn read(&self, train: &[[u8; 32]], eval: &[[u8; 32]]) -> Result<Known> {
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

    fn write(&self, known: &Known) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::TempDir;
    use std::sync::Arc;

    fn row(sum: f64, tokens: Option<&[f32]>) -> StoredRow {
        StoredRow {
            sums: RefLogps {
                chosen: sum,
                rejected: -sum,
            },
            tokens: tokens.map(Arc::from),
        }
    }

    #[test]
    fn what_is_known_of_a_row_stays_and_its_tokens_are_added() {
        let mut known = Known::new();
        let hash = [1; 32];
        learn(&mut known, hash, row(-1.0, None));
        learn(&mut known, hash, row(-1.5, Some(&[-0.5, -0.5])));
        assert_eq!(known[&hash], row(-1.0, Some(&[-0.5, -0.5])));
        learn(&mut known, hash, row(-2.0, Some(&[-0.25, -0.75])));
        learn(&mut known, hash, row(-3.0, None));
        assert_eq!(known[&hash], row(-1.0, Some(&[-0.5, -0.5])));
    }

    #[test]
    fn tokens_of_another_choice_of_held_out_rows_stay_as_far_as_there_is_room() {
        let all: Known = (0..4u8)
            .map(|n| ([n; 32], row(f64::from(n), Some(&[-1.0, -2.0]))))
            .collect();
        let own = HashSet::from([[3; 32]]);
        let kept = |most| {
            let mut known = all.clone();
            bound(&mut known, &own, most);
            assert!(known.iter().all(|(hash, row)| row.sums == all[hash].sums));
            [0, 1, 2, 3u8].map(|n| known[&[n; 32]].tokens.is_some())
        };
        assert_eq!(kept(8), [true; 4]);
        assert_eq!(kept(7), [true, true, false, true]);
        assert_eq!(kept(4), [true, false, false, true]);
        assert_eq!(kept(0), [false, false, false, true]);
    }

    #[test]
    fn rows_are_read_as_they_were_written_whatever_the_split() {
        let dir = TempDir::new();
        let store = LogpCache {
            folder: dir.path().join("reference"),
        };
        let known = Known::from([
            ([1; 32], row(-1.0, Some(&[-0.5, -0.5]))),
            ([2; 32], row(-2.0, None)),
            ([3; 32], row(-3.0, Some(&[-3.0]))),
        ]);
        store.write(&known).expect("written");
        let [a, b, c] = [[1; 32], [2; 32], [3; 32]];
        assert_eq!(store.read(&[a, b], &[c]).expect("read"), known);
        assert_eq!(store.read(&[c], &[b, a]).expect("read"), known);
        assert!(store.read(&[a], &[]).expect("no file").is_empty());
    }
}
