//! What only reads a model (logits, chat, evaluation, merge) on the emulated card, against the processor.

use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;
use tests::parity::golden;
use tests::programs::program;

/// The trainer on this device, in the folder of the golden files; what it is told on standard input.
fn told(device: &str, words: &[&str], input: &str, variables: &[(&str, &str)]) -> Output {
    let (verb, rest) = words.split_first().unwrap();
    let mut child = Command::new(program("corral-trainer"))
        .args([verb, "--device", device])
        .args(rest)
        .current_dir(golden())
        .env("CUDA_EMULATOR", "1")
        .env("RAYON_NUM_THREADS", "2")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(device: &str, words: &[&str], input: &str) -> String {
    let output = told(device, words, input, &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json(device: &str, words: &[&str]) -> Value {
    serde_json::from_str(&text(device, words, "")).unwrap()
}

/// The largest distance of two JSON values' numbers, of the same shape.
fn distance(a: &Value, b: &Value) -> f64 {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len());
            a.iter().zip(b).map(|(a, b)| distance(a, b)).fold(0.0, f64::max)
        }
        (Value::Object(a), Value::Object(b)) => {
            assert!(a.keys().eq(b.keys()), "{a:?} {b:?}");
            a.iter().map(|(key, a)| distance(a, &b[key])).fold(0.0, f64::max)
        }
        _ => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() / (1.0 + a.abs()),
            _ => {
                assert_eq!(a, b);
                0.0
            }
        },
    }
}

const IDS: &str = "1,17,5,30,9,44,12,3,3,40,21,8,33,27,2";

#[test]
fn logits_are_the_processors() {
    for model in [
        &["families/qwen2", "--adapter", "families/qwen2/adapter"][..],
        &["families/llama-rope-llama3-bf16-sharded"],
        &["quant/qwen2-gptq-order"],
        &["models/qwen2moe"],
        &["models/qwen2-scorer"],
    ] {
        let words = [&["logits", "--ids", IDS][..], model].concat();
        let far = distance(&json("cpu", &words), &json("cuda", &words));
        assert!(far < 2e-5, "{model:?}: {far:e}");
    }
}

#[test]
fn an_evaluation_finds_what_the_processor_finds() {
    for (model, dataset) in [
        ("models/llama", "pairs_eval"),
        ("models/qwen2-scorer", "pairs_eval"),
        ("models/llama", "instructions_eval"),
    ] {
        let words = [
            "evaluate",
            model,
            "--dataset",
            dataset,
            "--dataset-dir",
            "data",
            "--max-samples",
            "4",
            "--cutoff-len",
            "64",
            "--batch-size",
            "2",
            "--template",
            "qwen",
            "--json",
        ];
        let far = distance(&json("cpu", &words), &json("cuda", &words));
        assert!(far < 5e-5, "{model} {dataset}: {far:e}");
    }
}

#[test]
fn a_chat_answers_as_on_the_processor() {
    let words = [
        "chat",
        "models/qwen2",
        "--template",
        "qwen",
        "--temperature",
        "0",
        "--max-tokens",
        "12",
    ];
    let talk = "hello\nand then?\n";
    let cpu = text("cpu", &words, talk);
    assert!(cpu.lines().count() >= 2, "{cpu}");
    assert_eq!(text("cuda", &words, talk), cpu);
}

#[test]
fn a_merge_is_the_processors() {
    let folder = TempDir::new().unwrap();
    let merge = |device: &str| {
        let out = folder.path().join(device);
        let to = out.display().to_string();
        let (model, adapter) = ("models/llama", "models/llama/tuned-adapter");
        text(
            device,
            &[
                "export",
                model,
                "--adapter",
                adapter,
                "--template",
                "llama2",
                "--out",
                &to,
            ],
            "",
        );
        out
    };
    let (cpu_folder, card_folder) = (merge("cpu"), merge("cuda"));
    let far = apart(&cpu_folder, &card_folder);
    assert!(far < 1e-6, "{far:e}");
}

/// The largest distance of two folders' weights.
fn apart(a: &Path, b: &Path) -> f64 {
    let read = |folder: &Path| std::fs::read(folder.join("model.safetensors")).unwrap();
    let (a, b) = (read(a), read(b));
    let (a, b) = (
        safetensors::SafeTensors::deserialize(&a).unwrap(),
        safetensors::SafeTensors::deserialize(&b).unwrap(),
    );
    let values = |tensor: safetensors::tensor::TensorView| -> Vec<f32> {
        assert_eq!(tensor.dtype(), safetensors::Dtype::F32);
        tensor
            .data()
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect()
    };
    let mut far = 0f64;
    assert_eq!(a.len(), b.len());
    for (name, tensor) in a.tensors() {
        let pairs = values(tensor).into_iter().zip(values(b.tensor(&name).unwrap()));
        far = pairs.map(|(a, b)| f64::from((a - b).abs())).fold(far, f64::max);
    }
    far
}

#[test]
fn a_card_without_room_is_left_and_that_is_said() {
    let words = ["logits", "--ids", "1,2,3", "models/llama"];
    let small = [("CUDA_EMULATOR_MEMORY_MIB", "500"), ("LC_ALL", "C")];
    let output = told("auto", &words, "", &small);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("computes on the CPU") && said.contains("Emulated GPU 0"),
        "{said}"
    );
    // and whoever asks for the card gets it
    let output = told("cuda", &words, "", &small);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
