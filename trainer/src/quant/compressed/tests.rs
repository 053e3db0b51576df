//! What a configuration says of a layer, and codes worked by hand.
use super::*;
use serde_json::json;

#[test]
fn a_layer_is_stored_as_its_name_a_pattern_or_its_class_says() {
    let group =
        |targets: Value, bits: u64| json!({"targets": targets, "weights": {"num_bits": bits, "strategy": "channel"}});
    let config = json!({"format": "mixed-precision", "kv_cache_scheme": {"num_bits": 8}, "config_groups": {
        "group_0": group(json!(["Linear"]), 8),
        "group_1": group(json!(["re:.*layers\\.[0-3]\\..*"]), 4),
        "group_2": group(json!(["model.layers.2.mlp.up_proj"]), 2),
        "group_3": {"targets": ["Linear"], "input_activations": {"num_bits": 8}},
    }});
    let config = Config::parse(&config).unwrap();
    let bits = |path| config.of(path).unwrap().bits;
    assert_eq!(bits("model.layers.2.mlp.up_proj"), 2);
    assert_eq!(bits("model.layers.2.mlp.down_proj"), 4);
    assert_eq!(bits("model.layers.12.mlp.up_proj"), 8);
    assert_eq!(config.unused, ["kv_cache_scheme", "input_activations"]);
}

#[test]
fn what_is_not_read_is_named() {
    let group = |weights: Value| json!({"config_groups": {"group_0": {"targets": ["Linear"], "weights": weights}}});
    for (config, says) in [
        (json!({"format": "marlin-24", "config_groups": {}}), "marlin-24"),
        (
            json!({"sparsity_config": {"format": "sparse-24-bitmask"}}),
            "sparse-24-bitmask",
        ),
        (json!({"format": "pack-quantized"}), "config_groups"),
        (group(json!({"num_bits": 9})), "num_bits"),
        (group(json!({"num_bits": 6, "type": "float"})), "supported: 4, 8"),
        (group(json!({"num_bits": 4, "strategy": "group"})), "group_size"),
        (group(json!({"num_bits": 8, "strategy": "block"})), "block_structure"),
        (group(json!({"num_bits": 8, "strategy": "token"})), "token"),
        (
            json!({"config_groups": {"group_0": {"targets": ["re:("], "weights": {"num_bits": 4}}}}),
            "targets",
        ),
    ] {
        let error = Config::parse(&config).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn codes_that_are_no_numbers_or_too_few_are_refused() {
    let weights = Weights {
        bits: 8,
        float: true,
        symmetric: true,
        strategy: Strategy::Tensor,
    };
    let make = |codes: &[u8]| {
        let stored = Stored {
            codes: Codes::Float(codes, Minifloat::E4M3),
            scales: vec![2.0],
            zeros: None,
            order: vec![],
        };
        read("fp8", stored, &weights, Widths { input: 2, output: 2 })
    };
    let mut got = vec![0.0; 4];
    make(&[0x38, 0xb8, 0x7e, 0x01]).unwrap().unpack(0, &mut got);
    assert_eq!(got, [2.0, -2.0, 896.0, 2f32.powi(-8)]);
    assert!(make(&[0x38, 0x7f, 0, 0]).unwrap_err().contains("NaN"));
    assert!(make(&[0x38]).unwrap_err().contains("1 values"));
}

#[test]
fn three_bits_lie_over_the_ends_of_words_or_ten_a_word() {
    let weights = Weights {
        bits: 3,
        float: false,
        symmetric: true,
        strategy: Strategy::Channel,
    };
    let codes: Vec<u8> = (0..32).map(|i| (i * 5 % 8) as u8).collect();
    let mut dense = [0u32; 3];
    let mut whole = [0u32; 4];
    for (i, &code) in codes.iter().enumerate() {
        for bit in 0..3 {
            let set = u32::from(code) >> bit & 1;
            dense[(3 * i + bit) / 32] |= set << ((3 * i + bit) % 32);
        }
        whole[i / 10] |= u32::from(code) << (i % 10 * 3);
    }
    let want: Vec<f32> = codes.iter().map(|&code| 0.5 * (f32::from(code) - 4.0)).collect();
    for words in [&dense[..], &whole] {
        let stored = Stored {
            codes: Codes::Words(words),
            scales: vec![0.5],
            zeros: None,
            order: vec![],
        };
        let mut got = vec![0.0; 32];
        read("test", stored, &weights, Widths { input: 32, output: 1 })
            .unwrap()
            .unpack(0, &mut got);
        assert_eq!(got, want, "{} words", words.len());
    }
}
