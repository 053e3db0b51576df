//! What people have in their clipboard, and the config it becomes.

use protocol::RunConfig;
use protocol::config::{Parsed, check};

fn parse(text: &str) -> Parsed {
    let parsed = RunConfig::parse(text);
    assert_eq!(parsed.errors, [], "{text}");
    parsed
}

/// LlamaBoard's preview, as its page shows it.
const PREVIEW: &str = "```bash
llamafactory-cli train \\
    --stage dpo \\
    --do_train True \\
    --model_name_or_path meta-llama/Llama-3.2-3B-Instruct \\
    --preprocessing_num_workers 16 \\
    --finetuning_type lora \\
    --template llama3 \\
    --flash_attn auto \\
    --dataset_dir data \\
    --dataset dpo_en_demo,dpo_zh_demo \\
    --cutoff_len 2048 \\
    --learning_rate 5e-06 \\
    --num_train_epochs 1.0 \\
    --max_samples 100000 \\
    --per_device_train_batch_size 2 \\
    --gradient_accumulation_steps 8 \\
    --lr_scheduler_type cosine \\
    --max_grad_norm 1.0 \\
    --logging_steps 5 \\
    --save_steps 50 \\
    --warmup_steps 0 \\
    --packing False \\
    --enable_thinking True \\
    --report_to none \\
    --output_dir saves/Llama-3.2-3B-Instruct/lora/train_2025-06-01 \\
    --bf16 True \\
    --plot_loss True \\
    --trust_remote_code True \\
    --ddp_timeout 180000000 \\
    --include_num_input_tokens_seen True \\
    --optim adamw_torch \\
    --lora_rank 32 \\
    --lora_alpha 32 \\
    --lora_dropout 0.05 \\
    --lora_target all \\
    --pref_beta 2 \\
    --pref_ftx 0 \\
    --pref_loss simpo
```";

/// Its `training_args.yaml` for the same.
const ARGUMENTS: &str = "bf16: true
cutoff_len: 2048
dataset: dpo_en_demo,dpo_zh_demo
dataset_dir: data
ddp_timeout: 180000000
do_train: true
enable_thinking: true
finetuning_type: lora
flash_attn: auto
gradient_accumulation_steps: 8
include_num_input_tokens_seen: true
learning_rate: 5.0e-06
logging_steps: 5
lora_alpha: 32
lora_dropout: 0.05
lora_rank: 32
lora_target: all
lr_scheduler_type: cosine
max_grad_norm: 1.0
max_samples: 100000
model_name_or_path: meta-llama/Llama-3.2-3B-Instruct
num_train_epochs: 1.0
optim: adamw_torch
output_dir: saves/Llama-3.2-3B-Instruct/lora/train_2025-06-01
packing: false
per_device_train_batch_size: 2
plot_loss: true
pref_beta: 2
pref_ftx: 0
pref_loss: simpo
preprocessing_num_workers: 16
report_to:
- none
save_steps: 50
stage: dpo
template: llama3
trust_remote_code: true
warmup_steps: 0
";

/// And what its button "Save arguments" writes.
const SETTINGS: &str = "top.booster: auto
top.checkpoint_path: []
top.finetuning_type: lora
top.model_name: Llama-3.2-3B-Instruct
top.quantization_bit: none
top.quantization_method: bnb
top.rope_scaling: none
top.template: llama3
train.additional_target: ''
train.apollo_rank: 16
train.apollo_scale: 32
train.apollo_target: all
train.apollo_update_interval: 200
train.badam_mode: layer
train.badam_switch_interval: 50
train.badam_switch_mode: ascending
train.badam_update_ratio: 0.05
train.batch_size: 2
train.compute_type: bf16
train.create_new_adapter: false
train.cutoff_len: 2048
train.dataset:
- dpo_en_demo
- dpo_zh_demo
train.dataset_dir: data
train.ds_offload: false
train.ds_stage: none
train.enable_thinking: true
train.extra_args: '{\"optim\": \"adamw_torch\"}'
train.freeze_extra_modules: ''
train.freeze_language_model: false
train.freeze_multi_modal_projector: true
train.freeze_trainable_layers: 2
train.freeze_trainable_modules: all
train.freeze_vision_tower: true
train.galore_rank: 16
train.galore_scale: 2
train.galore_target: all
train.galore_update_interval: 200
train.gradient_accumulation_steps: 8
train.image_max_pixels: 768*768
train.image_min_pixels: 32*32
train.learning_rate: 5e-6
train.logging_steps: 5
train.lora_alpha: 32
train.lora_dropout: 0.05
train.lora_rank: 32
train.lora_target: ''
train.loraplus_lr_ratio: 0
train.lr_scheduler_type: cosine
train.mask_history: false
train.max_grad_norm: '1.0'
train.max_samples: '100000'
train.neat_packing: false
train.neftune_alpha: 0
train.num_train_epochs: '1.0'
train.packing: false
train.ppo_score_norm: false
train.ppo_whiten_rewards: false
train.pref_beta: 2
train.pref_ftx: 0
train.pref_loss: simpo
train.report_to: none
train.resize_vocab: false
train.reward_model: []
train.save_steps: 50
train.swanlab_api_key: ''
train.swanlab_mode: cloud
train.swanlab_project: llamafactory
train.train_on_prompt: false
train.training_stage: DPO
train.use_apollo: false
train.use_badam: false
train.use_dora: false
train.use_galore: false
train.use_llama_pro: false
train.use_pissa: false
train.use_rslora: false
train.use_swanlab: false
train.val_size: 0
train.video_max_pixels: 256*256
train.warmup_steps: 0
";

#[test]
fn one_run_in_each_of_llama_boards_forms() {
    let wanted = parse(ARGUMENTS).config;
    let spec = check(&wanted).spec.unwrap();
    assert_eq!(spec.optim.learning_rate, 5e-6);
    assert_eq!(parse(PREVIEW).config, wanted);
    let mut settings = parse(SETTINGS).config;
    // they name the model without its path, and don't say where to
    assert_eq!(settings.model_name_or_path, None);
    settings.model_name_or_path = wanted.model_name_or_path.clone();
    settings.output_dir = wanted.output_dir.clone();
    // the page itself always counts tokens
    settings.include_num_input_tokens_seen = Some(true);
    assert_eq!(check(&settings).spec.unwrap(), spec);
}

#[test]
fn a_setting_of_llama_board_is_what_its_page_would_do() {
    let of = |stage: &str, more: &str| {
        parse(&format!(
            "top.model_name: M\ntrain.training_stage: {stage}\ntrain.save_steps: 40\ntrain.batch_size: 3\n{more}"
        ))
        .config
    };
    let held = of("DPO", "train.val_size: 0.1");
    assert_eq!(
        (held.val_size, held.eval_strategy.as_deref()),
        (Some(0.1), Some("steps"))
    );
    assert_eq!(
        (held.eval_steps, held.per_device_eval_batch_size),
        (Some(40.0), Some(3))
    );
    let pissa = of("Pre-Training", "train.use_pissa: true\ntop.booster: unsloth");
    assert_eq!(
        (pissa.stage.as_deref(), pissa.pissa_init, pissa.pissa_convert),
        (Some("pt"), Some(true), Some(true))
    );
    let ppo = of(
        "PPO",
        "train.reward_model: [rm1]\ntrain.val_size: 0.1\ntrain.pref_beta: 0.1",
    );
    assert_eq!(ppo.reward_model.as_deref(), Some("saves/M/lora/rm1"));
    assert_eq!((ppo.val_size, ppo.pref_beta), (None, None));
    let on_top = of(
        "KTO",
        "top.checkpoint_path: [a, b]\ntop.quantization_bit: '4'\ntop.quantization_method: bnb",
    );
    assert_eq!(
        on_top.adapter_name_or_path.as_deref(),
        Some("saves/M/lora/a,saves/M/lora/b")
    );
    assert_eq!(on_top.quantization_bit, Some(4));
    let full = of(
        "Supervised Fine-Tuning",
        "top.finetuning_type: full\ntop.checkpoint_path: a\ntrain.lora_rank: 8\ntrain.use_galore: true\ntrain.galore_rank: 4",
    );
    assert_eq!(full.model_name_or_path.as_deref(), Some("saves/M/full/a"));
    assert_eq!((full.lora_rank, full.galore_rank), (None, Some(4)));
    // what it asks for and is not there is said
    for (more, key) in [
        ("train.ds_stage: '3'", "deepspeed"),
        ("train.extra_args: '{'", "train.extra_args"),
        ("train.extra_args: '{\"deepspeed\": \"x\"}'", "deepspeed"),
    ] {
        let parsed = RunConfig::parse(&format!("train.training_stage: DPO\n{more}"));
        let keys: Vec<_> = parsed.errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(keys, [key], "{more}");
    }
    let of_no_stage = RunConfig::parse("top.model_name: M\ntrain.training_stage: ORPO");
    let said: Vec<_> = of_no_stage.errors.iter().map(ToString::to_string).collect();
    assert!(
        said.len() == 1 && said[0].starts_with("train.training_stage: `ORPO` is not one of Supervised Fine-Tuning,"),
        "{said:?}"
    );
}

#[test]
fn a_block_or_a_command_is_read_wherever_it_stands() {
    for text in [
        "Here are the settings:\n\n```yaml\nstage: dpo\nlora_rank: 4\n```\nGood luck: it works",
        "~~~\nstage: dpo\nlora_rank: 4\n~~~",
        "\u{feff}stage: dpo\nlora_rank: 4",
        "{\"stage\": \"dpo\", \"lora_rank\": 4}",
        "cd LLaMA-Factory && CUDA_VISIBLE_DEVICES=0 llamafactory-cli train --stage dpo --lora_rank 4",
        "#!/bin/bash\nexport X=1\n\nllamafactory-cli train --stage=dpo \\\n  lora_rank=4\n",
        "$ corral train --lora-rank 4 --stage dpo",
        "--stage dpo --lora_rank 4",
        "llamafactory-cli train `\n    --stage dpo `\n    --lora_rank 4 ",
    ] {
        let parsed = parse(text);
        assert_eq!(
            (parsed.config.stage.as_deref(), parsed.config.lora_rank),
            (Some("dpo"), Some(4)),
            "{text}"
        );
        let mut keys = parsed.keys;
        keys.sort();
        assert_eq!(keys, ["lora_rank", "stage"], "{text}");
    }
    for (text, code) in [
        (
            "llamafactory-cli train examples/train_lora/llama3_lora_sft.yaml",
            "names_a_file",
        ),
        ("llamafactory-cli export --model_name_or_path m", "not_train"),
        ("seed: 1\nseed: 2", "twice"),
        ("eval_strategy: steps\nevaluation_strategy: epoch", "twice"),
        ("just some words", "not_a_map"),
    ] {
        let codes: Vec<_> = RunConfig::parse(text).errors.into_iter().map(|e| e.code).collect();
        assert_eq!(codes, [code], "{text}");
    }
}

#[test]
fn older_names_and_newer_spellings_are_understood() {
    for (text, key, value) in [
        ("evaluation_strategy: epoch", "eval_strategy", "\"epoch\""),
        ("dpo_beta: 0.2", "pref_beta", "0.2"),
        ("loss_type: ipo", "pref_loss", "\"ipo\""),
        ("no_cuda: true", "device", "\"cpu\""),
        ("use_cpu: true", "device", "\"cpu\""),
        ("adafactor: true", "optim", "\"adafactor\""),
        ("per_gpu_train_batch_size: 3", "per_device_train_batch_size", "3"),
        ("resume_lora_training: false", "create_new_adapter", "true"),
        ("train_sampling_strategy: group_by_length", "group_by_length", "true"),
        (
            "include_num_input_tokens_seen: non_padding",
            "include_num_input_tokens_seen",
            "true",
        ),
        ("do_train: yes", "do_train", "true"),
        ("max_samples: 1_000", "max_samples", "1000"),
        ("save_strategy: false", "save_strategy", "\"no\""),
        ("warmup_steps: 0.1", "warmup_steps", "0.1"),
        ("lora_target: [q_proj, v_proj]", "lora_target", "\"q_proj,v_proj\""),
    ] {
        assert_eq!(parse(text).config.get(key).unwrap().to_string(), value, "{text}");
    }
}

#[test]
fn a_loss_without_a_stage_means_pairs() {
    let parsed = parse("pref_loss: orpo\npref_beta: 0.1\n");
    assert_eq!(parsed.config.stage.as_deref(), Some("dpo"));
    assert_eq!(
        (parsed.keys, parsed.notices.len()),
        (vec!["pref_beta".into(), "pref_loss".into(), "stage".into()], 1)
    );
    assert_eq!(
        parse("stage: sft\npref_loss: orpo\n").config.stage.as_deref(),
        Some("sft")
    );
}

#[test]
fn what_a_value_asks_for_and_is_not_there_is_refused_by_name() {
    for text in [
        "lora_bias: all",
        "split_special_tokens: true",
        "save_safetensors: false",
        "dataloader_drop_last: true",
        "ignore_pad_token_for_loss: false",
        "label_smoothing_factor: 0.1",
        "push_to_hub: true",
        "optim_target_modules: [q_proj]",
        "freeze_language_model: true",
        "eval_on_each_dataset: true",
        "num_beams: 4",
        "ignore_data_skip: true",
        "auto_find_batch_size: true",
        "preserve_thinking: true",
        "accelerator_config: {split_batches: true}",
    ] {
        let parsed = RunConfig::parse(text);
        let key = text.split(':').next().unwrap();
        let said: Vec<_> = parsed
            .errors
            .iter()
            .map(|e| (e.field.as_str(), e.code.as_str()))
            .collect();
        assert_eq!(said, [(key, "not_built")], "{text}");
    }
    // and what changes neither weights nor metrics nor files is a notice
    for text in [
        "report_to: neptune",
        "use_unsloth: true",
        "torch_empty_cache_steps: 4",
        "infer_backend: vllm",
    ] {
        assert_eq!(parse(text).notices.len(), 1, "{text}");
    }
}

#[test]
fn whole_numbers_are_written_as_such() {
    let parsed =
        parse("max_steps: -1\nnum_train_epochs: 3.0\nlearning_rate: 5.0e-6\nsave_steps: 0.5\nval_size: 10\nseed: 42");
    let yaml = parsed.config.to_yaml();
    for line in [
        "max_steps: -1",
        "num_train_epochs: 3",
        "save_steps: 0.5",
        "val_size: 10",
        "seed: 42",
    ] {
        assert!(yaml.lines().any(|found| found == line), "{line} in\n{yaml}");
    }
    assert_eq!(RunConfig::parse(&yaml).config, parsed.config);
}
