"""Measures how often files in old encodings are misread, by the language that is stated.

``python benchmarks/encodings.py`` cuts the Kazakh, Russian and English sides of the alignment gold sets (NTREX-128;
``gold.py`` says where they are) into pieces of 1, 3 and 15 lines, encodes each in each encoding that has all its
letters, and decodes it as files are: per encoding and length it prints how many pieces were read wrongly, and how many
were refused (an error that shows the readings). ``--plain`` leaves the language unsaid. ``--learn`` counts the table
of letter pairs (``corpus/files/letters.tsv``) anew from the word lists of the product.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import log2
from pathlib import Path

from gold import DATA

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.letters import EDGE
from qosmatin.corpus.files.text import decode

ROOT = Path(__file__).resolve().parent.parent
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp1251",
             "kz1048", "ptcp154", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic", "cp1252")  # fmt: skip
LINES = (1, 3, 15)
SETS = {"kk": ("kk-en", "src"), "ru": ("kk-ru", "tgt"), "en": ("kk-en", "tgt")}

HEAD = """# Which letter follows which in Kazakh, Russian and English words, for letters.py: language, letter, and
# after it each that follows with its cost in bits (-log2 of its share). _ is the edge of a word. Counted over the word
# lists of this project by `python benchmarks/encodings.py --learn`.
"""


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plain", action="store_true", help="do not state the language")
    parser.add_argument("--learn", action="store_true", help="count the table of letter pairs anew")
    options = parser.parse_args()
    if options.learn:
        learn(ROOT / "corpus" / "files" / "letters.tsv")
        return
    print("| language | encoding | " + " | ".join(f"{n} lines: wrong, refused, of" for n in LINES) + " |")
    print("|---|---|" + "---|" * len(LINES))
    for lang in SETS:
        for encoding in ENCODINGS:
            cells = [_cell(lang, encoding, count, None if options.plain else lang) for count in LINES]
            print(f"| {lang} | {encoding} | " + " | ".join(cells) + " |")


def _cell(lang: str, encoding: str, count: int, stated: str | None) -> str:
    wrong = refused = pieces = 0
    for piece in _pieces(lang, count):
        try:
            data = piece.encode(encoding)
        except UnicodeEncodeError:
            continue
        pieces += 1
        try:
            wrong += decode(data, "piece", lang=stated).removeprefix("\ufeff") != piece
        except InputError:
            refused += 1
    return f"{wrong}, {refused}, {pieces}" if pieces else "-"


def _pieces(lang: str, count: int) -> Iterator[str]:
    """Yield the text of a language in pieces of so many lines."""
    name, side = SETS[lang]
    documents = json.loads((DATA / "align" / f"{name}.natural.json").read_text(encoding="utf-8"))
    lines = [line for document in documents for line in document[side]]
    for start in range(0, len(lines) - count + 1, count):
        yield "".join(f"{line}\n" for line in lines[start : start + count])


def learn(path: Path) -> None:
    """Count which letter follows which over the word lists, and write the table."""
    rows = [HEAD]
    for lang, alphabet in (
        ("kk", "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі"),
        ("ru", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"),
        ("en", "abcdefghijklmnopqrstuvwxyz"),
    ):
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for word, weight in _words(lang):
            if set(word) <= set(alphabet):
                for first, second in zip(EDGE + word, word + EDGE, strict=True):
                    counts[first][second] += weight
        single: Counter[str] = Counter()
        for following in counts.values():
            single.update(following)
        for first in EDGE + alphabet:
            # Witten-Bell smoothing: what a letter's followers leave over goes by how frequent a letter is anywhere.
            total, kinds = counts[first].total(), len(counts[first]) or 1
            shares = {
                second: (counts[first][second] + kinds * (single[second] + 1) / (single.total() + len(alphabet)))
                / (total + kinds)
                for second in EDGE + alphabet
                if (first, second) != (EDGE, EDGE)
            }
            cells = " ".join(f"{second}{min(-log2(share), 14):.1f}" for second, share in shares.items())
            rows.append(f"{lang}\t{first}\t{cells}\n")
    path.write_text("".join(rows), encoding="utf-8", newline="\n")


def _words(lang: str) -> Iterator[tuple[str, int]]:
    """Yield the words of a language in the lists of the product, each with a weight."""
    column = {"kk": 0, "en": 2, "ru": 3}[lang]
    stems = []
    for line in (ROOT / "align" / "data" / "seed.tsv").read_text(encoding="utf-8").split("\n")[4:]:
        cells = line.split("\t")
        if len(cells) == 4 and not line.startswith("#"):
            stems += re.findall(r"[^\W\d_]+", cells[column].casefold())
    lists = ROOT / "corpus" / "splitting" / "data" / f"words.{lang}.tsv"
    for line in lists.read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#") and "-ending" not in line.split("\t")[0]:
            # These are the words that open sentences, pronouns and conjunctions: each stands for many in a text.
            yield from ((word, 5) for word in re.findall(r"[^\W\d_]+", line.split("\t", 1)[1].casefold()))
    yield from ((word, 1) for word in stems)
    if lang == "kk":
        text = (ROOT / "align" / "data" / "kk_suffixes.txt").read_text(encoding="utf-8")
        endings = [one for line in text.split("\n") if not line.startswith("#") for one in line.split()]
        # A Kazakh word in a text mostly has endings: each stem gets some, of the same harmony of vowels.
        for number, stem in enumerate(stems):
            fitting = [one for one in endings if _is_front(one) == _is_front(stem)]
            yield from ((stem + fitting[(number * 7 + step * 31) % len(fitting)], 1) for step in range(3))


def _is_front(word: str) -> bool:
    return bool(re.search("[әөүіе]", word[-4:]))


if __name__ == "__main__":
    main()
