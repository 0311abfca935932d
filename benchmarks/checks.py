"""How often the checks on a pair flag a right pair, and find what is wrong, on the gold pairs beside the repository.

Right pairs are gold beads, translated by people. ``python benchmarks/checks.py`` prints, for each direction, the share
of right pairs that each flag falls on; the share of pairs from which a name was taken that ``names`` finds; and the
share of sentences of another language that ``language`` finds. ``--show FLAG`` prints the right pairs that it falls on.

``--hints`` prints what the hints of the review say instead (the checks without lingua, and punctuation), on the pairs
of every quality: for each direction and kind of pair, the share that each kind of hint falls on.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from gold import DATA, read_gold

from qosmatin.corpus.checks import PAIR_FLAGS, check_pair
from qosmatin.corpus.checks.language import find_language_check
from qosmatin.corpus.checks.names import lost_names, names
from qosmatin.review.quality import hint_kinds

Pairs = list[tuple[str, str]]
HINTS = (*PAIR_FLAGS, "punctuation")
_ENOUGH_WORDS = 5


def right_pairs(lang: str) -> Pairs:
    """Return the gold beads with two sides of the undisturbed set, Kazakh first."""
    return [
        (" ".join(one.source[i] for i in source), " ".join(one.target[i] for i in target))
        for one in read_gold(DATA / "align" / f"kk-{lang}.natural.json")
        for source, target in one.gold
        if source and target
    ]


def without_a_name(pairs: Pairs, source_lang: str, target_lang: str) -> Pairs:
    """Return the pairs with a name that is known again in the target, each without the words that it is known by."""
    draw, found = random.Random(1), []
    for source, target in pairs:
        for name in draw.sample(every := names(source, source_lang), len(every)):
            alone = f"x {' '.join(name)}"
            there = re.findall(r"\w+", target)
            words = {word for word in there if not lost_names(alone, word.lower(), source_lang, target_lang)}
            if words:
                found.append((source, re.sub(rf"\b(?:{'|'.join(words)})\b", "", target)))
                break
    return found


def row(name: str, langs: str, found: int, of: int) -> None:
    """Print a row of the table."""
    print(f"| {name} | {langs} | {100 * found / max(of, 1):.2f} | {of} |")


def bench(pairs: Pairs, source_lang: str, target_lang: str, show: str | None) -> None:
    """Print the rows of one direction."""
    langs = f"{source_lang}-{target_lang}"
    language = find_language_check(source_lang, target_lang)
    flags: Counter[str] = Counter()
    for source, target in pairs:
        found = check_pair(source, target, source_lang, target_lang, language)
        flags.update(found)
        if show in found:
            lost = lost_names(source, target, source_lang, target_lang) if show == "names" else ""
            print(f"{lost}\n   {source}\n   {target}")
    for flag in PAIR_FLAGS:
        row(f"`{flag}` on right pairs", langs, flags[flag], len(pairs))
    robbed = without_a_name(pairs, source_lang, target_lang)
    row("a name taken away, found", langs, *_found("names", robbed, source_lang, target_lang))


def _found(flag: str, pairs: Sequence[tuple[str, str]], source_lang: str, target_lang: str) -> tuple[int, int]:
    language = find_language_check(source_lang, target_lang)
    flagged = (flag in check_pair(*pair, source_lang, target_lang, language) for pair in pairs)
    return sum(flagged), len(pairs)


def bench_hints(lang: str) -> None:
    """Print a row for each kind of pair (``good`` ones first), both directions of Kazakh and another language."""
    pairs = json.loads((DATA / "noise" / f"kk-{lang}.json").read_text(encoding="utf-8"))
    labels = sorted({pair["label"] for pair in pairs}, key=lambda label: (label != "good", label))
    for langs in (("kk", lang), (lang, "kk")):
        for label in labels:
            some = [(pair["src"], pair["tgt"]) for pair in pairs if pair["label"] == label]
            kinds = [hint_kinds(*(pair if langs[0] == "kk" else pair[::-1]), *langs) for pair in some]
            counted = Counter(kind for found in kinds for kind in found)
            shares = [f"{100 * counted[kind] / len(some):.1f}" for kind in HINTS]
            any_hint = f"{100 * sum(map(bool, kinds)) / len(some):.1f}"
            print(f"| {'-'.join(langs)} | {label} | {len(some)} | {' | '.join([*shares, any_hint])} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hints", action="store_true", help="the hints of the review on pairs of every quality")
    parser.add_argument("--show", choices=list(PAIR_FLAGS), help="print the right pairs that this flag falls on")
    asked = parser.parse_args()
    if asked.hints:
        print(f"| direction | pairs | number | {' | '.join(HINTS)} | any |\n|---|---|{'---:|' * (len(HINTS) + 2)}")
        for lang in ("en", "ru"):
            bench_hints(lang)
        return
    show = asked.show
    print("| what | direction | % | pairs |\n|---|---|---:|---:|")
    english, russian = right_pairs("en"), right_pairs("ru")
    for lang, pairs in (("en", english), ("ru", russian)):
        bench(pairs, "kk", lang, show)
        bench([(target, source) for source, target in pairs], lang, "kk", show)
    wrong = {"kk-ru": [(kk, kk) for kk, _ in russian], "en-kk": [(ru, ru) for _, ru in russian]}
    for langs, pairs in wrong.items():
        long = [("x", target) for _, target in pairs if len(target.split()) >= _ENOUGH_WORDS]
        name = "Kazakh for Russian, found" if langs == "kk-ru" else "Russian for Kazakh, found"
        row(name, langs, *_found("language", long, *langs.split("-")))


if __name__ == "__main__":
    main()
