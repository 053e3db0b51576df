//! All that a run config can ask for, with the paper beside each: the README's table, and what the parity table must prove.

use crate::config::RunConfig;
use crate::method::MethodId;

/// One thing supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supported {
    pub kind: &'static str,
    /// The lines of a config that ask for it.
    pub yaml: String,
    pub title: &'static str,
    /// arXiv number; empty where there is no paper of its own.
    pub paper: &'static str,
}

/// Beside the methods: options of losses, what is trained, how weights are stored, optimizers, schedules.
const OPTIONS: &[(&str, &str, &str, &str)] = &[
    (
        "option",
        "stage: dpo\ndpo_label_smoothing: 0.1",
        "label smoothing (cDPO)",
        "2305.18290",
    ),
    (
        "option",
        "stage: dpo\nld_alpha: 0.5",
        "length desensitisation (LD-DPO)",
        "2409.06411",
    ),
    (
        "option",
        "stage: dpo\npref_ftx: 0.5",
        "supervised term on the chosen reply",
        "",
    ),
    (
        "option",
        "stage: dpo\nrpo_alpha: 0.5",
        "supervised term over the micro-batch's tokens (RPO)",
        "2404.19733",
    ),
    (
        "option",
        "stage: dpo\npref_loss: simpo\ncpo_alpha: 0.5",
        "CPO-SimPO",
        "2405.14734",
    ),
    (
        "option",
        "stage: dpo\npref_loss: sigmoid,bco_pair,sft\nloss_weights: 0.8,0.2,1.0",
        "several losses with weights",
        "2411.10442",
    ),
    (
        "option",
        "stage: dpo\npref_bco_weight: 0.5",
        "BCO term beside the loss",
        "2411.10442",
    ),
    (
        "option",
        "stage: dpo\nuse_weighting: true",
        "weights by the policy's own probability (WPO)",
        "2406.11827",
    ),
    (
        "option",
        "stage: dpo\nf_divergence_type: js_divergence",
        "Jensen-Shannon divergence",
        "2309.16240",
    ),
    (
        "option",
        "stage: dpo\nf_divergence_type: alpha_divergence\nf_alpha_divergence_coef: 0.5",
        "alpha divergence",
        "2309.16240",
    ),
    (
        "option",
        "stage: dpo\nreference_free: true",
        "no reference",
        "2305.18290",
    ),
    (
        "option",
        "stage: dpo\nsync_ref_model: true",
        "reference that follows the policy (TR-DPO)",
        "2404.09656",
    ),
    (
        "option",
        "stage: dpo\nprecompute_ref_log_probs: true",
        "reference computed once and stored",
        "",
    ),
    (
        "option",
        "stage: dpo\nref_model: models/llama",
        "another model as the reference",
        "",
    ),
    (
        "option",
        "stage: dpo\nref_model_adapters: models/llama/moved-adapter",
        "other adapters as the reference",
        "",
    ),
    (
        "option",
        "stage: dpo\nref_model: models/llama\nref_model_quantization_bit: 4",
        "a quantized reference",
        "",
    ),
    (
        "option",
        "stage: kto\nkto_loss: bco",
        "BCO on labelled replies",
        "2404.04656",
    ),
    ("option", "stage: sft\nmask_history: true", "last turn only", ""),
    ("option", "stage: sft\ntrain_on_prompt: true", "prompts too", ""),
    (
        "option",
        "stage: sft\nuse_dft_loss: true",
        "tokens by the model's own probability of them (DFT)",
        "2508.05629",
    ),
    (
        "option",
        "stage: sft\nuse_eaft_loss: true",
        "tokens by how undecided the model is (EAFT)",
        "2601.02151",
    ),
    ("option", "stage: sft\npacking: true", "packing", ""),
    (
        "option",
        "stage: sft\nneat_packing: true",
        "packing without cross-contamination",
        "2107.02027",
    ),
    ("option", "stage: pt\npacking: false", "a text a row", ""),
    ("option", "stage: ppo\nppo_score_norm: true", "scores normalised", ""),
    ("option", "stage: ppo\nppo_whiten_rewards: true", "rewards whitened", ""),
    (
        "option",
        "moe_aux_loss_coef: 0.001",
        "router's auxiliary loss (mixture of experts)",
        "2101.03961",
    ),
    ("adapter", "finetuning_type: lora", "LoRA", "2106.09685"),
    ("adapter", "use_rslora: true", "rank-stabilised LoRA", "2312.03732"),
    ("adapter", "use_dora: true", "DoRA", "2402.09353"),
    ("adapter", "pissa_init: true", "PiSSA", "2404.02948"),
    (
        "adapter",
        "init_lora_weights: loftq\nquantization_bit: 4",
        "LoftQ",
        "2310.08659",
    ),
    ("adapter", "loraplus_lr_ratio: 16", "LoRA+", "2402.12354"),
    (
        "adapter",
        "additional_target: embed_tokens",
        "whole modules beside the adapter",
        "",
    ),
    (
        "adapter",
        "create_new_adapter: true",
        "a new adapter on merged ones",
        "",
    ),
    (
        "adapter",
        "finetuning_type: oft",
        "orthogonal fine-tuning (OFT)",
        "2306.07280",
    ),
    (
        "adapter",
        "finetuning_type: freeze",
        "some layers or modules (freeze)",
        "",
    ),
    (
        "adapter",
        "finetuning_type: freeze\nuse_llama_pro: true",
        "expanded blocks (LLaMA Pro)",
        "2401.02415",
    ),
    ("adapter", "finetuning_type: full", "all weights", ""),
    (
        "quantizer",
        "quantization_bit: 4",
        "QLoRA: NF4 with double quantization",
        "2305.14314",
    ),
    (
        "quantizer",
        "quantization_bit: 4\nquantization_type: fp4",
        "FP4",
        "2305.14314",
    ),
    (
        "quantizer",
        "quantization_bit: 4\ndouble_quantization: false",
        "4 bits with plain scales",
        "2305.14314",
    ),
    ("quantizer", "quantization_bit: 8", "8-bit weights", "2208.07339"),
    (
        "quantizer",
        "quantization_bit: 4\nquantization_method: hqq",
        "HQQ: 8, 6, 5, 4, 3, 2 or 1 bits",
        "",
    ),
    (
        "quantizer",
        "quantization_bit: 8\nquantization_method: eetq",
        "EETQ: 8-bit weights",
        "",
    ),
    ("positions", "rope_scaling: linear", "linear RoPE scaling", "2306.15595"),
    ("positions", "rope_scaling: dynamic", "dynamic NTK", ""),
    ("positions", "rope_scaling: yarn", "YaRN", "2309.00071"),
    (
        "positions",
        "rope_scaling: llama3",
        "Llama 3's RoPE scaling",
        "2407.21783",
    ),
    ("optimizer", "optim: adamw_torch", "AdamW", "1711.05101"),
    ("optimizer", "optim: adamw_8bit", "AdamW, 8-bit states", "2110.02861"),
    ("optimizer", "optim: adafactor", "Adafactor", "1804.04235"),
    ("optimizer", "optim: lion_32bit", "Lion", "2302.06675"),
    ("optimizer", "optim: lion_8bit", "Lion, 8-bit states", "2110.02861"),
    ("optimizer", "optim: sgd", "SGD", ""),
    (
        "optimizer",
        "finetuning_type: full\nuse_galore: true",
        "GaLore",
        "2403.03507",
    ),
    (
        "optimizer",
        "finetuning_type: full\nuse_apollo: true",
        "APOLLO",
        "2412.05270",
    ),
    (
        "optimizer",
        "finetuning_type: full\nuse_badam: true",
        "BAdam",
        "2404.02827",
    ),
    ("schedule", "lr_scheduler_type: linear", "linear", ""),
    ("schedule", "lr_scheduler_type: cosine", "cosine", "1608.03983"),
    ("schedule", "lr_scheduler_type: constant", "constant", ""),
    (
        "schedule",
        "lr_scheduler_type: constant_with_warmup",
        "constant after warm-up",
        "",
    ),
    (
        "schedule",
        "lr_scheduler_type: cosine_with_restarts",
        "cosine, again and again",
        "1608.03983",
    ),
    ("schedule", "lr_scheduler_type: polynomial", "polynomial", ""),
    (
        "schedule",
        "lr_scheduler_type: inverse_sqrt",
        "inverse square root",
        "1706.03762",
    ),
    (
        "schedule",
        "lr_scheduler_type: reduce_lr_on_plateau\neval_strategy: steps",
        "lower when the evaluation loss stands still",
        "",
    ),
    (
        "schedule",
        "lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr: 0.0001}",
        "cosine down to a least rate",
        "",
    ),
    (
        "schedule",
        "lr_scheduler_type: cosine_warmup_with_min_lr\nlr_scheduler_kwargs: {min_lr_rate: 0.1}",
        "the same, warmed up from a share",
        "",
    ),
    (
        "schedule",
        "lr_scheduler_type: warmup_stable_decay",
        "warm-up, stable, decay",
        "2404.06395",
    ),
];

/// Everything, methods first.
pub fn all() -> Vec<Supported> {
    let methods = MethodId::ALL.iter().map(|id| {
        let (stage, loss, card) = (id.stage(), id.pref_loss(), id.card());
        Supported {
            kind: if loss.is_some() { "loss" } else { "stage" },
            yaml: match loss {
                Some(loss) => format!("stage: {stage}\npref_loss: {loss}"),
                None => format!("stage: {stage}"),
            },
            title: card.title,
            paper: card.paper,
        }
    });
    let options = OPTIONS.iter().map(|&(kind, yaml, title, paper)| Supported {
        kind,
        yaml: yaml.into(),
        title,
        paper,
    });
    methods.chain(options).collect()
}

impl Supported {
    /// Its lines as a config.
    pub fn config(&self) -> RunConfig {
        RunConfig::parse(&self.yaml).config
    }

    /// Whether `config` asks for it; where a key is left out its default counts.
    pub fn is_asked_for_by(&self, config: &RunConfig) -> bool {
        let (asked, whole) = (self.config(), config.completed());
        let keys = crate::config::KEYS.iter().map(|key| key.name);
        keys.filter_map(|key| Some((key, asked.get(key)?)))
            .all(|(key, value)| match value {
                // any amount of an option is the option
                serde_json::Value::Number(_) => whole.get(key).is_some_and(|found| found.as_f64() != Some(0.0)),
                value => whole.get(key).as_ref() == Some(&value),
            })
    }
}

/// The table as Markdown, a row a kind.
pub fn markdown() -> String {
    let mut out = String::from("| | what | in the config | paper |\n| --- | --- | --- | --- |\n");
    let mut last = "";
    for row in all() {
        let kind = if row.kind == last { "" } else { row.kind };
        last = row.kind;
        let yaml: Vec<_> = row.yaml.lines().map(|line| format!("`{line}`")).collect();
        let paper = match row.paper {
            "" => String::new(),
            number => format!("[{number}](https://arxiv.org/abs/{number})"),
        };
        out.push_str(&format!("| {kind} | {} | {} | {paper} |\n", row.title, yaml.join(" ")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::check;

    #[test]
    fn what_is_listed_is_accepted_and_recognised() {
        for row in all() {
            let text = format!(
                "model_name_or_path: m\ndataset: d\noutput_dir: o\nreward_model: r\nval_size: 0.1\n{}",
                row.yaml
            );
            let parsed = RunConfig::parse(&text);
            assert_eq!(parsed.errors, [], "{}", row.yaml);
            if let Err(errors) = check(&parsed.config).spec {
                panic!("{}: {errors:?}", row.yaml);
            }
            assert!(row.is_asked_for_by(&parsed.config), "{}", row.yaml);
        }
    }
}
