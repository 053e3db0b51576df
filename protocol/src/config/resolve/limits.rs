//! What a value may be at most: the same for whoever reads the config, so that no worker refuses what was accepted.

use super::Rules;
use crate::config::{FieldError, Key, Kind};
use crate::{RunConfig, samples, says};

/// Keys with a bound of their own: past it the value is a slip of the hand.
const MOST: &[(&str, f64)] = &[
    ("lora_rank", 65_536.0),
    ("lora_alpha", 1e9),
    ("galore_rank", 65_536.0),
    ("apollo_rank", 65_536.0),
    ("per_device_train_batch_size", 65_536.0),
    ("per_device_eval_batch_size", 65_536.0),
    ("gradient_accumulation_steps", 1e6),
    ("ppo_buffer_size", 1e6),
    ("buffer_size", 1e8),
    ("ppo_epochs", 1e6),
    ("num_train_epochs", 1e6),
    ("cutoff_len", 16_777_216.0),
    ("max_new_tokens", 16_777_216.0),
    ("sample_prompts", samples::MOST_PROMPTS as f64),
    ("sample_max_new_tokens", samples::MOST_NEW_TOKENS as f64),
    ("sample_temperature", 100.0),
    ("val_size", 1e12),
    ("seed", SEED),
    ("data_seed", SEED),
    // MiB
    ("activation_memory", 1e9),
];
/// The largest whole number that is read.
const SEED: f64 = 9e15;
/// Of counts: steps, rows, layers.
const COUNT: f64 = 1e12;
/// Of other numbers: the engine computes in f32.
const NUMBER: f64 = f32::MAX as f64;
/// Numbers that count something.
const COUNTED: &[&str] = &[
    "max_steps",
    "warmup_steps",
    "save_steps",
    "eval_steps",
    "logging_steps",
    "eval_delay",
];

/// The bound of a key's own.
pub fn most(key: &Key) -> Option<f64> {
    MOST.iter().find(|(name, _)| *name == key.name).map(|(_, most)| *most)
}

impl Rules<'_> {
    /// Refuses numbers that are too large, and whatever the reader of a file would not read.
    pub(super) fn limits(&mut self) {
        for (key, value) in self.c.entries() {
            if let Err(takes) = RunConfig::default().set(key.name, &value) {
                self.error(key.name, "type", says::takes(takes, &value));
                continue;
            }
            let most = match key.kind {
                Kind::Text | Kind::Flag | Kind::FlagOrNull | Kind::Map => continue,
                Kind::Count => most(key).unwrap_or(COUNT),
                Kind::Number if COUNTED.contains(&key.name) => COUNT,
                Kind::Number => most(key).unwrap_or(NUMBER),
            };
            if value.as_f64().is_some_and(|x| x.abs() > most) {
                let most = readable(most);
                let error = FieldError::new(key.name, "max", says::above_most(&most));
                self.errors.push(error.with_args([most]));
            }
        }
    }
}

/// A bound as a person reads it: no row of forty digits.
fn readable(most: f64) -> String {
    match most < 1e16 {
        true => most.to_string(),
        false => format!("{most:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::RunConfig;

    #[test]
    fn bounds_are_written_as_they_are_read() {
        for (line, most) in [
            ("learning_rate: 1e39", "3.4e38"),
            ("max_steps: 1e13", "1000000000000"),
            ("lora_alpha: 1e10", "1000000000"),
            ("cutoff_len: 16777217", "16777216"),
        ] {
            let config = RunConfig::parse(line).config;
            let errors = crate::config::check(&config).spec.unwrap_err();
            let told = errors.iter().find(|error| error.code == "max");
            let told = told.unwrap_or_else(|| panic!("{line}: {errors:?}"));
            assert_eq!(told.args, [most], "{line}");
            assert!(told.message.contains(most), "{}", told.message);
        }
    }
}
