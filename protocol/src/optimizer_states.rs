//! Bytes of the state that an optimizer keeps besides values and gradients: part of the memory estimate.

use crate::config::{Basis, Optimizer, Projection, States};

const F32: f64 = 4.0;

/// Tensors of one name and shape that are trained; a vector has one column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TrainedTensors {
    pub name: &'static str,
    pub rows: u64,
    pub columns: u64,
    pub count: u64,
    /// Decoder blocks that they are spread over; 0: they are outside the blocks.
    pub blocks: u64,
}

impl TrainedTensors {
    fn numbers(&self) -> f64 {
        (self.rows * self.columns) as f64
    }

    /// Bytes of one tensor's optimizer state, at `each` bytes a number.
    fn states(&self, optimizer: &Optimizer, each: f64) -> f64 {
        let n = self.numbers();
        let plain = 2.0 * n * each;
        match optimizer {
            Optimizer::AdamW { states, .. } => 2.0 * self.moment(*states, each),
            Optimizer::Lion { states, .. } => self.moment(*states, each),
            Optimizer::Adafactor if self.columns > 1 => (self.rows + self.columns) as f64 * F32,
            Optimizer::Adafactor => n * F32,
            Optimizer::Sgd => 0.0,
            Optimizer::Galore { projection, .. } | Optimizer::Apollo { projection, .. } => match self.is_in(projection)
            {
                false => plain,
                true => {
                    let (long, short) = (self.rows.max(self.columns), self.rows.min(self.columns));
                    let rank = short.min(projection.rank as u64);
                    // two moments over the longer side, a basis of the shorter side
                    (rank * (2 * long + short)) as f64 * each
                }
            },
            // one block at a time, in f32; for bf16 values also a copy of them in f32
            Optimizer::Badam { .. } if self.blocks > 0 => {
                let kept = if each < F32 { 3.0 } else { 2.0 };
                kept * n * F32 / self.blocks as f64
            }
            Optimizer::Badam { .. } => 0.0,
        }
    }

    fn moment(&self, states: States, each: f64) -> f64 {
        let n = self.numbers();
        match states {
            States::Blockwise8 if n >= 4096.0 => n + n / 256.0 * F32,
            _ => n * each,
        }
    }

    fn is_in(&self, projection: &Projection) -> bool {
        let named = |target: &String| self.name.contains(target.as_str());
        self.columns > 1 && self.blocks > 0 && (projection.target.is_empty() || projection.target.iter().any(named))
    }
}

/// Bytes of the values of all tensors, at `each` bytes a number; vectors also count in f32 where passes read them so.
pub(crate) fn values(trained: &[TrainedTensors], each: f64) -> f64 {
    let of = |t: &TrainedTensors| {
        let read = if t.columns == 1 && each < F32 { F32 } else { 0.0 };
        t.count as f64 * t.numbers() * (each + read)
    };
    trained.iter().map(of).sum()
}

/// Bytes of the optimizer state of all tensors, and of the workspace of one update.
pub(crate) fn bytes(optimizer: &Optimizer, trained: &[TrainedTensors], each: f64) -> f64 {
    let kept: f64 = trained.iter().map(|t| t.count as f64 * t.states(optimizer, each)).sum();
    let aside = match optimizer {
        // the projected gradient, and Adam's update of it
        Optimizer::Apollo {
            projection,
            basis: Basis::Random,
            ..
        } => {
            let projected = trained.iter().filter(|t| t.is_in(projection)).map(|t| {
                let (long, short) = (t.rows.max(t.columns), t.rows.min(t.columns));
                (long * short.min(projection.rank as u64)) as f64
            });
            2.0 * each * projected.fold(0.0, f64::max)
        }
        // the largest matrix in f64 while its subspace is computed, and its update
        Optimizer::Galore { projection, .. } | Optimizer::Apollo { projection, .. } => {
            let largest = trained
                .iter()
                .filter(|t| t.is_in(projection))
                .map(TrainedTensors::numbers);
            5.0 * F32 * largest.fold(0.0, f64::max)
        }
        _ => 0.0,
    };
    kept + aside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunConfig;
    use crate::config::check;

    fn of(yaml: &str) -> f64 {
        with(yaml, F32)
    }

    fn with(yaml: &str, each: f64) -> f64 {
        let text = format!("model_name_or_path: m\ndataset: d\noutput_dir: o\nfinetuning_type: full\n{yaml}");
        let optimizer = check(&RunConfig::parse(&text).config).spec.unwrap().optim.optimizer;
        let square = |name, blocks, count| TrainedTensors {
            name,
            rows: 64,
            columns: 128,
            count,
            blocks,
        };
        bytes(
            &optimizer,
            &[square("q_proj", 4, 4), square("embed_tokens", 0, 1)],
            each,
        )
    }

    #[test]
    fn worked_by_hand() {
        let one = 64.0 * 128.0;
        assert_eq!(of("optim: adamw_torch"), 5.0 * 2.0 * one * 4.0);
        assert_eq!(of("optim: adamw_8bit"), 5.0 * 2.0 * (one + one / 64.0));
        assert_eq!(of("optim: lion_32bit"), 5.0 * one * 4.0);
        assert_eq!(of("optim: adafactor"), 5.0 * 192.0 * 4.0);
        assert_eq!(of("optim: sgd"), 0.0);
        assert_eq!(of("use_badam: true"), 2.0 * one * 4.0);
        // half of it in bf16, but for what stays in f32
        assert_eq!(with("optim: adamw_torch", 2.0), 5.0 * 2.0 * one * 2.0);
        assert_eq!(with("optim: adafactor", 2.0), 5.0 * 192.0 * 4.0);
        assert_eq!(with("use_badam: true", 2.0), 3.0 * one * 4.0);
        // rank 8: moments of 128, a basis of 64, and one matrix aside
        let low = 4.0 * 8.0 * (256.0 + 64.0) * 4.0;
        assert_eq!(
            of("use_galore: true\ngalore_rank: 8"),
            low + 2.0 * one * 4.0 + 5.0 * 4.0 * one
        );
        // of a random basis what is projected, twice
        assert_eq!(
            of("use_apollo: true\napollo_rank: 8"),
            low + 2.0 * one * 4.0 + 2.0 * 4.0 * 8.0 * 128.0
        );
        // passes read vectors in f32
        let vector = TrainedTensors {
            name: "norm",
            rows: 64,
            columns: 1,
            count: 3,
            blocks: 3,
        };
        assert_eq!((values(&[vector], 4.0), values(&[vector], 2.0)), (768.0, 1152.0));
    }
}
