# The steps of `bench_card` in PyTorch: the model in bf16, LoRA by PEFT (or all weights trained), attention by sdpa, chosen and
# rejected in one padded batch, and the log-softmax over logits of every position as TRL makes it.
"""python torch_step.py [SECONDS]   prints one line of JSON a row, as bench_card does"""

import json
import sys
import time

try:
    import torch
    import torch.nn.functional as F
    import transformers
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM
except ImportError as error:
    print(json.dumps({"torch": f"not importable: {error}"}))
    sys.exit(0)
try:
    import peft
except ImportError:
    peft = None

LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
BETA, SEQUENCES, STEPS = 0.1, 4, 4


def shapes():
    llama = LlamaConfig(
        vocab_size=128256, hidden_size=2048, intermediate_size=8192, num_hidden_layers=16, num_attention_heads=32,
        num_key_value_heads=8, head_dim=64, max_position_embeddings=131072, rms_norm_eps=1e-5, tie_word_embeddings=True,
        attn_implementation="sdpa",
    )
    qwen = Qwen3Config(
        vocab_size=151936, hidden_size=1024, intermediate_size=3072, num_hidden_layers=28, num_attention_heads=16,
        num_key_value_heads=8, head_dim=128, max_position_embeddings=40960, rms_norm_eps=1e-6, tie_word_embeddings=True,
        attn_implementation="sdpa",
    )
    yield "Llama-3.2-1B", lambda: LlamaForCausalLM(llama)
    yield "Qwen3-0.6B", lambda: Qwen3ForCausalLM(qwen)


def sequence_logps(model, ids, mask, counted):
    logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits[:, :-1]
    labels = ids[:, 1:]
    picked = torch.gather(logits, 2, labels.unsqueeze(-1)).squeeze(-1)
    normalizer = torch.stack([row.logsumexp(-1) for row in logits])
    return ((picked - normalizer).float() * counted).sum(-1)


def timed(make, method, loss, length):
    torch.manual_seed(0)
    with torch.device("cuda"):
        model = make().to(torch.bfloat16)
    if method == "Lora":
        config = peft.LoraConfig(r=16, lora_alpha=32, target_modules=LINEARS, task_type="CAUSAL_LM")
        model = peft.get_peft_model(model, config)
    model.train()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.0)
    ids = torch.randint(0, 100_000, (SEQUENCES, length), device="cuda")
    mask = torch.ones_like(ids)
    counted = torch.ones_like(ids[:, 1:], dtype=torch.bool)
    if loss != "Sft":
        counted[:, : length // 2 - 1] = False
    seconds = []
    torch.cuda.reset_peak_memory_stats()
    for _ in range(STEPS):
        torch.cuda.synchronize()
        start = time.perf_counter()
        reference = torch.zeros(SEQUENCES, device="cuda")
        if loss == "Dpo":
            with torch.no_grad(), model.disable_adapter():
                reference = sequence_logps(model, ids, mask, counted)
        policy = sequence_logps(model, ids, mask, counted)
        if loss == "Sft":
            value = -policy.sum() / counted.sum()
        else:
            ratio = policy - reference
            value = -F.logsigmoid(BETA * (ratio[0::2] - ratio[1::2])).mean()
        value.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    step = sorted(seconds[1:])[(STEPS - 1) // 2]
    return {
        "tokens_per_second": round(SEQUENCES * length / step), "step_seconds": step,
        "peak_mib": torch.cuda.max_memory_allocated() >> 20, "loss": value.item(),
    }


def main():
    if not torch.cuda.is_available():
        print(json.dumps({"torch": "sees no card"}))
        return
    print(json.dumps({
        "torch": torch.__version__, "transformers": transformers.__version__, "peft": peft and peft.__version__,
    }))
    until = time.monotonic() + float(sys.argv[1] if len(sys.argv) > 1 else 200)
    for name, make in shapes():
        for method, loss, length in [("Lora", "Dpo", 1024), ("Lora", "Dpo", 4096), ("Lora", "Sft", 1024), ("Full", "Sft", 1024)]:
            if time.monotonic() > until or (method == "Lora" and peft is None):
                continue
            row = {"row": f"torch {name} {method} {loss} {length} even"}
            try:
                row |= timed(make, method, loss, length)
            except torch.OutOfMemoryError as error:
                row["error"] = str(error).splitlines()[0]
            print(json.dumps(row), flush=True)
            torch.cuda.empty_cache()


main()
