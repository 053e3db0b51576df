//! From a path or name to the folders a model is made of: the base, the adapters on it, and its template.

mod agreement;
mod hub;

use agreement::may_be_one;
pub use hub::Hub;

use crate::data::has_chat_template;
use crate::error::{Error, Result};
use crate::files;
use crate::folder::{self, Origin, Words, dir_of};
use crate::model::{Loftq, ModelConfig, head_beside_weights};
use crate::peft;
use crate::quant::gguf_file::is_gguf;
use protocol::config::{FourBit, Quantize, Wording};
use protocol::decoder::{RopeScaling, RopeType};
use protocol::hub::HubName;
use protocol::{Said, says};
use std::path::{Path, PathBuf};

/// The folders of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    /// A folder, or a GGUF file.
    pub base: PathBuf,
    /// The base as checkpoints name it: an absolute path, or a hub name.
    pub base_name: String,
    /// Adapters on it, in order.
    pub adapters: Vec<PathBuf>,
    /// How conversations became text when it was last trained, as far as its folders say so.
    pub wording: Wording,
    /// What its linear layers were packed to when its adapters were trained.
    pub quantize: Option<Quantize>,
    /// Where that was done by LoftQ: how, which the adapters can't do without.
    pub loftq: Option<Loftq>,
    /// How its rotary positions were scaled when its adapters were trained, beside what the base's config says.
    pub rope: Option<RopeScaling>,
    /// The last adapter that says so, be it by saying nothing.
    pub(crate) rope_of: Option<PathBuf>,
    /// Adapters that were trained apart, with other scaling each.
    pub(crate) rope_torn: Option<Torn>,
    /// What a person should know of the adapters' configs, and of how positions are scaled.
    pub notes: Vec<Said>,
}

/// Two adapters for which no scaling of positions is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Torn {
    below: PathBuf,
    above: PathBuf,
}

impl Weights {
    /// `path`: a model folder, an adapter or checkpoint folder, a run directory (then its newest checkpoint), or a hub
    /// name. `adapters` come on top, each with those it was itself trained on.
    pub fn find(path: &str, adapters: &[String], hub: &Hub) -> Result<Self> {
        let mut weights = Self::model(path, hub, None)?;
        let mut named = vec![];
        for adapter in adapters {
            let folder = folder::resolve(&files::at_home(adapter).map_err(Error::invalid)?);
            if !folder.exists() {
                return Err(Error::invalid(says::no_adapter_folder(adapter)));
            }
            let real = |path: &Path| path.canonicalize().ok();
            // one that another was trained on counts once, whoever else names it
            if named.iter().any(|other: &PathBuf| real(other) == real(&folder)) {
                return Err(Error::invalid(says::adapter_twice(adapter)));
            }
            weights.push(&folder)?;
            named.push(folder);
        }
        Ok(weights)
    }

    /// `adapter`: the folder of the adapter that names this path as its base.
    fn model(path: &str, hub: &Hub, adapter: Option<&Path>) -> Result<Self> {
        let folder = folder::resolve(&files::at_home(path).map_err(Error::invalid)?);
        if folder.join(peft::CONFIG).exists() && !folder.join("config.json").exists() {
            let config = peft::Config::read(&folder)?;
            let base = match Origin::read(&folder)? {
                Some(origin) => origin.base,
                None => config.base().unwrap_or_default().to_owned(),
            };
            if base.is_empty() || adapter.is_some() {
                return Err(Error::file(&folder, says::adapter_without_base()));
            }
            let hub = Hub {
                revision: config.revision().map(str::to_owned).or(hub.revision.clone()),
                ..hub.clone()
            };
            let mut weights = Self::model(&base, &hub, Some(&folder))?;
            weights.push(&folder)?;
            return Ok(weights);
        }
        // a device or a pipe neither
        if folder.exists() && !folder.is_dir() && !(folder.is_file() && is_gguf(&folder)) {
            return Err(Error::file(&folder, says::no_model_file()));
        }
        let (base, base_name) = match (folder.exists(), HubName::parse(path)) {
            (true, _) => {
                let absolute = folder.canonicalize().map_err(Error::io(&folder))?;
                let name = absolute.to_string_lossy().into_owned();
                (absolute, name)
            }
            (false, Some(named)) => (hub.folder(&named)?, named.name),
            (false, None) => return Err(nowhere(path, adapter)),
        };
        let origin = Origin::read(dir_of(&base))?.unwrap_or_default();
        Ok(Self {
            base,
            base_name,
            adapters: vec![],
            wording: origin.wording,
            quantize: None,
            loftq: None,
            rope: None,
            rope_of: None,
            rope_torn: None,
            notes: vec![],
        })
    }

    /// How conversations become text: as asked for, else as in training. Another template than that of training writes
    /// tools in its own way.
    pub fn worded(&self, asked: &Wording) -> Wording {
        let trained = &self.wording;
        let same = asked.template.is_none() || asked.template == trained.template;
        Wording {
            template: asked.template.clone().or_else(|| trained.template.clone()),
            tool_format: asked
                .tool_format
                .clone()
                .or_else(|| trained.tool_format.clone().filter(|_| same)),
            system: asked.system.clone().or_else(|| trained.system.clone()),
            thinking: asked.thinking.or(trained.thinking),
            fast: asked.fast.or(trained.fast),
        }
    }

    /// The same for a run that starts from these weights: what its config says, and the template of before where it names
    /// none.
    pub fn worded_anew(&self, asked: &Wording) -> Wording {
        Wording {
            template: asked.template.clone().or_else(|| self.wording.template.clone()),
            ..asked.clone()
        }
    }

    /// Scales rotary positions as asked for, over texts of this length where one is known; else they are as its adapters were
    /// trained. What a person should know of it is noted.
    ///
    /// # Errors
    /// The model's positions cannot be scaled so, or nothing is asked for and its adapters don't agree.
    pub fn scale_positions(&mut self, asked: Option<RopeType>, length: Option<u64>) -> Result<()> {
        let trained = self.rope;
        if let Some(torn) = &self.rope_torn {
            let said = says::rope_adapters_differ(torn.below.display());
            match asked {
                None => return Err(Error::file(&torn.above, said)),
                Some(_) => self.notes.push(said),
            }
        }
        let Some(rope_type) = asked else {
            self.notes
                .extend(trained.map(|scaling| told(scaling, says::rope_as_trained)));
            return Ok(());
        };
        if let Some(trained) = trained.filter(|trained| trained.rope_type == rope_type)
            && length.is_none_or(|length| length <= trained.reach())
        {
            self.notes.push(told(trained, says::rope_as_trained));
            return Ok(());
        }
        let range = ModelConfig::rope_range(&self.base)?;
        let family = ModelConfig::of_folder(&self.base)?.family;
        range.takes(rope_type, family).map_err(Error::invalid)?;
        let Some(scaling) = range.over(rope_type, length) else {
            self.notes
                .push(says::rope_reaches(length.unwrap_or_default(), range.reach));
            self.notes
                .extend(trained.map(|scaling| told(scaling, says::rope_as_trained)));
            return Ok(());
        };
        self.notes
            .extend(trained.map(|before| told(before, says::rope_trained_otherwise)));
        self.notes.push(told(scaling, says::rope_scaled));
        if rope_type == RopeType::Dynamic && length.is_some() {
            self.notes.push(says::rope_dynamic_trained());
        }
        self.rope = Some(scaling);
        Ok(())
    }

    /// Where the tokenizer and the chat template come from: the last adapter's own, as PEFT's users get them, else the
    /// base's.
    pub fn words(&self) -> Words {
        let base = folder::spoken(&self.base);
        let base = base.as_path();
        let adapters = || self.adapters.iter().rev().map(PathBuf::as_path);
        let tokenizer = adapters().find(|dir| crate::data::has_tokenizer(dir)).unwrap_or(base);
        let template = adapters().find(|dir| has_chat_template(dir));
        let template = template.unwrap_or_else(|| match has_chat_template(tokenizer) {
            true => tokenizer,
            false => base,
        });
        Words {
            tokenizer: tokenizer.to_owned(),
            template: template.to_owned(),
        }
    }

    /// The file that holds the value head of the last of the folders, if one does: its own, or that of a model's weights.
    pub fn value_head(&self) -> Option<PathBuf> {
        let last = self.adapters.last().map_or(dir_of(&self.base), PathBuf::as_path);
        let own = Some(last.join(folder::VALUE_HEAD)).filter(|path| path.exists());
        own.or_else(|| head_beside_weights(last))
    }

    /// Whether they are a reward model.
    pub fn scores(&self) -> Result<bool> {
        let Some(head) = self.value_head() else {
            return Ok(false);
        };
        let origin = Origin::read(head.parent().unwrap_or(dir_of(&self.base)))?;
        Ok(!origin.is_some_and(|origin| origin.expects))
    }

    fn push(&mut self, adapter: &Path) -> Result<()> {
        if let Some(origin) = Origin::read(adapter)? {
            self.check_base(adapter, &origin.base);
            self.rope_from(adapter, &origin);
            self.wording = Wording {
                template: origin.wording.template.or(self.wording.template.take()),
                ..origin.wording
            };
            self.quantize = origin.quantize.or(self.quantize);
            for under in origin.adapters {
                self.add(under.into())?;
            }
        } else {
            let base = peft::Config::read(adapter)?.base().unwrap_or_default().to_owned();
            self.check_base(adapter, &base);
            if has_chat_template(adapter) {
                // what the base was trained with is not what this was trained with
                self.wording = Wording::default();
            }
        }
        self.add(adapter.to_owned())
    }

    /// Notes an adapter that was trained on another model.
    fn check_base(&mut self, adapter: &Path, theirs: &str) {
        if !theirs.is_empty() && !may_be_one(theirs, &self.base_name) {
            let said = says::adapter_of_other_base(adapter.display(), theirs, &self.base_name);
            self.notes.push(said);
        }
    }

    /// Takes over how positions were scaled for an adapter: what it was trained on top of was scaled so then.
    fn rope_from(&mut self, adapter: &Path, origin: &Origin) {
        let is = |path: &Path, other: &Path| path.canonicalize().ok() == other.canonicalize().ok();
        if self.adapters.iter().any(|under| is(under, adapter)) {
            // one that is there already was trained on top of it
            return;
        }
        let apart =
            |below: &&PathBuf| !is(below, adapter) && !origin.adapters.iter().any(|under| is(under.as_ref(), below));
        if let Some(below) = self.rope_of.as_ref().filter(apart)
            && origin.rope != self.rope
        {
            self.rope_torn = Some(Torn {
                below: below.clone(),
                above: adapter.to_owned(),
            });
        }
        self.rope = origin.rope;
        self.rope_of = Some(adapter.to_owned());
    }

    fn add(&mut self, path: PathBuf) -> Result<()> {
        let path = path.canonicalize().map_err(Error::io(&path))?;
        if self.adapters.contains(&path) {
            return Ok(());
        }
        self.notes.extend(peft::Config::read(&path)?.notes());
        if let Some(loftq) = peft::loftq(&path)? {
            if !self.adapters.is_empty() {
                return Err(Error::file(&path, says::loftq_stands_alone()));
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

/// A sentence on a scaling: how, by which factor, from where to where.
fn told(scaling: RopeScaling, sentence: fn(&'static str, u64, u64, u64) -> Said) -> Said {
    let (name, original) = (scaling.rope_type.name(), scaling.original);
    sentence(name, scaling.factor, original, scaling.reach())
}

/// A path that leads nowhere.
fn nowhere(path: &str, adapter: Option<&Path>) -> Error {
    let Some(adapter) = adapter else {
        return Error::invalid(says::no_model_folder(path));
    };
    let names = [folder::ORIGIN, peft::CONFIG].map(|name| adapter.join(name));
    let file = names.iter().find(|file| file.exists()).unwrap_or(&names[1]);
    let key = match file.ends_with(folder::ORIGIN) {
        true => "base",
        false => "base_model_name_or_path",
    };
    Error::file(file, says::base_not_here(path, key))
}
