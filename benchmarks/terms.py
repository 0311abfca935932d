"""How well terms are found through inflection, and what the check of terms says, on ``tests/data/terms``.

``python benchmarks/terms.py`` prints for each language the share of the sentences with the term in which it is found,
and of those without it in which something is; and for each direction the share of the violations that the check tells
(recall), and of all other pairs those that it tells wrongly (false alarms). ``--show`` prints what is wrong. The
sentences were written by a machine (see their README): the figures say how the rules do on the forms there, no more.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))  # a checkout runs without an install

from qosmatin.corpus.terms import TermFinder, missing_terms

DATA = Path(__file__).parent.parent / "tests" / "data" / "terms" / "kk-ru.psv"
LANGS = ("kk", "ru")


class Row(NamedTuple):
    """A pair of sentences about one term, each by language, and which of them ``has`` it."""

    has: frozenset[str]
    term: dict[str, str]
    text: dict[str, str]


class Figures(NamedTuple):
    """How many of how many: right ones that were told, wrong ones that were told; and the rows at fault."""

    told: int
    right: int
    alarms: int
    others: int
    faults: list[Row]

    def __str__(self) -> str:
        """Return the figures as they are printed."""
        right = f"{self.told} of {self.right} ({self.told / self.right:.1%})"
        return f"{right}, wrongly {self.alarms} of {self.others} ({self.alarms / self.others:.1%})"


def read(path: Path = DATA) -> list[Row]:
    """Return the pairs of the set."""
    rows = [line.split("|") for line in path.read_text(encoding="utf-8").split("\n") if line]
    which = {"both": frozenset(LANGS), "neither": frozenset[str]()}
    return [
        Row(
            which.get(has, frozenset([has])), dict(zip(LANGS, terms, strict=True)), dict(zip(LANGS, texts, strict=True))
        )
        for has, *cells in rows
        for terms, texts in [(cells[:2], cells[2:])]
    ]


def found_in(rows: Iterable[Row], lang: str) -> Figures:
    """Return in which sentences of a language their term is found."""
    return _figures(
        (row, bool(TermFinder([row.term[lang]], lang).find(row.text[lang])), lang in row.has) for row in rows
    )


def checked(rows: Iterable[Row], source: str, target: str) -> Figures:
    """Return of which pairs the check says that the term is missing."""
    return _figures(
        (
            row,
            bool(
                missing_terms(row.text[source], row.text[target], {row.term[source]: row.term[target]}, source, target)
            ),
            row.has == {source},
        )
        for row in rows
    )


def _figures(said: Iterator[tuple[Row, bool, bool]]) -> Figures:
    results = list(said)
    right = [one for one in results if one[2]]
    others = [one for one in results if not one[2]]
    faults = [row for row, is_told, is_so in results if is_told != is_so]
    return Figures(sum(one[1] for one in right), len(right), sum(one[1] for one in others), len(others), faults)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--show", action="store_true", help="print what is wrong")
    options = parser.parse_args()
    rows = read()
    measured = {f"terms found in {lang}": found_in(rows, lang) for lang in LANGS}
    measured |= {f"missing terms told, {one} to {other}": checked(rows, one, other)
                 for one, other in (LANGS, LANGS[::-1])}  # fmt: skip
    for name, figures in measured.items():
        print(f"{name}: {figures}")
        for row in figures.faults if options.show else ():
            print(f"    {' / '.join(row.term.values())}: {' / '.join(row.text.values())}")


if __name__ == "__main__":
    main()
