//! Keys of a run config: data sets, and how they become rows.

/// The rows before, then these, then the others.
macro_rules! data_keys {
    ($($before:tt)*) => {
        optimizer_keys! {
            $($before)*
            Data {
                /// Names in `dataset_info.json`, or paths of files, comma-separated.
                dataset: String, LlamaFactory, Own, Free { list };
                /// The folder with `dataset_info.json` and the files that it names.
                dataset_dir: String, LlamaFactory, Server, Free { default: "data" };
                /// LLaMA-Factory's name, a file that ends in `.jinja`, or a template in Jinja itself; without it the model's own.
                template: String, LlamaFactory, Own, Free { choices: choices::templates };
                /// Tokens of an example, at most.
                cutoff_len: u64, LlamaFactory, Field { default: 2048, least: 8, most: 16_777_216 };
                /// Held out for evaluation: a share below 1, or a number of rows.
                val_size: f64, LlamaFactory, Field, Free { default: 0.0, least: 0.0, most: 1e12 };
                /// Rows of each data set, at most.
                max_samples: u64, LlamaFactory, Field, Free { least: 1 };
                /// Data to evaluate on, named as in `dataset`; in place of a share of it that `val_size` holds out.
                eval_dataset: String, LlamaFactory, Advanced, Free { list };
                /// Train on rows while they are read, each from a buffer of those read last; no file is read to its end before. Needs
                /// `max_steps`.
                streaming: bool, LlamaFactory, Advanced, Free;
                /// Rows that are shuffled at a time where they are streamed.
                buffer_size: u64, LlamaFactory, Advanced, Free { default: 16_384, least: 1, most: 100_000_000 };
                /// How several data sets become one: one behind the other, or rows in turn until the first, or each of them, has ended.
                mix_strategy: String as MixStrategy, LlamaFactory, Advanced, Free { usual: "concat" };
                /// How likely a row is from each of the data sets where they are interleaved, comma-separated; left out: in turn.
                interleave_probs: String, LlamaFactory, Advanced, Free { list };
                /// The system message of rows that bring none.
                default_system: String, LlamaFactory, Advanced;
                /// Whether a reply may open with its reasoning, where the template knows both ways; null: as the data has it; default
                /// true.
                enable_thinking: Thinking, LlamaFactory, Advanced [
                    #[serde(deserialize_with = "Thinking::said")]
                    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
                ];
                /// How tools and their calls are written, in place of the template's own way.
                tool_format: String, LlamaFactory, Advanced { choices: choices::tool_formats };
                /// False: ids as the slow class gives them, which puts one more space before a text where `tokenizer_config.json` says
                /// `legacy: false`; default true.
                use_fast_tokenizer: bool, LlamaFactory, No { open };
                /// Take rows in the order of the file.
                disable_shuffling: bool, LlamaFactory, Advanced { default: false };
                /// Scale rotary positions so that texts of `cutoff_len` tokens have a place.
                rope_scaling: String, LlamaFactory, Advanced { choices: choices::rope_scalings };
                /// Rows of like length share a step: the order is random in large, by length in small.
                group_by_length: bool, Transformers, No;
                /// Seed of the order of rows; default `seed`.
                data_seed: u64, Transformers, No { most: WHOLE };
                /// A folder for the tokens of the data: those that are there are trained on, else they are made and kept there. Without
                /// it, those of large files are kept in the cache.
                tokenized_path: String, LlamaFactory, No, Free;
                /// What was marked on the held-out pairs of an earlier run: its directory (on the board also its name), or the file of
                /// marks in it. Mislabelled pairs have their replies swapped and excluded ones are left out, before rows are held out;
                /// stages "dpo", "rm" and "kto".
                pair_marks: String, Corral, Advanced, Free;
            }
        }
    };
}
