//! `adapter_config.json`: a key of PEFT's that changes what the adapter computes is done or refused by name, one that is
//! not known is told of.

mod judge;
mod patterns;

use crate::error::{Error, Result};
use crate::files;
use crate::model::{Init, Names, OftForm, Promise};
use judge::{REFUSED, asks, init, problem, rotations};
use patterns::{Listed, OneOrMany, Patterns};
use protocol::{Said, says};
use regex::Regex;
use serde::de::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::path::Path;

pub const CONFIG: &str = "adapter_config.json";

/// Keys that change nothing of what a saved adapter computes.
const INERT: &[&str] = &[
    "auto_mapping",
    "corda_config",
    "eva_config",
    "inference_mode",
    "lora_ga_config",
    "megatron_core",
    "peft_version",
    "qalora_group_size",
    "runtime_config",
    "task_type",
    "velora_config",
];

/// What the config of an adapter of rotations has of its own.
const OF_ROTATIONS: &[&str] = &[
    "oft_block_size",
    "block_share",
    "coft",
    "eps",
    "use_cayley_neumann",
    "num_cayley_neumann_terms",
    "module_dropout",
    "init_weights",
];

/// What we read of `adapter_config.json`.
#[derive(Debug, serde::Deserialize)]
struct Written {
    peft_type: Option<String>,
    #[serde(default = "rank")]
    r: usize,
    #[serde(default = "alpha")]
    lora_alpha: f64,
    #[serde(default, deserialize_with = "or_default")]
    lora_dropout: f64,
    #[serde(default, deserialize_with = "or_default")]
    use_rslora: bool,
    #[serde(default, deserialize_with = "or_default")]
    use_dora: bool,
    #[serde(default, deserialize_with = "or_default")]
    fan_in_fan_out: bool,
    bias: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    rank_pattern: Patterns<usize>,
    #[serde(default, deserialize_with = "or_default")]
    alpha_pattern: Patterns<f64>,
    #[serde(default, deserialize_with = "or_default")]
    modules_to_save: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    init_lora_weights: Value,
    loftq_config: Option<LoftqConfig>,
    base_model_name_or_path: Option<String>,
    revision: Option<String>,
    target_modules: Option<Listed>,
    exclude_modules: Option<Listed>,
    layers_to_transform: Option<OneOrMany<usize>>,
    layers_pattern: Option<OneOrMany<String>>,
    #[serde(default, deserialize_with = "or_default")]
    layer_replication: Vec<(usize, usize)>,
    #[serde(default, deserialize_with = "or_default")]
    ensure_weight_tying: bool,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

fn rank() -> usize {
    8
}

fn alpha() -> f64 {
    8.0
}

/// `null` is what a key is where it is left out.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> std::result::Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// Empty where LoftQ is not used. With `init_lora_weights: true` the weights are quantized once, or were before.
#[derive(Debug, serde::Deserialize)]
struct LoftqConfig {
    loftq_bits: Option<u64>,
    loftq_iter: Option<usize>,
}

/// An adapter's config, checked.
pub struct Config {
    written: Written,
    ranks: Vec<(Regex, usize)>,
    alphas: Vec<(Regex, f64)>,
    oft: Option<OftForm>,
}

impl Config {
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join(CONFIG);
        let text = files::read_config(&path).map_err(|e| match e {
            Error::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Error::file(dir, says::no_adapter_config(CONFIG))
            }
            other => other,
        })?;
        Self::parse(&text).map_err(|problem| Error::file(&path, problem))
    }

    /// From the file's text; the error says what is wrong with it.
    pub fn parse(text: &[u8]) -> std::result::Result<Self, Said> {
        let written: Written = serde_json::from_slice(text).map_err(says::no_adapters_config)?;
        let oft = match written.peft_type.as_deref() {
            Some("OFT") => Some(rotations(&written)?),
            _ => None,
        };
        if let Some(problem) = problem(&written).filter(|_| oft.is_none()) {
            return Err(problem);
        }
        Ok(Self {
            oft,
            ranks: written.rank_pattern.compiled("rank_pattern")?,
            alphas: written.alpha_pattern.compiled("alpha_pattern")?,
            written,
        })
    }

    pub fn rank(&self) -> usize {
        self.written.r
    }

    /// How an adapter of rotations is made; `None` for one of low-rank terms.
    pub fn oft(&self) -> Option<&OftForm> {
        self.oft.as_ref()
    }

    pub fn dropout(&self) -> f64 {
        self.written.lora_dropout
    }

    pub fn base(&self) -> Option<&str> {
        self.written.base_model_name_or_path.as_deref()
    }

    /// Of the base, where it comes from the hub.
    pub fn revision(&self) -> Option<&str> {
        self.written.revision.as_deref().filter(|revision| !revision.is_empty())
    }

    pub fn rank_stabilized(&self) -> bool {
        self.written.use_rslora
    }

    pub fn dora(&self) -> bool {
        self.written.use_dora
    }

    pub fn additional(&self) -> &[String] {
        &self.written.modules_to_save
    }

    pub fn replication(&self) -> &[(usize, usize)] {
        &self.written.layer_replication
    }

    /// The rank a module's matrices must have.
    pub fn rank_of(&self, module: &str) -> usize {
        let own = self.ranks.iter().find(|(pattern, _)| pattern.is_match(module));
        own.map_or(self.written.r, |(_, rank)| *rank)
    }

    /// Whether modules have a `lora_alpha` of their own.
    pub fn has_alphas(&self) -> bool {
        !self.alphas.is_empty()
    }

    /// The factor on `B A` of a module; `None`: that of the whole adapter.
    pub fn scale_of(&self, module: &str) -> Option<f64> {
        let own = self.alphas.iter().find(|(pattern, _)| pattern.is_match(module));
        let rank = self.rank_of(module);
        (own.is_some() || rank != self.written.r)
            .then(|| self.factor(own.map_or(self.written.lora_alpha, |(_, alpha)| *alpha), rank))
    }

    pub fn scale(&self) -> f64 {
        self.factor(self.written.lora_alpha, self.written.r)
    }

    fn factor(&self, alpha: f64, rank: usize) -> f64 {
        match self.written.use_rslora {
            true => alpha / (rank as f64).sqrt(),
            false => alpha / rank as f64,
        }
    }

    /// The modules that it says the adapter is on.
    pub fn promise(&mut self) -> Promise {
        let names = |listed: Option<Listed>| match listed {
            None => Names::None,
            Some(Listed::List(names)) => Names::List(names),
            Some(Listed::Pattern(pattern)) => Names::Pattern(pattern),
        };
        let written = &mut self.written;
        Promise {
            targets: names(written.target_modules.take()),
            excluded: names(written.exclude_modules.take()),
            layers: written
                .layers_to_transform
                .take()
                .map(OneOrMany::list)
                .unwrap_or_default(),
            layer_lists: written.layers_pattern.take().map(OneOrMany::list).unwrap_or_default(),
        }
    }

    /// What the person should know of it: keys that hold something and change nothing here.
    pub fn notes(&self) -> Vec<Said> {
        let mut notes = vec![];
        if self.written.fan_in_fan_out {
            notes.push(says::no_fan_in(CONFIG));
        }
        if self.oft.is_none() && self.written.lora_alpha == 0.0 && self.alphas.is_empty() {
            notes.push(says::adapter_without_effect(CONFIG));
        }
        let of_rotations = |key: &str| self.oft.is_some() && OF_ROTATIONS.contains(&key);
        let known =
            |key: &str| of_rotations(key) || INERT.contains(&key) || REFUSED.iter().any(|(refused, _)| *refused == key);
        let unknown = self
            .written
            .rest
            .iter()
            .filter(|(key, value)| !known(key) && asks(value));
        notes.extend(unknown.map(|(key, value)| {
            let value: String = value.to_string().chars().take(80).collect();
            says::unknown_adapter_key(CONFIG, key, value)
        }));
        notes
    }

    pub fn init(&self) -> Init {
        init(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cayley;
    use protocol::config::Division;

    fn parse(extra: &str) -> std::result::Result<Config, Said> {
        Config::parse(format!("{{\"peft_type\": \"LORA\", \"r\": 4, \"lora_alpha\": 8{extra}}}").as_bytes())
    }

    #[test]
    fn patterns_give_ranks_and_factors_as_peft_matches_them() {
        let config = parse(
            r#", "rank_pattern": {"layers.1.self_attn.q_proj": 2, "q_proj": 16, "model\\.layers\\.[01]\\.mlp\\.up_proj": 1},
                "alpha_pattern": {"v_proj": 32, "k_proj$": 4}"#,
        )
        .unwrap();
        for (module, rank, scale) in [
            ("model.layers.1.self_attn.q_proj", 2, 4.0),
            ("model.layers.11.self_attn.q_proj", 16, 0.5),
            ("model.layers.0.mlp.up_proj", 1, 8.0),
            ("model.layers.2.mlp.up_proj", 4, 2.0),
            ("model.layers.0.self_attn.v_proj", 4, 8.0),
            ("model.layers.0.self_attn.k_proj", 4, 1.0),
            // the end of a path, not of a name
            ("model.layers.0.self_attn.my_v_proj", 4, 2.0),
        ] {
            let found = (
                config.rank_of(module),
                config.scale_of(module).unwrap_or(config.scale()),
            );
            assert_eq!(found, (rank, scale), "{module}");
        }
        let stable = parse(r#", "use_rslora": true, "rank_pattern": {"q_proj": 16}"#).unwrap();
        assert_eq!((stable.scale(), stable.scale_of("a.q_proj")), (4.0, Some(2.0)));
    }

    #[test]
    fn rotations_are_read_as_the_version_that_wrote_them_makes_them() {
        let parse = |extra: &str| Config::parse(format!("{{\"peft_type\": \"OFT\"{extra}}}").as_bytes());
        let series = |terms, even| Cayley::Series { terms, even };
        for (extra, blocks, cayley) in [
            (
                r#""r": 0, "oft_block_size": 32, "use_cayley_neumann": true, "peft_version": "0.18.1""#,
                Division::Size(32),
                series(5, false),
            ),
            (
                r#""r": 8, "oft_block_size": 0, "use_cayley_neumann": true, "num_cayley_neumann_terms": 3, "peft_version": "1.0.0""#,
                Division::Count(8),
                series(3, false),
            ),
            (
                r#""r": 0, "oft_block_size": 4, "use_cayley_neumann": true"#,
                Division::Size(4),
                series(5, true),
            ),
            (
                r#""r": 0, "oft_block_size": 4, "peft_version": "0.17.1""#,
                Division::Size(4),
                Cayley::Exact,
            ),
        ] {
            let config = parse(&format!(", {extra}")).unwrap();
            assert_eq!(config.notes(), []);
            let form = config.oft().unwrap();
            assert_eq!((form.blocks, form.cayley), (blocks, cayley), "{extra}");
        }
        for (extra, says) in [
            (r#""r": 8"#, "before 0.14"),
            (r#""r": 8, "oft_block_size": 8"#, "both set"),
            (r#""r": 0, "oft_block_size": 8, "coft": true"#, "coft"),
            (r#""r": 0, "oft_block_size": 8, "bias": "all""#, "bias: all"),
        ] {
            let error = parse(&format!(", {extra}")).err().unwrap();
            assert!(error.message.contains(says), "{extra}: {error}");
        }
    }

    #[test]
    fn a_factor_of_nothing_is_told() {
        let config = Config::parse(br#"{"peft_type": "LORA", "r": 4, "lora_alpha": 0}"#).unwrap();
        assert_eq!(config.notes(), [says::adapter_without_effect(CONFIG)]);
    }

    #[test]
    fn keys_that_compute_something_else_are_refused_by_name_and_unknown_ones_told() {
        for (extra, says) in [
            (r#", "lora_bias": true"#, "lora_bias"),
            (r#", "megatron_config": {"a": 1}"#, "megatron_config"),
            (r#", "target_parameters": ["experts.down_proj"]"#, "target_parameters"),
            (r#", "trainable_token_indices": [1, 2]"#, "trainable_token_indices"),
            (r#", "use_qalora": true"#, "use_qalora"),
            (r#", "alora_invocation_tokens": [3]"#, "alora_invocation_tokens"),
            (r#", "bias": "lora_only""#, "bias: lora_only"),
            (r#", "init_lora_weights": "lora_ga""#, "lora_ga"),
            (r#", "init_lora_weights": "pissa_niter_x""#, "pissa_niter_x"),
            (r#", "loftq_config": {"loftq_bits": 2}"#, "2 bits"),
            (r#", "rank_pattern": {"q_proj": 0}"#, "rank_pattern"),
            (r#", "rank_pattern": {"(": 2}"#, "rank_pattern"),
            (
                r#", "ensure_weight_tying": true, "modules_to_save": ["lm_head"]"#,
                "ensure_weight_tying",
            ),
        ] {
            let error = parse(extra).err().unwrap();
            assert!(error.message.contains(says), "{extra}: {error}");
        }
        let quiet = r#", "lora_bias": false, "megatron_config": null, "use_dora": null, "target_parameters": [],
            "eva_config": null, "peft_version": "0.18.0", "runtime_config": {"ephemeral_gpu_offload": false}, "new": null"#;
        assert_eq!(parse(quiet).unwrap().notes(), []);
        let notes = parse(r#", "brand_new": {"a": 1}, "fan_in_fan_out": true"#)
            .unwrap()
            .notes();
        assert!(
            notes[0].message.contains("fan_in_fan_out") && notes[1].message.contains("`brand_new`"),
            "{notes:?}"
        );
    }
}
