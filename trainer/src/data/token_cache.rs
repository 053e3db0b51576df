//! The token cache: a run's tokenized rows are looked for before they are made, in `tokenized_path`, or in the cache
//! folder under a hash of all that they depend on.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use protocol::config::{DataSpec, Mixing};
use protocol::says;
use sha2::{Digest, Sha256};

use super::error::{DataError, Result};
use super::info;
use super::intake::Intake;
use super::load::{Loader, Part};
use super::source::Watch;
use super::store::kept::{DataSetOrigin, Manifest, Origin, PendingFolder, since_epoch, sweep, sweep_half_done};
use super::store::{CACHE, Place, Store};
use super::template::Encoder;
use crate::batch::hex;
use crate::files;

/// The config key that names the folder.
const TOKENIZED_PATH: &str = "tokenized_path";

/// How many bytes of tokens the cache keeps at most, beside those being made: of some fifty data sets of a gigabyte of
/// text each.
const MAX_BYTES: u64 = 50 << 30;

/// Which of a run's tokenized rows are in `tokenized_path`.
#[derive(Debug, Clone, Copy, Default)]
pub struct CachedTokens {
    /// How many units there are to train on and to hold out of: rows, or groups of rows that stay together. Counting
    /// stops once `val_size` can't hold all of them out. `None` if they are not cached.
    pub train: Option<usize>,
    /// Whether the evaluation rows are cached.
    pub eval: bool,
}

/// Looks for a run's tokenized rows in `tokenized_path`, as loading will.
///
/// # Errors
/// Loading would refuse the folder.
pub fn cached_tokens(spec: &DataSpec, intake: Intake, seed: u64, encoder: &Encoder) -> Result<CachedTokens> {
    if spec.tokenized_path.is_none() {
        return Ok(CachedTokens::default());
    }
    Loader::new(spec, seed, encoder, &Place::default(), Watch::none()).cached_tokens(intake)
}

/// The folder of a run's tokenized rows, whether they are there or not.
pub(super) struct TokenCache {
    pub folder: PathBuf,
    pub origin: Origin,
    /// The config names it (`tokenized_path`).
    pub asked: bool,
}

impl TokenCache {
    /// Where the tokens of the data sets `names` are kept; `None` if they are so few that making them takes a moment.
    pub(super) fn of(loader: &Loader, names: &[String], intake: Intake, part: Part) -> Result<Option<Self>> {
        let spec = loader.spec;
        let asked = spec.tokenized_path.as_deref();
        let located = names
            .iter()
            .map(|name| located(name, Path::new(&spec.dataset_dir), asked.is_some()));
        let located: Vec<Located> = located.collect();
        let bytes: u64 = located.iter().map(|located| located.bytes).sum();
        // data sets that are missing are reported when their rows are read
        let is_missing = located.iter().any(|located| located.origin.files.is_none());
        if asked.is_none() && (is_missing || bytes < loader.place.worth) {
            return Ok(None);
        }
        let data: Vec<_> = located.into_iter().map(|located| located.origin).collect();
        // only mixing and sampling use the seed
        let draws = spec.mixing != Mixing::Concat || data.iter().any(DataSetOrigin::is_sampled);
        let seed = draws.then_some(loader.seed);
        let encoder = loader.encoder.origin();
        let digest = |text: String| hex(&Sha256::digest(text)[..16]);
        let origin = Origin {
            data,
            task: (intake.kept_as)(&intake),
            cutoff_len: spec.cutoff_len,
            max_samples: spec.max_samples,
            mixing: format!("{:?}", spec.mixing),
            seed,
            drawn_before: loader.drawing.samples.clone(),
            template: digest(encoder.template),
            moment: encoder.moment,
            tokenizer: digest(encoder.tokenizer),
        };
        let folder = match asked {
            None => loader.place.folder.join(origin.name()),
            Some(asked) => {
                let folder = files::at_home(asked).map_err(|why| DataError::file(Path::new(asked), why))?;
                folder.join(match part {
                    Part::Train => "train",
                    Part::Eval => "eval",
                })
            }
        };
        Ok(Some(Self {
            folder,
            origin,
            asked: asked.is_some(),
        }))
    }

    /// The rows that are kept there, if any.
    ///
    /// # Errors
    /// The config names a folder that has other rows, or damaged ones.
    pub(super) fn find(&self) -> Result<Option<(Manifest, Store)>> {
        match self.found() {
            Ok(Some(found)) => Ok(Some(found)),
            found if self.asked => found,
            // a cached folder that is damaged, or half removed, is made again
            _ => {
                let _ = std::fs::remove_dir_all(&self.folder);
                Ok(None)
            }
        }
    }

    fn found(&self) -> Result<Option<(Manifest, Store)>> {
        let Some(found) = Manifest::read(&self.folder)? else {
            return Ok(None);
        };
        let mut expected = self.origin.clone();
        if self.asked {
            expected.allow(&found.origin);
        }
        match expected.differs(&found.origin) {
            Some(key) => Err(DataError::file(&self.folder, says::tokens_of_other(key))),
            None => {
                let rows = found.open(&self.folder)?;
                Ok(Some((found, rows)))
            }
        }
    }

    /// Begins to write the folder.
    ///
    /// # Errors
    /// It can't be written, or holds something else.
    pub(super) fn begin(&self) -> Result<PendingFolder> {
        let root = self.folder.parent().unwrap_or(&self.folder);
        if !self.asked {
            sweep(root, MAX_BYTES);
            return PendingFolder::begin(&self.folder, CACHE);
        }
        self.check_writable()?;
        sweep_half_done(root);
        PendingFolder::begin(&self.folder, TOKENIZED_PATH)
    }

    /// Checks that a folder that the config names, and that has no rows yet, can be written.
    ///
    /// # Errors
    /// It can't, or holds something else.
    pub(super) fn check_writable(&self) -> Result<()> {
        let root = self.folder.parent().unwrap_or(&self.folder);
        let is_full = self.folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
        match is_full {
            true => Err(DataError::file(&self.folder, says::no_tokens_there())),
            false => files::may_write(&self.folder).map_err(|e| DataError::write(root, TOKENIZED_PATH, e)),
        }
    }
}

/// A data set's files on this machine: what identifies them, and their bytes.
struct Located {
    origin: DataSetOrigin,
    bytes: u64,
}

/// With `by_content`, files are identified by their hashes, not by path, size and time: those beside a named folder of
/// tokens may be copies.
fn located(name: &str, dir: &Path, by_content: bool) -> Located {
    let there = || -> Result<(String, u64)> {
        let located = info::locate(name, dir)?;
        let (mut identity, mut bytes) = (vec![located.entry.to_string()], 0);
        for (path, meta) in located.files.each()? {
            identity.push(match by_content {
                true => format!("{:?} {}", path.file_name(), digest(&path)?),
                false => {
                    let path = path.canonicalize().unwrap_or(path);
                    let changed = meta.modified().map_or(0, since_epoch);
                    format!("{} {} {changed}", path.display(), meta.len())
                }
            });
            bytes += meta.len();
        }
        Ok((identity.join(" "), bytes))
    };
    let (files, bytes) = match there() {
        Ok((files, bytes)) => (Some(files), bytes),
        Err(_) => (None, 0),
    };
    Located {
        origin: DataSetOrigin {
            name: name.to_owned(),
            files,
        },
        bytes,
    }
}

/// SHA-256 of a file.
fn digest(path: &Path) -> Result<String> {
    let digest = || {
        let mut hash = Sha256::new();
        io::copy(&mut File::open(path)?, &mut hash)?;
        Ok(hex(&hash.finalize()))
    };
    digest().map_err(|e| DataError::read(path, e))
}
