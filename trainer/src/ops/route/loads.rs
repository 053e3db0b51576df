//! What follows from tokens' choices: the slots of each expert, and how even the experts' loads are.
use super::Rule;
use crate::error::Result;
use crate::ops::cuda::{Card, Grid, ROUTE};
use crate::ops::{Operation, View, ViewMut};
use candle_core::DType;

/// Sorts the choices by expert: a token's choice number `i` is slot `token * top_k + i`, and each expert has its slots in
/// order, one expert behind the other.
pub struct GroupByExpert<'a> {
    pub chosen: View<'a>,
    pub weights: View<'a>,
    /// `[experts + 1]`, where each expert's begin
    pub starts: ViewMut<'a>,
    /// `[tokens * top_k]`
    pub slots: ViewMut<'a>,
    /// the slots' tokens
    pub ids: ViewMut<'a>,
    /// the slots' weights
    pub by_slot: ViewMut<'a>,
    pub tokens: usize,
    pub rule: Rule,
}

impl Operation for GroupByExpert<'_> {
    fn cpu(self) -> Result<()> {
        let Rule { experts, top_k, .. } = self.rule;
        let count = self.tokens * top_k;
        let (chosen, weights) = (&self.chosen.u32()?[..count], self.weights.f32()?);
        let starts = &mut self.starts.get::<u32>()?[..=experts];
        let (slots, ids) = (self.slots.get::<u32>()?, self.ids.get::<u32>()?);
        let by_slot = self.by_slot.f32()?;
        starts.fill(0);
        for &expert in chosen {
            starts[expert as usize + 1] += 1;
        }
        for expert in 0..experts {
            starts[expert + 1] += starts[expert];
        }
        let mut next = starts.to_vec();
        for (slot, &expert) in chosen.iter().enumerate() {
            let place = next[expert as usize] as usize;
            next[expert as usize] += 1;
            slots[place] = slot as u32;
            ids[place] = (slot / top_k) as u32;
            by_slot[place] = weights[slot];
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ROUTE, "group_by_expert", DType::F32)?
            .read(self.chosen, self.tokens * self.rule.top_k)
            .read(self.weights, self.tokens * self.rule.top_k)
            .write(self.starts, self.rule.experts + 1)
            .write(self.slots, self.tokens * self.rule.top_k)
            .write(self.ids, self.tokens * self.rule.top_k)
            .write(self.by_slot, self.tokens * self.rule.top_k)
            .u32(self.tokens * self.rule.top_k)
            .u32(self.rule.top_k)
            .launch(Grid::each(self.rule.experts, 256))
    }
}

/// Adds a layer's choices to the counts of a pass, `[2 * experts + 1]` in f64: how often each expert is chosen, its summed
/// probability, and the tokens. A token that occurs in several rows counts as often. Where choices are corrected, those are
/// counted that there would be without.
pub struct CountChoices<'a> {
    pub probabilities: View<'a>,
    pub chosen: View<'a>,
    /// `[tokens]`, whole numbers
    pub occurrences: View<'a>,
    pub counts: ViewMut<'a>,
    pub tokens: usize,
    pub rule: Rule,
}

impl Operation for CountChoices<'_> {
    fn cpu(self) -> Result<()> {
        let Rule { experts, top_k, .. } = self.rule;
        let (probabilities, chosen) = (self.probabilities.f32()?, self.chosen.u32()?);
        let counts = self.counts.get::<f64>()?;
        for (token, &times) in self.occurrences.u32()?[..self.tokens].iter().enumerate() {
            let times = f64::from(times);
            let chosen = &chosen[token * top_k..(token + 1) * top_k];
            let probabilities = &probabilities[token * experts..(token + 1) * experts];
            match self.rule.router.correction {
                false => chosen.iter().for_each(|&expert| counts[expert as usize] += times),
                true => {
                    let likeliest = (0..experts).filter(|&e| likelier(probabilities, e) < top_k);
                    likeliest.for_each(|e| counts[e] += times);
                }
            }
            for (sum, &p) in counts[experts..].iter_mut().zip(probabilities) {
                *sum += times * f64::from(p);
            }
            counts[2 * experts] += times;
        }
        Ok(())
    }

    fn cuda(self, card: &Card) -> Result<()> {
        card.kernel(&ROUTE, "count_choices", DType::F32)?
            .read(self.probabilities, self.tokens * self.rule.experts)
            .read(self.chosen, self.tokens * self.rule.top_k)
            .read(self.occurrences, self.tokens)
            .write(self.counts, 2 * self.rule.experts + 1)
            .u32(self.tokens)
            .u32(self.rule.experts)
            .u32(self.rule.top_k)
            .flag(self.rule.router.correction)
            .launch(Grid::each(self.rule.experts + 1, 256))
    }
}

/// How many experts come before one by probability.
fn likelier(probabilities: &[f32], expert: usize) -> usize {
    let own = probabilities[expert];
    let before = |&(other, &p): &(usize, &f32)| p > own || p == own && other < expert;
    probabilities.iter().enumerate().filter(before).count()
}
