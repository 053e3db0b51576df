//! Stopping, killing and going on: the curve is that of a run that never stopped, to the bit.

use crate::worker::{Folder, Run, config, golden, kill};
use crate::{pairs, samples};
use candle_core::{Device, Tensor};
use std::path::PathBuf;
use trainer::model::read_all;

/// Numbers to choose kill times by (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}

/// LoRA with dropout, full training with a reference, a reference and a running mean that move; windows that a stop cuts.
fn cases(folder: &Folder) -> Vec<(&'static str, PathBuf)> {
    vec![
        (
            "sft-dropout",
            folder.write(
                "sft.yaml",
                &config(
                    "sft",
                    "lora_dropout: 0.3\nmax_steps: 60\nlogging_steps: 7\nsave_steps: 9\nsave_total_limit: 2\n\
                     sample_prompts: 2\nsample_max_new_tokens: 6\nsample_temperature: 1.0",
                ),
            ),
        ),
        (
            "dpo-full",
            folder.write(
                "dpo.yaml",
                &config(
                    "dpo",
                    "finetuning_type: full\nmax_steps: 60\nlogging_steps: 4\nsave_steps: 10\npref_loss: kto_pair",
                ),
            ),
        ),
        (
            "dpo-moving",
            folder.write(
                "moving.yaml",
                &config(
                    "dpo",
                    "max_steps: 60\nlogging_steps: 4\nsave_steps: 10\npref_loss: sigmoid,bco_pair\n\
                     sync_ref_model: true\nref_model_sync_steps: 3",
                ),
            ),
        ),
    ]
}

/// The tiny Llama as a Phi-3: q, k and v lie in one tensor, and so do gate and up.
fn phi3(folder: &Folder) -> PathBuf {
    let (from, to) = (golden().join("models/llama"), folder.path().join("phi3"));
    std::fs::create_dir(&to).unwrap();
    for name in ["tokenizer.json", "tokenizer_config.json"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
    let config = std::fs::read_to_string(from.join("config.json")).unwrap();
    std::fs::write(
        to.join("config.json"),
        config.replace("LlamaForCausalLM", "Phi3ForCausalLM"),
    )
    .unwrap();
    let mut tensors = read_all(&from.join("model.safetensors"), &Device::Cpu).unwrap();
    for layer in 0..2 {
        for (whole, parts) in [
            (
                "self_attn.qkv_proj",
                &["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"][..],
            ),
            ("mlp.gate_up_proj", &["mlp.gate_proj", "mlp.up_proj"]),
        ] {
            let at = |module: &str| format!("model.layers.{layer}.{module}.weight");
            let rows: Vec<Tensor> = parts.iter().map(|part| tensors.remove(&at(part)).unwrap()).collect();
            tensors.insert(at(whole), Tensor::cat(&rows, 0).unwrap());
        }
    }
    candle_core::safetensors::save(&tensors, to.join("model.safetensors")).unwrap();
    to
}

/// What else a checkpoint must hold: lengths, whole modules, halves of a converted adapter, a part of the weights.
fn variants(folder: &Folder) -> Vec<(&'static str, PathBuf)> {
    let common = "max_steps: 60\nlogging_steps: 7\nsave_steps: 9\nsave_total_limit: 2\n";
    let case = |name: &'static str, stage: &str, more: &str| {
        let text = config(stage, &format!("{common}{more}"));
        (name, folder.write(&format!("{name}.yaml"), &text))
    };
    let phi3 = format!("model_name_or_path: {}\n", phi3(folder).display());
    vec![
        case("phi3-full", "sft", &format!("{phi3}finetuning_type: full")),
        case(
            "phi3-freeze-full",
            "dpo",
            &format!("{phi3}finetuning_type: freeze\nfreeze_trainable_layers: 1\nfreeze_trainable_modules: mlp"),
        ),
        case("bf16", "sft", "bf16: true\nlora_dropout: 0.2"),
        case(
            "pure-bf16",
            "dpo",
            "pure_bf16: true\nlora_dropout: 0.2\nuse_dora: true\nadditional_target: embed_tokens,norm",
        ),
        case("pure-bf16-full", "sft", "pure_bf16: true\nfinetuning_type: full"),
        case(
            "pure-bf16-galore-full",
            "sft",
            "pure_bf16: true\nfinetuning_type: full\nuse_galore: true\ngalore_rank: 4\ngalore_update_interval: 4",
        ),
        case(
            "pure-bf16-badam-full",
            "sft",
            "pure_bf16: true\nfinetuning_type: full\nuse_badam: true\nbadam_switch_interval: 5",
        ),
        case(
            "dora",
            "sft",
            "use_dora: true\nlora_dropout: 0.2\nadditional_target: embed_tokens,norm\nloraplus_lr_ratio: 4",
        ),
        case(
            "pissa",
            "dpo",
            "pissa_init: true\npissa_iter: 2\npissa_convert: true\nuse_rslora: true",
        ),
        case(
            "loftq",
            "sft",
            "init_lora_weights: loftq\nloftq_iter: 2\nquantization_bit: 4",
        ),
        case("streamed", "sft", "streaming: true\nbuffer_size: 5\nlora_dropout: 0.2"),
        case("pissa-exact", "sft", "pissa_init: true\npissa_iter: -1\nuse_dora: true"),
        case(
            "experts-full",
            "sft",
            &format!(
                "finetuning_type: full\nmoe_aux_loss_coef: 0.1\nmodel_name_or_path: {}",
                golden().join("models/qwen2moe").display()
            ),
        ),
        case(
            "freeze-full",
            "dpo",
            "finetuning_type: freeze\nfreeze_trainable_layers: 1\nfreeze_extra_modules: lm_head",
        ),
    ]
}

fn same(straight: &Run, other: &Run, weights: &str, case: &str) {
    other.check_seq();
    let (a, b) = (straight.folded(), other.folded());
    for (i, (a, b)) in a.iter().zip(&b).enumerate() {
        assert_eq!(a, b, "{case}: event {i}");
    }
    assert_eq!(a.len(), b.len(), "{case}");
    for file in [weights, "checkpoint-60/optimizer.safetensors"] {
        assert!(straight.bytes(file) == other.bytes(file), "{case}: {file} differs");
    }
    // held-out pairs one by one: no evaluation is missing, and none of a life that was cut off is left
    assert!(pairs::files(straight) == pairs::files(other), "{case}: pairs differ");
    assert_eq!(samples::all(straight), samples::all(other), "{case}: samples differ");
    assert_eq!(other.finished()["outcome"], "completed");
}

fn weights(case: &str) -> &'static str {
    match case {
        full if full.ends_with("full") => "checkpoint-60/model.safetensors",
        _ => "checkpoint-60/adapter_model.safetensors",
    }
}

#[test]
fn stopped_and_resumed_equals_straight_through() {
    let folder = Folder::new();
    for (case, yaml) in [cases(&folder), variants(&folder)].concat() {
        let straight = folder.run(&format!("{case}-straight"));
        straight.train(&yaml, &[]);
        let stopped = folder.run(&format!("{case}-stopped"));
        let mut stops = 0;
        for at in [5, 13, 24, 24, 41] {
            let mut child = stopped.start(&yaml, &["resume_from_checkpoint=true"]);
            stopped.wait(&mut child, |events| {
                events
                    .iter()
                    .any(|e| e["type"] == "eval" && e["step"].as_u64() >= Some(at))
            });
            kill(&child, libc::SIGTERM);
            let status = child.wait().unwrap();
            if status.code() == Some(143) {
                stops += 1;
                assert_eq!(stopped.finished()["outcome"], "stopped");
                // what was done is in a checkpoint
                let step = stopped.finished()["step"].as_u64().unwrap();
                assert!(
                    step == 0 || stopped.checkpoints().contains(&step),
                    "{case}: no checkpoint of step {step}"
                );
            }
        }
        assert!(stops >= 2, "{case}: the run ended before it could be stopped");
        stopped.train(&yaml, &["resume_from_checkpoint=true"]);
        same(&straight, &stopped, weights(case), case);
    }
}

#[test]
fn killed_at_any_moment_and_resumed_equals_straight_through() {
    let folder = Folder::new();
    let mut dice = Dice(7);
    for (case, yaml) in cases(&folder) {
        let straight = folder.run(&format!("{case}-straight"));
        straight.train(&yaml, &["save_steps=1"]);
        let killed = folder.run(&format!("{case}-killed"));
        let mut kills = 0;
        for _ in 0..20 {
            let mut child = killed.start(&yaml, &["resume_from_checkpoint=true", "save_steps=1"]);
            let lines = killed.events().len() + dice.below(30) as usize;
            killed.wait(&mut child, |events| events.len() >= lines);
            // in the middle of what follows: a step, an event, or (mostly) a checkpoint
            std::thread::sleep(std::time::Duration::from_micros(dice.below(6000)));
            kill(&child, libc::SIGKILL);
            kills += u32::from(child.wait().unwrap().code().is_none());
        }
        assert!(kills >= 5, "{case}: only {kills} workers were killed in time");
        killed.train(&yaml, &["resume_from_checkpoint=true", "save_steps=1"]);
        same(&straight, &killed, weights(case), case);
        let left: Vec<_> = std::fs::read_dir(&killed.0)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with('.'))
            .collect();
        assert!(left.is_empty(), "{case}: {left:?} was left behind");
    }
}

#[test]
fn a_second_worker_is_refused_and_a_used_directory_is_not_overwritten() {
    let folder = Folder::new();
    let yaml = folder.write("sft.yaml", &config("sft", "max_steps: 3"));
    let run = folder.run("run");
    run.train(&yaml, &[]);
    let again = run.command(&yaml, &[]).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(
        crate::worker::said(&again).contains("overwrite_output_dir"),
        "{}",
        crate::worker::said(&again)
    );
    run.train(&yaml, &["overwrite_output_dir=true", "max_steps=2"]);
    assert_eq!(run.checkpoints(), [2]);
    run.check_seq();
    // other rows than those of the checkpoint
    let other = run
        .command(&yaml, &["resume_from_checkpoint=true", "max_samples=3"])
        .output()
        .unwrap();
    assert_eq!(other.status.code(), Some(1));
    assert!(
        crate::worker::said(&other).contains("other training rows"),
        "{}",
        crate::worker::said(&other)
    );
}

/// Every optimizer and every schedule that keeps something goes on where it stopped, to the bit.
#[test]
fn optimizers_and_schedules_go_on() {
    let folder = Folder::new();
    for (case, yaml) in [
        ("adamw-8bit", "optim: adamw_8bit"),
        ("adafactor", "optim: adafactor\nlr_scheduler_type: warmup_stable_decay"),
        ("lion", "optim: lion_8bit\nlr_scheduler_type: cosine_with_restarts"),
        ("sgd", "optim: sgd\nlr_scheduler_type: inverse_sqrt"),
        ("galore", "use_galore: true\ngalore_rank: 4\ngalore_update_interval: 3"),
        ("apollo", "use_apollo: true\napollo_rank: 4\napollo_update_interval: 3"),
        (
            "badam",
            "use_badam: true\nbadam_switch_mode: random\nbadam_switch_interval: 3",
        ),
        (
            "plateau",
            "lr_scheduler_type: reduce_lr_on_plateau\neval_steps: 1\nlearning_rate: 3e-2\n\
             lr_scheduler_kwargs: {patience: 0, factor: 0.5, threshold: 0.05}",
        ),
    ] {
        let yaml = format!("finetuning_type: full\nmax_steps: 10\nsave_steps: 2\n{yaml}");
        let yaml = folder.write(&format!("{case}.yaml"), &config("sft", &yaml));
        let straight = folder.run(&format!("{case}-straight"));
        straight.train(&yaml, &[]);
        let other = folder.run(&format!("{case}-stopped"));
        // a whole run's checkpoints, of which the later ones are gone
        other.train(&yaml, &[]);
        for step in [6, 8, 10] {
            std::fs::remove_dir_all(other.0.join(format!("checkpoint-{step}"))).unwrap();
        }
        other.train(&yaml, &["resume_from_checkpoint=true"]);
        assert_eq!(straight.folded(), other.folded(), "{case}");
        for file in ["checkpoint-10/model.safetensors", "checkpoint-10/optimizer.safetensors"] {
            assert!(straight.bytes(file) == other.bytes(file), "{case}: {file} differs");
        }
    }
    let last = folder.run("plateau-straight").of("step").pop().unwrap();
    assert!(
        last["metrics"]["learning_rate"].as_f64().unwrap() < 3e-2,
        "the rate never fell"
    );
}

/// A checkpoint goes on only as what it was made as; a start that is refused changes nothing, and what else changed is told.
#[test]
fn a_checkpoint_is_gone_on_from_as_what_it_was_made_as() {
    let folder = Folder::new();
    let yaml = folder.write("dpo.yaml", &config("dpo", "max_steps: 2"));
    let run = folder.run("run");
    run.train(&yaml, &[]);
    let before = (run.text("config.yaml"), run.text("events.jsonl"));
    let qwen2 = golden().join("models/qwen2");
    let qwen2 = format!("model_name_or_path={}", qwen2.display());
    for (change, told) in [
        ("lora_rank=8", "lora_rank"),
        ("lora_alpha=64", "lora_alpha"),
        ("lora_target=q_proj", "lora_target"),
        ("use_rslora=true", "use_rslora"),
        ("use_dora=true", "use_dora"),
        ("optim=sgd", "optim"),
        ("finetuning_type=full", "finetuning_type"),
        (&qwen2, "model_name_or_path"),
    ] {
        let go_on = ["resume_from_checkpoint=true", "max_steps=4", change];
        let refused = run.command(&yaml, &go_on).output().unwrap();
        let said = crate::worker::said(&refused);
        assert_eq!(refused.status.code(), Some(1), "{change}: {said}");
        assert!(
            said.contains(told) && said.contains("was made with another config"),
            "{change}: {said}"
        );
        assert!(
            (run.text("config.yaml"), run.text("events.jsonl")) == before,
            "{change}"
        );
    }
    // other rows are known only once they are read: the config stays as well
    let go_on = ["resume_from_checkpoint=true", "max_samples=3"];
    assert_eq!(run.command(&yaml, &go_on).output().unwrap().status.code(), Some(1));
    assert_eq!(run.text("config.yaml"), before.0);
    let go_on = [
        "resume_from_checkpoint=true",
        "max_steps=4",
        "pref_beta=0.9",
        "learning_rate=1e-3",
    ];
    run.train(&yaml, &go_on);
    let notes = run.of("notice").iter().map(ToString::to_string).collect::<String>();
    assert!(
        notes.contains("pref_beta 0.1 → 0.9") && notes.contains("learning_rate"),
        "{notes}"
    );
    assert!(!notes.contains("max_steps"), "{notes}");
    assert!(run.text("config.yaml").contains("pref_beta: 0.9"));
}

/// A copy that followed links has a folder where the best checkpoint's link was.
#[test]
fn a_run_copied_without_its_links_goes_on() {
    let folder = Folder::new();
    let more = "max_steps: 2\neval_strategy: steps\neval_steps: 2\nsave_steps: 2";
    let yaml = folder.write("dpo.yaml", &config("dpo", more));
    let run = folder.run("run");
    run.train(&yaml, &[]);
    let copied = folder.path().join("copied");
    let cp = std::process::Command::new("cp")
        .arg("-rL")
        .arg(folder.path().join("run"))
        .arg(&copied)
        .status();
    assert!(cp.unwrap().success());
    assert!(copied.join("checkpoint-best").is_dir() && !copied.join("checkpoint-best").is_symlink());
    let copy = folder.run("copied");
    copy.train(&yaml, &["resume_from_checkpoint=true", "max_steps=4"]);
    assert!(copied.join("checkpoint-best").is_symlink());
}
