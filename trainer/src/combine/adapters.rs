//! Adapters of one base, merged into one.

use super::arithmetic::{Part, slerp};
use super::{Method, Recipe, origin};
use crate::error::{Error, Result};
use crate::folder::{self, Origin};
use crate::model::{Adapter, AdapterForm, Init, LoraPair, Names, Promise};
use crate::peft::{self, Saved};
use crate::svd::{Effort, truncated};
use crate::{files, tensors};
use candle_core::{DType, Tensor};
use protocol::says;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One adapter's matrices of a module, with what they are multiplied by.
struct Term<'a> {
    pair: &'a LoraPair,
    /// the adapter's own factor on `B A`
    scale: f64,
    /// what the adapter counts for
    share: f64,
}

impl Term<'_> {
    fn factor(&self) -> f64 {
        self.scale * self.share
    }

    /// What the adapter adds to the weight, row by row.
    fn product(&self) -> Result<Vec<f32>> {
        let product = (self.pair.b.matmul(&self.pair.a)? * self.scale)?;
        Ok(product.flatten_all()?.to_vec1()?)
    }
}

pub fn combine(
    folders: &[PathBuf],
    recipe: &Recipe,
    out: &Path,
    mut progress: impl FnMut(u64, u64) -> Result<()>,
) -> Result<()> {
    let (read, origin) = read(folders, recipe, |folder| peft::read(folder, &tensors::HOST))?;
    let adapters: Vec<&Adapter> = read.iter().map(|saved| &saved.adapter).collect();
    let modules: BTreeSet<&String> = adapters.iter().flat_map(|adapter| adapter.modules.keys()).collect();
    let shares = recipe.shares(adapters.len());
    let mut made = Adapter {
        scale: 1.0,
        form: form(&adapters, &modules),
        ..Adapter::default()
    };
    let rank = cut(&adapters, recipe)?;
    let count = modules.len() as u64;
    for (done, module) in modules.into_iter().enumerate() {
        let terms: Vec<Term> = adapters
            .iter()
            .zip(&shares)
            .filter_map(|(adapter, &share)| {
                Some(Term {
                    pair: adapter.modules.get(module)?,
                    scale: adapter.scale_of(module),
                    share,
                })
            })
            .collect();
        let pair = combined(module, &terms, recipe, rank)?;
        if !(tensors::is_finite(&pair.a)? && tensors::is_finite(&pair.b)?) {
            return Err(Error::invalid(says::combine_overflows(module)));
        }
        made.modules.insert(module.clone(), pair);
        progress(done as u64 + 1, count)?;
    }
    let base = read[0].base.clone().unwrap_or_else(|| origin.base.clone());
    files::folder_atomic(out, |dir| {
        peft::write(dir, &made, &base, 0.0)?;
        if let Some(first) = folders.iter().find(|dir| crate::data::has_tokenizer(dir)) {
            folder::copy_words(first, dir)?;
        }
        origin.write(dir)
    })
}

/// Adapters that can be merged, with what all of them were made from.
fn read(folders: &[PathBuf], recipe: &Recipe, read: impl Fn(&Path) -> Result<Saved>) -> Result<(Vec<Saved>, Origin)> {
    let mut all = vec![];
    for folder in folders {
        let saved = read(folder)?;
        if let Some(why) = refused(&saved.adapter) {
            return Err(Error::file(folder, why));
        }
        if let Some(name) = saved.adapter.whole.keys().next() {
            return Err(Error::file(folder, says::combine_whole(name)));
        }
        all.push(saved);
    }
    let origin = one_base(folders, &all)?;
    if recipe.method.adds_matrices() {
        one_rank(folders, &all, recipe)?;
    }
    Ok((all, origin))
}

/// # Errors
/// A module has another rank in one of them.
fn one_rank(folders: &[PathBuf], read: &[Saved], recipe: &Recipe) -> Result<()> {
    let mut known = BTreeMap::new();
    for (folder, saved) in folders.iter().zip(read) {
        for (module, pair) in &saved.adapter.modules {
            let other = pair.a.dim(0)?;
            let rank = *known.entry(module).or_insert(other);
            if other != rank {
                let said = says::combine_ranks(module, rank, other, recipe.method.name());
                return Err(Error::file(folder, said));
            }
        }
    }
    Ok(())
}

/// How large a module's pair is.
#[derive(Default)]
struct Sides {
    /// of its weight, both together
    both: usize,
    /// in one adapter
    rank: usize,
    /// in all of them together
    ranks: usize,
}

/// Bytes of the matrices that merging gives.
pub fn bytes(folders: &[PathBuf], recipe: &Recipe) -> Result<u64> {
    let (read, _) = read(folders, recipe, peft::outline)?;
    let adapters: Vec<&Adapter> = read.iter().map(|saved| &saved.adapter).collect();
    let cut = cut(&adapters, recipe)?;
    let mut modules: BTreeMap<&String, Sides> = BTreeMap::new();
    for (module, pair) in adapters.iter().flat_map(|adapter| &adapter.modules) {
        let rank = pair.a.dim(0)?;
        let known = modules.entry(module).or_default();
        *known = Sides {
            both: pair.a.dim(1)? + pair.b.dim(0)?,
            rank,
            ranks: known.ranks + rank,
        };
    }
    let numbers = modules.values().map(|of| {
        let rank = match recipe.method {
            method if method.by_products() => cut,
            method if method.adds_matrices() => of.rank,
            _ => of.ranks,
        };
        (of.both * rank) as u64
    });
    Ok(numbers.sum::<u64>() * size_of::<f32>() as u64)
}

/// The rank that a decomposition is cut to: what is asked for, else the largest.
fn cut(adapters: &[&Adapter], recipe: &Recipe) -> Result<usize> {
    let pairs = || adapters.iter().flat_map(|adapter| adapter.modules.values());
    if let Some(rank) = recipe.rank {
        let sides = pairs().map(|pair| Ok(pair.a.dim(1)?.min(pair.b.dim(0)?)));
        let most = sides.collect::<Result<Vec<_>>>()?.into_iter().max().unwrap_or(1);
        return match rank <= most {
            true => Ok(rank),
            false => Err(Error::invalid(says::combine_rank_too_large(rank, most))),
        };
    }
    let ranks = pairs().map(|pair| Ok(pair.a.dim(0)?)).collect::<Result<Vec<_>>>()?;
    Ok(ranks.into_iter().max().unwrap_or(1))
}

/// Why an adapter is more, or other, than a sum of low-rank terms on the base's own weights.
fn refused(adapter: &Adapter) -> Option<protocol::Said> {
    let dora = adapter.modules.values().any(|pair| pair.magnitude.is_some());
    match &adapter.form {
        form if form.oft.is_some() => Some(says::combine_kind("OFT")),
        _ if dora => Some(says::combine_kind("DoRA")),
        form if form.init.pissa().is_some() => Some(says::combine_kind("PiSSA")),
        form if matches!(form.init, Init::Loftq { .. }) => Some(says::combine_kind("LoftQ")),
        _ => None,
    }
}

/// What the merged adapter was made from: what all of them were.
fn one_base(folders: &[PathBuf], read: &[Saved]) -> Result<Origin> {
    let first = origin(folders)?;
    let base = |folder: &Path, saved: &Saved| -> Result<String> {
        let written = Origin::read(folder)?.map(|origin| origin.base);
        Ok(written.or_else(|| saved.base.clone()).unwrap_or_default())
    };
    let ours = base(&folders[0], &read[0])?;
    for (folder, saved) in folders.iter().zip(read).skip(1) {
        let theirs = base(folder, saved)?;
        if theirs != ours {
            return Err(Error::file(folder, says::combine_other_base(theirs, ours)));
        }
        if saved.adapter.form.replication != read[0].adapter.form.replication {
            return Err(Error::file(folder, says::combine_other_blocks("layer_replication")));
        }
        let own = Origin::read(folder)?.unwrap_or_default();
        if own.adapters != first.adapters {
            return Err(Error::file(folder, says::combine_other_blocks("adapters")));
        }
        if own.rope != first.rope {
            return Err(Error::file(folder, says::combine_other_blocks("rope_scaling")));
        }
    }
    Ok(Origin { base: ours, ..first })
}

fn form(adapters: &[&Adapter], modules: &BTreeSet<&String>) -> AdapterForm {
    let first = &adapters[0].form;
    let same = adapters.iter().all(|adapter| adapter.form.promise == first.promise);
    AdapterForm {
        promise: match same {
            true => first.promise.clone(),
            false => Promise {
                targets: Names::List(modules.iter().map(|name| (*name).clone()).collect()),
                ..Promise::default()
            },
        },
        replication: first.replication.clone(),
        ..AdapterForm::default()
    }
}

/// The pair of one module; `rank`: where a decomposition is cut.
fn combined(module: &str, terms: &[Term], recipe: &Recipe, rank: usize) -> Result<LoraPair> {
    let factors = || terms.iter().map(Term::factor).collect::<Vec<_>>();
    match (recipe.method, terms) {
        (Method::Slerp, [a, b]) => {
            let [left, right] = slerp(&a.product()?, &b.product()?, b.share);
            beside(terms, &[left * a.scale, right * b.scale])
        }
        // a module that only one of the two is on is half way from nothing
        (Method::Cat | Method::TaskArithmetic | Method::Slerp, _) => beside(terms, &factors()),
        (method, _) if method.by_products() => by_products(module, terms, recipe, rank),
        _ => apart(module, terms, recipe),
    }
}

/// `sum of factor × B A` as one pair: matrices beside each other.
fn beside(terms: &[Term], factors: &[f64]) -> Result<LoraPair> {
    let a: candle_core::Result<Vec<_>> = terms
        .iter()
        .zip(factors)
        .map(|(term, &factor)| &term.pair.a * factor)
        .collect();
    let b: Vec<_> = terms.iter().map(|term| &term.pair.b).collect();
    Ok(LoraPair::new(Tensor::cat(&a?, 0)?, Tensor::cat(&b, 1)?))
}

/// The best pair of a rank for what the rule makes of the products.
fn by_products(module: &str, terms: &[Term], recipe: &Recipe, rank: usize) -> Result<LoraPair> {
    let mut parts = vec![];
    for term in terms {
        parts.push(Part {
            values: term.product()?,
            weight: term.share as f32,
        });
    }
    let shape = (terms[0].pair.b.dim(0)?, terms[0].pair.a.dim(1)?);
    let sum = Tensor::from_vec(recipe.rule().apply(module, parts), shape, &tensors::HOST)?;
    let svd = truncated(&sum, rank, Effort::Exact)?;
    let s = Tensor::from_vec(svd.s.clone(), (1, svd.s.len()), &tensors::HOST)?;
    let b = svd.u.broadcast_mul(&s)?.to_dtype(DType::F32)?;
    Ok(LoraPair::new(svd.vt.to_dtype(DType::F32)?, b))
}

/// What the rule makes of the matrices A, and of the matrices B, each with the root of its factor.
fn apart(module: &str, terms: &[Term], recipe: &Recipe) -> Result<LoraPair> {
    let one = |side: &str| -> Result<Tensor> {
        let of = |term: &Term| match side {
            "A" => term.pair.a.clone(),
            _ => term.pair.b.clone(),
        };
        let mut parts = vec![];
        for term in terms {
            // the sign of a factor stands on one side only, or it would cancel out
            let root = term.factor().abs().sqrt();
            let weight = if side == "A" && term.factor() < 0.0 {
                -root
            } else {
                root
            };
            parts.push(Part {
                values: of(term).flatten_all()?.to_vec1()?,
                weight: weight as f32,
            });
        }
        let values = recipe.rule().apply(&format!("{module}.{side}"), parts);
        Ok(Tensor::from_vec(values, of(&terms[0]).shape(), &tensors::HOST)?)
    };
    Ok(LoraPair::new(one("A")?, one("B")?))
}
