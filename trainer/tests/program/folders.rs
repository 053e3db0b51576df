//! Model folders and adapters as other programs leave them: what changes the computation is done or refused by name, in
//! every verb; and the verbs' JSON, which other programs read.

use crate::worker::{Folder, config, golden, program, said};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Output;

/// Tensors of f32 by name: their shapes and values.
type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

const PREFIX: &str = "base_model.model.";

fn read(path: &Path) -> Tensors {
    let bytes = std::fs::read(path).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let values = |data: &[u8]| {
        data.chunks(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect()
    };
    let tensors = file.tensors().into_iter();
    tensors
        .map(|(name, view)| (name, (view.shape().to_vec(), values(view.data()))))
        .collect()
}

fn write(path: &Path, tensors: &Tensors) {
    let bytes: BTreeMap<&String, Vec<u8>> = tensors
        .iter()
        .map(|(name, (_, values))| (name, values.iter().flat_map(|v| v.to_le_bytes()).collect()))
        .collect();
    let views = tensors.iter().map(|(name, (shape, _))| {
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), &bytes[name]);
        (name.as_str(), view.unwrap())
    });
    std::fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

fn copy(from: &Path, to: &Path) -> PathBuf {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
    to.to_owned()
}

fn set(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut json: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut json);
    std::fs::write(path, json.to_string()).unwrap();
}

fn llama() -> PathBuf {
    golden().join("models/llama")
}

/// A copy of the tuned adapter of the golden Llama, its config and weights changed.
fn adapter(to: &Path, config: impl FnOnce(&mut Value), weights: impl FnOnce(&mut Tensors)) -> PathBuf {
    copy(&llama().join("tuned-adapter"), to);
    set(&to.join("adapter_config.json"), config);
    let path = to.join("adapter_model.safetensors");
    let mut tensors = read(&path);
    weights(&mut tensors);
    write(&path, &tensors);
    to.to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn run(args: &[&str]) -> Output {
    program(args).output().unwrap()
}

/// The logits of a few tokens, of a model and its adapters.
fn logits(model: &Path, adapters: &[&Path]) -> Vec<Vec<f64>> {
    let mut args = vec!["logits", "--model", text(model), "--ids", "1,40,77,120,9"];
    for adapter in adapters {
        args.extend(["--adapter", text(adapter)]);
    }
    let done = run(&args);
    assert!(done.status.success(), "{}", said(&done));
    let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
    serde_json::from_value(answer["logits"].clone()).unwrap()
}

fn refused(args: &[&str]) -> String {
    let done = run(args);
    assert_eq!(done.status.code(), Some(1), "{args:?}: {}", said(&done));
    let said = said(&done);
    assert!(!said.contains("backtrace") && !said.contains("panicked"), "{said}");
    said
}

fn close(a: &[Vec<f64>], b: &[Vec<f64>]) -> bool {
    let off = a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).abs());
    a.len() == b.len() && off.fold(0.0, f64::max) < 1e-4
}

#[test]
fn layer_replication_is_a_deeper_model_of_shared_blocks() {
    let folder = Folder::new();
    // blocks 0 1 1 of the base, and an adapter with weights for three
    let deeper = |tensors: &mut Tensors, prefix: &str| {
        let second: Vec<_> = tensors
            .iter()
            .filter(|(name, _)| name.starts_with(&format!("{prefix}model.layers.1.")))
            .map(|(name, tensor)| (name.replace("layers.1.", "layers.2."), tensor.clone()))
            .collect();
        tensors.extend(second);
    };
    let vary = |tensors: &mut Tensors| {
        deeper(tensors, PREFIX);
        for (name, (_, values)) in tensors
            .iter_mut()
            .filter(|(name, _)| name.contains("layers.2.") && name.contains("lora_B"))
        {
            values.iter_mut().for_each(|v| *v *= -2.0);
            assert!(name.contains("lora_B"));
        }
    };
    let by_hand = copy(&llama(), &folder.path().join("deep"));
    set(&by_hand.join("config.json"), |config| {
        config["num_hidden_layers"] = json!(3)
    });
    let mut tensors = read(&by_hand.join("model.safetensors"));
    deeper(&mut tensors, "");
    write(&by_hand.join("model.safetensors"), &tensors);
    let plain = adapter(&folder.path().join("plain"), |_| {}, vary);
    let replicating = adapter(
        &folder.path().join("replicating"),
        |config| config["layer_replication"] = json!([[0, 2], [1, 2]]),
        vary,
    );
    let want = logits(&by_hand, &[&plain]);
    assert!(close(&logits(&llama(), &[&replicating]), &want));
    assert!(!close(&logits(&llama(), &[&llama().join("tuned-adapter")]), &want));

    // merged, it is a model of three blocks that stands alone
    let out = folder.path().join("out");
    let (base, on) = (llama(), replicating.clone());
    let done = run(&["export", text(&base), "--adapter", text(&on), "--out", text(&out)]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(close(&logits(&out, &[]), &want));

    // trained on, its checkpoint still says so
    let yaml = folder.write(
        "sft.yaml",
        &config(
            "sft",
            &format!(
                "adapter_name_or_path: {}\nmax_steps: 1\nsave_steps: 1",
                replicating.display()
            ),
        ),
    );
    let trained = folder.run("on");
    trained.train(&yaml, &[]);
    let saved: Value = serde_json::from_slice(&trained.bytes("checkpoint-1/adapter_config.json")).unwrap();
    assert_eq!(saved["layer_replication"], json!([[0, 2], [1, 2]]));

    let beyond = adapter(
        &folder.path().join("beyond"),
        |config| config["layer_replication"] = json!([[0, 5]]),
        |_| {},
    );
    assert!(refused(&["logits", text(&base), "--adapter", text(&beyond), "--ids", "1"]).contains("layer_replication"));
}

#[test]
fn rank_pattern_and_alpha_pattern_are_applied() {
    let folder = Folder::new();
    let of_q = |name: &str| name.contains("q_proj");
    // twice the alpha is twice B
    let doubled = adapter(
        &folder.path().join("b"),
        |_| {},
        |tensors| {
            for (_, (_, values)) in tensors
                .iter_mut()
                .filter(|(name, _)| of_q(name) && name.contains("lora_B"))
            {
                values.iter_mut().for_each(|v| *v *= 2.0);
            }
        },
    );
    let alpha = adapter(
        &folder.path().join("alpha"),
        |config| config["alpha_pattern"] = json!({"q_proj": 16}),
        |_| {},
    );
    let want = logits(&llama(), &[&doubled]);
    assert!(close(&logits(&llama(), &[&alpha]), &want));
    assert!(!close(&logits(&llama(), &[&llama().join("tuned-adapter")]), &want));

    // a third row of zeros changes nothing, but that alpha is over three
    let wider = |tensors: &mut Tensors| {
        for (name, (shape, values)) in tensors.iter_mut().filter(|(name, _)| of_q(name)) {
            if name.contains("lora_A") {
                values.extend(vec![0.0; shape[1]]);
                shape[0] = 3;
            } else {
                *values = values.chunks(2).flat_map(|row| [row[0], row[1], 0.0]).collect();
                shape[1] = 3;
            }
        }
    };
    let rank = adapter(
        &folder.path().join("rank"),
        |config| {
            config["rank_pattern"] = json!({"q_proj": 3});
            config["alpha_pattern"] = json!({"q_proj": 24});
        },
        wider,
    );
    assert!(close(&logits(&llama(), &[&rank]), &want));
    // and what is trained on is written as it was read
    let yaml = config(
        "sft",
        &format!(
            "adapter_name_or_path: {}\nmax_steps: 1\nlearning_rate: 1e-12\nsave_steps: 1",
            rank.display()
        ),
    );
    let trained = folder.run("on");
    trained.train(&folder.write("sft.yaml", &yaml), &[]);
    let checkpoint = folder.path().join("on/checkpoint-1");
    let again = logits(&llama(), &[&checkpoint]);
    assert!(close(&again, &want));

    let unsaid = adapter(&folder.path().join("unsaid"), |_| {}, wider);
    let base = llama();
    let error = refused(&["logits", text(&base), "--adapter", text(&unsaid), "--ids", "1"]);
    assert!(error.contains("q_proj has rank 3"), "{error}");
}

#[test]
fn what_an_adapters_config_promises_must_be_in_its_file() {
    let folder = Folder::new();
    let base = llama();
    let cut = adapter(
        &folder.path().join("cut"),
        |_| {},
        |tensors| {
            tensors.retain(|name, _| !name.contains("layers.1."));
        },
    );
    let whole = copy(&llama().join("whole-adapter"), &folder.path().join("whole"));
    let path = whole.join("adapter_model.safetensors");
    let mut tensors = read(&path);
    tensors.remove("base_model.model.model.norm.weight");
    write(&path, &tensors);
    let head = adapter(
        &folder.path().join("head"),
        |config| config["target_modules"] = json!(["down_proj", "q_proj", "v_proj", "lm_head"]),
        |_| {},
    );
    for (adapter, names) in [
        (&cut, "model.layers.1.self_attn.q_proj"),
        (&whole, "model.norm"),
        (&head, "lm_head"),
    ] {
        for verb in [
            vec!["logits", text(&base), "--adapter", text(adapter), "--ids", "1"],
            vec![
                "export",
                text(&base),
                "--adapter",
                text(adapter),
                "--out",
                "/nonexistent/../tmp/never",
            ],
        ] {
            let error = refused(&verb);
            assert!(error.contains(names), "{names}: {error}");
        }
    }
    // what the config leaves out is not missed
    let one = adapter(
        &folder.path().join("one"),
        |config| config["layers_to_transform"] = json!([0]),
        |tensors| tensors.retain(|name, _| !name.contains("layers.1.")),
    );
    logits(&base, &[&one]);
}

#[test]
fn an_adapters_own_tokenizer_and_template_go_first() {
    let folder = Folder::new();
    let base = llama();
    let on = adapter(&folder.path().join("on"), |_| {}, |_| {});
    let template = "{% for m in messages %}<s>OWN {{ m.role }} {{ m.content }}</s>{% endfor %}";
    std::fs::write(on.join("chat_template.jinja"), template).unwrap();
    let data = golden().join("data");
    let shown = run(&[
        "preview",
        "--dataset",
        "instructions",
        "--dataset-dir",
        text(&data),
        "--model",
        text(&base),
        "--adapter",
        text(&on),
        "--limit",
        "1",
    ]);
    assert!(shown.status.success(), "{}", said(&shown));
    let rows: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let tokens = rows["rows"][0]["tokens"].as_array().unwrap();
    let shown: String = tokens.iter().filter_map(|token| token["text"].as_str()).collect();
    assert!(shown.contains("OWN user"), "{shown}");

    let out = folder.path().join("out");
    let done = run(&["export", text(&base), "--adapter", text(&on), "--out", text(&out)]);
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(
        std::fs::read_to_string(out.join("chat_template.jinja")).unwrap(),
        template
    );

    // a checkpoint of the run that goes on from it brings them along
    let yaml = config(
        "sft",
        &format!("adapter_name_or_path: {}\nmax_steps: 1\nsave_steps: 1", on.display()),
    );
    let yaml: String = yaml
        .lines()
        .filter(|line| !line.starts_with("template"))
        .map(|line| format!("{line}\n"))
        .collect();
    let trained = folder.run("next");
    trained.train(&folder.write("sft.yaml", &yaml), &[]);
    assert!(trained.text("checkpoint-1/chat_template.jinja").contains("OWN"));
}

#[test]
fn tokens_that_an_adapter_adds_widen_the_model() {
    let folder = Folder::new();
    let base = read(&llama().join("model.safetensors"));
    let wide = adapter(
        &folder.path().join("wide"),
        |_| {},
        |tensors| {
            for name in ["model.embed_tokens.weight", "lm_head.weight"] {
                let (shape, mut values) = base[name].clone();
                values.extend(vec![0.25; 2 * shape[1]]);
                tensors.insert(format!("{PREFIX}{name}"), (vec![shape[0] + 2, shape[1]], values));
            }
        },
    );
    let (plain, wider) = (
        logits(&llama(), &[&llama().join("tuned-adapter")]),
        logits(&llama(), &[&wide]),
    );
    assert_eq!((plain[0].len(), wider[0].len()), (352, 354));
    let first: Vec<Vec<f64>> = wider.iter().map(|row| row[..352].to_vec()).collect();
    assert!(close(&first, &plain));
    let out = folder.path().join("out");
    let (llama, on) = (llama(), wide.clone());
    let done = run(&["export", text(&llama), "--adapter", text(&on), "--out", text(&out)]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(close(&logits(&out, &[]), &wider));

    let half = adapter(
        &folder.path().join("half"),
        |_| {},
        |tensors| {
            let (shape, mut values) = base["model.embed_tokens.weight"].clone();
            values.extend(vec![0.25; shape[1]]);
            tensors.insert(
                format!("{PREFIX}model.embed_tokens.weight"),
                (vec![shape[0] + 1, shape[1]], values),
            );
        },
    );
    let error = refused(&["logits", text(&llama), "--adapter", text(&half), "--ids", "1"]);
    assert!(
        error.contains("353 rows") && error.contains("save_embedding_layers"),
        "{error}"
    );

    // a base whose config was left behind
    let stale = copy(&llama, &folder.path().join("stale"));
    set(&stale.join("config.json"), |config| config["vocab_size"] = json!(300));
    let error = refused(&["logits", text(&stale), "--ids", "1"]);
    assert!(error.contains("vocab_size is 352"), "{error}");
}

#[test]
fn weights_that_are_no_numbers_are_named_in_every_verb() {
    let folder = Folder::new();
    let broken = copy(&llama(), &folder.path().join("broken"));
    let path = broken.join("model.safetensors");
    let mut tensors = read(&path);
    tensors.get_mut("model.norm.weight").unwrap().1[3] = f32::NAN;
    write(&path, &tensors);
    let on = adapter(
        &folder.path().join("on"),
        |_| {},
        |tensors| {
            let name = format!("{PREFIX}model.layers.0.self_attn.q_proj.lora_A.weight");
            tensors.get_mut(&name).unwrap().1[0] = f32::INFINITY;
        },
    );
    let (data, out, whole) = (golden().join("data"), folder.path().join("out"), llama());
    for model in [vec![text(&broken)], vec![text(&whole), "--adapter", text(&on)]] {
        let named = if model.len() == 1 {
            "model.norm.weight"
        } else {
            "q_proj.lora_A.weight"
        };
        for (verb, more) in [
            ("logits", vec!["--ids", "1,2"]),
            (
                "evaluate",
                vec![
                    "--dataset",
                    "instructions",
                    "--dataset-dir",
                    text(&data),
                    "--template",
                    "llama2",
                ],
            ),
            ("export", vec!["--template", "llama2", "--out", text(&out)]),
            ("chat", vec!["--template", "llama2"]),
            ("chat", vec!["--template", "llama2", "--stdio"]),
        ] {
            let mut args = vec![verb];
            args.extend(&model);
            args.extend(more);
            let error = refused(&args);
            assert!(
                error.contains(named) && error.contains("not finite"),
                "{args:?}: {error}"
            );
        }
    }
    assert!(!out.exists());
}

#[test]
fn a_stale_index_beside_a_single_file_is_not_read() {
    let folder = Folder::new();
    let model = copy(&llama(), &folder.path().join("model"));
    let index = json!({"weight_map": {"model.norm.weight": "model-00001-of-00002.safetensors"}});
    std::fs::write(model.join("model.safetensors.index.json"), index.to_string()).unwrap();
    assert!(close(&logits(&model, &[]), &logits(&llama(), &[])));
    let info = run(&["model-info", text(&model)]);
    let info: Value = serde_json::from_slice(&info.stdout).unwrap();
    assert_eq!(info["error"], Value::Null, "{info}");
}

#[test]
fn quantize_config_beside_says_how_weights_are_stored() {
    let folder = Folder::new();
    let gptq = golden().join("quant/llama-gptq");
    let model = copy(&gptq, &folder.path().join("model"));
    let mut quantization = Value::Null;
    set(&model.join("config.json"), |config| {
        quantization = config.as_object_mut().unwrap().remove("quantization_config").unwrap();
    });
    quantization.as_object_mut().unwrap().remove("quant_method");
    quantization["model_file_base_name"] = json!("gptq_model-4bit");
    std::fs::write(model.join("quantize_config.json"), quantization.to_string()).unwrap();
    std::fs::rename(
        model.join("model.safetensors"),
        model.join("gptq_model-4bit.safetensors"),
    )
    .unwrap();
    assert!(close(&logits(&model, &[]), &logits(&gptq, &[])));
}

#[test]
fn a_models_path_is_understood_however_it_is_named() {
    let folder = Folder::new();
    let want = logits(&llama(), &[]);
    let single = llama().join("model.safetensors");
    assert!(close(&logits(&single, &[]), &want));
    let cache = folder.path().join("models--a--llama");
    copy(
        &llama(),
        &cache.join("snapshots/0123456789abcdef0123456789abcdef01234567"),
    );
    assert!(close(&logits(&cache, &[]), &want));
    std::fs::create_dir_all(cache.join("refs")).unwrap();
    std::fs::write(cache.join("refs/main"), "0123456789abcdef0123456789abcdef01234567").unwrap();
    assert!(close(&logits(&cache, &[]), &want));

    let gguf = copy(&golden().join("quant/llama-gguf-k"), &folder.path().join("gguf"));
    let want = logits(&gguf, &[]);
    assert!(close(&logits(&gguf.join("model.gguf"), &[]), &want));
    std::fs::copy(gguf.join("model.gguf"), gguf.join("OTHER.GGUF")).unwrap();
    assert!(close(&logits(&gguf.join("OTHER.GGUF"), &[]), &want));
    let error = refused(&["logits", text(&gguf), "--ids", "1"]);
    assert!(
        error.contains("2 GGUF files") && error.contains("by its path"),
        "{error}"
    );

    let lost = adapter(
        &folder.path().join("lost"),
        |config| config["base_model_name_or_path"] = json!("/home/alice/models/llama"),
        |_| {},
    );
    let error = refused(&["logits", text(&lost), "--ids", "1"]);
    for part in [
        "adapter_config.json",
        "/home/alice/models/llama",
        "adapter_name_or_path",
    ] {
        assert!(error.contains(part), "{error}");
    }
    for (model, says) in [
        ("https://example.com/a/b", "owner/name"),
        ("no/such/model", "owner/name"),
    ] {
        assert!(refused(&["logits", model, "--ids", "1"]).contains(says));
    }
}

#[test]
fn llama_factorys_inference_and_merge_files_run() {
    let folder = Folder::new();
    let (base, tuned) = (llama(), llama().join("tuned-adapter"));
    let head = format!(
        "model_name_or_path: {}\nadapter_name_or_path: {}\ntemplate: llama2\ntrust_remote_code: true\n",
        base.display(),
        tuned.display()
    );
    let talk = folder.write(
        "talk.yaml",
        &format!("{head}infer_backend: huggingface  # choices: [huggingface, vllm]\n"),
    );
    let mut child = program(&["chat", text(&talk), "max_new_tokens=4", "do_sample=false"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"Hello.\n").unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success() && !done.stdout.is_empty(), "{}", said(&done));

    let out = folder.path().join("merged");
    let merge = format!(
        "### model\n{head}\n### export\nexport_dir: {}\nexport_size: 5\nexport_device: cpu  # choices: [cpu, auto]\n\
         export_legacy_format: false\n",
        out.display()
    );
    let merge = folder.write("merge.yaml", &merge);
    let done = run(&["export", text(&merge)]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(close(&logits(&out, &[]), &logits(&base, &[&tuned])));

    let training = folder.write("run.yaml", &(config("dpo", "") + "\noutput_dir: saves/one\n"));
    assert!(refused(&["chat", text(&training)]).contains("saves/one"));
    assert!(refused(&["logits", text(&training), "--ids", "1"]).contains("is a config, not a model"));
    let quantized = folder.write(
        "gptq.yaml",
        &format!("{head}export_dir: x\nexport_quantization_bit: 4\n"),
    );
    assert!(refused(&["export", text(&quantized)]).contains("export_quantization_bit"));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let (base, data) = (llama(), golden().join("data"));
    let ids = vec!["7"; 400].join(",");
    for args in [
        vec!["logits", text(&base), "--ids", &ids],
        vec!["inspect", "--dataset", "pairs", "--dataset-dir", text(&data)],
        vec![
            "evaluate",
            text(&base),
            "--dataset",
            "instructions",
            "--dataset-dir",
            text(&data),
            "--template",
            "llama2",
        ],
        vec!["model-info", text(&base)],
    ] {
        // a pipe that nobody reads any more, from the program's first word on
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut child = program(&args).stdout(writer).spawn().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(141), "{args:?}: {said}");
        assert!(
            !said.contains("panicked") && !said.contains("error"),
            "{args:?}: {said}"
        );
    }
}

/// What other programs read: the verbs and the fields of their JSON.
#[test]
fn the_verbs_and_their_json_are_an_interface() {
    let folder = Folder::new();
    let (base, data) = (llama(), golden().join("data"));
    let gguf = golden().join("quant/llama-gguf-k");
    let answer = |args: &[&str]| -> Value {
        let done = run(args);
        assert!(done.status.success(), "{args:?}: {}", said(&done));
        serde_json::from_slice(&done.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}"))
    };
    let has = |value: &Value, fields: &[&str]| {
        for field in fields {
            assert!(value.get(field).is_some(), "`{field}` is not in {value}");
        }
    };
    let logits = answer(&["logits", text(&base), "--ids", "1,2,3"]);
    has(&logits, &["logits", "logps", "values"]);
    assert_eq!(logits["logits"].as_array().map(Vec::len), Some(3));
    let info = answer(&["model-info", text(&base)]);
    let fields = [
        "id",
        "origin",
        "path",
        "family",
        "params",
        "dtype",
        "bytes",
        "context",
        "has_chat_template",
        "dims",
        "error",
    ];
    has(&info, &fields);
    has(
        &info["dims"],
        &[
            "layers",
            "hidden",
            "heads",
            "kv_heads",
            "head_dim",
            "intermediate",
            "vocab",
            "tied",
            "weight_bytes",
        ],
    );
    let all = answer(&["model-info", "--each", text(&base), text(&gguf), "/nonexistent"]);
    assert_eq!(all.as_array().map(Vec::len), Some(3));
    assert_eq!(
        (all[1]["family"].as_str(), all[1]["dims"]["packed_bytes"].as_u64()),
        (Some("llama"), all[1]["bytes"].as_u64())
    );
    assert!(all[0]["error"].is_null() && all[2]["error"].is_string());
    assert_eq!(run(&["model-info", "/nonexistent"]).status.code(), Some(1));
    let found = answer(&["inspect", "--dataset", "pairs", "--dataset-dir", text(&data)]);
    has(&found, &["kind", "format", "rows", "usable"]);
    let shown = answer(&[
        "preview",
        "--dataset",
        "pairs",
        "--dataset-dir",
        text(&data),
        "--model",
        text(&base),
        "--template",
        "llama2",
        "--limit",
        "2",
    ]);
    has(&shown, &["rows"]);
    let out = folder.path().join("out");
    let done = run(&[
        "export",
        text(&base),
        "--template",
        "llama2",
        "--out",
        text(&out),
        "--json",
    ]);
    let lines = String::from_utf8(done.stdout).unwrap();
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["type"], &last["phase"], &last["done"]),
        (&json!("phase"), &json!("merging"), &last["total"])
    );
    let trained = folder.run("run");
    trained.train(&folder.write("dpo.yaml", &config("dpo", "max_steps: 1")), &[]);
    let kinds: Vec<_> = trained
        .events()
        .iter()
        .map(|e| e["type"].as_str().unwrap().to_owned())
        .collect();
    for kind in ["started", "data", "step", "finished"] {
        assert!(kinds.iter().any(|k| k == kind), "{kinds:?}");
    }
}

#[test]
fn pipes_and_devices_in_a_model_folder_are_errors_at_once() {
    let folder = Folder::new();
    for name in [
        "tokenizer_config.json",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    ] {
        let model = copy(&llama(), &folder.path().join(name.replace('.', "-")));
        let path = model.join(name);
        std::fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let error = refused(&["chat", text(&model), "--template", "llama2"]);
        assert!(error.contains(name) || error.contains("no weights"), "{name}: {error}");
        let info = run(&["model-info", "--each", text(&model)]);
        assert!(info.status.success(), "{}", said(&info));
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        refused(&["chat", text(&model), "--template", "llama2"]);
    }
}
