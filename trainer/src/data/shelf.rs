//! Where a run's tokens are looked for before they are made: in `tokenized_path`, or in the cache under what they depend on.

use std::path::{Path, PathBuf};

use protocol::config::Mixing;
use protocol::says;
use sha2::{Digest, Sha256};

use super::error::{DataError, Result};
use super::info;
use super::load::{Loader, Part};
use super::store::CACHE;
use super::store::kept::{Keeping, Manifest, Origin, since_epoch, sweep};
use super::task::Task;
use crate::batch::hex;
use crate::files;

/// The key by which a person names the folder.
const ASKED: &str = "tokenized_path";

/// A folder that has tokens, or will have.
pub(super) struct Shelf {
    pub folder: PathBuf,
    pub origin: Origin,
    /// A person named it (`tokenized_path`).
    pub asked: bool,
    /// The data files are not all there: the tokens alone may be on this machine.
    away: bool,
}

impl Shelf {
    /// Where the tokens of the data sets `names` are kept. `None`: making them takes a moment.
    pub(super) fn of(loader: &Loader, names: &[String], task: Task, part: Part) -> Result<Option<Self>> {
        let spec = loader.spec;
        let asked = spec.tokenized_path.as_deref();
        let located = names
            .iter()
            .map(|name| located(name, Path::new(&spec.dataset_dir), asked.is_some()));
        let located: Result<Vec<_>> = located.collect();
        let away = located.is_err();
        // what is wrong with them is told where their rows are looked for
        let (data, bytes): (Vec<_>, Vec<_>) = located.unwrap_or_default().into_iter().unzip();
        if asked.is_none() && bytes.into_iter().sum::<u64>() < loader.place.worth {
            return Ok(None);
        }
        // nothing else is drawn while rows are made
        let draws = spec.mixing != Mixing::Concat || data.iter().any(|set| set.contains("num_samples"));
        let seed = draws.then_some(loader.seed);
        let encoder = loader.encoder.origin();
        let digest = |text: String| hex(&Sha256::digest(text)[..16]);
        let origin = Origin {
            data,
            task: format!("{task:?}"),
            cutoff_len: spec.cutoff_len,
            choice: format!(
                "{:?} {:?} {seed:?} {:?}",
                spec.max_samples, spec.mixing, loader.drawing.samples
            ),
            template: digest(encoder.template),
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
            away,
        }))
    }

    /// The tokens that are kept there.
    ///
    /// # Errors
    /// A person named a folder that has others.
    pub(super) fn find(&self) -> Result<Option<Manifest>> {
        let found = match Manifest::read(&self.folder) {
            Err(_) if !self.asked => {
                let _ = std::fs::remove_dir_all(&self.folder);
                None
            }
            found => found?,
        };
        let Some(found) = found else { return Ok(None) };
        let mut expected = self.origin.clone();
        if self.away {
            expected.data.clone_from(&found.origin.data);
        }
        match expected.differs(&found.origin) {
            Some(key) => Err(DataError::file(&self.folder, says::tokens_of_other(key))),
            None => Ok(Some(found)),
        }
    }

    /// Begins to keep tokens.
    ///
    /// # Errors
    /// The folder can't be written, or holds something else.
    pub(super) fn begin(&self) -> Result<Keeping> {
        let root = self.folder.parent().unwrap_or(&self.folder);
        if !self.asked {
            sweep(root);
            return Keeping::begin(&self.folder, CACHE);
        }
        self.takes_new()?;
        Keeping::begin(&self.folder, ASKED)
    }

    /// Whether tokens can be kept in the folder that a person named, which has none yet.
    ///
    /// # Errors
    /// It can't be written, or holds something else.
    pub(super) fn takes_new(&self) -> Result<()> {
        let root = self.folder.parent().unwrap_or(&self.folder);
        let theirs = ["dataset_dict.json", "state.json"];
        if theirs.iter().any(|name| root.join(name).exists()) {
            return Err(DataError::file(root, says::tokens_of_datasets()));
        }
        let is_full = self.folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
        match is_full {
            true => Err(DataError::file(&self.folder, says::no_tokens_there())),
            false => files::may_write(&self.folder).map_err(|e| DataError::write(root, ASKED, e)),
        }
    }
}

/// A data set with its entry and files, and their bytes. Files that go with a person's folder of tokens may be copies.
fn located(name: &str, dir: &Path, copied: bool) -> Result<(String, u64)> {
    let located = info::locate(name, dir)?;
    let (mut told, mut bytes) = (vec![], 0);
    for (path, meta) in located.files.each()? {
        told.push(match copied {
            true => format!("{:?} {}", path.file_name(), meta.len()),
            false => {
                let path = path.canonicalize().unwrap_or(path);
                let changed = meta.modified().map_or(0, since_epoch);
                format!("{} {} {changed}", path.display(), meta.len())
            }
        });
        bytes += meta.len();
    }
    Ok((format!("{name} {} {}", located.entry, told.join(" ")), bytes))
}
