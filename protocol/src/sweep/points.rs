//! The values that each run of a sweep has.

use super::draw::Draw;
use super::values::of_kind;
use super::{Method, Parameter, Point, Sweep, Values, written};
use crate::RunConfig;
use crate::config::Key;
use serde_json::Value;

/// All values of each key; `None`: some key has infinitely many.
fn finite(sweep: &Sweep) -> Option<Vec<(&str, Vec<Value>)>> {
    let all = |parameter: &'_ Parameter| parameter.values.all(Key::named(&parameter.key)?);
    let with_key = sweep.parameters.iter();
    with_key
        .map(|parameter| Some((parameter.key.as_str(), all(parameter)?)))
        .collect()
}

/// The number of combinations; `None`: too many for a `u64`.
fn product(all: &[(&str, Vec<Value>)]) -> Option<u64> {
    all.iter()
        .try_fold(1u64, |product, (_, values)| product.checked_mul(values.len() as u64))
}

/// How many runs a sweep makes; `None`: nothing limits it.
pub fn count(sweep: &Sweep) -> Option<u64> {
    let all = finite(sweep).and_then(|all| product(&all));
    match (all, sweep.run_cap) {
        (Some(all), Some(cap)) => Some(all.min(cap)),
        (Some(all), None) => Some(all),
        (None, cap) => cap.filter(|_| sweep.method != Method::Grid),
    }
}

/// The values of run `index` (from 0) of a grid or random sweep. Where the number of combinations is finite, none is drawn
/// twice.
pub fn at(sweep: &Sweep, index: u64) -> Option<Point> {
    let all = finite(sweep);
    let combinations = all.as_deref().and_then(product);
    match (sweep.method, &all, combinations) {
        (Method::Grid, Some(all), _) => combination(all, index),
        (Method::Grid, None, _) => None,
        // shuffle all combinations and take the one at the run's index
        (_, Some(all), Some(combinations)) if combinations <= SHUFFLED => {
            let mut order: Vec<u64> = (0..combinations).collect();
            Draw::of(sweep.seed, 0).shuffle(&mut order);
            combination(all, *order.get(index as usize)?)
        }
        _ => Some(drawn(sweep, index)),
    }
}

/// More combinations than this are drawn one by one instead of shuffled: duplicates are rare then.
const SHUFFLED: u64 = 100_000;

/// A combination by its number; the last key changes fastest.
fn combination(all: &[(&str, Vec<Value>)], mut number: u64) -> Option<Point> {
    let mut point = Point::new();
    for (key, values) in all.iter().rev() {
        let count = values.len() as u64;
        point.insert((*key).into(), values.get(number.checked_rem(count)? as usize)?.clone());
        number /= count;
    }
    (number == 0).then_some(point)
}

/// Random values for a run, each key independently.
fn drawn(sweep: &Sweep, index: u64) -> Point {
    let mut draw = Draw::of(sweep.seed, index + 1);
    let known = sweep
        .parameters
        .iter()
        .filter_map(|parameter| Some((Key::named(&parameter.key)?, &parameter.values)));
    known
        .map(|(key, values)| (key.name.to_owned(), one(key, values, &mut draw)))
        .collect()
}

/// A random value of a key.
pub(super) fn one(key: &Key, values: &Values, draw: &mut Draw) -> Value {
    match (values.all(key), values) {
        (Some(all), _) => all.get(draw.index(all.len())).cloned().unwrap_or_default(),
        (None, Values::Range(range)) => of_kind(key, range.at(draw.share())),
        (None, Values::List(_)) => Value::Null,
    }
}

/// The config of a run with these values.
pub fn config_of(base: &RunConfig, point: &Point) -> RunConfig {
    let mut config = base.clone();
    for (key, value) in point {
        // can't fail: the sweep's check has set this value before
        let _ = config.set(key, value);
    }
    config
}

/// The values that a run's config has for the swept keys.
pub fn of_config(sweep: &Sweep, config: &RunConfig) -> Point {
    let keys = sweep.parameters.iter().map(|parameter| &parameter.key);
    keys.filter_map(|key| Some((key.clone(), config.get(key)?))).collect()
}

/// `pref_beta 2, learning_rate 1e-6`.
pub fn point_text(point: &Point) -> String {
    let parts: Vec<String> = point
        .iter()
        .map(|(key, value)| format!("{key} {}", written(value)))
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn sweep(method: Method, parameters: &[(&str, &str)]) -> Sweep {
        let parameter = |(key, text): &(&str, &str)| Parameter {
            key: (*key).into(),
            values: Values::typed(Key::named(key).unwrap(), text).unwrap().unwrap(),
        };
        Sweep {
            method,
            parameters: parameters.iter().map(parameter).collect(),
            ..Sweep::default()
        }
    }

    const GUIDE: [(&str, &str); 3] = [
        ("pref_beta", "1, 2, 3"),
        ("simpo_gamma", "0.3, 0.5, 0.7"),
        ("learning_rate", "1e-6, 5e-6, 1e-5"),
    ];

    #[test]
    fn a_grid_has_every_combination_once() {
        let sweep = sweep(Method::Grid, &GUIDE);
        assert_eq!(count(&sweep), Some(27));
        let all: Vec<String> = (0..27).map(|n| point_text(&at(&sweep, n).unwrap())).collect();
        assert_eq!(all[0], "learning_rate 1e-6, pref_beta 1, simpo_gamma 0.3");
        assert_eq!(all[1], "learning_rate 5e-6, pref_beta 1, simpo_gamma 0.3");
        assert_eq!(all[26], "learning_rate 1e-5, pref_beta 3, simpo_gamma 0.7");
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 27);
        assert_eq!(at(&sweep, 27), None);
    }

    #[test]
    fn drawing_from_a_list_repeats_nothing_and_hangs_on_the_seed() {
        let mut one = sweep(Method::Random, &GUIDE);
        one.run_cap = Some(10);
        let drawn = |sweep: &Sweep| (0..10).map(|n| point_text(&at(sweep, n).unwrap())).collect::<Vec<_>>();
        assert_eq!(count(&one), Some(10));
        assert_eq!(drawn(&one).iter().collect::<BTreeSet<_>>().len(), 10);
        assert_eq!(drawn(&one), drawn(&one.clone()));
        let other = Sweep { seed: 1, ..one.clone() };
        assert_ne!(drawn(&one), drawn(&other));
    }

    #[test]
    fn a_log_range_is_drawn_as_often_in_each_decade() {
        let mut sweep = sweep(Method::Random, &[("learning_rate", "log 1e-6..1e-4")]);
        assert_eq!(count(&sweep), None);
        sweep.run_cap = Some(2000);
        let rate = |n| at(&sweep, n).unwrap()["learning_rate"].as_f64().unwrap();
        let low = (0..2000).filter(|n| rate(*n) < 1e-5).count();
        assert!((900..1100).contains(&low), "{low}");
        assert!((0..2000).all(|n| (1e-6..=1e-4).contains(&rate(n))));
    }
}
