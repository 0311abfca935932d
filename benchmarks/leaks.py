"""How much of a benchmark decontamination finds: the gold sets beside the repository against themselves.

Half of the documents of a set are the benchmark, the other half is training, into which every second sentence of the
benchmark is planted in one of several disguises. Recall is the share of the planted that is found; a find among the
others is right where nine tenths of the characters are the same by edits (difflib), whatever case and punctuation.
``python benchmarks/leaks.py`` prints one line for each disguise and one for what was found beside. ``--embeddings
e5-small`` prints, for kk-en, what an encoder finds instead and what both find together, the benchmark's English
translations among the disguises, and every sentence of training that it takes for one of the benchmark.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from gold import DATA, read_gold

from qosmatin.align.embeddings import Embedder
from qosmatin.corpus.dataset import LeakCheck, ParaphraseCheck
from qosmatin.corpus.senses import Encode, Senses

SETS = ("kk-en.natural", "kk-ru.natural")
_SHORT = 3
_ALIKE = 0.9

Disguise = Callable[[list[str], random.Random], list[str]]


def _without_one(words: list[str], by: random.Random) -> list[str]:
    gone = by.randrange(len(words))
    return [word for place, word in enumerate(words) if place != gone]


def _replaced(words: list[str], by: random.Random) -> list[str]:
    place = by.randrange(len(words))
    return [*words[:place], "xyz", *words[place + 1 :]]


DISGUISES: dict[str, Disguise] = {
    "word for word": lambda words, _by: words,
    "other case and punctuation": lambda words, _by: ["«" + words[0].upper(), *words[1:], "»!"],
    "inside of a longer pair": lambda words, _by: ["Ол", "сонда", "былай", "деді", *words, "деп", "кетті"],
    "one word left out": _without_one,
    "one word replaced": _replaced,
    "its first half": lambda words, _by: words[: (len(words) + 1) // 2],
    "every second word": lambda words, _by: words[::2],
}


def main() -> None:
    """Print recall by disguise and length, and precision."""
    print("| set | disguise | planted | found, % | of up to 3 words | found, % |\n|---|---|---:|---:|---:|---:|")
    beside = []
    for name in SETS:
        documents = read_gold(DATA / "align" / f"{name}.json")
        benchmark = [text for one in documents[::2] for text in one.source]
        training = [text for one in documents[1::2] for text in one.source]
        check = LeakCheck([], {"half": benchmark})
        for disguise, change in DISGUISES.items():
            print(f"| {name} | {disguise} | {_recall(check, benchmark, change)} |")
        beside.append(_precision(name, check, benchmark, training))
    print(
        "\n| set | sentences of training | alike by edits | of them found | others found |\n|---|---:|---:|---:|---:|"
    )
    print("\n".join(beside))


def by_meaning(encode: Encode) -> None:
    """Print recall by disguise, by words and by meaning, and what is found beside."""
    documents = read_gold(DATA / "align" / f"{SETS[0]}.json")
    sides = [
        [(" ".join(one.source[i] for i in s), " ".join(one.target[i] for i in t)) for one in half for s, t in one.gold]
        for half in (documents[::2], documents[1::2])
    ]
    benchmark, training = ([pair for pair in half if all(pair)] for half in sides)
    senses = (
        Senses(encode, [source for source, _ in training]),
        Senses(encode, [target for _, target in training]),
    )
    sentences = [source for source, _ in benchmark]
    words = LeakCheck([], {"half": sentences})
    meaning = ParaphraseCheck(encode, senses, [], {"half": sentences})
    planted = [pair for pair in benchmark[::2] if re.search(r"\w", pair[0])]
    print("\n| disguise | planted | found by words, % | by meaning, % | by both, % |\n|---|---:|---:|---:|---:|")
    for disguise, change in {**DISGUISES, "its translation": None}.items():
        by = random.Random(1)
        nothing = [""] * len(planted)
        asked = [" ".join(change(source.split(), by)) for source, _ in planted] if change else nothing
        others = nothing if change else [target for _, target in planted]
        found = [[one is not None for one in check.leaks(asked, others)] for check in (words, meaning)]
        found.append([a or b for a, b in zip(*found, strict=True)])
        print(f"| {disguise} | {len(planted)} | {' | '.join(f'{100 * sum(one) / len(one):.1f}' for one in found)} |")
    beside = meaning.leaks([source for source, _ in training], [""] * len(training))
    print(f"\nof {len(training)} sentences of training {sum(one is not None for one in beside)} are taken for another:")
    for (source, target), leak in zip(training, beside, strict=True):
        if leak is not None:
            print(f"  {leak.reason}: {source} ({target})")


def _recall(check: LeakCheck, benchmark: list[str], change: Disguise) -> str:
    by = random.Random(1)
    planted = [text for text in benchmark[::2] if re.search(r"\w", text)]
    asked = [" ".join(change(text.split(), by)) for text in planted]
    found = [leak is not None for leak in check.leaks(asked, [""] * len(asked))]
    short = [hit for hit, text in zip(found, planted, strict=True) if len(re.findall(r"\w+", text)) <= _SHORT]
    return " | ".join(f"{len(some)} | {100 * sum(some) / max(len(some), 1):.1f}" for some in (found, short))


def _precision(name: str, check: LeakCheck, benchmark: list[str], training: list[str]) -> str:
    known = [re.findall(r"\w+", text.casefold()) for text in benchmark]
    alike = [_is_alike(re.findall(r"\w+", text.casefold()), known) for text in training]
    found = [leak is not None for leak in check.leaks(training, [""] * len(training))]
    right = sum(hit and one for hit, one in zip(found, alike, strict=True))
    return f"| {name} | {len(training)} | {sum(alike)} | {right} | {sum(found) - right} |"


def _is_alike(words: list[str], known: list[list[str]]) -> bool:
    """Whether a text is nearly one of those known; what shares less than two fifths of the words is none."""
    text = " ".join(words)
    return any(
        SequenceMatcher(None, text, " ".join(other), autojunk=False).ratio() >= _ALIKE
        for other in known
        if words and len(set(words) & set(other)) >= 0.4 * max(len(set(words)), len(set(other)))
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embeddings", help="an encoder: e5-small, or the folder of a model")
    args = parser.parse_args()
    if args.embeddings:
        by_meaning(Embedder(args.embeddings).encode)
    else:
        main()
