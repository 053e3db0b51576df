//! What the engine does not compute yet of what a description can say: a model with it is refused by name.

use super::keys::Parsed;
use super::{DecoderSpec, MlpSpec, NetworkForm, NormKind, NormSpec, NormWeight, NormedOver, Residual};
use crate::says;

pub fn is_computed(decoder: &DecoderSpec) -> Parsed<()> {
    let usual = |norm: &NormSpec| norm.kind == NormKind::Rms && norm.weight == NormWeight::Plain && !norm.bias;
    let (embedding, head) = (&decoder.embedding, &decoder.head);
    let mut parts = vec![
        ("positions", embedding.positions.is_some()),
        ("an embedding's norm", embedding.norm.is_some()),
        ("an embedding's scale", embedding.scale != 1.0),
        ("an embedding's projection", embedding.width != decoder.hidden),
        ("a head's norm", head.normalized),
        ("a head's bias", head.bias),
        ("a head's scale", head.scale != 1.0),
        ("a head's soft-cap", head.soft_cap.is_some()),
        ("a last norm of this kind", !decoder.norm.as_ref().is_some_and(usual)),
    ];
    for block in &decoder.blocks {
        let (norms, attention) = (&block.norms, &block.attention);
        let before = [&norms.before_attention, &norms.before_mlp];
        parts.extend([
            ("blocks that are not sequential", block.residual != Residual::Sequential),
            (
                "norms behind branches",
                norms.after_attention.is_some() || norms.after_mlp.is_some(),
            ),
            (
                "norms of this kind",
                !before.iter().all(|norm| norm.as_ref().is_some_and(usual)),
            ),
            ("a branch's scale", block.branch_scale != 1.0),
            (
                "norms of queries and keys of this kind",
                attention
                    .qk_norm
                    .as_ref()
                    .is_some_and(|qk| !usual(&qk.norm) || qk.over == NormedOver::EachHead),
            ),
        ]);
        if let MlpSpec::Dense(network) = &block.mlp {
            let silu = NetworkForm::Gated(super::Activation::Silu);
            parts.push(("networks other than SwiGLU", network.form != silu));
        }
    }
    match parts.into_iter().find(|(_, there)| *there) {
        None => Ok(()),
        Some((what, _)) => Err(says::not_computed_yet(what)),
    }
}
