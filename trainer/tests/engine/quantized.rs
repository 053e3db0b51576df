//! Quantized folders and blocks against what the libraries that invented the formats say they are worth
//! (`tests/golden/quant`, written by `parity/quant.py`), to the bit.
use crate::common::{here, options};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::PathBuf;
use trainer::model::{LoadOptions, Model, OnTheFly};
use trainer::quant::bnb4::{Bnb4, Kind};
use trainer::quant::gguf::{Blocks, Coding};
use trainer::quant::int8::Int8;

fn golden() -> PathBuf {
    here().join("../tests/golden/quant")
}

/// The tensors of a file: shape and bytes.
fn tensors(name: &str) -> HashMap<String, (Vec<usize>, Vec<u8>)> {
    let bytes = std::fs::read(golden().join(name)).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let tensor =
        |(name, view): (String, safetensors::tensor::TensorView)| (name, (view.shape().to_vec(), view.data().to_vec()));
    file.tensors().into_iter().map(tensor).collect()
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks::<4>();
    chunks.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    // 0 and -0 are the same weight
    values.iter().map(|v| (v + 0.0).to_bits()).collect()
}

#[test]
fn every_weight_of_every_folder_is_what_its_own_library_says() {
    let mut folders: HashMap<String, HashMap<String, Value>> = HashMap::new();
    for file in ["values.json", "bases.json"] {
        let text = std::fs::read_to_string(golden().join(file)).unwrap();
        folders.extend(serde_json::from_str::<HashMap<_, _>>(&text).unwrap());
    }
    assert!(folders.len() >= 18, "{}", folders.len());
    let mut wrong = vec![];
    for (folder, values) in folders {
        let model = Model::load(&golden().join(&folder), &options()).unwrap();
        let (formats, bytes) = model.quantized().expect("a quantized folder stays quantized");
        assert!(!formats.is_empty() && bytes > 0);
        for (path, want) in values {
            let got = model.dequantized(&format!("{path}.weight")).unwrap();
            let bytes: Vec<u8> = got.iter().flat_map(|v| v.to_le_bytes()).collect();
            let hash: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
            if hash != want["sha256"].as_str().unwrap() {
                wrong.push(format!("{folder}: {path}: {:?}, not {}", &got[..4], want["first"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Tensors that llama.cpp has under other names, in another order or in one, as the model's own checkpoints have them.
#[test]
fn tensors_of_gguf_files_are_put_back() {
    let text = std::fs::read_to_string(golden().join("gguf-models.json")).unwrap();
    let files: HashMap<String, HashMap<String, Value>> = serde_json::from_str(&text).unwrap();
    assert!(files.len() >= 3);
    for (folder, values) in files {
        let model = Model::load(&golden().join(&folder), &options()).unwrap();
        let names: std::collections::HashSet<_> = model.weight_names().into_iter().collect();
        assert_eq!(names, values.keys().cloned().collect(), "{folder}");
        for (name, want) in values {
            let got = model.dequantized(&name).unwrap();
            let bytes: Vec<u8> = got.iter().flat_map(|v| (v + 0.0).to_le_bytes()).collect();
            let hash: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(hash, want["sha256"].as_str().unwrap(), "{folder}: {name}");
        }
    }
}

#[test]
fn ggufs_blocks_are_worth_what_gguf_py_says() {
    let mut all = tensors("gguf.safetensors");
    all.extend(tensors("gguf-more.safetensors"));
    let mut seen = 0;
    for coding in (0..40).filter_map(Coding::of) {
        let (shape, values) = &all[&format!("{}.values", coding.name())];
        let bytes = all[&format!("{}.bytes", coding.name())].1.clone();
        let blocks = Blocks::new(coding, bytes, shape[0], shape[1]).unwrap();
        let mut got = vec![0.0; blocks.len()];
        blocks.unpack(0, &mut got);
        assert_eq!(bits(&got), bits(&floats(values)), "{}", coding.name());
        seen += 1;
    }
    assert_eq!(seen, 13);
}

#[test]
fn our_quantizer_gives_bitsandbytes_bytes() {
    let all = tensors("bnb.safetensors");
    let weight = floats(&all["weight"].1);
    for (kind, name) in [(Kind::Nf4, "nf4"), (Kind::Fp4, "fp4")] {
        for (double, suffix) in [(false, ""), (true, "-nested")] {
            let packed = Bnb4::quantize(&weight, kind, double);
            let mut got = vec![0.0; weight.len()];
            packed.unpack(0, &mut got);
            let want = floats(&all[&format!("{name}{suffix}.values")].1);
            let off = got.iter().zip(&want).map(|(g, w)| (g - w).abs()).fold(0.0, f32::max);
            // the mean of the scales is summed in another order: its last bit may differ
            let allowed = if double { 1e-8 } else { 0.0 };
            assert!(off <= allowed, "{name}{suffix}: {off:e} apart");
            if kind == Kind::Nf4 {
                assert_eq!(
                    packed.codes(),
                    all[&format!("{name}{suffix}.codes")].1,
                    "{name}{suffix}"
                );
            }
        }
    }
    let map = floats(&all["nf4-nested.map"].1);
    assert_eq!(*trainer::quant::bnb4::dynamic_map(true), map[..]);
}

#[test]
fn our_rows_of_8_bits_are_bitsandbytes() {
    let all = tensors("bnb.safetensors");
    let (shape, bytes) = &all["int8.weight"];
    let (halves, _) = bytes.as_chunks::<2>();
    let weight: Vec<f32> = halves.iter().map(|b| half::f16::from_le_bytes(*b).to_f32()).collect();
    let packed = Int8::quantize(&weight, shape[1]);
    let mut got = vec![0.0; weight.len()];
    packed.unpack(0, &mut got);
    let want = floats(&all["int8.values"].1);
    // bitsandbytes multiplies in f16 there, so a value on the edge may fall to the other side
    let step = |row: usize| {
        weight[row * shape[1]..][..shape[1]]
            .iter()
            .fold(0f32, |m, w| m.max(w.abs()))
            / 127.0
    };
    let (mut equal, mut far) = (0, 0);
    for (i, (g, w)) in got.iter().zip(&want).enumerate() {
        equal += usize::from(g == w);
        far += usize::from((g - w).abs() > step(i / shape[1]) * 1.001);
    }
    assert!(
        far == 0 && equal * 100 > got.len() * 97,
        "{equal} of {} equal, {far} far",
        got.len()
    );
}

/// hqq sums in f32 and in another order, and takes powers by another function.
#[test]
fn our_hqq_is_hqqs() {
    let all = tensors("hqq.safetensors");
    let (shape, bytes) = &all["weight"];
    let weight = floats(bytes);
    for bits in trainer::quant::hqq::BITS {
        let packed = trainer::quant::hqq::quantize(&weight, shape[1], bits).unwrap();
        let mut got = vec![0.0; weight.len()];
        packed.unpack(0, &mut got);
        let want = floats(&all[&format!("{bits}.values")].1);
        let scales = floats(&all[&format!("{bits}.scale")].1);
        let mut other = 0;
        for (i, (g, w)) in got.iter().zip(&want).enumerate() {
            // a weight on the edge between two codes may fall to the other side
            let scale = scales[i % scales.len()];
            if (g - w).abs() > 1e-4 * scale {
                assert!((g - w).abs() < 1.001 * scale, "{bits} bits: {g} for {w}");
                other += 1;
            }
        }
        assert!(
            other * 1000 <= got.len(),
            "{bits} bits: {other} of {} fell otherwise",
            got.len()
        );
    }
}

/// What is trained on is the same whether a folder came quantized or is quantized while loading.
#[test]
fn quantizing_while_loading_gives_the_stored_folder() {
    let plain = golden().join("../models/llama");
    for (folder, quantize) in [
        (
            "llama-nf4",
            OnTheFly::FourBit {
                kind: Kind::Nf4,
                double: true,
            },
        ),
        (
            "llama-fp4",
            OnTheFly::FourBit {
                kind: Kind::Fp4,
                double: false,
            },
        ),
    ] {
        let quantized = LoadOptions {
            quantize: Some(quantize),
            ..options()
        };
        let made = Model::load(&plain, &quantized).unwrap();
        let stored = Model::load(&golden().join(folder), &options()).unwrap();
        assert_eq!(made.quantized().unwrap().0, stored.quantized().unwrap().0);
        for name in made.weight_names() {
            let (a, b) = (made.dequantized(&name).unwrap(), stored.dequantized(&name).unwrap());
            let off = a.iter().zip(&b).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
            // torch sums the mean of the scales in f32 and in another order; it is in each scale twice, added and taken off
            let most = b.iter().fold(0f32, |m, w| m.max(w.abs()));
            assert!(off <= 4.0 * f32::EPSILON * most, "{folder}: {name} {off:e} apart");
        }
    }
}

#[test]
fn damaged_folders_are_errors_that_name_the_tensor() {
    let dir = tempfile();
    let copy = |from: &str| {
        for entry in std::fs::read_dir(golden().join(from)).unwrap().flatten() {
            std::fs::copy(entry.path(), dir.join(entry.file_name())).unwrap();
        }
    };
    copy("llama-gptq");
    let config = std::fs::read_to_string(dir.join("config.json")).unwrap();
    let load = || Model::load(&dir, &options()).map(|_| ()).map_err(|e| e.to_string());
    load().unwrap();
    for (from, to, says) in [
        (
            "\"group_size\": 32",
            "\"group_size\": 16",
            "model.layers.0.self_attn.q_proj",
        ),
        ("\"bits\": 4", "\"bits\": 8", "model.layers.0.self_attn.q_proj"),
        ("\"bits\": 4", "\"bits\": 5", "supported: 2, 3, 4, 8"),
        ("\"gptq\"", "\"quanto\"", "supported: bitsandbytes"),
    ] {
        assert!(config.contains(from), "{from}");
        std::fs::write(dir.join("config.json"), config.replace(from, to)).unwrap();
        let error = load().unwrap_err();
        assert!(error.contains(says), "{error}");
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

fn tempfile() -> PathBuf {
    let dir = std::env::temp_dir().join(format!("corral-quantized-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}
