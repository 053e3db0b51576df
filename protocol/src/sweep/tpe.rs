//! The tree-structured Parzen estimator: draws values where good runs had theirs and few bad runs did.
//!
//! Bergstra, Bardenet, Bengio, Kégl 2011, "Algorithms for Hyper-Parameter Optimization"; what the paper leaves open (weights,
//! deviations, how many runs are good) follows the defaults of Optuna's `TPESampler`, each key independently.

use super::draw::Draw;
use super::points::{at, one};
use super::values::of_kind;
use super::{Point, Range, Sweep, Values};
use crate::config::Key;
use serde_json::Value;

/// Runs that are drawn at random before the estimator takes over.
pub const STARTUP_RUNS: u64 = 10;
/// Candidates drawn from the good runs' density; the one most likely to be good is taken.
const CANDIDATES: usize = 24;
/// Attempts to draw a point that no run has had, before one is repeated.
const TRIES: usize = 20;

/// The values of the next run. `taken` has the values of all runs so far, in the order they were made; `ranked` has the indices
/// of those that ended, from best to worst, with failed runs last.
pub fn next(sweep: &Sweep, taken: &[Point], ranked: &[usize]) -> Option<Point> {
    let index = taken.len() as u64;
    if (ranked.len() as u64) < STARTUP_RUNS {
        return at(sweep, index);
    }
    let good = (ranked.len().div_ceil(10)).min(25);
    let (good, bad) = ranked.split_at_checked(good)?;
    // in the order they were made: older runs count less
    let points = |of: &[usize]| -> Vec<&Point> {
        let mut of = of.to_vec();
        of.sort_unstable();
        of.into_iter().filter_map(|place| taken.get(place)).collect()
    };
    let (good, bad) = (points(good), points(bad));
    let mut draw = Draw::of(sweep.seed, index + 1);
    let mut fresh = || {
        let mut point = Point::new();
        for parameter in &sweep.parameters {
            let key = Key::named(&parameter.key)?;
            let value = value(key, &parameter.values, &of(key, &good), &of(key, &bad), &mut draw);
            point.insert(key.name.into(), value);
        }
        Some(point)
    };
    let mut point = fresh()?;
    for _ in 0..TRIES {
        if !taken.contains(&point) {
            break;
        }
        point = fresh()?;
    }
    if taken.contains(&point) {
        // the good region is exhausted: look elsewhere at random
        let elsewhere = |_| {
            sweep
                .parameters
                .iter()
                .map(|p| Some((p.key.clone(), one(Key::named(&p.key)?, &p.values, &mut draw))))
                .collect()
        };
        let others: Vec<Point> = (0..TRIES).filter_map(elsewhere).collect();
        point = others.into_iter().find(|other| !taken.contains(other)).unwrap_or(point);
    }
    Some(point)
}

/// The values that these runs had for a key.
fn of(key: &Key, points: &[&Point]) -> Vec<Value> {
    points.iter().filter_map(|point| point.get(key.name).cloned()).collect()
}

fn value(key: &Key, values: &Values, good: &[Value], bad: &[Value], draw: &mut Draw) -> Value {
    match (values.all(key), values) {
        (Some(all), _) => {
            let (good, bad) = (Shares::of(&all, good), Shares::of(&all, bad));
            let drawn: Vec<usize> = (0..CANDIDATES).map(|_| good.draw(draw)).collect();
            let best = drawn
                .into_iter()
                .max_by(|a, b| good.gain(&bad, *a).total_cmp(&good.gain(&bad, *b)));
            best.and_then(|best| all.get(best)).cloned().unwrap_or_default()
        }
        (None, Values::Range(range)) => {
            let (good, bad) = (Mixture::of(range, good), Mixture::of(range, bad));
            let drawn: Vec<f64> = (0..CANDIDATES).map(|_| good.draw(draw)).collect();
            let gain = |x: &f64| good.log_density(*x) - bad.log_density(*x);
            let best = drawn.into_iter().max_by(|a, b| gain(a).total_cmp(&gain(b)));
            of_kind(key, range.at(best.unwrap_or(0.5)))
        }
        (None, Values::List(_)) => Value::Null,
    }
}

/// Weights of observations: the newest 25 count in full, older ones less the older they are.
fn weights(count: usize) -> Vec<f64> {
    let old = count.saturating_sub(25);
    let ramp = |n: usize| match old {
        1 => 1.0 / count as f64,
        old => 1.0 / count as f64 + n as f64 * (1.0 - 1.0 / count as f64) / (old - 1) as f64,
    };
    (0..count).map(|n| if n < old { ramp(n) } else { 1.0 }).collect()
}

/// The weights followed by the prior's, normalised to sum to 1.
fn with_prior(count: usize) -> Vec<f64> {
    let mut weights = weights(count);
    weights.push(1.0);
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// How likely each value of a list is.
struct Shares(Vec<f64>);

impl Shares {
    fn of(all: &[Value], seen: &[Value]) -> Self {
        let seen: Vec<usize> = seen
            .iter()
            .filter_map(|value| all.iter().position(|one| one == value))
            .collect();
        let weights = with_prior(seen.len());
        // each observation is a kernel that gives every value some probability; the prior is uniform
        let prior = 1.0 / (seen.len() + 1) as f64;
        let own = 1.0 + prior * all.len() as f64;
        let mut shares = vec![weights.last().copied().unwrap_or(1.0) / all.len() as f64; all.len()];
        for (place, weight) in seen.iter().zip(&weights) {
            for (other, share) in shares.iter_mut().enumerate() {
                *share += weight * (prior + f64::from(u8::from(other == *place))) / own;
            }
        }
        Self(shares)
    }

    fn draw(&self, draw: &mut Draw) -> usize {
        pick(&self.0, draw)
    }

    fn gain(&self, bad: &Self, place: usize) -> f64 {
        let of = |shares: &Self| shares.0.get(place).copied().unwrap_or(0.0).ln();
        of(self) - of(bad)
    }
}

fn pick(weights: &[f64], draw: &mut Draw) -> usize {
    let mut left = draw.share() * weights.iter().sum::<f64>();
    for (place, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return place;
        }
    }
    weights.len().saturating_sub(1)
}

/// A mixture of normal distributions truncated to [0, 1], one around each observation and the prior around the middle: a density
/// on a range's scale.
struct Mixture {
    weights: Vec<f64>,
    kernels: Vec<Normal>,
}

#[derive(Clone, Copy)]
struct Normal {
    mean: f64,
    deviation: f64,
}

impl Mixture {
    fn of(range: &Range, seen: &[Value]) -> Self {
        let seen = seen
            .iter()
            .filter_map(|value| Some(range.share(value.as_f64()?).clamp(0.0, 1.0)));
        let means: Vec<f64> = seen.collect();
        let count = means.len();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|a, b| means[*a].total_cmp(&means[*b]));
        let least = 1.0 / (2 + count).min(100) as f64;
        // the last is the prior
        let prior = Normal {
            mean: 0.5,
            deviation: 1.0,
        };
        let mut kernels = vec![prior; count + 1];
        for (place, of) in order.iter().enumerate() {
            let mean = means[*of];
            let before = place.checked_sub(1).map(|before| mean - means[order[before]]);
            let after = order.get(place + 1).map(|after| means[*after] - mean);
            // the outermost ones look inwards, if there is another one
            let gap = match (before, after) {
                (Some(before), Some(after)) => before.max(after),
                (Some(inner), None) | (None, Some(inner)) => inner,
                (None, None) => mean.max(1.0 - mean),
            };
            kernels[*of] = Normal {
                mean,
                deviation: gap.clamp(least, 1.0),
            };
        }
        Self {
            weights: with_prior(count),
            kernels,
        }
    }

    fn draw(&self, draw: &mut Draw) -> f64 {
        let Normal { mean, deviation } = self.kernels[pick(&self.weights, draw)];
        loop {
            // the mean is in [0, 1] and the deviation at most 1, so at least one draw in four is in range
            let x = mean + deviation * draw.normal();
            if (0.0..=1.0).contains(&x) {
                return x;
            }
        }
    }

    fn log_density(&self, x: f64) -> f64 {
        let terms = self
            .weights
            .iter()
            .zip(&self.kernels)
            .map(|(weight, Normal { mean, deviation })| {
                let below = |x: f64| 0.5 * libm::erfc((mean - x) / deviation / std::f64::consts::SQRT_2);
                let z = (x - mean) / deviation;
                let normal = (-0.5 * z * z).exp() / (deviation * std::f64::consts::TAU.sqrt());
                weight * normal / (below(1.0) - below(0.0))
            });
        terms.sum::<f64>().ln()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Method;
    use super::*;
    use crate::sweep::{Parameter, Scale};
    use serde_json::json;

    const RANGE: Range = Range {
        low: 0.0,
        high: 1.0,
        scale: Scale::Linear,
        step: None,
        points: None,
    };

    fn mixture(seen: &[f64]) -> Mixture {
        Mixture::of(&RANGE, &seen.iter().map(|x| json!(x)).collect::<Vec<_>>())
    }

    /// `_ParzenEstimator` of Optuna 5.0 with its defaults on the same observations (`log_pdf` at 0.1, 0.5, 0.95).
    #[test]
    fn the_densities_are_optunas() {
        let many: Vec<f64> = (1..=30).map(|n| f64::from(n) / 40.0).collect();
        for (seen, densities) in [
            (&[0.2][..], [0.0421671996513, 0.0478911357429, -0.179277956862]),
            (&[0.3, 0.7, 0.35], [-0.0820762855941, 0.195060107318, -0.508214989869]),
            (&many, [0.0536517087319, 0.361767968213, -3.41309597952]),
        ] {
            let mixture = mixture(seen);
            for (x, density) in [0.1, 0.5, 0.95].into_iter().zip(densities) {
                let found = mixture.log_density(x);
                assert!((found - density).abs() < 1e-9, "{seen:?} at {x}: {found}, {density}");
            }
        }
        let all = [json!("a"), json!("b"), json!("c")];
        for (seen, shares) in [
            (vec![], [1.0 / 3.0; 3]),
            (vec![0], [0.466666666667, 0.266666666667, 0.266666666667]),
            (vec![0, 0, 2], [0.47619047619, 0.190476190476, 0.333333333333]),
        ] {
            let seen: Vec<Value> = seen.into_iter().map(|place: usize| all[place].clone()).collect();
            for (found, share) in Shares::of(&all, &seen).0.iter().zip(shares) {
                assert!((found - share).abs() < 1e-9, "{found}, {share}");
            }
        }
    }

    #[test]
    fn values_are_drawn_where_good_runs_had_theirs() {
        let values = Values::typed(Key::named("learning_rate").unwrap(), "log 1e-6..1e-2")
            .unwrap()
            .unwrap();
        let list = Values::typed(Key::named("lora_rank").unwrap(), "4, 8, 16")
            .unwrap()
            .unwrap();
        let parameter = |key: &str, values| Parameter {
            key: key.into(),
            values,
        };
        let sweep = Sweep {
            method: Method::Tpe,
            parameters: vec![parameter("learning_rate", values), parameter("lora_rank", list)],
            run_cap: Some(60),
            ..Sweep::default()
        };
        // the best are at 1e-4, and with 16
        let cost = |point: &Point| {
            let rate = point["learning_rate"].as_f64().unwrap();
            (rate.log10() + 4.0).abs() + f64::from(u8::from(point["lora_rank"] != 16))
        };
        let mut points: Vec<Point> = vec![];
        for _ in 0..60 {
            let mut ranked: Vec<usize> = (0..points.len()).collect();
            ranked.sort_by(|a, b| cost(&points[*a]).total_cmp(&cost(&points[*b])));
            points.push(next(&sweep, &points, &ranked).unwrap());
        }
        let mean = |points: &[Point]| points.iter().map(cost).sum::<f64>() / points.len() as f64;
        let (first, last) = (mean(&points[..10]), mean(&points[40..]));
        assert!(last < 0.5 * first, "{first} {last}");
        assert!(points.iter().map(cost).fold(f64::MAX, f64::min) < 0.15);
    }
}
