//! Files that are written of the tiny folders, beside those that llama.cpp's converter made of the same (`tests/golden/gguf`): the same
//! keys, the same tensors, the same numbers. What is packed is worth what the format can hold.
use crate::common::folder::Folder;
use crate::common::options;
use crate::common::passes::Passes;
use crate::gguf::{copy, files, folder, golden};
use serde_json::Value;
use std::path::{Path, PathBuf};
use trainer::gguf::{self, Format, Source};
use trainer::model::{ForwardOptions, Model, ModelConfig};
use trainer::plan::{Plan, SeqTokens};
use trainer::quant::gguf_file::{Entry, GgufFile};

fn write(model: &Model, format: Format, path: &Path) -> Result<Vec<protocol::Said>, String> {
    let source = Source {
        model,
        words: None,
        name: "tiny".into(),
        format,
    };
    gguf::write(path, &source, |_, _| Ok(())).map_err(|error| error.to_string())
}

/// Keys whose values the converter takes from elsewhere than the model: a width that is not the tensors', a length that is of all models
/// of the kind or bounds nothing, a number of heads that tensors contradict, rotations of layers that there are none of.
const OTHERWISE: &[(&str, &str)] = &[
    ("bloom", "context_length"),
    ("gemma3", "rope.freq_base"),
    ("falcon", "feed_forward_length"),
    ("falcon", "context_length"),
    ("phi2", "feed_forward_length"),
    ("phi2", "attention.head_count_kv"),
    ("qwen2moe", "feed_forward_length"),
    ("qwen3moe", "feed_forward_length"),
    ("hunyuan-dense", "context_length"),
];

/// Keys that say nothing: what is usual, and what llama.cpp does not read of this architecture.
const SAYS_NOTHING: &[(&str, &str)] = &[
    ("", "tensor_data_layout"),
    ("", "rope.scaling.type=none"),
    ("gemma3", "rope.scaling.type"),
    ("gemma3", "rope.scaling.factor"),
    // of Baichuan's 13 billion, whose scores have ALiBi
    ("baichuan", "rope.dimension_count"),
    ("hunyuan-dense", "rope.scaling.factor"),
    ("hunyuan-dense", "rope.scaling.original_context_length"),
    ("phi3", "rope.scaling.original_context_length"),
    // llama.cpp looks for the other key
    ("qwen", "attention.layer_norm_epsilon"),
    ("nemotron", "attention.layer_norm_rms_epsilon"),
    // there are no such layers in the folder
    ("glm4moe", "nextn_predict_layers"),
    ("glm4moe", "block_count"),
    ("glm4moe", "expert_group_count"),
    ("glm4moe", "expert_group_used_count"),
];

fn near(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= 2e-6 * b.abs(),
        _ => a == b,
    }
}

fn keys_differ(ours: &GgufFile, theirs: &GgufFile) -> Vec<String> {
    let architecture = theirs.architecture();
    let prefix = format!("{architecture}.");
    let of = |list: &[(&str, &str)], key: &str| {
        let own = |(of, name): &(&str, &str)| (*of == architecture || of.is_empty()) && *name == key;
        list.iter().any(own)
    };
    let keys = theirs
        .metadata
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?, key, value)));
    let mut wrong: Vec<String> = keys
        .filter(|(own, key, value)| match ours.metadata.get(*key) {
            Some(said) => !near(said, value) && !of(OTHERWISE, own) && !of(SAYS_NOTHING, own),
            None => {
                let with_value = format!("{own}={}", value.as_str().unwrap_or_default());
                !of(SAYS_NOTHING, own) && !of(SAYS_NOTHING, &with_value)
            }
        })
        .map(|(_, key, value)| format!("{key} is {:?}, not {value}", ours.metadata.get(key)))
        .collect();
    if ours.architecture() != architecture {
        wrong.push(format!("{}, not {architecture}", ours.architecture()));
    }
    wrong
}

fn numbers(file: &GgufFile, entry: &Entry) -> Vec<f32> {
    let count: usize = entry.shape.iter().product();
    let bytes = file.read(entry, 0, 4 * count).unwrap();
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect()
}

fn tensors_differ(ours: &GgufFile, theirs: &GgufFile) -> Vec<String> {
    let sides = |entry: &Entry| {
        entry
            .shape
            .iter()
            .copied()
            .filter(|side| *side != 1)
            .collect::<Vec<_>>()
    };
    let mut wrong = vec![];
    for (name, want) in &theirs.tensors {
        let Some(got) = ours.tensors.get(name) else {
            wrong.push(format!("no {name}"));
            continue;
        };
        // transformers reads no other
        let vector = !name.ends_with("ffn_gate_inp_shexp.weight") || got.shape.len() == 1;
        if sides(got) != sides(want) || !vector {
            wrong.push(format!("{name} is {:?}, not {:?}", got.shape, want.shape));
        } else if want.kind == 0 {
            let (got, want) = (numbers(ours, got), numbers(theirs, want));
            // tables of rotations come of other arithmetic
            let within = if name.starts_with("rope_") { 1e-5 } else { 0.0 };
            let same = got.iter().zip(&want).all(|(a, b)| (a - b).abs() <= within * b.abs());
            if got.len() != want.len() || !same {
                wrong.push(format!("{name} has other numbers"));
            }
        }
    }
    let more = ours.tensors.keys().filter(|name| !theirs.tensors.contains_key(*name));
    wrong.extend(more.map(|name| format!("{name} is too much")));
    wrong.sort();
    wrong
}

#[test]
fn files_of_every_family_are_those_of_llama_cpps_converter() {
    let room = Folder::new("gguf-written");
    let mut wrong = vec![];
    for (name, changes) in files() {
        let folder = match &changes {
            Value::Null => folder(&name),
            changes => copy(&folder(&name), changes, &room.0.join(&name)),
        };
        let model = Model::load(&folder, &options()).unwrap();
        let path = room.0.join(format!("{name}.gguf"));
        let told = match write(&model, Format::F32, &path) {
            Ok(told) => told,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let [ours, theirs] =
            [path, golden().join(format!("gguf/{name}.gguf"))].map(|path| GgufFile::open(&path).unwrap());
        let mut all = keys_differ(&ours, &theirs);
        all.extend(tensors_differ(&ours, &theirs));
        all.extend(told.iter().map(|said| said.message.clone()));
        wrong.extend(all.into_iter().take(4).map(|why| format!("{name}: {why}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What llama.cpp can't say of a model is refused, or told where it concerns long texts alone.
#[test]
fn what_a_file_can_not_say_is_named() {
    let room = Folder::new("gguf-unsaid");
    let of = |name: &str| {
        write(
            &Model::load(&folder(name), &options()).unwrap(),
            Format::F16,
            &room.0.join("a.gguf"),
        )
    };
    assert!(of("gptj").unwrap_err().contains("GPTJForCausalLM"));
    assert!(of("olmoe").unwrap_err().contains("clip"));
    let told = of("mistral").unwrap();
    assert!(told.iter().any(|said| said.message.contains("windows")), "{told:?}");
    for name in ["llama-dynamic", "qwen1"] {
        let told = of(name).unwrap();
        assert!(
            matches!(&told[..], [said] if said.message.contains("dynamic RoPE")),
            "{told:?}"
        );
    }
}

/// The largest error of any weight, relative to the largest weight of its tensor.
fn error(ours: &Model, meant: &Model) -> f32 {
    let largest = |values: &[f32]| values.iter().fold(0f32, |most, value| most.max(value.abs()));
    let of = |name: &String| {
        let (got, want) = (ours.dequantized(name).unwrap(), meant.dequantized(name).unwrap());
        let off: Vec<f32> = got.iter().zip(&want).map(|(a, b)| a - b).collect();
        largest(&off) / largest(&want)
    };
    meant.weight_names().iter().map(of).fold(0.0, f32::max)
}

#[test]
fn packed_files_are_worth_what_their_format_holds() {
    let room = Folder::new("gguf-packed");
    let base: PathBuf = golden().join("quant/llama-gguf-k");
    let meant = Model::load(&base, &options()).unwrap();
    let (mut sizes, mut wrong) = (vec![], vec![]);
    for (format, within) in [
        (Format::F32, 0.0),
        (Format::F16, 5e-4),
        (Format::Bf16, 4e-3),
        (Format::Q8_0, 5e-3),
        (Format::Q6K, 3e-2),
        (Format::Q5KM, 5e-2),
        (Format::Q4KM, 0.14),
        (Format::Q4_0, 0.14),
    ] {
        let path = room.0.join(format!("{}.gguf", format.name()));
        write(&meant, format, &path).unwrap();
        let ours = Model::load(&path, &options()).unwrap();
        let off = error(&ours, &meant);
        if off > within || (within > 0.0 && off < within / 20.0) {
            wrong.push(format!("{}: {off}", format.name()));
        }
        sizes.push(std::fs::metadata(&path).unwrap().len());
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(
        sizes[0] > sizes[1] && sizes[1] == sizes[2] && sizes[2..].is_sorted_by(|a, b| a > b),
        "{sizes:?}"
    );
}

/// Models whose matrices are wide enough for every kind of block: dense ones, and experts with a shared one or without. All are
/// chosen for each token: a format may change which of two are, and that is no error of its own.
const WIDE: [&str; 3] = [
    r#""architectures": ["LlamaForCausalLM"], "intermediate_size": 256"#,
    r#""architectures": ["Qwen2MoeForCausalLM"], "num_experts": 4, "num_experts_per_tok": 4, "moe_intermediate_size": 256,
       "shared_expert_intermediate_size": 256, "intermediate_size": 256"#,
    r#""architectures": ["MixtralForCausalLM"], "num_local_experts": 4, "num_experts_per_tok": 4, "intermediate_size": 256"#,
];

/// Log-probs of the tokens of a text behind its first one.
fn logps(model: &mut Model) -> Vec<f32> {
    let tokens: Vec<u32> = (0..48).map(|i| (7 * i * i + 3) % 64).collect();
    let counts: Vec<bool> = (0..tokens.len()).map(|place| place > 0).collect();
    let row = SeqTokens {
        tokens: &tokens,
        counts: &counts,
    };
    let plan = Plan::sequences(&[row]).unwrap();
    model.forward_over(&plan, ForwardOptions::policy()).unwrap().logps
}

/// The norm of the difference over the norm of what varies in those meant.
fn apart(got: &[f32], meant: &[f32]) -> f32 {
    let mean = meant.iter().sum::<f32>() / meant.len() as f32;
    let squares = |values: &mut dyn Iterator<Item = f32>| values.map(|value| value * value).sum::<f32>();
    let off = squares(&mut got.iter().zip(meant).map(|(a, b)| a - b));
    (off / squares(&mut meant.iter().map(|value| value - mean))).sqrt()
}

/// What a file computes is what the model computes, within the error of the format that it was written in, and not better than that
/// error can be: each matrix was packed.
#[test]
fn what_is_read_back_computes_the_same_within_its_format() {
    let room = Folder::new("gguf-computes");
    let mut wrong = vec![];
    for keys in WIDE {
        let config = format!(
            r#"{{{keys}, "hidden_size": 256, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2,
                "vocab_size": 64, "max_position_embeddings": 128, "initializer_range": 0.05, "tie_word_embeddings": false}}"#
        );
        let config = ModelConfig::parse(&config).unwrap();
        let name = config.family.architecture;
        let mut meant = Model::random(config, 3, &options()).unwrap();
        let want = logps(&mut meant);
        for (format, most) in [
            (Format::F32, 0.0),
            (Format::F16, 1e-3),
            (Format::Bf16, 8e-3),
            (Format::Q8_0, 2.5e-2),
            (Format::Q6K, 8e-2),
            (Format::Q5KM, 0.15),
            (Format::Q4KM, 0.3),
            (Format::Q4_0, 0.3),
        ] {
            let path = room.0.join(format!("{name}-{}.gguf", format.name()));
            write(&meant, format, &path).unwrap();
            let got = logps(&mut Model::load(&path, &options()).unwrap());
            let off = apart(&got, &want);
            if !(most / 4.0..=most).contains(&off) {
                wrong.push(format!("{name} {}: {off:e}", format.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
