//! Keys of a run config: how much at once, how long, on what.

/// The rows before, then these, then the others.
macro_rules! batch_keys {
    ($($before:tt)*) => {
        cadence_keys! {
            $($before)*
            Batch {
                /// Passes over the data.
                num_train_epochs: f64, Transformers, Field, Free { default: 3.0, above_zero, most: 1e6 };
                /// Rows, or pairs, of a micro-batch in training.
                per_device_train_batch_size: u64, Transformers, Field { default: 8, least: 1, most: 65_536 };
                /// Micro-batches of an optimizer step.
                gradient_accumulation_steps: u64, Transformers, Field { default: 1, least: 1, most: 1_000_000 };
                /// Seed of what is drawn: order of rows, new weights, dropout, replies.
                seed: u64, Transformers, Field { default: 42, most: WHOLE };
                /// Optimizer steps, in place of `num_train_epochs` when above 0.
                max_steps: f64, Transformers, Advanced, Free { whole, in_steps };
                /// Rows, or pairs, of a micro-batch in evaluations.
                per_device_eval_batch_size: u64, Transformers, Advanced, Free { default: 8, least: 1, most: 65_536 };
                /// Where the run computes: the best there is, the processor, a card, or a certain one as "cuda:1".
                device: String, Corral, Advanced, Free { usual: "auto", choices: choices::devices };
                /// Memory for saved activations in MiB; layers past it are computed again. Left out: what there is room for.
                activation_memory: u64, Corral, Advanced, Free { most: 1_000_000_000 };
                /// Compute in bfloat16; what trains stays in f32.
                bf16: bool, Transformers, Advanced;
                /// Compute in float16, with a scaled loss; what trains stays in f32.
                fp16: bool, Transformers, Advanced;
                /// As `bf16`, and what trains is bf16 too: parameters with their gradients and the optimizer's states.
                pure_bf16: bool, LlamaFactory, Advanced;
            }
        }
    };
}
