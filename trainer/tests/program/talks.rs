//! Talking to a model and asking for its logits: what a chat worker and the command line answer.

use crate::worker::{Folder, golden, program, said};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

/// What other programs check our folders by.
#[test]
fn logits_are_transformers_and_an_export_yaml_folds_the_adapter_in() {
    let folder = Folder::new();
    let (base, adapter) = (golden().join("families/qwen2"), golden().join("families/qwen2/adapter"));
    let logits = |args: &[&std::path::Path]| -> Vec<Vec<f64>> {
        let mut command = program(&["logits", "--ids", "1,17,5,30,9,44,12,3,3,40,21,8,33,27,2", "--model"]);
        command.arg(args[0]);
        for adapter in &args[1..] {
            command.arg("--adapter").arg(adapter);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        serde_json::from_value(answer["logits"].clone()).unwrap()
    };
    let got = logits(&[&base, &adapter]);
    assert_eq!((got.len(), got[0].len()), (15, 48));
    // what transformers and PEFT computed
    let want = trainer::tensors::read(&base.join("logits.safetensors"), &candle_core::Device::Cpu).unwrap();
    let want: Vec<Vec<f32>> = want["lora.chosen"].to_vec2().unwrap();
    let pairs = got.iter().flatten().zip(want.iter().flatten());
    let apart = pairs.map(|(g, w)| (g - f64::from(*w)).abs()).fold(0.0, f64::max);
    assert!(apart < 1e-4, "{apart}");

    let merged = folder.path().join("merged");
    for name in ["tokenizer.json", "tokenizer_config.json"] {
        let from = golden().join("models/qwen2").join(name);
        std::fs::create_dir_all(folder.path().join("base")).unwrap();
        std::fs::copy(from, folder.path().join("base").join(name)).unwrap();
    }
    for name in ["config.json", "model.safetensors"] {
        std::fs::copy(base.join(name), folder.path().join("base").join(name)).unwrap();
    }
    let yaml = format!(
        "model_name_or_path: {}\nadapter_name_or_path: {}\ntemplate: qwen\nexport_dir: {}\nexport_size: 1\nexport_legacy_format: false\n",
        folder.path().join("base").display(),
        adapter.display(),
        folder.path().join("elsewhere").display()
    );
    let yaml = folder.write("export.yaml", &yaml);
    let to = format!("export_dir={}", merged.display());
    let output = program(&["export", yaml.to_str().unwrap(), &to]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let alone = logits(&[&merged]);
    let pairs = got.iter().flatten().zip(alone.iter().flatten());
    let apart = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(apart < 1e-4, "{apart}");
    // an earlier merge gives way; what is anybody else's, or is being merged, stays
    let again = |to: &std::path::Path| {
        let to = format!("export_dir={}", to.display());
        program(&["export", yaml.to_str().unwrap(), &to]).output().unwrap()
    };
    assert!(again(&merged).status.success());
    let project = folder.path().join("project");
    std::fs::create_dir_all(project.join("src")).unwrap();
    std::fs::write(project.join("config.json"), "{}").unwrap();
    std::fs::write(merged.join("notes.txt"), "mine").unwrap();
    for (to, name) in [
        (project.clone(), "`src`"),
        (merged.clone(), "`notes.txt`"),
        (folder.path().join("base"), "being merged"),
    ] {
        let refused = again(&to);
        assert!(
            !refused.status.success() && said(&refused).contains(name),
            "{}",
            said(&refused)
        );
    }
    assert!(project.join("src").is_dir() && merged.join("notes.txt").is_file());
    let unknown = program(&["export", yaml.to_str().unwrap(), "export_hub=x"])
        .output()
        .unwrap();
    assert!(!unknown.status.success() && said(&unknown).contains("export_hub"));
}

#[test]
fn a_chat_worker_answers_line_by_line_and_can_be_cancelled() {
    let llama = golden().join("models/llama").display().to_string();
    let mut child = program(&["chat", "--stdio", "--model", &llama, "--template", "llama2"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    assert_eq!(next()["type"], "ready");
    let ask = |id: u32, max: u32| {
        format!(
            r#"{{"type":"generate","id":{id},"messages":[{{"role":"user","content":"a question?"}}],"sampling":{{"temperature":1.0,"top_p":1.0,"max_tokens":{max},"seed":3}}}}"#
        )
    };
    let mut whole = |id: u32| {
        let mut text = String::new();
        loop {
            let line = next();
            assert_eq!(line["id"], id, "{line}");
            match line["type"].as_str().unwrap() {
                "delta" => text.push_str(line["text"].as_str().unwrap()),
                _ => return (text, line),
            }
        }
    };
    writeln!(input, "{}", ask(1, 12)).unwrap();
    writeln!(input, "{}", ask(2, 12)).unwrap();
    let (one, done) = whole(1);
    assert!(
        !one.is_empty() && done["type"] == "done" && done["prompt_tokens"].as_u64() > Some(0),
        "{done}"
    );
    // the same seed says the same
    assert_eq!(whole(2).0, one);
    writeln!(input, "{}", ask(3, 100_000)).unwrap();
    writeln!(input, "{}", ask(4, 5)).unwrap();
    writeln!(input, r#"{{"type":"cancel","id":3}}"#).unwrap();
    let (_, done) = whole(3);
    assert!(done["finish"] == "cancelled" || done["finish"] == "stop", "{done}");
    whole(4);
    writeln!(input, r#"{{"type":"generate","id":5,"messages":[{{"role":"king","content":"x"}}],"sampling":{{"temperature":0,"top_p":1,"max_tokens":5,"seed":0}}}}"#).unwrap();
    let (_, refused) = whole(5);
    assert_eq!(refused["type"], "error");
    drop(input);
    assert!(child.wait().unwrap().success());
}
