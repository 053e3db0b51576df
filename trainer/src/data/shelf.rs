//! Where a run's tokens are looked for before they are made: in `tokenized_path`, or in the cache under what they depend on.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use protocol::config::Mixing;
use protocol::says;
use sha2::{Digest, Sha256};

use super::error::{DataError, Result};
use super::info;
use super::load::{Loader, Part};
use super::store::kept::{DataSetOrigin, Keeping, Manifest, Origin, since_epoch, sweep, sweep_half_done};
use super::store::{CACHE, Store};
use super::task::Task;
use crate::batch::hex;
use crate::files;

/// The key by which a person names the folder.
const ASKED: &str = "tokenized_path";

/// Bytes of tokens in the cache, at most, beside those that are made: of some fifty data sets of a gigabyte of text each.
const MOST: u64 = 50 << 30;

/// A folder that has tokens, or will have.
pub(super) struct Shelf {
    pub folder: PathBuf,
    pub origin: Origin,
    /// A person named it (`tokenized_path`).
    pub asked: bool,
}

impl Shelf {
    /// Where the tokens of the data sets `names` are kept. `None`: making them takes a moment.
    pub(super) fn of(loader: &Loader, names: &[String], task: Task, part: Part) -> Result<Option<Self>> {
        let spec = loader.spec;
        let asked = spec.tokenized_path.as_deref();
        let located = names
            .iter()
            .map(|name| located(name, Path::new(&spec.dataset_dir), asked.is_some()));
        let located: Vec<Located> = located.collect();
        let bytes: u64 = located.iter().map(|located| located.bytes).sum();
        // what is wrong with those that are not there is told where their rows are looked for
        let away = located.iter().any(|located| located.origin.files.is_none());
        if asked.is_none() && (away || bytes < loader.place.worth) {
            return Ok(None);
        }
        let data: Vec<_> = located.into_iter().map(|located| located.origin).collect();
        // nothing else is drawn while rows are made
        let draws = spec.mixing != Mixing::Concat || data.iter().any(DataSetOrigin::is_sampled);
        let seed = draws.then_some(loader.seed);
        let encoder = loader.encoder.origin();
        let digest = |text: String| hex(&Sha256::digest(text)[..16]);
        let origin = Origin {
            data,
            task: format!("{task:?}"),
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

    /// The tokens that are kept there.
    ///
    /// # Errors
    /// A person named a folder that has others, or damaged ones.
    pub(super) fn find(&self) -> Result<Option<(Manifest, Store)>> {
        match self.found() {
            Ok(Some(found)) => Ok(Some(found)),
            found if self.asked => found,
            // a cache that is damaged, or half-removed, is made again
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

    /// Begins to keep tokens.
    ///
    /// # Errors
    /// The folder can't be written, or holds something else.
    pub(super) fn begin(&self) -> Result<Keeping> {
        let root = self.folder.parent().unwrap_or(&self.folder);
        if !self.asked {
            sweep(root, MOST);
            return Keeping::begin(&self.folder, CACHE);
        }
        self.takes_new()?;
        sweep_half_done(root);
        Keeping::begin(&self.folder, ASKED)
    }

    /// Whether tokens can be kept in the folder that a person named, which has none yet.
    ///
    /// # Errors
    /// It can't be written, or holds something else.
    pub(super) fn takes_new(&self) -> Result<()> {
        let root = self.folder.parent().unwrap_or(&self.folder);
        let is_full = self.folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
        match is_full {
            true => Err(DataError::file(&self.folder, says::no_tokens_there())),
            false => files::may_write(&self.folder).map_err(|e| DataError::write(root, ASKED, e)),
        }
    }
}

/// A data set as it is on this machine.
struct Located {
    origin: DataSetOrigin,
    bytes: u64,
}

/// Files that go with a person's folder of tokens may be copies, and are known by what is in them.
fn located(name: &str, dir: &Path, copied: bool) -> Located {
    let there = || -> Result<(String, u64)> {
        let located = info::locate(name, dir)?;
        let (mut told, mut bytes) = (vec![located.entry.to_string()], 0);
        for (path, meta) in located.files.each()? {
            told.push(match copied {
                true => format!("{:?} {}", path.file_name(), digest(&path)?),
                false => {
                    let path = path.canonicalize().unwrap_or(path);
                    let changed = meta.modified().map_or(0, since_epoch);
                    format!("{} {} {changed}", path.display(), meta.len())
                }
            });
            bytes += meta.len();
        }
        Ok((told.join(" "), bytes))
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
