//! From a path or name to the folders a model is made of: the base, the adapters on it, and its template.

use crate::error::{Error, Result};
use crate::folder::{self, Origin};
use crate::model::{Loftq, head_beside_weights};
use crate::peft;
use protocol::config::{FourBit, Quantize};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folders of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    pub base: PathBuf,
    /// The base as checkpoints name it: an absolute path, or a hub name.
    pub base_name: String,
    /// Adapters on it, in order.
    pub adapters: Vec<PathBuf>,
    /// The template it was last trained with, by name, when one of its folders says so.
    pub template: Option<String>,
    /// What its linear layers were packed to when its adapters were trained.
    pub quantize: Option<Quantize>,
    /// Where that was done by LoftQ: how, which the adapters can't do without.
    pub loftq: Option<Loftq>,
}

impl Weights {
    /// `path`: a model folder, an adapter or checkpoint folder, a run directory (then its newest checkpoint), or a hub
    /// name. `adapters` come on top, each with those it was itself trained on.
    pub fn find(path: &str, adapters: &[String], hub: &Hub) -> Result<Self> {
        let mut weights = Self::model(path, hub, 0)?;
        for adapter in adapters {
            let folder = folder::resolve(Path::new(adapter));
            if !folder.exists() {
                return Err(Error::invalid(format!("adapter {adapter}: there is no such folder")));
            }
            weights.push(&folder)?;
        }
        Ok(weights)
    }

    fn model(path: &str, hub: &Hub, depth: usize) -> Result<Self> {
        let folder = folder::resolve(Path::new(path));
        if folder.join(peft::CONFIG).exists() && !folder.join("config.json").exists() {
            let origin = Origin::read(&folder)?;
            let base = match origin {
                Some(origin) => origin.base,
                None => peft::read(&folder, &candle_core::Device::Cpu)?.base.unwrap_or_default(),
            };
            if base.is_empty() || depth > 0 {
                return Err(Error::file(
                    &folder,
                    "this adapter does not name the model it was trained on",
                ));
            }
            let mut weights = Self::model(&base, hub, depth + 1)?;
            weights.push(&folder)?;
            return Ok(weights);
        }
        let (base, base_name) = match folder.is_dir() {
            true => {
                let absolute = folder.canonicalize().map_err(Error::io(&folder))?;
                let name = absolute.to_string_lossy().into_owned();
                (absolute, name)
            }
            false => (hub.folder(path)?, path.to_owned()),
        };
        let template = Origin::read(&base)?.and_then(|o| o.template);
        Ok(Self {
            base,
            base_name,
            adapters: vec![],
            template,
            quantize: None,
            loftq: None,
        })
    }

    /// The file that holds the value head of the last of the folders, if one does: its own, or that of a model's weights.
    pub fn value_head(&self) -> Option<PathBuf> {
        let last = self.adapters.last().unwrap_or(&self.base);
        let own = Some(last.join(folder::VALUE_HEAD)).filter(|path| path.exists());
        own.or_else(|| head_beside_weights(last))
    }

    /// Whether they are a reward model.
    pub fn scores(&self) -> Result<bool> {
        let Some(head) = self.value_head() else {
            return Ok(false);
        };
        let origin = Origin::read(head.parent().unwrap_or(&self.base))?;
        Ok(!origin.is_some_and(|origin| origin.expects))
    }

    fn push(&mut self, adapter: &Path) -> Result<()> {
        if let Some(origin) = Origin::read(adapter)? {
            self.template = origin.template.or(self.template.take());
            self.quantize = origin.quantize.or(self.quantize);
            for under in origin.adapters {
                self.add(under.into())?;
            }
        }
        self.add(adapter.to_owned())
    }

    fn add(&mut self, path: PathBuf) -> Result<()> {
        let path = path.canonicalize().map_err(Error::io(&path))?;
        if self.adapters.contains(&path) {
            return Ok(());
        }
        if let Some(loftq) = peft::loftq(&path)? {
            if !self.adapters.is_empty() {
                let message = "a LoftQ adapter begins with the model's own weights; it can't stand on other adapters";
                return Err(Error::file(&path, message));
            }
            // PEFT's own quantization of a weight it starts from
            let (code, double) = (FourBit::Nf4, false);
            self.quantize.get_or_insert(Quantize::FourBit { code, double });
            self.loftq = Some(loftq);
        }
        self.adapters.push(path);
        Ok(())
    }
}

/// Where models that are no folder come from: the hub, through `corral download`, which stands beside this program and
/// has the network that this one lacks.
#[derive(Debug, Clone, Default)]
pub struct Hub {
    pub revision: Option<String>,
    pub cache_dir: Option<String>,
}

impl Hub {
    /// The local folder of a hub model, downloaded if need be.
    fn folder(&self, name: &str) -> Result<PathBuf> {
        let is_name = name.split('/').count() == 2 && !name.starts_with(['.', '/', '~']) && !name.ends_with('/');
        if !is_name {
            return Err(Error::invalid(format!(
                "model {name}: there is no such folder, and a hub name takes the form owner/name"
            )));
        }
        let own = std::env::current_exe().map_err(Error::io("this program"))?;
        let corral = own.with_file_name("corral");
        let mut command = Command::new(&corral);
        command.args(["download", name]);
        if let Some(revision) = &self.revision {
            command.args(["--revision", revision]);
        }
        if let Some(cache) = &self.cache_dir {
            command.env("HF_HUB_CACHE", cache);
        }
        let output = command
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|e| {
                let corral = corral.display();
                Error::invalid(format!(
                    "model {name}: there is no such folder, and to download it {corral} could not be started ({e})"
                ))
            })?;
        if !output.status.success() {
            return Err(Error::invalid(format!("model {name}: the download failed; see above")));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(PathBuf::from(text.lines().last().unwrap_or_default().trim()))
    }
}
