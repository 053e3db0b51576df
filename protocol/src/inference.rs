//! LLaMA-Factory's files for talking and merging (`examples/inference`, `examples/merge_lora`): the keys that these verbs
//! take, and what becomes of all the others.

use crate::{RunConfig, Said, says};
use serde_json::{Map, Value};

/// Keys of `chat` and `api`.
pub const CHAT_KEYS: &[&str] = &[
    "model_name_or_path",
    "adapter_name_or_path",
    "template",
    "default_system",
    "do_sample",
    "temperature",
    "top_p",
    "top_k",
    "max_new_tokens",
    "repetition_penalty",
    "infer_backend",
    "infer_dtype",
    "finetuning_type",
    "stage",
    "trust_remote_code",
];

/// Keys of `export`.
pub const EXPORT_KEYS: &[&str] = &[
    "model_name_or_path",
    "adapter_name_or_path",
    "template",
    "export_dir",
    "export_size",
    "export_device",
    "export_legacy_format",
    "finetuning_type",
    "infer_backend",
    "infer_dtype",
    "stage",
    "trust_remote_code",
];

/// Keys and values of such a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inference {
    pub values: Map<String, Value>,
    /// What changes nothing, and why.
    pub notices: Vec<Said>,
}

impl Inference {
    /// Reads a file's text; `overrides` are `key=value` over it.
    ///
    /// # Errors
    /// One sentence: it can't be read, or a key asks for something that the verb does not do.
    pub fn parse(text: &str, overrides: &[String], keys: &[&str]) -> Result<Self, Said> {
        let file: Option<yaml_serde::Mapping> =
            yaml_serde::from_str(text).map_err(|e| says::no_list_of_keys(e.to_string()))?;
        let file = serde_json::to_value(file.unwrap_or_default()).map_err(|e| says::no_list_of_keys(e))?;
        let Value::Object(mut values) = file else {
            return Err(says::no_list_of_keys(""));
        };
        for item in overrides {
            let (key, value) = item.split_once('=').ok_or_else(|| says::not_key_value(item))?;
            let value = yaml_serde::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
            values.insert(key.trim().to_owned(), value);
        }
        let notices = judge(&values, keys)?;
        Ok(Self { values, notices })
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.values
            .get(key)?
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// A text, or a list of them, as names that commas part.
    pub fn list(&self, key: &str) -> Vec<String> {
        match self.values.get(key) {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(text)) => crate::config::names(Some(text)).map(str::to_owned).collect(),
            _ => vec![],
        }
    }

    pub fn number(&self, key: &str) -> Option<f64> {
        self.values.get(key)?.as_f64()
    }
}

fn judge(values: &Map<String, Value>, keys: &[&str]) -> Result<Vec<Said>, Said> {
    let mut notices = vec![];
    if let Some(backend) = values.get("infer_backend").and_then(Value::as_str)
        && !["", "huggingface", "hf"].contains(&backend)
    {
        notices.push(says::own_backend(backend));
    }
    let asked = |value: &Value| !(value.is_null() || *value == false || *value == "");
    let rest = values
        .iter()
        .filter(|(key, value)| !keys.contains(&key.as_str()) && asked(value));
    let rest: Map<String, Value> = rest.map(|(key, value)| (key.clone(), value.clone())).collect();
    if rest.is_empty() {
        return Ok(notices);
    }
    if let Some(made) = rest.get("output_dir").and_then(Value::as_str) {
        return Err(says::config_of_training(made));
    }
    if let Some(key) = rest.keys().find(|key| key.starts_with("export_")) {
        return Err(says::no_such_export(key));
    }
    let text = yaml_serde::to_string(&rest).map_err(|e| says::no_list_of_keys(e.to_string()))?;
    let parsed = RunConfig::parse(&text);
    if let Some(error) = parsed.errors.first() {
        return Err(error.whole());
    }
    let trains = serde_json::to_value(&parsed.config).unwrap_or_default();
    if let Some(key) = rest
        .keys()
        .find(|key| trains.get(key.as_str()).is_some_and(|value| !value.is_null()))
    {
        return Err(says::key_of_training(key, keys.join(", ")));
    }
    notices.extend(parsed.notices);
    Ok(notices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn llama_factorys_files_are_read() {
        let text = "model_name_or_path: Qwen/Qwen3-4B\nadapter_name_or_path: saves/a, saves/b\ntemplate: qwen3_nothink\n\
                    infer_backend: vllm  # choices\ntrust_remote_code: true\n";
        let read = Inference::parse(text, &["temperature=0.5".into()], CHAT_KEYS).unwrap();
        assert_eq!(read.text("model_name_or_path"), Some("Qwen/Qwen3-4B"));
        assert_eq!(read.list("adapter_name_or_path"), ["saves/a", "saves/b"]);
        assert_eq!(read.number("temperature"), Some(0.5));
        assert!(
            read.notices[0].message.contains("infer_backend: vllm"),
            "{:?}",
            read.notices
        );
        let merge = "### model\nmodel_name_or_path: m\nadapter_name_or_path: a\ntemplate: qwen\ntrust_remote_code: true\n\n\
                     ### export\nexport_dir: out\nexport_size: 5\nexport_device: cpu\nexport_legacy_format: false\n\
                     export_hub_model_id: null\n";
        let read = Inference::parse(merge, &[], EXPORT_KEYS).unwrap();
        assert_eq!(
            (read.text("export_dir"), read.number("export_size")),
            (Some("out"), Some(5.0))
        );
        assert_eq!(read.notices, []);
    }

    #[test]
    fn what_asks_for_something_else_is_refused_by_name() {
        for (text, keys, says) in [
            (
                "model_name_or_path: m\nexport_quantization_bit: 4",
                EXPORT_KEYS,
                "export_quantization_bit",
            ),
            (
                "model_name_or_path: m\nexport_hub_model_id: a/b",
                EXPORT_KEYS,
                "export_hub_model_id",
            ),
            (
                "model_name_or_path: m\nlearning_rate: 1.0e-4",
                CHAT_KEYS,
                "learning_rate: a key of training",
            ),
            (
                "model_name_or_path: m\ndataset: d\noutput_dir: saves/x",
                CHAT_KEYS,
                "saves/x",
            ),
            ("model_name_or_pth: m", CHAT_KEYS, "model_name_or_pth"),
            ("template: a\ntemplate: b", CHAT_KEYS, "template"),
            ("- a", CHAT_KEYS, "key: value"),
            ("a: [", CHAT_KEYS, "key: value"),
        ] {
            let error = Inference::parse(text, &[], keys).unwrap_err();
            assert!(error.message.contains(says), "{text}: {error}");
        }
        assert!(
            Inference::parse("", &["x".into()], CHAT_KEYS)
                .unwrap_err()
                .message
                .contains("key=value")
        );
    }
}
