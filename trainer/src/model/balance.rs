//! The router's auxiliary loss, which is least when all experts have alike to do.
//!
//! *Switch Transformers*, arXiv 2101.03961, equations 4 to 6, for several experts a token and all layers at once, as
//! transformers computes it: `L = E sum_e F_e P_e`. `F_e` is the share of (layer, token)s that go to expert `e`, `P_e` its
//! mean probability; `F` is counted and has no gradient. A token that occurs in several rows counts as often.
use super::routing::Routing;
use crate::error::Result;
use crate::ops::route::{CountChoices, Rule};
use crate::ops::{Buf, Engine};

/// Counts over the layers of one pass, on the device until the last.
#[derive(Debug)]
pub struct Balance {
    rule: Rule,
    /// by expert how often it is chosen and its summed probability, and the tokens; f64
    counts: Buf,
}

/// The same on the host.
struct Counts {
    chosen: Vec<f64>,
    probability: Vec<f64>,
    tokens: f64,
}

impl Balance {
    pub fn new(engine: &Engine, rule: Rule) -> Result<Self> {
        Ok(Self {
            rule,
            counts: Buf::from_vec(vec![0f64; 2 * rule.experts + 1], engine.device())?,
        })
    }

    /// Takes in a layer; `occurrences` says how often each of its tokens counts.
    pub fn add(&mut self, engine: &Engine, routing: &Routing, occurrences: &Buf, tokens: usize) -> Result<()> {
        engine.run(CountChoices {
            probabilities: routing.scores.view(),
            chosen: routing.chosen.view(),
            occurrences: occurrences.view(),
            counts: self.counts.view_mut(),
            tokens,
            rule: self.rule,
        })
    }

    fn counts(&self) -> Result<Counts> {
        let experts = self.rule.experts;
        let mut chosen: Vec<f64> = self.counts.values(2 * experts + 1)?;
        let mut probability = chosen.split_off(experts);
        let tokens = probability.pop().unwrap_or_default();
        Ok(Counts {
            chosen,
            probability,
            tokens,
        })
    }

    /// The loss; 0 without a layer that routes.
    pub fn loss(&self) -> Result<f64> {
        let Counts {
            chosen,
            probability,
            tokens,
        } = self.counts()?;
        let sum: f64 = chosen.iter().zip(&probability).map(|(f, p)| f * p).sum();
        Ok(sum * chosen.len() as f64 / (tokens * tokens).max(f64::MIN_POSITIVE))
    }

    /// `weight` times the derivative by each expert's probability at a token that occurs once.
    pub fn d_probability(&self, engine: &Engine, weight: f64) -> Result<Buf> {
        let Counts { chosen, tokens, .. } = self.counts()?;
        let scale = weight * chosen.len() as f64 / (tokens * tokens).max(f64::MIN_POSITIVE);
        Buf::from_vec(chosen.iter().map(|f| f * scale).collect(), engine.device())
    }
}

/// What the backward pass needs of the loss.
pub struct BalanceGrads<'a> {
    /// `[experts]` in f64
    pub by_expert: Buf,
    /// how often each token occurs
    pub occurrences: &'a Buf,
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::decoder::RouterSpec;

    fn rule() -> Rule {
        Rule {
            experts: 2,
            top_k: 1,
            router: RouterSpec::softmax(false),
        }
    }

    /// Counts of tokens with these logits, which occur so often.
    fn counted(logits: &[f32], occurrences: &[f32]) -> Balance {
        let engine = Engine::cpu();
        let buf = |values: &[f32]| Buf::from_vec(values.to_vec(), engine.device()).unwrap();
        let mut routing = Routing::new(engine.device()).unwrap();
        routing
            .decide(&engine, buf(logits).view(), None, occurrences.len(), rule())
            .unwrap();
        let mut balance = Balance::new(&engine, rule()).unwrap();
        balance
            .add(&engine, &routing, &buf(occurrences), occurrences.len())
            .unwrap();
        balance
    }

    /// Two experts, one a token; the first token's probabilities are 3/4 and 1/4, the second's 1/5 and 4/5.
    fn logits() -> [f32; 4] {
        [3.0f32, 1.0, 1.0, 4.0].map(f32::ln)
    }

    #[test]
    fn worked_by_hand() {
        // F = (1/2, 1/2), P = (0.475, 0.525)
        let balance = counted(&logits(), &[1.0, 1.0]);
        assert!((balance.loss().unwrap() - 1.0).abs() < 1e-7);
        // the first token twice: F = (2/3, 1/3), P = ((1.5 + 0.2) / 3, (0.5 + 0.8) / 3)
        let balance = counted(&logits(), &[2.0, 1.0]);
        let want = 2.0 * (2.0 / 3.0 * 1.7 / 3.0 + 1.0 / 3.0 * 1.3 / 3.0);
        assert!((balance.loss().unwrap() - want).abs() < 1e-7);
        // dL/dp_0 = 2 * 2/3 / 3
        let slopes: Vec<f64> = balance.d_probability(&Engine::cpu(), 1.0).unwrap().values(2).unwrap();
        assert!((slopes[0] - 4.0 / 9.0).abs() < 1e-12);
        assert_eq!(Balance::new(&Engine::cpu(), rule()).unwrap().loss().unwrap(), 0.0);
    }

    #[test]
    fn a_token_twice_is_two_tokens() {
        let logits3 = [3.0f32, 1.0, 3.0, 1.0, 1.0, 4.0].map(f32::ln);
        let (thrice, shared) = (counted(&logits3, &[1.0; 3]), counted(&logits(), &[2.0, 1.0]));
        let counts = |balance: &Balance| balance.counts.values::<f64>(5).unwrap();
        assert_eq!(counts(&thrice), counts(&shared));
    }
}
