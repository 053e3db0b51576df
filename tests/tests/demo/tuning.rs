//! Each preference loss with its recommended settings on the demo, in each language: held-out accuracy rises by at
//! least 25 points and the reply changes. Prints how long each run took.

use protocol::method::{MethodId, Scale};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;
use tests::demo::{self, Talker};
use tests::programs::program;

const LOSSES: [MethodId; 6] = [
    MethodId::Sigmoid,
    MethodId::Hinge,
    MethodId::Ipo,
    MethodId::KtoPair,
    MethodId::Orpo,
    MethodId::Simpo,
];
/// Rise of the share of held-out pairs whose chosen reply is preferred.
const RISE: f64 = 0.25;
const ACCURACY: &str = "preference/accuracies";

/// One run at a time, so that the times printed are a run's own.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn english() {
    every_loss("en");
}

#[test]
fn japanese() {
    every_loss("ja");
}

#[test]
fn chinese() {
    every_loss("zh");
}

fn every_loss(language: &str) {
    let _alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    let asked = &demo::questions()[language];
    let mut base = Talker::new(&demo::model());
    let before: Vec<String> = asked.iter().map(|q| base.ask(&q.question)).collect();
    let mut short = vec![];
    for id in LOSSES {
        let out = tempfile::tempdir().unwrap();
        let started = Instant::now();
        let evals = train(id, language, out.path());
        let seconds = started.elapsed().as_secs_f64();
        let (first, last) = (evals[0], evals[evals.len() - 1]);
        let loss = id.pref_loss().unwrap();

        let mut tuned = Talker::new(out.path());
        let after: Vec<String> = asked.iter().map(|q| tuned.ask(&q.question)).collect();
        let longer = before.iter().zip(&after).filter(|(b, a)| a.len() > b.len()).count();
        let right = asked.iter().zip(&after).filter(|(q, a)| q.is_answered_by(a)).count();
        println!(
            "{language} {loss}: {ACCURACY} {first:.2} -> {last:.2} over {} evals, {seconds:.1} s; {longer} of 20 replies \
             longer, {right} right; {} | {} -> {}",
            evals.len(),
            asked[0].question,
            before[0],
            after[0]
        );
        if last - first < RISE || longer < 10 {
            short.push(format!(
                "{loss}: {first:.2} -> {last:.2}, {longer} of 20 replies longer"
            ));
        }
    }
    assert!(short.is_empty(), "{language}: {short:#?}");
}

/// Trains with the method's recommended settings and gives the held-out accuracies in the order they were measured.
fn train(id: MethodId, language: &str, out: &Path) -> Vec<f64> {
    let mut config = id.recommended(Scale {
        rows: Some(600),
        params: Some(1_000_000),
    });
    // what it writes is asked for below, of all twenty
    config.sample_prompts = None;
    config.model_name_or_path = Some(demo::model().display().to_string());
    config.dataset_dir = Some(demo::data().display().to_string());
    config.dataset = Some(format!("demo_{language}"));
    config.val_size = None;
    config.eval_dataset = Some(format!("demo_{language}_test"));
    config.output_dir = Some(out.display().to_string());
    config.overwrite_output_dir = Some(true);
    let yaml = out.join("run.yaml");
    std::fs::write(&yaml, config.to_yaml()).unwrap();
    let done = Command::new(program("corral-trainer"))
        .arg("train")
        .arg(&yaml)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{id:?}: {}\n{words}", done.status);
    let events = std::fs::read_to_string(out.join("events.jsonl")).unwrap();
    let events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let evals = events.filter(|event| event["type"] == "eval");
    let accuracies: Vec<f64> = evals
        .map(|event| {
            let metrics = event["metrics"].as_object().unwrap();
            let named = |name: &&String| name.trim_start_matches("eval_") == ACCURACY;
            let name = metrics.keys().find(named).unwrap();
            metrics[name].as_f64().unwrap()
        })
        .collect();
    assert!(accuracies.len() >= 4, "{id:?}: {} evaluations", accuracies.len());
    accuracies
}
