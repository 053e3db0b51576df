//! What is told of each row, and what changes no bit of it.

use super::*;

#[test]
fn what_is_told_of_a_row_beside_its_log_prob_is_taken_over_the_whole_vocabulary() {
    let config = &configs()[0];
    let mut model = Model::random(config.clone(), 3, &options()).unwrap();
    let names = model.weight_names();
    let weights = names
        .into_iter()
        .map(|n| (n.clone(), model.merged_weight(&n).unwrap()))
        .collect();
    let naive = Naive {
        config,
        weights,
        scale: 0.0,
        longest: 0,
    };
    let tokens = ids(20, 9, config.vocabulary());
    let plan = Plan::sequences(&[SeqTokens {
        tokens: &tokens,
        counts: &[true; 20],
    }])
    .unwrap();
    let scored = model.forward_over(&plan, ForwardOptions::policy()).unwrap();
    let logits = naive.logits(&tokens[..19]).unwrap();
    let want = logits.mean(1).unwrap();
    let got = Tensor::new(scored.mean_logits, want.device()).unwrap();
    assert!(relative_error(&got, &want) < 1e-4);
    // how undecided it is
    let logps = logits.broadcast_sub(&logits.log_sum_exp(1).unwrap().unsqueeze(1).unwrap());
    let logps = logps.unwrap();
    let want = (logps.exp().unwrap() * logps).unwrap().sum(1).unwrap().neg().unwrap();
    let got = Tensor::new(scored.entropies, want.device()).unwrap();
    assert!(relative_error(&got, &want) < 1e-5);
    // the chance that two draws agree, where it is asked for
    assert!(scored.log_collision_probs.is_empty());
    let mut asked = ForwardOptions {
        log_collision_probs: true,
        ..ForwardOptions::policy()
    };
    let scored = model.forward_over(&plan, asked).unwrap();
    let twice = logits.affine(2.0, 0.0).unwrap().log_sum_exp(1).unwrap();
    let want = (twice - logits.log_sum_exp(1).unwrap().affine(2.0, 0.0).unwrap()).unwrap();
    let got = Tensor::new(scored.log_collision_probs, want.device()).unwrap();
    assert!(relative_error(&got, &want) < 1e-5);
    // and how undecided the 20 likeliest tokens leave it
    assert!(scored.top_entropies.is_empty());
    asked.top_entropies = true;
    let scored = model.forward_over(&plan, asked).unwrap();
    let entropy = |mut logits: Vec<f32>| {
        logits.sort_by(|a, b| b.total_cmp(a));
        let weights: Vec<f64> = logits[..20].iter().map(|&x| f64::from(x - logits[0]).exp()).collect();
        let sum: f64 = weights.iter().sum();
        -weights.iter().map(|w| w / sum * (w / sum).ln()).sum::<f64>()
    };
    let want: Vec<f64> = logits.to_vec2::<f32>().unwrap().into_iter().map(entropy).collect();
    for (got, want) in scored.top_entropies.iter().zip(&want) {
        assert!((f64::from(*got) - want).abs() < 1e-5 * want, "{got} {want}");
    }
    assert_eq!(scored.top_entropies.len(), want.len());
}

/// Work is split by size and never by the number of threads, so results have the same bits on any machine of a kind.
#[test]
fn the_number_of_threads_changes_no_bit() {
    // wide enough that every product and loop is split
    let config = ModelConfig::parse(
        r#"{"architectures": ["LlamaForCausalLM"], "vocab_size": 2100, "hidden_size": 256, "intermediate_size": 700,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "initializer_range": 0.1}"#,
    )
    .unwrap();
    let batch = Batch::new(config.vocabulary(), Extent::Predictors);
    let plan = batch.shared();
    let coefficients = noise(plan.rows.len(), 5, 0.3);
    let run = |threads: usize, trainable: Trainable| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut model = Model::random(config.clone(), 3, &options()).unwrap();
            model.attach(vec![], trainable).unwrap();
            disturb(&mut model);
            let scored = model.forward_over(&plan, ForwardOptions::training()).unwrap();
            model.backward_over(&plan, LossGrads::of_logps(&coefficients)).unwrap();
            let grads: Vec<Vec<f32>> = model
                .params()
                .iter()
                .map(|p| p.grad().unwrap().flatten_all().unwrap().to_vec1().unwrap())
                .collect();
            (scored.logps, grads)
        })
    };
    let lora = LoraConfig {
        rank: 8,
        alpha: 8.0,
        targets: Targets::All,
        seed: 1,
        ..LoraConfig::default()
    };
    for trainable in [Trainable::NewAdapter(lora), Trainable::Full { keep_reference: false }] {
        let one = run(1, trainable.clone());
        for threads in [2, 3] {
            assert!(one == run(threads, trainable.clone()), "{threads} threads");
        }
    }
}

/// What else is in a batch changes no bit of a pair's log-probs, so stored ones are those of any batch. (An expert meets the
/// tokens of a whole batch, and a few of them take another path than many.)
#[test]
fn neighbours_in_a_batch_change_no_bit() {
    for config in configs() {
        let mut model = Model::random(config.clone(), 3, &options()).unwrap();
        let batch = Batch::new(config.vocabulary(), Extent::Predictors);
        let mut logps = |batch: &Batch| {
            model
                .forward_over(&batch.shared(), ForwardOptions::policy())
                .unwrap()
                .logps
        };
        let together = logps(&batch);
        let alone = (0..batch.prompts.len()).flat_map(|pair| {
            logps(&Batch {
                extent: batch.extent,
                prompts: batch.prompts[pair..=pair].to_vec(),
                completions: batch.completions[pair..=pair].to_vec(),
            })
        });
        let alone: Vec<f32> = alone.collect();
        match engine().device().is_card() {
            false => assert_eq!(together, alone, "{config:?}"),
            // cuBLAS sums products of other sizes in another order
            true => assert!(
                together
                    .iter()
                    .zip(&alone)
                    .all(|(a, b)| (a - b).abs() < 1e-4 * (1.0 + b.abs())),
                "{config:?}"
            ),
        }
    }
}
