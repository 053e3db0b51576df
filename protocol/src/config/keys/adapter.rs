//! Keys of a run config: what trains.

/// The rows before, then these, then the others.
macro_rules! adapter_keys {
    ($($before:tt)*) => {
        data_keys! {
            $($before)*
            Adapter {
                /// What trains: a LoRA adapter, orthogonal rotations (OFT), some blocks (freeze), or all weights.
                finetuning_type: String as TuningKind, LlamaFactory, Field, Fixed { default: "lora" };
                /// Blocks that train: the last n; the first n when negative; with `use_llama_pro` how many were added.
                freeze_trainable_layers: f64, LlamaFactory, Field, Fixed { default: 2.0, within: -1e6..=1e6, whole };
                /// "all", or parts of a block, comma-separated: "self_attn,mlp".
                freeze_trainable_modules: String, LlamaFactory, Field, Fixed { default: "all", list };
                /// Modules outside the blocks that train too: "embed_tokens,norm,lm_head".
                freeze_extra_modules: String, LlamaFactory, Field, Fixed { list };
                /// The rank of the two matrices that LoRA adds to each layer.
                lora_rank: u64, LlamaFactory, Field, Fixed { default: 8, least: 1, most: 65_536 };
                /// LoRA: the adapter is scaled by alpha / rank.
                lora_alpha: u64, LlamaFactory, Field, Fixed {
                    follows: |c| 2 * key::lora_rank.of(c), least: 1, most: 1_000_000_000
                };
                /// LoRA: share of the adapter's inputs that is left out in training; off in stages that compare with a reference.
                lora_dropout: f64, LlamaFactory, Field { default: 0.0, within: 0.0..=0.99 };
                /// The layers that get an adapter: `all`, PEFT's `all-linear`, or names of linear layers, comma-separated.
                lora_target: String, LlamaFactory, Field, Fixed { default: "all", list };
                /// OFT: inputs that are turned together; the number of blocks follows.
                oft_block_size: u64, LlamaFactory, Field, Fixed {
                    follows: |c| if key::oft_rank.of(c) > 0 { 0 } else { 32 }, least: 2
                };
                /// OFT: the layers that are turned: `all`, or names of linear layers, comma-separated.
                oft_target: String, LlamaFactory, Field, Fixed { default: "all", list };
                /// Pack the frozen weights to so many bits while loading; no effect on folders that are quantized already.
                quantization_bit: u64, LlamaFactory, Field { choices: choices::bits };
                /// Whose packing: bitsandbytes, HQQ or EETQ.
                quantization_method: String as Packer, LlamaFactory, Field { default: "bnb" };
                /// The 4-bit code of bitsandbytes.
                quantization_type: String as FourBit, LlamaFactory, Field { default: "nf4" };
                /// Quantize the scales of 4-bit blocks too.
                double_quantization: bool, LlamaFactory, Field { default: true };
                /// Merge the starting adapters and train a fresh one on top.
                create_new_adapter: bool, LlamaFactory, Field, Fixed;
                /// Adapters to start from, comma-separated, applied in order; the last one goes on training.
                adapter_name_or_path: String, LlamaFactory, Advanced, Free { list };
                /// Start from random weights: the folder gives config and tokenizer only.
                train_from_scratch: bool, LlamaFactory, Advanced, Fixed;
                /// LLaMA Pro: train only the blocks that `corral-trainer expand` added.
                use_llama_pro: bool, LlamaFactory, Advanced, Fixed;
                /// OFT: blocks of each layer's inputs, in place of `oft_block_size`.
                oft_rank: u64, LlamaFactory, Advanced, Fixed { default: 0 };
                /// Rank-stabilised LoRA: the factor is alpha / sqrt(rank).
                use_rslora: bool, LlamaFactory, Advanced, Fixed;
                /// DoRA: lengths and directions train apart.
                use_dora: bool, LlamaFactory, Advanced, Fixed;
                /// Start from the principal singular vectors of the weights.
                pissa_init: bool, LlamaFactory, Advanced, Fixed;
                /// Iterations of PiSSA's randomised decomposition; -1 is exact.
                pissa_iter: f64, LlamaFactory, Advanced { default: 16.0, within: -1.0..=1000.0, whole };
                /// Write PiSSA adapters as plain LoRA of twice the rank.
                pissa_convert: bool, LlamaFactory, Advanced { default: false };
                /// How an adapter starts: "true" for zero, or "loftq": the weights are quantized so that it makes up for that.
                init_lora_weights: String as LoraStart, Peft, Advanced { usual: "true" };
                /// LoftQ: rounds, each a quantization and a decomposition.
                loftq_iter: u64, Peft, Advanced { default: 1, least: 1 };
                /// LoRA+: the learning rate of B over that of A.
                loraplus_lr_ratio: f64, LlamaFactory, Advanced { usual: 1.0, above_zero };
                /// Modules that train whole beside the adapter, comma-separated: "embed_tokens,lm_head".
                additional_target: String, LlamaFactory, Advanced, Fixed { list };
            }
        }
    };
}
