# Token ids, labels and tool texts of LLaMA-Factory's named templates that templates.json has not, by its newest package.
"""python named_templates.py [older]   writes named_templates.json (format: README.md; venv: requirements-templates.txt);
`older`, under LLaMA-Factory 0.9.3, writes named_templates_older.json: the names that newer ones dropped"""

import json
import os
import sys
from copy import deepcopy
import types
from importlib.machinery import ModuleSpec
from datetime import datetime as Datetime
from pathlib import Path

os.environ["DISABLE_VERSION_CHECK"] = "1"
# speech is not wanted here, and its library is imported whether it is or not
speech = types.ModuleType("torchaudio")
speech.__spec__ = ModuleSpec("torchaudio", None)
sys.modules["torchaudio"] = speech

from llamafactory.data import tool_utils  # noqa: E402
from llamafactory.data.mm_plugin import get_mm_plugin  # noqa: E402
from llamafactory.data.processor import PairwiseDatasetProcessor, SupervisedDatasetProcessor  # noqa: E402
from llamafactory.data.template import TEMPLATES, get_template_and_fix_tokenizer  # noqa: E402
from llamafactory.extras.constants import IGNORE_INDEX  # noqa: E402
from llamafactory.extras.env import VERSION  # noqa: E402
from llamafactory.hparams import DataArguments  # noqa: E402

from templates import CONVERSATIONS, TOKENIZER, runs, tokenizer  # noqa: E402

HERE = Path(__file__).parent
DAY = Datetime(2026, 11, 26)
NAMES = ["breeze", "chatml_de", "deepseek", "deepseekcoder", "deepseekr1", "fewshot", "llama2_zh", "ministral", "mistral_small",
         "openchat", "openchat-3.6", "opencoder", "qwen3_nothink", "qwen3_5", "qwen3_5_nothink", "qwen3_6", "sailor",
         "seed_coder", "solar", "xuanyuan", "yi"]
OLDER = ["atom", "belle", "marco", "skywork_o1", "xverse", "ziya"]
OPTIONS = [dict(template=t) for t in NAMES] + [
    dict(template="deepseekr1", enable_thinking=False),
    dict(template="deepseekr1", enable_thinking=None),
    dict(template="qwen3", enable_thinking=None),
    dict(template="qwen", default_system=""),
    dict(template="solar", default_system="Be brief."),
] + [dict(template=t, tool_format=f) for t, f in [
    ("qwen", "default"), ("llama3", "glm4"), ("qwen3_nothink", "glm4"), ("default", "llama3"), ("chatml", "mistral"),
    ("llama3", "qwen"), ("qwen3", "qwen3_5"), ("solar", "qwen")]]
# those whose tools and calls are recorded, beside the ones with a tool_format
WITH_TOOLS = ["qwen3_nothink", "qwen3_5", "qwen3_5_nothink", "ministral", "mistral_small", "yi", "deepseekr1"]
SOME = ["plain", "system", "turns", "cjk", "empty", "thought"]
TOOLS = json.dumps([
    dict(name="look", description="Looks for a word.", parameters=dict(type="object", properties=dict(
        word=dict(type="string", description="Which word"), where=dict(type="string", enum=["page", "book"]),
        pages=dict(type="array", items=dict(type="integer"))), required=["word"])),
    dict(type="function", function=dict(name="sum", description="", parameters=dict(type="object", properties=dict()))),
], ensure_ascii=False)


def call(name, **arguments):
    return dict(name=name, arguments=arguments)


def tool_conversation():
    say = lambda role, content: dict(role=role, content=content)  # noqa: E731
    look = json.dumps(call("look", word="é\n", pages=[1, 2], deep={"a": None, "b": True}), ensure_ascii=False)
    return [say("user", "Where is it?"), say("function", look), say("observation", '{"page": 3}'),
            say("assistant", "On page 3."), say("user", "Thanks."), say("assistant", "You are welcome.")]


class Clock(Datetime):
    @classmethod
    def now(cls, tz=None):
        return DAY


def encode(options):
    # options are written into the templates, which all cases share
    kept = deepcopy(TEMPLATES[options["template"]])
    try:
        return encoded(options)
    finally:
        TEMPLATES[options["template"]] = kept


def encoded(options):
    tok = tokenizer()
    args = DataArguments(**options)
    template = get_template_and_fix_tokenizer(tok, args)
    template.mm_plugin = get_mm_plugin("base")  # of text alone the others make the same, but ask for their processors
    assert len(tok) == 352, f"{options}: the template added a token"
    out = dict(options=options, eos=tok.eos_token, stop=sorted(template.get_stop_token_ids(tok)), conversations=[])
    args = dict(_tools=[""], _images=[None], _videos=[None], _audios=[None])

    def processed(kind, prompt, response, system):
        example = dict(_prompt=[prompt], _response=[response], _system=[system or ""], **args)
        return kind(template, tok, None, DataArguments(**options, cutoff_len=4096)).preprocess_dataset(example)

    for name, system, messages, rejected in CONVERSATIONS:
        if name not in SOME:
            continue
        prompt, chosen = messages[:-1], messages[-1]
        turns = template.encode_multiturn(tok, messages, system)
        got = processed(SupervisedDatasetProcessor, prompt, [chosen], system)
        ids, labels = got["input_ids"][0], got["labels"][0]
        # what is to be predicted where another token stands
        ends = [[i, label] for i, (token, label) in enumerate(zip(ids, labels)) if label not in (IGNORE_INDEX, token)]
        plain = [token if label != IGNORE_INDEX else label for token, label in zip(ids, labels)]
        pair = processed(PairwiseDatasetProcessor, prompt, [chosen, dict(role="assistant", content=rejected)], system)
        side = lambda s: [t for t, label in zip(pair[f"{s}_input_ids"][0], pair[f"{s}_labels"][0]) if label != IGNORE_INDEX]  # noqa: E731
        out["conversations"].append(dict(name=name, turns=turns, ids=ids, runs=runs(ids, plain), ends=ends,
                                         chosen=side("chosen"), rejected=side("rejected"),
                                         generate=template.encode_oneturn(tok, prompt + [dict(role="assistant", content="")],
                                                                          system)[0]))
    if "tool_format" in options or (options["template"] in WITH_TOOLS and len(options) == 1):
        out["tools"] = [[tok.decode(side) for side in turn]
                        for turn in template.encode_multiturn(tok, tool_conversation(), "Be kind.", TOOLS)]
    return out


def main():
    older = sys.argv[1:] == ["older"]
    tool_utils.datetime = Clock
    cases = [encode(options) for options in ([dict(template=t) for t in OLDER] if older else OPTIONS)]
    used = [dict(name=n, system=s, messages=m, rejected=r) for n, s, m, r in CONVERSATIONS if n in SOME]
    out = dict(version=VERSION, tokenizer=TOKENIZER, day=DAY.isoformat(), conversations=used,
               tools=dict(offered=TOOLS, messages=tool_conversation()), cases=cases)
    file = HERE / ("named_templates_older.json" if older else "named_templates.json")
    text = json.dumps(out, ensure_ascii=False, separators=(",", ":"))
    file.write_text(text.replace('{"name"', '\n{"name"').replace('{"options"', '\n{"options"') + "\n")
    print(file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
