"""Measure sentence splitting: ours beside the peers that pip has, on the gold sets and in sentences a second.

    python benchmarks/split.py              the table of F1, the ceiling of en_ewt, and speed as a ratio to razdel
    python benchmarks/split.py --errors     every boundary that ours has wrong, with the rule that decided
    python benchmarks/split.py --scaling    seconds a megabyte up to 50 MB, and on hostile input of 1 MB
    python benchmarks/split.py --fires DIR  how often each rule decides on the .txt files of a folder, with examples

The gold sets and the Kazakh news lie in ``../shared/data`` (not part of the project). A peer that is not installed is
named and left out: pip install razdel pysbd sentencex syntok sentence-splitter rusenttokenize
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from qosmatin.corpus.splitting import explain, split  # noqa: E402  # a checkout runs without an install
from qosmatin.corpus.splitting.candidates import CLOSING, END  # noqa: E402

DATA = ROOT.parent / "shared" / "data"
SETS = {
    "kk_hard": "kk",
    "kk_seeds": "kk",
    "kk_seeds_restored": "kk",
    "kk_ktb": "kk",
    "ru_gsd": "ru",
    "en_ewt": "en",
}
WIDTHS = (60, 65, 70, 75, 80)

Splitter = Callable[[str, str], list[str]]
"""From a text and its language to the texts of its sentences."""

Entry = tuple[str, str, set[int]]
"""A gold text: its id, its text and its internal boundaries, counted in characters that are no white space."""


def ours(text: str, lang: str) -> list[str]:
    return [text[s.start : s.end] for s in split(text, lang)]


def plain_expression(text: str, lang: str) -> list[str]:  # noqa: ARG001
    return [piece for piece in re.split(r"(?<=[.!?…])[\"”»’)\]]*\s+|\n+", text) if piece]


def razdel_splitter() -> Splitter:
    import razdel

    return lambda text, _: [s.text for s in razdel.sentenize(text)]


def pysbd_splitter() -> Splitter:
    import pysbd

    known = {lang: pysbd.Segmenter(language=lang, clean=False) for lang in ("kk", "ru", "en")}
    return lambda text, lang: known[lang].segment(text)


def sentencex_splitter() -> Splitter:
    import sentencex

    return lambda text, lang: list(sentencex.segment(lang, text))


def syntok_splitter() -> Splitter:
    from syntok import segmenter

    def pieces(text: str, lang: str) -> list[str]:  # noqa: ARG001
        return [
            text[sentence[0].offset : sentence[-1].offset + len(sentence[-1].value)]
            for paragraph in segmenter.process(text)
            for sentence in paragraph
        ]

    return pieces


def sentence_splitter_splitter() -> Splitter:
    from sentence_splitter import SentenceSplitter

    # It has no Kazakh: Russian is the nearest that it knows.
    known = {lang: SentenceSplitter(language="en" if lang == "en" else "ru") for lang in ("kk", "ru", "en")}
    return lambda text, lang: known[lang].split(text)


def rusenttokenize_splitter() -> Splitter:
    from rusenttokenize import ru_sent_tokenize

    return lambda text, _: ru_sent_tokenize(text)


PEERS: dict[str, Callable[[], Splitter]] = {
    "razdel": razdel_splitter,
    "pysbd": pysbd_splitter,
    "sentencex": sentencex_splitter,
    "syntok": syntok_splitter,
    "sentence-splitter": sentence_splitter_splitter,
    "rusenttokenize": rusenttokenize_splitter,
}


def splitters() -> dict[str, Splitter]:
    """Ours, the plain expression and every peer that is installed; the others are named on standard error."""
    found: dict[str, Splitter] = {"qosmatin": ours, "a plain expression": plain_expression}
    for name, load in PEERS.items():
        try:
            found[name] = load()
        except ImportError:
            print(f"{name}: not installed, left out", file=sys.stderr)
    return found


def ink(text: str) -> str:
    return "".join(text.split())


def read_set(name: str) -> list[Entry]:
    path = DATA / "split" / f"{name}.json"
    if not path.exists():
        sys.exit(f"{path.name} is not there; the gold sets belong in ../shared/data/split")
    return [
        (entry["id"], entry["text"], {len(ink(entry["text"][:end])) for end in entry["boundaries"][:-1]})
        for entry in json.loads(path.read_text(encoding="utf-8"))
    ]


def all_sets() -> dict[str, tuple[str, list[Entry]]]:
    """Every set with its language; the wrapped ones are made here from kk_ktb."""
    sets = {name: (lang, read_set(name)) for name, lang in SETS.items()}
    wrapped = [(id_, textwrap.fill(text, w), gold) for w in WIDTHS for id_, text, gold in sets["kk_ktb"][1]]
    sets[f"kk_ktb wrapped at {WIDTHS[0]}-{WIDTHS[-1]}"] = ("kk", wrapped)
    return sets


def boundaries(pieces: list[str], text: str) -> set[int]:
    """The internal boundaries that the pieces make, found in the text so that what a peer drops shifts nothing."""
    letters, at, found = ink(text), 0, set()
    for piece in map(ink, pieces):
        begin = letters.find(piece, at)
        if begin >= 0 and piece:
            at = begin + len(piece)
            found.add(at)
    return found - {len(letters)}


def f1(splitter: Splitter, lang: str, entries: list[Entry]) -> float:
    """Micro-averaged F1 in per cent over the internal boundaries of all texts."""
    right = found = wanted = 0
    for _, text, gold in entries:
        internal = boundaries(splitter(text, lang), text)
        right, found, wanted = right + len(internal & gold), found + len(internal), wanted + len(gold)
    return 200 * right / (found + wanted)


def ceiling(entries: list[Entry]) -> tuple[int, int, float]:
    """Boundaries with neither an end mark nor a new line, all boundaries, and the F1 of one who misses just those."""
    bare = wanted = 0
    for _, text, gold in entries:
        places = [at for at, character in enumerate(text) if not character.isspace()]
        for count in gold:
            before, gap = text[: places[count - 1] + 1], text[places[count - 1] + 1 : places[count]]
            bare += "\n" not in gap and not re.search(rf"[{END}][{CLOSING}]*\Z", before)
            wanted += 1
    return bare, wanted, 200 * (wanted - bare) / (2 * wanted - bare)


def news() -> list[str]:
    """The Kazakh side of the alignment gold: newstest2019 in Kazakh, a document each."""
    path = DATA / "align" / "kk-ru.natural.json"
    if not path.exists():
        sys.exit(f"{path.name} is not there; the Kazakh news belong in ../shared/data/align")
    return [" ".join(entry["src"]) for entry in json.loads(path.read_text(encoding="utf-8"))]


def aligned_news(lang: str) -> tuple[int, int, int]:
    """How many boundaries of ours are none in the alignment gold of a language, how many we miss, and how many are.

    The gold joins headlines without an end mark to the text behind them by a space, as no document does.
    """
    name, side = ("kk-ru", "src") if lang == "kk" else (f"kk-{lang}", "tgt")
    wrong = missed = wanted = 0
    for entry in json.loads((DATA / "align" / f"{name}.natural.json").read_text(encoding="utf-8")):
        text = " ".join(entry[side])
        gold = boundaries(entry[side], text)
        internal = boundaries(ours(text, lang), text)
        wrong, missed, wanted = wrong + len(internal - gold), missed + len(gold - internal), wanted + len(gold)
    return wrong, missed, wanted


def own_cases() -> float:
    """F1 on the barred texts of tests/splitting_cases.tsv."""
    right = found = wanted = 0
    for line in (ROOT / "tests" / "splitting_cases.tsv").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            lang, _, barred = line.replace("\\n", "\n").split("\t")
            text = barred.replace("¦", "")
            gold, internal = boundaries(barred.split("¦"), text), boundaries(ours(text, lang), text)
            right, found, wanted = right + len(internal & gold), found + len(internal), wanted + len(gold)
    return 200 * right / (found + wanted)


def split_again(sets: dict[str, tuple[str, list[Entry]]]) -> tuple[int, int]:
    """How many sentences of the sets do not come back whole when split again, and of how many."""
    sentences = [
        (collapsed(s), lang) for lang, entries in sets.values() for _, text, _ in entries for s in ours(text, lang)
    ]
    return sum(len(split(sentence, lang)) != 1 for sentence, lang in sentences), len(sentences)


def collapsed(text: str) -> str:
    return " ".join(text.split())


def speed(found: dict[str, Splitter], rounds: int = 7) -> dict[str, float]:
    """Sentences of ours a second that each splitter gets through, the best of rounds taken in turn."""
    documents = news()
    count = sum(len(split(text, "kk")) for text in documents)
    best: dict[str, float] = defaultdict(lambda: float("inf"))
    timed: dict[str, Callable[[str], object]] = {
        name: (lambda text, splitter=splitter: splitter(text, "kk")) for name, splitter in found.items()
    }
    timed["qosmatin"] = lambda text: split(text, "kk")
    for _ in range(rounds):
        for name, run in timed.items():
            begin = time.process_time()
            for text in documents:
                run(text)
            best[name] = min(best[name], time.process_time() - begin)
    return {name: count / seconds for name, seconds in best.items()}


def table() -> None:
    found, sets = splitters(), all_sets()
    rates = speed(found)
    print("F1 in per cent; speed on Kazakh news, one core, as a ratio to razdel\n")
    print("| | " + " | ".join(sets) + " | speed |")
    print("|---" * (len(sets) + 2) + "|")
    for name, splitter in found.items():
        scores = [f"{f1(splitter, lang, entries):.2f}" for lang, entries in sets.values()]
        ratio = f"{rates[name] / rates['razdel']:.2f}" if "razdel" in rates else "-"
        print(f"| {name} | " + " | ".join(scores) + f" | {ratio} |")
    bare, wanted, best = ceiling(sets["en_ewt"][1])
    print(f"\nen_ewt: {bare} of {wanted} boundaries have neither end mark nor new line; without them F1 is {best:.2f}")
    for lang in ("kk", "ru", "en"):
        wrong, missed, wanted = aligned_news(lang)
        print(f"aligned news, {lang}: {wrong} wrong boundaries and {missed} missed of {wanted}")
    broken, sentences = split_again(sets)
    print(f"split again: {broken} of {sentences} sentences do not come back whole")
    print(f"tests/splitting_cases.tsv: F1 {own_cases():.2f}")
    print(f"ours: {rates['qosmatin']:,.0f} sentences a second on this machine")


def errors() -> None:
    for name, (lang, entries) in all_sets().items():
        for id_, text, gold in entries:
            internal = boundaries(ours(text, lang), text)
            rules = {len(ink(text[: e.offset])): e.rule for e in explain(text, lang)}
            places = [at for at, character in enumerate(text) if not character.isspace()]
            for count in sorted(internal ^ gold):
                at = places[count - 1] + 1
                kind = "too many" if count in internal else "missed"
                context = f"{text[max(0, at - 50) : at]}|{text[at : at + 40]}".replace("\n", "\\n")
                print(f"{name}\t{kind}\t{id_}\t{rules.get(count, 'no candidate')}\t{context}")


HOSTILE = {
    "full stops": ".",
    "full stops and spaces": ". ",
    "opening brackets": "(",
    "an open bracket a sentence": "(сөз кетті. ",
    "one endless line": "сөз ",
    "spaces": " ",
    "new lines": "\n",
    "quotation marks": "»",
    "emoji": "😊",
    "initials": "Ә. ",
}


def megabytes(text: str) -> float:
    return len(text.encode()) / 1e6


def timed_split(text: str) -> float:
    begin = time.process_time()
    split(text, "kk")
    return time.process_time() - begin


def scaling() -> None:
    unit = "\n".join(news()) + "\n"
    first = None
    for size in (1, 5, 10, 25, 50):
        text = unit * max(1, round(size / megabytes(unit)))
        a_megabyte = timed_split(text) / megabytes(text)
        first = first or a_megabyte
        print(f"Kazakh news, {megabytes(text):5.1f} MB: {a_megabyte / first:.2f} times the time a megabyte of 1 MB")
    for name, unit in HOSTILE.items():
        half, whole = (unit * int(size * 1e6 / len(unit.encode())) + "Соңы." for size in (0.5, 1))
        ratio = timed_split(whole) / timed_split(half)
        share = timed_split(whole) / (first or 1)
        print(f"1 MB of {name}: {ratio:.1f} times the time of half of it, {share:.1f} times that of 1 MB of news")


def texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.txt")):
        yield path.read_text(encoding="utf-8")


def fires(folder: Path, lang: str, examples: int = 3) -> None:
    counts: Counter[tuple[str, bool]] = Counter()
    shown: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for text in texts(folder):
        for e in explain(text, lang):
            counts[e.rule, e.boundary] += 1
            if len(shown[e.rule, e.boundary]) < examples:
                shown[e.rule, e.boundary].append(e.context.replace("\n", "\\n"))
    for (rule, boundary), count in counts.most_common():
        print(f"{count:8,} {rule} {'cuts' if boundary else 'joins'}")
        for context in shown[rule, boundary]:
            print(f"         {context}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--errors", action="store_true", help="list the boundaries that ours has wrong")
    group.add_argument("--scaling", action="store_true", help="time 1 to 50 MB, and hostile input")
    group.add_argument("--fires", type=Path, metavar="DIR", help="count how often each rule decides on unseen text")
    parser.add_argument("--lang", default="kk", help="the language of the texts for --fires (default kk)")
    arguments = parser.parse_args()
    if arguments.errors:
        errors()
    elif arguments.scaling:
        scaling()
    elif arguments.fires:
        fires(arguments.fires, arguments.lang)
    else:
        table()


if __name__ == "__main__":
    main()
