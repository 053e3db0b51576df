//! The rules of a run's health on curves of real runs of the demo model: `health/NAME.yaml` is the config and `NAME.jsonl` what
//! its worker told, with the metrics alone that are looked at, to four digits.

#![expect(clippy::panic, reason = "a helper of tests ends the test that called it")]

use protocol::health::{self, Health, Rule, Severity, Vitals};
use protocol::{Lang, RunConfig};
use std::path::PathBuf;

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/health")
        .join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn config(name: &str) -> RunConfig {
    RunConfig::parse(&file(&format!("{name}.yaml"))).config.completed()
}

fn vitals(name: &str) -> Vitals {
    let mut vitals = Vitals::default();
    let events = file(&format!("{name}.jsonl"));
    events.lines().for_each(|line| vitals.apply_line(line.as_bytes()));
    vitals
}

fn health(name: &str) -> Health {
    health::judge(&vitals(name), &config(name))
}

/// What each run shows: rules, and what to try for the worst of it.
const RUNS: &[(&str, &[Rule], &str)] = &[
    ("well", &[], ""),
    ("well_dpo", &[], ""),
    ("well_sft", &[], ""),
    ("collapse", &[Rule::Collapse], "learning_rate=5e-4"),
    ("diverged", &[Rule::RateTooHigh], "learning_rate=5e-4"),
    ("rate_too_high", &[Rule::RateTooHigh], "learning_rate=0.002"),
    ("rate_too_low", &[Rule::RateTooLow], "learning_rate=1e-8"),
    ("displaced", &[Rule::Displacement], "learning_rate=2e-4"),
    ("spikes", &[Rule::Spikes, Rule::TurnedUp], "max_grad_norm=1"),
    ("turned_up", &[Rule::TurnedUp], "num_train_epochs=8.4"),
    ("length_drift", &[Rule::LengthDrift], "init_kl_coef=0.02"),
    ("truncated", &[Rule::Truncated], "cutoff_len=48"),
    ("no_held_out", &[Rule::NoHeldOut], "val_size=0.1 eval_strategy=steps"),
    ("saturated", &[Rule::Displacement, Rule::Saturated], "pref_ftx=0.2"),
    (
        "repetitive",
        &[Rule::Repetitive, Rule::Displacement, Rule::Endless, Rule::Saturated],
        "learning_rate=2.5e-4",
    ),
    (
        "memorised",
        &[Rule::Displacement, Rule::Memorised, Rule::TurnedUp, Rule::Saturated],
        "learning_rate=5e-4",
    ),
    (
        "slower",
        &[Rule::Displacement, Rule::TurnedUp, Rule::Saturated, Rule::Slower],
        "learning_rate=5e-4",
    ),
];

#[test]
fn each_rule_finds_what_is_there_and_nothing_else() {
    for (name, rules, tried) in RUNS {
        let health = health(name);
        let found: Vec<Rule> = health.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(found, *rules, "{name}: {health:#?}");
        let changes = health.findings.first().map(|finding| &finding.changes);
        let changes: Vec<String> = changes.into_iter().flatten().map(ToString::to_string).collect();
        assert_eq!(changes.join(" "), *tried, "{name}");
        // what is to be tried is a value of its key
        for finding in &health.findings {
            for change in &finding.changes {
                let mut read = RunConfig::default();
                let (key, value) = (change.key.as_str(), change.to_string());
                let text = value.split_once('=').unwrap().1.to_owned();
                read.set(key, &text.into())
                    .unwrap_or_else(|e| panic!("{name}: {value}: {e:?}"));
            }
            for lang in [Lang::Ja, Lang::Zh] {
                let said = finding.whole().in_lang(lang);
                assert!(said != finding.whole().message && !said.contains('{'), "{said}");
            }
        }
    }
}

#[test]
fn a_finding_has_its_numbers_and_its_place() {
    let health = health("collapse");
    let finding = &health.findings[0];
    assert_eq!(health.worst(), Some(Severity::Bad));
    assert!(
        finding.said.contains("in 0 % of held-out pairs, before it was 30 %"),
        "{finding:?}"
    );
    assert_eq!(finding.metric.as_deref(), Some("preference/accuracies"));
    let turned = &self::health("turned_up").findings[0];
    // the step with the lowest loss, which was kept
    assert_eq!(turned.checkpoint.as_deref(), Some("checkpoint-42"));
    assert_eq!(turned.steps.map(|steps| (steps.from, steps.to)), Some((42, 75)));
}

/// Steps that were not logged are no less there: the worker names the one that it ended at.
#[test]
fn the_step_of_a_divergence_is_the_worker_s() {
    let events = file("diverged.jsonl");
    let mut vitals = Vitals::default();
    let logged = |line: &&str| !line.contains(r#""type":"step""#);
    events
        .lines()
        .filter(logged)
        .for_each(|line| vitals.apply_line(line.as_bytes()));
    let found = |vitals| health::judge(vitals, &config("diverged")).findings;
    assert_eq!(found(&vitals), health("diverged").findings);
    assert_eq!(found(&vitals).len(), 1);
}

/// One that was stopped early is not judged as one that came to its end.
#[test]
fn a_run_that_was_stopped_in_its_beginning_is_not_judged() {
    let events = file("rate_too_low.jsonl");
    let lines: Vec<&str> = events.lines().collect();
    let stopped = r#"{"seq":99,"time":9,"type":"finished","outcome":"stopped","step":2,"message":""}"#;
    let mut vitals = Vitals::default();
    let early = lines.iter().position(|line| line.contains(r#""step":3,"#)).unwrap();
    let after = lines
        .iter()
        .filter(|line| line.contains(r#""type":"eval""#))
        .nth(1)
        .unwrap();
    lines[..early]
        .iter()
        .for_each(|line| vitals.apply_line(line.as_bytes()));
    let step = serde_json::from_str::<serde_json::Value>(after).unwrap()["step"].to_string();
    vitals.apply_line(after.replace(&format!("\"step\":{step},"), "\"step\":2,").as_bytes());
    vitals.apply_line(stopped.as_bytes());
    assert_eq!(health::judge(&vitals, &config("rate_too_low")).findings, []);
}

/// What a resumed worker does again counts once.
#[test]
fn a_run_that_was_resumed_is_as_well_as_one_that_was_not() {
    let events = file("well.jsonl");
    let lines: Vec<&str> = events.lines().collect();
    let step = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["step"].as_u64();
    let from = lines.iter().position(|line| line.contains("\"step\":18,")).unwrap();
    let mut vitals = Vitals::default();
    // it went astray behind step 17, and was killed
    lines[..from].iter().for_each(|line| vitals.apply_line(line.as_bytes()));
    let astray = r#"{"seq":90,"time":9,"type":"step","step":18,"epoch":0.5,"metrics":{"loss":9.0,"grad_norm":900.0}}"#;
    vitals.apply_line(astray.as_bytes());
    let started = lines.iter().find(|line| line.contains("\"started\"")).unwrap();
    vitals.apply_line(started.replace("\"resumed_from\":0", "\"resumed_from\":17").as_bytes());
    assert!(
        lines[from..]
            .iter()
            .all(|line| step(line).is_none_or(|step| step >= 18))
    );
    lines[from..].iter().for_each(|line| vitals.apply_line(line.as_bytes()));
    assert_eq!(health::judge(&vitals, &config("well")).findings, []);
    assert_eq!(
        vitals.curve("loss").unwrap().count(),
        self::vitals("well").curve("loss").unwrap().count()
    );
}

#[test]
fn silence_is_told_once_it_is_odd() {
    let heard = 1_000_000;
    let after = |seconds: i64, pace| health::stalled(heard + seconds * 1000, heard, pace);
    assert_eq!(after(59, Some(0.1)), None);
    assert_eq!(after(100, Some(30.0)), None);
    let told = after(61, Some(0.5)).unwrap();
    assert_eq!(told.rule, Rule::Stalled);
    assert!(told.said.contains("for 61 s, a step takes 0.5 s"), "{}", told.said);
    assert!(after(61, None).unwrap().said.contains("for 61 s. "));
}
