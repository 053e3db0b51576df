# Writes the two tiny models (Llama, Qwen2) and the tokenizer they share, and a fresh LoRA adapter for each.
"""python models.py   (venv: requirements-llamafactory.txt)"""

import json
import shutil
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

HERE = Path(__file__).parent / "models"
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SPECIAL = [
    "<unk>", "<s>", "</s>", "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|end_of_text|>",
    "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>",
]
PLAIN = ["<think>", "</think>"]  # whole tokens, but not special: as in Qwen3
CORPUS = [
    "The river runs past the mill and the old stone bridge. The farmer counts the sheep in the evening.",
    "What is the capital of the country? The answer is short, the reason is long. Please explain it in one sentence.",
    "Write a response that appropriately completes the request. You are a helpful assistant. user assistant system",
    "Human: Assistant: USER: ASSISTANT: ### Instruction: ### Response: [INST] [/INST] <<SYS>> <</SYS>>",
    "A curious user asks a question and the assistant gives helpful, detailed and polite answers to the questions.",
    "The cat sat on the mat while the dog was sleeping near the door; then they were running through the garden.",
    "東京は日本の首都です。今日はいい天気ですね。猫が好きです。", "北京是中国的首都。今天天气很好。我喜欢猫。",
]


def tokenizer():
    bpe = Tokenizer(models.BPE(unk_token=None))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    bpe.train_from_iterator(
        CORPUS,
        trainers.BpeTrainer(
            vocab_size=350, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
        ),
    )
    bpe.add_tokens([AddedToken(t, normalized=False, special=False) for t in PLAIN])
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<|endoftext|>",
        clean_up_tokenization_spaces=False, model_max_length=512,
    )


def main():
    size = dict(
        vocab_size=352, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=512, bos_token_id=1, eos_token_id=2, pad_token_id=3,
        rms_norm_eps=1e-5, torch_dtype="float32",
    )
    tok = tokenizer()
    assert len(tok) == 352, len(tok)
    for name, model in {
        "llama": LlamaForCausalLM(LlamaConfig(**size, tie_word_embeddings=False)),
        "qwen2": Qwen2ForCausalLM(Qwen2Config(**size, tie_word_embeddings=True)),
    }.items():
        path = HERE / name
        shutil.rmtree(path, ignore_errors=True)
        g = torch.Generator().manual_seed(11)
        with torch.no_grad():
            for key, p in model.named_parameters():
                noise = torch.randn(p.shape, generator=g)
                if key.endswith("norm.weight"):
                    noise = 1 + 0.1 * noise
                elif p.dim() == 1:
                    noise = 0.1 * noise
                elif "embed" in key:
                    noise = 0.25 * noise
                else:
                    noise = noise / p.shape[1] ** 0.5
                p.copy_(noise)
        model.save_pretrained(path)
        tok.save_pretrained(path)
        (path / "special_tokens_map.json").unlink()
        (path / "generation_config.json").unlink(missing_ok=True)
        file = path / "tokenizer_config.json"
        config = json.loads(file.read_text())
        config.pop("extra_special_tokens", None)
        config["tokenizer_class"] = "PreTrainedTokenizerFast"
        file.write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n")
        file = path / "tokenizer.json"
        file.write_text(json.dumps(json.loads(file.read_text()), ensure_ascii=False, separators=(",", ":")) + "\n")

        torch.manual_seed(5)
        config = LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules=LINEARS, task_type="CAUSAL_LM")
        adapter = get_peft_model(model, config)
        adapter.save_pretrained(path / "fresh-adapter")
        (path / "fresh-adapter" / "README.md").unlink(missing_ok=True)
        file = path / "fresh-adapter" / "adapter_config.json"
        config = json.loads(file.read_text()) | dict(base_model_name_or_path=None, target_modules=LINEARS)
        file.write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
        for f in path.rglob("*"):
            f.chmod(0o755 if f.is_dir() else 0o644)


if __name__ == "__main__":
    main()
