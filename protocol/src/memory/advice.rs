//! What to change in a run that does not fit on a card: the change that costs least among those after which the run fits.

use super::{Lengths, Room, estimate};
use crate::api::ModelDims;
use crate::config::{FourBit, Quantize, RunSpec, Tuning};
use crate::{Said, says};

/// An allocation that failed on a card; in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    pub wanted: u64,
    pub free: u64,
    /// Memory of the whole card.
    pub total: u64,
}

/// The shortest cut-off that is proposed, in tokens.
const MIN_CUTOFF: usize = 256;

/// A changed run, and the lines of its config that changed.
struct Change {
    spec: RunSpec,
    keys: Vec<String>,
}

/// What to do about a shortage, in a sentence, for a run on `rows` rows.
pub fn advice(dims: &ModelDims, spec: &RunSpec, rows: u64, shortage: Shortage) -> Said {
    let card = Room::Card { free: shortage.total };
    let need = |spec: &RunSpec| estimate(dims, spec, &Lengths::at_cutoff(spec, rows), card).total();
    let now = need(spec);
    if now < shortage.total / 10 * 7 {
        return says::card_is_shared(gigabytes(now), gigabytes(shortage.total));
    }
    // save at least what was missing, and stay below what the driver leaves of the card
    let short = shortage.wanted.saturating_sub(shortage.free);
    let most = now.saturating_sub(short).min(shortage.total / 20 * 19);
    let all = changes(dims, spec);
    match all.iter().find(|change| need(&change.spec) <= most) {
        Some(change) => says::card_would_do(change.keys.join(", "), gigabytes(need(&change.spec))),
        None => {
            let least = all.iter().map(|change| need(&change.spec)).min().unwrap_or(now);
            says::card_is_too_small(gigabytes(least.min(now)))
        }
    }
}

/// Candidates, the least costly first: smaller micro-batches with the same steps; weights in 4 bits; both; and then shorter rows.
fn changes(dims: &ModelDims, spec: &RunSpec) -> Vec<Change> {
    let start = Change {
        spec: spec.clone(),
        keys: vec![],
    };
    let batches: Vec<Change> = halves(spec.batch.train, 1).map(|size| start.with_batch(size)).collect();
    let single = || start.with_batch(1);
    let adapter = matches!(spec.tuning, Tuning::Lora(_) | Tuning::Oft(_));
    let packs = adapter && spec.model.quantize.is_none() && dims.packed_bytes.is_none();
    let least = || if packs { single().with_four_bits() } else { single() };
    let shorter: Vec<Change> = halves(spec.data.cutoff_len, MIN_CUTOFF)
        .map(|cutoff| least().with_cutoff(cutoff))
        .collect();
    let mut all = batches;
    if packs {
        all.extend([start.with_four_bits(), single().with_four_bits()]);
    }
    all.extend(shorter);
    all
}

/// Half of a number, half of that, and so on down to `least`.
fn halves(number: usize, least: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(number / 2), |half| Some(half / 2)).take_while(move |half| *half >= least)
}

impl Change {
    /// Micro-batches of `size`, and as many more of them that an optimizer step has as many rows as before.
    fn with_batch(&self, size: usize) -> Self {
        let mut spec = self.spec.clone();
        let mut keys = self.keys.clone();
        if size < spec.batch.train {
            spec.batch.accumulation = (spec.batch.accumulation * spec.batch.train).div_ceil(size);
            spec.batch.train = size;
            keys.push(format!("per_device_train_batch_size: {size}"));
            keys.push(format!("gradient_accumulation_steps: {}", spec.batch.accumulation));
        }
        if size < spec.batch.eval {
            spec.batch.eval = size;
            keys.push(format!("per_device_eval_batch_size: {size}"));
        }
        Self { spec, keys }
    }

    fn with_four_bits(&self) -> Self {
        let mut spec = self.spec.clone();
        spec.model.quantize = Some(Quantize::FourBit {
            code: FourBit::Nf4,
            double: true,
        });
        let mut keys = self.keys.clone();
        keys.push("quantization_bit: 4".into());
        Self { spec, keys }
    }

    fn with_cutoff(&self, cutoff: usize) -> Self {
        let mut spec = self.spec.clone();
        spec.data.cutoff_len = cutoff;
        let mut keys = self.keys.clone();
        keys.push(format!("cutoff_len: {cutoff}"));
        Self { spec, keys }
    }
}

/// Bytes for people: "7.9 GB", "640 MB", "2 KB"; rounded up so that a few bytes are not "0 KB".
pub fn gigabytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} KB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunConfig;
    use crate::api::StoredType;
    use crate::config::check;
    use crate::decoder::ModelSpec;
    use serde_json::json;

    /// Llama-3.2-1B.
    fn dims() -> ModelDims {
        let config = json!({
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 2048, "intermediate_size": 8192,
            "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64,
            "vocab_size": 128256, "rms_norm_eps": 1e-5, "max_position_embeddings": 131072, "rope_theta": 500000.0,
            "tie_word_embeddings": true, "hidden_act": "silu"
        });
        let model = ModelSpec::parse(config.as_object().expect("an object")).expect("a Llama");
        ModelDims {
            family: model.family,
            decoder: model.decoder,
            stored: StoredType::Bf16,
            packed_bytes: None,
        }
    }

    fn spec(more: &str) -> RunSpec {
        let text = format!(
            "model_name_or_path: m\nstage: dpo\ndataset: d\noutput_dir: o\ntemplate: llama3\nbf16: true\ncutoff_len: 2048\n{more}"
        );
        check(&RunConfig::parse(&text).config).spec.expect("a run")
    }

    const GIB: u64 = 1 << 30;

    /// What is said where the card has `total`, and lacked a half GiB.
    fn told(spec: &RunSpec, total: u64) -> Said {
        let shortage = Shortage {
            wanted: GIB,
            free: GIB / 2,
            total,
        };
        advice(&dims(), spec, 1000, shortage)
    }

    fn need(spec: &RunSpec, total: u64) -> u64 {
        estimate(
            &dims(),
            spec,
            &Lengths::at_cutoff(spec, 1000),
            Room::Card { free: total },
        )
        .total()
    }

    #[test]
    fn smaller_batches_for_the_same_steps_come_first() {
        let asked = spec(
            "finetuning_type: lora\nper_device_train_batch_size: 8\nper_device_eval_batch_size: 1\ngradient_accumulation_steps: 2\n",
        );
        let total = need(&asked, 64 * GIB).min(24 * GIB);
        let said = told(&asked, total);
        assert_eq!(said.code, "card_would_do", "{said}");
        assert!(
            said.contains("per_device_train_batch_size: ") && said.contains("gradient_accumulation_steps: "),
            "{said}"
        );
        assert!(!said.contains("quantization_bit"), "{said}");
        // what is proposed is enough
        let change = changes(&dims(), &asked);
        let steps = |spec: &RunSpec| spec.batch.train * spec.batch.accumulation;
        assert!(change.iter().all(|change| steps(&change.spec) == 16));
    }

    #[test]
    fn where_batches_are_small_already_weights_are_packed_then_rows_cut() {
        let one = "finetuning_type: lora\nper_device_train_batch_size: 1\nper_device_eval_batch_size: 1\n";
        let said = told(&spec(one), 4 * GIB);
        assert!(said.contains("quantization_bit: 4"), "{said}");
        let packed = spec(&format!("{one}quantization_bit: 4\n"));
        let said = told(&packed, need(&packed, 2 * GIB).min(2 * GIB));
        assert!(
            said.code == "card_is_too_small" || said.contains("cutoff_len: "),
            "{said}"
        );
    }

    #[test]
    fn a_card_that_is_far_too_small_is_said_to_be() {
        let full = spec("finetuning_type: full\nper_device_train_batch_size: 1\nper_device_eval_batch_size: 1\n");
        let said = told(&full, 2 * GIB);
        assert_eq!(said.code, "card_is_too_small", "{said}");
    }

    #[test]
    fn a_card_that_is_large_enough_is_used_by_something_else() {
        let said = told(&spec("finetuning_type: lora\n"), 200 * GIB);
        assert_eq!(said.code, "card_is_shared", "{said}");
        assert!(said.contains("nvidia-smi"), "{said}");
    }

    #[test]
    fn little_memory_is_told_as_little_and_not_as_none() {
        for (bytes, text) in [
            (4096, "5 KB"),
            (999_999, "1000 KB"),
            (52_000_000, "52 MB"),
            (7_900_000_000, "7.9 GB"),
        ] {
            assert_eq!(gigabytes(bytes), text);
        }
    }
}
