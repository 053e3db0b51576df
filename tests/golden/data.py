# Writes the small data sets the loss curves are made with: ragged pairs, instructions, plain text.
"""python data.py"""

import json
import random
from pathlib import Path

HERE = Path(__file__).parent / "data"
WORDS = ("the river mill stone bridge farmer sheep evening answer reason sentence cat dog door garden question "
         "東京 日本 今日 猫 北京 天气 很好 running short long polite 42 and, but; not 🦙").split()


def text(rng, low, high):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(low, high))).capitalize() + rng.choice([".", "?", "!", "。"])


def pairs(rng, n):
    rows = []
    for i in range(n):
        row = dict(conversations=[dict({"from": "human", "value": text(rng, 1, 9)})])
        if i % 5 == 3:
            row["conversations"] += [{"from": "gpt", "value": text(rng, 1, 4)}, {"from": "human", "value": text(rng, 1, 4)}]
        row["chosen"] = {"from": "gpt", "value": text(rng, 1, 12)}
        row["rejected"] = {"from": "gpt", "value": text(rng, 1, 12)}
        rows.append(row)
    return rows


def instructions(rng, n):
    return [dict(instruction=text(rng, 1, 8), input=text(rng, 1, 3) if i % 3 == 1 else "", output=text(rng, 1, 14)) for i in range(n)]


def labelled(rng, n):
    rows = [dict(instruction=text(rng, 1, 8), input=text(rng, 1, 3) if i % 4 == 2 else "", output=text(rng, 1, 14)) for i in range(n)]
    return [row | dict(kto_tag=rng.random() < 0.6) for row in rows]


def main():
    rng, past = random.Random(20), random.Random(21)
    HERE.mkdir(exist_ok=True)

    def write(name, rows):
        lines = ",\n".join(json.dumps(r, ensure_ascii=False) for r in rows)
        (HERE / f"{name}.json").write_text(f"[{lines}]\n")

    write("pairs", pairs(rng, 16))
    write("pairs_eval", pairs(rng, 4))
    for name, n in [("instructions", 16), ("instructions_eval", 4)]:
        rows = instructions(rng, n)
        for row in rows[1::4]:
            row["history"] = [[text(past, 1, 3), text(past, 1, 4)] for _ in range(past.randint(1, 2))]
        write(name, rows)
    for name, n in [("text", 40), ("text_eval", 10)]:
        (HERE / f"{name}.jsonl").write_text(
            "".join(json.dumps(dict(text=text(rng, 2, 14)), ensure_ascii=False) + "\n" for _ in range(n)))
    labels = random.Random(22)
    write("labelled", labelled(labels, 16))
    write("labelled_eval", labelled(labels, 4))
    pair = dict(ranking=True, formatting="sharegpt", columns=dict(messages="conversations", chosen="chosen", rejected="rejected"))
    turns = dict(columns=dict(prompt="instruction", query="input", response="output", history="history"))
    plain = dict(columns=dict(prompt="text"))
    tagged = dict(columns=dict(prompt="instruction", query="input", response="output", kto_tag="kto_tag"))
    info = {
        "pairs": dict(file_name="pairs.json", **pair),
        "pairs_eval": dict(file_name="pairs_eval.json", **pair),
        "instructions": dict(file_name="instructions.json", **turns),
        "instructions_eval": dict(file_name="instructions_eval.json", **turns),
        "text": dict(file_name="text.jsonl", **plain),
        "text_eval": dict(file_name="text_eval.jsonl", **plain),
        "labelled": dict(file_name="labelled.json", **tagged),
        "labelled_eval": dict(file_name="labelled_eval.json", **tagged),
    }
    (HERE / "dataset_info.json").write_text(json.dumps(info, indent=1) + "\n")


if __name__ == "__main__":
    main()
