"""Writes similarity.json: BLEU-4 and ROUGE of pairs of texts as LLaMA-Factory's `ComputeSimilarity` computes them
(`src/llamafactory/train/sft/metric.py`), with the words that jieba finds, and means of the first rows."""

import json
import random
from pathlib import Path

import jieba
import numpy as np
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
from rouge_chinese import Rouge

HERE = Path(__file__).parent
TEXTS = [
    ("The cat sat on the mat.", "The cat is sitting on the mat."),
    ("", "An answer."),
    ("An answer.", ""),
    ("", ""),
    ("  \n", "x"),
    ("a", "a"),
    ("ab", "ba"),
    ("abc", "abc"),
    ("no", "Yes!"),
    ("the the the the", "the cat"),
    ("state-of-the-art v1.2.3-rc4, 3.5% of A-1.b_2", "state-of-the-art v1.2.3, 3.5 % of A-1.b"),
    ("Wait…… what?! Really......yes", "Wait…… what? Really...... yes"),
    ("one\n\ntwo\r\n three\t\x1cfour\u3000five", "one two\nthree four\n\nfive"),
    ("He said “stop。” Then he left。", "He said “stop。” He left。"),
    ("我来到北京清华大学。", "我来到了北京大学！"),
    ("小明硕士毕业于中国科学院计算所，后在日本京都大学深造", "小明毕业于中国科学院，后在京都大学深造。"),
    ("他来到了网易杭研大厦", "他去了网易的杭研大厦。"),
    ("B超和T恤，C++与C#，AT&T的价格上涨了3.14%。", "B超、T恤、C++，AT&T涨价3.14%。"),
    ("今天天气很好！我们去公园吧？好的。", "今天天气不错。我们去公园好吗？好。"),
    ("“你好。”他说：“再见！”", "“你好！”他说。"),
    ("㐀㐁龥龦鿕鿖豈你好", "㐀㐁龥龦你好"),
    ("富士山の高さは3776メートルです。", "富士山は高さ3,776mの山です。"),
    ("東京は日本の首都です。人口は約1,400万人です。", "日本の首都は東京です。"),
    ("ありがとうございます！また明日。", "ありがとう。また明日ね！"),
    ("カタカナとひらがなと漢字", "漢字とカタカナ"),
    ("Ответ: 42 — да", "Ответ 42, да"),
    ("안녕하세요 세계", "안녕 세계"),
    ("😀😀 emoji 😀", "😀 emoji"),
]
WORDS = {
    "en": "the of a model reply is was prefers learns state-of-the-art v2.0 50% don't e.g. U.S. A/B x_y - ... ? ! , .".split(),
    "zh": "我们 研究 生命 起源 的 了 在 南京市 长江大桥 学习 模型 偏好 北京 大学 吗 。 ， ！ ？ …… “ ” 3.5% GPT-4 龦 石墨烯".split(),
    "ja": "私 たち は 学習 する モデル の 東京 大学 です ます か 。 、 ！ ？ 「 」 3.5% GPT-4 研究 者 々 ー 食べ物".split(),
}


def generated():
    draw = random.Random(7)
    for language, words in WORDS.items():
        blank = " " if language == "en" else ""
        for _ in range(100):
            label = [draw.choice(words) for _ in range(draw.randint(1, 24))]
            predict = [w if draw.random() < 0.7 else draw.choice(words) for w in label]
            predict = predict[: draw.randint(1, len(predict))] + label[: draw.randint(0, 3)]
            yield blank.join(predict), blank.join(label)


def scores(predict, label):
    """The lines of ComputeSimilarity.__call__ of one pair."""
    hypothesis, reference = list(jieba.cut(predict)), list(jieba.cut(label))
    if len(" ".join(hypothesis).split()) == 0 or len(" ".join(reference).split()) == 0:
        result = {"rouge-1": {"f": 0.0}, "rouge-2": {"f": 0.0}, "rouge-l": {"f": 0.0}}
    else:
        result = Rouge().get_scores(" ".join(hypothesis), " ".join(reference))[0]
    out = {name: round(value["f"] * 100, 4) for name, value in result.items()}
    bleu = sentence_bleu([list(label)], list(predict), smoothing_function=SmoothingFunction().method3)
    return out | {"bleu-4": round(bleu * 100, 4)}


def exact(numbers):
    """As text, which is read back to the bit."""
    return {name: repr(float(number)) for name, number in numbers.items()}


def main():
    texts = [*TEXTS, *generated()]
    found = [scores(p, l) for p, l in texts]
    pairs = [
        {"predict": p, "label": l, "words": list(jieba.cut(p)), "scores": exact(s)}
        for (p, l), s in zip(texts, found)
    ]
    means = [
        {"rows": n, "scores": exact({k: np.mean([s[k] for s in found[:n]]) for k in found[0]})}
        for n in (1, 7, 8, 100, 129, 257, len(pairs))
    ]
    text = ",\n".join(json.dumps(p, ensure_ascii=False) for p in pairs)
    ends = ",\n".join(json.dumps(m) for m in means)
    (HERE / "similarity.json").write_text(f'{{"pairs": [\n{text}\n],\n"means": [\n{ends}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
