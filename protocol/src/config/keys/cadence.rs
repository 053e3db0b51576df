//! Keys of a run config: when is evaluated, kept and logged, and what is answered on the way.

/// The rows before, then these, then the others.
macro_rules! cadence_keys {
    ($($before:tt)*) => {
        run_keys! {
            $($before)*
            Cadence {
                /// When the model is evaluated.
                eval_strategy: String as When, Transformers, Field, Free { default: "no" };
                /// Steps between two evaluations; below 1 a share of the steps.
                eval_steps: f64, Transformers, Field, Free {
                    follows: |c| key::logging_steps.of(c), above_zero, in_steps
                };
                /// When checkpoints are written.
                save_strategy: String as When, Transformers, Field, Free { default: "steps" };
                /// Steps between two checkpoints; below 1 a share of the steps.
                save_steps: f64, Transformers, Field, Free { default: 500.0, above_zero, in_steps };
                /// Steps between two logs; below 1 a share of the steps.
                logging_steps: f64, Transformers, Field, Free { default: 500.0, above_zero, in_steps };
                /// Checkpoints that are kept; the best one stays beside them.
                save_total_limit: u64, Transformers, Field, Free { least: 1 } => optional;
                /// Steps (or epochs, where evaluation goes by epochs) before the first evaluation.
                eval_delay: f64, Transformers, No, Free { usual: 0.0, least: 0.0, in_steps };
                /// The metric that the best checkpoint is told by, with or without `eval_`.
                metric_for_best_model: String, Transformers, No, Free { default: "eval_loss" };
                /// Whether more of that metric is better; default: unless its name ends in "loss".
                greater_is_better: bool, Transformers, No, Free {
                    follows: |c| BestRule::greater(&BestRule::metric(&key::metric_for_best_model.of(c)))
                };
                /// The best checkpoint is what the run gives, not the last.
                load_best_model_at_end: bool, Transformers, No, Free;
                /// Evaluations in a row without a better one after which training ends.
                early_stopping_steps: u64, LlamaFactory, No, Free { least: 1 };
                /// Share of the reply's tokens that the model would have chosen, in evaluations of stage "sft".
                compute_accuracy: bool, LlamaFactory, No, Free;
                /// Checkpoints without what training goes on from: smaller, and never resumed.
                save_only_model: bool, Transformers, No, Free => plain;
                /// When metrics are logged; the last step always is.
                logging_strategy: String as When, Transformers, No, Free { default: "steps" };
                /// Log the first step too.
                logging_first_step: bool, Transformers, No, Free => plain;
                /// Log the tokens trained on so far.
                include_num_input_tokens_seen: bool, Transformers, No, Free => plain;
                /// Held-out prompts that the model answers before training (unless `eval_delay`), at each evaluation and at the end; 0: none.
                sample_prompts: u64, Corral, Field { usual: 0, most: MOST_PROMPTS as u64 };
                /// Prompts of your own that are answered too: a line each, or a conversation as JSON (`{"messages": […], "tools": […]}`).
                sample_own_prompts: String, Corral, Own;
                /// Tokens of such a reply, at most.
                sample_max_new_tokens: u64, Corral, Field { default: 128, least: 1, most: MOST_NEW_TOKENS as u64 };
                /// 0: always the likeliest token; above it replies are drawn, each prompt's by the same seed at every step.
                sample_temperature: f64, Corral, Advanced { usual: 0.0, least: 0.0, most: 100.0 };
            }
        }
    };
}
