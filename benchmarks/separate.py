"""Lines of a file in two languages, told apart: how many go to the wrong one, by how the file sets them.

python benchmarks/separate.py    needs ../shared/data/align: each document beside its translation, sentence by sentence,
                                 in blocks of ten, and both with nothing but the first three words of each sentence;
                                 then both in one line, by what stands between them, and what is cut of either alone
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from qosmatin.corpus.extraction.cutting import cut_lines
from qosmatin.corpus.extraction.separating import line_languages

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "align"
BLOCK = 10


def layouts(
    source: list[str], target: list[str], langs: tuple[str, str]
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each layout of a document and its translation: its name, and its lines with their languages."""
    own, other = ([(text, lang) for text in side] for side, lang in zip((source, target), langs, strict=True))
    turns = [line for pair in zip(own, other, strict=False) for line in pair]
    blocks = [
        line for at in range(0, len(own), BLOCK) for side in (own, other) for line in side[at : at + BLOCK]
    ]  # fmt: skip
    for name, lines in (("by turns", turns), ("in blocks", blocks)):
        yield name, lines
        yield f"{name}, three words", [(" ".join(text.split()[:3]), lang) for text, lang in lines]


SEPARATORS = (" / ", "/", " | ", " – ", "\t")


def in_one_line(source: list[str], target: list[str]) -> Iterator[tuple[str, list[bool]]]:
    """Whether each sentence in one line with its translation is cut between them; of either alone, whether it is."""
    for name, words in (("", None), (", three words", 3)):
        own, other = ([" ".join(text.split()[:words]) for text in side] for side in (source, target))
        for between in SEPARATORS:
            lines = [f"{a}{between}{b}" for a, b in zip(own, other, strict=False)]
            found = cut_lines(lines)
            yield (
                f"cut at {between!r}{name}",
                [
                    [line[slice(*one.place)] for one in pieces] == [a, b]
                    for line, pieces, a, b in zip(lines, found, own, other, strict=False)
                ],
            )
        yield f"cut where nothing is to be{name}", [len(one) > 1 for side in (own, other) for one in cut_lines(side)]


def main() -> None:
    if not DATA.is_dir():
        sys.exit("needs ../shared/data/align")
    for pair in ("kk-ru", "kk-en"):
        wrong: dict[str, list[bool]] = {}
        for one in json.loads((DATA / f"{pair}.natural.json").read_text(encoding="utf-8")):
            for name, lines in layouts(one["src"], one["tgt"], (pair[:2], pair[3:])):
                found = line_languages([text for text, _ in lines])
                wrong.setdefault(name, []).extend(a != lang for a, (_, lang) in zip(found, lines, strict=True))
        for name, said in wrong.items():
            print(f"{pair} {name}: {sum(said)} of {len(said):,} lines ({sum(said) / len(said):.2%}) to the wrong one")
        cut: dict[str, list[bool]] = {}
        for one in json.loads((DATA / f"{pair}.natural.json").read_text(encoding="utf-8")):
            beads = [bead for bead in one["gold"] if len(bead[0]) == len(bead[1]) == 1]
            sides = ([one[side][bead[at][0]] for bead in beads] for at, side in enumerate(("src", "tgt")))
            for name, right in in_one_line(*sides):
                cut.setdefault(name, []).extend(right)
        for name, right in cut.items():
            print(f"{pair} {name}: {sum(right)} of {len(right):,} lines ({sum(right) / len(right):.1%})")


if __name__ == "__main__":
    main()
