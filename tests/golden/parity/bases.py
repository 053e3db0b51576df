# Training runs on what further quantized formats dequantize to.
"""python parity/bases.py FOLDER [part of a case's name]   writes bases.json
(venv: requirements-quant.txt on top of requirements-llamafactory.txt; FOLDER: as ../bases.py wrote it)

None of these formats has a backward pass on the CPU in its own library: LLaMA-Factory trains a f32 folder of the values that the library's
own dequantizer gives."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import curves  # noqa: E402
import torch  # noqa: E402

import quant  # noqa: E402

SIGMOID, SIMPO = dict(pref_loss="sigmoid", pref_beta=0.1), dict(pref_loss="simpo", pref_beta=2.0, simpo_gamma=0.5)


def stored(name):
    return dict(model_name_or_path=f"quant/{name}", adapter_name_or_path="quant/bases-adapter")


# proves, stage, config, the folder of dequantized values
CASES = {
    "gptq2-dpo": ("GPTQ of 2 bits, second format, desc_act", "dpo", stored("llama-gptq2") | SIGMOID, "llama-gptq2"),
    "gptq3-sft": ("GPTQ of 3 bits", "sft", stored("llama-gptq3"), "llama-gptq3"),
    "gptq8-simpo": ("GPTQ of 8 bits, some layers of 4", "dpo", stored("llama-gptq8") | SIMPO, "llama-gptq8"),
    "compressed-sft": ("compressed-tensors, 4 bits in groups", "sft", stored("llama-compressed"), "llama-compressed"),
    "compressed-mixed-dpo": ("compressed-tensors, a format a layer", "dpo", stored("llama-compressed-mixed") | SIGMOID,
                             "llama-compressed-mixed"),
    "hqq-dpo": ("HQQ folder, bits and axis by layer", "dpo", stored("llama-hqq") | SIGMOID, "llama-hqq"),
    "eetq-sft": ("EETQ folder", "sft", stored("llama-eetq"), "llama-eetq"),
    "aqlm-dpo": ("AQLM folder", "dpo", stored("llama-aqlm") | SIGMOID, "llama-aqlm"),
    "phi3-gptq-sft": ("GPTQ of layers that lie in one tensor", "sft",
                      dict(model_name_or_path="quant/phi3-gptq", adapter_name_or_path="quant/phi3-bases-adapter"), "phi3-gptq"),
    "fp8-sft": ("FP8 in blocks", "sft", stored("llama-fp8"), "llama-fp8"),
    "bit4-hqq-dpo": ("quantization_bit 4 by HQQ", "dpo", SIGMOID | dict(quantization_bit=4, quantization_method="hqq"), "fly-hqq"),
    "bit8-eetq-sft": ("quantization_bit 8 by EETQ", "sft", dict(quantization_bit=8, quantization_method="eetq"), "fly-eetq"),
}


def main():
    torch.set_num_threads(1)
    curves.warnings.simplefilter("ignore")
    curves.logging.disable(curves.logging.WARNING)
    folders = Path(sys.argv[1]).resolve()
    curves.os.chdir(HERE.parent)
    file = HERE / "bases.json"
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    got = json.loads(file.read_text())["cases"] if file.exists() and wanted else {}
    for name, (proves, stage, more, dequantized) in CASES.items():
        if wanted not in name:
            continue
        case = curves.config("llama", "lora", stage) | more
        theirs = dict(case) | dict(model_name_or_path=str(folders / dequantized))
        for key in ["quantization_bit", "quantization_method"]:
            theirs.pop(key, None)
        why = "LLaMA-Factory in f32 on what the format's own library dequantizes"
        got[name] = dict(proves=proves, why=why, config=case) | quant.run(theirs)
        rows = got[name]["train"]
        print(f"{name:22} {len(rows)} steps, loss {rows[0]['loss']:.6f} -> {rows[-1]['loss']:.6f}", flush=True)
    text = json.dumps(dict(library="LLaMA-Factory 0.9.3", cases=got), separators=(",", ":"))
    file.write_text(text.replace('{"step"', '\n{"step"').replace('},"', '},\n"') + "\n")
    print(file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
