//! Families whose checkpoints keep layers otherwise than they are: in one tensor, against a Llama of the same numbers (Phi-3), or
//! turned.

use crate::common::families::folders;
use crate::common::passes::Passes;
use crate::common::{here, ids, noise, options};
use candle_core::{DType, Device, Tensor};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use trainer::model::{
    Adapter, ForwardOptions, LoraConfig, LoraPair, LossGrads, Model, ModelConfig, Names, Targets, Trainable,
};
use trainer::plan::{Plan, SeqTokens};

fn config(architecture: &str) -> String {
    format!(
        r#"{{"architectures": ["{architecture}"], "vocab_size": 90, "hidden_size": 24, "intermediate_size": 20,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "initializer_range": 0.2,
        "rms_norm_eps": 1e-6}}"#
    )
}

/// What lies in one tensor, and the layers it is made of.
const FUSED: [(&str, &[&str]); 2] = [
    (
        "self_attn.qkv_proj",
        &["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
    ),
    ("mlp.gate_up_proj", &["mlp.gate_proj", "mlp.up_proj"]),
];

/// Both models in folders of their own.
fn twins(root: &Path) -> [PathBuf; 2] {
    let llama = Model::random(ModelConfig::parse(&config("LlamaForCausalLM")).unwrap(), 7, &options()).unwrap();
    let plain: HashMap<String, Tensor> = llama
        .weight_names()
        .into_iter()
        .map(|name| (name.clone(), llama.merged_weight(&name).unwrap()))
        .collect();
    let mut fused = plain.clone();
    for layer in 0..2 {
        for (whole, parts) in FUSED {
            let at = |module: &str| format!("model.layers.{layer}.{module}.weight");
            let rows: Vec<Tensor> = parts.iter().map(|part| fused.remove(&at(part)).unwrap()).collect();
            fused.insert(at(whole), Tensor::cat(&rows, 0).unwrap());
        }
    }
    [("LlamaForCausalLM", plain), ("Phi3ForCausalLM", fused)].map(|(architecture, tensors)| {
        let folder = root.join(architecture);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.json"), config(architecture)).unwrap();
        candle_core::safetensors::save(&tensors, folder.join("model.safetensors")).unwrap();
        folder
    })
}

fn load(folder: &Path) -> Model {
    Model::load(folder, &options()).unwrap()
}

fn plan() -> Plan {
    let tokens = ids(40, 3, 90);
    Plan::sequences(&[SeqTokens {
        tokens: &tokens,
        counts: &[true; 40],
    }])
    .unwrap()
}

fn values(tensor: &Tensor) -> Vec<f32> {
    let flat = tensor.flatten_all().unwrap().to_dtype(DType::F32).unwrap();
    flat.to_vec1().unwrap()
}

fn logps(model: &mut Model) -> Vec<f32> {
    model.forward_over(&plan(), ForwardOptions::policy()).unwrap().logps
}

/// The gradient of each parameter by its name, after a backward pass.
fn gradients(model: &mut Model) -> BTreeMap<String, Vec<f32>> {
    let plan = plan();
    model.zero_grads().unwrap();
    model.forward_over(&plan, ForwardOptions::training()).unwrap();
    let logps = noise(plan.rows.len(), 5, 0.3);
    let grads = LossGrads {
        d_logp: &logps,
        d_value: &[],
        d_aux_loss: 0.0,
    };
    model.backward_over(&plan, grads).unwrap();
    let params = model.params().iter();
    params.map(|p| (p.name.clone(), values(&p.grad().unwrap()))).collect()
}

fn temporary(name: &str) -> PathBuf {
    let root = std::env::temp_dir().join(format!("corral-fused-{name}-{}", std::process::id()));
    std::fs::remove_dir_all(&root).ok();
    root
}

#[test]
fn a_fused_model_computes_what_its_parts_do_and_leaves_as_it_came() {
    let root = temporary("whole");
    let [llama, phi3] = twins(&root);
    let (mut plain, mut fused) = (load(&llama), load(&phi3));
    assert_eq!(logps(&mut plain), logps(&mut fused));
    let stored = candle_core::safetensors::load(phi3.join("model.safetensors"), &Device::Cpu).unwrap();
    let mut names = fused.weight_names();
    names.sort();
    let mut expected: Vec<String> = stored.keys().cloned().collect();
    expected.sort();
    assert_eq!(names, expected);
    for (name, tensor) in &stored {
        assert_eq!(values(&fused.merged_weight(name).unwrap()), values(tensor), "{name}");
    }
    // every weight trains, each by itself
    for model in [&mut plain, &mut fused] {
        model.attach(vec![], Trainable::Full { keep_reference: false }).unwrap();
    }
    assert_eq!(gradients(&mut plain), gradients(&mut fused));
    std::fs::remove_dir_all(&root).ok();
}

/// In whatever layout a family's files have them: fused by group of heads, turned, a norm for each head.
#[test]
fn weights_of_every_family_leave_as_they_came() {
    for folder in folders() {
        let mut stored = HashMap::new();
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("model") && name.ends_with(".safetensors") {
                stored.extend(candle_core::safetensors::load(&path, &Device::Cpu).unwrap());
            }
        }
        let model = load(&folder);
        let prefix = model.config().family.weights.prefix().unwrap_or_default();
        let own = |name: &str| stored.get(name).or_else(|| stored.get(name.strip_prefix(prefix)?));
        let names = model.weight_names();
        for name in &names {
            let want = own(name).unwrap_or_else(|| panic!("{}: {name} is not stored", folder.display()));
            let got = model.merged_weight(name).unwrap();
            assert_eq!(
                (got.dims(), got.dtype()),
                (want.dims(), want.dtype()),
                "{} {name}",
                folder.display()
            );
            assert_eq!(values(&got), values(want), "{} {name}", folder.display());
        }
        let masks = stored.keys().filter(|name| name.ends_with(".attn.bias")).count();
        assert_eq!(names.len(), stored.len() - masks, "{}", folder.display());
    }
}

/// LLaMA-Factory's `all` looks for linear layers, PEFT's `all-linear` for GPT-2's kind too.
#[test]
fn gpt2_has_adapters_by_pefts_name_alone() {
    let folder = here().join("../tests/golden/families/gpt2");
    let new = |targets| {
        Trainable::NewAdapter(LoraConfig {
            targets,
            ..LoraConfig::default()
        })
    };
    let refused = load(&folder).attach(vec![], new(Targets::All)).unwrap_err().to_string();
    assert!(
        refused.contains("all-linear") && refused.contains("GPT2LMHeadModel"),
        "{refused}"
    );
    let mut model = load(&folder);
    model.attach(vec![], new(Targets::AllLinear)).unwrap();
    let adapter = model.adapter().unwrap().unwrap();
    let fused = &adapter.modules["transformer.h.0.attn.c_attn"];
    assert_eq!((fused.a.dims()[1], fused.b.dims()[0]), (32, 96));
    assert!(adapter.form.fan_in_fan_out && adapter.modules.len() == 8);
}

#[test]
fn an_adapter_on_a_fused_module_is_one_pair_whose_a_all_parts_share() {
    let root = temporary("adapter");
    let [llama, phi3] = twins(&root);
    let mut fused = load(&phi3);
    let config = LoraConfig {
        rank: 3,
        dora: true,
        ..LoraConfig::default()
    };
    fused.attach(vec![], Trainable::NewAdapter(config)).unwrap();
    // B is not zero and nothing is like another
    let moved: HashMap<String, Tensor> = fused
        .params()
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let value = p.value().unwrap();
            let change = Tensor::from_vec(noise(p.len(), 40 + i as u64, 0.2), value.shape(), &Device::Cpu).unwrap();
            (p.name.clone(), (value + change).unwrap())
        })
        .collect();
    fused.params_mut().restore(&moved).unwrap();
    let adapter = fused.adapter().unwrap().unwrap();
    let modules: Vec<&str> = adapter
        .modules
        .keys()
        .filter_map(|path| path.strip_prefix("model.layers.0."))
        .collect();
    assert_eq!(
        modules,
        [
            "mlp.down_proj",
            "mlp.gate_up_proj",
            "self_attn.o_proj",
            "self_attn.qkv_proj"
        ]
    );

    // what is saved are the parameters' values, part by part
    let back = fused.adapter_values(adapter.clone()).unwrap();
    assert_eq!(back.len(), moved.len());
    for (name, value) in &moved {
        assert_eq!(values(&back[name]), values(value), "{name}");
    }

    // the same adapter taken apart, on the model of the parts
    let mut apart = Adapter {
        scale: adapter.scale,
        ..Adapter::default()
    };
    apart.form.promise.targets = Names::Pattern("all-linear".into());
    for (path, pair) in &adapter.modules {
        let (block, within) = path.split_at(path.find("self_attn").or_else(|| path.find("mlp")).unwrap());
        let parts = FUSED
            .iter()
            .find(|(whole, _)| *whole == within)
            .map_or(&[][..], |(_, parts)| parts);
        let widths: &[usize] = if within.starts_with("self") {
            &[24, 12, 12]
        } else {
            &[20, 20]
        };
        let mut first = 0;
        for (part, &rows) in parts.iter().zip(widths) {
            let own = LoraPair {
                a: pair.a.clone(),
                b: pair.b.narrow(0, first, rows).unwrap(),
                magnitude: pair
                    .magnitude
                    .as_ref()
                    .map(|lengths| lengths.narrow(0, first, rows).unwrap()),
            };
            apart.modules.insert(format!("{block}{part}"), own);
            first += rows;
        }
        if parts.is_empty() {
            apart.modules.insert(path.clone(), pair.clone());
        }
    }
    let mut plain = load(&llama);
    plain
        .attach(
            vec![],
            Trainable::Continue {
                adapter: apart,
                dropout: 0.0,
            },
        )
        .unwrap();
    assert_eq!(logps(&mut plain), logps(&mut fused));
    let (of_parts, of_fused) = (gradients(&mut plain), gradients(&mut fused));
    let sum = |parts: &[&str]| {
        let each: Vec<&Vec<f32>> = parts
            .iter()
            .map(|part| &of_parts[&format!("model.layers.1.{part}.lora_A.weight")])
            .collect();
        (0..each[0].len())
            .map(|i| each.iter().map(|g| g[i]).sum())
            .collect::<Vec<f32>>()
    };
    for (whole, parts) in FUSED {
        let got = &of_fused[&format!("model.layers.1.{whole}.lora_A.weight")];
        for (got, want) in got.iter().zip(sum(parts)) {
            assert!(
                (got - want).abs() <= 1e-5 * want.abs().max(1.0),
                "{whole}: {got} {want}"
            );
        }
        for part in parts {
            let name = format!("model.layers.1.{part}.lora_B.weight");
            assert_eq!(of_fused[&name], of_parts[&name], "{name}");
        }
    }

    // a saved one goes on, and is part of a merged model
    let mut going_on = load(&phi3);
    going_on
        .attach(
            vec![],
            Trainable::Continue {
                adapter: adapter.clone(),
                dropout: 0.0,
            },
        )
        .unwrap();
    assert_eq!(logps(&mut going_on), logps(&mut fused));
    let mut frozen = load(&phi3);
    frozen.attach(vec![adapter], Trainable::Nothing).unwrap();
    let name = "model.layers.0.self_attn.qkv_proj.weight";
    assert_eq!(values(&frozen.merged_weight(name).unwrap()).len(), 48 * 24);
    for (got, want) in logps(&mut frozen).iter().zip(logps(&mut fused)) {
        assert!((got - want).abs() < 1e-4, "{got} {want}");
    }
    std::fs::remove_dir_all(&root).ok();
}
