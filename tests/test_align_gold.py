"""The aligner on gold sets beside the repository, with what the project asks of it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from qosmatin.align import DEFAULT_SETTINGS, align, align_corpus

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))
import foreign
from gold import DATA, GoldDocument, evaluate_set, read_gold


def strict_f1(name: str, whole: bool) -> float:
    path = DATA / "align" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no gold set {path.name} beside the repository")
    docs = read_gold(path)
    source_lang, target_lang = name.split(".", maxsplit=1)[0].split("-")
    if whole:
        predicted = align_corpus([(doc.source, doc.target) for doc in docs], source_lang, target_lang)
    else:
        predicted = [align(doc.source, doc.target, source_lang, target_lang) for doc in docs]
    return 100 * evaluate_set(docs, predicted).strict.f1


@pytest.mark.parametrize(
    ("name", "whole", "least"),
    [
        ("kk-en.hard", True, 98.5),
        ("kk-ru.vhard", True, 97.5),
        ("kk-en.vhard", False, 97),
        ("kk-ru.hard", False, 97),
        ("kk-ru.vhard", False, 96.4),
    ],
)
def test_gold(name: str, whole: bool, least: float) -> None:
    assert strict_f1(name, whole) >= least


@pytest.mark.parametrize(
    ("condition", "settings", "least"),
    [
        ("hard", {}, 96.5),
        ("vhard", {"moves": False}, 93),
        # Two sentences that the disturbance put in are translated elsewhere in the joined text, which moves find.
        ("vhard", {}, 92),
        ("free", {}, 78),  # 71.6 when stretches that were freely translated fell to nulls
        ("gaps", {"cognates": False, "numbers": False}, 65),  # 58.2
    ],
)
def test_learning_does_not_break_down_on_a_single_foreign_document(
    condition: str, settings: dict[str, bool], least: float
) -> None:
    def load(kind: str) -> list[GoldDocument]:
        path = DATA / "align" / f"kk-en.{kind}.json"
        if not path.exists():
            pytest.skip(f"no gold set {path.name} beside the repository")
        return read_gold(path)

    docs = foreign.documents(condition, load, 250, 0)
    unseeded = replace(DEFAULT_SETTINGS, seed=False, **settings)
    found = [align(doc.source, doc.target, "qaa", "qab", settings=unseeded) for doc in docs]
    assert 100 * evaluate_set(docs, found).strict.f1 >= least


def test_a_missing_block_does_not_throw_the_rest_off() -> None:
    path = DATA / "align" / "kk-en.natural.json"
    if not path.exists():
        pytest.skip(f"no gold set {path.name} beside the repository")
    source = [text for doc in read_gold(path) for text in doc.source]
    target = [text for doc in read_gold(path) for text in doc.target]
    whole = {(b.source, b.target) for b in align(source, target, "kk", "en")}
    gone = range(300, 600)
    cut = align([text for at, text in enumerate(source) if at not in gone], target, "kk", "en")
    moved = [300 * (b.source[0] >= 300) for b in cut]
    kept = [((b.source[0] + by, b.source[1] + by), b.target) for b, by in zip(cut, moved, strict=True)]
    two_sided = [bead for bead, b in zip(kept, cut, strict=True) if not b.is_null]
    assert sum(bead in whole for bead in two_sided) >= 0.98 * len(two_sided)
    assert len(two_sided) >= 0.98 * sum(s[1] <= 300 or s[0] >= 600 for s, t in whole if s[0] < s[1] and t[0] < t[1])
