//! The table of keys: each with what it means, its type, whose name it is and where the form has it. Default, range, choices and when
//! it counts are the rule book's to say.

use super::{Group, Key, OnResume, Place, Whose};
use crate::config::Thinking;
use crate::config::field::{Field, Json};
use crate::{Said, says};
use serde::{Deserialize, Serialize};
use serde_json::Value;

with_training! {
    Model {
        /// A local folder or a hub name (`owner/name`).
        model_name_or_path: String, LlamaFactory, Own, Free;
        /// A revision of a hub model.
        model_revision: String, LlamaFactory, No, Free;
        /// Where hub models are kept; default the cache Python's tools use.
        cache_dir: String, LlamaFactory, No, Free;
        /// The type that weights are computed in outside of training. `auto`, the only one with an effect here: as they are
        /// stored.
        infer_dtype: String, LlamaFactory, No;
    }
    Method {
        /// What is done: pre-training, supervised fine-tuning, a reward model, preference training on pairs, on labelled
        /// replies, or by PPO.
        stage: String, LlamaFactory, Own, Fixed;
        /// The preference loss, by LLaMA-Factory's and TRL's names; or several, comma-separated, with "sft" among them.
        pref_loss: String, LlamaFactory, Advanced;
        /// Train. `false` alone leaves nothing to do.
        do_train: bool, Transformers, No, Free;
        /// Evaluate; it asks for rows to evaluate on, as `eval_strategy` does.
        do_eval: bool, Transformers, No, Free;
        /// Write replies to the held-out prompts and compare them with the expected ones, after training or, without `do_train`, alone.
        do_predict: bool, Transformers, No;
        /// What `do_predict` does here; it asks for this key beside it, as LLaMA-Factory does.
        predict_with_generate: bool, Transformers, No;
        /// How hard the chosen and the rejected reply are pulled apart: the strength of the preference loss.
        pref_beta: f64, LlamaFactory, Field;
        /// SimPO: the margin of the rewards that is aimed at.
        simpo_gamma: f64, LlamaFactory, Field;
        /// CPO, CPO-SimPO: weight of the supervised loss, a mean over the chosen tokens of a micro-batch.
        cpo_alpha: f64, Trl, Field;
        /// Weights of the losses in `pref_loss`, comma-separated, one for each.
        loss_weights: String, Trl, Field;
        /// DiscoPOP: temperature of its blend of two losses.
        discopop_tau: f64, Trl, Field;
        /// The loss of stage "kto".
        kto_loss: String, Corral, Field;
        /// KTO: weight of chosen, or desirable, replies.
        kto_chosen_weight: f64, LlamaFactory, Field;
        /// KTO: weight of rejected, or undesirable, replies.
        kto_rejected_weight: f64, LlamaFactory, Field;
        /// Weight of the supervised loss on the chosen reply, added to the preference loss.
        pref_ftx: f64, LlamaFactory, Field;
        /// PPO: the reward model: an adapter of stage "rm", or a folder.
        reward_model: String, LlamaFactory, Field, Free;
        /// What `reward_model` is: an adapter on the model that trains, or a model of its own.
        reward_model_type: String, LlamaFactory, Field;
        /// PPO: the divergence from the reference that its price is steered to.
        ppo_target: f64, LlamaFactory, Field;
        /// Written replies (PPO, `do_predict`): tokens of a reply, at most.
        max_new_tokens: u64, LlamaFactory, Field;
        /// EAFT: the power of its weights; 0 leaves all tokens alike.
        eaft_alpha: f64, LlamaFactory, Field;
        /// Train on the prompt too.
        train_on_prompt: bool, LlamaFactory, Field;
        /// Train on the last turn only.
        mask_history: bool, LlamaFactory, Field;
        /// Pack short examples into one row. In stage "sft" later ones then see earlier ones.
        packing: bool, LlamaFactory, Field;
        /// Pack short examples of stage "sft" into one row in which they don't see each other.
        neat_packing: bool, LlamaFactory, Field;
        /// Share of pairs thought mislabelled.
        dpo_label_smoothing: f64, LlamaFactory, Advanced;
        /// LD-DPO: weight of the log-probs past the shorter reply's length.
        ld_alpha: f64, LlamaFactory, Advanced;
        /// RPO: weight of the supervised loss, a mean over the chosen tokens of a micro-batch.
        rpo_alpha: f64, Trl, Advanced;
        /// Weight of the BCO term beside the loss: `(L + w L_bco) / (1 + w)`.
        pref_bco_weight: f64, LlamaFactory, Advanced;
        /// The divergence from the reference that the loss is built on.
        f_divergence_type: String, Trl, Advanced;
        /// The alpha of `f_divergence_type: alpha_divergence`.
        f_alpha_divergence_coef: f64, Trl, Advanced;
        /// Weight of the router's auxiliary loss (mixture of experts), in stages "pt", "sft", "dpo" and "kto"; default what the
        /// model's `output_router_logits` says.
        moe_aux_loss_coef: f64, LlamaFactory, Advanced;
        /// NEFTune: noise on the embeddings while training, in stages "sft" and "pt".
        neftune_noise_alpha: f64, Transformers, Advanced;
        /// DFT: each token of stage "sft" weighs as much as the model's own probability of it.
        use_dft_loss: bool, LlamaFactory, Advanced;
        /// EAFT: each token of stage "sft" weighs by how undecided the model is there.
        use_eaft_loss: bool, LlamaFactory, Advanced;
        /// Dropout before the value head of a reward model, in training.
        summary_dropout_prob: f64, Trl, Advanced;
        /// Adapters on a reward model of its own, comma-separated.
        reward_model_adapters: String, LlamaFactory, Advanced, Free;
        /// Pack the reward model to so many bits while loading.
        reward_model_quantization_bit: u64, LlamaFactory, No;
        /// PPO: optimizer batches of replies that are written at a time.
        ppo_buffer_size: u64, LlamaFactory, Advanced;
        /// PPO: passes over the replies of a buffer.
        ppo_epochs: u64, LlamaFactory, Advanced;
        /// PPO: the price of leaving the reference, at first.
        init_kl_coef: f64, Trl, Advanced;
        /// PPO: steer that price towards `ppo_target`.
        adap_kl_ctrl: bool, Trl, Advanced;
        /// PPO: scores by the mean and deviation of all so far.
        ppo_score_norm: bool, LlamaFactory, Advanced;
        /// PPO: rewards are brought to a deviation of 1 before advantages are made of them.
        ppo_whiten_rewards: bool, LlamaFactory, Advanced;
        /// Written replies: draw tokens; else the likeliest token is taken.
        do_sample: bool, LlamaFactory, Advanced;
        /// Written replies: tokens are drawn from log-probs divided by it.
        temperature: f64, LlamaFactory, Advanced;
        /// Written replies: tokens are drawn from the likeliest tokens that together reach this probability.
        top_p: f64, LlamaFactory, Advanced;
        /// Written replies: tokens are drawn from this many of the likeliest tokens; 0 for all.
        top_k: u64, LlamaFactory, Advanced;
        /// Written replies: tokens that stand there already become less likely by this factor; 1 leaves them.
        repetition_penalty: f64, LlamaFactory, Advanced;
        /// The reference model; default the model the run starts from.
        ref_model: String, LlamaFactory, Advanced, Free;
        /// Adapters on the reference model, comma-separated.
        ref_model_adapters: String, LlamaFactory, Advanced, Free;
        /// Pack the reference model to so many bits while loading.
        ref_model_quantization_bit: u64, LlamaFactory, Advanced;
        /// TR-DPO: the policy's share when the reference is brought up to date.
        ref_model_mixup_alpha: f64, Trl, Advanced;
        /// TR-DPO: steps between two updates of the reference.
        ref_model_sync_steps: u64, Trl, Advanced;
        /// TR-DPO: the reference follows the policy.
        sync_ref_model: bool, Trl, Advanced;
        /// Leave the reference out of the loss.
        reference_free: bool, Trl, Advanced;
        /// WPO: pairs weigh as much as the policy would write them.
        use_weighting: bool, Trl, Advanced;
        /// Compute the reference's log-probs once before training and keep them for later runs.
        precompute_ref_log_probs: bool, Trl, Advanced, Free;
    }
    Adapter {
        /// What trains: a LoRA adapter, orthogonal rotations (OFT), some blocks (freeze), or all weights.
        finetuning_type: String, LlamaFactory, Field, Fixed;
        /// Blocks that train: the last n; the first n when negative; with `use_llama_pro` how many were added.
        freeze_trainable_layers: f64, LlamaFactory, Field, Fixed;
        /// "all", or parts of a block, comma-separated: "self_attn,mlp".
        freeze_trainable_modules: String, LlamaFactory, Field, Fixed;
        /// Modules outside the blocks that train too: "embed_tokens,norm,lm_head".
        freeze_extra_modules: String, LlamaFactory, Field, Fixed;
        /// The rank of the two matrices that LoRA adds to each layer.
        lora_rank: u64, LlamaFactory, Field, Fixed;
        /// LoRA: the adapter is scaled by alpha / rank.
        lora_alpha: u64, LlamaFactory, Field, Fixed;
        /// LoRA: share of the adapter's inputs that is left out in training; off in stages that compare with a reference.
        lora_dropout: f64, LlamaFactory, Field;
        /// The layers that get an adapter: `all`, PEFT's `all-linear`, or names of linear layers, comma-separated.
        lora_target: String, LlamaFactory, Field, Fixed;
        /// OFT: inputs that are turned together; the number of blocks follows.
        oft_block_size: u64, LlamaFactory, Field, Fixed;
        /// OFT: the layers that are turned: `all`, or names of linear layers, comma-separated.
        oft_target: String, LlamaFactory, Field, Fixed;
        /// Pack the frozen weights to so many bits while loading; no effect on folders that are quantized already.
        quantization_bit: u64, LlamaFactory, Field;
        /// Whose packing: bitsandbytes, HQQ or EETQ.
        quantization_method: String, LlamaFactory, Field;
        /// The 4-bit code of bitsandbytes.
        quantization_type: String, LlamaFactory, Field;
        /// Quantize the scales of 4-bit blocks too.
        double_quantization: bool, LlamaFactory, Field;
        /// Merge the starting adapters and train a fresh one on top.
        create_new_adapter: bool, LlamaFactory, Field, Fixed;
        /// Adapters to start from, comma-separated, applied in order; the last one goes on training.
        adapter_name_or_path: String, LlamaFactory, Advanced, Free;
        /// Start from random weights: the folder gives config and tokenizer only.
        train_from_scratch: bool, LlamaFactory, Advanced, Fixed;
        /// LLaMA Pro: train only the blocks that `corral-trainer expand` added.
        use_llama_pro: bool, LlamaFactory, Advanced, Fixed;
        /// OFT: blocks of each layer's inputs, in place of `oft_block_size`.
        oft_rank: u64, LlamaFactory, Advanced, Fixed;
        /// Rank-stabilised LoRA: the factor is alpha / sqrt(rank).
        use_rslora: bool, LlamaFactory, Advanced, Fixed;
        /// DoRA: lengths and directions train apart.
        use_dora: bool, LlamaFactory, Advanced, Fixed;
        /// Start from the principal singular vectors of the weights.
        pissa_init: bool, LlamaFactory, Advanced, Fixed;
        /// Iterations of PiSSA's randomised decomposition; -1 is exact.
        pissa_iter: f64, LlamaFactory, Advanced;
        /// Write PiSSA adapters as plain LoRA of twice the rank.
        pissa_convert: bool, LlamaFactory, Advanced;
        /// How an adapter starts: "true" for zero, or "loftq": the weights are quantized so that it makes up for that.
        init_lora_weights: String, Peft, Advanced;
        /// LoftQ: rounds, each a quantization and a decomposition.
        loftq_iter: u64, Peft, Advanced;
        /// LoRA+: the learning rate of B over that of A.
        loraplus_lr_ratio: f64, LlamaFactory, Advanced;
        /// Modules that train whole beside the adapter, comma-separated: "embed_tokens,lm_head".
        additional_target: String, LlamaFactory, Advanced, Fixed;
    }
    Data {
        /// Names in `dataset_info.json`, or paths of files, comma-separated.
        dataset: String, LlamaFactory, Own, Free;
        /// The folder with `dataset_info.json` and the files that it names.
        dataset_dir: String, LlamaFactory, Server, Free;
        /// LLaMA-Factory's name, a file that ends in `.jinja`, or a template in Jinja itself; without it the model's own.
        template: String, LlamaFactory, Own, Free;
        /// Tokens of an example, at most.
        cutoff_len: u64, LlamaFactory, Field;
        /// Held out for evaluation: a share below 1, or a number of rows.
        val_size: f64, LlamaFactory, Field, Free;
        /// Rows of each data set, at most.
        max_samples: u64, LlamaFactory, Field, Free;
        /// Data to evaluate on, named as in `dataset`; in place of a share of it that `val_size` holds out.
        eval_dataset: String, LlamaFactory, Advanced, Free;
        /// Train on rows while they are read, each from a buffer of those read last; no file is read to its end before. Needs
        /// `max_steps`.
        streaming: bool, LlamaFactory, Advanced, Free;
        /// Rows that are shuffled at a time where they are streamed.
        buffer_size: u64, LlamaFactory, Advanced, Free;
        /// How several data sets become one: one behind the other, or rows in turn until the first, or each of them, has ended.
        mix_strategy: String, LlamaFactory, Advanced, Free;
        /// How likely a row is from each of the data sets where they are interleaved, comma-separated; left out: in turn.
        interleave_probs: String, LlamaFactory, Advanced, Free;
        /// The system message of rows that bring none.
        default_system: String, LlamaFactory, Advanced;
        /// Whether a reply may open with its reasoning, where the template knows both ways; null: as the data has it; default
        /// true.
        enable_thinking: Thinking, LlamaFactory, Advanced {
            #[serde(deserialize_with = "Thinking::said")]
            #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
        };
        /// How tools and their calls are written, in place of the template's own way.
        tool_format: String, LlamaFactory, Advanced;
        /// False: ids as the slow class gives them, which puts one more space before a text where `tokenizer_config.json` says
        /// `legacy: false`; default true.
        use_fast_tokenizer: bool, LlamaFactory, No;
        /// Take rows in the order of the file.
        disable_shuffling: bool, LlamaFactory, Advanced;
        /// Scale rotary positions so that texts of `cutoff_len` tokens have a place.
        rope_scaling: String, LlamaFactory, Advanced;
        /// Rows of like length share a step: the order is random in large, by length in small.
        group_by_length: bool, Transformers, No;
        /// Seed of the order of rows; default `seed`.
        data_seed: u64, Transformers, No;
        /// A folder for the tokens of the data: those that are there are trained on, else they are made and kept there. Without
        /// it, those of large files are kept in the cache.
        tokenized_path: String, LlamaFactory, No, Free;
        /// What was marked on the held-out pairs of an earlier run: its directory (on the board also its name), or the file of
        /// marks in it. Mislabelled pairs have their replies swapped and excluded ones are left out, before rows are held out;
        /// stages "dpo", "rm" and "kto".
        pair_marks: String, Corral, Advanced, Free;
    }
}
