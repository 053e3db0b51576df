//! PPO on the demo model: a reward learnt from the demo's pairs rises, on rows trained on and on rows held out.

use crate::worker::Folder;
use serde_json::Value;
use std::path::Path;

fn metric(event: &Value, name: &str) -> f64 {
    event["metrics"][name].as_f64().unwrap()
}

#[test]
fn the_mean_reward_rises() {
    let folder = Folder::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../assets/demo")
        .canonicalize()
        .unwrap();
    let common = format!(
        "model_name_or_path: {0}/model\ndataset_dir: {0}/data\ndataset: demo_en\ncutoff_len: 256\nlora_rank: 8\n\
         per_device_train_batch_size: 4\nlearning_rate: 2e-3\n",
        demo.display()
    );
    let reward = folder.run("reward");
    let text = format!("{common}stage: rm\nmax_samples: 200\nmax_steps: 40\nlogging_steps: 10\n");
    reward.train(&folder.write("rm.yaml", &text), &[]);
    assert!(metric(reward.of("step").last().unwrap(), "accuracy") > 0.95);

    let run = folder.run("ppo");
    let text = format!(
        "{common}stage: ppo\nreward_model: {}\neval_dataset: demo_en_test\nmax_samples: 64\nmax_new_tokens: 32\n\
         gradient_accumulation_steps: 2\ninit_kl_coef: 0.02\ntemperature: 1.0\ntop_k: 0\ntop_p: 1.0\nmax_steps: 30\n\
         logging_steps: 1\neval_strategy: steps\neval_steps: 100\n",
        reward.0.display()
    );
    run.train(&folder.write("ppo.yaml", &text), &[]);
    let steps = run.of("step");
    let mean = |part: &[Value]| part.iter().map(|e| metric(e, "reward")).sum::<f64>() / part.len() as f64;
    let (first, last) = (mean(&steps[..6]), mean(&steps[24..]));
    println!("reward {first:.3} -> {last:.3}");
    assert!(last > first + 0.4, "{first} became {last}");
    let evals = run.of("eval");
    let (before, after) = (
        metric(&evals[0], "eval_reward"),
        metric(evals.last().unwrap(), "eval_reward"),
    );
    println!("held out {before:.3} -> {after:.3}");
    assert!(after > before + 0.3, "{before} became {after}");
    // it left the reference, at a price that follows how far
    assert_eq!(metric(&evals[0], "eval_objective/kl"), 0.0);
    assert!(metric(&steps[29], "objective/kl") > 0.5);
    assert!(metric(&steps[29], "objective/kl_coef") != 0.02);
}
