//! LLaMA-Factory's files for talking and merging (`examples/inference`, `examples/merge_lora`): the keys that these verbs
//! take, and what becomes of all the others.

mod bounds;
mod judge;
mod keys;

pub use bounds::{LEAST, misfit};
pub use keys::{CHAT_KEYS, EXPORT_KEYS};

use crate::config::{Before, Given, KEYS, Quantize, Wording};
use crate::config::{given, given_twice, keys_of_file, packed, rope, wording};
use crate::decoder::RopeType;
use crate::{RunConfig, Said, says};
use judge::{judge, sampling_defaults, without_effect};
use keys::WORKER_KEYS;
use serde_json::{Map, Value};

/// Keys and values of such a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inference {
    pub values: Map<String, Value>,
    /// The keys that a run config has too.
    pub config: RunConfig,
    /// How conversations become text.
    pub wording: Wording,
    /// What the weights are packed to while they are loaded.
    pub quantize: Option<Quantize>,
    /// How rotary positions are to be scaled, where its adapters were not trained so already.
    pub rope: Option<RopeType>,
    pub drawing: SamplingDefaults,
    /// What changes nothing, and why.
    pub notices: Vec<Said>,
}

/// How tokens are drawn, as far as the file says it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SamplingDefaults {
    /// 0 where the likeliest token is taken.
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    /// 0: among all.
    pub top_k: Option<u64>,
    pub max_tokens: Option<u64>,
    pub repetition_penalty: Option<f64>,
}

impl Inference {
    /// Reads a file's text; `overrides` are `key=value` over it.
    ///
    /// # Errors
    /// One sentence: it can't be read, or a key asks for something that the verb does not do.
    pub fn parse(text: &str, overrides: &[String], keys: &[&str]) -> Result<Self, Said> {
        let file = keys_of_file(text).map_err(|e| match e.code.as_str() {
            "twice" => e.whole(),
            "not_a_map" => says::no_list_of_keys(""),
            _ => says::no_list_of_keys(e.args.first().map_or("", String::as_str)),
        })?;
        let mut over = vec![];
        for item in overrides {
            let (key, value) = item.split_once('=').ok_or_else(|| says::not_key_value(item))?;
            let value = yaml_serde::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
            over.push((key.trim().to_owned(), value));
        }
        let mut notices = vec![];
        let mut values = Map::new();
        for source in [file, over] {
            values.extend(under_own_names(source, &mut notices)?);
        }
        notices.extend(judge(&values, keys)?);
        let config = config(&values, keys)?;
        notices.extend(without_effect(&config, keys)?);
        Ok(Self {
            wording: wording(&config).map_err(|e| e.whole())?,
            quantize: packed(&config).map_err(|e| e.whole())?,
            rope: rope(&config).map_err(|e| e.whole())?,
            drawing: sampling_defaults(&config)?,
            values,
            config,
            notices,
        })
    }

    /// Puts `home` in the place of `~` and `$HOME` in front of each path.
    ///
    /// # Errors
    /// The key, with what in its path can't be written out.
    pub fn expand_home(&mut self, home: Option<&str>) -> Result<(), Said> {
        for key in ["model_name_or_path", "adapter_name_or_path", "cache_dir", "export_dir"] {
            let many = key == "adapter_name_or_path";
            let paths = match many {
                true => self.list(key),
                false => self.text(key).map(str::to_owned).into_iter().collect(),
            };
            let mut out = vec![];
            for path in &paths {
                out.push(crate::config::expand_home(path, home).map_err(|what| says::file(key, what.said()))?);
            }
            if out != paths {
                let value = if many { out.into() } else { out.remove(0).into() };
                self.values.insert(key.into(), value);
            }
        }
        match self.config.expand_home(home).first() {
            Some(error) => Err(error.whole()),
            None => Ok(()),
        }
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

    /// The words by which a chat worker is told what the file says of loading and writing.
    pub fn worker_args(&self) -> Vec<String> {
        words(&self.config, |_| true)
    }
}

/// The words by which a chat worker loads a model as a run of this config loaded it, and reads text as the run did. How rotary
/// positions are scaled is not among them: in a run that depends on the length of its rows too, and its checkpoints say it.
pub fn as_in_training(config: &RunConfig) -> Vec<String> {
    words(config, |key| key != "rope_scaling")
}

fn words(config: &RunConfig, counts: impl Fn(&str) -> bool) -> Vec<String> {
    let keys = WORKER_KEYS.iter().filter(|key| counts(key));
    keys.filter_map(|key| Some(format!("{key}={}", config.get(key)?)))
        .collect()
}

/// Keys under the names they have here. Of one that a command line gives twice, the last value is taken.
///
/// # Errors
/// One key stands there under two names.
fn under_own_names(source: Vec<(String, Value)>, notices: &mut Vec<Said>) -> Result<Map<String, Value>, Said> {
    let mut values = Map::new();
    for Given {
        key,
        written,
        value,
        before,
    } in given(source)
    {
        match before {
            Before::UnderOtherName(other) => return Err(says::file(&written, says::same_as(&other))),
            Before::UnderThisName => notices.push(given_twice(&written, &value)),
            Before::Nowhere => {}
        }
        values.insert(key, value);
    }
    Ok(values)
}

/// The keys that a run config has too, read as it reads them.
fn config(values: &Map<String, Value>, keys: &[&str]) -> Result<RunConfig, Said> {
    let shared = |key: &str| keys.contains(&key) && KEYS.iter().any(|known| known.name == key);
    let own: Map<String, Value> = values
        .iter()
        .filter(|(key, _)| shared(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let text = yaml_serde::to_string(&own).map_err(|e| says::no_list_of_keys(e.to_string()))?;
    let parsed = RunConfig::parse(&text);
    match parsed.errors.first() {
        Some(error) => Err(error.whole()),
        None => Ok(parsed.config),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{FourBit, Thinking};

    #[test]
    fn llama_factorys_files_are_read() {
        let text = "model_name_or_path: Qwen/Qwen3-4B\nadapter_name_or_path: saves/a, saves/b\ntemplate: qwen3_nothink\n\
                    infer_backend: vllm  # choices\ntrust_remote_code: true\n";
        let read = Inference::parse(text, &["temperature=0.5".into()], CHAT_KEYS).unwrap();
        assert_eq!(read.text("model_name_or_path"), Some("Qwen/Qwen3-4B"));
        assert_eq!(read.list("adapter_name_or_path"), ["saves/a", "saves/b"]);
        let text = "model_name_or_path: ~/m\nadapter_name_or_path: $HOME/a, b\ncache_dir: ~/hub\n";
        let mut there = Inference::parse(text, &[], CHAT_KEYS).unwrap();
        there.expand_home(Some("/h")).unwrap();
        assert_eq!(there.text("model_name_or_path"), Some("/h/m"));
        assert_eq!(there.list("adapter_name_or_path"), ["/h/a", "b"]);
        assert_eq!(there.text("cache_dir"), Some("/h/hub"));
        assert!(there.worker_args().contains(&"cache_dir=\"/h/hub\"".to_owned()));
        let mut there = Inference::parse("model_name_or_path: $M/m\n", &[], CHAT_KEYS).unwrap();
        let told = there.expand_home(Some("/h")).unwrap_err();
        assert!(told.contains("model_name_or_path") && told.contains("$M "), "{told}");
        assert_ne!(told.in_lang(crate::said::Lang::Ja), told.message);
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
    fn what_changes_text_weights_and_drawing_is_read() {
        let text = "model_name_or_path: m\ntemplate: qwen3\ntool_format: glm4\ndefault_system: ''\nenable_thinking: null\n\
                    use_fast_tokenizer: false\n\
                    quantization_bit: 4\nquantization_type: fp4\ndouble_quantization: false\ninfer_dtype: bfloat16\n\
                    temperature: 5e-1\ntop_p: 0.5\ntop_k: 3\nmax_new_tokens: 7\nrepetition_penalty: 1.5\n";
        let read = Inference::parse(text, &[], CHAT_KEYS).unwrap();
        let wording = Wording {
            template: Some("qwen3".into()),
            tool_format: Some("glm4".into()),
            system: Some(String::new()),
            thinking: Some(Thinking::Mixed),
            fast: Some(false),
        };
        assert_eq!(read.wording, wording);
        let (code, double) = (FourBit::Fp4, false);
        assert_eq!(read.quantize, Some(Quantize::FourBit { code, double }));
        assert_eq!(read.notices.len(), 1);
        assert!(read.notices[0].message.contains("infer_dtype"), "{:?}", read.notices);
        let drawing = SamplingDefaults {
            temperature: Some(0.5),
            top_p: Some(0.5),
            top_k: Some(3),
            max_tokens: Some(7),
            repetition_penalty: Some(1.5),
        };
        assert_eq!(read.drawing, drawing);
        // a worker that is told so reads the same
        let told = Inference::parse("", &read.worker_args(), CHAT_KEYS).unwrap();
        assert_eq!((told.wording, told.quantize), (read.wording, read.quantize));
        let run = RunConfig {
            template: Some("qwen3".into()),
            rope_scaling: Some("linear".into()),
            stage: Some("dpo".into()),
            ..RunConfig::default()
        };
        assert_eq!(as_in_training(&run), ["template=\"qwen3\""]);
        // under an older name, and given twice
        let older = Inference::parse("checkpoint_dir: a\n", &[], CHAT_KEYS).unwrap();
        assert_eq!(older.list("adapter_name_or_path"), ["a"]);
        for nothing in [
            "adapter_name_or_path: a\ncheckpoint_dir: null\n",
            "checkpoint_dir: null\nadapter_name_or_path: a\n",
        ] {
            let one = Inference::parse(nothing, &[], CHAT_KEYS).unwrap();
            assert_eq!(one.list("adapter_name_or_path"), ["a"], "{nothing}");
        }
        let twice = ["top_p=0.5".to_owned(), "top_p=0.6".to_owned()];
        let twice = Inference::parse("", &twice, CHAT_KEYS).unwrap();
        assert_eq!(twice.drawing.top_p, Some(0.6));
        assert!(twice.notices[0].message.contains("top_p is given more than once"));
        let greedy = Inference::parse(text, &["do_sample=false".into()], CHAT_KEYS).unwrap();
        assert_eq!(greedy.drawing.temperature, Some(0.0));
        let unsaid = Inference::parse("model_name_or_path: m", &[], CHAT_KEYS).unwrap();
        assert_eq!(
            (unsaid.wording, unsaid.drawing),
            (Wording::default(), SamplingDefaults::default())
        );
    }

    #[test]
    fn llama_factorys_example_files_are_read_or_refused_by_name() {
        let text = include_str!("../../tests/golden/examples.json");
        let files: Vec<Value> = serde_json::from_str(text).unwrap();
        let mut read = 0;
        for entry in files {
            let name = entry["file"].as_str().unwrap();
            let keys = match name.split('/').next() {
                Some("inference") => CHAT_KEYS,
                Some("merge_lora") => EXPORT_KEYS,
                _ => continue,
            };
            let text = yaml_serde::to_string(&entry["keys"]).unwrap();
            // of models that read pictures the folder is refused when it is opened
            let lacks = [("gptq", "export_")];
            let lacks = lacks.into_iter().find(|(part, _)| name.contains(part));
            match (Inference::parse(&text, &[], keys), lacks) {
                (read, None) => assert!(read.is_ok(), "{name}: {read:?}"),
                (Ok(_), Some(_)) => panic!("{name} is read"),
                (Err(error), Some((_, says))) => assert!(error.message.contains(says), "{name}: {}", error.message),
            }
            read += 1;
        }
        assert!(read > 15, "{read}");
    }
}
