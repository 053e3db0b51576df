//! Runs on a card: one golden run of each loss, stage, adapter, quantizer and optimizer, its first two steps against the
//! processor's. Below Cargo the card is the emulated one, which reports what a real one lets pass.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests end the test that called them and print its rows"
)]

mod board;
mod counts;
mod half;
mod memory;
mod reading;
mod samples;
mod trouble;

use protocol::{RunConfig, supported};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tests::parity::{Case, Far, On, group, groups, run_on};

/// `group/case`. What is supported and in none of them is told by [`nothing_supported_is_left_out`]; learning
/// rates are the host's, so schedules need no run here.
const RUNS: &[&str] = &[
    "quant/bit4-fp4-single",
    "quant/nf4-dpo",
    "quant/nf4-bf16-simpo",
    "quant/gptq-order-sft",
    "quant/awq-dpo",
    "quant/gguf-k-dpo",
    "quant/gguf-dpo",
    "quant/int8-sft",
    "bases/gptq3-sft",
    "bases/compressed-mixed-dpo",
    "bases/hqq-dpo",
    "bases/aqlm-dpo",
    "bases/bit4-hqq-dpo",
    "bases/bit8-eetq-sft",
    "bases/phi3-gptq-sft",
    "weighted/dft-masked",
    "losses/js-robust",
    "losses/cpo-ipo",
    "bco_weight/bco-weight-hinge",
    "adapters/pissa-iter-simpo",
    "stages/sft-neat",
    "stages/pt-rows",
    "stages/ppo-whiten",
    "stages/kto-lora",
    "oft/oft-new",
    "mpo/mpo-lora",
    "moe/qwen2moe-sft-aux-freeze",
    "moe/mixtral-dpo-lora",
    "losses/ld-apo_zero",
    "loftq/ref-nf4-lora",
    "bco/bco-lora",
    "weighted/eaft-qwen2-lora",
    "stages/sft-prompt",
    "stages/rm-lora",
    "stages/ppo-norm",
    "optim/sgd-lora",
    "optim/schedule-reduce_lr_on_plateau",
    "optim/lion_8bit-lora",
    "optim/lion_32bit-lora",
    "optim/galore-turns",
    "optim/badam-fixed",
    "optim/apollo-turns",
    "optim/adamw_8bit-lora",
    "optim/adafactor-lora",
    "losses/wpo-simpo",
    "losses/tr-dpo-lora",
    "losses/sppo_hard-lora",
    "losses/reference-stored",
    "losses/reference-adapters",
    "losses/nca_pair-lora",
    "losses/free-exo_pair",
    "losses/free-apo_down",
    "losses/discopop-tau",
    "losses/cpo-smoothed",
    "losses/cpo-simpo-lora",
    "losses/bco_pair-windows",
    "losses/aot_pair-smoothed",
    "losses/aot-smoothed",
    "losses/alpha-lora",
    "loftq/loftq-sft",
    "curves/orpo-qwen2-lora",
    "curves/kto_pair-qwen2-lora",
    "adapters/whole-sft",
    "adapters/pro-sft",
    "adapters/pissa-dora-rslora-sft",
    "adapters/loraplus-whole-sft",
    "rope/rope-linear",
    "rope/rope-dynamic",
    "rope/rope-yarn",
    "rope/rope-llama3",
];

/// Metrics that tell of the machine, not of what was computed.
const OF_THE_MACHINE: &[&str] = &["tokens_per_second", "memory"];

fn config_of(name: &str) -> (Case, Map<String, Value>) {
    let (of, case) = name.split_once('/').unwrap();
    let case = group(of)
        .cases
        .remove(case)
        .unwrap_or_else(|| panic!("no golden run {name}"));
    let mut config = case.config.clone();
    config.insert("max_steps".into(), 2.into());
    (case, config)
}

/// What is wrong with a run on a card.
fn wrong(name: &str) -> Vec<String> {
    let (case, config) = config_of(name);
    let want = run_on(On::Processor, &config).unwrap_or_else(|words| panic!("{name}: {words}"));
    let mut want = want.curve;
    for row in want.train.iter_mut().chain(&mut want.eval) {
        row.retain(|metric, _| !OF_THE_MACHINE.contains(&metric.as_str()));
    }
    let case = Case {
        train: want.train,
        eval: want.eval,
        change: BTreeMap::new(),
        product: BTreeMap::new(),
        ..case
    };
    let got = match run_on(On::Card, &config) {
        Ok(got) => got,
        Err(words) => return vec![words],
    };
    assert_ne!(got.device(), "cpu", "{name}");
    let far = Far::of(&case, &got);
    println!(
        "{name:40} loss {:.0e}  gradient norm {:.0e}  metrics {:.0e}",
        far.loss, far.grad_norm, far.metrics
    );
    far.wrong
}

#[test]
fn every_kind_of_run_trains_on_a_card_as_on_the_processor() {
    let (next, wrongs) = (AtomicUsize::new(0), Mutex::new(vec![]));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(name) = RUNS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = wrong(name).into_iter().map(|far| format!("{name}: {far}"));
                    wrongs.lock().unwrap().extend(found);
                }
            });
        }
    });
    let wrongs = wrongs.into_inner().unwrap();
    assert!(
        wrongs.is_empty(),
        "{} differences:\n{}",
        wrongs.len(),
        wrongs.join("\n")
    );
}

fn parsed(config: &Map<String, Value>) -> RunConfig {
    RunConfig::parse(&Value::Object(config.clone()).to_string()).config
}

#[test]
fn nothing_supported_is_left_out() {
    let configs: Vec<_> = RUNS.iter().map(|name| parsed(&config_of(name).0.config)).collect();
    let missing: Vec<_> = supported::all()
        .into_iter()
        .filter(|row| row.kind != "schedule" && !configs.iter().any(|config| row.is_asked_for_by(config)))
        .map(|row| row.yaml.replace('\n', ", "))
        .collect();
    assert!(missing.is_empty(), "no run on a card for: {}", missing.join("; "));
}

/// A small list that leaves nothing out, for whoever adds a kind of run.
#[test]
#[ignore = "prints what `RUNS` could be"]
fn a_list_that_leaves_nothing_out() {
    let all: Vec<(String, RunConfig)> = groups()
        .iter()
        .flat_map(|of| {
            let cases = group(of).cases.into_iter();
            cases.map(move |(name, case)| (format!("{of}/{name}"), parsed(&case.config)))
        })
        .collect();
    let mut left = supported::all();
    left.retain(|row| row.kind != "schedule");
    while let Some((name, config)) = all
        .iter()
        .max_by_key(|(_, config)| left.iter().filter(|row| row.is_asked_for_by(config)).count())
        .filter(|_| !left.is_empty())
    {
        println!("    \"{name}\",");
        let before = left.len();
        left.retain(|row| !row.is_asked_for_by(config));
        assert!(
            left.len() < before,
            "no golden run for {:?}",
            left.iter().map(|row| &row.yaml).collect::<Vec<_>>()
        );
    }
}
