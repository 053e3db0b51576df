//! Model folders: hostile and broken files, and weights that leave as they came.
use super::common::folder::{Folder, golden, load};
use crate::common::passes::Passes;
use candle_core::{DType, Device, Tensor};
use safetensors::tensor::{Dtype, TensorView};
use std::collections::HashMap;
use std::path::Path;
use trainer::model::{ForwardOptions, TensorFile};
use trainer::plan::{Plan, SeqTokens};

fn refusal(folder: &Path) -> String {
    load(folder).err().expect("the folder must be refused")
}

#[test]
fn broken_weight_files_are_named_and_never_a_panic() {
    let folder = Folder::copy_of("qwen2", "broken");
    let path = folder.0.join("model.safetensors");
    let whole = std::fs::read(&path).unwrap();
    let header = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let with_header = |header: &str| [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0; 64]].concat();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", vec![]),
        ("cut in the header", whole[..header / 2].to_vec()),
        ("cut in the data", whole[..whole.len() - 5].to_vec()),
        ("too long", [&whole[..], &[0; 3]].concat()),
        ("huge header", [&u64::MAX.to_le_bytes()[..], &whole[8..]].concat()),
        ("not JSON", with_header("what is this")),
        (
            "offsets past the end",
            with_header(r#"{"a":{"dtype":"F32","shape":[1000],"data_offsets":[0,4000]}}"#),
        ),
        (
            "offsets swapped",
            with_header(r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#),
        ),
        (
            "shape overflow",
            with_header(r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,64]}}"#),
        ),
        (
            "shape against bytes",
            with_header(r#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,64]}}"#),
        ),
    ];
    for (what, bytes) in cases {
        std::fs::write(&path, bytes).unwrap();
        let error = refusal(&folder.0);
        assert!(error.contains("model.safetensors"), "{what}: {error}");
    }
    // a header cut at every place
    for cut in (8..header + 8).step_by(7) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        refusal(&folder.0);
    }
}

#[test]
fn missing_and_misshapen_tensors_are_named() {
    let folder = Folder::copy_of("qwen2", "missing");
    let write = |tensors: &[(&str, Dtype, Vec<usize>)]| {
        let bytes: Vec<Vec<u8>> = tensors
            .iter()
            .map(|(_, d, s)| vec![0; s.iter().product::<usize>() * d.bitsize() / 8])
            .collect();
        let views = tensors.iter().zip(&bytes);
        let views = views.map(|((n, d, s), b)| (*n, TensorView::new(*d, s.clone(), b).unwrap()));
        let file = safetensors::serialize(views, None).unwrap();
        std::fs::write(folder.0.join("model.safetensors"), file).unwrap();
        refusal(&folder.0)
    };
    let error = write(&[("model.norm.weight", Dtype::F32, vec![32])]);
    assert!(error.contains("no tensor `model."), "{error}");
    let embed = "model.embed_tokens.weight";
    let layer = "model.layers.0.input_layernorm.weight";
    let error = write(&[(embed, Dtype::F32, vec![47, 32]), (layer, Dtype::F32, vec![33])]);
    assert!(error.contains("shape") && error.contains("config.json"), "{error}");
    let error = write(&[(embed, Dtype::I64, vec![48, 32]), (layer, Dtype::I64, vec![32])]);
    assert!(error.contains("supported: F32, BF16, F16"), "{error}");
}

#[test]
fn pickle_is_refused_with_the_reason_and_shards_stay_in_their_folder() {
    let folder = Folder::copy_of("qwen2", "pickle");
    std::fs::rename(folder.0.join("model.safetensors"), folder.0.join("pytorch_model.bin")).unwrap();
    let error = refusal(&folder.0);
    assert!(
        error.contains("can run code") && error.contains("safetensors"),
        "{error}"
    );
    std::fs::remove_file(folder.0.join("pytorch_model.bin")).unwrap();
    assert!(refusal(&folder.0).contains("no weights here"));

    let index = folder.0.join("model.safetensors.index.json");
    for shard in ["../elsewhere.safetensors", "/etc/passwd", "model.bin"] {
        std::fs::write(&index, format!(r#"{{"weight_map": {{"a": "{shard}"}}}}"#)).unwrap();
        assert!(
            refusal(&folder.0).contains("not the name of a safetensors file"),
            "{shard}"
        );
    }
    std::fs::write(&index, "[]").unwrap();
    assert!(refusal(&folder.0).contains("index.json"));
}

#[test]
fn an_unknown_architecture_says_what_is_supported() {
    let folder = Folder::copy_of("qwen2", "unknown");
    let config = folder.0.join("config.json");
    let text = std::fs::read_to_string(&config)
        .unwrap()
        .replace("Qwen2ForCausalLM", "BertLMHeadModel");
    std::fs::write(&config, text).unwrap();
    let error = refusal(&folder.0);
    for word in ["config.json", "BertLMHeadModel", "LlamaForCausalLM", "Qwen3ForCausalLM"] {
        assert!(error.contains(word), "{error}");
    }
}

/// Every weight leaves as it came, bit for bit and in its dtype.
#[test]
fn weights_leave_as_they_came() {
    for name in [
        "mistral-bf16",
        "llama-gqa-tied",
        "qwen3-f16",
        "llama-rope-llama3-bf16-sharded",
    ] {
        let model = load(&golden(name)).unwrap();
        let mut stored = HashMap::new();
        for entry in std::fs::read_dir(golden(name)).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            if file.starts_with("model") && file.ends_with(".safetensors") {
                let file = TensorFile::open(&path).unwrap();
                stored.extend(file.names().map(|n| (n.clone(), file.read(&n, &Device::Cpu).unwrap())));
            }
        }
        let mut names = model.weight_names();
        assert_eq!(names.len(), stored.len(), "{name}");
        for name in names.drain(..) {
            let (got, want) = (model.merged_weight(&name).unwrap(), &stored[&name]);
            assert_eq!((got.dtype(), got.dims()), (want.dtype(), want.dims()), "{name}");
            let flat = |t: &Tensor| {
                t.to_dtype(DType::F32)
                    .unwrap()
                    .flatten_all()
                    .unwrap()
                    .to_vec1::<f32>()
                    .unwrap()
            };
            assert_eq!(flat(&got), flat(want), "{name}");
        }
    }
}

#[test]
fn tokens_outside_the_vocabulary_are_an_error() {
    let mut model = load(&golden("llama-mha")).unwrap();
    let plan = Plan::sequences(&[SeqTokens {
        tokens: &[1, 48],
        counts: &[true, true],
    }])
    .unwrap();
    let error = model
        .forward_over(&plan, ForwardOptions::policy())
        .unwrap_err()
        .to_string();
    assert!(error.contains("48"), "{error}");
}
