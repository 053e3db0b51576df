//! The second half of the table of keys: how parameters move, how long, what is written down on the way, and where.

/// The table: the groups given, then these.
macro_rules! with_training {
    ($($before:tt)*) => {
        run_config! {
            $($before)*
            Optimizer {
                /// The highest learning rate, which the schedule rises to and falls from.
                learning_rate: f64, Transformers, Field;
                /// The optimizer, by transformers' names.
                optim: String, Transformers, Field, Fixed;
                /// How the learning rate goes, by transformers' names.
                lr_scheduler_type: String, Transformers, Field;
                /// Share of the steps in which the learning rate rises.
                warmup_ratio: f64, Transformers, Field;
                /// Steps in which the learning rate rises, in place of `warmup_ratio`; below 1 a share of all steps.
                warmup_steps: f64, Transformers, Advanced;
                /// What the schedule alone has, by transformers' names: a map, or a text of JSON.
                lr_scheduler_kwargs: Json, Transformers, Advanced;
                /// Share of each weight that an update takes away, times the learning rate.
                weight_decay: f64, Transformers, Advanced;
                /// Gradients are scaled down to this norm; 0 leaves them.
                max_grad_norm: f64, Transformers, Advanced;
                /// Adam, Lion: how much of the gradients' mean is kept from step to step.
                adam_beta1: f64, Transformers, Advanced;
                /// Adam, Lion: how much of the squares' mean (Lion: of the momentum) is kept from step to step.
                adam_beta2: f64, Transformers, Advanced;
                /// Adam: added to the deviation that updates are divided by.
                adam_epsilon: f64, Transformers, Advanced;
                /// GaLore: AdamW on gradients projected to few dimensions.
                use_galore: bool, LlamaFactory, Advanced, Fixed;
                /// GaLore: dimensions that gradients are projected to.
                galore_rank: u64, LlamaFactory, Advanced, Fixed;
                /// GaLore: steps between two projections.
                galore_update_interval: u64, LlamaFactory, Advanced;
                /// GaLore: factor of a projected update.
                galore_scale: f64, LlamaFactory, Advanced;
                /// GaLore: layers whose gradients are projected: `all`, or parts of names of linear layers, comma-separated.
                galore_target: String, LlamaFactory, Advanced, Fixed;
                /// GaLore: the side of a gradient that is projected.
                galore_proj_type: String, LlamaFactory, Advanced, Fixed;
                /// APOLLO: gradients scaled by what AdamW would do in few dimensions.
                use_apollo: bool, LlamaFactory, Advanced, Fixed;
                /// APOLLO: dimensions in which the scales are found.
                apollo_rank: u64, LlamaFactory, Advanced, Fixed;
                /// APOLLO: steps between two projections.
                apollo_update_interval: u64, LlamaFactory, Advanced;
                /// APOLLO: factor of an update.
                apollo_scale: f64, LlamaFactory, Advanced;
                /// APOLLO: layers whose gradients are scaled: `all`, or parts of names of linear layers, comma-separated.
                apollo_target: String, LlamaFactory, Advanced, Fixed;
                /// APOLLO: how the projection is made.
                apollo_proj: String, LlamaFactory, Advanced, Fixed;
                /// APOLLO: the side of a gradient that is projected.
                apollo_proj_type: String, LlamaFactory, Advanced, Fixed;
                /// APOLLO: whether each channel has a scale, or the tensor one.
                apollo_scale_type: String, LlamaFactory, Advanced;
                /// APOLLO: scale before the norm is limited.
                apollo_scale_front: bool, LlamaFactory, Advanced;
                /// BAdam: AdamW on one decoder block at a time.
                use_badam: bool, LlamaFactory, Advanced, Fixed;
                /// BAdam: what is taken in turn; here blocks of the decoder.
                badam_mode: String, LlamaFactory, No;
                /// BAdam: the order in which blocks have their turn.
                badam_switch_mode: String, LlamaFactory, Advanced;
                /// BAdam: the block that has the first turn.
                badam_start_block: u64, LlamaFactory, Advanced;
                /// BAdam: steps of a block's turn; -1: the first one's never ends.
                badam_switch_interval: f64, LlamaFactory, Advanced;
            }
            Batch {
                /// Passes over the data.
                num_train_epochs: f64, Transformers, Field, Free;
                /// Rows, or pairs, of a micro-batch in training.
                per_device_train_batch_size: u64, Transformers, Field;
                /// Micro-batches of an optimizer step.
                gradient_accumulation_steps: u64, Transformers, Field;
                /// Seed of what is drawn: order of rows, new weights, dropout, replies.
                seed: u64, Transformers, Field;
                /// Optimizer steps, in place of `num_train_epochs` when above 0.
                max_steps: f64, Transformers, Advanced, Free;
                /// Rows, or pairs, of a micro-batch in evaluations.
                per_device_eval_batch_size: u64, Transformers, Advanced, Free;
                /// Where the run computes: the best there is, the processor, a card, or a certain one as "cuda:1".
                device: String, Corral, Advanced, Free;
                /// Memory for saved activations in MiB; layers past it are computed again. Left out: what there is room for.
                activation_memory: u64, Corral, Advanced, Free;
                /// Compute in bfloat16; what trains stays in f32.
                bf16: bool, Transformers, Advanced;
                /// Compute in float16, with a scaled loss; what trains stays in f32.
                fp16: bool, Transformers, Advanced;
                /// As `bf16`, and what trains is bf16 too: parameters with their gradients and the optimizer's states.
                pure_bf16: bool, LlamaFactory, Advanced;
            }
            Cadence {
                /// When the model is evaluated.
                eval_strategy: String, Transformers, Field, Free;
                /// Steps between two evaluations; below 1 a share of the steps.
                eval_steps: f64, Transformers, Field, Free;
                /// When checkpoints are written.
                save_strategy: String, Transformers, Field, Free;
                /// Steps between two checkpoints; below 1 a share of the steps.
                save_steps: f64, Transformers, Field, Free;
                /// Steps between two logs; below 1 a share of the steps.
                logging_steps: f64, Transformers, Field, Free;
                /// Checkpoints that are kept; the best one stays beside them.
                save_total_limit: u64, Transformers, Field, Free;
                /// Steps (or epochs, where evaluation goes by epochs) before the first evaluation.
                eval_delay: f64, Transformers, No, Free;
                /// The metric that the best checkpoint is told by, with or without `eval_`.
                metric_for_best_model: String, Transformers, No, Free;
                /// Whether more of that metric is better; default: unless its name ends in "loss".
                greater_is_better: bool, Transformers, No, Free;
                /// The best checkpoint is what the run gives, not the last.
                load_best_model_at_end: bool, Transformers, No, Free;
                /// Evaluations in a row without a better one after which training ends.
                early_stopping_steps: u64, LlamaFactory, No, Free;
                /// Share of the reply's tokens that the model would have chosen, in evaluations of stage "sft".
                compute_accuracy: bool, LlamaFactory, No, Free;
                /// Checkpoints without what training goes on from: smaller, and never resumed.
                save_only_model: bool, Transformers, No, Free;
                /// When metrics are logged; the last step always is.
                logging_strategy: String, Transformers, No, Free;
                /// Log the first step too.
                logging_first_step: bool, Transformers, No, Free;
                /// Log the tokens trained on so far.
                include_num_input_tokens_seen: bool, Transformers, No, Free;
                /// Held-out prompts that the model answers before training (unless `eval_delay`), at each evaluation and at the end; 0: none.
                sample_prompts: u64, Corral, Field;
                /// Prompts of your own that are answered too: a line each, or a conversation as JSON (`{"messages": […], "tools": […]}`).
                sample_own_prompts: String, Corral, Own;
                /// Tokens of such a reply, at most.
                sample_max_new_tokens: u64, Corral, Field;
                /// 0: always the likeliest token; above it replies are drawn, each prompt's by the same seed at every step.
                sample_temperature: f64, Corral, Advanced;
            }
            Run {
                /// The run directory: config, log, checkpoints and what the run gives.
                output_dir: String, Transformers, Server, Free;
                /// Begin anew in a directory that holds another run.
                overwrite_output_dir: bool, Transformers, Server, Free;
                /// What the run is called on the board and in other programs.
                run_name: String, Transformers, Own, Free;
                /// A checkpoint folder, or `true` for the newest one in `output_dir`.
                resume_from_checkpoint: String, Transformers, Server, Free;
                /// Other programs' logs to write; `all` is TensorBoard, W&B and SwanLab. Several, comma-separated.
                report_to: String, Transformers, Field, Free;
                /// Where TensorBoard's files go; default `tensorboard` in `output_dir`.
                logging_dir: String, Transformers, No, Free;
                /// The project that W&B and trackio file the run under; for W&B `WANDB_PROJECT` goes before it. Default "huggingface",
                /// as transformers has it.
                project: String, Transformers, No, Free;
                /// SwanLab's log too, whatever `report_to` names.
                use_swanlab: bool, LlamaFactory, No, Free;
                /// The project that SwanLab files the run under; default "llamafactory".
                swanlab_project: String, LlamaFactory, No, Free;
                /// The run's name in SwanLab; default `run_name`.
                swanlab_run_name: String, LlamaFactory, No, Free;
                /// The workspace of SwanLab that the project is in.
                swanlab_workspace: String, LlamaFactory, No, Free;
                /// Where SwanLab's logs go; default `swanlog` in `output_dir`.
                swanlab_logdir: String, LlamaFactory, No, Free;
            }
        }
    };
}
