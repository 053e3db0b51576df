//! Quantized bases of families that are no Llamas (`tests/golden/quant`, written by `decoders/quantized.py`): what their weights are worth, and
//! what transformers computes with these.
use crate::common::families::reply_logps;
use crate::common::folder::Folder;
use crate::common::{here, options};
use candle_core::DType;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use trainer::model::{LoadOptions, Model, OnTheFly};
use trainer::quant::bnb4::Kind;

fn golden() -> PathBuf {
    here().join("../tests/golden/quant")
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn weights_are_worth_what_their_layout_says_and_the_model_computes_with_them() {
    let folders: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_value(json(&golden().join("families.json"))).unwrap();
    assert_eq!(folders.len(), 12);
    let mut wrong = vec![];
    for (folder, values) in &folders {
        let path = golden().join(folder);
        let mut model = match Model::load(&path, &options()) {
            Ok(model) => model,
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        let method = folder.rsplit('-').next().unwrap();
        assert_eq!(
            model.quantized().unwrap().0,
            [method],
            "{folder}: what is quantized stays so"
        );
        for (name, want) in values {
            // as the family's own checkpoints have it: joined, turned
            let whole = model.merged_weight(name).unwrap().to_dtype(DType::F32).unwrap();
            let got = whole.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let bytes: Vec<u8> = got.iter().flat_map(|v| (v + 0.0).to_le_bytes()).collect();
            let hash: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
            if hash != want["sha256"].as_str().unwrap() {
                wrong.push(format!("{folder}: {name}: {:?}, not {}", &got[..4], want["first"]));
            }
        }
        let expected = json(&path.join("expected.json"));
        let got = reply_logps(&mut model, &expected);
        let want = expected["full"]["logps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_f64().unwrap());
        if got
            .iter()
            .zip(want)
            .any(|(got, want)| (got - want).abs() > 1e-4 * want.abs())
        {
            wrong.push(format!("{folder}: {got:?}, not {}", expected["full"]["logps"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// However a family keeps its layers: in one tensor by group, turned, in tensors of all experts, with latents. A layer that has
/// fallen into another's place would be nowhere near the plain one.
#[test]
fn every_layout_is_quantized_while_it_is_loaded() {
    let families = [
        "bloom",
        "deepseek-v2",
        "falcon-40b",
        "gpt-neox",
        "gpt-oss",
        "gpt2",
        "granitemoe",
        "internlm2",
        "llama4",
        "opt",
        "stablelm-12b",
    ];
    let ways = [
        (
            OnTheFly::FourBit {
                kind: Kind::Nf4,
                double: true,
            },
            0.13,
        ),
        (
            OnTheFly::FourBit {
                kind: Kind::Fp4,
                double: false,
            },
            0.18,
        ),
        (OnTheFly::Int8, 0.02),
    ];
    for family in families {
        let folder = golden().join("../families").join(family);
        let plain = Model::load(&folder, &options()).unwrap();
        for (way, off) in ways {
            let quantized = LoadOptions {
                quantize: Some(way),
                ..options()
            };
            let model = Model::load(&folder, &quantized).unwrap();
            let mut changed = 0;
            for name in plain.weight_names() {
                let (a, b) = (plain.dequantized(&name).unwrap(), model.dequantized(&name).unwrap());
                let norm = |values: &mut dyn Iterator<Item = f32>| values.map(|v| f64::from(v * v)).sum::<f64>().sqrt();
                let apart = norm(&mut a.iter().zip(&b).map(|(a, b)| a - b)) / norm(&mut a.iter().copied());
                assert!(apart < off, "{family} {way:?}: {name} is {apart} apart");
                changed += usize::from(apart > 0.0);
            }
            // two blocks at least with a layer before and behind their attention and their network
            assert!(changed >= 8, "{family} {way:?}: {changed} tensors are quantized");
        }
    }
}

/// Experts in one tensor are read packed as GPT-OSS has them, and in no other form.
#[test]
fn what_is_damaged_or_stored_in_another_form_is_named() {
    let folder = Folder::new("mxfp4");
    for entry in std::fs::read_dir(golden().join("gpt-oss-mxfp4")).unwrap().flatten() {
        std::fs::copy(entry.path(), folder.0.join(entry.file_name())).unwrap();
    }
    let load = || {
        Model::load(&folder.0, &options())
            .map(drop)
            .map_err(|error| error.to_string())
    };
    load().unwrap();
    let config = std::fs::read_to_string(folder.0.join("config.json")).unwrap();
    for (from, to, says) in [
        ("\"mxfp4\"", "\"hqq\"", "`model.layers.0.mlp.experts.gate_up_proj`"),
        ("\"mxfp4\"", "\"mxfp6\"", "supported: bitsandbytes"),
        (
            "\"intermediate_size\": 32",
            "\"intermediate_size\": 64",
            "[4, 128, 1, 16]",
        ),
    ] {
        assert!(config.contains(from), "{from}");
        std::fs::write(folder.0.join("config.json"), config.replace(from, to)).unwrap();
        let error = load().unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}
