# Tokenizers in GGUF files as llama.cpp keeps them, and the ids of the tokenizer.json that each was made from.
"""python gguf_tokenizers.py   writes gguf_tokenizers/ (format: README.md; venv: requirements-templates.txt)"""

import io
import json
from pathlib import Path

import gguf
import sentencepiece
from safetensors.torch import load_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer, LlamaTokenizerFast

HERE = Path(__file__).parent
OUT = HERE / "gguf_tokenizers"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
TEKKEN = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|"
          r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|"
          r"\s*[\r\n]+|\s+(?!\S)|\s+")
TEXT = [
    "The mill turned in the evening, and the dogs didn't bark; they'd seen 1974 mills before.",
    "Prices: 12345.67 and 89,000 (in 2024). WHAT'S next? HelloWorld, HTTPServer, getValueOf().",
    "東京はどこですか？日本の首都です。北京呢？ 한국어도 조금. café cafe\u0301 naïve ﬁne",
    "def f(x):\n    return x + 1\n\n\n\tif y:\r\n  pass   \n", "   leading,  double  spaces and trailing   ",
    "👩‍👩‍👧‍👦 or 🏳️‍🌈? 🦙🦙 = two llamas 😀", "a//b\n/c https://example.org/?q=1&r=2", "", " ", "\n", "é", "I'll we've it's THEY'RE",
]
ASKED = TEXT + ["<|im_start|>user\nHi<|im_end|>\n<tool> x </tool>", "x<s>[INST] y [/INST]</s> z", "unseen: Ω ≈ ç √ ∫ ẞ 𝔘"]
SPECIAL = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"]


def byte_level(pre):
    digits = {"llama-bpe": r"\p{N}{1,3}", "qwen2": r"\p{N}"}
    pattern = TEKKEN if pre == "tekken" else LLAMA3.replace(r"\p{N}{1,3}", digits[pre]) if pre in digits else None
    tok = Tokenizer(models.BPE(ignore_merges=pre in ("llama-bpe", "tekken")))
    parts = [pre_tokenizers.Digits(individual_digits=True)] if pre == "smollm" else []
    if pattern:
        parts.append(pre_tokenizers.Split(Regex(pattern), "isolated"))
    parts.append(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=pattern is None))
    tok.pre_tokenizer = pre_tokenizers.Sequence(parts)
    tok.decoder = decoders.ByteLevel()
    if pre == "qwen2":
        tok.normalizer = normalizers.NFC()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tok.train_from_iterator(TEXT * 3, trainers.BpeTrainer(vocab_size=420, initial_alphabet=alphabet, show_progress=False))
    tok.add_special_tokens(SPECIAL)
    tok.add_tokens([AddedToken("<tool>", special=False, normalized=False), AddedToken("</tool>", special=False, normalized=False)])
    return tok


def write(name, architecture, tok, pre, add_model=lambda writer: None):
    """The metadata that llama.cpp's converter writes for a byte-level tokenizer."""
    told = json.loads(tok.to_str())
    added = {t["id"]: t for t in told["added_tokens"]}
    size = tok.get_vocab_size(with_added_tokens=True)
    kinds = [gguf.TokenType.NORMAL if i not in added else gguf.TokenType.CONTROL if added[i]["special"] else gguf.TokenType.USER_DEFINED
             for i in range(size)]
    writer = gguf.GGUFWriter(OUT / f"{name}.gguf", architecture)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list([tok.id_to_token(i) for i in range(size)])
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(m) for m in told["model"]["merges"]])
    writer.add_bos_token_id(tok.token_to_id("<s>"))
    writer.add_eos_token_id(tok.token_to_id("</s>"))
    add_model(writer)
    close(writer)


def close(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def sentence_piece():
    """Llama 2's kind: the pieces of a trained model, and transformers' own conversion of it."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT * 3), model_writer=model, model_type="bpe", vocab_size=430, byte_fallback=True,
        character_coverage=0.98, normalization_rule_name="identity", remove_extra_whitespaces=False, num_threads=1,
        minloglevel=2)
    file = OUT / "tokenizer.model"
    file.write_bytes(model.getvalue())
    tok = LlamaTokenizerFast(vocab_file=str(file), legacy=True, add_prefix_space=True, from_slow=True)
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    file.unlink()
    kind = lambda i: (gguf.TokenType.UNKNOWN if pieces.is_unknown(i) else gguf.TokenType.CONTROL if pieces.is_control(i)  # noqa: E731
                      else gguf.TokenType.BYTE if pieces.is_byte(i) else gguf.TokenType.NORMAL)
    writer = gguf.GGUFWriter(OUT / "llama-spm.gguf", "llama")
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([pieces.id_to_piece(i) for i in range(len(pieces))])
    writer.add_token_scores([pieces.get_score(i) for i in range(len(pieces))])
    writer.add_token_types([kind(i) for i in range(len(pieces))])
    writer.add_bos_token_id(pieces.bos_id())
    writer.add_eos_token_id(pieces.eos_id())
    writer.add_unk_token_id(pieces.unk_id())
    writer.add_add_bos_token(True)
    close(writer)
    return tok.backend_tokenizer


def lone():
    """A whole model in one file: models/qwen2 with the tokenizer that belongs to it."""
    config = json.loads((HERE / "models/qwen2/config.json").read_text())
    tok = AutoTokenizer.from_pretrained(HERE / "models/qwen2").backend_tokenizer
    template = ("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
                "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
    names = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q",
             "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
             "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}
    whole = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight"}

    def model(writer):
        writer.add_chat_template(template)
        writer.add_block_count(config["num_hidden_layers"])
        writer.add_context_length(config["max_position_embeddings"])
        writer.add_embedding_length(config["hidden_size"])
        writer.add_feed_forward_length(config["intermediate_size"])
        writer.add_head_count(config["num_attention_heads"])
        writer.add_head_count_kv(config["num_key_value_heads"])
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
        writer.add_rope_freq_base(config["rope_theta"])
        for key, weight in load_file(HERE / "models/qwen2/model.safetensors").items():
            if key not in whole:
                _, _, layer, rest = key.split(".", 3)
                stem, kind = rest.rsplit(".", 1)
            writer.add_tensor(whole.get(key) or f"blk.{layer}.{names[stem]}.{kind}", weight.float().numpy())

    write("lone", "qwen2", tok, "gpt-2", model)
    return tok


def main():
    OUT.mkdir(exist_ok=True)
    made = {}
    for pre in ["gpt-2", "llama-bpe", "qwen2", "smollm", "tekken"]:
        made[pre] = byte_level(pre)
        write(pre, "llama", made[pre], pre)
    made["llama-spm"] = sentence_piece()
    made["lone"] = lone()
    out = dict(texts=ASKED, ids={name: [tok.encode(text, add_special_tokens=False).ids for text in ASKED] for name, tok in made.items()},
               decoded={name: [tok.decode(tok.encode(text, add_special_tokens=False).ids, skip_special_tokens=False) for text in ASKED]
                        for name, tok in made.items()})
    (OUT / "expected.json").write_text(json.dumps(out, ensure_ascii=False) + "\n")
    print(sum(f.stat().st_size for f in OUT.iterdir()), "bytes")


if __name__ == "__main__":
    main()
