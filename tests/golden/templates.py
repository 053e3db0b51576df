# Token ids and label masks of LLaMA-Factory 0.9.3 for ten conversations under each template, and its pre-training blocks.
"""python templates.py   writes templates.json (format: README.md; venv: requirements-llamafactory.txt)"""

import json
import os
from pathlib import Path

os.environ["DISABLE_VERSION_CHECK"] = "1"

from llamafactory.data.processor import (  # noqa: E402
    PairwiseDatasetProcessor,
    PretrainDatasetProcessor,
    SupervisedDatasetProcessor,
)
from llamafactory.data.template import TEMPLATES, get_template_and_fix_tokenizer  # noqa: E402
from llamafactory.extras.constants import IGNORE_INDEX  # noqa: E402
from llamafactory.hparams import DataArguments  # noqa: E402
from transformers import AutoTokenizer, LlamaTokenizerFast  # noqa: E402

HERE = Path(__file__).parent
TOKENIZER = "models/llama"
CASES = [dict(template=t) for t in
         ["llama2", "llama3", "chatml", "qwen", "qwen3", "mistral", "alpaca", "vicuna", "zephyr", "default"]]
CASES += [
    dict(template="qwen3", enable_thinking=False),
    dict(template="llama2", mask_history=True),
    dict(template="chatml", mask_history=True),
    dict(template="alpaca", train_on_prompt=True),
    dict(template="mistral", default_system="Be brief."),
]
CASES += [dict(template=t) for t in ["empty", "deepseek3", "granite3", "smollm", "smollm2"]]
SFT_CUTOFFS = [4096, 70, 31]
PAIR_CUTOFFS = [4096, 120, 72, 33]


def turns(*texts):
    return [dict(role=["user", "assistant"][i % 2], content=t) for i, t in enumerate(texts)]


LONG = " ".join(f"Line {i}: the dog and the cat ran past mill {i * 7} in the evening." for i in range(3))
# name, system (None: not given), messages (the last one the assistant's, and chosen), rejected
CONVERSATIONS = [
    ("plain", None, turns("What is the capital?", "The capital is short."), "I do not know."),
    ("system", "You are a curious farmer.", turns("Please explain the mill.", "It turns."), "No."),
    ("turns", "Be brief.", turns("Hi", "Hello!", "What is this?", "A test.\nOf two lines.", "And that?", "Another one."), "Nothing"),
    ("cjk", "あなたは親切な助手です。", turns("東京はどこですか？", "日本の首都です。", "北京呢？", "北京是中国的首都。"), "不知道，對不起。한국어도 조금."),
    ("emoji", None, turns("👩‍👩‍👧‍👦 or 🏳️‍🌈? café vs cafe\u0301", "🦙🦙 = two llamas 😀"), "🤷🏽‍♂️"),
    ("special", "<|im_end|> is a token", turns(
        "</s><s>[INST] <<SYS>>\nobey\n<</SYS>>\n\n<|im_start|>system\nx<|im_end|><|eot_id|>{{content}} <|endoftext|>",
        "<|start_header_id|>assistant<|end_header_id|> [/INST] ### Response:\n<unk><|eom_id|>"), "<|im_start|>< |im_end|></ s>"),
    ("empty", "", turns("Say nothing.", "", "Again.", ""), "x"),
    ("long", "Count the lines. " * 3, turns(LONG, "The first answer is short.", "Once more: " + LONG, "And then: " + LONG), LONG[:60]),
    ("space", "  padded system \n", turns("  leading and trailing \t\n\n", "\n\n  indented\n\ttabbed   ", " \r\n", " end "), "   "),
    ("thought", None, turns("2+2?", "<think>\nSmall numbers.\n</think>\n\n4", "3+3? {% if x %}{{ y }}{% endif %}",
                            "<think>\nStill small.\n</think>\n\n6"), "<think>\n\n</think>\n\n7"),
]
TEXTS = [m["content"] for _, _, messages, _ in CONVERSATIONS for m in messages]


def tokenizer(path=HERE / TOKENIZER):
    return AutoTokenizer.from_pretrained(path, use_fast=True, split_special_tokens=False, padding_side="right")


def runs(ids, labels):
    """A mask as lengths: not counted, counted, not counted, ... A counted label is the token itself."""
    out, counted = [0], False
    for token, label in zip(ids, labels, strict=True):
        assert label in (IGNORE_INDEX, token)
        if (label != IGNORE_INDEX) != counted:
            counted = not counted
            out.append(0)
        out[-1] += 1
    return out


def example(system, prompt, response):
    return dict(_prompt=[prompt], _response=[response], _system=[system or ""], _tools=[""], _images=[None], _videos=[None],
                _audios=[None])


def encode(case):
    case = dict(case)
    out = dict(options=dict(case), conversations=[])
    tok = tokenizer()
    args = DataArguments(**case)
    template = get_template_and_fix_tokenizer(tok, args)
    assert len(tok) == 352, "the template added a token"
    out |= dict(eos=tok.eos_token, stop=sorted(template.get_stop_token_ids(tok)))

    def processor(kind, cutoff):
        return kind(template, tok, None, DataArguments(**case, cutoff_len=cutoff))

    for name, system, messages, rejected in CONVERSATIONS:
        prompt, chosen = messages[:-1], messages[-1]
        row = dict(
            name=name,
            turns=template.encode_multiturn(tok, messages, system),
            generate=template.encode_oneturn(tok, prompt + [dict(role="assistant", content="")], system)[0],
            sft={},
            pair={},
        )
        for cutoff in SFT_CUTOFFS:
            got = processor(SupervisedDatasetProcessor, cutoff).preprocess_dataset(example(system, prompt, [chosen]))
            ids = got["input_ids"][0]
            whole = [t for pair in row["turns"] for side in pair for t in side]
            row["sft"][cutoff] = dict(ids=None if ids == whole else ids, runs=runs(ids, got["labels"][0]))
        for cutoff in PAIR_CUTOFFS:
            got = processor(PairwiseDatasetProcessor, cutoff).preprocess_dataset(
                example(system, prompt, [chosen, dict(role="assistant", content=rejected)]))
            masks = [runs(got[f"{side}_input_ids"][0], got[f"{side}_labels"][0]) for side in ("chosen", "rejected")]
            n = masks[0][0]
            assert all(m[0] == n and len(m) <= 2 for m in masks)
            row["pair"][cutoff] = dict(
                prompt=got["chosen_input_ids"][0][:n], chosen=got["chosen_input_ids"][0][n:],
                rejected=got["rejected_input_ids"][0][n:])
        whole = row["pair"][PAIR_CUTOFFS[0]]
        for cutoff in PAIR_CUTOFFS[1:]:  # a cut keeps the front: say how much
            row["pair"][cutoff] = {k: len(v) for k, v in row["pair"][cutoff].items() if v == whole[k][: len(v)]}
            assert len(row["pair"][cutoff]) == 3
        flat = [t for pair in row["turns"] for side in pair for t in side]
        for key, same in [("chosen", row["turns"][-1][1]), ("prompt", flat[: len(flat) - len(row["turns"][-1][1])])]:
            if whole[key] == same:
                whole[key] = None
        if row["generate"] == flat[: len(row["generate"])] and whole["prompt"] is None:
            row["generate"] = None
        out["conversations"].append(row)
    return out


def pretrain(template, packing, cutoff, add_bos):
    tok = tokenizer()
    if add_bos:  # the class that has the attribute; same vocabulary
        tok = LlamaTokenizerFast(tokenizer_file=str(HERE / TOKENIZER / "tokenizer.json"), bos_token="<s>", eos_token="</s>",
                                 unk_token="<unk>", pad_token="<|endoftext|>", add_bos_token=True, legacy=False)
    case = dict(template=template, packing=packing, cutoff_len=cutoff)
    args = DataArguments(**case)
    fixed = get_template_and_fix_tokenizer(tok, args)
    got = PretrainDatasetProcessor(fixed, tok, None, args).preprocess_dataset(
        dict(_prompt=[[dict(role="user", content=t)] for t in TEXTS]))
    return dict(options=case | dict(add_bos_token=add_bos), rows=got["input_ids"])


def main():
    assert all(c["template"] in TEMPLATES for c in CASES)
    out = dict(
        tokenizer=TOKENIZER,
        conversations=[dict(name=n, system=s, messages=m, rejected=r) for n, s, m, r in CONVERSATIONS],
        cases=[encode(c) for c in CASES],
        texts=TEXTS,
        pretrain=[pretrain("default", True, 40, False), pretrain("default", False, 24, False), pretrain("llama3", True, 64, False),
                  pretrain("llama3", False, 24, True), pretrain("default", True, 40, True)],
    )
    assert not [t for c in out["cases"] for r in c["conversations"] for p in r["turns"] for s in p for t in s if t is None]
    file = HERE / "templates.json"
    file.write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")).replace('{"name"', '\n{"name"')
                    .replace('{"options"', '\n{"options"') + "\n")
    print(file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
