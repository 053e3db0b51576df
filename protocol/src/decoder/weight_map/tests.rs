//! Where checkpoints have modules that lie in one tensor, and what they call them.

use super::*;
use crate::decoder::{ModelSpec, Rows};

#[test]
fn fused_modules_lie_one_behind_the_other() {
    let config = r#"{"architectures": ["Phi3ForCausalLM"], "vocab_size": 8, "hidden_size": 16, "intermediate_size": 10,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}"#;
    let model = ModelSpec::parse(&serde_json::from_str(config).unwrap()).unwrap();
    let stored = |role| model.family.weights.stored(&model.decoder, Role::Block(1, role));
    let rows = |first, run, of| {
        Some(Rows {
            first,
            run,
            stride: of,
            runs: 1,
            of,
        })
    };
    let value = stored(BlockRole::Value);
    assert_eq!(
        (value.path.as_str(), value.rows),
        ("model.layers.1.self_attn.qkv_proj", rows(24, 8, 32))
    );
    let up = stored(BlockRole::Mlp(Network::Dense, Projection::Up));
    assert_eq!(
        (up.path.as_str(), up.rows),
        ("model.layers.1.mlp.gate_up_proj", rows(10, 10, 20))
    );
    assert_eq!(stored(BlockRole::Output).rows, None);
    let names = &model.family.weights;
    for role in UNNUMBERED
        .map(|role| Role::Block(7, role))
        .into_iter()
        .chain([Role::Head, Role::Embedding])
    {
        assert_eq!(names.role(&names.path(role)), Some(role));
    }
    assert_eq!(names.role("model.layers.7.mlp.strange"), None);
    assert_eq!(
        names.in_block("model.layers.12.mlp.up_proj.weight"),
        Some((12, "mlp.up_proj.weight"))
    );
    assert!(names.has("model.norm.weight") && names.has("model.layers.0.self_attn.q_proj.bias"));
    assert!(!names.has("model.normal.weight") && !names.has("v_head.summary.weight"));
    assert_eq!(model.family.weights.name(Role::Block(0, BlockRole::Key)), "qkv_proj");
}
