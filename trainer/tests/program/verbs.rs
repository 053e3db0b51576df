//! The program's verbs as other programs use them: their files, their JSON, readers that go away.

use super::changed::{close, llama, logits, refused, run, text};
use crate::worker::{Folder, config, golden, program, said};
use serde_json::{Value, json};
use std::io::{Read, Write};

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
    has(&info["dims"], &["architecture", "decoder", "stored"]);
    has(
        &info["dims"]["decoder"],
        &["embedding", "blocks", "norm", "head", "hidden"],
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
