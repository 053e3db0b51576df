//! The router's auxiliary loss, which is least when all experts have alike to do.
//!
//! *Switch Transformers*, arXiv 2101.03961, equations 4 to 6, for several experts a token and all layers at once, as
//! transformers computes it: `L = E sum_e F_e P_e`. `F_e` is the share of (layer, token)s that go to expert `e`, `P_e` its
//! mean probability; `F` is counted and has no gradient. A token that occurs in several rows counts as often.
use super::routing::Routing;
use crate::error::Result;
use crate::ops::route::{BalanceLoss, BalanceSlopes, CountChoices, Rule};
use crate::ops::{Buf, Engine, View};
use candle_core::DType;

/// Counts over the layers of one pass.
#[derive(Debug)]
pub struct Balance {
    rule: Rule,
    /// by expert how often it is chosen and its summed probability, and the tokens; f64
    counts: Buf,
}

impl Balance {
    pub fn new(engine: &Engine, rule: Rule) -> Result<Self> {
        Ok(Self {
            rule,
            counts: Buf::zeros_of(DType::F64, 2 * rule.experts + 1, engine.device())?,
        })
    }

    /// Takes in a layer; `occurrences` says how often each of its tokens counts.
    pub fn add(&mut self, engine: &Engine, routing: &Routing, occurrences: View, tokens: usize) -> Result<()> {
        engine.run(CountChoices {
            probabilities: routing.scores.view(),
            chosen: routing.chosen.view(),
            occurrences,
            counts: self.counts.view_mut(),
            tokens,
            rule: self.rule,
        })
    }

    /// The loss, one number in f64; 0 without a layer that routes.
    pub fn loss(&self, engine: &Engine) -> Result<Buf> {
        let mut loss = Buf::unwritten(DType::F64, 1, engine.device())?;
        engine.run(BalanceLoss {
            counts: self.counts.view(),
            loss: loss.view_mut(),
            experts: self.rule.experts,
        })?;
        Ok(loss)
    }

    /// `weight` times the derivative by each expert's probability at a token that occurs once.
    pub fn d_probability(&self, engine: &Engine, weight: f64) -> Result<Buf> {
        let mut by_expert = Buf::unwritten(DType::F64, self.rule.experts, engine.device())?;
        engine.run(BalanceSlopes {
            counts: self.counts.view(),
            by_expert: by_expert.view_mut(),
            experts: self.rule.experts,
            weight,
        })?;
        Ok(by_expert)
    }
}

/// What the backward pass needs of the loss.
pub struct BalanceGrads<'a> {
    /// `[experts]` in f64
    pub by_expert: Buf,
    /// how often each token occurs
    pub occurrences: View<'a>,
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
    fn counted(logits: &[f32], occurrences: &[u32]) -> Balance {
        let engine = Engine::cpu();
        let buf = |values: &[f32]| Buf::from_vec(values.to_vec(), engine.device()).unwrap();
        let mut routing = Routing::new(engine.device()).unwrap();
        routing
            .decide(&engine, buf(logits).view(), None, occurrences.len(), rule())
            .unwrap();
        let mut balance = Balance::new(&engine, rule()).unwrap();
        let sent = Buf::from_vec(occurrences.to_vec(), engine.device()).unwrap();
        balance.add(&engine, &routing, sent.view(), occurrences.len()).unwrap();
        balance
    }

    fn loss(balance: &Balance) -> f64 {
        balance.loss(&Engine::cpu()).unwrap().values(1).unwrap()[0]
    }

    /// Two experts, one a token; the first token's probabilities are 3/4 and 1/4, the second's 1/5 and 4/5.
    fn logits() -> [f32; 4] {
        [3.0f32, 1.0, 1.0, 4.0].map(f32::ln)
    }

    #[test]
    fn worked_by_hand() {
        // F = (1/2, 1/2), P = (0.475, 0.525)
        let balance = counted(&logits(), &[1, 1]);
        assert!((loss(&balance) - 1.0).abs() < 1e-7);
        // the first token twice: F = (2/3, 1/3), P = ((1.5 + 0.2) / 3, (0.5 + 0.8) / 3)
        let balance = counted(&logits(), &[2, 1]);
        let want = 2.0 * (2.0 / 3.0 * 1.7 / 3.0 + 1.0 / 3.0 * 1.3 / 3.0);
        assert!((loss(&balance) - want).abs() < 1e-7);
        // dL/dp_0 = 2 * 2/3 / 3
        let slopes: Vec<f64> = balance.d_probability(&Engine::cpu(), 1.0).unwrap().values(2).unwrap();
        assert!((slopes[0] - 4.0 / 9.0).abs() < 1e-12);
        assert_eq!(loss(&Balance::new(&Engine::cpu(), rule()).unwrap()), 0.0);
    }

    #[test]
    fn a_token_twice_is_two_tokens() {
        let logits3 = [3.0f32, 1.0, 3.0, 1.0, 1.0, 4.0].map(f32::ln);
        let (thrice, shared) = (counted(&logits3, &[1; 3]), counted(&logits(), &[2, 1]));
        let counts = |balance: &Balance| balance.counts.values::<f64>(5).unwrap();
        assert_eq!(counts(&thrice), counts(&shared));
    }
}
