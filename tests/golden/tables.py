# Writes small data sets of every row layout as each kind of file, with the tools that people write them with.
"""python tables.py"""

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from datasets import Dataset

HERE = Path(__file__).parent / "tables"


def user(text):
    return dict(role="user", content=text)


def said(text, **more):
    return dict(role="assistant", content=text, **more)


CALL = dict(id="c1", type="function", function=dict(name="weather", arguments='{"city": "Kyoto"}'))
TOOLS = json.dumps([dict(name="weather", description="Weather of a city", parameters=dict(type="object"))])
TRANSCRIPT = "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Who are you?\n\nAssistant: "

# Two or three rows of each: with something left out, several scripts, and texts that look like what they are not.
LAYOUTS = {
    "alpaca": [
        dict(instruction="Name a fruit.", input="", output="Pear, \"or\" plum.", system="Be short.", history=[["Hi", "Hello,\nyou."]]),
        dict(instruction="Translate.", input="猫", output="[\"cat\"]", system=None, history=None),
        dict(instruction="あいさつは？", input=None, output="None", system=None, history=[]),
    ],
    "text": [dict(text="The mill stands, by the river."), dict(text="東京は\n今日も晴れ。")],
    "sharegpt": [
        dict(conversations=[{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A, b"}], system="S"),
        dict(conversations=[{"from": "human", "value": "1"}, {"from": "gpt", "value": "2"}, {"from": "human", "value": "3"},
                            {"from": "gpt", "value": "4 \"5\""}], system=None),
    ],
    "openai": [
        dict(messages=[dict(role="system", content="S"), user("Q"), said("A")]),
        dict(messages=[user("猫は?"), said("Cat.\nYes."), user("dog?"), said("いぬ")]),
    ],
    "tools": [
        dict(messages=[user("Weather in Kyoto?"), said("", tool_calls=[CALL]), dict(role="tool", content="Sun", tool_call_id="c1"),
                       said("Sunny.")], tools=TOOLS),
        dict(messages=[user("Hi"), said("Hello")], tools=None),
    ],
    "pairs": [
        dict(prompt="Q", chosen="good, better", rejected="bad"),
        dict(prompt="{\"a\": 1}?", chosen="[1, 2]", rejected="{\"a\": 2}"),
    ],
    "pairs_messages": [
        dict(prompt="Q", chosen=[user("Q"), said("good")], rejected=[user("Q"), said("bad")], score_chosen=8.5, score_rejected=1.0),
        dict(prompt="q", chosen=[user("q"), said("a"), user("R"), said("ja")], rejected=[user("q"), said("a"), user("R"), said("no")],
             score_chosen=3.0, score_rejected=2.5),
    ],
    "pairs_sharegpt": [
        dict(conversations=[{"from": "human", "value": "Q"}], chosen={"from": "gpt", "value": "good"},
             rejected={"from": "gpt", "value": "bad"}),
        dict(conversations=[{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}, {"from": "human", "value": "R"}],
             chosen={"from": "gpt", "value": "ja"}, rejected={"from": "gpt", "value": "nein"}),
    ],
    "pairs_transcript": [dict(chosen=TRANSCRIPT + "good", rejected=TRANSCRIPT + "bad"),
                         dict(chosen=TRANSCRIPT + "a\n\nb", rejected=TRANSCRIPT + "c")],
    "pairs_list": [dict(instruction="Q", input="", output=["good", "bad"]), dict(instruction="R", input="x", output=["ja", "nein"])],
    "kto": [dict(prompt="Q", completion="A", label=True), dict(prompt="R", completion="B", label=False)],
    "kto_messages": [
        dict(messages=[user("Q"), said("A")], kto_tag=True),
        dict(messages=[user("R"), said("B")], kto_tag=False),
    ],
    "ranked": [
        dict(prompt="Q", responses=["a", "b", "c"], scores=[1.0, 3.0, 2.0]),
        dict(prompt="R", responses=["d", "e"], scores=[0.5, 0.25]),
    ],
    "ranked_inside": [
        dict(prompt="Q", completions=[dict(response="a", overall_score=1.0), dict(response="b", overall_score=4.5)]),
        dict(prompt="R", completions=[dict(response="c", overall_score=5.0), dict(response="d", overall_score=2.0)]),
    ],
    "turns": [dict(data=["q", "a", "Q", "A"]), dict(data=["Q", "A"])],
    "exchanges": [
        dict(conversation=[dict(human="q", assistant="a"), dict(human="Q", assistant="A")]),
        dict(conversation=[dict(human="R", assistant="B")]),
    ],
    "compared": [
        dict(prompt="Q", response_0="a", response_1="b", better_response_id=1),
        dict(prompt="R", response_0="c", response_1="d", better_response_id=0),
    ],
    "answers": [
        dict(question="When?", context="It opened in 1974.", answers=dict(text=["1974"], answer_start=[13])),
        dict(question="Where?", context="In Kyoto.", answers=dict(text=["Kyoto"], answer_start=[3])),
    ],
    "prompts": [dict(prompt="Write a poem."), dict(prompt="書いて。")],
}


def cell(value):
    """As people keep what is nested in a table of text."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


def write(name, rows):
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (HERE / f"{name}.jsonl").write_text(lines)
    whole = json.dumps(rows, ensure_ascii=False, indent=1).encode()
    (HERE / f"{name}.json.gz").write_bytes(gzip.compress(whole, mtime=0))
    (HERE / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
    (HERE / f"{name}.jsonl.zst").write_bytes(zstandard.compress(lines.encode()))
    flat = pd.DataFrame([{key: cell(value) for key, value in row.items()} for row in rows])
    flat.to_csv(HERE / f"{name}.csv", index=False)
    flat.to_csv(HERE / f"{name}.tsv", index=False, sep="\t")
    frame = pd.DataFrame(rows)
    frame.to_parquet(HERE / f"{name}.parquet")
    frame.to_feather(HERE / f"{name}.feather")
    # what `datasets` keeps: a stream of Arrow's
    table = Dataset.from_list(rows).data.table
    with pa.ipc.new_stream(HERE / f"{name}.arrow", table.schema) as stream:
        stream.write_table(table)


def variants():
    """One table in every packing and writing that parquet and Arrow have, with columns of many types."""
    strings = pa.array(["猫", "dog", None, "dog"])
    large = pa.array(["Cat.", "Dog", "x", "y" * 300], pa.large_string())
    columns = dict(
        instruction=pa.array(["Q", "R", "猫は？", "S"]), output=large, kind=strings.dictionary_encode(), nothing=pa.nulls(4),
        day=pa.array([0, 1, None, 20000], pa.date32()), at=pa.array([0, 1_500_000, None, 1], pa.timestamp("us", tz="UTC")),
        small=pa.array([1, None, -3, 4], pa.int8()), share=pa.array([0.5, float("nan"), None, 1e300]),
        price=pa.array([Decimal("1.25"), Decimal(2), None, Decimal(-4)], pa.decimal128(20, 2)), raw=pa.array([b"text", b"\xff\xfe", None, b""]),
        pairs=pa.array([[("a", 1)], [], None, [("b", 2)]], pa.map_(pa.string(), pa.int64())),
        deep=pa.array([[[1], []], None, [[2, 3]], []], pa.list_(pa.list_(pa.int32()))),
        view=pa.array(["short", "a text of more than twelve bytes", None, ""], pa.string_view()),
    )
    table = pa.table(columns)
    plain = table.drop_columns(["view"])
    for packing in ["none", "snappy", "gzip", "zstd", "lz4"]:
        pq.write_table(plain, HERE / "variants" / f"{packing}.parquet", compression=packing)
    pq.write_table(plain, HERE / "variants" / "pages2.parquet", data_page_version="2.0", row_group_size=2, use_dictionary=False)
    pq.write_table(plain, HERE / "variants" / "brotli.parquet", compression="brotli")
    for packing in ["uncompressed", "lz4", "zstd"]:
        options = pa.ipc.IpcWriteOptions(compression=None if packing == "uncompressed" else packing)
        with pa.ipc.new_file(HERE / "variants" / f"{packing}.feather", table.schema, options=options) as file:
            file.write_table(table, max_chunksize=3)
    rows = json.loads(plain.drop_columns(["raw", "at", "day", "pairs"]).to_pandas().to_json(orient="records", force_ascii=False))
    (HERE / "variants" / "rows.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


def main():
    (HERE / "variants").mkdir(parents=True, exist_ok=True)
    for name, rows in LAYOUTS.items():
        write(name, rows)
    variants()


if __name__ == "__main__":
    main()
