//! What a router decided for every token of a pass, and the way back through it.
use super::balance::BalanceGrads;
use crate::error::Result;
use crate::ops::Device;
use crate::ops::route::{self, Rule};
use crate::ops::{Buf, Engine, View, act};
use candle_core::DType;
use protocol::decoder::{ExpertsSpec, Scores};
use std::ops::Range;

/// The rule that a decoder's description has.
pub fn rule_of(spec: &ExpertsSpec) -> Rule {
    Rule {
        experts: spec.count,
        top_k: spec.top_k,
        router: spec.router,
    }
}

#[derive(Debug)]
pub struct Routing {
    tokens: usize,
    /// `[tokens, experts]`: the logits, where the way back needs them, and their scores
    logits: Buf,
    pub scores: Buf,
    /// `[tokens, top_k]`
    pub chosen: Buf,
    weights: Buf,
    /// sorted by expert, `[tokens * top_k]` each: slots, their tokens and weights
    slots: Buf,
    ids: Buf,
    by_slot: Buf,
    /// `[experts + 1]`, where each expert's begin; and on the host, which asks each expert in turn
    starts: Buf,
    bounds: Vec<usize>,
}

/// The part of one expert in what is sorted by expert.
pub struct Load<'a> {
    pub places: Range<usize>,
    /// `[places]`, rising
    pub ids: View<'a>,
    pub weights: View<'a>,
    pub slots: View<'a>,
}

impl Routing {
    pub fn new(device: &Device) -> Result<Self> {
        let indices = || Buf::empty(DType::U32, device);
        let values = || Buf::zeros(0, device);
        Ok(Self {
            tokens: 0,
            logits: values()?,
            scores: values()?,
            chosen: indices()?,
            weights: values()?,
            slots: indices()?,
            ids: indices()?,
            by_slot: values()?,
            starts: indices()?,
            bounds: vec![],
        })
    }

    /// Decides from `logits`, `[tokens, experts]`, and where the rule has one the experts' correction.
    pub fn decide(
        &mut self,
        engine: &Engine,
        logits: View,
        correction: Option<View>,
        tokens: usize,
        rule: Rule,
    ) -> Result<()> {
        let slots = tokens * rule.top_k;
        self.tokens = tokens;
        if keeps_logits(rule) {
            let len = tokens * rule.experts;
            engine.run(act::Copy {
                from: logits,
                to: self.logits.fit(len)?.view_mut(),
                len,
            })?;
        }
        engine.run(route::Route {
            logits,
            correction,
            scores: self.scores.fit(tokens * rule.experts)?.view_mut(),
            chosen: self.chosen.fit(slots)?.view_mut(),
            weights: self.weights.fit(slots)?.view_mut(),
            tokens,
            rule,
        })?;
        engine.run(route::GroupByExpert {
            chosen: self.chosen.view(),
            weights: self.weights.view(),
            starts: self.starts.fit(rule.experts + 1)?.view_mut(),
            slots: self.slots.fit(slots)?.view_mut(),
            ids: self.ids.fit(slots)?.view_mut(),
            by_slot: self.by_slot.fit(slots)?.view_mut(),
            tokens,
            rule,
        })?;
        let starts: Vec<u32> = self.starts.values(rule.experts + 1)?;
        self.bounds = starts.into_iter().map(|start| start as usize).collect();
        Ok(())
    }

    /// What each expert has to do, in the order of the experts.
    pub fn loads(&self) -> impl Iterator<Item = Load<'_>> {
        self.bounds.windows(2).map(|bounds| {
            let (at, len) = (bounds[0], bounds[1] - bounds[0]);
            Load {
                places: at..at + len,
                ids: self.ids.part(at, len),
                weights: self.by_slot.part(at, len),
                slots: self.slots.part(at, len),
            }
        })
    }

    /// The gradient of the logits, from those of the weights by slot and of the auxiliary loss.
    pub fn backward(
        &self,
        engine: &Engine,
        d_weights: View,
        balance: Option<&BalanceGrads>,
        d_logits: &mut Buf,
        rule: Rule,
    ) -> Result<()> {
        engine.run(route::RouteBackward {
            logits: keeps_logits(rule).then(|| self.logits.view()),
            scores: self.scores.view(),
            chosen: self.chosen.view(),
            weights: self.weights.view(),
            d_weights,
            balance: balance.map(|slopes| route::BalanceGrad {
                by_expert: slopes.by_expert.view(),
                occurrences: slopes.occurrences,
            }),
            d_logits: d_logits.fit(self.tokens * rule.experts)?.view_mut(),
            tokens: self.tokens,
            rule,
        })
    }
}

/// Whether the gradient follows from the logits and not from their scores alone.
fn keeps_logits(rule: Rule) -> bool {
    matches!(rule.router.scores, Scores::SparseMixer { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::decoder::RouterSpec;

    /// Probabilities 1/8, 1/2, 1/8, 1/4.
    fn logits() -> Vec<f32> {
        [1.0f32, 4.0, 1.0, 2.0].iter().map(|x| x.ln()).collect()
    }

    fn rule(normalized: bool) -> Rule {
        Rule {
            experts: 4,
            top_k: 2,
            router: RouterSpec::softmax(normalized),
        }
    }

    fn routed(logits: &[f32], rule: Rule) -> Routing {
        let engine = Engine::cpu();
        let mut routing = Routing::new(engine.device()).unwrap();
        let buf = Buf::from_vec(logits.to_vec(), engine.device()).unwrap();
        routing
            .decide(&engine, buf.view(), None, logits.len() / rule.experts, rule)
            .unwrap();
        routing
    }

    #[test]
    fn the_largest_probabilities_are_the_weights() {
        let close = |a: &Buf, b: &[f32]| {
            a.to_vec(b.len())
                .unwrap()
                .iter()
                .zip(b)
                .all(|(a, b)| (a - b).abs() < 1e-6)
        };
        let plain = routed(&logits(), rule(false));
        assert_eq!(plain.chosen.values::<u32>(2).unwrap(), [1, 3]);
        assert!(close(&plain.weights, &[0.5, 0.25]));
        let normalized = routed(&logits(), rule(true));
        assert!(close(&normalized.weights, &[2.0 / 3.0, 1.0 / 3.0]));
        // of equal ones the first
        assert_eq!(routed(&[0.0; 4], rule(true)).chosen.values::<u32>(2).unwrap(), [0, 1]);
        let twice = routed(&[logits(), logits()].concat(), rule(false));
        assert_eq!(twice.bounds, [0, 0, 2, 2, 4]);
        assert_eq!(twice.ids.values::<u32>(4).unwrap(), [0, 1, 0, 1]);
        assert_eq!(twice.slots.values::<u32>(4).unwrap(), [0, 2, 1, 3]);
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let engine = Engine::cpu();
        let (by_weight, by_probability) = ([0.7f32, -1.3], [0.2f64, -0.4, 0.9, 0.1]);
        let buf = |values: &[f32]| Buf::from_vec(values.to_vec(), engine.device()).unwrap();
        let once = Buf::from_vec(vec![1u32], engine.device()).unwrap();
        let slopes = BalanceGrads {
            by_expert: Buf::from_vec(by_probability.to_vec(), engine.device()).unwrap(),
            occurrences: once.view(),
        };
        for normalized in [false, true] {
            let rule = rule(normalized);
            let loss = |logits: &[f32]| {
                let routing = routed(logits, rule);
                let (p, w) = (routing.scores.to_vec(4).unwrap(), routing.weights.to_vec(2).unwrap());
                let of_weights: f64 = w.iter().zip(by_weight).map(|(&w, s)| f64::from(w) * f64::from(s)).sum();
                of_weights
                    + p.iter()
                        .zip(by_probability)
                        .map(|(&p, s)| f64::from(p) * s)
                        .sum::<f64>()
            };
            let mut got = buf(&[]);
            routed(&logits(), rule)
                .backward(&engine, buf(&by_weight).view(), Some(&slopes), &mut got, rule)
                .unwrap();
            for (i, got) in got.to_vec(4).unwrap().iter().enumerate() {
                let at = |step: f32| {
                    let mut logits = logits();
                    logits[i] += step;
                    loss(&logits)
                };
                let want = (at(0.01) - at(-0.01)) / 0.02;
                assert!((f64::from(*got) - want).abs() < 1e-4, "{i}: {got}, expected {want}");
            }
        }
    }
}
