//! The trainer against LLaMA-Factory 0.9.3 with TRL 0.8.6: every committed curve, step by step, through the real program.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

type Row = BTreeMap<String, f64>;

/// What a run logged: its steps and its evaluations, each with `step` among the metrics.
#[derive(Debug, Clone, serde::Deserialize)]
struct Curve {
    train: Vec<Row>,
    eval: Vec<Row>,
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// The program built beside this test (`make test` builds it first).
fn trainer() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().parent().unwrap().join("corral-trainer");
    assert!(
        program.exists(),
        "{} is missing: cargo build --release -p trainer",
        program.display()
    );
    program
}

fn expected() -> BTreeMap<String, Curve> {
    let text = std::fs::read_to_string(golden().join("curves/expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Trains as the case's YAML says and reads `events.jsonl`.
fn run(case: &str) -> Curve {
    let out = tempfile::tempdir().unwrap();
    let done = Command::new(trainer())
        .arg("train")
        .arg(format!("curves/{case}.yaml"))
        .arg(format!("output_dir={}", out.path().display()))
        .current_dir(golden())
        .env("RAYON_NUM_THREADS", "2")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{case}: {}\n{words}", done.status);
    let events = std::fs::read_to_string(out.path().join("events.jsonl")).unwrap();
    let mut curve = Curve {
        train: vec![],
        eval: vec![],
    };
    for line in events.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let rows = match event["type"].as_str().unwrap() {
            "step" => &mut curve.train,
            "eval" => &mut curve.eval,
            _ => continue,
        };
        let mut row: Row = serde_json::from_value(event["metrics"].clone()).unwrap();
        row.insert("step".into(), event["step"].as_f64().unwrap());
        rows.push(row);
    }
    curve
}

/// How far apart two values of a metric may be.
fn allowed(metric: &str, want: f64) -> f64 {
    match metric.trim_start_matches("eval_") {
        "step" => 0.0,
        "grad_norm" => 5e-4 * want.abs(),
        "learning_rate" => 1e-7 * want.abs() + 1e-12,
        // shares of the pairs: one pair more or less is at least 1/4
        "rewards/accuracies" | "preference/accuracies" => 1e-6,
        _ => 5e-5 * (1.0 + want.abs()),
    }
}

/// Every number of `want` that `got` lacks or misses, in words.
fn differences(case: &str, got: &Curve, want: &Curve) -> Vec<String> {
    let mut out = vec![];
    for (kind, got, want) in [("step", &got.train, &want.train), ("eval", &got.eval, &want.eval)] {
        if got.len() != want.len() {
            out.push(format!("{case}: {} {kind}s, expected {}", got.len(), want.len()));
        }
        for (got, want) in got.iter().zip(want) {
            for (metric, &w) in want {
                // its two parts are LLaMA-Factory's own; the loss they make is checked
                if metric.ends_with("sft_loss") || metric.ends_with("odds_ratio_loss") {
                    continue;
                }
                let at = format!("{case}: {kind} {}: {metric}", want["step"]);
                match got.get(metric) {
                    None => out.push(format!("{at} is missing")),
                    Some(&g) if (g - w).abs() <= allowed(metric, w) => {}
                    Some(&g) => out.push(format!("{at} is {g}, expected {w} ({:.1e} apart)", (g - w).abs())),
                }
            }
        }
    }
    out
}

/// Runs the cases whose name passes `wanted` and fails with every difference.
fn check(wanted: impl Fn(&str) -> bool) {
    let mut wrong = vec![];
    let mut count = 0;
    for (case, want) in expected().iter().filter(|(case, _)| wanted(case)) {
        count += 1;
        let got = run(case);
        let far = differences(case, &got, want);
        let worst = got
            .train
            .iter()
            .zip(&want.train)
            .map(|(g, w)| (g["loss"] - w["loss"]).abs() / (1.0 + w["loss"].abs()))
            .fold(0.0, f64::max);
        println!(
            "{case:24} loss within {worst:.1e} (1+|loss|), {} differences",
            far.len()
        );
        wrong.extend(far);
    }
    assert!(count > 0, "no such case");
    let shown = wrong.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        wrong.is_empty(),
        "{} differences in {count} cases:\n{shown}",
        wrong.len()
    );
}

macro_rules! cases {
    ($($name:ident: $part:literal;)*) => {$(
        #[test]
        fn $name() {
            check(|case| case.starts_with(concat!($part, "-")));
        }
    )*};
}

// each on Llama and Qwen2, LoRA and full, and with its options
cases! {
    sigmoid: "sigmoid";
    hinge: "hinge";
    ipo: "ipo";
    kto_pair: "kto_pair";
    orpo: "orpo";
    simpo: "simpo";
    sft: "sft";
    pt: "pt";
}

/// What the tests above compare can tell the losses apart: none passes for another.
#[test]
fn no_two_losses_share_a_curve() {
    let expected = expected();
    let losses = ["sigmoid", "hinge", "ipo", "kto_pair", "orpo", "simpo"];
    for suffix in ["llama-lora", "llama-full", "qwen2-lora", "qwen2-full"] {
        let got: Vec<Curve> = losses.iter().map(|loss| run(&format!("{loss}-{suffix}"))).collect();
        for (i, a) in got.iter().enumerate() {
            for (j, other) in losses.iter().enumerate().filter(|(j, _)| *j != i) {
                let far = |b: &Curve| {
                    a.train
                        .iter()
                        .zip(&b.train)
                        .any(|(x, y)| (x["loss"] - y["loss"]).abs() > 1e-2)
                };
                assert!(far(&got[j]), "{} and {other} on {suffix} train alike", losses[i]);
                let case = format!("{other}-{suffix}");
                assert!(
                    !differences(&case, a, &expected[&case]).is_empty(),
                    "{} passes for {case}",
                    losses[i]
                );
            }
        }
    }
}
