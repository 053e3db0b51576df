//! Model folders as other programs leave them: what changes the computation is done or refused by name, in every verb.

use super::changed::{PREFIX, adapter, close, copy, llama, logits, read, refused, run, set, text, write};
use crate::worker::{Folder, golden, said};
use serde_json::{Value, json};

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
