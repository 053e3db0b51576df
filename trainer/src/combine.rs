//! Several adapters of one base, or several models of one shape, merged into one.
//!
//! Methods have PEFT's names (`add_weighted_adapter`), and give what they give there.

mod adapters;
mod arithmetic;
mod models;

pub use arithmetic::Sign;

use crate::error::{Error, Result};
use crate::folder::{self, Origin};
use crate::model::{ModelConfig, head_beside_weights};
use crate::quant::gguf_file::{self, is_gguf};
use crate::weights::{Hub, Weights};
use crate::{files, peft};
use arithmetic::{Rule, Sum, Thinning};
use clap::ValueEnum;
use protocol::api::Combined;
use protocol::{Said, says};
use std::path::{Path, PathBuf};

/// How several become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Method {
    /// Weighted sum of matrices A and B apart, roughly that of the adapters; of models, their weighted mean
    Linear,
    /// What each added to the base, weighted and summed, exactly; for models name the base
    TaskArithmetic,
    /// Adapters side by side: exactly their weighted sum, the rank is the sum of ranks
    Cat,
    /// Weighted sum of adapters, cut to a rank by its singular values
    Svd,
    /// Along the arc between two
    Slerp,
    /// Largest changes whose sign most agree on (arXiv 2306.01708)
    Ties,
    TiesSvd,
    /// Changes dropped at random, the others enlarged (arXiv 2311.03099)
    DareLinear,
    DareLinearSvd,
    /// Both
    DareTies,
    DareTiesSvd,
    /// Largest changes, weighted and summed
    MagnitudePrune,
    MagnitudePruneSvd,
}

impl Method {
    /// As it is written on the command line.
    pub fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether it works on what adapters add to a weight, whose best part of some rank is kept.
    fn by_products(self) -> bool {
        matches!(
            self,
            Self::Svd | Self::TiesSvd | Self::DareLinearSvd | Self::DareTiesSvd | Self::MagnitudePruneSvd
        )
    }

    /// Whether it adds the matrices of adapters one to the other, which takes one rank.
    fn adds_matrices(self) -> bool {
        !self.by_products() && !matches!(self, Self::Cat | Self::TaskArithmetic | Self::Slerp)
    }

    /// Whether it keeps a share of the changes, `density`.
    pub fn thins(self) -> bool {
        self.thinning() != Thinning::Whole
    }

    fn thinning(self) -> Thinning {
        match self {
            Self::Ties | Self::TiesSvd | Self::MagnitudePrune | Self::MagnitudePruneSvd => Thinning::Largest,
            Self::DareLinear | Self::DareLinearSvd | Self::DareTies | Self::DareTiesSvd => Thinning::Random,
            Self::Linear | Self::TaskArithmetic | Self::Cat | Self::Svd | Self::Slerp => Thinning::Whole,
        }
    }

    /// Whether what was changed of a base is merged, where models are.
    fn merges_changes(self) -> bool {
        !matches!(self, Self::Linear | Self::Slerp)
    }

    fn elects(self) -> bool {
        matches!(self, Self::Ties | Self::TiesSvd | Self::DareTies | Self::DareTiesSvd)
    }
}

/// The share of changes that a thinning method keeps where none is said.
pub const DENSITY: f64 = 0.5;
/// What random thinning is drawn from where nothing is said.
pub const SEED: u64 = 42;

/// What is merged, and how.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub method: Method,
    /// One for each of `from`; empty: an equal share each, or all of each where a method takes the mean by itself.
    pub weights: Vec<f64>,
    /// The share of changes that a thinning method keeps, above 0, at most 1.
    pub density: Option<f64>,
    /// By which signs are elected; the sum by default.
    pub sign: Option<Sign>,
    /// Of the new adapter where a method cuts it; the largest of the adapters' by default.
    pub rank: Option<usize>,
    /// What random thinning is drawn from.
    pub seed: Option<u64>,
    /// The model that models were trained from.
    pub base: Option<String>,
    /// Bytes of a weight file at most, where it is said.
    pub shard_bytes: Option<u64>,
}

impl Recipe {
    fn rule(&self) -> Rule {
        Rule {
            thinning: self.method.thinning(),
            density: self.density.unwrap_or(DENSITY),
            sum: match self.method.elects() {
                true => Sum::Elected(self.sign.unwrap_or(Sign::Total)),
                false => Sum::Weighted,
            },
            seed: self.seed.unwrap_or(SEED),
        }
    }

    /// What each of `count` counts for.
    fn shares(&self, count: usize) -> Vec<f64> {
        let all: f64 = self.weights.iter().sum();
        match (self.weights.as_slice(), self.method) {
            ([], method) if method.elects() => vec![1.0; count],
            ([], _) => vec![1.0 / count as f64; count],
            // places on the way from one to the other
            (weights, Method::Slerp) => weights.iter().map(|weight| weight / all).collect(),
            (weights, _) => weights.to_vec(),
        }
    }

    /// The option that is given and changes nothing.
    fn idle(&self) -> Option<&'static str> {
        let method = self.method;
        [
            ("--density", self.density.is_some() && !method.thins()),
            ("--majority-sign-method", self.sign.is_some() && !method.elects()),
            ("--rank", self.rank.is_some() && !method.by_products()),
            ("--seed", self.seed.is_some() && method.thinning() != Thinning::Random),
            ("--base", self.base.is_some() && !method.merges_changes()),
        ]
        .into_iter()
        .find_map(|(option, idle)| idle.then_some(option))
    }

    fn refused(&self, count: usize) -> Option<Error> {
        let refused = if count < 2 {
            says::combine_takes_two()
        } else if !self.weights.is_empty() && self.weights.len() != count {
            says::combine_weights(self.weights.len(), count)
        } else if self.weights.iter().any(|weight| !weight.is_finite())
            || !self.weights.is_empty() && self.weights.iter().all(|weight| *weight == 0.0)
        {
            says::combine_number("weights")
        } else if let Some(density) = self.density.filter(|density| !(*density > 0.0 && *density <= 1.0)) {
            says::combine_density(density)
        } else if let Some(option) = self.idle() {
            says::combine_idle(option, self.method.name())
        } else if self.rank == Some(0) {
            says::combine_rank()
        } else if self.method == Method::Slerp && count != 2 {
            says::combine_slerp(count)
        } else if self.method == Method::Slerp && !self.weights.is_empty() && self.weights.iter().sum::<f64>() == 0.0 {
            says::combine_number("weights")
        } else {
            return None;
        };
        Some(Error::invalid(refused))
    }
}

/// Merges the adapters or the models that lie in `from` into the folder `out`, whole or not at all. `progress` is told
/// how many tensors of how many are done; an error it gives ends the work. Gives what a person should know of what came of
/// it.
///
/// # Errors
/// They are not all of one kind, or not of one base; the method has no meaning for them; or a read or a write fails.
pub fn combine(
    from: &[String],
    recipe: &Recipe,
    out: &Path,
    progress: impl FnMut(u64, u64) -> Result<()>,
) -> Result<Vec<Said>> {
    let parts = Parts::of(from, recipe)?;
    let read: Vec<PathBuf> = parts.folders.iter().chain(&parts.base).cloned().collect();
    crate::merge::replaceable(out, &read)?;
    match parts.adapters {
        true => adapters::combine(&parts.folders, recipe, out, progress)?,
        false => models::combine(&parts.folders, parts.base.as_deref(), recipe, out, progress)?,
    }
    differences(&parts.folders)
}

/// What [`combine`] would write, from the headers of files alone.
///
/// # Errors
/// What it would refuse before it writes.
pub fn judge(from: &[String], recipe: &Recipe) -> Result<Combined> {
    let parts = Parts::of(from, recipe)?;
    let bytes = match parts.adapters {
        true => adapters::bytes(&parts.folders, recipe)?,
        false => models::bytes(&parts.folders, parts.base.as_deref(), recipe)?,
    };
    Ok(Combined {
        adapter: parts.adapters,
        bytes,
    })
}

/// Folders of one kind that are to be merged.
struct Parts {
    folders: Vec<PathBuf>,
    adapters: bool,
    /// Of models, where it is named.
    base: Option<PathBuf>,
}

impl Parts {
    fn of(from: &[String], recipe: &Recipe) -> Result<Self> {
        let (folders, base) = found(from, recipe)?;
        let adapters = is_adapter(&folders[0]);
        if let Some(other) = folders.iter().find(|folder| is_adapter(folder) != adapters) {
            return Err(Error::file(other, says::combine_mixed()));
        }
        let of_models = [
            ("--base", recipe.base.is_some()),
            ("--size", recipe.shard_bytes.is_some()),
        ];
        if let Some((option, _)) = of_models.iter().find(|(_, said)| *said && adapters) {
            return Err(Error::invalid(says::combine_of_models(*option)));
        }
        Ok(Self {
            adapters,
            folders,
            base,
        })
    }
}

/// The folders that are merged, and the base that is named.
fn found(from: &[String], recipe: &Recipe) -> Result<(Vec<PathBuf>, Option<PathBuf>)> {
    if let Some(refused) = recipe.refused(from.len()) {
        return Err(refused);
    }
    let mut folders = vec![];
    for path in from {
        let folder = folder::resolve(&files::at_home(path).map_err(Error::invalid)?);
        if !(folder.is_dir() || folder.is_file() && is_gguf(&folder)) {
            return Err(Error::invalid(says::no_model_folder(path)));
        }
        if !is_adapter(&folder) {
            plain(&folder)?;
        }
        folders.push(folder);
    }
    let headed = |folder: &&PathBuf| folder.join(folder::VALUE_HEAD).is_file() || head_beside_weights(folder).is_some();
    if let Some(folder) = folders.iter().find(headed) {
        return Err(Error::file(folder, says::combine_value_head()));
    }
    let base = recipe.base.as_deref();
    let base = base.map(|name| {
        if name.trim().is_empty() {
            return Err(Error::invalid(says::combine_no_base()));
        }
        let base = Weights::find(name, &[], &Hub::default())?.base;
        plain(&base).map(|()| base)
    });
    Ok((folders, base.transpose()?))
}

/// Refuses a model whose weights are no plain numbers: what is merged would have to be packed again.
fn plain(path: &Path) -> Result<()> {
    let packed = |how: &str| Err(Error::file(path, says::combine_packed(how)));
    if gguf_file::in_folder(path)
        .map_err(|said| Error::file(path, said))?
        .is_some()
    {
        return packed("GGUF");
    }
    if !path.join("config.json").is_file() {
        return Err(Error::file(path, says::no_model_here()));
    }
    match ModelConfig::of_folder(path)?.quantization {
        Some(folder) => packed(folder.name()),
        None => Ok(()),
    }
}

/// What the folders say of themselves that only the first one's is kept of.
fn differences(folders: &[PathBuf]) -> Result<Vec<Said>> {
    let all = folders.iter().map(|dir| Ok(Origin::read(dir)?.unwrap_or_default()));
    let all = all.collect::<Result<Vec<_>>>()?;
    let differs = |same: fn(&Origin, &Origin) -> bool| all.iter().any(|other| !same(&all[0], other));
    let told = [
        ("template", differs(|a, b| a.wording == b.wording)),
        ("quantization_bit", differs(|a, b| a.quantize == b.quantize)),
    ];
    let told = told.into_iter().filter(|(_, differs)| *differs);
    Ok(told.map(|(key, _)| says::combine_first_kept(key)).collect())
}

/// The method where none is named: of adapters exactly their sum, of models their mean.
pub fn usual_method(from: &[String]) -> Method {
    let adapter = |path: &String| files::at_home(path).is_ok_and(|path| is_adapter(&folder::resolve(&path)));
    match from.iter().all(adapter) {
        true => Method::TaskArithmetic,
        false => Method::Linear,
    }
}

fn is_adapter(folder: &Path) -> bool {
    folder.join(peft::CONFIG).is_file() && !folder.join("config.json").is_file()
}

/// What the first folder says it was made from.
fn origin(folders: &[PathBuf]) -> Result<Origin> {
    let first = folders.first().map(|dir| Origin::read(dir)).transpose()?.flatten();
    Ok(first.unwrap_or_default())
}
