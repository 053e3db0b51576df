//! Experts' routing against sums in f64: choices, groups, the router's gradient and what its balance is counted by. Other
//! routers than a plain softmax are in `routers.rs`.

use super::indices;
use super::sums::{draw, held, near, poisoned, same, wide};
use crate::common::engine;
use candle_core::DType;
use protocol::decoder::RouterSpec;
use trainer::ops::route::{
    BalanceGrad, BalanceLoss, BalanceSlopes, CountChoices, GroupByExpert, Route, RouteBackward, Rule,
};
use trainer::ops::{Buf, Engine};

struct Case {
    tokens: usize,
    normalized: bool,
    rule: Rule,
    logits: Vec<f32>,
    occurrences: Vec<u32>,
}

fn cases() -> Vec<Case> {
    let mut all = vec![];
    for (tokens, experts, top_k) in [(1, 4, 2), (37, 8, 1), (300, 60, 4), (70, 130, 8), (9, 3, 3)] {
        for normalized in [false, true] {
            all.push(Case {
                tokens,
                normalized,
                rule: Rule {
                    experts,
                    top_k,
                    router: RouterSpec::softmax(normalized),
                },
                logits: draw(DType::F32, tokens * experts, 1).iter().map(|x| x * 3.0).collect(),
                occurrences: (0..tokens).map(|t| (t % 3) as u32 + 1).collect(),
            });
        }
    }
    all
}

/// What a router said, worked out in f64 and rounded.
struct Routed {
    probabilities: Vec<f32>,
    chosen: Vec<u32>,
    weights: Vec<f64>,
}

fn routed(case: &Case) -> Routed {
    let (Rule { experts, top_k, .. }, normalized) = (case.rule, case.normalized);
    let (mut probabilities, mut chosen, mut weights) = (vec![], vec![], vec![]);
    for logits in case.logits.chunks(experts) {
        let powers: Vec<f64> = wide(logits).into_iter().map(f64::exp).collect();
        let sum: f64 = powers.iter().sum();
        let row: Vec<f64> = powers.iter().map(|p| p / sum).collect();
        let mut order: Vec<usize> = (0..experts).collect();
        order.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
        let share: f64 = order[..top_k].iter().map(|&e| row[e]).sum();
        weights.extend(
            order[..top_k]
                .iter()
                .map(|&e| row[e] / if normalized { share } else { 1.0 }),
        );
        chosen.extend(order[..top_k].iter().map(|&e| e as u32));
        probabilities.extend(row.iter().map(|&p| p as f32));
    }
    Routed {
        probabilities,
        chosen,
        weights,
    }
}

fn no_indices(engine: &Engine, len: usize) -> Buf {
    Buf::from_vec(vec![u32::MAX; len], engine.device()).unwrap()
}

#[test]
fn tokens_choose_and_are_grouped() {
    let engine = engine();
    for case in cases() {
        let Rule { experts, top_k, .. } = case.rule;
        let count = case.tokens * top_k;
        let want = routed(&case);
        let (mut probabilities, mut weights) =
            (poisoned(DType::F32, case.tokens * experts), poisoned(DType::F32, count));
        let mut chosen = no_indices(&engine, count);
        engine
            .run(Route {
                logits: held(DType::F32, &case.logits).view(),
                correction: None,
                scores: probabilities.view_mut(),
                chosen: chosen.view_mut(),
                weights: weights.view_mut(),
                tokens: case.tokens,
                rule: case.rule,
            })
            .unwrap();
        near("probabilities", &probabilities, &wide(&want.probabilities), 1e-6);
        near("weights", &weights, &want.weights, 1e-6);
        assert_eq!(chosen.values::<u32>(count).unwrap(), want.chosen);

        let (mut starts, mut slots, mut ids) = (
            no_indices(&engine, experts + 1),
            no_indices(&engine, count),
            no_indices(&engine, count),
        );
        let mut by_slot = poisoned(DType::F32, count);
        engine
            .run(GroupByExpert {
                chosen: chosen.view(),
                weights: weights.view(),
                starts: starts.view_mut(),
                slots: slots.view_mut(),
                ids: ids.view_mut(),
                by_slot: by_slot.view_mut(),
                tokens: case.tokens,
                rule: case.rule,
            })
            .unwrap();
        let mut order: Vec<u32> = (0..count as u32).collect();
        order.sort_by_key(|&slot| want.chosen[slot as usize]);
        assert_eq!(slots.values::<u32>(count).unwrap(), order);
        let tokens: Vec<u32> = order.iter().map(|slot| slot / top_k as u32).collect();
        assert_eq!(ids.values::<u32>(count).unwrap(), tokens);
        let weights = weights.to_vec(count).unwrap();
        let sorted: Vec<f32> = order.iter().map(|&slot| weights[slot as usize]).collect();
        same("weights by slot", &by_slot, &sorted);
        let begin = |expert: u32| want.chosen.iter().filter(|&&e| e < expert).count() as u32;
        let begins: Vec<u32> = (0..=experts as u32).map(begin).collect();
        assert_eq!(starts.values::<u32>(experts + 1).unwrap(), begins);
    }
}

/// Of experts as likely the first is chosen, and a token whose logits are no numbers still goes somewhere.
#[test]
fn ties_go_to_the_first() {
    let rule = Rule {
        experts: 40,
        top_k: 3,
        router: RouterSpec::softmax(true),
    };
    let engine = engine();
    let mut logits = vec![0.5; 80];
    (logits[7], logits[39]) = (2.0, 2.0);
    logits[60] = f32::NAN;
    let mut chosen = no_indices(&engine, 6);
    engine
        .run(Route {
            logits: held(DType::F32, &logits).view(),
            correction: None,
            scores: poisoned(DType::F32, 80).view_mut(),
            chosen: chosen.view_mut(),
            weights: poisoned(DType::F32, 6).view_mut(),
            tokens: 2,
            rule,
        })
        .unwrap();
    let chosen = chosen.values::<u32>(6).unwrap();
    assert_eq!(chosen[..3], [7, 39, 0]);
    assert!(chosen[3..].iter().all(|&expert| expert < 40), "{chosen:?}");
}

/// By the rule for a softmax, with and without a loss on the probabilities.
#[test]
fn the_routers_gradient() {
    let engine = engine();
    for case in cases() {
        let (Rule { experts, top_k, .. }, normalized) = (case.rule, case.normalized);
        let Routed {
            probabilities,
            chosen,
            weights,
        } = routed(&case);
        let weights: Vec<f32> = weights.iter().map(|&w| w as f32).collect();
        let d_weights = draw(DType::F32, case.tokens * top_k, 2);
        let by_expert = wide(&draw(DType::F32, experts, 3));
        for balanced in [false, true] {
            let mut want = vec![];
            for token in 0..case.tokens {
                let p = wide(&probabilities[token * experts..][..experts]);
                let slots = token * top_k..(token + 1) * top_k;
                let of = |slot: usize| p[chosen[slot] as usize];
                let share: f64 = if normalized { slots.clone().map(of).sum() } else { 1.0 };
                let mut slopes: Vec<f64> = by_expert
                    .iter()
                    .map(|by| {
                        if balanced {
                            by * f64::from(case.occurrences[token])
                        } else {
                            0.0
                        }
                    })
                    .collect();
                // d weight_i / d p_j = (i == j) / share - p_i / share^2 where weights are normalized
                for i in slots.clone() {
                    for j in slots.clone() {
                        let mut d = if i == j { 1.0 / share } else { 0.0 };
                        if normalized {
                            d -= of(i) / (share * share);
                        }
                        slopes[chosen[j] as usize] += f64::from(d_weights[i]) * d;
                    }
                }
                let mean: f64 = p.iter().zip(&slopes).map(|(p, s)| p * s).sum();
                want.extend(p.iter().zip(&slopes).map(|(p, s)| p * (s - mean)));
            }
            let mut d_logits = poisoned(DType::F32, case.tokens * experts);
            let by_expert = Buf::from_vec(by_expert.clone(), engine.device()).unwrap();
            let occurrences = indices(&case.occurrences);
            engine
                .run(RouteBackward {
                    logits: None,
                    scores: held(DType::F32, &probabilities).view(),
                    chosen: indices(&chosen).view(),
                    weights: held(DType::F32, &weights).view(),
                    d_weights: held(DType::F32, &d_weights).view(),
                    balance: balanced.then(|| BalanceGrad {
                        by_expert: by_expert.view(),
                        occurrences: occurrences.view(),
                    }),
                    d_logits: d_logits.view_mut(),
                    tokens: case.tokens,
                    rule: case.rule,
                })
                .unwrap();
            near(&format!("{:?} {balanced}", case.rule), &d_logits, &want, 2e-6);
        }
    }
}

#[test]
fn choices_are_counted() {
    let engine = engine();
    for case in cases() {
        let Rule { experts, top_k, .. } = case.rule;
        let Routed {
            probabilities, chosen, ..
        } = routed(&case);
        let mut want: Vec<f64> = (0..2 * experts + 1).map(|i| i as f64).collect();
        let mut counts = Buf::from_vec(want.clone(), engine.device()).unwrap();
        engine
            .run(CountChoices {
                probabilities: held(DType::F32, &probabilities).view(),
                chosen: indices(&chosen).view(),
                occurrences: indices(&case.occurrences).view(),
                counts: counts.view_mut(),
                tokens: case.tokens,
                rule: case.rule,
            })
            .unwrap();
        for token in 0..case.tokens {
            let times = f64::from(case.occurrences[token]);
            for slot in token * top_k..(token + 1) * top_k {
                want[chosen[slot] as usize] += times;
            }
            for expert in 0..experts {
                want[experts + expert] += times * f64::from(probabilities[token * experts + expert]);
            }
            want[2 * experts] += times;
        }
        let got = counts.values::<f64>(2 * experts + 1).unwrap();
        assert_eq!(got[..experts], want[..experts]);
        assert_eq!(got[2 * experts], want[2 * experts]);
        for (got, want) in got.iter().zip(&want) {
            assert!((got - want).abs() <= 1e-12 * want.abs(), "{got}, not {want}");
        }
    }
}

#[test]
fn the_loss_of_counts_and_its_slopes() {
    let (engine, experts) = (engine(), 37usize);
    for tokens in [1.0, 70.0] {
        let count = |i: usize| (i as f64).sin().abs() * tokens / 9.0;
        let counts: Vec<f64> = (0..2 * experts).map(count).chain([tokens]).collect();
        let held = Buf::from_vec(counts.clone(), engine.device()).unwrap();
        let mut loss = Buf::from_vec(vec![f64::NAN], engine.device()).unwrap();
        let mut slopes = Buf::from_vec(vec![f64::NAN; experts], engine.device()).unwrap();
        engine
            .run(BalanceLoss {
                counts: held.view(),
                loss: loss.view_mut(),
                experts,
            })
            .unwrap();
        engine
            .run(BalanceSlopes {
                counts: held.view(),
                by_expert: slopes.view_mut(),
                experts,
                weight: 0.3,
            })
            .unwrap();
        // the same sums in the same order
        let products = (0..experts).map(|e| counts[e] * counts[experts + e]);
        let divisor = (tokens * tokens).max(f64::MIN_POSITIVE);
        let want = products.sum::<f64>() * experts as f64 / divisor;
        assert_eq!(loss.values::<f64>(1).unwrap(), [want]);
        let scale = 0.3 * experts as f64 / divisor;
        let want: Vec<f64> = counts[..experts].iter().map(|f| f * scale).collect();
        assert_eq!(slopes.values::<f64>(experts).unwrap(), want);
    }
}
