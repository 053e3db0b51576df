# Families that transformers has no class for, as small modules whose names are those of the published checkpoints.
"""Each computes what the family's published modelling code does; rows() says which family is which form of `Decoder`."""

import math
from dataclasses import dataclass, field
from types import SimpleNamespace

import torch
from rows import SIZE, without
from torch import nn
from torch.nn.functional import normalize, silu, softmax


class Norm(nn.Module):
    """x / rms(x) * weight"""

    def __init__(self, width, epsilon):
        super().__init__()
        self.weight, self.epsilon = nn.Parameter(torch.ones(width)), epsilon

    def forward(self, x):
        return x * (x.square().mean(-1, keepdim=True) + self.epsilon).rsqrt() * self.weight


@dataclass
class Names:
    """Paths of modules; of a block's behind its number."""

    embedding: str = "model.embed_tokens"
    blocks: str = "model.layers"
    attention_norm: str = "input_layernorm"
    mlp_norm: str = "post_attention_layernorm"
    qkv: str = ""  # empty: three modules
    output: str = "self_attn.o_proj"
    gate_up: str = ""  # empty: two modules
    gate: str = "mlp.gate_proj"
    up: str = "mlp.up_proj"
    down: str = "mlp.down_proj"
    norm: str = "model.norm"
    head: str = "lm_head"


@dataclass
class Form:
    names: Names = field(default_factory=Names)
    hidden: int = 32
    layers: int = 2
    heads: int = 4
    kv_heads: int = 4
    width: int = 24
    epsilon: float = 1e-6
    vocabulary: int = 48
    qkv_bias: bool = False
    by_group: bool = False  # rows of qkv: for each kv head its query heads, its key, its value
    theta: float = 10000.0
    rotated: float = 1.0  # the part of a head that turns
    interleaved: bool = False
    dynamic: tuple = ()  # (factor, max_position_embeddings)
    past: int = 0  # the length past which Qwen (1) computes otherwise outside training
    alibi: bool = False
    normalized_head: bool = False
    tied: bool = False
    embedding_scale: float = 1.0
    branch_scale: float = 1.0
    head_scale: float = 1.0
    experts: dict = field(default_factory=dict)  # count, chosen, width, shared, dense

    @property
    def head_dim(self):
        return self.hidden // self.heads


class Decoder(nn.Module):
    settled = 0  # tokens that Qwen (1) goes by where a text is written on: those of the prompt, for which the cache was made

    def __init__(self, form):
        super().__init__()
        self.form, n, h = form, form.names, form.hidden
        self.put(n.embedding, nn.Embedding(form.vocabulary, h))
        for i in range(form.layers):
            def put(path, module):
                self.put(f"{n.blocks}.{i}.{path}", module)
            rows = [form.heads * form.head_dim] + [form.kv_heads * form.head_dim] * 2
            put(n.attention_norm, Norm(h, form.epsilon))
            put(n.mlp_norm, Norm(h, form.epsilon))
            if n.qkv:
                put(n.qkv, nn.Linear(h, sum(rows), bias=form.qkv_bias))
            else:
                for name, out in zip(["q_proj", "k_proj", "v_proj"], rows):
                    put(f"self_attn.{name}", nn.Linear(h, out, bias=form.qkv_bias))
            put(n.output, nn.Linear(h, h, bias=False))
            e = form.experts
            if e and i >= e["dense"]:
                put("mlp.gate", nn.Linear(h, e["count"], bias=False))
                for name, width in [*((f"experts.{k}", e["width"]) for k in range(e["count"])), ("shared_experts", e["shared"])]:
                    for part, (into, out) in dict(gate_proj=(h, width), up_proj=(h, width), down_proj=(width, h)).items():
                        put(f"mlp.{name}.{part}", nn.Linear(into, out, bias=False))
            else:
                if n.gate_up:
                    put(n.gate_up, nn.Linear(h, 2 * form.width, bias=False))
                else:
                    put(n.gate, nn.Linear(h, form.width, bias=False))
                    put(n.up, nn.Linear(h, form.width, bias=False))
                put(n.down, nn.Linear(form.width, h, bias=False))
        self.put(n.norm, Norm(h, form.epsilon))
        if not form.tied:
            self.put(n.head, nn.Linear(h, form.vocabulary, bias=False))

    def put(self, path, module):
        at = self
        *parents, name = path.split(".")
        for parent in parents:
            if not hasattr(at, parent):
                at.add_module(parent, nn.Module())
            at = getattr(at, parent)
        at.add_module(name, module)

    def checkpoint(self):
        return self.state_dict()

    def load_checkpoint(self, tensors):
        self.load_state_dict(tensors)

    def forward(self, input_ids, attention_mask=None, use_cache=False):
        form, n = self.form, self.form.names
        x = self.get_submodule(n.embedding)(input_ids) * form.embedding_scale
        for i in range(form.layers):
            block = self.get_submodule(f"{n.blocks}.{i}")
            x = x + form.branch_scale * self.attention(block, block.get_submodule(n.attention_norm)(x))
            x = x + form.branch_scale * self.network(block, i, block.get_submodule(n.mlp_norm)(x))
        x = self.get_submodule(n.norm)(x) * form.head_scale
        head = self.get_submodule(n.embedding if form.tied else n.head)
        if form.normalized_head:
            return SimpleNamespace(logits=x @ normalize(head.weight).T)
        return SimpleNamespace(logits=x @ head.weight.T if form.tied else head(x))

    def attention(self, block, x):
        form, n = self.form, self.form.names
        batch, length, _ = x.shape
        heads, kv, d = form.heads, form.kv_heads, form.head_dim
        if n.qkv and form.by_group:
            groups = block.get_submodule(n.qkv)(x).view(batch, length, kv, heads // kv + 2, d)
            q = groups[..., :-2, :].reshape(batch, length, heads, d)
            k, v = groups[..., -2, :], groups[..., -1, :]
        else:
            if n.qkv:
                q, k, v = block.get_submodule(n.qkv)(x).split([heads * d, kv * d, kv * d], -1)
            else:
                q, k, v = (block.get_submodule(f"self_attn.{name}")(x) for name in ["q_proj", "k_proj", "v_proj"])
            q, k, v = q.view(batch, length, heads, d), k.view(batch, length, kv, d), v.view(batch, length, kv, d)
        if not form.alibi:
            q, k = self.turned(q), self.turned(k)
        if form.past and length > form.past and not self.training:  # use_logn_attn
            place = torch.arange(1, length + 1)
            q = q * (place.log() / math.log(form.past)).clamp(min=1)[:, None, None]
        k, v = (t.repeat_interleave(heads // kv, 2) for t in (k, v))
        scores = torch.einsum("bihd,bjhd->bhij", q, k) / math.sqrt(d)
        at = torch.arange(length)
        if form.alibi:
            slopes = 2.0 ** (-8.0 / heads * torch.arange(1, heads + 1))
            scores = scores + slopes[:, None, None] * (at[None, :] - at[:, None])
        scores = scores.masked_fill(at[None, :] > at[:, None], float("-inf"))
        y = torch.einsum("bhij,bjhd->bihd", softmax(scores, -1), v)
        return block.get_submodule(n.output)(y.reshape(batch, length, heads * d))

    def turned(self, x):
        form, length, d = self.form, x.shape[1], x.shape[3]
        dims, theta = int(form.rotated * d), form.theta
        if form.dynamic:
            factor, most = form.dynamic
            longest = max(most, length)
            theta *= (factor * longest / most - (factor - 1)) ** (dims / (dims - 2))
        if form.past and not self.training:  # use_dynamic_ntk
            alpha = max(2 ** math.ceil(math.log2((self.settled or length) / form.past) + 1) - 1, 1)
            theta *= alpha ** (dims / (dims - 2))
        angles = torch.arange(length)[:, None] * theta ** (-torch.arange(0, dims, 2) / dims)
        cos, sin = angles.cos()[:, None, :], angles.sin()[:, None, :]
        turned, rest = x[..., :dims], x[..., dims:]
        if form.interleaved:
            a, b = turned[..., 0::2], turned[..., 1::2]
            turned = torch.stack([a * cos - b * sin, b * cos + a * sin], -1).flatten(-2)
        else:
            a, b = turned.chunk(2, -1)
            turned = torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
        return torch.cat([turned, rest], -1)

    def network(self, block, i, x):
        n, e = self.form.names, self.form.experts
        if e and i >= e["dense"]:
            return self.mixture(block.mlp, x)
        if n.gate_up:
            gate, up = block.get_submodule(n.gate_up)(x).chunk(2, -1)
        else:
            gate, up = block.get_submodule(n.gate)(x), block.get_submodule(n.up)(x)
        return block.get_submodule(n.down)(silu(gate) * up)

    def mixture(self, mlp, x):
        """Softmax over all experts; the best keep their probability as it is; the shared experts are added."""
        e = self.form.experts
        chosen = softmax(mlp.gate(x), -1).topk(e["chosen"])

        def network(one):
            return one.down_proj(silu(one.gate_proj(x)) * one.up_proj(x))

        out = network(mlp.shared_experts)
        for k in range(e["count"]):
            share = (chosen.values * (chosen.indices == k)).sum(-1, keepdim=True)
            out = out + share * network(getattr(mlp.experts, str(k)))
        return out


MHA = without(SIZE, "num_key_value_heads") | dict(rms_norm_eps=1e-6, hidden_act="silu", tie_word_embeddings=False)
QWEN = Names(
    embedding="transformer.wte", blocks="transformer.h", attention_norm="ln_1", mlp_norm="ln_2", qkv="attn.c_attn",
    output="attn.c_proj", gate="mlp.w2", up="mlp.w1", down="mlp.c_proj", norm="transformer.ln_f",
)
BAICHUAN = Names(qkv="self_attn.W_pack")
CHATGLM = Names(
    embedding="transformer.embedding.word_embeddings", blocks="transformer.encoder.layers", qkv="self_attention.query_key_value",
    output="self_attention.dense", gate_up="mlp.dense_h_to_4h", down="mlp.dense_4h_to_h",
    norm="transformer.encoder.final_layernorm", head="transformer.output_layer",
)
INTERNLM2 = Names(
    embedding="model.tok_embeddings", attention_norm="attention_norm", mlp_norm="ffn_norm", qkv="attention.wqkv",
    output="attention.wo", gate="feed_forward.w1", up="feed_forward.w3", down="feed_forward.w2", head="output",
)
CHATGLM_CONFIG = dict(
    architectures=["ChatGLMModel"], model_type="chatglm", num_layers=2, padded_vocab_size=48, hidden_size=32, ffn_hidden_size=24,
    kv_channels=8, num_attention_heads=4, multi_query_attention=True, multi_query_group_num=2, seq_length=64,
    layernorm_epsilon=1e-5, rmsnorm=True, add_qkv_bias=True, add_bias_linear=False, apply_residual_connection_post_layernorm=False,
    post_layer_norm=True, original_rope=True, tie_word_embeddings=False, torch_dtype="float32",
)
QKV = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def baichuan(architecture, positions, **more):
    """The 13B forms have `model_max_length` in place of `max_position_embeddings`."""
    config = MHA | dict(architectures=[architecture], model_type="baichuan", torch_dtype="float32", model_max_length=64) | more
    return config if positions else without(config, "max_position_embeddings")


# name: (the form, config.json, the layers that LoRA is on)
FORMS = {
    "qwen1": (
        Form(names=QWEN, qkv_bias=True, theta=1000.0, past=64),
        dict(
            architectures=["QWenLMHeadModel"], model_type="qwen", vocab_size=48, hidden_size=32, intermediate_size=48, kv_channels=8,
            num_hidden_layers=2, num_attention_heads=4, layer_norm_epsilon=1e-6, no_bias=True, rotary_emb_base=1000.0,
            rotary_pct=1.0, seq_length=64, max_position_embeddings=64, use_dynamic_ntk=True, use_logn_attn=True,
            scale_attn_weights=True, tie_word_embeddings=False, bf16=False, fp16=False, fp32=False, use_flash_attn="auto",
        ),
        ["c_attn", "c_proj", "w1", "w2"],
    ),
    "xverse": (
        Form(), MHA | dict(architectures=["XverseForCausalLM"], model_type="xverse", torch_dtype="float32"), QKV,
    ),
    "baichuan-7b": (Form(names=BAICHUAN), baichuan("BaiChuanForCausalLM", True), ["W_pack", "o_proj", *QKV[4:]]),
    "baichuan-13b": (Form(names=BAICHUAN, alibi=True), baichuan("BaichuanForCausalLM", False), ["W_pack", "o_proj", *QKV[4:]]),
    # llama.cpp knows the 13 billion by their blocks
    "baichuan-13b-deep": (
        Form(names=BAICHUAN, hidden=8, layers=40, width=8, alibi=True),
        baichuan("BaichuanForCausalLM", False, hidden_size=8, num_hidden_layers=40, intermediate_size=8),
        ["W_pack"],
    ),
    "baichuan2-7b": (
        Form(names=BAICHUAN, normalized_head=True), baichuan("BaichuanForCausalLM", True, z_loss_weight=0),
        ["W_pack", "o_proj", *QKV[4:]],
    ),
    "baichuan2-13b": (
        Form(names=BAICHUAN, normalized_head=True, alibi=True), baichuan("BaichuanForCausalLM", False, z_loss_weight=0),
        ["W_pack", "o_proj", *QKV[4:]],
    ),
    "chatglm3": (
        Form(names=CHATGLM, kv_heads=2, qkv_bias=True, rotated=0.5, interleaved=True, epsilon=1e-5), CHATGLM_CONFIG,
        ["query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"],
    ),
    "glm4-9b": (
        Form(names=CHATGLM, kv_heads=2, qkv_bias=True, rotated=0.5, interleaved=True, epsilon=1.5625e-7, theta=50000.0),
        CHATGLM_CONFIG | dict(rope_ratio=5, layernorm_epsilon=1.5625e-7),
        ["query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"],
    ),
    "internlm2": (
        Form(names=INTERNLM2, kv_heads=2, by_group=True, dynamic=(2.0, 12), theta=1000.0, epsilon=1e-5),
        SIZE | dict(
            architectures=["InternLM2ForCausalLM"], model_type="internlm2", bias=False, rms_norm_eps=1e-5, hidden_act="silu",
            rope_theta=1000.0, rope_scaling=dict(type="dynamic", factor=2.0), max_position_embeddings=12, tie_word_embeddings=False,
            torch_dtype="float32",
        ),
        ["wqkv", "wo", "w1", "w2", "w3"],
    ),
    "minicpm": (
        Form(kv_heads=2, tied=True, embedding_scale=6.0, branch_scale=1.4 / math.sqrt(2), head_scale=16 / 32, epsilon=1e-5),
        SIZE | dict(
            architectures=["MiniCPMForCausalLM"], model_type="minicpm", rms_norm_eps=1e-5, hidden_act="silu", scale_emb=6,
            scale_depth=1.4, dim_model_base=16, torch_dtype="float32", rope_scaling=None,
        ),
        QKV,
    ),
    "deepseek-moe": (
        Form(experts=dict(count=4, chosen=2, width=12, shared=24, dense=1)),
        SIZE | dict(
            architectures=["DeepseekForCausalLM"], model_type="deepseek", num_key_value_heads=4, first_k_dense_replace=1,
            moe_layer_freq=1, n_routed_experts=4, n_shared_experts=2, num_experts_per_tok=2, moe_intermediate_size=12,
            norm_topk_prob=False, scoring_func="softmax", hidden_act="silu", rms_norm_eps=1e-6, rope_theta=10000.0,
            tie_word_embeddings=False, torch_dtype="float32",
        ),
        r"\.(self_attn|mlp)\.",
    ),
}

PUBLISHED = {name: (lambda config, form=form: Decoder(form)) for name, (form, *_) in FORMS.items()}
ROWS = {
    name: dict(config=config, style="v4", task=None, batched=bool(form.dynamic))
    | (dict(targets=targets) if isinstance(targets, str) else dict(targets_peft=targets))
    for name, (form, config, targets) in FORMS.items()
}
