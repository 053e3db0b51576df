//! Adapters in memory, of low-rank terms or of rotations: what a new one looks like, and one read from a checkpoint.
//!
//! *LoRA: Low-Rank Adaptation of Large Language Models*, arXiv 2106.09685. `W x + scale * B (A x)`; with DoRA
//! (arXiv 2402.09353) `m / |W + scale B A| * (W + scale B A) x`, lengths taken per row.
use super::cayley::Cayley;
use crate::error::{Error, Result};
use candle_core::Tensor;
use protocol::config::{Division, FreezeSpec};
use protocol::says;
use regex::Regex;
use std::collections::BTreeMap;

/// Which linear layers get an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Targets {
    /// every linear of the decoder blocks (never embeddings or the head)
    All,
    /// by the last parts of the module's path: `q_proj`, `self_attn.v_proj`, …
    Named(Vec<String>),
}

impl Targets {
    pub fn wants(&self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.iter().any(|name| is_named(path, name)),
        }
    }
}

/// Whether a path is this name, or ends with it.
pub fn is_named(path: &str, name: &str) -> bool {
    path == name || path.ends_with(&format!(".{name}"))
}

/// What a new adapter starts as, and what that does to the weights it is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Init {
    /// A random, B zero: the weights stay as they are.
    #[default]
    Zero,
    Pissa(Pissa),
    /// LoftQ: the weights were quantized in so many rounds (`loftq.rs`), the adapter began as what that took off them.
    Loftq {
        iterations: usize,
    },
}

impl Init {
    pub fn pissa(self) -> Option<Pissa> {
        match self {
            Self::Pissa(pissa) => Some(pissa),
            _ => None,
        }
    }
}

/// PiSSA (arXiv 2404.02948): A and B start as the principal singular vectors, which are taken off the frozen weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pissa {
    /// subspace iterations of the randomised decomposition; `None`: exact
    pub iterations: Option<usize>,
    /// saved as a plain adapter of twice the rank
    pub convert: bool,
}

/// A fresh adapter: A drawn from kaiming-uniform(a = sqrt 5), B zero, as PEFT starts it; or as `init` says.
#[derive(Clone, Debug)]
pub struct LoraConfig {
    pub rank: usize,
    /// The factor on `B A` is `alpha / rank`, or `alpha / sqrt(rank)` when rank-stabilised.
    pub alpha: f64,
    pub rank_stabilized: bool,
    /// Probability that an input of A is zeroed; applied only while a dropout seed is set on the model.
    pub dropout: f64,
    pub targets: Targets,
    /// Only in this many blocks that an expansion added.
    pub expanded: Option<usize>,
    pub dora: bool,
    pub init: Init,
    /// Modules that train whole beside the adapter, by the end of their path.
    pub additional: Vec<String>,
    pub seed: u64,
}

/// A fresh rotation below each of these layers, which turns nothing yet.
#[derive(Clone, Debug)]
pub struct OftConfig {
    pub form: OftForm,
    pub targets: Targets,
    /// Modules that train whole beside the adapter, by the end of their path.
    pub additional: Vec<String>,
}

/// OFT: which numbers a layer's rotation has, and how it follows from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OftForm {
    pub blocks: Division,
    /// one matrix turns every block
    pub shared: bool,
    pub cayley: Cayley,
}

impl Default for LoraConfig {
    fn default() -> Self {
        Self {
            rank: 8,
            alpha: 16.0,
            rank_stabilized: false,
            dropout: 0.0,
            targets: Targets::All,
            expanded: None,
            dora: false,
            init: Init::Zero,
            additional: vec![],
            seed: 0,
        }
    }
}

/// The matrices of one module: `a` is `[rank, in]`, `b` is `[out, rank]`.
#[derive(Clone, Debug)]
pub struct LoraPair {
    pub a: Tensor,
    pub b: Tensor,
    /// DoRA's lengths, `[out]`
    pub magnitude: Option<Tensor>,
}

impl LoraPair {
    pub fn new(a: Tensor, b: Tensor) -> Self {
        Self { a, b, magnitude: None }
    }
}

/// An adapter whose weights exist already.
#[derive(Clone, Debug, Default)]
pub struct Adapter {
    /// the factor on `B A`
    pub scale: f64,
    /// by module path (`model.layers.0.self_attn.q_proj`)
    pub modules: BTreeMap<String, LoraPair>,
    /// OFT's numbers above the diagonals, `[blocks, size (size - 1) / 2]`, by module path
    pub rotations: BTreeMap<String, Tensor>,
    pub form: Form,
    /// whole weights by tensor name, in place of the model's own
    pub whole: BTreeMap<String, Tensor>,
}

/// What an adapter has for one module.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    Pair(&'a LoraPair),
    /// with how its numbers are read
    Rotation(&'a Tensor, &'a OftForm),
}

impl Adapter {
    pub fn is_empty(&self) -> bool {
        self.modules.is_empty() && self.rotations.is_empty()
    }

    /// Paths of the modules it is on.
    pub fn paths(&self) -> impl Iterator<Item = &String> {
        self.modules.keys().chain(self.rotations.keys())
    }

    pub fn part(&self, module: &str) -> Option<Part<'_>> {
        let rotation = || Some(Part::Rotation(self.rotations.get(module)?, self.form.oft.as_ref()?));
        self.modules.get(module).map(Part::Pair).or_else(rotation)
    }

    /// The factor on `B A` of one module.
    pub fn scale_of(&self, module: &str) -> f64 {
        self.form.scales.get(module).copied().unwrap_or(self.scale)
    }
}

/// What an adapter's config says beside rank and factor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    pub rank_stabilized: bool,
    /// of an adapter of rotations
    pub oft: Option<OftForm>,
    pub init: Init,
    /// the modules of `whole`, as they were asked for
    pub additional: Vec<String>,
    /// factors of modules that have one of their own (`alpha_pattern`, `rank_pattern`)
    pub scales: BTreeMap<String, f64>,
    /// The blocks that the model is made of, as ranges of the base's, one after the other (`layer_replication`); empty:
    /// the base's own.
    pub replication: Vec<(usize, usize)>,
    pub promise: Promise,
}

/// The modules that an adapter's config says it is on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Promise {
    pub targets: Names,
    pub excluded: Names,
    /// only in these blocks; empty: in all
    pub layers: Vec<usize>,
    /// what the lists of blocks are called; empty: whatever holds the first number of a path
    pub layer_lists: Vec<String>,
}

/// Modules by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Names {
    #[default]
    None,
    /// whole paths or the last parts of them
    List(Vec<String>),
    /// a regular expression over whole paths
    Pattern(String),
}

impl Names {
    /// PEFT's word for every linear layer but the output's.
    const ALL: &str = "all-linear";

    fn matcher(&self, field: &str) -> Result<impl Fn(&str) -> bool + use<'_>> {
        let pattern = match self {
            Self::Pattern(pattern) if pattern != Self::ALL => Some(
                Regex::new(&format!("^(?:{pattern})$"))
                    .map_err(|_| Error::invalid(says::bad_pattern(field, pattern)))?,
            ),
            _ => None,
        };
        Ok(move |path: &str| match (self, &pattern) {
            (Self::List(names), _) => names.iter().any(|name| is_named(path, name)),
            (_, Some(pattern)) => pattern.is_match(path),
            (Self::Pattern(_), None) => path != "lm_head" && !path.ends_with("embed_tokens"),
            _ => false,
        })
    }
}

impl Promise {
    /// The first of the paths that is promised and not `held`. PEFT can't put an adapter on experts that transformers
    /// keeps in one tensor: where no expert has one, none is missed.
    pub fn missing<'a>(&self, paths: &'a [String], held: impl Fn(&str) -> bool) -> Result<Option<&'a str>> {
        let (wanted, excluded) = (
            self.targets.matcher("target_modules")?,
            self.excluded.matcher("exclude_modules")?,
        );
        let of_expert = |path: &str| path.contains(".experts.");
        let experts = paths.iter().any(|path| of_expert(path) && held(path));
        let missed = |path: &&String| {
            wanted(path) && !excluded(path) && self.in_layers(path) && (experts || !of_expert(path)) && !held(path)
        };
        Ok(paths.iter().find(missed).map(String::as_str))
    }

    /// The first of the held paths that the config leaves out: PEFT would not use what the file has for it. Experts are
    /// left aside, since configs name them in more than one way.
    pub fn surplus<'a>(&self, held: impl Iterator<Item = &'a String>) -> Result<Option<&'a str>> {
        let (wanted, excluded) = (
            self.targets.matcher("target_modules")?,
            self.excluded.matcher("exclude_modules")?,
        );
        // null means PEFT's list for the family, which the file doesn't name
        let named = self.targets != Names::None;
        let mut surplus: Vec<&str> = held
            .map(String::as_str)
            .filter(|path| !path.contains(".experts."))
            .filter(|path| excluded(path) || !self.in_layers(path) || named && !wanted(path))
            .collect();
        surplus.sort_unstable();
        Ok(surplus.first().copied())
    }

    fn in_layers(&self, path: &str) -> bool {
        if self.layers.is_empty() {
            return true;
        }
        let parts: Vec<&str> = path.split('.').collect();
        let number = parts.windows(2).skip(1).find_map(|pair| {
            let listed = self.layer_lists.is_empty() || self.layer_lists.iter().any(|name| name == pair[0]);
            pair[1].parse().ok().filter(|_: &usize| listed)
        });
        number.is_some_and(|layer| self.layers.contains(&layer))
    }
}

/// What a run trains.
#[derive(Clone, Debug)]
pub enum Trainable {
    /// nothing: evaluation, chat, export
    Nothing,
    /// every weight; `keep_reference` holds the starting weights beside them for [`super::Pass::Reference`]
    Full { keep_reference: bool },
    /// some of the weights
    Freeze { part: FreezeSpec, keep_reference: bool },
    /// a new adapter; the reference is the model without it
    NewAdapter(LoraConfig),
    /// a new adapter of rotations; the reference is the model without it
    NewRotations(OftConfig),
    /// an adapter that exists goes on; the reference is a frozen copy of it as it starts
    Continue { adapter: Adapter, dropout: f64 },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_names_modules_as_peft_matches_them() {
        let paths: Vec<String> = ["self_attn.q_proj", "self_attn.v_proj", "mlp.experts.0.up_proj"]
            .iter()
            .flat_map(|module| (0..3).map(move |i| format!("model.layers.{i}.{module}")))
            .collect();
        let list = |names: &[&str]| Names::List(names.iter().map(|name| name.to_string()).collect());
        let some = |targets| Promise {
            targets,
            ..Promise::default()
        };
        for (promise, held, missed) in [
            (Promise::default(), vec![], None),
            (
                some(list(&["q_proj"])),
                vec!["0.self_attn.q", "1.self_attn.q", "2.self_attn.q"],
                None,
            ),
            (
                some(list(&["q_proj"])),
                vec!["0.self_attn.q", "2.self_attn.q"],
                Some("model.layers.1.self_attn.q_proj"),
            ),
            (some(list(&["proj"])), vec![], None),
            (
                some(Names::Pattern(r".*\.v_proj".into())),
                vec!["0.self_attn.v"],
                Some("model.layers.1.self_attn.v_proj"),
            ),
            (some(Names::Pattern("v_proj".into())), vec![], None),
            (
                some(Names::Pattern("all-linear".into())),
                vec!["0", "1", "2.self_attn"],
                Some("model.layers.2.mlp.experts.0.up_proj"),
            ),
            // experts that none of has one are not missed
            (some(list(&["up_proj"])), vec![], None),
            (
                some(list(&["up_proj"])),
                vec!["1.mlp"],
                Some("model.layers.0.mlp.experts.0.up_proj"),
            ),
            (
                Promise {
                    layers: vec![1],
                    ..some(list(&["q_proj"]))
                },
                vec!["1.self_attn.q"],
                None,
            ),
            (
                Promise {
                    layers: vec![1],
                    layer_lists: vec!["h".into()],
                    ..some(list(&["q_proj"]))
                },
                vec![],
                None,
            ),
            (
                Promise {
                    excluded: list(&["1.self_attn.q_proj"]),
                    ..some(list(&["q_proj"]))
                },
                vec!["0.self", "2.self"],
                None,
            ),
        ] {
            let held = |path: &str| held.iter().any(|part| path.contains(&format!("layers.{part}")));
            assert_eq!(promise.missing(&paths, held).unwrap(), missed, "{promise:?}");
        }
        assert!(some(Names::Pattern("(".into())).missing(&paths, |_| true).is_err());
    }

    #[test]
    fn what_the_config_leaves_out_is_told() {
        let held = ["model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.v_proj"].map(str::to_owned);
        let list = |names: &[&str]| Names::List(names.iter().map(|n| (*n).to_owned()).collect());
        let both = list(&["q_proj", "v_proj"]);
        for (targets, excluded, layers, surplus) in [
            (both.clone(), Names::None, vec![], None),
            (Names::Pattern("all-linear".into()), Names::None, vec![], None),
            (Names::Pattern(".*proj".into()), Names::None, vec![], None),
            (
                Names::Pattern(".*q_proj".into()),
                Names::None,
                vec![],
                Some(held[1].as_str()),
            ),
            // the whole path, as Python's fullmatch
            (
                Names::Pattern("q_proj|v_proj".into()),
                Names::None,
                vec![],
                Some(held[0].as_str()),
            ),
            (Names::None, Names::None, vec![], None),
            (list(&["q_proj"]), Names::None, vec![], Some(held[1].as_str())),
            (both.clone(), list(&["q_proj"]), vec![], Some(held[0].as_str())),
            (both, Names::None, vec![0], Some(held[1].as_str())),
        ] {
            let promise = Promise {
                targets,
                excluded,
                layers,
                ..Promise::default()
            };
            assert_eq!(promise.surplus(held.iter()).unwrap(), surplus, "{promise:?}");
        }
    }
}
