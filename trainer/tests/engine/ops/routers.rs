//! Routers other than a plain softmax, against sums in f64 and finite differences: sigmoids, corrections, groups, divisors,
//! the sparse mixer.

use super::indices;
use super::sums::{draw, held, near, poisoned, wide};
use crate::common::engine;
use candle_core::DType;
use protocol::decoder::{Divisor, GroupScore, GroupSpec, RouterSpec, Scores, Weighs};
use trainer::ops::Buf;
use trainer::ops::route::{BalanceGrad, CountChoices, Route, RouteBackward, Rule};

const TOKENS: usize = 70;

struct Case {
    rule: Rule,
    logits: Vec<f32>,
    correction: Option<Vec<f32>>,
}

fn case(experts: usize, top_k: usize, router: RouterSpec) -> Case {
    let logits = draw(DType::F32, TOKENS * experts, 1);
    let correction = draw(DType::F32, experts, 2).iter().map(|c| c * 0.2).collect();
    Case {
        rule: Rule { experts, top_k, router },
        logits: logits.iter().map(|x| x * 3.0).collect(),
        correction: router.correction.then_some(correction),
    }
}

fn cases() -> Vec<Case> {
    let plain = RouterSpec::softmax(false);
    let groups = |count, chosen, score| Some(GroupSpec { count, chosen, score });
    vec![
        // DeepSeek-V2
        case(
            40,
            6,
            RouterSpec {
                groups: groups(8, 3, GroupScore::Best),
                scale: 16.0,
                ..plain
            },
        ),
        // DeepSeek-V3
        case(
            64,
            8,
            RouterSpec {
                scores: Scores::Sigmoid,
                correction: true,
                groups: groups(8, 4, GroupScore::BestTwo),
                divisor: Divisor::Sum { plus: 1e-20 },
                scale: 2.5,
                ..plain
            },
        ),
        // many groups, of two experts each
        case(
            62,
            5,
            RouterSpec {
                scores: Scores::Sigmoid,
                correction: true,
                groups: groups(31, 7, GroupScore::BestTwo),
                ..plain
            },
        ),
        // ERNIE 4.5, once where sums are above the least and once where they are not
        case(
            12,
            3,
            RouterSpec {
                correction: true,
                divisor: Divisor::SumAtLeast(1e-12),
                ..plain
            },
        ),
        case(
            36,
            2,
            RouterSpec {
                correction: true,
                divisor: Divisor::SumAtLeast(0.5),
                ..plain
            },
        ),
        // Llama 4
        case(
            5,
            1,
            RouterSpec {
                scores: Scores::Sigmoid,
                weighs: Weighs::Input,
                ..plain
            },
        ),
        mixer(0.01),
        mixer(0.4),
    ]
}

/// Phi-3.5-MoE
fn mixer(jitter: f64) -> Case {
    let scores = Scores::SparseMixer { jitter };
    case(
        16,
        2,
        RouterSpec {
            scores,
            ..RouterSpec::softmax(false)
        },
    )
}

fn softmax(logits: &[f64]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|x| (x - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|p| p / sum).collect()
}

/// The places of the largest, the largest first.
fn largest(keys: &[f64], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|&a, &b| keys[b].total_cmp(&keys[a]));
    order.truncate(count);
    order
}

/// Scores, choice and weights of one token, by the words of the papers.
fn routed(case: &Case, logits: &[f64]) -> (Vec<f64>, Vec<usize>, Vec<f64>) {
    let Rule { experts, top_k, router } = case.rule;
    if let Scores::SparseMixer { jitter } = router.scores {
        let (mut chosen, mut weights): (Vec<usize>, _) = (vec![], vec![]);
        for _ in 0..2 {
            let left: Vec<f64> = (0..experts)
                .map(|e| {
                    if chosen.contains(&e) {
                        f64::NEG_INFINITY
                    } else {
                        logits[e]
                    }
                })
                .collect();
            let best = largest(&left, 1)[0];
            let near: Vec<f64> = (0..experts)
                .map(
                    |e| match (left[best] - logits[e]) / logits[e].abs().max(left[best]) > 2.0 * jitter {
                        true => f64::NEG_INFINITY,
                        false => left[e],
                    },
                )
                .collect();
            weights.push(softmax(&near)[best]);
            chosen.push(best);
        }
        return (softmax(logits), chosen, weights);
    }
    let scores = match router.scores {
        Scores::Sigmoid => logits.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect(),
        _ => softmax(logits),
    };
    let added = |e: usize| case.correction.as_ref().map_or(0.0, |c| f64::from(c[e]));
    let mut keys: Vec<f64> = (0..experts).map(|e| scores[e] + added(e)).collect();
    if let Some(groups) = router.groups {
        let size = experts / groups.count;
        let judged: Vec<f64> = keys
            .chunks(size)
            .map(|keys| match groups.score {
                GroupScore::Best => keys[largest(keys, 1)[0]],
                GroupScore::BestTwo => largest(keys, 2).iter().map(|&e| keys[e]).sum(),
            })
            .collect();
        let best = largest(&judged, groups.chosen);
        for (e, key) in keys.iter_mut().enumerate() {
            if !best.contains(&(e / size)) {
                *key = f64::NEG_INFINITY;
            }
        }
    }
    let chosen = largest(&keys, top_k);
    let sum: f64 = chosen.iter().map(|&e| scores[e]).sum();
    let divisor = match router.divisor {
        Divisor::One => 1.0,
        Divisor::Sum { plus } => sum + plus,
        Divisor::SumAtLeast(least) => sum.max(least),
    };
    let weights = chosen.iter().map(|&e| scores[e] / divisor * router.scale).collect();
    (scores, chosen, weights)
}

struct Got {
    scores: Buf,
    chosen: Buf,
    weights: Buf,
}

fn run(case: &Case) -> Got {
    let (engine, count) = (engine(), TOKENS * case.rule.top_k);
    let mut got = Got {
        scores: poisoned(DType::F32, TOKENS * case.rule.experts),
        chosen: Buf::from_vec(vec![u32::MAX; count], engine.device()).unwrap(),
        weights: poisoned(DType::F32, count),
    };
    let correction = case.correction.as_ref().map(|c| held(DType::F32, c));
    engine
        .run(Route {
            logits: held(DType::F32, &case.logits).view(),
            correction: correction.as_ref().map(Buf::view),
            scores: got.scores.view_mut(),
            chosen: got.chosen.view_mut(),
            weights: got.weights.view_mut(),
            tokens: TOKENS,
            rule: case.rule,
        })
        .unwrap();
    got
}

#[test]
fn each_router_chooses_and_weighs() {
    for case in cases() {
        let (mut scores, mut chosen, mut weights) = (vec![], vec![], vec![]);
        for logits in case.logits.chunks(case.rule.experts) {
            let of_token = routed(&case, &wide(logits));
            scores.extend(of_token.0);
            chosen.extend(of_token.1.iter().map(|&e| e as u32));
            weights.extend(of_token.2);
        }
        let got = run(&case);
        assert_eq!(
            got.chosen.values::<u32>(chosen.len()).unwrap(),
            chosen,
            "{:?}",
            case.rule.router
        );
        near("scores", &got.scores, &scores, 1e-6);
        near("weights", &got.weights, &weights, 1e-6);
    }
}

/// By differences of the rule in f64, with and without a loss on the probabilities where scores are some.
#[test]
fn the_gradient_of_each_router() {
    const STEP: f64 = 1e-5;
    let engine = engine();
    for case in cases() {
        let Rule { experts, top_k, router } = case.rule;
        let got = run(&case);
        let d_weights = draw(DType::F32, TOKENS * top_k, 3);
        let by_expert = wide(&draw(DType::F32, experts, 4));
        let occurrences = [2u32; TOKENS];
        for balanced in [false, true] {
            if balanced && router.scores == Scores::Sigmoid {
                continue;
            }
            let mut want = vec![];
            for (token, logits) in case.logits.chunks(experts).enumerate() {
                let loss = |logits: &[f64]| {
                    let (scores, _, weights) = routed(&case, logits);
                    let of_weights: f64 = weights
                        .iter()
                        .zip(&d_weights[token * top_k..])
                        .map(|(w, &d)| w * f64::from(d))
                        .sum();
                    let of_scores: f64 = scores.iter().zip(&by_expert).map(|(s, by)| 2.0 * s * by).sum();
                    of_weights + if balanced { of_scores } else { 0.0 }
                };
                let at = |e: usize, step: f64| {
                    let mut moved = wide(logits);
                    moved[e] += step;
                    loss(&moved)
                };
                want.extend((0..experts).map(|e| (at(e, STEP) - at(e, -STEP)) / (2.0 * STEP)));
            }
            let mut d_logits = poisoned(DType::F32, TOKENS * experts);
            let logits = held(DType::F32, &case.logits);
            let by_expert = Buf::from_vec(by_expert.clone(), engine.device()).unwrap();
            let occurrences = indices(&occurrences);
            let mixes = matches!(router.scores, Scores::SparseMixer { .. });
            engine
                .run(RouteBackward {
                    logits: mixes.then(|| logits.view()),
                    scores: got.scores.view(),
                    chosen: got.chosen.view(),
                    weights: got.weights.view(),
                    d_weights: held(DType::F32, &d_weights).view(),
                    balance: balanced.then(|| BalanceGrad {
                        by_expert: by_expert.view(),
                        occurrences: occurrences.view(),
                    }),
                    d_logits: d_logits.view_mut(),
                    tokens: TOKENS,
                    rule: case.rule,
                })
                .unwrap();
            near(&format!("{router:?} {balanced}"), &d_logits, &want, 2e-5);
        }
    }
}

/// A logit so far below the first that its probability is nothing still has a weight among what is left.
#[test]
fn the_second_of_a_sparse_mixer_may_be_far_below() {
    let mut case = mixer(0.01);
    for logits in case.logits.chunks_mut(case.rule.experts) {
        logits[3] += 500.0;
    }
    let weights = run(&case).weights.to_vec(2 * TOKENS).unwrap();
    assert!(weights.chunks(2).all(|w| w[0] == 1.0 && w[1] > 0.0 && w[1] <= 1.0));
}

/// What a correction chose is not what the balance counts: that are the likeliest.
#[test]
fn the_balance_counts_what_no_correction_moved() {
    let engine = engine();
    let router = RouterSpec {
        correction: true,
        ..RouterSpec::softmax(false)
    };
    let case = case(12, 3, router);
    let got = run(&case);
    let mut counts = Buf::from_vec(vec![0f64; 25], engine.device()).unwrap();
    engine
        .run(CountChoices {
            probabilities: got.scores.view(),
            chosen: got.chosen.view(),
            occurrences: indices(&[1; TOKENS]).view(),
            counts: counts.view_mut(),
            tokens: TOKENS,
            rule: case.rule,
        })
        .unwrap();
    let mut want = vec![0f64; 12];
    for logits in case.logits.chunks(12) {
        largest(&wide(logits), 3).iter().for_each(|&e| want[e] += 1.0);
    }
    let mut moved = vec![0f64; 12];
    for expert in got.chosen.values::<u32>(3 * TOKENS).unwrap() {
        moved[expert as usize] += 1.0;
    }
    assert_eq!(counts.values::<f64>(25).unwrap()[..12], want);
    assert_ne!(moved, want);
}
