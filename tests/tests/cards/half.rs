//! `fp16: true` on the emulated card: near what f32 computes, and steps whose gradients overflow are skipped.

use crate::trouble::{case, command, files, train, well};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

fn events(out: &Path, kind: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(out.join("events.jsonl")).unwrap();
    let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.filter(|event| event["type"] == kind).collect()
}

fn metric(event: &Value, name: &str) -> Option<f64> {
    event["metrics"][name].as_f64()
}

#[test]
fn runs_in_f16_are_near_those_in_f32() {
    let folder = TempDir::new().unwrap();
    for name in [
        "losses/cpo-simpo-lora",
        "quant/nf4-dpo",
        "stages/sft-prompt",
        "moe/mixtral-dpo-lora",
        "stages/rm-lora",
    ] {
        let more = [
            ("max_steps", json!(2)),
            ("logging_steps", json!(1)),
            ("logging_first_step", json!(true)),
        ];
        let config = case(name, &more);
        let place = folder.path().join(name.replace('/', "-"));
        let (full, half) = (place.with_extension("f32"), place.with_extension("f16"));
        well(&train(&config, &full, &["fp16=false", "bf16=false"]));
        well(&train(&config, &half, &["fp16=true", "bf16=false"]));
        assert_eq!(events(&half, "started")[0]["compute"], "f16", "{name}");
        let (want, got) = (events(&full, "step"), events(&half, "step"));
        assert_eq!((want.len(), got.len()), (2, 2), "{name}");
        for (want, got) in want.iter().zip(&got) {
            assert_eq!(metric(got, "skipped_updates"), Some(0.0), "{name}: {got}");
            assert_eq!(metric(got, "loss_scale"), Some(65536.0), "{name}: {got}");
            for (of, bound) in [("loss", 2e-3), ("grad_norm", 2e-2)] {
                let (want, got) = (metric(want, of).unwrap(), metric(got, of).unwrap());
                assert!(
                    (want - got).abs() <= bound * (1.0 + want.abs()),
                    "{name}: {of} {got}, not {want}"
                );
            }
        }
        // rounded somewhere
        assert_ne!(metric(&want[0], "grad_norm"), metric(&got[0], "grad_norm"), "{name}");
    }
}

#[test]
fn a_step_whose_gradients_overflow_is_skipped_and_the_scale_halves() {
    let folder = TempDir::new().unwrap();
    // derivatives of the log-probs are of the size of beta
    let more = [
        ("pref_beta", json!(60.0)),
        ("fp16", json!(true)),
        ("max_steps", json!(9)),
        ("save_steps", json!(1)),
        ("logging_steps", json!(1)),
        ("learning_rate", json!(1e-6)),
        ("warmup_steps", json!(0)),
    ];
    let config = case("losses/js-robust", &more);
    let straight = folder.path().join("straight");
    well(&train(&config, &straight, &[]));
    let steps = events(&straight, "step");
    let skipped: Vec<f64> = steps
        .iter()
        .map(|step| metric(step, "skipped_updates").unwrap())
        .collect();
    let count = *skipped.last().unwrap() as usize;
    assert!((1..8).contains(&count), "{skipped:?}");
    for (n, step) in steps.iter().enumerate() {
        // the first ones overflow, until the scale is small enough
        let so_far = count.min(n + 1);
        assert_eq!(skipped[n], so_far as f64, "{skipped:?}");
        assert_eq!(metric(step, "loss_scale"), Some(65536.0 / 2f64.powi(so_far as i32)));
        assert_eq!(metric(step, "grad_norm").is_none(), n < count, "{step}");
        // the schedule waits as well
        assert_eq!(
            metric(step, "learning_rate"),
            metric(&steps[0], "learning_rate")
                .filter(|_| n <= count)
                .or(metric(step, "learning_rate"))
        );
    }
    let told = events(&straight, "notice")
        .into_iter()
        .filter(|event| event["code"] == "overflowed")
        .count();
    assert_eq!(told, count);
    let weights = |step: usize| {
        files(&straight.join(format!("checkpoint-{step}")))
            .into_iter()
            .find(|(name, _)| name.starts_with("adapter"))
            .unwrap()
    };
    if count > 1 {
        assert!(weights(1) == weights(count), "nothing is updated in a skipped step");
    }
    assert!(weights(count) != weights(count + 1), "the next one updates");
    // broken off amid the skipped steps and gone on with: the same to the bit
    let broken = folder.path().join("broken");
    let until = format!("max_steps={}", count.div_ceil(2));
    well(&train(&config, &broken, &[&until]));
    well(
        &command(&config, &broken, &["resume_from_checkpoint=true"], &[])
            .output()
            .unwrap(),
    );
    assert!(files(&straight.join("checkpoint-9")) == files(&broken.join("checkpoint-9")));
}

#[test]
fn on_the_processor_it_computes_in_f32_and_says_so() {
    let folder = TempDir::new().unwrap();
    let config = case("stages/sft-prompt", &[("fp16", json!(true)), ("max_steps", json!(1))]);
    let out = folder.path().join("out");
    well(&command(&config, &out, &["device=cpu"], &[]).output().unwrap());
    assert_eq!(events(&out, "started")[0]["compute"], "f32");
    assert!(
        events(&out, "notice")
            .iter()
            .any(|event| event["code"] == "computes_in_f32")
    );
}
