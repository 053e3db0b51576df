//! Reading a run config: a text in LLaMA-Factory's keys, with the words of a command line behind it.

use super::field::NULL;
use super::foreign::{Foreign, foreign, is_v1};
use super::given::{Before, Given, given, given_twice, meaning};
use super::keys::{KEYS, ValueType};
use super::not_built;
use super::renamed::translate;
use super::source::Source;
use super::strict;
use super::words::Command;
use super::{FieldError, RunConfig};
use crate::{Said, Stage, says};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// A file larger than this is not a run config.
const MAX_BYTES: usize = 1 << 20;

/// A config read, with what was met on the way. Errors and notices are complete, not only the first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Parsed {
    pub config: RunConfig,
    pub errors: Vec<FieldError>,
    /// Keys accepted without effect, one sentence each.
    pub notices: Vec<Said>,
    /// The keys that the text sets, null among them, under the names they have here: what to lay over another config.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Keys, under the names they have here, whose values could not be read.
    #[serde(skip)]
    unread: Vec<String>,
}

impl RunConfig {
    /// Reads what people have: YAML (JSON is YAML), a fenced block of it, a command line that trains, LlamaBoard's
    /// saved settings. A syntax error is the only one in `errors` and names line and column.
    pub fn parse(text: &str) -> Parsed {
        let mut parsed = Parsed::default();
        parsed.take(text, Block::Refused);
        parsed.close();
        parsed
    }

    /// [`RunConfig::parse`], then what the words of a command line say (`key=value`, `--key value`), which wins over
    /// the file.
    pub fn parse_with_overrides(text: &str, overrides: &[String]) -> Parsed {
        let (parsed, _) = Parsed::with_overrides(text, overrides, Block::Refused);
        parsed
    }

    /// The config as YAML, keys in the order of [`super::keys::KEYS`].
    pub fn to_yaml(&self) -> String {
        yaml_serde::to_string(&Lines(self)).unwrap_or_default()
    }
}

/// What becomes of a block `sweep:`, which is no key of a run.
#[derive(Clone, Copy, PartialEq)]
enum Block {
    Refused,
    TakenOut,
}

/// What it is called.
const SWEEP: &str = "sweep";

impl Parsed {
    /// A file of a sweep, with the words of a command line over its run config; and its block, as it is written.
    pub fn with_sweep(text: &str, overrides: &[String]) -> (Self, Option<Value>) {
        Self::with_overrides(text, overrides, Block::TakenOut)
    }

    fn with_overrides(text: &str, overrides: &[String], block: Block) -> (Self, Option<Value>) {
        let mut parsed = Self::default();
        let taken = parsed.take(text, block);
        // a first word is no file here: it was read
        let command = Command::read(&[&["--".to_owned()], overrides].concat());
        // what the file says wrong of a key is mended by the command line, under whichever name
        for (key, value) in &command.entries {
            let meant = meaning(key, value);
            parsed.errors.retain(|e| meaning(&e.field, value) != meant);
            parsed.unread.retain(|known| *known != meant);
        }
        parsed.put_all(command.entries);
        parsed.errors.extend(command.errors);
        parsed.close();
        (parsed, taken)
    }
}

/// The keys that are set, with whole numbers written as such.
struct Lines<'a>(&'a RunConfig);

impl Serialize for Lines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(KEYS.iter().filter_map(|key| {
            let value = self.0.get(key.name)?;
            let null = key.kind == ValueType::FlagOrNull && value == NULL;
            Some((key.name, if null { Value::Null } else { value }))
        }))
    }
}

impl Parsed {
    /// All that is wrong: what could not be read, and what `check` found in the rest. A key that could not be read is not
    /// also missing, and where the text is no list of keys at all, none is.
    pub fn with_errors_of(mut self, found: Vec<FieldError>) -> Vec<FieldError> {
        let unreadable = self.errors.iter().any(|e| e.field.is_empty());
        let told: Vec<String> = self.errors.iter().map(|e| e.field.clone()).collect();
        let fresh = |e: &FieldError| !unreadable && !told.contains(&e.field) && !self.unread.contains(&e.field);
        self.errors.extend(found.into_iter().filter(fresh).collect::<Vec<_>>());
        self.errors
    }

    /// Takes in a text; gives the block of a sweep where it is to be taken out.
    fn take(&mut self, text: &str, block: Block) -> Option<Value> {
        if text.len() > MAX_BYTES {
            self.errors
                .push(FieldError::new("", "too_large", says::file_too_large()));
            return None;
        }
        let mut source = Source::read(text);
        let place = source.entries.iter().position(|(key, _)| key == SWEEP);
        let taken = place.map(|place| source.entries.remove(place).1);
        self.errors.extend(source.errors);
        self.notices.extend(source.notices);
        if is_v1(source.entries.iter().map(|(key, _)| key.as_str())) {
            self.errors.push(FieldError::new("", "v1_format", says::v1_format()));
            return None;
        }
        if taken.is_some() && block == Block::Refused {
            self.errors
                .push(FieldError::new(SWEEP, "sweep", says::sweep_in_a_config()));
        }
        self.put_all(source.entries);
        taken
    }

    /// Sets keys in their order. One that stands twice under two names is an error; of one that a command line gives
    /// twice, the last is taken.
    fn put_all(&mut self, entries: Vec<(String, Value)>) {
        for Given {
            written, value, before, ..
        } in given(entries)
        {
            match before {
                Before::UnderOtherName(other) => {
                    let error = FieldError::new(&written, "twice", says::same_as(&other));
                    self.errors.push(error.with_args([other]));
                    continue;
                }
                // of a command line: in a file it is an error
                Before::UnderThisName => {
                    self.notices.push(given_twice(&written, &value));
                    self.errors.retain(|e| e.field != written);
                }
                Before::Nowhere => {}
            }
            self.put(&written, &value);
        }
    }

    /// What the keys together say.
    fn close(&mut self) {
        let trackers = not_built(&self.config);
        self.notices.extend(trackers.map(|name| {
            let key = format!("report_to: {name}");
            says::no_effect_here(key, says::metrics_in_board_and_events())
        }));
        let c = &mut self.config;
        let names_loss = c.pref_loss.as_deref().is_some_and(|loss| !loss.is_empty());
        if names_loss && c.stage.is_none() {
            c.stage = Some(Stage::Preference.to_string());
            self.keys.push("stage".into());
            self.notices.push(says::stage_is_dpo());
        }
    }

    fn put(&mut self, key: &str, value: &Value) {
        if let Some((new, value)) = translate(key, value) {
            return self.set(new, key, &value);
        }
        if KEYS.iter().any(|k| k.name == key) {
            return self.set(key, key, value);
        }
        match foreign(key) {
            Foreign::PythonOnly(known) if known.asks(value) => {
                self.notices.push(says::no_effect_here(key, (known.why)()));
            }
            Foreign::NotBuilt(known) if known.asks(value) => {
                self.errors.push(FieldError::new(key, "not_built", (known.why)()));
            }
            Foreign::PythonOnly(_) | Foreign::NotBuilt(_) => {}
            // it asks for nothing, whatever it is
            Foreign::Unknown(_) if value.is_null() => {}
            Foreign::Unknown(near) => {
                let error = FieldError::new(key, "unknown", says::no_such_key(near.unwrap_or_default()));
                self.errors.push(error.with_args(near.map(str::to_owned)));
            }
        }
    }

    /// Sets `key`, which the text calls `written`.
    fn set(&mut self, key: &str, written: &str, value: &Value) {
        let third = KEYS.iter().any(|k| k.name == key && k.kind == ValueType::FlagOrNull);
        let null = Value::String(NULL.into());
        let said = if third && value.is_null() { &null } else { value };
        if let Err(takes) = self.config.set(key, said) {
            let error = FieldError::new(written, "type", says::takes(takes, value));
            self.errors.push(error);
            self.unread.push(key.to_owned());
        }
        if !self.keys.iter().any(|known| known == key) {
            self.keys.push(key.to_owned());
        }
    }
}

/// The keys and values of a file, as they are written.
///
/// # Errors
/// The first thing that keeps it from being a list of keys.
pub fn keys_of_file(text: &str) -> Result<Vec<(String, Value)>, FieldError> {
    let found = strict::entries(text)?;
    match found.twice.into_iter().next() {
        Some(twice) => Err(twice),
        None => Ok(found.keys),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Thinking;

    #[test]
    fn numbers_written_as_text_are_numbers() {
        let parsed = RunConfig::parse("learning_rate: 5e-6\nlora_rank: '32'\npref_beta: 2\n");
        assert_eq!(parsed.errors, []);
        assert_eq!(parsed.config.learning_rate, Some(5e-6));
        assert_eq!(parsed.config.lora_rank, Some(32));
        assert_eq!(parsed.config.pref_beta, Some(2.0));
    }

    #[test]
    fn marks_of_documents_are_read_over() {
        for text in [
            "---\nseed: 3\n",
            "# mine\n---\nseed: 3\n...\n",
            "%YAML 1.1\n---\nseed: 3\n",
            "```yaml\n---\nseed: 3\n```\n",
        ] {
            let parsed = RunConfig::parse(text);
            assert_eq!((parsed.errors, parsed.config.seed), (vec![], Some(3)), "{text}");
        }
        let two = RunConfig::parse("---\nseed: 3\n---\nseed: 4\n").errors;
        assert_eq!(two.iter().map(|e| e.code.as_str()).collect::<Vec<_>>(), ["documents"]);
    }

    #[test]
    fn a_map_that_is_taken_over_is_no_key() {
        let base = "base: &base {seed: 3, lora_rank: 4}\n";
        for (text, errors) in [
            (format!("{base}<<: *base\nlora_rank: 8\n"), &[][..]),
            (
                format!("{base}more: &more {{<<: *base, lora_rank: 8}}\n<<: *more\n"),
                &[],
            ),
            // nobody takes it over
            (format!("{base}seed: 3\nlora_rank: 8\n"), &["base"]),
            // a key stays what it is
            (
                "optim: &base {seed: 3, lora_rank: 8}\n<<: *base\n".to_owned(),
                &["optim"],
            ),
        ] {
            let parsed = RunConfig::parse(&text);
            let wrong: Vec<_> = parsed.errors.iter().map(|e| e.field.as_str()).collect();
            assert_eq!(wrong, errors, "{text}");
            assert_eq!(
                (parsed.config.seed, parsed.config.lora_rank),
                (Some(3), Some(8)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_may_mean_another_number_is_refused_by_name() {
        for (text, over) in [
            ("lora_rank: 4\n", vec!["lora_rank="]),
            ("lora_rank: 4\n", vec!["--lora_rank="]),
            ("lora_rank: 010\n", vec![]),
            ("lora_rank: 4\n", vec!["lora_rank=010"]),
        ] {
            let over: Vec<String> = over.into_iter().map(str::to_owned).collect();
            let errors = RunConfig::parse_with_overrides(text, &over).errors;
            let said: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
            assert_eq!(said, ["lora_rank"], "{text} {over:?}");
        }
        let null = RunConfig::parse_with_overrides("lora_rank: 4\n", &["lora_rank=null".to_owned()]);
        assert_eq!((null.errors, null.config.lora_rank), (vec![], None));
    }

    #[test]
    fn all_errors_at_once_each_with_its_key() {
        let parsed = RunConfig::parse("lora_rnk: 8\ndeepspeed: z3\nuse_unsloth: true\nseed: -1\nuse_dora: false\n");
        let said: Vec<_> = parsed
            .errors
            .iter()
            .map(|e| (e.field.as_str(), e.code.as_str()))
            .collect();
        assert_eq!(
            said,
            [("deepspeed", "not_built"), ("lora_rnk", "unknown"), ("seed", "type")]
        );
        assert!(parsed.errors[1].message.contains("lora_rank"));
        assert!(parsed.errors[0].message.contains("devices"));
        for (theirs, ours) in [("num_epochs", "num_train_epochs"), ("base_model", "model_name_or_path")] {
            let errors = RunConfig::parse(&format!("{theirs}: 1\n")).errors;
            assert_eq!(errors[0].args, [ours]);
        }
        // as its examples of the v1 format begin: one sentence, not one for each key
        let v1 = "model: m\nmodel_class: llm\ntemplate: qwen3\nkernel_config: {name: auto}\ntrain_dataset: d.yaml\nmicro_batch_size: 1\n";
        let codes: Vec<_> = RunConfig::parse(v1).errors.into_iter().map(|e| e.code).collect();
        assert_eq!(codes, ["v1_format"]);
        // which other programs have too
        let shared = RunConfig::parse("model: m\ntrain_dataset: d\nmicro_batch_size: 1\n").errors;
        let ours: Vec<_> = shared.iter().flat_map(|e| &e.args).collect();
        assert_eq!(ours, ["per_device_train_batch_size", "model_name_or_path", "dataset"]);
        assert_eq!(parsed.notices.len(), 1);
    }

    #[test]
    fn an_override_wins_and_mends() {
        let parsed = RunConfig::parse_with_overrides("seed: x\n", &["seed=3".into(), "learning_rate=1e-3".into()]);
        assert_eq!(parsed.errors, []);
        assert_eq!(parsed.config.seed, Some(3));
        assert_eq!(parsed.config.learning_rate, Some(1e-3));
    }

    #[test]
    fn what_is_wrong_is_said_without_companions() {
        for (text, fields) in [
            (
                "stage: sft\nmodel_name_or_path: m\nseed: 1\nseed: 2\ndataset: d\noutput_dir: o\n",
                &["seed"][..],
            ),
            ("stage: [1\n", &[""]),
            ("- a\n", &[""]),
            (
                "stage: ppo\nmodel_name_or_path: m\ndataset: d\noutput_dir: o\nreward_model_checkpoint: {a: 1}\n",
                &["reward_model_checkpoint"],
            ),
        ] {
            let parsed = RunConfig::parse(text);
            let found = crate::config::check(&parsed.config).spec.err().unwrap_or_default();
            let all = parsed.with_errors_of(found);
            let said: Vec<_> = all.iter().map(|e| e.field.as_str()).collect();
            assert_eq!(said, fields, "{text}: {all:?}");
        }
    }

    #[test]
    fn yaml_reads_back_the_same() {
        let mut config = RunConfig {
            learning_rate: Some(5e-6),
            ..RunConfig::default()
        };
        config.dataset = Some("a,b".into());
        config.resume_from_checkpoint = Some("true".into());
        assert_eq!(RunConfig::parse(&config.to_yaml()).config, config);
        for (line, thinking) in [
            ("enable_thinking: null", Thinking::Mixed),
            ("enable_thinking: true", Thinking::On),
            ("enable_thinking: false", Thinking::Off),
        ] {
            config.enable_thinking = Some(thinking);
            assert!(config.to_yaml().lines().any(|l| l == line), "{}", config.to_yaml());
            assert_eq!(RunConfig::parse(&config.to_yaml()).config, config);
            let json = serde_json::to_string(&config).unwrap();
            assert_eq!(serde_json::from_str::<RunConfig>(&json).unwrap(), config, "{json}");
            assert_eq!(RunConfig::parse(line).config.enable_thinking, Some(thinking));
            // as the form keeps it
            let mut form = RunConfig::default();
            form.set("enable_thinking", &config.get("enable_thinking").unwrap())
                .unwrap();
            assert_eq!(form.enable_thinking, Some(thinking));
        }
        let over = RunConfig::parse_with_overrides("enable_thinking: true", &["enable_thinking=null".into()]);
        assert_eq!(over.config.enable_thinking, Some(Thinking::Mixed));
        assert_eq!(RunConfig::parse("seed: 1").config.enable_thinking, None);
    }
}
