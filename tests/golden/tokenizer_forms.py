# Small tokenizers in every form that model folders have beside tokenizer.json, and their own libraries' ids.
"""python tokenizer_forms.py   writes tokenizers/ (format: README.md; venv: requirements-tokenizers.txt)
python tokenizer_forms.py real FOLDER   the same of published vocabularies that packages carry, below FOLDER, to look at"""

import sys

sys.path = [p for p in sys.path if not p.endswith("golden")] + [p for p in sys.path if p.endswith("golden")]  # the library, not this file

import base64  # noqa: E402
import io  # noqa: E402
import json  # noqa: E402
import random  # noqa: E402
import shutil  # noqa: E402
import tempfile  # noqa: E402
import unicodedata  # noqa: E402
from pathlib import Path  # noqa: E402

import sentencepiece  # noqa: E402
import tiktoken  # noqa: E402
from mistral_common.tokens.tokenizers.tekken import Tekkenizer  # noqa: E402
from tiktoken._educational import bpe_train  # noqa: E402
from transformers import GPT2Tokenizer, LlamaTokenizer, LlamaTokenizerFast, Qwen2Tokenizer  # noqa: E402

HERE = Path(__file__).parent
OUT = HERE / "tokenizers"
QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
THREE = QWEN.replace(r"\p{N}|", r"\p{N}{1,3}|")
CASED = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
TEKKEN = CASED.replace("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "").replace(r"\p{N}{1,3}", r"\p{N}")
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
TEXT = [
    "The mill turned in the evening, and the dogs didn't bark; they'd seen 1974 mills before.",
    "Prices: 12345.67 and 89,000 (in 2024). WHAT'S next? HelloWorld, HTTPServer, getValueOf().",
    "東京はどこですか？日本の首都です。北京呢？ 한국어도 조금. café cafe\u0301 naïve ﬁne",
    "def f(x):\n    return x + 1\n\n\n\tif y:\r\n  pass   \n", "   leading,  double  spaces and trailing   ",
    "👩‍👩‍👧‍👦 or 🏳️‍🌈? 🦙🦙 = two llamas 😀", "a//b\n/c https://example.org/?q=1&r=2", "aaaa aaaaaaa banana bananas nanana",
]
# ½ ﬁ Ａ ㍿ change under NFKC, U+0301 composes, U+200B and U+FEFF vanish
ASKED = TEXT + [
    "", " ", "  ", "\n", "é", "e\u0301", "I'll we've it's THEY'RE", "unseen: Ω ≈ ç √ ∫ ẞ 𝔘", "½ ﬁ Ａ１ ㍿ Å Å e\u0301 x\r\ny \u200b\ufeff x",
    "\t tab \u00a0nbsp\u3000wide", "abababab aabaabaab abcabcabc ananananas", "<0x41><0x0A> <unk <s", "x" * 300 + " " * 40 + "y" * 70,
    "word" * 50,
    # marks behind letters, what is no letter, and all that looks like a space
    "か\u3099き\u3099 は\u309aひ", "▁\u0308 a\u0308\u0304 ά\u0345 \u0308", "a\u001fb\u007fc \u001f\u007f", "\u0085a\u00a0b\u2028", " \u2028 a \u0085 ",
    "▁", "▁▁", "a▁", "▁a ▁ b▁", " ▁ ", "two words<own>two words a<own> b", "<own>", "two words", "two▁words  ▁▁x", "\u1100\u1161\u11a8 \u0915\u093c", "\u0000\u0007\x1b[0m", "नमस्ते สวัสดี שלום مرحبا", "1 22 333 4444 55555",
]
# for those whose library looks for special tokens in texts
SPECIAL = ["<s>[INST] y [/INST]</s> z", "x</s>", "</s> x </s></s>y", "<s>", "a <unk> b"]
# what a text may begin with
BEFORE = [" ", "  ", " The mill", "The mill", "\n a", "▁mill", "▁", " ▁ mill", "<s>mill", "<s> mill", " <s>mill", "mill</s> mill</s>▁ mill",
          "</s><s>", "<s>", "<own> mill", "<own>", "<turn> mill", "<turn>mill<own>  mill", "<named> mill", "<named>", " <named>", "a<named> b", "東 🦙", " 東 🦙"]


def sentence_piece(name, config, **options):
    folder = OUT / name
    folder.mkdir(parents=True)
    model = io.BytesIO()
    options = dict(model_type="bpe", vocab_size=420, byte_fallback=True, character_coverage=0.98, normalization_rule_name="identity",
                   remove_extra_whitespaces=False) | options
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(TEXT * 3), model_writer=model, num_threads=1, minloglevel=2,
                                             **options)
    (folder / "tokenizer.model").write_bytes(model.getvalue())
    write(folder / "tokenizer_config.json", config)
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def trained_ranks(pattern, size=400):
    return bpe_train("\n".join(TEXT * 2), size, pattern, visualise=None)


def rank_lines(path, ranks):
    lines = [f"{base64.b64encode(token).decode()} {rank}" for token, rank in sorted(ranks.items(), key=lambda item: item[1])]
    path.write_text("\n".join(lines) + "\n")


def ordinary(ranks, pattern):
    return tiktoken.Encoding("small", pat_str=pattern, mergeable_ranks=ranks, special_tokens={}).encode_ordinary


def letters():
    from transformers.models.gpt2.tokenization_gpt2 import bytes_to_unicode
    return bytes_to_unicode()


def vocab_and_merges(folder, config, pattern):
    """A byte-level vocabulary trained by tiktoken, written as GPT-2's two files."""
    folder.mkdir(parents=True)
    ranks, table = trained_ranks(pattern), letters()
    spelled = lambda token: "".join(table[b] for b in token)  # noqa: E731
    vocab, merges = {spelled(token): rank for token, rank in ranks.items()}, []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) > 1:
            parts = [bytes([b]) for b in token]
            while len(parts) > 2:
                pairs = [ranks.get(a + b, rank) for a, b in zip(parts, parts[1:])]
                at = pairs.index(min(pairs))
                parts[at:at + 2] = [parts[at] + parts[at + 1]]
            merges.append(" ".join(map(spelled, parts)))
    vocab["<|endoftext|>"] = len(vocab)
    write(folder / "vocab.json", vocab)
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    write(folder / "tokenizer_config.json", config)
    return str(folder)


def slow(tok):
    return lambda text: tok.convert_tokens_to_ids(tok.tokenize(text))


def tekken(folder):
    folder.mkdir(parents=True)
    ranks = trained_ranks(TEKKEN)
    entry = lambda token, rank: dict(rank=rank, token_bytes=base64.b64encode(token).decode(),  # noqa: E731
                                     token_str=None if b"\xff" in token else token.decode("utf-8", "ignore") or None)
    vocab = [entry(token, rank) for token, rank in sorted(ranks.items(), key=lambda item: item[1])]
    kept = 50
    write(folder / "tekken.json", dict(
        config=dict(pattern=TEKKEN, num_vocab_tokens=len(vocab), default_vocab_size=kept + len(vocab) - 9, default_num_special_tokens=kept,
                    version="v3"), vocab=vocab))
    tok = Tekkenizer.from_file(folder / "tekken.json")
    return lambda text: tok.encode(text, bos=False, eos=False)


def small():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    encoders, asks_special = {}, {"llama", "llama-new", "mistral-unk"}
    # Llama's and Mistral's: transformers' slow class around the pieces
    sentence_piece("llama", dict(tokenizer_class="LlamaTokenizer", legacy=True))
    encoders["llama"] = slow(LlamaTokenizer(str(OUT / "llama/tokenizer.model"), legacy=True))
    sentence_piece("llama-new", dict(tokenizer_class="LlamaTokenizer", legacy=False))
    # the slow class puts a space before a first space too, the fast one, which is used, does not
    encoders["llama-new"] = slow(LlamaTokenizerFast(str(OUT / "llama-new/tokenizer.model"), legacy=False, add_prefix_space=True, from_slow=True))
    # without bytes: what is unseen is unknown
    sentence_piece("mistral-unk", dict(tokenizer_class="LlamaTokenizer"), byte_fallback=False, vocab_size=180)
    encoders["mistral-unk"] = slow(LlamaTokenizer(str(OUT / "mistral-unk/tokenizer.model"), legacy=True))
    # Gemma's: no space before, runs of spaces as symbols of their own
    runs = ["▁▁", "▁▁▁", "▁▁▁▁", "<start_of_turn>", "\n\n"]
    gemma = sentence_piece("gemma", dict(tokenizer_class="GemmaTokenizer"), add_dummy_prefix=False, user_defined_symbols=runs,
                           control_symbols=["<mask>"])
    # Baichuan's: the text as SentencePiece normalizes it
    nfkc = sentence_piece("baichuan", dict(tokenizer_class="BaichuanTokenizer"), normalization_rule_name="nmt_nfkc", vocab_size=440)
    unigram = sentence_piece("unigram", dict(tokenizer_class="T5Tokenizer"), model_type="unigram", normalization_rule_name="nmt_nfkc",
                             remove_extra_whitespaces=True, byte_fallback=False, vocab_size=300, hard_vocab_limit=False)
    plain = sentence_piece("unigram-bytes", dict(tokenizer_class="XverseTokenizer"), model_type="unigram", vocab_size=500, hard_vocab_limit=False)
    glm3 = sentence_piece("chatglm3", dict(tokenizer_class="ChatGLMTokenizer"), vocab_size=430)
    # symbols of the file's own behind a space before the text, and in texts that are trimmed
    own = ["<own>", "two words", "▁▁", "é", "Ａ"]
    symbols = sentence_piece("own", dict(tokenizer_class="XverseTokenizer"), user_defined_symbols=own)
    trimmed = sentence_piece("own-trimmed", dict(tokenizer_class="XverseTokenizer"), user_defined_symbols=own, vocab_size=460,
                             normalization_rule_name="nmt_nfkc", remove_extra_whitespaces=True)
    for name, pieces in [("own", symbols), ("own-trimmed", trimmed), ("gemma", gemma), ("baichuan", nfkc), ("unigram", unigram), ("unigram-bytes", plain), ("chatglm3", glm3)]:
        encoders[name] = pieces.encode
    # tiktoken's
    ranks = trained_ranks(QWEN)
    (OUT / "qwen").mkdir()
    rank_lines(OUT / "qwen/qwen.tiktoken", ranks)
    write(OUT / "qwen/tokenizer_config.json", dict(tokenizer_class="QWenTokenizer"))
    composed = ordinary(ranks, QWEN)
    encoders["qwen"] = lambda text: composed(unicodedata.normalize("NFC", text))
    ranks = trained_ranks(THREE)
    (OUT / "glm4").mkdir()
    rank_lines(OUT / "glm4/tokenizer.model", ranks)
    added = {str(len(ranks) + i): dict(content=token, special=True, lstrip=False, rstrip=False, single_word=False, normalized=False)
             for i, token in enumerate(["<|endoftext|>", "[MASK]", "[gMASK]", "[sMASK]", "<sop>", "<eop>", "<|system|>", "<|user|>",
                                        "<|assistant|>", "<|observation|>"])}
    write(OUT / "glm4/tokenizer_config.json", dict(tokenizer_class="ChatGLM4Tokenizer", added_tokens_decoder=added,
                                                   eos_token="<|endoftext|>"))
    encoders["glm4"] = ordinary(ranks, THREE)
    # GPT-2's two files
    encoders["gpt2"] = slow(GPT2Tokenizer.from_pretrained(vocab_and_merges(OUT / "gpt2", dict(tokenizer_class="GPT2Tokenizer"), GPT2)))
    encoders["qwen2"] = slow(Qwen2Tokenizer.from_pretrained(vocab_and_merges(OUT / "qwen2", dict(tokenizer_class="Qwen2Tokenizer"), QWEN)))
    encoders["tekken"] = tekken(OUT / "tekken")
    dice = random.Random(1)
    alphabet = [*"ab na.,1' \n東Aé", "▁", "  ", "the", "mill", "🦙"]
    drawn = ["".join(dice.choice(alphabet) for _ in range(dice.randrange(1, 60))) for _ in range(120)]
    ids = {name: [encode(text) for text in ASKED + drawn] for name, encode in encoders.items()}
    special = {name: [encoders[name](text) for text in SPECIAL] for name in sorted(asks_special)}
    # what the class that AutoTokenizer does not take gives
    other = slow(LlamaTokenizer(str(OUT / "llama-new/tokenizer.model"), legacy=False))
    both = [dict(text=text, slow=other(text), fast=encoders["llama-new"](text)) for text in [" ", "  ", " The mill", "The mill", "\n a"]]
    write_rows(dict(texts=ASKED + drawn, special_texts=SPECIAL, special=special, slow_class=both, slow_added=slow_with_added(), ids=ids))


def slow_with_added():
    """The slow class's ids where tokens lie beside the pieces: named as special, special without a name, and ordinary."""
    pieces = OUT / "llama-new/tokenizer.model"
    first = len(LlamaTokenizer(str(pieces), legacy=False))
    flags = dict(normalized=False, lstrip=False, rstrip=False, single_word=False)
    listed = [("<own>", False), ("<turn>", True), ("<named>", True)]
    added = {str(first + n): dict(content=text, special=special) | flags for n, (text, special) in enumerate(listed)}
    config = dict(tokenizer_class="LlamaTokenizer", legacy=False, added_tokens_decoder=added, additional_special_tokens=["<named>"])
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(pieces, folder)
        write(Path(folder) / "tokenizer_config.json", config)
        tok = LlamaTokenizer.from_pretrained(folder)
        return dict(config=config, rows=[dict(text=text, slow=tok.encode(text, add_special_tokens=False)) for text in BEFORE])


def write_rows(expected, folder=OUT):
    line = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))  # noqa: E731
    rows = ",\n".join(f"{line(name)}:{line(ids)}" for name, ids in expected.pop("ids").items())
    (folder / "expected.json").write_text(f'{line(expected)[:-1]},"ids":{{\n{rows}}}}}\n')
    print(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()), "bytes")


def real(folder):
    """Folders of published vocabularies, and ids, from packages: mistral-common, qwen-agent, llama-models."""
    import mistral_common
    data, folder = Path(mistral_common.__file__).parent / "data", Path(folder)
    encoders = {}
    for name, file in [("mistral-v1", "tokenizer.model.v1"), ("mistral-v3", "mistral_instruct_tokenizer_240323.model.v3")]:
        (folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(data / file, folder / name / "tokenizer.model")
        write(folder / name / "tokenizer_config.json", dict(tokenizer_class="LlamaTokenizer"))
        encoders[name] = sentencepiece.SentencePieceProcessor(str(folder / name / "tokenizer.model")).encode
    for name, file in [("tekken-240718", "tekken_240718.json"), ("tekken-240911", "tekken_240911.json")]:
        (folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(data / file, folder / name / "tekken.json")
        tok = Tekkenizer.from_file(data / file)
        encoders[name] = lambda text, tok=tok: tok.encode(text, bos=False, eos=False)
    packages = [("qwen", "qwen_agent/utils/qwen.tiktoken", "qwen.tiktoken", dict(tokenizer_class="QWenTokenizer"), QWEN),
                ("llama3", "llama_models/llama3/tokenizer.model", "tokenizer.model", dict(), THREE),
                ("llama4", "llama_models/llama4/tokenizer.model", "tokenizer.model", dict(), CASED)]
    for name, source, file, config, pattern in packages:
        source = next((Path(p) / source for p in sys.path if (Path(p) / source).is_file()), None)
        if source is None:
            continue
        (folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(source, folder / name / file)
        write(folder / name / "tokenizer_config.json", config)
        if name == "llama4":
            write(folder / name / "config.json", dict(model_type="llama4_text"))
        ranks = {base64.b64decode(t): int(r) for t, r in (line.split() for line in (folder / name / file).read_text().splitlines() if line)}
        plain = ordinary(ranks, pattern)
        encoders[name] = (lambda text, plain=plain: plain(unicodedata.normalize("NFC", text))) if name == "qwen" else plain
    dice = random.Random(2)
    source = " ".join(ASKED) + Path(shutil.__file__).read_text()  # which has no special token
    drawn = [source[at:at + dice.randrange(10, 400)] for at in (dice.randrange(len(source)) for _ in range(400))]
    ids = {name: [encode(text) for text in ASKED + drawn] for name, encode in encoders.items()}
    write_rows(dict(texts=ASKED + drawn, special_texts=[], special={}, ids=ids), folder)


if __name__ == "__main__":
    real(sys.argv[2]) if sys.argv[1:2] == ["real"] else small()
