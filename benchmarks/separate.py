"""Lines of a file in two languages, told apart: how many go to the wrong one, by how the file sets them.

python benchmarks/separate.py    needs ../shared/data/align: each document beside its translation, sentence by sentence,
                                 in blocks of ten, and both with nothing but the first three words of each sentence
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

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


if __name__ == "__main__":
    main()
