# The tiny models of every family that transformers has a class for, a row each.
"""A row: name -> dict
config   the class of the configuration, by its name in transformers, and what it is given
model    the class of the model, where it isn't the one that AutoModelForCausalLM takes
style    how config.json is written: as transformers 4 did or as 5 does; config.other.json has the other
v4       keys that version 4 wrote and 5 does not
matters  changes of the configuration that must change the logits: the feature is at work in these numbers
attention  which of transformers' codes, where it isn't the plainest (eager)
batched  both sequences go through the model in one padded batch, since rotary frequencies follow its longest row
targets  a pattern of the published names of the linear layers that LoRA is on; without: PEFT's all-linear
"""

SIZE = dict(
    vocab_size=48, hidden_size=32, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=0,
)
TIED, UNTIED = dict(tie_word_embeddings=True), dict(tie_word_embeddings=False)
FOUR = dict(num_hidden_layers=4)


def rope(kind="default", theta=10000.0, **more):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=theta, **more))


def without(config, *keys):
    return {key: value for key, value in config.items() if key not in keys}


DYNAMIC = rope("dynamic", factor=2.0) | dict(max_position_embeddings=12)
YARN = rope("yarn", 100.0, factor=4.0, original_max_position_embeddings=8, beta_fast=4.0, beta_slow=0.5)
# a head's 4 frequencies (3 of 4-mini's partial 0.75)
LONGROPE = dict(short_factor=[1.0, 1.1, 1.3, 1.7], long_factor=[1.2, 1.9, 3.0, 4.0])
PHI3 = without(SIZE, "max_position_embeddings") | dict(max_position_embeddings=32, original_max_position_embeddings=8)
MLA = dict(kv_lora_rank=12, q_lora_rank=20, qk_nope_head_dim=8, qk_rope_head_dim=4, v_head_dim=6)
DEEPSEEK = without(SIZE, "num_key_value_heads") | MLA | dict(
    num_key_value_heads=4, first_k_dense_replace=1, n_routed_experts=6, n_shared_experts=2, num_experts_per_tok=3,
    moe_intermediate_size=12, routed_scaling_factor=1.7,
)
DEEPSEEK_YARN = rope(
    "yarn", 100.0, factor=4.0, original_max_position_embeddings=8, beta_fast=4.0, beta_slow=0.5, mscale=0.7, mscale_all_dim=0.9
)
FALCON = without(SIZE, "num_key_value_heads", "intermediate_size")
GPT2 = dict(vocab_size=48, n_embd=32, n_layer=2, n_head=4, n_positions=64, bos_token_id=1, eos_token_id=2, pad_token_id=0)
NEOX = without(SIZE, "num_key_value_heads")
OPT = dict(
    vocab_size=48, hidden_size=32, ffn_dim=24, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64,
    bos_token_id=1, eos_token_id=2, pad_token_id=0,
)
EXPERTS = r"\.(self_attn|mlp|block_sparse_moe)\."

ROWS = {
    # Llama's block, and what is asked of it by keys
    "llama-bias": dict(
        config=("LlamaConfig", SIZE | UNTIED | rope() | dict(attention_bias=True, mlp_bias=True, head_dim=16)), style="v4",
    ),
    "llama-dynamic": dict(config=("LlamaConfig", SIZE | TIED | DYNAMIC), style="v4", batched=True, matters=[rope()]),
    "llama-yarn": dict(config=("LlamaConfig", SIZE | TIED | YARN), style="v4", matters=[rope("default", 100.0)]),
    "ministral": dict(
        config=("MinistralConfig", SIZE | UNTIED | rope() | dict(
            head_dim=16, sliding_window=5, layer_types=["sliding_attention", "full_attention"])),
        style="v5", keeps=["layer_types"], matters=[dict(layer_types=["full_attention"] * 2), dict(layer_types=["sliding_attention"] * 2)],
    ),
    "qwen2-window": dict(
        config=("Qwen2Config", SIZE | UNTIED | rope() | dict(use_sliding_window=True, sliding_window=5, max_window_layers=1)),
        style="v4", matters=[dict(use_sliding_window=False, layer_types=None)],
    ),
    "gemma": dict(config=("GemmaConfig", SIZE | TIED | rope() | dict(head_dim=16)), style="v4"),
    "gemma2": dict(
        config=("Gemma2Config", SIZE | TIED | rope() | dict(
            head_dim=16, query_pre_attn_scalar=24, sliding_window=5, attn_logit_softcapping=1.5, final_logit_softcapping=2.0)),
        style="v4", matters=[dict(attn_logit_softcapping=None), dict(final_logit_softcapping=None), dict(sliding_window=50),
                             dict(query_pre_attn_scalar=16)],
    ),
    "gemma3": dict(
        config=("Gemma3TextConfig", SIZE | TIED | dict(
            head_dim=16, query_pre_attn_scalar=24, sliding_window=5, num_hidden_layers=3,
            layer_types=["sliding_attention", "sliding_attention", "full_attention"],
            rope_parameters=dict(
                sliding_attention=dict(rope_type="default", rope_theta=100.0),
                full_attention=dict(rope_type="linear", rope_theta=10000.0, factor=8.0)))),
        model="Gemma3ForCausalLM", style="v5",
        v4=dict(rope_theta=10000.0, rope_local_base_freq=100.0, rope_scaling=dict(rope_type="linear", factor=8.0),
                sliding_window_pattern=3),
        matters=[dict(sliding_window=50), dict(query_pre_attn_scalar=16)],
    ),
    "phi": dict(config=("PhiConfig", SIZE | UNTIED | rope(partial_rotary_factor=0.5)), style="v4"),
    "phi-head": dict(config=("PhiConfig", SIZE | UNTIED | rope(partial_rotary_factor=0.5)), style="v5",
                     targets_peft=["q_proj", "lm_head"]),
    "phi-qk-norm": dict(
        config=("PhiConfig", SIZE | UNTIED | rope(partial_rotary_factor=0.5) | dict(qk_layernorm=True)), style="v5",
    ),
    "phi3": dict(config=("Phi3Config", PHI3 | UNTIED | rope() | dict(sliding_window=5)), style="v4",
                 matters=[dict(sliding_window=None)]),
    "phi3-longrope": dict(
        config=("Phi3Config", PHI3 | UNTIED | rope("longrope", **LONGROPE)), style="v4", batched=True, matters=[rope()],
    ),
    "phi4-mini": dict(
        config=("Phi3Config", PHI3 | TIED | dict(hidden_size=64) | rope(
            "longrope", partial_rotary_factor=0.75, short_factor=[1.0] * 6, long_factor=[1.0, 1.3, 2.0, 3.0, 4.0, 5.0])),
        style="v4", batched=True, matters=[rope(partial_rotary_factor=0.75)],
    ),
    "falcon-7b": dict(
        config=("FalconConfig", FALCON | TIED | rope() | dict(multi_query=True, parallel_attn=True, bias=False, alibi=False)),
        style="v4",
    ),
    "falcon-40b": dict(
        config=("FalconConfig", FALCON | TIED | rope() | dict(
            new_decoder_architecture=True, num_kv_heads=2, num_ln_in_parallel_attn=2, bias=False)),
        style="v4",
    ),
    "falcon-11b": dict(
        config=("FalconConfig", FALCON | UNTIED | rope() | dict(
            new_decoder_architecture=True, num_kv_heads=2, num_ln_in_parallel_attn=1, bias=False, ffn_hidden_size=40)),
        style="v4",
    ),
    "falcon-rw": dict(
        config=("FalconConfig", FALCON | TIED | rope() | dict(
            alibi=True, multi_query=False, parallel_attn=False, bias=True, new_decoder_architecture=False)),
        style="v4", attention="sdpa",  # transformers 5.23 adds ALiBi twice in its other code
    ),
    "cohere": dict(
        config=("CohereConfig", SIZE | TIED | rope() | dict(use_qk_norm=True, logit_scale=0.3)), style="v4",
        matters=[dict(logit_scale=0.2)],
    ),
    "cohere-plain": dict(
        config=("CohereConfig", SIZE | TIED | rope() | dict(use_qk_norm=False, logit_scale=0.3)), style="v5",
    ),
    "cohere2": dict(
        config=("Cohere2Config", SIZE | FOUR | TIED | rope() | dict(
            logit_scale=0.3, sliding_window=5, head_dim=8,
            layer_types=["sliding_attention", "full_attention", "sliding_attention", "full_attention"])),
        style="v4", v4=dict(sliding_window_pattern=2), matters=[dict(sliding_window=50)],
    ),
    "starcoder2": dict(
        config=("Starcoder2Config", SIZE | TIED | rope() | dict(use_bias=True, sliding_window=5)), style="v4",
        matters=[dict(sliding_window=None)],
    ),
    "gpt-bigcode": dict(config=("GPTBigCodeConfig", GPT2 | TIED | dict(multi_query=True)), style="v5"),
    "gpt-bigcode-mha": dict(config=("GPTBigCodeConfig", GPT2 | TIED | dict(multi_query=False, n_inner=40)), style="v4"),
    "olmo": dict(
        config=("OlmoConfig", SIZE | UNTIED | rope() | dict(clip_qkv=0.7)), style="v4", matters=[dict(clip_qkv=None)],
    ),
    "olmo2": dict(config=("Olmo2Config", SIZE | UNTIED | rope()), style="v4"),
    "olmo3": dict(
        config=("Olmo3Config", SIZE | FOUR | UNTIED | dict(
            sliding_window=5, rope_parameters=dict(
                sliding_attention=dict(rope_type="default", rope_theta=500000.0),
                full_attention=YARN["rope_parameters"] | dict(rope_theta=500000.0)),
            layer_types=["sliding_attention", "sliding_attention", "sliding_attention", "full_attention"])),
        style="v5", keeps=["layer_types"], v4=dict(
            rope_theta=500000.0, rope_scaling=without(YARN["rope_parameters"], "rope_theta")),
        matters=[dict(sliding_window=50), dict(rope_parameters=dict(
            sliding_attention=dict(rope_type="default", rope_theta=500000.0),
            full_attention=dict(rope_type="default", rope_theta=500000.0)))],
    ),
    "bloom": dict(
        config=("BloomConfig", dict(
            vocab_size=48, hidden_size=32, n_layer=2, n_head=4, bos_token_id=1, eos_token_id=2, pad_token_id=0) | TIED),
        style="v4", hub="no prefix",
    ),
    "gpt2": dict(config=("GPT2Config", GPT2 | TIED), style="v4", hub="no prefix", masks=True),
    "gpt2-inner": dict(config=("GPT2Config", GPT2 | UNTIED | dict(n_inner=40)), style="v5"),
    "gptj": dict(config=("GPTJConfig", GPT2 | UNTIED | dict(rotary_dim=4)), style="v4"),
    "gpt-neox": dict(
        config=("GPTNeoXConfig", NEOX | UNTIED | rope(partial_rotary_factor=0.25) | dict(
            hidden_size=64, num_attention_heads=4, use_parallel_residual=True)),
        style="v4", v4=dict(rotary_pct=0.25, rotary_emb_base=10000.0),
    ),
    "gpt-neox-sequential": dict(
        config=("GPTNeoXConfig", NEOX | UNTIED | rope(partial_rotary_factor=0.5) | dict(use_parallel_residual=False)),
        style="v5", v4=dict(rotary_pct=0.5, rotary_emb_base=10000.0),
    ),
    "opt": dict(config=("OPTConfig", OPT | TIED | dict(word_embed_proj_dim=32)), style="v4"),
    "opt-350m": dict(
        config=("OPTConfig", OPT | TIED | dict(word_embed_proj_dim=16, do_layer_norm_before=False)), style="v4",
    ),
    "mpt": dict(
        config=("MptConfig", dict(
            vocab_size=48, d_model=32, n_heads=4, n_layers=2, max_seq_len=64, bos_token_id=1, eos_token_id=2, pad_token_id=0,
            attn_config=dict(clip_qkv=0.7, softmax_scale=0.5)) | TIED),
        style="v4",
    ),
    "stablelm": dict(
        config=("StableLmConfig", SIZE | UNTIED | rope(partial_rotary_factor=0.25) | dict(
            hidden_size=64, use_qkv_bias=True)),
        style="v4",
    ),
    "stablelm-12b": dict(
        config=("StableLmConfig", SIZE | UNTIED | rope(partial_rotary_factor=0.5) | dict(
            qk_layernorm=True, use_parallel_residual=True)),
        style="v4",
    ),
    "granite": dict(
        config=("GraniteConfig", SIZE | TIED | rope() | dict(
            embedding_multiplier=6.0, logits_scaling=3.0, residual_multiplier=0.6, attention_multiplier=0.5)),
        style="v4",
        matters=[dict(embedding_multiplier=1.0), dict(logits_scaling=1.0), dict(residual_multiplier=1.0),
                 dict(attention_multiplier=0.35)],
    ),
    "smollm3": dict(
        config=("SmolLM3Config", SIZE | TIED | rope() | dict(no_rope_layers=[1, 0])), style="v4", keeps=["no_rope_layers"],
        matters=[dict(no_rope_layers=[1, 1])],
    ),
    "glm": dict(config=("GlmConfig", SIZE | UNTIED | rope(partial_rotary_factor=0.5) | dict(head_dim=16, attention_bias=True)),
                style="v4"),
    "glm-9b": dict(config=("GlmConfig", SIZE | UNTIED | rope(partial_rotary_factor=0.5) | dict(head_dim=8, attention_bias=True)),
                   style="v4"),
    "glm4": dict(config=("Glm4Config", SIZE | UNTIED | rope(partial_rotary_factor=0.5) | dict(head_dim=16, attention_bias=True)),
                 style="v4"),
    "minicpm3": dict(
        config=("MiniCPM3Config", without(SIZE, "num_key_value_heads") | TIED | dict(
            num_key_value_heads=4, kv_lora_rank=12, q_lora_rank=20, qk_nope_head_dim=8, qk_rope_head_dim=4, v_head_dim=8,
            max_position_embeddings=32, scale_emb=6, scale_depth=1.4, dim_model_base=16) | rope(
            "longrope", short_factor=[1.0, 1.1], long_factor=[1.5, 3.0], original_max_position_embeddings=8)),
        style="v5", batched=True, matters=[rope()],
    ),
    "internlm3": dict(
        config=("InternLM3Config", SIZE | UNTIED | DYNAMIC | dict(head_dim=16, attention_bias=True, mlp_bias=True)),
        model="LlamaForCausalLM", architecture="InternLM3ForCausalLM", style="v4", batched=True, matters=[rope()],
    ),
    "ernie4.5": dict(config=("Ernie4_5Config", SIZE | TIED | rope() | dict(head_dim=16, use_bias=True)), style="v5"),
    "hunyuan": dict(
        config=("HunYuanDenseV1Config", SIZE | UNTIED | dict(head_dim=16) | rope("dynamic", alpha=100.0, factor=1.0)), style="v4",
        matters=[rope()],
    ),
    "seed-oss": dict(
        config=("SeedOssConfig", SIZE | UNTIED | rope() | dict(
            head_dim=16, attention_bias=True, attention_out_bias=False, mlp_bias=False, attention_dropout=0.0,
            residual_dropout=0.0)),
        style="v5",
    ),
    "nemotron": dict(config=("NemotronConfig", SIZE | UNTIED | rope(partial_rotary_factor=0.5) | dict(head_dim=16)), style="v4"),
    # mixtures of experts
    "qwen3moe": dict(
        config=("Qwen3MoeConfig", SIZE | UNTIED | rope() | dict(
            head_dim=8, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=12, norm_topk_prob=True, mlp_only_layers=[0])),
        style="v4", targets=EXPERTS,
    ),
    "qwen2moe-all": dict(
        config=("Qwen2MoeConfig", SIZE | UNTIED | rope() | dict(
            num_experts=4, num_experts_per_tok=2, moe_intermediate_size=12, shared_expert_intermediate_size=16, norm_topk_prob=False,
            decoder_sparse_step=1, mlp_only_layers=[])),
        style="v4", targets=EXPERTS,
    ),
    "qwen3moe-all": dict(
        config=("Qwen3MoeConfig", SIZE | UNTIED | rope() | dict(
            head_dim=8, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=12, norm_topk_prob=True, mlp_only_layers=[])),
        style="v4", targets=EXPERTS,
    ),
    "deepseek-v2": dict(
        config=("DeepseekV2Config", DEEPSEEK | UNTIED | DEEPSEEK_YARN | dict(
            topk_method="group_limited_greedy", n_group=3, topk_group=2)),
        style="v4", targets=EXPERTS, matters=[dict(topk_group=1), rope("default", 100.0)],
    ),
    "deepseek-v2-lite": dict(
        config=("DeepseekV2Config", DEEPSEEK | UNTIED | rope() | dict(q_lora_rank=None, topk_method="greedy")), style="v4",
        targets=EXPERTS,
    ),
    "deepseek-v3": dict(
        config=("DeepseekV3Config", DEEPSEEK | UNTIED | DEEPSEEK_YARN | dict(
            n_shared_experts=1, n_group=3, topk_group=2, norm_topk_prob=True)),
        style="v4", targets=EXPERTS, matters=[dict(topk_group=1), rope("default", 100.0), dict(norm_topk_prob=False)],
    ),
    "glm4moe": dict(
        config=("Glm4MoeConfig", SIZE | UNTIED | rope(partial_rotary_factor=0.5) | dict(
            head_dim=8, attention_bias=True, use_qk_norm=True, first_k_dense_replace=1, n_routed_experts=4, n_shared_experts=1,
            num_experts_per_tok=2, moe_intermediate_size=12, routed_scaling_factor=1.7)),
        style="v4", targets=EXPERTS,
    ),
    "olmoe": dict(
        config=("OlmoeConfig", SIZE | UNTIED | rope() | dict(
            clip_qkv=0.7, num_experts=4, num_experts_per_tok=2, intermediate_size=12, norm_topk_prob=False)),
        style="v4", targets=EXPERTS, matters=[dict(clip_qkv=None)],
    ),
    "granitemoe": dict(
        config=("GraniteMoeConfig", SIZE | TIED | rope() | dict(
            embedding_multiplier=6.0, logits_scaling=3.0, residual_multiplier=0.6, attention_multiplier=0.5,
            num_local_experts=4, num_experts_per_tok=2, intermediate_size=12)),
        style="v4", targets=r"self_attn",
    ),
    "phimoe": dict(
        config=("PhimoeConfig", SIZE | UNTIED | dict(
            head_dim=8, max_position_embeddings=32, original_max_position_embeddings=8, attention_bias=True, lm_head_bias=True,
            num_local_experts=4, num_experts_per_tok=2, sliding_window=9, intermediate_size=12, router_jitter_noise=0.4,
            rope_parameters=dict(
                rope_type="longrope", rope_theta=10000.0, original_max_position_embeddings=8, short_mscale=1.1, long_mscale=1.3,
                **LONGROPE))),
        style="v4", batched=True, targets=EXPERTS, matters=[dict(sliding_window=None), dict(router_jitter_noise=0.01)],
    ),
    "llama4": dict(
        config=("Llama4TextConfig", SIZE | FOUR | UNTIED | rope() | dict(
            head_dim=8, intermediate_size=12, intermediate_size_mlp=24, num_local_experts=4, num_experts_per_tok=1,
            interleave_moe_layer_step=2, no_rope_layers=[1, 1, 1, 0], attention_chunk_size=4, floor_scale=4, attn_scale=0.4,
            use_qk_norm=True)),
        model="Llama4ForCausalLM", style="v4", keeps=["no_rope_layers"],
        targets=r"(self_attn|shared_expert|\.feed_forward\.(gate|up|down)_proj)",
        matters=[dict(attention_chunk_size=64), dict(attn_scale=0.0), dict(use_qk_norm=False)],
    ),
    "gpt-oss": dict(
        config=("GptOssConfig", SIZE | UNTIED | rope(
            "yarn", 100.0, factor=4.0, original_max_position_embeddings=8, beta_fast=4.0, beta_slow=0.5, truncate=False) | dict(
            head_dim=8, intermediate_size=12, num_local_experts=4, num_experts_per_tok=2, sliding_window=5,
            layer_types=["sliding_attention", "full_attention"])),
        style="v5", keeps=["layer_types"], targets=r"self_attn", matters=[dict(sliding_window=50), rope("default", 100.0)],
    ),
    "ernie4.5moe": dict(
        config=("Ernie4_5_MoeConfig", SIZE | TIED | rope() | dict(
            use_bias=False, moe_num_experts=4, moe_k=2, moe_num_shared_experts=2, moe_intermediate_size=12, moe_layer_start_index=1,
            moe_layer_end_index=1, moe_layer_interval=1)),
        style="v5", targets=EXPERTS,
    ),
    "hunyuan-moe": dict(
        config=("HunYuanMoEV1Config", SIZE | UNTIED | dict(head_dim=16, num_experts=4, moe_topk=2, intermediate_size=12) | rope(
            "dynamic", alpha=100.0, factor=1.0)),
        style="v4", targets=EXPERTS, matters=[rope()],
    ),
}
