//! Sample prompts: answered when they are to be, by whom a person would ask, and training does not notice.

use crate::worker::{Folder, Run, config, golden, program, said};
use protocol::samples::{About, Answered, Reply, answers_step};
use serde_json::Value;
use std::collections::BTreeMap;

/// Replies by their step; none where a run writes none.
pub fn all(run: &Run) -> BTreeMap<u64, Vec<Reply>> {
    let Ok(entries) = std::fs::read_dir(run.0.join("samples")) else {
        return BTreeMap::new();
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let steps = names.filter_map(|name| Some((answers_step(&name)?, run.text(&format!("samples/{name}")))));
    steps
        .map(|(step, text)| {
            let mut lines = text.lines();
            let head: Answered = serde_json::from_str(lines.next().unwrap()).unwrap();
            assert_eq!(head.step, step);
            (step, lines.map(|line| serde_json::from_str(line).unwrap()).collect())
        })
        .collect()
}

fn about(run: &Run) -> About {
    serde_json::from_str(&run.text("samples/about.json")).unwrap()
}

fn trained(folder: &Folder, name: &str, stage: &str, more: &str) -> Run {
    let run = folder.run(name);
    run.train(&folder.write(&format!("{name}.yaml"), &config(stage, more)), &[]);
    run
}

/// What a run told of training, samples aside.
fn curve(run: &Run) -> Vec<Value> {
    let mut all = [run.of("step"), run.of("eval")].concat();
    for event in &mut all {
        for key in ["seq", "time"] {
            event.as_object_mut().unwrap().remove(key);
        }
        let metrics = event["metrics"].as_object_mut().unwrap();
        metrics.retain(|name, _| !name.contains("completions/") && !name.ends_with("per_second") && name != "memory");
    }
    all
}

#[test]
fn training_is_the_same_to_the_bit_with_samples_and_without() {
    const SAMPLES: &str = "\nsample_prompts: 3\nsample_max_new_tokens: 8\nsample_temperature: 0.7";
    let folder = Folder::new();
    let reward = golden().join("models/llama/scorer-adapter").display().to_string();
    let ppo = format!("max_steps: 8\nreward_model: {reward}\nmax_new_tokens: 6\ncutoff_len: 64");
    for (name, stage, more) in [
        ("ppo", "ppo", &*ppo),
        (
            "dpo",
            "dpo",
            "max_steps: 8\nsync_ref_model: true\nref_model_sync_steps: 3",
        ),
        (
            "sft",
            "sft",
            "max_steps: 8\nlora_dropout: 0.3\nneftune_noise_alpha: 5\npacking: true",
        ),
        ("kto", "kto", "max_steps: 8\ndataset: pairs\neval_dataset: pairs_eval"),
        (
            "pt",
            "pt",
            "max_steps: 8\nfinetuning_type: full\npacking: false\ndataset: text\neval_dataset: text_eval",
        ),
    ] {
        let with = trained(&folder, &format!("{name}-with"), stage, &format!("{more}{SAMPLES}"));
        let without = trained(&folder, &format!("{name}-without"), stage, more);
        assert_eq!(curve(&with), curve(&without), "{name}");
        let weights = match name {
            "pt" => "checkpoint-8/model.safetensors",
            _ => "checkpoint-8/adapter_model.safetensors",
        };
        assert!(with.bytes(weights) == without.bytes(weights), "{name}");
        assert!(all(&without).is_empty(), "{name}");
        let (about, all) = (about(&with), all(&with));
        assert_eq!(all.keys().copied().collect::<Vec<_>>(), [0, 4, 8], "{name}");
        let asked: std::collections::BTreeSet<_> = about.prompts.iter().map(|prompt| &prompt.text).collect();
        assert_eq!((about.prompts.len(), asked.len()), (3, 3), "{name}: {about:?}");
        assert!(all.values().all(|replies| replies.len() == 3), "{name}");
        assert!(
            about
                .prompts
                .iter()
                .all(|prompt| prompt.text.contains("[INST]") == (name != "pt"))
        );
        // its numbers are the replies'
        for event in with.of("eval") {
            let replies = &all[&event["step"].as_u64().unwrap()];
            let mean = replies.iter().map(|reply| f64::from(reply.tokens)).sum::<f64>() / 3.0;
            assert_eq!(event["metrics"]["eval_completions/mean_length"], mean, "{name}");
        }
    }
}

#[test]
fn own_prompts_need_no_rows_and_say_the_same_as_a_chat() {
    let folder = Folder::new();
    let own = "\n  What is a tide?\n  {\"messages\": [{\"role\": \"system\", \"content\": \"Be brief.\"}, \
               {\"role\": \"user\", \"content\": \"Why?\\nReally?\"}]}";
    let more = "max_steps: 4\nlearning_rate: 2e-2\neval_strategy: no\nsample_max_new_tokens: 12";
    let text = config("sft", more)
        .lines()
        .filter(|line| !line.starts_with("eval_dataset"))
        .collect::<Vec<_>>()
        .join("\n");
    let yaml = folder.write("own.yaml", &format!("{text}\nsample_own_prompts: |{own}\n"));
    let run = folder.run("own");
    run.train(&yaml, &[]);
    let (about, all) = (about(&run), all(&run));
    assert_eq!(all.keys().copied().collect::<Vec<_>>(), [0, 4]);
    assert!(about.prompts[1].text.contains("Be brief.") && about.prompts[1].text.contains("Why?\nReally?"));
    assert!(about.prompts.iter().all(|prompt| prompt.own));
    assert_ne!(all[&0], all[&4], "training changed nothing of what it writes");

    // a chat with the checkpoint answers the same
    let checkpoint = run.0.join("checkpoint-4").display().to_string();
    let mut chat = program(&["chat", &checkpoint, "max_new_tokens=12", "do_sample=false"]);
    let asked = folder.write("asked", "What is a tide?\n");
    let output = chat.stdin(std::fs::File::open(asked).unwrap()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    // which shows no letter before it is whole
    let whole = all[&4][0].text.trim_end_matches(char::REPLACEMENT_CHARACTER).trim_end();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), whole);
}

#[test]
fn what_cannot_be_answered_is_told() {
    let folder = Folder::new();
    let refused = |name: &str, more: &str| {
        let text = config("sft", &format!("max_steps: 1\n{more}"));
        let yaml = folder.write(&format!("{name}.yaml"), &text);
        let output = folder.run(name).command(&yaml, &[]).output().unwrap();
        assert!(!output.status.success(), "{name}");
        assert!(!folder.run(name).0.join("samples").exists(), "{name}");
        said(&output)
    };
    let long = format!("sample_own_prompts: {}", "word ".repeat(3000));
    assert!(refused("long", &long).contains("sample_own_prompts: line 1 has"));
    let broken = "sample_own_prompts: '{\"messages\": []}'";
    assert!(refused("broken", broken).contains("line 1 is a conversation that nobody has to answer"));

    // a reward model writes nothing, and where all of a row counts nothing says where its reply begins
    let scorer = trained(
        &folder,
        "rm",
        "rm",
        "max_steps: 1\ndataset: pairs\neval_dataset: pairs_eval\nsample_prompts: 2",
    );
    let told = |run: &Run| run.of("notice").iter().map(Value::to_string).collect::<String>();
    assert!(told(&scorer).contains("samples_of_scores"), "{}", told(&scorer));
    let whole = trained(
        &folder,
        "whole",
        "sft",
        "max_steps: 1\ntrain_on_prompt: true\nsample_prompts: 2",
    );
    assert!(told(&whole).contains("samples_fewer"), "{}", told(&whole));
    assert!(all(&scorer).is_empty() && all(&whole).is_empty());
}
