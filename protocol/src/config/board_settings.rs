//! The settings that LlamaBoard saves (`llamaboard_config.yaml`): its fields by page and name, as the keys they stand for.

use super::FieldError;
use super::source::Source;
use crate::{Stage, says};
use serde_json::{Value, json};

/// Fields that set a key of another name, or of the same one on the pages `top` and `train`.
const NAMED: &[(&str, &str)] = &[
    ("top.model_path", "model_name_or_path"),
    ("train.train_seed", "seed"),
    ("train.batch_size", "per_device_train_batch_size"),
    ("train.neftune_alpha", "neftune_noise_alpha"),
    ("train.use_pissa", "pissa_init"),
    ("train.output_dir", "output_dir"),
];
/// Fields that set nothing of a run.
const ASIDE: &[&str] = &[
    "top.lang",
    "top.hub_name",
    "train.config_path",
    "train.device_count",
    "train.ds_offload",
    "train.swanlab_link",
    "train.extra_args",
];
/// What the stages are called there.
const STAGES: [(&str, Stage); 6] = [
    ("Supervised Fine-Tuning", Stage::Supervised),
    ("Reward Modeling", Stage::Reward),
    ("PPO", Stage::Ppo),
    ("DPO", Stage::Preference),
    ("KTO", Stage::Kto),
    ("Pre-Training", Stage::Pretrain),
];
/// Fields that have a meaning under one value of another: the field that they belong to, and what they begin with.
const UNDER: &[(&str, &[&str])] = &[
    ("use_galore", &["galore_"]),
    ("use_apollo", &["apollo_"]),
    ("use_badam", &["badam_"]),
    ("use_swanlab", &["swanlab_"]),
];

/// Whether these keys are fields of LlamaBoard.
pub(super) fn are(entries: &[(String, Value)]) -> bool {
    let page = |key: &str| {
        ["top.", "train.", "eval.", "infer.", "export."]
            .iter()
            .any(|p| key.starts_with(p))
    };
    !entries.is_empty() && entries.iter().all(|(key, _)| page(key))
}

/// The keys that LlamaBoard itself would train with.
pub(super) fn keys(entries: &[(String, Value)]) -> Source {
    let fields = Fields(entries);
    let mut found = Source::default();
    let named = fields.text("train.training_stage").filter(|name| !name.is_empty());
    let stage = named.and_then(|asked| STAGES.iter().find(|(name, _)| *name == asked));
    if let (Some(asked), None) = (named, stage) {
        let names = STAGES.map(|(name, _)| name).join(", ");
        let error = FieldError::new("train.training_stage", "choice", says::not_one_of(asked, &names));
        found.errors.push(error.with_args([names]));
    }
    let stage = stage.map(|(_, stage)| *stage);
    let tuning = fields.text("top.finetuning_type").unwrap_or("lora");
    for (field, value) in entries {
        if let Some((key, value)) = fields.key_of(field, value, stage, tuning) {
            found.entries.push((key, value));
        }
    }
    if let Some(stage) = stage {
        found.entries.insert(0, ("stage".into(), json!(stage)));
    }
    if fields.is_on("train.val_size") && stage != Some(Stage::Ppo) {
        // it evaluates when it saves
        found.entries.push(("eval_strategy".into(), json!("steps")));
        for (from, to) in [
            ("train.save_steps", "eval_steps"),
            ("train.batch_size", "per_device_eval_batch_size"),
        ] {
            found
                .entries
                .extend(fields.get(from).map(|value| (to.to_owned(), value.clone())));
        }
    } else {
        found.entries.retain(|(key, _)| key != "val_size");
    }
    if fields.is_on("train.use_pissa") && tuning == "lora" {
        found.entries.push(("pissa_convert".into(), json!(true)));
    }
    fields.extra(&mut found);
    let model = fields.text("top.model_name").filter(|name| !name.is_empty());
    if let (Some(name), None) = (model, fields.get("top.model_path")) {
        found.notices.push(says::model_without_folder(name));
    }
    found
}

struct Fields<'a>(&'a [(String, Value)]);

impl<'a> Fields<'a> {
    fn get(&self, field: &str) -> Option<&'a Value> {
        self.0.iter().find(|(key, _)| key == field).map(|(_, value)| value)
    }

    fn text(&self, field: &str) -> Option<&'a str> {
        self.get(field)?.as_str()
    }

    fn is_on(&self, field: &str) -> bool {
        self.get(field).is_some_and(|value| !is_blank(value))
    }

    fn quantizes(&self) -> bool {
        self.get("top.quantization_bit")
            .is_some_and(|bits| bits != "none" && !is_blank(bits))
    }

    /// Names of finished runs as the folders that it keeps them in.
    fn saved(&self, names: &Value) -> Value {
        let model = self.text("top.model_name").unwrap_or_default();
        let tuning = self.text("top.finetuning_type").unwrap_or("lora");
        let folder = |name: &Value| match name.as_str() {
            Some(name) if name.contains('/') => name.to_owned(),
            name => format!("saves/{model}/{tuning}/{}", name.unwrap_or_default()),
        };
        match names {
            Value::Array(all) => json!(all.iter().map(folder).collect::<Vec<_>>().join(",")),
            one => json!(folder(one)),
        }
    }

    /// The key that a field sets, where it sets one under this stage; `None`: none is named.
    fn key_of(&self, field: &str, value: &Value, stage: Option<Stage>, tuning: &str) -> Option<(String, Value)> {
        let (page, name) = field.split_once('.')?;
        if !["top", "train"].contains(&page) || ASIDE.contains(&field) {
            return None;
        }
        let of_lora = name.starts_with("lora")
            || [
                "create_new_adapter",
                "use_rslora",
                "use_dora",
                "use_pissa",
                "additional_target",
            ]
            .contains(&name);
        let of_pairs = name.starts_with("pref_");
        let of_ppo = name.starts_with("ppo_") || name == "reward_model";
        let of_freeze = name.starts_with("freeze_trainable") || name == "freeze_extra_modules";
        let layers = name == "freeze_trainable_layers" && self.is_on("train.use_llama_pro");
        let of_pictures = name.starts_with("image_") || name.starts_with("video_") || name.starts_with("freeze_");
        let other = UNDER.iter().any(|(owner, begin)| {
            begin.iter().any(|begin| name.starts_with(begin)) && !self.is_on(&format!("train.{owner}"))
        });
        if (of_lora && tuning != "lora")
            || (of_freeze && tuning != "freeze" && !layers)
            || (of_pairs && ![Some(Stage::Preference), Some(Stage::Kto)].contains(&stage))
            || (of_ppo && stage != Some(Stage::Ppo))
            || (of_pictures && !of_freeze)
            || other
        {
            return None;
        }
        let on = !is_blank(value);
        let (key, value) = match field {
            "top.model_name" | "train.training_stage" => return None,
            "top.checkpoint_path" if !on => return None,
            "top.checkpoint_path" => match tuning {
                "full" | "freeze" => ("model_name_or_path", self.saved(value)),
                _ => ("adapter_name_or_path", self.saved(value)),
            },
            "top.quantization_bit" | "top.quantization_method" if !self.quantizes() => return None,
            "top.booster" => match value.as_str() {
                Some("unsloth") => ("use_unsloth", json!(true)),
                Some("liger_kernel") => ("enable_liger_kernel", json!(true)),
                Some("flashattn2") => ("flash_attn", json!("fa2")),
                _ => return None,
            },
            "train.compute_type" => match value.as_str() {
                Some(kind @ ("bf16" | "fp16" | "pure_bf16")) => (kind, json!(true)),
                _ => return None,
            },
            "train.ds_stage" => match value.as_str() {
                None | Some("none" | "") => return None,
                Some(stage) => ("deepspeed", json!(format!("stage {stage}"))),
            },
            "train.use_pissa" if !on => return None,
            "train.reward_model" if !on => return None,
            "train.reward_model" => ("reward_model", self.saved(value)),
            // 0 is its word for "no"
            "train.loraplus_lr_ratio" | "train.neftune_alpha" if !on => return None,
            "train.lora_alpha" if !on => return None,
            _ => {
                let named = NAMED.iter().find(|(from, _)| *from == field);
                (named.map_or(name, |(_, key)| key), value.clone())
            }
        };
        let value = match &value {
            // a text field left empty
            Value::String(text) if text.is_empty() => return None,
            Value::Array(items) if items.is_empty() => return None,
            _ => value,
        };
        Some((key.to_owned(), value))
    }

    /// `extra_args`: more keys, as a text of JSON.
    fn extra(&self, found: &mut Source) {
        let Some(text) = self
            .text("train.extra_args")
            .map(str::trim)
            .filter(|text| !text.is_empty())
        else {
            return;
        };
        match serde_json::from_str(text) {
            Ok(Value::Object(map)) => {
                found.entries.retain(|(key, _)| !map.contains_key(key));
                found.entries.extend(map);
            }
            _ => {
                let message = says::no_json_map(text);
                found.errors.push(FieldError::new("train.extra_args", "type", message));
            }
        }
    }
}

/// Nothing chosen: empty, 0, false.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(on) => !on,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}
