//! What goes out of the program: GGUF files, folders in another type, adapters, Modelfiles, each with its card and checksums.

use super::changed::{close, llama, logits, refused, run, set, text};
use crate::worker::{Folder, config, golden, said};
use serde_json::{Value, json};
use std::path::Path;

fn export(args: &[&str]) -> String {
    let done = run(&[&["export"], args].concat());
    assert!(done.status.success(), "{}", said(&done));
    String::from_utf8_lossy(&done.stderr).into_owned()
}

/// Whether `SHA256SUMS` is right of every file of a folder.
fn is_summed(folder: &Path) -> bool {
    let checked = std::process::Command::new("sha256sum")
        .args(["--check", "--quiet", "SHA256SUMS"])
        .current_dir(folder)
        .status();
    let files = std::fs::read_dir(folder).unwrap().count();
    let lines = std::fs::read_to_string(folder.join("SHA256SUMS"))
        .unwrap()
        .lines()
        .count();
    checked.unwrap().success() && lines + 1 == files
}

#[test]
fn a_gguf_file_says_the_model_with_its_adapter() {
    let folder = Folder::new();
    let (base, tuned) = (llama(), llama().join("tuned-adapter"));
    let out = folder.path().join("out");
    let wanted = logits(&base, &[&tuned]);
    for (dtype, file) in [("f32", "out-F32.gguf"), ("q8_0", "out-Q8_0.gguf")] {
        let args = [
            text(&base),
            "--adapter",
            text(&tuned),
            "--template",
            "llama2",
            "--format",
            "gguf",
            "--dtype",
            dtype,
        ];
        export(&[&args[..], &["--out", text(&out)]].concat());
        let path = out.join(file);
        let got = logits(&path, &[]);
        match dtype {
            "f32" => assert!(close(&got, &wanted)),
            _ => {
                let (got, wanted) = (got.iter().flatten(), wanted.iter().flatten());
                let off = got
                    .zip(wanted.clone())
                    .map(|(a, b): (&f64, &f64)| (a - b).abs())
                    .fold(0.0, f64::max);
                let size = wanted.fold(0.0, |most: f64, b| b.abs().max(most));
                assert!(off > 0.0 && off < 0.05 * size, "{off} of {size}");
            }
        }
        assert!(is_summed(&out));
        let modelfile = std::fs::read_to_string(out.join("Modelfile")).unwrap();
        assert!(
            modelfile.starts_with(&format!("FROM ./{file}\nTEMPLATE \"\"\"")),
            "{modelfile}"
        );
        assert!(modelfile.contains("[INST] {{ .Content }} [/INST]"), "{modelfile}");
    }
    // the file alone, by its own tokenizer and template
    let talk = run(&["model-info", text(&out.join("out-Q8_0.gguf"))]);
    let info: Value = serde_json::from_slice(&talk.stdout).unwrap();
    assert_eq!(info["has_chat_template"], true, "{info}");
}

#[test]
fn a_folder_is_written_in_the_type_that_is_asked_for() {
    let folder = Folder::new();
    let (base, tuned) = (llama(), llama().join("tuned-adapter"));
    let out = folder.path().join("half");
    export(&[
        text(&base),
        "--adapter",
        text(&tuned),
        "--out",
        text(&out),
        "--dtype",
        "bf16",
    ]);
    let config: Value = serde_json::from_slice(&std::fs::read(out.join("config.json")).unwrap()).unwrap();
    let said = config.get("dtype").or(config.get("torch_dtype"));
    assert_eq!(said, Some(&json!("bfloat16")));
    let bytes = |path: &Path| std::fs::metadata(path.join("model.safetensors")).unwrap().len();
    assert!(bytes(&out) < bytes(&base) * 6 / 10);
    assert!(is_summed(&out));
    let card = std::fs::read_to_string(out.join("README.md")).unwrap();
    for part in [
        "library_name: transformers",
        "tuned-adapter",
        "from_pretrained(\"half\"",
        "vllm serve half",
    ] {
        assert!(card.contains(part), "{card}");
    }
    // as LLaMA-Factory's key asks for it, over what was exported before
    export(&[text(&base), "--out", text(&out), "infer_dtype=float16", "export_size=1"]);
    let config: Value = serde_json::from_slice(&std::fs::read(out.join("config.json")).unwrap()).unwrap();
    assert!(config.to_string().contains("float16"), "{config}");
}

#[test]
fn what_an_export_does_otherwise_is_said_and_a_link_stays_one() {
    let folder = Folder::new();
    let run = folder.run("run");
    run.train(
        &folder.write(
            "run.yaml",
            &config("sft", "max_steps: 1\nsave_steps: 1\nquantization_bit: 4"),
        ),
        &[],
    );
    let trained = text(&run.0.join("checkpoint-1")).to_owned();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    std::fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink("real", &link).unwrap();
    let told = export(&[&trained, "--out", text(&link)]);
    assert!(told.contains("packed to 4 bits"), "{told}");
    assert!(link.is_symlink() && real.join("config.json").is_file());
    let card = std::fs::read_to_string(real.join("README.md")).unwrap();
    for part in [
        "base_model: \"llama\"",
        "`run/checkpoint-1`",
        "model_name_or_path: llama",
    ] {
        assert!(card.contains(part), "{part}: {card}");
    }
    let places = [folder.path().to_owned(), golden()];
    assert!(!places.iter().any(|place| card.contains(text(place))), "{card}");
    // rows of fewer numbers than a block of q6_k has
    let file = folder.path().join("file");
    let told = export(&[
        &trained,
        "--format",
        "gguf",
        "--dtype",
        "q6_k",
        "--out",
        text(&file),
        "export_size=1",
    ]);
    assert!(told.contains("q6_k's blocks") && told.contains("q8_0: "), "{told}");
    assert!(told.contains("export_size is not used"), "{told}");
}

#[test]
fn an_adapter_and_a_modelfile_are_exported_alone() {
    let folder = Folder::new();
    let (base, tuned) = (llama(), llama().join("tuned-adapter"));
    let out = folder.path().join("lora");
    export(&[
        text(&base),
        "--adapter",
        text(&tuned),
        "--template",
        "llama2",
        "--format",
        "adapter",
        "--out",
        text(&out),
    ]);
    assert!(close(&logits(&base, &[&out]), &logits(&base, &[&tuned])) && is_summed(&out));
    assert!(
        std::fs::read_to_string(out.join("README.md"))
            .unwrap()
            .contains("PeftModel.from_pretrained")
    );
    let lines = folder.path().join("lines");
    export(&[
        text(&base),
        "--adapter",
        text(&tuned),
        "--template",
        "llama2",
        "--format",
        "modelfile",
        "--out",
        text(&lines),
    ]);
    let modelfile = std::fs::read_to_string(lines.join("Modelfile")).unwrap();
    for part in [
        format!("FROM {}", base.display()),
        format!("ADAPTER {}", tuned.display()),
    ] {
        assert!(modelfile.contains(&part), "{modelfile}");
    }
    assert!(refused(&["export", text(&base), "--format", "adapter", "--out", "x"]).contains("no adapter"));
}

#[test]
fn a_name_is_one_plain_file_and_no_part_of_a_model_is_left_out_unsaid() {
    let folder = Folder::new();
    let (base, out) = (llama(), folder.path().join("in/out"));
    let refused_with = |args: &[&str]| refused(&[&["export", "--out", text(&out)], args].concat());
    for name in [
        "--name=../../evil",
        "--name=/tmp/x",
        "--name=a\nb",
        "--name=",
        "--name=-x",
    ] {
        let error = refused_with(&[text(&base), name, "--format", "gguf"]);
        assert!(error.contains("no plain name"), "{error}");
    }
    let adapter = super::changed::copy(&base.join("tuned-adapter"), &folder.path().join("adapter"));
    let of_adapter = |format: &str| {
        let model = [text(&base), "--adapter", text(&adapter), "--template", "llama2"];
        refused_with(&[&model[..], &["--format", format]].concat())
    };
    let config = std::fs::read(adapter.join("adapter_config.json")).unwrap();
    for (key, value) in [("use_rslora", json!(true)), ("alpha_pattern", json!({"q_proj": 3}))] {
        set(&adapter.join("adapter_config.json"), |config| {
            config[key] = value.clone()
        });
        let error = of_adapter("modelfile");
        assert!(error.contains(key) && error.contains("--format gguf"), "{error}");
        std::fs::write(adapter.join("adapter_config.json"), &config).unwrap();
    }
    let scaled = json!({"base": text(&base), "rope_scaling":
        {"rope_type": "linear", "factor": 2, "original_max_position_embeddings": 64}});
    std::fs::write(adapter.join("corral.json"), scaled.to_string()).unwrap();
    let error = of_adapter("modelfile");
    assert!(error.contains("rope_scaling"), "{error}");
    let packed = golden().join("quant/llama-gptq");
    let error = refused_with(&[text(&packed), "--template", "llama2", "--format", "modelfile"]);
    assert!(error.contains("GPTQ"), "{error}");
    let weights = adapter.join("adapter_model.safetensors");
    std::fs::rename(&weights, adapter.join("adapter_model.bin")).unwrap();
    assert!(of_adapter("adapter").contains("pickle"));
    std::fs::remove_file(adapter.join("adapter_model.bin")).unwrap();
    assert!(of_adapter("adapter").contains("adapter_model.safetensors"));
    assert!(!out.exists());
}

#[test]
fn what_can_not_be_exported_or_merged_is_named() {
    let folder = Folder::new();
    let (base, out) = (llama(), folder.path().join("out"));
    let refused_with = |args: &[&str]| refused(&[&["export", text(&base), "--out", text(&out)], args].concat());
    assert!(refused_with(&["--dtype", "q4_k_m"]).contains("--format gguf"));
    let nan = run(&["export", text(&base), "--out", text(&out), "--size", "nan"]);
    assert!(nan.status.code() == Some(2) && said(&nan).contains("above 0"));
    for format in ["adapter", "modelfile", "gguf"] {
        let error = refused_with(&["--format", format, "--size", "1"]);
        assert!(error.contains("--size changes nothing here"), "{format}: {error}");
    }
    assert!(refused_with(&["--format", "adapter", "--dtype", "f16"]).contains("leave it out"));
    let other = super::changed::copy(&base, &folder.path().join("other"));
    set(&other.join("config.json"), |config| {
        config["architectures"] = json!(["GPTJForCausalLM"])
    });
    let gguf = golden().join("gguf/llama-mha.gguf");
    for (second, says) in [
        (text(&gguf), "quantized (GGUF)"),
        (text(&golden().join("quant/llama-gptq")), "quantized (GPTQ)"),
        (text(folder.path()), "config.json"),
    ] {
        let error = refused(&["merge", text(&base), second, "--out", text(&out)]);
        assert!(error.contains(says), "{error}");
    }
    let error = refused(&[
        "merge",
        text(&base),
        text(&base),
        "--method",
        "ties",
        "--base",
        "",
        "--out",
        text(&out),
    ]);
    assert!(error.contains("--base"), "{error}");
}
