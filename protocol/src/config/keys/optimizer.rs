//! Keys of a run config: how parameters move.

/// The rows before, then these, then the others.
macro_rules! optimizer_keys {
    ($($before:tt)*) => {
        batch_keys! {
            $($before)*
            Optimizer {
                /// The highest learning rate, which the schedule rises to and falls from.
                learning_rate: f64, Transformers, Field { default: 5e-5, above_zero };
                /// The optimizer, by transformers' names.
                optim: String as OptimizerName, Transformers, Field, Fixed { default: "adamw_torch" };
                /// How the learning rate goes, by transformers' names.
                lr_scheduler_type: String as ScheduleName, Transformers, Field { default: "linear" };
                /// Share of the steps in which the learning rate rises.
                warmup_ratio: f64, Transformers, Field { default: 0.0, within: 0.0..=1.0 };
                /// Steps in which the learning rate rises, in place of `warmup_ratio`; below 1 a share of all steps.
                warmup_steps: f64, Transformers, Advanced { usual: 0.0, least: 0.0, in_steps };
                /// What the schedule alone has, by transformers' names: a map, or a text of JSON.
                lr_scheduler_kwargs: Json, Transformers, Advanced;
                /// Share of each weight that an update takes away, times the learning rate.
                weight_decay: f64, Transformers, Advanced { default: 0.0, least: 0.0 };
                /// Gradients are scaled down to this norm; 0 leaves them.
                max_grad_norm: f64, Transformers, Advanced { default: 1.0, least: 0.0 } => plain;
                /// Adam, Lion: how much of the gradients' mean is kept from step to step.
                adam_beta1: f64, Transformers, Advanced { default: 0.9, within: 0.0..=0.999_999 };
                /// Adam, Lion: how much of the squares' mean (Lion: of the momentum) is kept from step to step.
                adam_beta2: f64, Transformers, Advanced { default: 0.999, within: 0.0..=0.999_999_9 };
                /// Adam: added to the deviation that updates are divided by.
                adam_epsilon: f64, Transformers, Advanced { default: 1e-8, above_zero };
                /// GaLore: AdamW on gradients projected to few dimensions.
                use_galore: bool, LlamaFactory, Advanced, Fixed;
                /// GaLore: dimensions that gradients are projected to.
                galore_rank: u64, LlamaFactory, Advanced, Fixed { default: 16, least: 1, most: 65_536 };
                /// GaLore: steps between two projections.
                galore_update_interval: u64, LlamaFactory, Advanced { default: 200, least: 1 };
                /// GaLore: factor of a projected update.
                galore_scale: f64, LlamaFactory, Advanced { default: 2.0, above_zero };
                /// GaLore: layers whose gradients are projected: `all`, or parts of names of linear layers, comma-separated.
                galore_target: String, LlamaFactory, Advanced, Fixed { default: "all", list };
                /// GaLore: the side of a gradient that is projected.
                galore_proj_type: String as GaloreSide, LlamaFactory, Advanced, Fixed { default: "std" };
                /// APOLLO: gradients scaled by what AdamW would do in few dimensions.
                use_apollo: bool, LlamaFactory, Advanced, Fixed;
                /// APOLLO: dimensions in which the scales are found.
                apollo_rank: u64, LlamaFactory, Advanced, Fixed { default: 16, least: 1, most: 65_536 };
                /// APOLLO: steps between two projections.
                apollo_update_interval: u64, LlamaFactory, Advanced { default: 200, least: 1 };
                /// APOLLO: factor of an update.
                apollo_scale: f64, LlamaFactory, Advanced { default: 32.0, above_zero };
                /// APOLLO: layers whose gradients are scaled: `all`, or parts of names of linear layers, comma-separated.
                apollo_target: String, LlamaFactory, Advanced, Fixed { default: "all", list };
                /// APOLLO: how the projection is made.
                apollo_proj: String as Basis, LlamaFactory, Advanced, Fixed { default: "random" };
                /// APOLLO: the side of a gradient that is projected.
                apollo_proj_type: String as ApolloSide, LlamaFactory, Advanced, Fixed { default: "std" };
                /// APOLLO: whether each channel has a scale, or the tensor one.
                apollo_scale_type: String as Scaling, LlamaFactory, Advanced { default: "channel" };
                /// APOLLO: scale before the norm is limited.
                apollo_scale_front: bool, LlamaFactory, Advanced { default: false };
                /// BAdam: AdamW on one decoder block at a time.
                use_badam: bool, LlamaFactory, Advanced, Fixed;
                /// BAdam: what is taken in turn; here blocks of the decoder.
                badam_mode: String as Taken, LlamaFactory, No { usual: "layer" };
                /// BAdam: the order in which blocks have their turn.
                badam_switch_mode: String as BlockOrder, LlamaFactory, Advanced { default: "ascending" };
                /// BAdam: the block that has the first turn.
                badam_start_block: u64, LlamaFactory, Advanced;
                /// BAdam: steps of a block's turn; -1: the first one's never ends.
                badam_switch_interval: f64, LlamaFactory, Advanced { default: 50.0, least: -1.0, whole };
            }
        }
    };
}
