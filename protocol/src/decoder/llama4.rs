//! Llama 4: layers with chunked attention alternate with layers without positions, and a router's weight multiplies the
//! expert's input.

use super::experts::chosen;
use super::family::Family;
use super::keys::{Keys, Parsed};
use super::plain::{Defaults, Plain};
use super::recent::rotary_layers;
use super::rope::{ROTARY_DEFAULTS, RotaryDefaults};
use super::weight_map::{LLAMA, NetworkNames, WeightMap};
use super::{
    AttentionSpec, DecoderSpec, ExpertsSpec, GateUp, MlpSpec, Named, NetworkSpec, NormSpec, NormWeight, NormedOver,
    PositionSpec, QkNorm, RouterSpec, Scores, SharedSpec, Span, StackedExperts, Temperature, Weighs,
};
use crate::{Said, says};
use serde_json::Value;

pub const FAMILIES: &[Family] =
    &[Family::new("Llama4ForCausalLM", "Llama 4 (text)", llama4, LLAMA4).template("llama4")];

const LLAMA4: WeightMap = WeightMap {
    dense: NetworkNames {
        gate: "feed_forward.gate_proj",
        up: "feed_forward.up_proj",
        down: "feed_forward.down_proj",
    },
    router: "feed_forward.router",
    router_is_linear: false,
    experts: "feed_forward.experts",
    stacked: Some(&StackedExperts {
        gate_up: "feed_forward.experts.gate_up_proj",
        down: "feed_forward.experts.down_proj",
        order: GateUp::Halves,
        transposed: true,
        named: Named::Parameter,
    }),
    shared: "feed_forward.shared_expert",
    ..LLAMA
};

fn llama4(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        head_dim: Some(128),
        norm: NormSpec::rms(1e-5),
        rotary: RotaryDefaults {
            theta: 500_000.0,
            interleaved: true,
            ..ROTARY_DEFAULTS
        },
        ..Defaults::llama()
    };
    let mut plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag("attention_bias");
    (plain.attention.qkv_bias, plain.attention.output_bias) = (bias, bias);
    let router = RouterSpec {
        scores: Scores::Sigmoid,
        weighs: Weighs::Input,
        ..RouterSpec::softmax(false)
    };
    let experts = ExpertsSpec {
        shared: Some(SharedSpec::Plain(plain.network)),
        ..chosen(keys, "num_local_experts", router, plain.network)?
    };
    let dense = NetworkSpec {
        width: keys.size("intermediate_size_mlp")?,
        ..plain.network
    };
    let sparse = sparse_layers(keys, plain.layers)?;
    let turns = rotary_layers(keys, plain.layers)?;
    let blocks = turns.into_iter().zip(sparse).map(|(turns, sparse)| {
        let mlp = match sparse {
            true => MlpSpec::Experts(experts.clone()),
            false => MlpSpec::Dense(dense),
        };
        let mut block = plain.block(None, mlp);
        block.attention = attention(keys, turns, &plain)?;
        Ok(block)
    });
    Ok(plain.decoder(blocks.collect::<Parsed<_>>()?))
}

/// Layers with rotary embedding see one chunk and normalise queries and keys after it; the others see the whole text, and
/// their queries are scaled up with the position.
fn attention(keys: &Keys, turns: bool, plain: &Plain) -> Parsed<AttentionSpec> {
    let own = plain.attention.clone();
    if turns {
        let norm = NormSpec {
            weight: NormWeight::None,
            ..plain.norm.clone()
        };
        return Ok(AttentionSpec {
            qk_norm: keys.flag_or("use_qk_norm", true).then_some(QkNorm {
                norm,
                over: NormedOver::OneHead,
                after_rotary: true,
            }),
            span: match keys.optional_size("attention_chunk_size")? {
                Some(size) => Span::Chunk(size),
                None => Span::All,
            },
            ..own
        });
    }
    let temperature = keys.flag_or("attn_temperature_tuning", true).then(|| {
        Ok::<_, Said>(Temperature::Stepped {
            scale: keys.number("attn_scale")?.unwrap_or(0.1),
            step: keys.number("floor_scale")?.unwrap_or(8192.0),
        })
    });
    Ok(AttentionSpec {
        position: PositionSpec::None,
        temperature: temperature.transpose()?,
        ..own
    })
}

/// Which layers are mixtures of experts: those in `moe_layers`, or else every `interleave_moe_layer_step`th.
fn sparse_layers(keys: &Keys, layers: usize) -> Parsed<Vec<bool>> {
    let Some(list) = keys.get("moe_layers") else {
        let every = keys.optional_size("interleave_moe_layer_step")?.unwrap_or(1);
        return Ok((1..=layers).map(|i| i.is_multiple_of(every)).collect());
    };
    let listed = list
        .as_array()
        .and_then(|list| list.iter().map(Value::as_u64).collect::<Option<Vec<_>>>());
    match listed {
        Some(listed) => Ok((0..layers as u64).map(|i| listed.contains(&i)).collect()),
        None => Err(says::must_be("moe_layers", list, says::a_list_of_counts())),
    }
}
