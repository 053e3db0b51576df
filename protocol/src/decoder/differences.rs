//! What a decoder has that a plain Llama has not, in words.

use super::{
    Activation, AlibiSpec, AttentionSpec, BlockSpec, DecoderSpec, HeadTable, MlpSpec, NetworkForm, NormKind, NormSpec,
    NormWeight, NormedOver, PositionSpec, Residual, RotaryScaling, RouterSpec, Scores, SharedSpec, Span, Weighs,
};

impl DecoderSpec {
    /// In the order of the model, each once: `layer norm`, `window in 1 of 2 blocks`, `head scaled`.
    pub fn differences(&self) -> Vec<String> {
        let mut all: Vec<&str> = vec![];
        let (embedding, head) = (&self.embedding, &self.head);
        let mut add = |there: bool, what: &'static str| {
            if there && !all.contains(&what) {
                all.push(what);
            }
        };
        add(embedding.scale != 1.0, "embedding scaled");
        add(embedding.width != self.hidden, "embedding projected");
        add(embedding.positions.is_some(), "learned positions");
        add(embedding.norm.is_some(), "embedding normalised");
        for block in &self.blocks {
            of_block(block, &mut add);
        }
        add(self.norm.is_none(), "no last norm");
        add(head.table == HeadTable::Tied, "head tied");
        add(head.normalized, "head's rows normalised");
        add(head.bias, "head's bias");
        add(head.scale != 1.0, "head scaled");
        add(head.soft_cap.is_some(), "logits' soft-cap");
        let mut all: Vec<String> = all.into_iter().map(str::to_owned).collect();
        let count = |has: fn(&AttentionSpec) -> bool| self.blocks.iter().filter(|block| has(&block.attention)).count();
        for (name, count) in [
            ("window", count(|a| matches!(a.span, Span::Window(_)))),
            ("chunks", count(|a| matches!(a.span, Span::Chunk(_)))),
            ("no positions", count(|a| a.position == PositionSpec::None)),
        ] {
            let blocks = self.blocks.len();
            match count {
                0 => {}
                _ if name == "no positions" && embedding.positions.is_some() => {}
                _ if count == blocks => all.push(name.to_owned()),
                _ => all.push(format!("{name} in {count} of {blocks} blocks")),
            }
        }
        all
    }
}

fn of_block(block: &BlockSpec, add: &mut impl FnMut(bool, &'static str)) {
    let norms = &block.norms;
    add(block.residual == Residual::Parallel, "parallel halves");
    add(block.residual == Residual::PostNorm, "post-norm");
    let first = [&norms.before_attention, &norms.after_attention]
        .into_iter()
        .flatten()
        .next();
    add(first.is_some_and(|norm| norm.kind == NormKind::Layer), "layer norm");
    add(
        first.is_some_and(|norm| norm.weight == NormWeight::OnePlus),
        "norm weights + 1",
    );
    add(first.is_some_and(|norm| !norm.has_tensors()), "norms without weights");
    let after: Option<&NormSpec> = norms.after_attention.as_ref();
    add(
        after.is_some() && block.residual != Residual::PostNorm,
        "norms behind branches",
    );
    add(
        norms.before_attention.is_none() && block.residual != Residual::PostNorm,
        "no norms before branches",
    );
    add(block.branch_scale != 1.0, "branches scaled");
    of_attention(&block.attention, add);
    match &block.mlp {
        MlpSpec::Dense(network) => {
            of_network(network.form, add);
            add(network.bias, "MLP biases");
        }
        MlpSpec::Experts(experts) => {
            add(true, "experts");
            of_network(experts.expert.form, add);
            match experts.shared {
                None => {}
                Some(SharedSpec::Gated(_)) => add(true, "gated shared expert"),
                Some(_) => add(true, "shared experts"),
            }
            of_router(&experts.router, add);
        }
    }
}

fn of_router(router: &RouterSpec, add: &mut impl FnMut(bool, &'static str)) {
    add(router.scores == Scores::Sigmoid, "sigmoid router");
    add(matches!(router.scores, Scores::SparseMixer { .. }), "sparse mixer");
    add(router.bias, "router's bias");
    add(router.correction, "corrected choice");
    add(router.groups.is_some(), "groups of experts");
    add(router.scale != 1.0, "weights scaled");
    add(router.weighs == Weighs::Input, "inputs weighed");
}

fn of_attention(a: &AttentionSpec, add: &mut impl FnMut(bool, &'static str)) {
    add(a.latent.is_some(), "latent attention");
    add(a.qkv_bias, "q, k, v biases");
    add(a.output_bias, "output bias");
    if let Some(norm) = &a.qk_norm {
        match norm.over {
            NormedOver::OneHead => add(true, "heads normalised"),
            NormedOver::EachHead => add(true, "heads normalised, each with its weight"),
            NormedOver::Width => add(true, "q and k normalised whole"),
        }
        add(norm.after_rotary, "heads normalised after rotation");
    }
    add(a.clip.is_some(), "q, k, v clipped");
    match &a.position {
        PositionSpec::None => {}
        PositionSpec::Alibi(AlibiSpec::Plain) => add(true, "ALiBi"),
        PositionSpec::Alibi(AlibiSpec::Rounded) => add(true, "ALiBi in bf16"),
        PositionSpec::Rotary(rotary) => {
            add(rotary.interleaved, "interleaved rotation");
            add(a.latent.is_none() && rotary.dims < a.head_dim, "partial rotation");
            match rotary.scaling {
                RotaryScaling::None => {}
                RotaryScaling::Linear { .. } => add(true, "linear RoPE"),
                RotaryScaling::Llama3 { .. } => add(true, "llama3 RoPE"),
                RotaryScaling::Dynamic { .. } | RotaryScaling::Doubled { .. } => add(true, "dynamic RoPE"),
                RotaryScaling::Yarn { .. } => add(true, "YaRN"),
                RotaryScaling::LongRope { .. } => add(true, "LongRoPE"),
            }
        }
    }
    add(a.soft_cap.is_some(), "scores' soft-cap");
    add(a.sinks, "sinks");
    add(a.temperature.is_some(), "query temperature");
}

fn of_network(form: NetworkForm, add: &mut impl FnMut(bool, &'static str)) {
    match form {
        NetworkForm::Gated(Activation::Silu) => {}
        NetworkForm::Gated(Activation::GeluTanh | Activation::Gelu) => add(true, "GeGLU"),
        NetworkForm::Clamped { .. } => add(true, "clamped gate"),
        NetworkForm::Plain(Activation::Gelu) => add(true, "GELU network"),
        NetworkForm::Plain(Activation::GeluTanh) => add(true, "GELU (tanh) network"),
        NetworkForm::Plain(Activation::Relu) => add(true, "ReLU network"),
        NetworkForm::Plain(Activation::ReluSquared) => add(true, "squared ReLU network"),
        _ => add(true, "another gate"),
    }
}
