//! Keys of a run config: the stage, its loss, what it compares with.

/// The rows before, then these, then the others.
macro_rules! method_keys {
    ($($before:tt)*) => {
        adapter_keys! {
            $($before)*
            Method {
                /// What is done: pre-training, supervised fine-tuning, a reward model, preference training on pairs, on labelled
                /// replies, or by PPO.
                stage: String as Stage, LlamaFactory, Own, Fixed { follows: |_| Stage::default().name() };
                /// The preference loss, by LLaMA-Factory's and TRL's names; or several, comma-separated, with "sft" among them.
                pref_loss: String, LlamaFactory, Advanced { default: "sigmoid", list, choices: choices::losses };
                /// Train. `false` alone leaves nothing to do.
                do_train: bool, Transformers, No, Free { follows: |c| c.do_predict != Some(true) };
                /// Evaluate; it asks for rows to evaluate on, as `eval_strategy` does.
                do_eval: bool, Transformers, No, Free;
                /// Write replies to the held-out prompts and compare them with the expected ones, after training or, without `do_train`, alone.
                do_predict: bool, Transformers, No;
                /// What `do_predict` does here; it asks for this key beside it, as LLaMA-Factory does.
                predict_with_generate: bool, Transformers, No;
                /// How hard the chosen and the rejected reply are pulled apart: the strength of the preference loss.
                pref_beta: f64, LlamaFactory, Field { follows: |c| if is_simpo(c) { 2.0 } else { 0.1 }, above_zero };
                /// SimPO: the margin of the rewards that is aimed at.
                simpo_gamma: f64, LlamaFactory, Field { default: 0.5, least: 0.0 };
                /// CPO, CPO-SimPO: weight of the supervised loss, a mean over the chosen tokens of a micro-batch.
                cpo_alpha: f64, Trl, Field {
                    follows: |c| if losses(c).contains(&"cpo") { 1.0 } else { 0.0 }, least: 0.0
                };
                /// Weights of the losses in `pref_loss`, comma-separated, one for each.
                loss_weights: String, Trl, Field { list, shown_with: ShownWith::SeveralLosses };
                /// DiscoPOP: temperature of its blend of two losses.
                discopop_tau: f64, Trl, Field { default: 0.05, above_zero };
                /// The loss of stage "kto".
                kto_loss: String as KtoLossName, Corral, Field { default: "kto" };
                /// KTO: weight of chosen, or desirable, replies.
                kto_chosen_weight: f64, LlamaFactory, Field { default: 1.0, least: 0.0 };
                /// KTO: weight of rejected, or undesirable, replies.
                kto_rejected_weight: f64, LlamaFactory, Field { default: 1.0, least: 0.0 };
                /// Weight of the supervised loss on the chosen reply, added to the preference loss.
                pref_ftx: f64, LlamaFactory, Field { default: 0.0, least: 0.0 };
                /// PPO: the reward model: an adapter of stage "rm", or a folder.
                reward_model: String, LlamaFactory, Field, Free;
                /// What `reward_model` is: an adapter on the model that trains, or a model of its own.
                reward_model_type: String as RewardModelType, LlamaFactory, Field {
                    default: "lora", choices: choices::reward_models
                };
                /// PPO: the divergence from the reference that its price is steered to.
                ppo_target: f64, LlamaFactory, Field { default: 6.0, above_zero };
                /// Written replies (PPO, `do_predict`): tokens of a reply, at most.
                max_new_tokens: u64, LlamaFactory, Field { default: 1024, least: 1, most: 16_777_216 };
                /// EAFT: the power of its weights; 0 leaves all tokens alike.
                eaft_alpha: f64, LlamaFactory, Field { default: 1.0, least: 0.0 };
                /// Train on the prompt too.
                train_on_prompt: bool, LlamaFactory, Field;
                /// Train on the last turn only.
                mask_history: bool, LlamaFactory, Field;
                /// Pack short examples into one row. In stage "sft" later ones then see earlier ones.
                packing: bool, LlamaFactory, Field { follows: |c| key::stage.chosen(c) == Stage::Pretrain };
                /// Pack short examples of stage "sft" into one row in which they don't see each other.
                neat_packing: bool, LlamaFactory, Field;
                /// Share of pairs thought mislabelled.
                dpo_label_smoothing: f64, LlamaFactory, Advanced {
                    follows: |c| if smooths_as_exo(c) { EXO_SMOOTHING } else { 0.0 }, within: 0.0..=0.5
                };
                /// LD-DPO: weight of the log-probs past the shorter reply's length.
                ld_alpha: f64, LlamaFactory, Advanced { within: 0.0..=1.0 };
                /// RPO: weight of the supervised loss, a mean over the chosen tokens of a micro-batch.
                rpo_alpha: f64, Trl, Advanced { usual: 0.0, least: 0.0 };
                /// Weight of the BCO term beside the loss: `(L + w L_bco) / (1 + w)`.
                pref_bco_weight: f64, LlamaFactory, Advanced { usual: 0.0, least: 0.0 };
                /// The divergence from the reference that the loss is built on.
                f_divergence_type: String as DivergenceName, Trl, Advanced { usual: "reverse_kl" };
                /// The alpha of `f_divergence_type: alpha_divergence`.
                f_alpha_divergence_coef: f64, Trl, Advanced { default: 1.0, above_zero };
                /// Weight of the router's auxiliary loss (mixture of experts), in stages "pt", "sft", "dpo" and "kto"; default what the
                /// model's `output_router_logits` says.
                moe_aux_loss_coef: f64, LlamaFactory, Advanced { usual: 0.0, least: 0.0, shown_with: ShownWith::Experts };
                /// NEFTune: noise on the embeddings while training, in stages "sft" and "pt".
                neftune_noise_alpha: f64, Transformers, Advanced { usual: 0.0, least: 0.0 };
                /// DFT: each token of stage "sft" weighs as much as the model's own probability of it.
                use_dft_loss: bool, LlamaFactory, Advanced;
                /// EAFT: each token of stage "sft" weighs by how undecided the model is there.
                use_eaft_loss: bool, LlamaFactory, Advanced;
                /// Dropout before the value head of a reward model, in training.
                summary_dropout_prob: f64, Trl, Advanced { default: 0.1, within: 0.0..=0.99 };
                /// Adapters on a reward model of its own, comma-separated.
                reward_model_adapters: String, LlamaFactory, Advanced, Free { list };
                /// Pack the reward model to so many bits while loading.
                reward_model_quantization_bit: u64, LlamaFactory, No { choices: choices::bits };
                /// PPO: optimizer batches of replies that are written at a time.
                ppo_buffer_size: u64, LlamaFactory, Advanced { default: 1, least: 1, most: 1_000_000 };
                /// PPO: passes over the replies of a buffer.
                ppo_epochs: u64, LlamaFactory, Advanced { default: 4, least: 1, most: 1_000_000 };
                /// PPO: the price of leaving the reference, at first.
                init_kl_coef: f64, Trl, Advanced { default: 0.2, least: 0.0 };
                /// PPO: steer that price towards `ppo_target`.
                adap_kl_ctrl: bool, Trl, Advanced { default: true };
                /// PPO: scores by the mean and deviation of all so far.
                ppo_score_norm: bool, LlamaFactory, Advanced { default: false };
                /// PPO: rewards are brought to a deviation of 1 before advantages are made of them.
                ppo_whiten_rewards: bool, LlamaFactory, Advanced { default: false };
                /// Written replies: draw tokens; else the likeliest token is taken.
                do_sample: bool, LlamaFactory, Advanced { default: true };
                /// Written replies: tokens are drawn from log-probs divided by it.
                temperature: f64, LlamaFactory, Advanced { default: 0.95, above_zero };
                /// Written replies: tokens are drawn from the likeliest tokens that together reach this probability.
                top_p: f64, LlamaFactory, Advanced { default: 0.7, within: 1e-6..=1.0 };
                /// Written replies: tokens are drawn from this many of the likeliest tokens; 0 for all.
                top_k: u64, LlamaFactory, Advanced { default: 50 };
                /// Written replies: tokens that stand there already become less likely by this factor; 1 leaves them.
                repetition_penalty: f64, LlamaFactory, Advanced { default: 1.0, above_zero };
                /// The reference model; default the model the run starts from.
                ref_model: String, LlamaFactory, Advanced, Free;
                /// Adapters on the reference model, comma-separated.
                ref_model_adapters: String, LlamaFactory, Advanced, Free { list };
                /// Pack the reference model to so many bits while loading.
                ref_model_quantization_bit: u64, LlamaFactory, Advanced { choices: choices::bits };
                /// TR-DPO: the policy's share when the reference is brought up to date.
                ref_model_mixup_alpha: f64, Trl, Advanced { default: 0.6, within: 0.0..=1.0 };
                /// TR-DPO: steps between two updates of the reference.
                ref_model_sync_steps: u64, Trl, Advanced { default: 512, least: 1 };
                /// TR-DPO: the reference follows the policy.
                sync_ref_model: bool, Trl, Advanced;
                /// Leave the reference out of the loss.
                reference_free: bool, Trl, Advanced;
                /// WPO: pairs weigh as much as the policy would write them.
                use_weighting: bool, Trl, Advanced;
                /// Compute the reference's log-probs once before training and keep them for later runs.
                precompute_ref_log_probs: bool, Trl, Advanced, Free;
            }
        }
    };
}
