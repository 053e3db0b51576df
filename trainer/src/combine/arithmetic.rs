//! The arithmetic of merging: one tensor of each of several models, or what training added to it, becomes one tensor.

use crate::model::generator;
use rand::Rng;

/// One tensor of one of the models that are merged.
#[derive(Debug, Clone)]
pub struct Part {
    pub values: Vec<f32>,
    /// What it counts for.
    pub weight: f32,
}

/// What is left of each part before they are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thinning {
    Whole,
    /// The numbers farthest from 0 (TIES, arXiv 2306.01708, section 3).
    Largest,
    /// Numbers drawn at random, divided by the share that stays (DARE, arXiv 2311.03099, equation 3).
    Random,
}

/// Which sign of a number the parts have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Sign {
    /// That of the sum of the parts' numbers.
    Total,
    /// That which more of the parts have.
    Frequency,
}

/// How thinned parts become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sum {
    Weighted,
    /// The mean of those whose sign is the elected one (TIES).
    Elected(Sign),
}

/// How parts become one tensor.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub thinning: Thinning,
    /// The share of numbers that thinning leaves, 0 to 1.
    pub density: f64,
    pub sum: Sum,
    /// What random thinning is drawn from, with the tensor's name.
    pub seed: u64,
}

impl Rule {
    /// The parts of the tensor `name`, all of one length, as one: in the order of PEFT's `merge_utils`.
    pub fn apply(&self, name: &str, parts: Vec<Part>) -> Vec<f32> {
        let thinned = parts.into_iter().enumerate().map(|(i, part)| Part {
            values: self.thin(&format!("{name}#{i}"), part.values),
            ..part
        });
        let thinned: Vec<Part> = thinned.collect();
        match self.sum {
            Sum::Weighted => weighted(&thinned),
            Sum::Elected(sign) => elected(&thinned, sign),
        }
    }

    fn thin(&self, name: &str, mut values: Vec<f32>) -> Vec<f32> {
        match self.thinning {
            Thinning::Random if self.density < 1.0 => {
                let mut dice = generator(self.seed, name);
                for value in &mut values {
                    let stays = dice.random::<f64>() < self.density;
                    *value = if stays { *value / self.density as f32 } else { 0.0 };
                }
            }
            Thinning::Largest if self.density < 1.0 => {
                let kept = (self.density * values.len() as f64) as usize;
                let mut order: Vec<usize> = (0..values.len()).collect();
                // equal ones by their place, so that a merge can be done again
                let farthest = |&a: &usize, &b: &usize| values[b].abs().total_cmp(&values[a].abs()).then(a.cmp(&b));
                if kept < order.len() {
                    order.select_nth_unstable_by(kept, farthest);
                }
                for &place in &order[kept..] {
                    values[place] = 0.0;
                }
            }
            _ => {}
        }
        values
    }
}

/// `sum of weight × values`.
pub fn weighted(parts: &[Part]) -> Vec<f32> {
    let mut sum = vec![0.0; parts.first().map_or(0, |part| part.values.len())];
    for part in parts {
        for (sum, value) in sum.iter_mut().zip(&part.values) {
            *sum += value * part.weight;
        }
    }
    sum
}

/// The weighted mean of the numbers that have the elected sign; 0 where there are none.
fn elected(parts: &[Part], by: Sign) -> Vec<f32> {
    let sign = |value: f32| match value {
        value if value > 0.0 => 1.0,
        value if value < 0.0 => -1.0,
        _ => 0.0f32,
    };
    let len = parts.first().map_or(0, |part| part.values.len());
    let one = |at: usize| {
        let here = || parts.iter().map(move |part| (part.values[at], part.weight));
        let votes: f32 = match by {
            Sign::Total => here().map(|(value, _)| value).sum(),
            Sign::Frequency => here().map(|(value, _)| sign(value)).sum(),
        };
        let majority = if votes >= 0.0 { 1.0 } else { -1.0 };
        let mut sum = 0.0;
        let mut count = 0.0f32;
        for (value, weight) in here().filter(|(value, _)| sign(*value) == majority) {
            sum += value * weight;
            count += 1.0;
        }
        sum / count.max(1.0)
    };
    (0..len).map(one).collect()
}

/// The angle between two tensors above which they are taken along the arc and not along the line.
const NEARLY_ONE: f64 = 0.9995;

/// What each of two tensors counts for at the share `t` of the way from the first to the second along the arc between
/// them (SLERP; Shoemake 1985).
pub fn slerp(a: &[f32], b: &[f32], t: f64) -> [f64; 2] {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    let cosine = if lengths > 0.0 { dot(a, b) / lengths } else { 1.0 };
    if cosine.abs() > NEARLY_ONE {
        return [1.0 - t, t];
    }
    let angle = cosine.acos();
    [((1.0 - t) * angle).sin() / angle.sin(), (t * angle).sin() / angle.sin()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(thinning: Thinning, density: f64, sum: Sum) -> Rule {
        Rule {
            thinning,
            density,
            sum,
            seed: 1,
        }
    }

    fn parts(rows: &[(&[f32], f32)]) -> Vec<Part> {
        let part = |(values, weight): &(&[f32], f32)| Part {
            values: values.to_vec(),
            weight: *weight,
        };
        rows.iter().map(part).collect()
    }

    #[test]
    fn the_largest_numbers_stay_and_the_majoritys_sign_decides() {
        // by hand: half of each stays, [4, 0, -3, 0] and [-1, 0, -2, 0]; signs of the sums: +, +, -, +
        let two = parts(&[(&[4.0, 1.0, -3.0, 0.5], 1.0), (&[-1.0, 0.2, -2.0, 0.1], 0.5)]);
        let ties = rule(Thinning::Largest, 0.5, Sum::Elected(Sign::Total));
        assert_eq!(ties.apply("w", two.clone()), [4.0, 0.0, -2.0, 0.0]);
        let plain = rule(Thinning::Largest, 0.5, Sum::Weighted);
        assert_eq!(plain.apply("w", two), [3.5, 0.0, -4.0, 0.0]);
    }

    #[test]
    fn random_thinning_keeps_its_share_and_the_mean() {
        let dare = rule(Thinning::Random, 0.25, Sum::Weighted);
        let ones = vec![1.0; 40_000];
        let out = dare.apply("w", parts(&[(&ones, 1.0)]));
        assert!(out.iter().all(|&x| x == 0.0 || x == 4.0));
        let mean = out.iter().sum::<f32>() / out.len() as f32;
        assert!((mean - 1.0).abs() < 0.05, "{mean}");
        assert_eq!(out, dare.apply("w", parts(&[(&ones, 1.0)])));
        assert_ne!(out, dare.apply("v", parts(&[(&ones, 1.0)])));
    }

    #[test]
    fn the_arc_keeps_lengths_and_the_line_takes_over_where_there_is_none() {
        let half = std::f64::consts::FRAC_1_SQRT_2;
        let [a, b] = slerp(&[1.0, 0.0], &[0.0, 1.0], 0.5);
        assert!((a - half).abs() < 1e-12 && (b - half).abs() < 1e-12);
        assert_eq!(slerp(&[1.0, 0.0], &[2.0, 0.0], 0.25), [0.75, 0.25]);
        assert_eq!(slerp(&[0.0], &[1.0], 0.25), [0.75, 0.25]);
    }
}
