//! Files of sweeps: W&B's and ours, and what is said of wrong ones.

use super::*;
use crate::sweep::{check, count};

const CONFIG: &str =
    "model_name_or_path: m\nstage: dpo\npref_loss: simpo\ndataset: d\nval_size: 0.1\neval_strategy: epoch\n";

fn of(block: &str) -> SweepFile {
    read(&format!("{CONFIG}sweep:\n{block}"), &[])
}

#[test]
fn files_are_read_as_wandbs_and_ours() {
    let file = of(
        "  method: bayes\n  metric: {name: eval_loss, goal: minimize}\n  run_cap: 20\n  early_terminate: {type: hyperband, eta: 3}\n  parameters:\n    learning_rate: {distribution: log_uniform_values, min: 1e-6, max: 1e-4}\n    pref_beta: {values: [1, 2, 3]}\n    simpo_gamma: 0.3..0.7 step 0.2\n    lora_rank: {value: 8}\n",
    );
    assert_eq!(file.errors, []);
    let sweep = &file.sweep;
    assert_eq!(
        (sweep.method, sweep.run_cap, count(sweep)),
        (Method::Tpe, Some(20), Some(20))
    );
    assert_eq!(sweep.early_terminate, Some(Halving { eta: 3, min_iter: 1 }));
    assert_eq!(file.config.lora_rank, Some(8));
    assert_eq!(sweep.parameters.len(), 3);
    assert_eq!(file.notices.len(), 1);
    for name in [Some("mine"), None] {
        let again = read(&to_yaml(name, &file.config, sweep), &[]);
        assert_eq!((again.errors, again.name.as_deref()), (vec![], name));
        assert_eq!((&again.sweep, again.config), (sweep, file.config.clone()));
    }
}

#[test]
fn what_is_wrong_is_said_with_its_key_before_anything_starts() {
    for (block, field, said) in [
        ("  parameters:\n    pref_bta: [1, 2]\n", "pref_bta", "pref_beta"),
        ("  parameters:\n    pref_beta: [1]\n", "pref_beta", "two values or more"),
        ("  parameters:\n    pref_beta: [1, x]\n", "pref_beta", "x: takes"),
        (
            "  parameters:\n    pref_beta: [1, null]\n",
            "pref_beta",
            "null is no value",
        ),
        (
            "  parameters:\n    pref_beta: 1..3 step 0.001\n",
            "pref_beta",
            "more than 1000 points",
        ),
        (
            "  parameters:\n    pref_beta: {values: [1, 2], distribution: nonsense}\n",
            "pref_beta",
            "`distribution` changes nothing",
        ),
        (
            "  parameters:\n    output_dir: [a, b]\n",
            "output_dir",
            "each run's own",
        ),
        (
            "  parameters:\n    pref_beta: [1, -2]\n",
            "pref_beta",
            "with pref_beta -2",
        ),
        (
            "  parameters:\n    dpo_label_smoothing: [0.1, 0.2]\n",
            "dpo_label_smoothing",
            "changes nothing",
        ),
        (
            "  parameters:\n    pref_beta: {min: 1, max: 2}\n",
            "pref_beta",
            "how many points",
        ),
        (
            "  parameters:\n    pref_beta: {min: 1, max: 2, distribution: normal}\n",
            "pref_beta",
            "normal is not drawn",
        ),
        (
            "  parameters:\n    lora_rank: 1..2000\n",
            "lora_rank",
            "how many points",
        ),
        (
            "  parameters:\n    lora_rank: 1..900\n    pref_beta: [1, 2]\n",
            "run_cap",
            "at most 1000",
        ),
        (
            "  method: random\n  parameters:\n    pref_beta: 1..2\n",
            "run_cap",
            "how many runs",
        ),
        (
            "  metric: loss\n  parameters:\n    pref_beta: [1, 2]\n",
            "metric",
            "not measured on held-out",
        ),
        (
            "  metric: eval_mine\n  parameters:\n    pref_beta: [1, 2]\n",
            "goal",
            "goal: maximize",
        ),
        (
            "  methd: grid\n  parameters:\n    pref_beta: [1, 2]\n",
            "sweep.methd",
            "method",
        ),
        (
            "  program: train.py\n  parameters:\n    pref_beta: [1, 2]\n",
            "program",
            "W&B",
        ),
        (
            "  early_terminate: {eta: 1}\n  parameters:\n    pref_beta: [1, 2]\n",
            "early_terminate.eta",
            "no share",
        ),
    ] {
        let file = of(block);
        let found = check(&file.config, &file.sweep).errors;
        let all: Vec<_> = file.errors.iter().chain(&found).collect();
        let named = all
            .iter()
            .find(|error| error.field == field && error.whole().message.contains(said));
        assert!(named.is_some(), "{block}: {all:?}");
    }
    let none = read(CONFIG, &[]).errors;
    assert!(none[0].message.contains("parameters"), "{none:?}");
    let alone = RunConfig::parse(&format!("{CONFIG}sweep: {{}}\n")).errors;
    assert!(alone[0].message.contains("corral sweep"), "{alone:?}");
    let mut unseen = of("  parameters:\n    pref_beta: [1, 2]\n");
    (unseen.config.val_size, unseen.config.eval_strategy) = (None, None);
    assert_eq!(check(&unseen.config, &unseen.sweep).errors[0].field, "val_size");
}

#[test]
fn a_sweep_of_a_stage_that_there_is_not_is_refused_for_that() {
    let file = of("  parameters:\n    learning_rate: [1e-6, 5e-6]\n");
    let config = RunConfig {
        stage: Some("dop".into()),
        ..file.config
    };
    let checked = check(&config, &file.sweep);
    let fields: Vec<_> = checked.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!((fields, checked.target), (vec!["stage"], None));
}

#[test]
fn the_reference_is_kept_where_there_is_one() {
    let sweep = |loss: &str| {
        let file = of("  parameters:\n    learning_rate: [1e-6, 5e-6]\n");
        let mut config = file.config;
        config.pref_loss = Some(loss.into());
        check(&config, &file.sweep)
    };
    assert!(sweep("sigmoid").reference_once && !sweep("simpo").reference_once);
    assert!(
        sweep("sigmoid")
            .notices
            .iter()
            .any(|said| said.code == "sweep_reference_once")
    );
}
