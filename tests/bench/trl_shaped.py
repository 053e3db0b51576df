# One DPO step after another in PyTorch, with the tensors TRL's DPO trainer makes: what `make bench` measures us against.
"""python trl_shaped.py [steps] [autocast]   prints `step N: S s, loss L` for each step

Chosen and rejected in one padded batch, logits of every position, attention through sdpa, the reference is the policy with
its adapter off, LoRA r 16 on all linears, AdamW. The model, the tokens and the sizes are those of the trainer's
`bench_step`. In f32, or with `autocast` under autocast to bf16, as transformers' Trainer does for `bf16: true`."""

import os
import sys
import time

THREADS = int(os.environ.get("THREADS", 2))
os.environ.update(OMP_NUM_THREADS=str(THREADS), HF_HUB_OFFLINE="1")

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402
from transformers import LlamaConfig, LlamaForCausalLM  # noqa: E402

VOCAB, PAIRS, PROMPT, RESPONSE, BETA = 32000, 2, 256, 256, 0.1
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def sequence_logps(model, ids, attention_mask, counted):
    logits = model(input_ids=ids, attention_mask=attention_mask, use_cache=False).logits[:, :-1]
    labels = ids[:, 1:]
    picked = torch.gather(logits, 2, labels.unsqueeze(-1)).squeeze(-1)
    normalizer = torch.stack([row.logsumexp(-1) for row in logits])  # by rows, as TRL does, to hold less at once
    return ((picked - normalizer) * counted).sum(-1)


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    autocast = "autocast" in sys.argv[2:]
    print(f"computes in {'bf16' if autocast else 'f32'}")
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCAB, hidden_size=512, intermediate_size=1408, num_hidden_layers=8, num_attention_heads=8,
        num_key_value_heads=8, max_position_embeddings=1024, tie_word_embeddings=False, attn_implementation="sdpa",
    ))
    model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules=LINEARS, task_type="CAUSAL_LM"))
    model.train()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, weight_decay=0.0)

    prompt = torch.randint(0, VOCAB, (PAIRS, PROMPT))
    chosen, rejected = (torch.cat([prompt, torch.randint(0, VOCAB, (PAIRS, RESPONSE))], 1) for _ in range(2))
    ids = torch.cat([chosen, rejected])
    attention_mask = torch.ones_like(ids)
    counted = torch.zeros_like(ids[:, 1:], dtype=torch.bool)
    counted[:, PROMPT - 1:] = True

    for step in range(steps):
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            with torch.no_grad(), model.disable_adapter():
                reference = sequence_logps(model, ids, attention_mask, counted)
            policy = sequence_logps(model, ids, attention_mask, counted)
        ratio = policy - reference
        loss = -F.logsigmoid(BETA * (ratio[:PAIRS] - ratio[PAIRS:])).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        print(f"step {step}: {time.perf_counter() - start:.3f} s, loss {loss.item():.6f}", flush=True)


if __name__ == "__main__":
    main()
