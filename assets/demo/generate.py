#!/usr/bin/env python3
# Writes the demo's data sets: the same bytes each time, from the tables in facts.py and phrases.py.
#
#   generate.py BUILD    BUILD/: the pre-training text and instruction data the demo model is made from;
#                        beside this file: data/ (the sets that ship with the board) and questions.json.
#
# A held-out question is one whose exact wording is in no other set; its fact is there in other words.
import json
import os
import random
import sys

import facts
from phrases import OPENERS, SOUND, TALK, TOPICS

HERE = os.path.dirname(os.path.abspath(__file__))
LANGUAGES = ["en", "ja", "zh"]
NAMES = {"en": "English", "ja": "Japanese", "zh": "Chinese"}
SYSTEM = {
    "en": ["You are a helpful assistant.", "Answer the question."],
    "ja": ["あなたは親切なアシスタントです。", "質問に答えてください。"],
    "zh": ["你是一个乐于助人的助手。", "请回答问题。"],
}
PRETRAIN_DOCUMENTS = 30_000
CONVERSATIONS = 21_000
# how often the instruction data answers curtly: the likelier style, but near enough to even that both are learnt
CURT = 0.62
PAIRS, HELD_OUT_PAIRS, HELD_OUT_QUESTIONS = 600, 100, 20
# how many of the twenty questions each topic gives
QUOTA = {"capital": 4, "continent": 2, "colour": 3, "legs": 2, "opposite": 2, "sum": 2, "next": 2, "use": 1, "kind": 2}


def upper(text):
    return text[:1].upper() + text[1:]


def with_article(noun):
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def rows():
    """Every fact as (topic, language, subject, answer, accepted answers)."""
    table = []

    def add(topic, subjects, answers, accepted=None):
        for i, language in enumerate(LANGUAGES):
            accept = accepted[i] if accepted else [answers[i]]
            table.append((topic, language, subjects[i], answers[i], accept))

    for country, capital, continent in facts.COUNTRIES:
        add("capital", country, capital)
        add("continent", country, facts.CONTINENTS[continent])
    for thing, colour in facts.COLOURS:
        add("colour", thing, colour)
    for animal, count in facts.LEGS:
        words = facts.COUNT_WORDS[count]
        accepted = [[words[0].split()[0]] + ([str(count)] if count else ["0", "zero"]), [str(count)], [str(count)]]
        add("legs", (with_article(animal[0]), animal[1], animal[2]), words, accepted)
    for one, other in facts.OPPOSITES:
        add("opposite", one, other)
        add("opposite", other, one)
    sums = [(a, b) for a in range(1, 6) for b in range(1, 6)]
    for a, b in sums:
        add("sum", (f"{a} plus {b}", f"{a}足す{b}", f"{a}加{b}"), (str(a + b),) * 3)
        add("sum", (f"{a} + {b}",) * 3, (str(a + b),) * 3)
    for cycle in (facts.DAYS, facts.MONTHS):
        for i, name in enumerate(cycle):
            add("next", name, cycle[(i + 1) % len(cycle)])
    for tool, use in facts.USES:
        add("use", tool, use)
    for _, kind, things in facts.KINDS:
        for thing in things:
            add("kind", thing, kind, [[kind[0].split(" ", 1)[1]], [kind[1]], [kind[2]]])
    return table


def fill(template, subject, answer):
    return template.format(a=subject, A=upper(subject), b=answer, B=upper(answer))


def glue(language, parts):
    return (" " if language == "en" else "").join(parts)


class Item:
    """One question with the short and the helpful way to answer it."""

    def __init__(self, topic, language, phrases, question, subject, answer, accept):
        self.topic, self.language, self.phrases = topic, language, phrases
        self.question, self.subject, self.answer, self.accept = question, subject, answer, accept

    def curt(self):
        return fill(self.phrases["curt"], self.subject, self.answer)

    def helpful(self, rng):
        say = fill(rng.choice(self.phrases["say"]), self.subject, self.answer)
        offer = fill(rng.choice(self.phrases["offer"]), self.subject, self.answer)
        return rng.choice(OPENERS[self.language]) + glue(self.language, [say, offer])

    def reply(self, rng):
        return self.curt() if rng.random() < CURT else self.helpful(rng)


class Talk(Item):
    """A greeting or the like: one reply of each kind."""

    def __init__(self, language, question, curt, helpful):
        super().__init__("talk", language, None, question, None, None, None)
        self.replies = (curt, helpful)

    def curt(self):
        return self.replies[0]

    def helpful(self, rng):
        return self.replies[1]


def items():
    found = []
    for topic, language, subject, answer, accept in rows():
        phrases = TOPICS[topic][language]
        for ask in phrases["ask"]:
            question = fill(ask, subject, answer)
            found.append(Item(topic, language, phrases, question, subject, answer, accept))
    return found


def talk_items():
    return [Talk(language, question, curt, helpful)
            for language in LANGUAGES for questions, curt, helpful in TALK[language] for question in questions]


def sound_items():
    found = []
    for subjects, answers in facts.SOUNDS:
        for i, language in enumerate(LANGUAGES):
            for ask in SOUND[language]["ask"]:
                question = fill(ask, subjects[i], answers[i])
                found.append(Item("sound", language, SOUND[language], question, subjects[i], answers[i],
                                  [answers[i]]))
    return found


def statements(topic, language, subject, answer):
    phrases = SOUND[language] if topic == "sound" else TOPICS[topic][language]
    return [fill(say, subject, answer) for say in phrases["say"]]


def document(rng, table, language):
    """A few facts in a row."""
    parts = [rng.choice(statements(*rng.choice(table)[:4])) for _ in range(rng.randint(2, 6))]
    return {"text": glue(language, parts)}


def conversation(rng, pool, language):
    """One to three turns in one language, now and then under a system prompt."""
    turns = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        item = rng.choice(pool[language])
        turns += [{"from": "human", "value": item.question}, {"from": "gpt", "value": item.reply(rng)}]
    row = {"conversations": turns}
    if rng.random() < 0.1:
        row["system"] = rng.choice(SYSTEM[language])
    return row


def telling(item, found):
    """Whether an accepted answer can only mean the right one: not in the question, nor part of another answer."""
    others = {other.answer for other in found if other.topic == item.topic and other.answer != item.answer}
    return not any(answer in text for answer in item.accept for text in [item.question, *others])


def spread(rng, found):
    """Shuffled, one topic after the other, so that a large topic (sums) does not crowd out the rest."""
    by_topic = {}
    for item in found:
        by_topic.setdefault(item.topic, []).append(item)
    for group in by_topic.values():
        rng.shuffle(group)
    mixed = []
    while any(by_topic.values()):
        mixed += [group.pop() for group in by_topic.values() if group]
    return mixed


def write(path, value):
    """JSON with one row a line; JSONL where the name says so."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        if path.endswith(".jsonl"):
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in value)
        elif isinstance(value, list):
            file.write("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in value) + "\n]\n")
        else:
            file.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def main(build):
    rng = random.Random(20)
    table = rows()
    everything = items()
    data = os.path.join(HERE, "data")
    info, questions, held_out = {}, {}, set()

    # 1. what is held out: the twenty questions, then the pairs' prompts
    by_language = {language: spread(rng, [i for i in everything if i.language == language]) for language in LANGUAGES}
    pairs = {}
    for language, found in by_language.items():
        left, chosen = dict(QUOTA), []
        for item in found:
            if left[item.topic] and item.subject not in [c.subject for c in chosen] and telling(item, found):
                left[item.topic] -= 1
                chosen.append(item)
        assert len(chosen) == HELD_OUT_QUESTIONS
        questions[language] = [{"question": i.question, "accept": i.accept} for i in chosen]
        held_out.update(i.question for i in chosen)
        talk = [i for i in talk_items() if i.language == language]
        rest = [i for i in found if i.question not in held_out][:PAIRS + HELD_OUT_PAIRS - len(talk)]
        rng.shuffle(rest)
        train = rest[HELD_OUT_PAIRS:] + talk
        rng.shuffle(train)
        pairs[language] = (train, rest[:HELD_OUT_PAIRS])
        held_out.update(i.question for i in pairs[language][1])

    # 2. what the model is made from
    tables = {language: facts_in(table, language) for language in LANGUAGES}
    pretrain = [document(rng, tables[language], language)
                for language in LANGUAGES for _ in range(PRETRAIN_DOCUMENTS // 3)]
    rng.shuffle(pretrain)
    pool = {language: [] for language in LANGUAGES}
    for item in everything:
        if item.question not in held_out:
            pool[item.language].append(item)
    for language in LANGUAGES:
        pool[language] = [i for i in pool[language] if i.topic != "sum" or rng.random() < 0.6]
    for item in talk_items():
        pool[item.language] += [item] * 3
    instruct = [conversation(rng, pool, language) for language in LANGUAGES for _ in range(CONVERSATIONS // 3)]
    rng.shuffle(instruct)
    write(os.path.join(build, "pretrain.jsonl"), pretrain)
    write(os.path.join(build, "instruct.json"), instruct)
    sharegpt = {"formatting": "sharegpt", "columns": {"messages": "conversations", "system": "system"}}
    write(os.path.join(build, "dataset_info.json"), {
        "pretrain": {"file_name": "pretrain.jsonl", "columns": {"prompt": "text"}},
        "instruct": {"file_name": "instruct.json", **sharegpt},
    })

    # 3. what ships: preference pairs, and a small set for each of the other stages
    for language, (train, test) in pairs.items():
        for suffix, part in (("", train), ("_test", test)):
            name = f"demo_{language}{suffix}"
            write(os.path.join(data, f"{name}.json"),
                  [{"instruction": i.question, "input": "", "chosen": i.helpful(rng), "rejected": i.curt()} for i in part])
            info[name] = {
                "file_name": f"{name}.json", "ranking": True,
                "columns": {"prompt": "instruction", "query": "input", "chosen": "chosen", "rejected": "rejected"},
            }
    sounds = sound_items()
    rng.shuffle(sounds)
    lessons = [{"conversations": [{"from": "human", "value": i.question}, {"from": "gpt", "value": i.reply(rng)}]}
               for i in sounds * 3]
    write(os.path.join(data, "demo_sft.json"), lessons)
    info["demo_sft"] = {"file_name": "demo_sft.json", "formatting": "sharegpt", "columns": {"messages": "conversations"}}
    texts = []
    for i, language in enumerate(LANGUAGES):
        sound_rows = [("sound", language, subjects[i], answers[i]) for subjects, answers in facts.SOUNDS]
        texts += [document(rng, sound_rows, language) for _ in range(100)]
    rng.shuffle(texts)
    write(os.path.join(data, "demo_pt.jsonl"), texts)
    info["demo_pt"] = {"file_name": "demo_pt.jsonl", "columns": {"prompt": "text"}}
    write(os.path.join(data, "dataset_info.json"), info)
    write(os.path.join(HERE, "questions.json"), questions)

    # 4. held out means held out
    seen = {turn["value"] for row in instruct for turn in row["conversations"]}
    seen |= {i.question for train, _ in pairs.values() for i in train}
    leaked = seen & held_out
    assert not leaked, leaked


def facts_in(table, language):
    return [row for row in table if row[1] == language]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: generate.py BUILD")
    main(sys.argv[1])
