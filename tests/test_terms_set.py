"""What is promised of the check of terms, held on the sentences of ``tests/data/terms``."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

from terms import checked, found_in, read


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_terms_are_found_through_inflection(lang: str) -> None:
    rows = read()
    assert len(rows) == 200
    figures = found_in(rows, lang)
    assert figures.told >= 0.95 * figures.right
    assert figures.alarms <= 0.02 * figures.others


@pytest.mark.parametrize(("source", "target"), [("kk", "ru"), ("ru", "kk")])
def test_the_check_tells_what_is_missing_and_little_else(source: str, target: str) -> None:
    figures = checked(read(), source, target)
    assert figures.told >= 0.95 * figures.right
    assert figures.alarms <= 0.02 * figures.others
