"""The confidence where there is little to learn from: documents of one to three sentences."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from qosmatin.align import align

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))
from foreign import short
from gold import DATA, GoldDocument, read_gold


def short_documents(pair: str, beads: int, unrelated: bool) -> list[GoldDocument]:
    path = DATA / "align" / f"{pair}.natural.json"
    if not path.exists():
        pytest.skip(f"no gold set {path.name} beside the repository")
    return short(read_gold(path), beads, unrelated=unrelated)


def match_confidences(docs: Sequence[GoldDocument], langs: tuple[str, str]) -> np.ndarray:
    """Return the confidence of every bead with two sides."""
    beads = [bead for doc in docs for bead in align(doc.source, doc.target, *langs)]
    return np.array([bead.confidence for bead in beads if not bead.is_null])


def test_a_thousand_unrelated_one_sentence_documents_are_not_trusted() -> None:
    known = match_confidences(short_documents("kk-en", 1, unrelated=True)[:500], ("kk", "en"))
    unknown = match_confidences(short_documents("kk-ru", 1, unrelated=True)[:500], ("qaa", "qab"))
    found = np.concatenate([known, unknown])
    assert found.mean() < 0.3
    assert (found > 0.9).mean() <= 0.01


@pytest.mark.parametrize(("beads", "langs"), [(2, ("kk", "en")), (3, ("qaa", "qab"))])
def test_nor_are_unrelated_ones_of_two_or_three_sentences(beads: int, langs: tuple[str, str]) -> None:
    found = match_confidences(short_documents("kk-en", beads, unrelated=True)[:100], langs)
    assert found.mean() < 0.3
    assert (found > 0.9).mean() <= 0.01


@pytest.mark.parametrize(("beads", "least"), [(1, 0.5), (3, 0.8)])
def test_true_ones_are(beads: int, least: float) -> None:
    assert match_confidences(short_documents("kk-en", beads, unrelated=False)[:100], ("kk", "en")).mean() > least
