//! What a forward pass gives: on the device as it leaves it, and on the host once it is read.
use crate::error::{Error, Result};
use crate::ops::{Buf, View, head, read_together};

/// What a forward pass gives, per row of the plan.
#[derive(Clone, Debug, Default)]
pub struct Scored {
    /// log p(target), natural logarithm
    pub logps: Vec<f32>,
    /// the row's logits averaged over the vocabulary
    pub mean_logits: Vec<f32>,
    /// what the value head says of the hidden state that predicts the row; empty without one
    pub values: Vec<f32>,
    /// Log-probabilities of the likeliest tokens: the target's own where it is the one.
    pub likeliest: Vec<f32>,
    /// `ln sum_v p(v)^2`; empty unless it was asked for
    pub log_collision_probs: Vec<f32>,
    /// entropy of what may come in the row's place, over the whole vocabulary, in nats
    pub entropies: Vec<f32>,
    /// entropy of the [`head::LIKELIEST`] likeliest tokens among themselves, in nats; empty unless it was
    /// asked for
    pub top_entropies: Vec<f32>,
    /// the router's auxiliary loss, not yet weighed: of the policy's experts over a plan that holds whole rows
    pub aux_loss: Option<f64>,
}

impl Scored {
    /// Whether a row's target is the token that the model would choose.
    pub fn is_likeliest(&self, row: usize) -> bool {
        self.logps[row] >= self.likeliest[row]
    }
}

/// The same where it was computed.
#[derive(Debug)]
pub struct DeviceScores {
    pub(super) rows: usize,
    /// `[head::STATS, rows]`: log-probs, mean logits, log-sum-exps, log-probs of the likeliest, entropies
    pub(super) stats: Buf,
    /// `[rows]` each
    pub(super) values: Option<Buf>,
    pub(super) log_collision_probs: Option<Buf>,
    pub(super) top_entropies: Option<Buf>,
    /// one number in f64
    pub(super) aux_loss: Option<Buf>,
}

impl DeviceScores {
    pub fn read(self) -> Result<Scored> {
        let [scored] = Self::read_together([self])?;
        Ok(scored)
    }

    /// What several passes gave, by one copy and one wait.
    pub fn read_together<const PASSES: usize>(passes: [Self; PASSES]) -> Result<[Scored; PASSES]> {
        let views: Vec<View> = passes.iter().flat_map(Self::views).collect();
        let mut copied = read_together(&views)?.into_iter();
        let mut next = || {
            copied
                .next()
                .ok_or_else(|| Error::internal("a pass gave less than is read"))
        };
        let mut all = std::array::from_fn(|_| Scored::default());
        for (scored, pass) in all.iter_mut().zip(&passes) {
            let mut logps = next()?.values::<f32>()?;
            scored.entropies = logps.split_off(4 * pass.rows);
            scored.likeliest = logps.split_off(3 * pass.rows);
            logps.truncate(2 * pass.rows);
            scored.mean_logits = logps.split_off(pass.rows);
            scored.logps = logps;
            for (buf, to) in [
                (&pass.values, &mut scored.values),
                (&pass.log_collision_probs, &mut scored.log_collision_probs),
                (&pass.top_entropies, &mut scored.top_entropies),
            ] {
                if buf.is_some() {
                    *to = next()?.values()?;
                }
            }
            if pass.aux_loss.is_some() {
                scored.aux_loss = next()?.values()?.first().copied();
            }
        }
        Ok(all)
    }

    fn views(&self) -> impl Iterator<Item = View<'_>> {
        let of_rows = [&self.values, &self.log_collision_probs, &self.top_entropies];
        let of_rows = of_rows.into_iter().flatten().map(|buf| buf.part(0, self.rows));
        let aux_loss = self.aux_loss.as_ref().map(Buf::view);
        std::iter::once(self.stats.part(0, head::STATS * self.rows))
            .chain(of_rows)
            .chain(aux_loss)
    }
}
