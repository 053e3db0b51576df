//! Keys of a run config: where the run lies, and who else is told of it.

/// The rows before, then these, then the others.
macro_rules! run_keys {
    ($($before:tt)*) => {
        run_config! {
            $($before)*
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
                report_to: String, Transformers, Field, Free { list, choices: choices::trackers };
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
