//! Model folders: hostile and broken files, merged weights, adapters, and what may be trained.
use candle_core::{DType, Device, Tensor};
use protocol::config::{FreezeSpec, TrainedLayers};
use safetensors::tensor::{Dtype, TensorView};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use trainer::model::{
    Adapter, ForwardOptions, LoadOptions, LoraConfig, LoraPair, LossGrads, Model, Targets, TensorFile, Trainable,
};
use trainer::plan::{Plan, SeqTokens};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/golden/families")
        .join(name)
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("corral-files-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn copy_of(name: &str, as_name: &str) -> Self {
        let folder = Self::new(as_name);
        for entry in std::fs::read_dir(golden(name)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, folder.0.join(path.file_name().unwrap())).unwrap();
            }
        }
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn load(folder: &Path) -> Result<Model, String> {
    Model::load(folder, &LoadOptions::default()).map_err(|error| error.to_string())
}

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
        .replace("Qwen2ForCausalLM", "GPT2LMHeadModel");
    std::fs::write(&config, text).unwrap();
    let error = refusal(&folder.0);
    for word in ["config.json", "GPT2LMHeadModel", "LlamaForCausalLM", "Qwen3ForCausalLM"] {
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

fn plan() -> Plan {
    let tokens: Vec<u32> = (0..40).map(|t| t * 7 % 48).collect();
    Plan::sequences(&[SeqTokens {
        tokens: &tokens,
        counts: &[true; 40],
    }])
    .unwrap()
}

fn some_adapter(seed: u64, model: &Model, modules: &[&str]) -> Adapter {
    let c = model.config();
    let draw = |rows: usize, columns: usize, seed: u64| {
        let values =
            (0..rows * columns).map(|i| (((i as u64 * 2654435761 + seed * 97) % 1000) as f32 / 1000.0 - 0.5) * 0.4);
        Tensor::from_vec(values.collect(), (rows, columns), &Device::Cpu).unwrap()
    };
    let pairs = modules.iter().enumerate().map(|(i, path)| {
        let output = if path.ends_with("q_proj") {
            c.q_width()
        } else {
            c.kv_width()
        };
        let seed = seed + i as u64;
        (
            path.to_string(),
            LoraPair::new(draw(3, c.hidden_size, seed), draw(output, 3, seed + 50)),
        )
    });
    Adapter {
        scale: 1.5,
        modules: pairs.collect::<BTreeMap<_, _>>(),
        ..Adapter::default()
    }
}

/// A chain of a frozen adapter and one that trains computes what the merged weights compute.
#[test]
fn merged_weights_compute_what_the_adapters_do() {
    let path = golden("llama-mha");
    let mut model = load(&path).unwrap();
    let modules = ["model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.v_proj"];
    let (first, last) = (
        some_adapter(1, &model, &modules),
        some_adapter(9, &model, &modules[1..]),
    );
    let base = model.forward(&plan(), ForwardOptions::policy()).unwrap().logps;
    model
        .attach(
            vec![first],
            Trainable::Continue {
                adapter: last,
                dropout: 0.0,
            },
        )
        .unwrap();
    let want = model.forward(&plan(), ForwardOptions::policy()).unwrap().logps;
    assert!(base.iter().zip(&want).any(|(a, b)| (a - b).abs() > 1e-2));

    let folder = Folder::copy_of("llama-mha", "merged");
    let tensors: Vec<_> = model
        .weight_names()
        .into_iter()
        .map(|n| (n.clone(), model.merged_weight(&n).unwrap()))
        .collect();
    candle_core::safetensors::save(
        &tensors.into_iter().collect::<HashMap<_, _>>(),
        folder.0.join("model.safetensors"),
    )
    .unwrap();
    let got = load(&folder.0)
        .unwrap()
        .forward(&plan(), ForwardOptions::policy())
        .unwrap()
        .logps;
    for (got, want) in got.iter().zip(&want) {
        assert!((got - want).abs() < 1e-4, "{got}, expected {want}");
    }
}

#[test]
fn a_fresh_adapter_changes_nothing_and_the_reference_stays_where_the_run_started() {
    let mut model = load(&golden("qwen3")).unwrap();
    let base = model.forward(&plan(), ForwardOptions::policy()).unwrap().logps;
    let config = LoraConfig {
        rank: 4,
        alpha: 8.0,
        targets: Targets::Named(vec!["q_proj".into()]),
        seed: 0,
        ..LoraConfig::default()
    };
    model.attach(vec![], Trainable::NewAdapter(config)).unwrap();
    assert_eq!(model.params().iter().len(), 2 * model.config().layers);
    assert_eq!(base, model.forward(&plan(), ForwardOptions::policy()).unwrap().logps);
    let values = model.params().iter().map(|p| {
        (
            p.name.clone(),
            Tensor::ones(p.shape.as_slice(), DType::F32, &Device::Cpu).unwrap(),
        )
    });
    let values = values.collect();
    model.params_mut().restore(&values).unwrap();
    assert_ne!(base, model.forward(&plan(), ForwardOptions::policy()).unwrap().logps);
    assert_eq!(base, model.forward(&plan(), ForwardOptions::reference()).unwrap().logps);
    assert!(
        model
            .adapter()
            .unwrap()
            .unwrap()
            .modules
            .contains_key("model.layers.1.self_attn.q_proj")
    );
}

#[test]
fn adapters_and_requests_that_do_not_fit_are_refused() {
    let attach = |frozen, trainable| {
        let mut model = load(&golden("llama-mha")).unwrap();
        model.attach(frozen, trainable).unwrap_err().to_string()
    };
    let model = load(&golden("llama-mha")).unwrap();
    let lora = |rank, targets| {
        Trainable::NewAdapter(LoraConfig {
            rank,
            alpha: 1.0,
            targets,
            seed: 0,
            ..LoraConfig::default()
        })
    };
    assert!(attach(vec![], lora(0, Targets::All)).contains("rank"));
    assert!(attach(vec![], lora(1, Targets::Named(vec!["w_pack".into()]))).contains("q_proj, k_proj"));
    let elsewhere = some_adapter(1, &model, &["model.layers.9.self_attn.q_proj"]);
    assert!(attach(vec![elsewhere], Trainable::Nothing).contains("model.layers.9"));
    let mut misshapen = some_adapter(1, &model, &["model.layers.0.self_attn.q_proj"]);
    misshapen
        .modules
        .values_mut()
        .for_each(|pair| pair.a = pair.a.narrow(1, 0, 5).unwrap());
    assert!(
        attach(
            vec![],
            Trainable::Continue {
                adapter: misshapen,
                dropout: 0.0
            }
        )
        .contains("another model")
    );
}

#[test]
fn tokens_outside_the_vocabulary_are_an_error() {
    let mut model = load(&golden("llama-mha")).unwrap();
    let plan = Plan::sequences(&[SeqTokens {
        tokens: &[1, 48],
        counts: &[true, true],
    }])
    .unwrap();
    let error = model.forward(&plan, ForwardOptions::policy()).unwrap_err().to_string();
    assert!(error.contains("48"), "{error}");
}

/// Norms of the rows of `W + 1.5 B A`.
fn row_norms(weight: &Tensor, a: &Tensor, b: &Tensor) -> Tensor {
    let moved = (weight + (b.matmul(a).unwrap() * 1.5).unwrap()).unwrap();
    moved.sqr().unwrap().sum(1).unwrap().sqrt().unwrap()
}

/// With dropout on, the gradient is that of the masked model: it predicts how the loss moves. With DoRA the norms count
/// as constants, so the lengths are moved along with them.
fn gradients_under_dropout(dora: bool) {
    let mut model = load(&golden("llama-mha")).unwrap();
    let modules = ["model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.v_proj"];
    let weights = modules.map(|path| model.merged_weight(&format!("{path}.weight")).unwrap());
    let mut adapter = some_adapter(4, &model, &modules);
    for (path, weight) in modules.iter().zip(&weights).filter(|_| dora) {
        let pair = adapter.modules.get_mut(*path).unwrap();
        pair.magnitude = Some((row_norms(weight, &pair.a, &pair.b) * 1.2).unwrap());
    }
    model
        .attach(vec![], Trainable::Continue { adapter, dropout: 0.4 })
        .unwrap();
    let plan = plan();
    let loss = |model: &mut Model, options| -> f64 {
        let scored = model.forward(&plan, options).unwrap();
        scored.logps.iter().map(|&x| f64::from(x)).sum()
    };
    let plain = loss(&mut model, ForwardOptions::policy());
    let dropout = |options| ForwardOptions {
        dropout_seed: Some(5),
        ..options
    };
    let dropped = loss(&mut model, dropout(ForwardOptions::training()));
    assert!((plain - dropped).abs() > 1e-3, "dropout changes the policy");
    model
        .backward(&plan, LossGrads::of_logps(&vec![1.0; plan.rows.len()]))
        .unwrap();
    // step along the gradient: the loss must move by |gradient| * step
    let norm = model.params().grad_norm().unwrap();
    let step = 2e-3;
    let moved = |model: &Model, sign: f64| -> HashMap<String, Tensor> {
        let value = |name: &str, sign: f64| {
            let param = model.params().iter().find(|p| p.name == name).unwrap();
            let change = (param.grad().unwrap() * (sign * step / norm)).unwrap();
            (param.value().unwrap() + change).unwrap()
        };
        let mut moved: HashMap<_, _> = model
            .params()
            .iter()
            .map(|p| (p.name.clone(), value(&p.name, sign)))
            .collect();
        for (path, weight) in modules.iter().zip(&weights).filter(|_| dora) {
            let [a, b] = ["A", "B"].map(|side| format!("{path}.lora_{side}.weight"));
            let norms = |sign| row_norms(weight, &value(&a, sign), &value(&b, sign));
            let lengths = moved.get_mut(&format!("{path}.lora_magnitude_vector")).unwrap();
            *lengths = (&*lengths * (norms(sign) / norms(0.0)).unwrap()).unwrap();
        }
        moved
    };
    let (up, down) = (moved(&model, 1.0), moved(&model, -1.0));
    model.params_mut().restore(&up).unwrap();
    let higher = loss(&mut model, dropout(ForwardOptions::policy()));
    model.params_mut().restore(&down).unwrap();
    let lower = loss(&mut model, dropout(ForwardOptions::policy()));
    let slope = (higher - lower) / (2.0 * step);
    assert!(
        (slope - norm).abs() < 0.02 * norm,
        "dora {dora}: slope {slope}, gradient norm {norm}"
    );
}

#[test]
fn gradients_under_dropout_belong_to_the_same_mask() {
    gradients_under_dropout(false);
    gradients_under_dropout(true);
}

/// What freeze and LLaMA Pro train, by name; what they don't keeps its type and has no gradient.
#[test]
fn freeze_trains_what_it_names_and_leaves_the_rest_as_it_is_stored() {
    let trained = |folder: &str, layers, modules: &[&str], extra: &[&str]| {
        let mut model = load(&golden(folder)).unwrap();
        let names = |names: &[&str]| names.iter().map(|n| n.to_string()).collect();
        let part = FreezeSpec {
            layers,
            modules: names(modules),
            extra: names(extra),
        };
        let freeze = Trainable::Freeze {
            part,
            keep_reference: false,
        };
        model.attach(vec![], freeze).map_err(|e| e.to_string())?;
        for name in model.weight_names() {
            assert_eq!(model.merged_weight(&name).unwrap().dtype(), DType::BF16, "{name}");
        }
        Ok::<_, String>(model.params().iter().map(|p| p.name.clone()).collect::<Vec<_>>())
    };
    let one = |module: &str| format!("model.layers.1.self_attn.{module}_proj");
    let mut attention = vec![];
    for module in ["q", "k", "v"] {
        attention.extend([format!("{}.weight", one(module)), format!("{}.bias", one(module))]);
    }
    attention.push(format!("{}.weight", one("o")));
    let got = trained("qwen2-bf16", TrainedLayers::Last(1), &["self_attn"], &[]).unwrap();
    assert_eq!(got, attention);
    let got = trained("qwen2-bf16", TrainedLayers::First(1), &["input_layernorm"], &["norm"]).unwrap();
    assert_eq!(got, ["model.layers.0.input_layernorm.weight", "model.norm.weight"]);
    let got = trained("qwen2-bf16", TrainedLayers::Expanded(1), &["input_layernorm"], &[]).unwrap();
    assert_eq!(got, ["model.layers.1.input_layernorm.weight"]);
    let error = trained("qwen2-bf16", TrainedLayers::Last(1), &["attention"], &[]).unwrap_err();
    assert!(error.contains("self_attn") && error.contains("`attention`"), "{error}");
    let error = trained("qwen2-bf16", TrainedLayers::Last(1), &[], &["head"]).unwrap_err();
    assert!(error.contains("embed_tokens"), "{error}");
    let error = trained("qwen2-bf16", TrainedLayers::Expanded(3), &[], &[]).unwrap_err();
    assert!(error.contains("corral-trainer expand"), "{error}");
}

/// An expanded model computes what it did; its new blocks are copies whose two outputs are zero.
#[test]
fn expanded_blocks_change_nothing_until_they_are_trained() {
    let mut model = load(&golden("qwen3")).unwrap();
    let layers = model.config().layers;
    let before = model.forward(&plan(), ForwardOptions::policy()).unwrap().logps;
    model.expand(layers).unwrap();
    assert_eq!(model.config().layers, 2 * layers);
    let after = model.forward(&plan(), ForwardOptions::policy()).unwrap().logps;
    assert_eq!(before, after);
    let weight = |name: &str| {
        let weight = model.merged_weight(&format!("model.layers.{name}.weight")).unwrap();
        weight.flatten_all().unwrap().to_vec1::<f32>().unwrap()
    };
    assert_eq!(weight("2.mlp.up_proj"), weight("3.mlp.up_proj"));
    assert!(weight("3.mlp.down_proj").iter().all(|&x| x == 0.0));
    assert!(weight("2.mlp.down_proj").iter().any(|&x| x != 0.0));
    assert!(model.expand(3).unwrap_err().to_string().contains("evenly"));
}
