//! What changes how conversations become text: the same in training, preview, chat and merged folders; and models that lie
//! in one GGUF file, words and all.

use crate::worker::{Folder, Run, config, golden, program, said};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Tokens of the prompt that a chat worker makes of one question.
fn prompt_tokens(words: &[&str]) -> u64 {
    let mut command = program(&[&["chat", "--stdio"], words].concat());
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let ask = json!({
        "type": "generate", "id": 1, "messages": [{"role": "user", "content": "Hi"}],
        "sampling": {"temperature": 0, "top_p": 1, "max_tokens": 1, "seed": 0},
    });
    writeln!(child.stdin.take().unwrap(), "{ask}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", said(&output));
    let lines = String::from_utf8(output.stdout).unwrap();
    let done = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|line| line["type"] == "done");
    done.unwrap_or_else(|| panic!("{words:?}: {lines}"))["prompt_tokens"]
        .as_u64()
        .unwrap()
}

/// The first row of a preview, as text.
fn previewed(words: &[&str]) -> Vec<String> {
    let data = golden().join("data");
    let args = [
        "preview",
        "--dataset",
        "instructions",
        "--dataset-dir",
        text(&data),
        "--limit",
        "1",
    ];
    let done = program(&[&args, words].concat()).output().unwrap();
    assert!(done.status.success(), "{words:?}: {}", said(&done));
    let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
    let tokens = answer["rows"][0]["tokens"].as_array().unwrap();
    let all: String = tokens.iter().map(|token| token["text"].as_str().unwrap()).collect();
    let counted = tokens.iter().filter(|token| token["counts"] == true);
    vec![all, counted.map(|token| token["text"].as_str().unwrap()).collect()]
}

fn origin(run: &Run) -> Value {
    serde_json::from_str(&run.text("checkpoint-1/corral.json")).unwrap()
}

#[test]
fn what_was_trained_with_is_chatted_with_and_merged() {
    let folder = Folder::new();
    let run = folder.run("said");
    let keys = "max_steps: 1\nsave_steps: 1\neval_strategy: no\ntemplate: qwen3\nenable_thinking: null\n\
                tool_format: glm4\ndefault_system: Be brief.";
    run.train(&folder.write("said.yaml", &config("sft", keys)), &[]);
    for line in [
        "enable_thinking: null",
        "tool_format: glm4",
        "default_system: Be brief.",
    ] {
        assert!(
            run.text("config.yaml").lines().any(|own| own == line),
            "{}",
            run.text("config.yaml")
        );
    }
    let kept = origin(&run);
    assert!(kept["enable_thinking"].is_null() && kept.as_object().unwrap().contains_key("enable_thinking"));
    assert_eq!(
        (&kept["template"], &kept["tool_format"], &kept["default_system"]),
        (&json!("qwen3"), &json!("glm4"), &json!("Be brief."))
    );
    // the block of a reply without thoughts is in the prompt, and so is the system message
    let model = text(&run.0);
    let own = prompt_tokens(&[model]);
    let on = prompt_tokens(&[model, "enable_thinking=true"]);
    let block = own - on;
    assert!(block > 0);
    assert_eq!(prompt_tokens(&[model, "enable_thinking=null"]), own);
    assert_eq!(prompt_tokens(&[model, "enable_thinking=false"]), own);
    let silent = prompt_tokens(&[model, "default_system=\"\""]);
    assert!(silent < own);
    // by a file, as LLaMA-Factory's users have it
    let file = folder.write(
        "talk.yaml",
        &format!("model_name_or_path: {model}\nenable_thinking: true\ndefault_system: ''\nquantization_bit: 4\n"),
    );
    assert_eq!(prompt_tokens(&[text(&file)]), silent - block);
    // a merged folder says all that again
    let merged = folder.path().join("merged");
    let done = program(&["export", model, "--out", text(&merged)]).output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(prompt_tokens(&[text(&merged)]), own);
    let jinja = std::fs::read_to_string(merged.join("chat_template.jinja")).unwrap();
    assert!(jinja.contains("Be brief."), "{jinja}");

    // an absent key is none of the three
    let plain = folder.run("plain");
    let keys = "max_steps: 1\nsave_steps: 1\neval_strategy: no\ntemplate: qwen3";
    plain.train(&folder.write("plain.yaml", &config("sft", keys)), &[]);
    let kept = origin(&plain);
    for key in ["enable_thinking", "tool_format", "default_system"] {
        assert!(!kept.as_object().unwrap().contains_key(key), "{kept}");
    }
    assert_eq!(prompt_tokens(&[text(&plain.0)]), silent - block);
}

#[test]
fn the_slow_tokenizer_is_kept_with_what_was_trained_by_it() {
    let folder = Folder::new();
    let model = folder.path().join("model");
    std::fs::create_dir(&model).unwrap();
    for (from, to) in [
        ("models/llama/config.json", "config.json"),
        ("models/llama/model.safetensors", "model.safetensors"),
        ("tokenizers/mistral-unk/tokenizer.model", "tokenizer.model"),
    ] {
        std::fs::copy(golden().join(from), model.join(to)).unwrap();
    }
    // its text begins with a space, before which the slow class puts one more
    let template = "{% for m in messages %} {{ m['content'] }}{% endfor %}";
    let own = json!({"tokenizer_class": "LlamaTokenizer", "legacy": false, "chat_template": template});
    std::fs::write(model.join("tokenizer_config.json"), own.to_string()).unwrap();
    let keys = format!(
        "model_name_or_path: {}\ntemplate: ''\nmax_steps: 1\nsave_steps: 1\neval_strategy: no",
        text(&model)
    );
    let trained = |name: &str, keys: &str| {
        let run = folder.run(name);
        run.train(&folder.write(&format!("{name}.yaml"), &config("sft", keys)), &[]);
        run
    };
    let tells = |run: &Run| run.text("events.jsonl").contains("no files of a slow tokenizer");
    let fast = trained("fast", &keys);
    let slow = trained("slow", &format!("{keys}\nuse_fast_tokenizer: false"));
    assert!(!tells(&slow));
    assert_eq!(origin(&slow)["use_fast_tokenizer"], false);
    assert!(origin(&fast).get("use_fast_tokenizer").is_none());
    let loss = |run: &Run| run.of("step")[0]["metrics"]["loss"].clone();
    assert!(loss(&slow).is_number() && loss(&slow) != loss(&fast), "{}", loss(&slow));
    let usual = prompt_tokens(&[text(&fast.0)]);
    assert_eq!(prompt_tokens(&[text(&slow.0)]), usual + 1);
    assert_eq!(prompt_tokens(&[text(&slow.0), "use_fast_tokenizer=true"]), usual);
    let merged = folder.path().join("merged");
    let done = program(&["export", text(&slow.0), "--out", text(&merged)])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(prompt_tokens(&[text(&merged)]), usual + 1);
    let kept = std::fs::read(merged.join("tokenizer_config.json")).unwrap();
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(
        (&kept["legacy"], &kept["tokenizer_class"]),
        (&own["legacy"], &own["tokenizer_class"])
    );

    // where there is one class alone, that is said
    let alone = "max_steps: 1\nsave_steps: 1\neval_strategy: no\nuse_fast_tokenizer: false";
    assert!(tells(&trained("alone", alone)));
}

#[test]
fn a_preview_shows_what_training_would_see() {
    let model = golden().join("models/llama");
    let with = |more: &[&str]| previewed(&[&["--model", text(&model), "--template", "qwen3"], more].concat());
    let [usual, replies] = &with(&[])[..] else { panic!() };
    assert!(replies.starts_with("<think>\n\n</think>\n\n"), "{replies}");
    for (flags, begins) in [
        (vec!["--enable-thinking", "null"], ""),
        (vec!["--enable-thinking", "false"], ""),
        (vec!["--enable-thinking", "true"], "<think>"),
    ] {
        let [all, counted] = &with(&flags)[..] else { panic!() };
        assert_eq!(all, usual, "{flags:?}");
        assert_eq!(
            counted.starts_with("<think>"),
            !begins.is_empty(),
            "{flags:?}: {counted}"
        );
    }
    let [all, _] = &with(&["--default-system", "Be brief."])[..] else {
        panic!()
    };
    assert!(all.starts_with("<|im_start|>system\nBe brief.<|im_end|>\n"), "{all}");
    let [_, counted] = &with(&["--train-on-prompt"])[..] else {
        panic!()
    };
    assert!(counted.contains("user"), "{counted}");
    for (flag, value, says) in [
        ("--tool-format", "xml", "tool_format"),
        ("--enable-thinking", "maybe", "enable_thinking"),
        ("--template", "hy_dense", "hy_dense_7b"),
    ] {
        let data = golden().join("data");
        let about = ["preview", "--dataset", "instructions", "--dataset-dir", text(&data)];
        let args = [&about[..], &["--model", text(&model), flag, value]].concat();
        let done = program(&args).output().unwrap();
        assert!(!done.status.success() && said(&done).contains(says), "{}", said(&done));
    }
}

#[test]
fn a_run_goes_on_with_the_day_it_began_on() {
    let folder = Folder::new();
    let model = folder.path().join("dated");
    std::fs::create_dir_all(&model).unwrap();
    for name in [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ] {
        std::fs::copy(golden().join("models/llama").join(name), model.join(name)).unwrap();
    }
    let source = "{{ strftime_now('%d %b %Y') }}\n{% for m in messages %}[{{ m.role }}]{{ m.content }};{% endfor %}\
                  {% if add_generation_prompt %}[assistant]{% endif %}";
    std::fs::write(model.join("chat_template.jinja"), source).unwrap();
    let run = folder.run("out");
    let keys = format!(
        "model_name_or_path: {}\nmax_steps: 1\nsave_steps: 1\neval_strategy: no\ntemplate: null",
        text(&model)
    );
    let yaml = folder.write("dated.yaml", &config("sft", &keys));
    run.train(&yaml, &[]);
    let began = origin(&run)["moment"].as_str().unwrap().to_owned();
    assert_eq!(began.len(), "2026-11-26T13:05:09".len(), "{began}");
    // on another day the rows would be others: the checkpoint would be refused
    let more = ["max_steps=2", "resume_from_checkpoint=true"];
    run.train(&yaml, &more);
    let kept: Value = serde_json::from_str(&run.text("checkpoint-2/corral.json")).unwrap();
    assert_eq!(kept["moment"], began.as_str());
    let path = run.0.join("checkpoint-2/corral.json");
    let other = std::fs::read_to_string(&path)
        .unwrap()
        .replace(&began, "2001-02-03T04:05:06");
    std::fs::write(&path, other).unwrap();
    let done = run
        .command(&yaml, &["max_steps=3", "resume_from_checkpoint=true"])
        .output()
        .unwrap();
    assert!(
        !done.status.success() && said(&done).contains("other training rows"),
        "{}",
        said(&done)
    );
}

#[test]
fn a_gguf_file_alone_is_chatted_with_and_trained() {
    let folder = Folder::new();
    let alone = folder.path().join("alone");
    std::fs::create_dir_all(&alone).unwrap();
    let file = alone.join("lone.gguf");
    std::fs::copy(golden().join("gguf_tokenizers/lone.gguf"), &file).unwrap();
    let answer = |args: &[&str]| -> Value {
        let done = program(args).output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", said(&done));
        serde_json::from_slice(&done.stdout).unwrap()
    };
    let info = answer(&["model-info", text(&file)]);
    assert_eq!(
        (&info["error"], &info["has_chat_template"]),
        (&Value::Null, &json!(true))
    );
    let whole = golden().join("models/qwen2");
    let named = |model: &Path| prompt_tokens(&[text(model), "template=qwen"]);
    assert_eq!(named(&file), named(&whole));
    assert_eq!(named(&alone), named(&whole));
    assert!(prompt_tokens(&[text(&file)]) > 0);

    let run = folder.run("out");
    let keys = format!(
        "model_name_or_path: {}\nmax_steps: 1\nsave_steps: 1\neval_strategy: no\ntemplate: qwen",
        text(&file)
    );
    run.train(&folder.write("gguf.yaml", &config("sft", &keys)), &[]);
    let other = folder.run("other");
    let keys = keys.replace(text(&file), text(&whole));
    other.train(&folder.write("folder.yaml", &config("sft", &keys)), &[]);
    let loss = |run: &Run| run.of("step")[0]["metrics"]["loss"].as_f64().unwrap();
    assert!(
        (loss(&run) - loss(&other)).abs() < 1e-4,
        "{} {}",
        loss(&run),
        loss(&other)
    );
    // what is merged needs the file no more
    let merged = folder.path().join("merged");
    let done = program(&["export", text(&run.0), "--out", text(&merged)])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", said(&done));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(prompt_tokens(&[text(&merged)]), named(&whole));
}

#[test]
fn a_template_of_ones_own_is_kept_with_the_run_and_exported() {
    let folder = Folder::new();
    let source = "{% for m in messages %}[{{ m.role }}]{{ m.content }}<|im_end|>\n{% endfor %}\
                  {% if add_generation_prompt %}[assistant]{% endif %}\n";
    let file = folder.write("own.jinja", source);
    let keys = format!(
        "max_steps: 1\nsave_steps: 1\neval_strategy: no\ntemplate: {}",
        text(&file)
    );
    let run = folder.run("own");
    run.train(&folder.write("own.yaml", &config("sft", &keys)), &[]);
    // the run has it, whatever becomes of the file
    std::fs::remove_file(&file).unwrap();
    assert_eq!(origin(&run)["template"], json!(source));
    assert!(
        run.text("config.yaml").contains("[{{ m.role }}]"),
        "{}",
        run.text("config.yaml")
    );
    let model = text(&run.0);
    let own = prompt_tokens(&[model]);
    assert_ne!(prompt_tokens(&[model, "template=alpaca"]), own);
    let merged = folder.path().join("merged");
    let done = program(&["export", model, "--out", text(&merged)]).output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(
        std::fs::read_to_string(merged.join("chat_template.jinja")).unwrap(),
        source
    );
    assert_eq!(prompt_tokens(&[text(&merged)]), own);
    // the preview is given it as it is written in the board
    let llama = golden().join("models/llama");
    let [all, counted] = &previewed(&["--model", text(&llama), "--template", source])[..] else {
        panic!()
    };
    assert!(all.starts_with("[user]") && !counted.contains("[user]"), "{all}");
    let failed = folder.write("gone.yaml", &config("sft", &keys));
    let done = program(&["check", text(&failed)]).output().unwrap();
    assert!(
        !done.status.success() && said(&done).contains("own.jinja"),
        "{}",
        said(&done)
    );
}

#[test]
fn a_folder_with_pieces_alone_trains_chats_and_exports_both_forms() {
    let folder = Folder::new();
    let model = folder.path().join("pieces");
    std::fs::create_dir_all(&model).unwrap();
    for (from, name) in [
        ("models/llama", "config.json"),
        ("models/llama", "model.safetensors"),
        ("tokenizers/mistral-unk", "tokenizer.model"),
        ("tokenizers/mistral-unk", "tokenizer_config.json"),
    ] {
        std::fs::copy(golden().join(from).join(name), model.join(name)).unwrap();
    }
    let facts = program(&["model-info", text(&model)]).output().unwrap();
    assert!(facts.status.success(), "{}", said(&facts));
    let run = folder.run("out");
    let keys = "max_steps: 1\nsave_steps: 1\neval_strategy: no\ntemplate: alpaca";
    let yaml = config("sft", keys).replace(text(&golden().join("models/llama")), text(&model));
    assert!(yaml.contains(text(&model)), "{yaml}");
    run.train(&folder.write("pieces.yaml", &yaml), &[]);
    let own = prompt_tokens(&[text(&run.0)]);
    let merged = folder.path().join("merged");
    let done = program(&["export", text(&run.0), "--out", text(&merged)])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", said(&done));
    assert!(merged.join("tokenizer.model").is_file() && merged.join("tokenizer.json").is_file());
    assert_eq!(prompt_tokens(&[text(&merged)]), own);
    // what transformers reads first is all that is needed
    std::fs::remove_file(merged.join("tokenizer.model")).unwrap();
    assert_eq!(prompt_tokens(&[text(&merged)]), own);
}
