//! What an adapter's config promises is computed, or refused by name: replicated layers, ranks and factors by pattern,
//! added tokens.

use super::changed::{PREFIX, Tensors, adapter, close, copy, llama, logits, read, refused, run, set, text, write};
use crate::worker::{Folder, config, golden, said};
use serde_json::{Value, json};

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
