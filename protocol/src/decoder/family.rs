//! The families of decoders that are known, and what a model's `config.json` says.

use super::keys::{Keys, Parsed};
use super::weight_map::{LLAMA, MIXTRAL, PHI3, WeightMap};
use super::{DecoderSpec, experts, llama};
use crate::said::Arg;
use crate::says;
use serde_json::{Map, Value};

/// A family of decoders.
#[derive(Debug)]
pub struct Family {
    /// As `architectures` in `config.json` names it.
    pub architecture: &'static str,
    /// What the keys of `config.json` mean.
    read: fn(&Keys) -> Parsed<DecoderSpec>,
    pub weights: WeightMap,
}

/// An architecture is one family.
impl PartialEq for Family {
    fn eq(&self, other: &Self) -> bool {
        self.architecture == other.architecture
    }
}

static FAMILIES: [Family; 7] = [
    Family {
        architecture: "LlamaForCausalLM",
        read: llama::llama,
        weights: LLAMA,
    },
    Family {
        architecture: "MistralForCausalLM",
        read: llama::mistral,
        weights: LLAMA,
    },
    Family {
        architecture: "Qwen2ForCausalLM",
        read: llama::qwen2,
        weights: LLAMA,
    },
    Family {
        architecture: "Qwen3ForCausalLM",
        read: llama::qwen3,
        weights: LLAMA,
    },
    Family {
        architecture: "Phi3ForCausalLM",
        read: llama::mistral,
        weights: PHI3,
    },
    Family {
        architecture: "MixtralForCausalLM",
        read: experts::mixtral,
        weights: MIXTRAL,
    },
    Family {
        architecture: "Qwen2MoeForCausalLM",
        read: experts::qwen2_moe,
        weights: LLAMA,
    },
];

/// The architectures that can be trained, for messages.
pub fn supported() -> String {
    let names: Vec<_> = FAMILIES.iter().map(|family| family.architecture).collect();
    names.join(", ")
}

/// Whether a tensor of this name is the table of an embedding or a head, in the checkpoints of any family.
pub fn is_table(name: &str) -> bool {
    let mut families = FAMILIES.iter();
    families.any(|family| family.weights.tables().iter().any(|table| table == name))
}

/// The embedding's table in the checkpoints of each family.
pub fn embedding_tables() -> impl Iterator<Item = String> {
    FAMILIES.iter().map(|family| {
        let [embedding, _] = family.weights.tables();
        embedding
    })
}

pub fn by_architecture(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.architecture == name)
}

/// What a model's `config.json` says of it.
#[derive(Debug, Clone)]
pub struct ModelSpec {
    pub family: &'static Family,
    pub decoder: DecoderSpec,
    /// The longest text it was made for, in tokens, where that is said.
    pub context: Option<usize>,
    /// Standard deviation of weights that are drawn.
    pub initializer_range: f64,
    /// `torch_dtype` or `dtype`, as written.
    pub dtype: Option<String>,
    /// The weight of the router's auxiliary loss, where `output_router_logits` asks for it.
    pub router_loss: Option<f64>,
}

impl ModelSpec {
    /// From the object that `config.json` is.
    ///
    /// # Errors
    /// Anything that could not be computed exactly, with what is supported.
    pub fn parse(config: &Map<String, Value>) -> Parsed<Self> {
        let keys = Keys::new(config);
        keys.bounded()?;
        let family = family(&keys)?;
        let decoder = (family.read)(&keys)?;
        Ok(Self {
            family,
            context: keys.optional_size("max_position_embeddings")?,
            initializer_range: keys.number("initializer_range")?.unwrap_or(0.02),
            dtype: ["dtype", "torch_dtype"]
                .iter()
                .find_map(|key| Some(keys.get(key)?.as_str()?.to_owned())),
            router_loss: decoder.experts().and_then(|_| experts::router_loss(&keys)),
            decoder,
        })
    }
}

fn family(keys: &Keys) -> Parsed<&'static Family> {
    let names: Vec<&str> = keys
        .get("architectures")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let family = FAMILIES.iter().find(|family| names.contains(&family.architecture));
    family.ok_or_else(|| {
        let found = match names.is_empty() {
            true => Arg::from(says::no_architecture()),
            false => names.join(", ").into(),
        };
        says::other_architecture(found, supported())
    })
}

/// A family as it is sent: by its architecture.
pub(crate) mod by_name {
    use super::{Family, by_architecture};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(family: &'static Family, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(family.architecture)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<&'static Family, D::Error> {
        let name = String::deserialize(from)?;
        by_architecture(&name).ok_or_else(|| serde::de::Error::custom(format!("no family is called {name}")))
    }
}
