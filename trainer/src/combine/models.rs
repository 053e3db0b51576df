//! Models of one shape, merged into one, tensor by tensor.

use super::arithmetic::{Part, slerp, weighted};
use super::{Method, Recipe, origin};
use crate::error::{Error, Result};
use crate::folder::{self, Shards};
use crate::model::{ModelConfig, Store};
use crate::{files, tensors};
use candle_core::{DType, Tensor};
use protocol::says;
use std::path::{Path, PathBuf};

pub fn combine(
    folders: &[PathBuf],
    base: Option<&Path>,
    recipe: &Recipe,
    out: &Path,
    mut progress: impl FnMut(u64, u64) -> Result<()>,
) -> Result<()> {
    let Opened { stores, base, names } = Opened::of(folders, base, recipe)?;
    let first = &stores[0];
    let merged = |name: &str| -> Result<Tensor> {
        let shape = first.shape(name)?;
        let stored = first.read(name, &shape, &tensors::HOST)?;
        let read = |store: &Store| -> Result<Vec<f32>> {
            let tensor = store.read(name, &shape, &tensors::HOST)?;
            Ok(tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1()?)
        };
        let all = stores.iter().map(read).collect::<Result<Vec<_>>>()?;
        let under = base.as_ref().map(read).transpose()?;
        let values = one(name, all, under, recipe)?;
        let tensor = Tensor::from_vec(values, shape, &tensors::HOST)?.to_dtype(stored.dtype())?;
        match tensors::is_finite(&tensor)? {
            true => Ok(tensor),
            false => Err(Error::invalid(says::combine_overflows(name))),
        }
    };
    let origin = origin(folders)?;
    files::folder_atomic(out, |dir| {
        let mut shards = Shards::create(dir, &names, recipe.shard_bytes.unwrap_or(folder::SHARD))?;
        for (done, name) in names.iter().enumerate() {
            shards.add(name, &merged(name)?)?;
            progress(done as u64 + 1, names.len() as u64)?;
        }
        shards.finish()?;
        folder::copy_companions(&folders[0], dir)?;
        folder::copy_words(&folders[0], dir)?;
        origin.write(dir)
    })
}

/// Models that can be merged, and the base where changes are.
struct Opened {
    stores: Vec<Store>,
    base: Option<Store>,
    names: Vec<String>,
}

impl Opened {
    fn of(folders: &[PathBuf], base: Option<&Path>, recipe: &Recipe) -> Result<Self> {
        if recipe.method == Method::Cat || recipe.method.by_products() {
            return Err(Error::invalid(says::combine_adapters_only(recipe.method.name())));
        }
        let along_changes = recipe.method.merges_changes();
        same_form(folders.iter().map(PathBuf::as_path).chain(base))?;
        let base = match (base, along_changes) {
            (Some(base), true) => Some(Store::open(base)?),
            (None, true) => return Err(Error::invalid(says::combine_names_base(recipe.method.name()))),
            (_, false) => None,
        };
        if recipe.method == Method::Linear && recipe.shares(folders.len()).iter().sum::<f64>() == 0.0 {
            return Err(Error::invalid(says::combine_number("weights")));
        }
        let stores = folders.iter().map(|dir| Store::open(dir)).collect::<Result<Vec<_>>>()?;
        let names = same_tensors(&stores, base.as_ref())?;
        Ok(Self { stores, base, names })
    }
}

/// Bytes of the weights that merging gives: those of the first model.
pub fn bytes(folders: &[PathBuf], base: Option<&Path>, recipe: &Recipe) -> Result<u64> {
    let Opened { stores, names, .. } = Opened::of(folders, base, recipe)?;
    let of = |name: &String| stores[0].bytes(name);
    names.iter().map(of).sum()
}

/// One tensor of all models, and of the base where changes are merged.
fn one(name: &str, all: Vec<Vec<f32>>, base: Option<Vec<f32>>, recipe: &Recipe) -> Result<Vec<f32>> {
    let shares = recipe.shares(all.len());
    if recipe.method == Method::Slerp {
        let counts = slerp(&all[0], &all[1], shares[1]);
        return Ok(weighted(&parts(all, &counts)));
    }
    let Some(base) = base else {
        // a mean, whatever the weights add up to
        let sum: f64 = shares.iter().sum();
        let shares: Vec<f64> = shares.iter().map(|share| share / sum).collect();
        return Ok(weighted(&parts(all, &shares)));
    };
    let less = |values: Vec<f32>| values.iter().zip(&base).map(|(value, base)| value - base).collect();
    let changes = all.into_iter().map(less).collect();
    let change = recipe.rule().apply(name, parts(changes, &shares));
    Ok(base.iter().zip(change).map(|(base, change)| base + change).collect())
}

fn parts(all: Vec<Vec<f32>>, counts: &[f64]) -> Vec<Part> {
    let part = |(values, &count): (Vec<f32>, &f64)| Part {
        values,
        weight: count as f32,
    };
    all.into_iter().zip(counts).map(part).collect()
}

/// Whether all configs describe the first one's model: weights of one shape may be read in many ways.
fn same_form<'a>(mut folders: impl Iterator<Item = &'a Path>) -> Result<()> {
    let read = |folder: &Path| ModelConfig::read(&folder.join("config.json"));
    let Some(first) = folders.next() else { return Ok(()) };
    let ours = read(first)?;
    for folder in folders {
        let theirs = read(folder)?;
        if theirs.decoder != ours.decoder || theirs.family.architecture != ours.family.architecture {
            return Err(Error::file(folder.join("config.json"), says::combine_other_form(first)));
        }
    }
    Ok(())
}

/// The names of the first model's tensors, which all the others have in the same shape, and no more.
fn same_tensors(stores: &[Store], base: Option<&Store>) -> Result<Vec<String>> {
    let names = stores[0].names();
    for store in stores.iter().skip(1).chain(base) {
        for name in &names {
            let shape = stores[0].shape(name)?;
            store.fits(name, &shape)?;
        }
        if let Some(more) = store.names().iter().find(|name| !stores[0].has(name)) {
            return Err(stores[0].bad(more, says::no_such_tensor()));
        }
    }
    for name in &names {
        stores[0].fits(name, &stores[0].shape(name)?)?;
    }
    Ok(names)
}
