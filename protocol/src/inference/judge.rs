//! What the keys of such a file ask for: how tokens are drawn, what changes nothing, and what is not done.

use super::SamplingDefaults;
use super::bounds::misfit;
use super::keys::LENGTHS;
use crate::config::nearest;
use crate::{RunConfig, Said, Stage, says};
use serde_json::{Map, Value};

/// Keys that are taken and change nothing; an error where they ask for what is not there.
pub(super) fn without_effect(config: &RunConfig, keys: &[&str]) -> Result<Option<Said>, Said> {
    if Stage::of(config) == Some(Stage::Reward) {
        return Err(says::scores_no_replies());
    }
    match config.infer_dtype.as_deref() {
        None | Some("" | "auto") => Ok(None),
        // what a merged folder is written in
        Some("float32" | "float16" | "bfloat16") if keys.contains(&"export_dir") => Ok(None),
        Some("float32" | "float16" | "bfloat16") => Ok(Some(says::no_effect_infer_dtype())),
        Some(other) => {
            let said = says::not_one_of(other, "auto, float16, bfloat16, float32");
            Err(says::file("infer_dtype", said))
        }
    }
}

pub(super) fn sampling_defaults(config: &RunConfig) -> Result<SamplingDefaults, Said> {
    let within = |key: &str, value: Option<f64>| match value.and_then(|x| Some((x, misfit(key, x)?))) {
        Some((x, must)) => Err(says::key_must(key, must, x)),
        None => Ok(value),
    };
    let temperature = within("temperature", config.temperature)?;
    within("max_new_tokens", config.max_new_tokens.map(|tokens| tokens as f64))?;
    Ok(SamplingDefaults {
        temperature: match config.do_sample {
            Some(false) => Some(0.0),
            _ => temperature,
        },
        top_p: within("top_p", config.top_p)?,
        top_k: config.top_k,
        max_tokens: config.max_new_tokens,
        repetition_penalty: within("repetition_penalty", config.repetition_penalty)?,
    })
}

pub(super) fn judge(values: &Map<String, Value>, keys: &[&str]) -> Result<Vec<Said>, Said> {
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
        // a slip of a key that there is here, not of one of training
        return Err(match error.code.as_str() {
            "unknown" => {
                let near = nearest(&error.field, keys.iter().copied());
                says::file(&error.field, says::no_such_key(near.unwrap_or_default()))
            }
            _ => error.whole(),
        });
    }
    // of writing, which training does not, and which is done here
    if keys.contains(&"max_new_tokens")
        && let Some(key) = LENGTHS
            .iter()
            .find(|key| rest.get(**key).is_some_and(|value| *value != 1024))
    {
        return Err(says::file(*key, says::write_max_new_tokens()));
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
    use super::super::{CHAT_KEYS, EXPORT_KEYS, Inference};

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
            ("template: chatglm4", CHAT_KEYS, "chatglm3"),
            ("template: moss", EXPORT_KEYS, "moss_vl"),
            ("tool_format: xml", CHAT_KEYS, "tool_format"),
            ("quantization_bit: 5", CHAT_KEYS, "quantization_bit"),
            (
                "quantization_bit: 4\nquantization_method: gptq",
                CHAT_KEYS,
                "quantization_method",
            ),
            ("infer_dtype: int8", CHAT_KEYS, "infer_dtype"),
            ("stage: rm", CHAT_KEYS, "stage"),
            ("temperature: warm", CHAT_KEYS, "temperature"),
            ("temperature: -1", CHAT_KEYS, "temperature"),
            ("top_p: 1.5", CHAT_KEYS, "top_p"),
            ("max_new_tokens: 0", CHAT_KEYS, "max_new_tokens"),
            ("repetition_penalty: 0", CHAT_KEYS, "repetition_penalty"),
            ("num_beams: 4", CHAT_KEYS, "num_beams"),
            ("max_length: 512", CHAT_KEYS, "max_length: write max_new_tokens"),
            ("max_new_token: 5", CHAT_KEYS, "did you mean max_new_tokens?"),
            ("export_dirr: x", CHAT_KEYS, "export_dirr"),
            ("length_penalty: 2.0", CHAT_KEYS, "length_penalty"),
            (
                "adapter_name_or_path: a\ncheckpoint_dir: b",
                CHAT_KEYS,
                "adapter_name_or_path",
            ),
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
