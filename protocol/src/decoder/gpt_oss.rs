//! GPT-OSS: clamped gates with biases, and all experts' weights in shared tensors.

use super::experts::chosen;
use super::family::Family;
use super::keys::{Keys, Parsed};
use super::plain::{Defaults, Plain};
use super::rope::{ROTARY_DEFAULTS, RotaryDefaults};
use super::weight_map::{LLAMA, WeightMap};
use super::{
    AttentionSpec, DecoderSpec, GateUp, MlpSpec, Named, NetworkForm, NetworkSpec, NormSpec, RouterSpec, StackedExperts,
};

pub const FAMILIES: &[Family] = &[Family::new("GptOssForCausalLM", "GPT-OSS", gpt_oss, GPT_OSS)
    .template("gpt_oss")
    .router_loss(0.9)];

const GPT_OSS: WeightMap = WeightMap {
    router: "mlp.router",
    router_is_linear: false,
    stacked: Some(&StackedExperts {
        gate_up: "mlp.experts.gate_up_proj",
        down: "mlp.experts.down_proj",
        order: GateUp::Alternating,
        transposed: true,
        named: Named::Parameter,
    }),
    ..LLAMA
};

/// *gpt-oss-120b & gpt-oss-20b*, arXiv 2508.10925.
fn gpt_oss(keys: &Keys) -> Parsed<DecoderSpec> {
    let defaults = Defaults {
        head_dim: Some(64),
        norm: NormSpec::rms(1e-5),
        rotary: RotaryDefaults {
            theta: 150_000.0,
            ..ROTARY_DEFAULTS
        },
        ..Defaults::llama()
    };
    let plain = Plain::with_defaults(keys, defaults)?;
    let bias = keys.flag_or("attention_bias", true);
    let plain = Plain {
        attention: AttentionSpec {
            qkv_bias: bias,
            output_bias: bias,
            sinks: true,
            ..plain.attention
        },
        ..plain
    };
    let network = NetworkSpec {
        form: NetworkForm::Clamped {
            limit: keys.number("swiglu_limit")?.unwrap_or(7.0),
            slope: keys.number("swiglu_alpha")?.unwrap_or(1.702),
        },
        bias: true,
        ..plain.network
    };
    let router = RouterSpec {
        bias: true,
        ..RouterSpec::softmax(true)
    };
    let experts = chosen(keys, "num_local_experts", router, network)?;
    let block = |window| plain.block(window, MlpSpec::Experts(experts.clone()));
    // windowed and full attention alternate where no list says otherwise
    let mut windows = keys.windows(plain.layers, 0)?;
    if keys.get("layer_types").is_none() {
        windows.iter_mut().skip(1).step_by(2).for_each(|window| *window = None);
    }
    Ok(plain.decoder(windows.into_iter().map(block).collect()))
}
