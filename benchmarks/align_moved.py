"""Paragraphs that moved: what the aligner reaches on the moved sets, and what it costs to look where nothing moved."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from gold import DATA, GoldDocument, as_ids, evaluate_set, read_gold

from qosmatin.align import DEFAULT_SETTINGS, AlignSettings, Bead, align, align_corpus
from qosmatin.corpus.moved import moved_beads

PAIRS = ("kk-en", "kk-ru")
QUOTED = {"kk-en": "60.5 / 2 / 80 (quoted)", "kk-ru": "57.2 / 0 / 78 (quoted)"}
"""What ``hunalign -realign`` reaches, from the README of the sets, for machines without it."""


@dataclass(frozen=True, slots=True)
class MovedSet:
    """Documents of a moved set, the paragraphs of both sides, and which gold beads moved."""

    pair: str
    documents: list[GoldDocument]
    paragraphs: list[tuple[list[int], list[int]]]
    moved: list[set[int]]


def read_moved(path: Path) -> MovedSet:
    """Read a moved set."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    paragraphs = [(one["paragraphs"][0], one["paragraphs"][1]) for one in raw]
    return MovedSet(path.stem, read_gold(path), paragraphs, [set(one["moved"]) for one in raw])


def together(data: MovedSet, settings: AlignSettings, marked: bool) -> list[list[Bead]]:
    """Align a set as one corpus, with its paragraphs where ``marked``."""
    marks = list(zip(*data.paragraphs, strict=True)) if marked else [None, None]
    return align_corpus(
        [(one.source, one.target) for one in data.documents],
        *data.pair.split("-"),
        settings=settings,
        source_paragraphs=marks[0],
        target_paragraphs=marks[1],
    )


def alone(data: MovedSet, settings: AlignSettings, marked: bool) -> list[list[Bead]]:
    """Align each document of a set by itself, with its paragraphs where ``marked``."""
    return [
        align(
            one.source,
            one.target,
            *data.pair.split("-"),
            settings=settings,
            source_paragraphs=marks[0] if marked else None,
            target_paragraphs=marks[1] if marked else None,
        )
        for one, marks in zip(data.documents, data.paragraphs, strict=True)
    ]


def recalls(data: MovedSet, found: Sequence[Sequence[Bead]]) -> tuple[float, float]:
    """Return the strict recall in per cent among gold pairs that moved, and among those that stayed."""
    counts = np.zeros((2, 2))
    for document, beads, moved in zip(data.documents, found, data.moved, strict=True):
        have = {as_ids(bead) for bead in beads}
        for at, link in enumerate(document.gold):
            if link[0] and link[1]:
                counts[int(at not in moved)] += link in have, 1
    shares = 100 * counts[:, 0] / counts[:, 1]
    return float(shares[0]), float(shares[1])


def trust(data: MovedSet, found: Sequence[Sequence[Bead]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the confidence of each bead, and whether it is right."""
    p, right = [], []
    for document, beads in zip(data.documents, found, strict=True):
        gold = set(document.gold)
        p += [bead.confidence or 0.0 for bead in beads]
        right += [as_ids(bead) in gold for bead in beads]
    return np.array(p), np.array(right, dtype=float)


def show_moved(
    by_hunalign: Callable[[list[GoldDocument], str, str], list[list[Bead]]],
    calibration_error: Callable[[np.ndarray, np.ndarray], float],
    in_order: Callable[[str], tuple[list[GoldDocument], str, str]],
    sets: Sequence[str],
) -> None:
    """Print both tables."""
    data = [read_moved(DATA / "moved" / f"{pair}.json") for pair in PAIRS]
    print("Strict F1 / strict recall of what moved / of what stayed, and calibration error.\n")
    print(f"| | {' | '.join(PAIRS)} |\n|---|---|---|")
    off = replace(DEFAULT_SETTINGS, moves=False)
    rows = [
        (f"{name}{kind}", how, settings, marked)
        for name, how in (("as one corpus", together), ("each alone", alone))
        for kind, settings, marked in (
            ("", DEFAULT_SETTINGS, False),
            (", with paragraphs", DEFAULT_SETTINGS, True),
            (", moves=False", off, False),
        )
    ]
    for name, how, settings, marked in rows:
        cells = [_cell(one, how(one, settings, marked), calibration_error) for one in data]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    if shutil.which("hunalign"):
        cells = [_cell(one, by_hunalign(one.documents, *one.pair.split("-")), None) for one in data]
    else:
        cells = [QUOTED[pair] for pair in PAIRS]
    print(f"| hunalign -realign | {' | '.join(cells)} |\n")
    show_in_order(in_order, sets)


def _cell(
    data: MovedSet, found: Sequence[Sequence[Bead]], calibration_error: Callable[[np.ndarray, np.ndarray], float] | None
) -> str:
    moved, stayed = recalls(data, found)
    cell = f"{100 * evaluate_set(data.documents, found).strict.f1:.1f} / {moved:.0f} / {stayed:.0f}"
    return cell if calibration_error is None else f"{cell}, ECE {calibration_error(*trust(data, found)):.4f}"


def show_in_order(in_order: Callable[[str], tuple[list[GoldDocument], str, str]], sets: Sequence[str]) -> None:
    """Print what looking for moves does to sets in which nothing moved: strict F1, beads said to have moved, time."""
    print("Texts in order, with moves and without: strict F1, beads reported as moved, seconds of this process.\n")
    print("| | as one corpus | each alone |\n|---|---|---|")
    for kind in sets:
        documents, source_lang, target_lang = in_order(kind)
        cells = []
        for whole in (True, False):
            values = []
            for moves in (True, False):
                settings = replace(DEFAULT_SETTINGS, moves=moves)
                began = time.process_time()
                if whole:
                    texts = [(one.source, one.target) for one in documents]
                    found = align_corpus(texts, source_lang, target_lang, settings=settings)
                else:
                    found = [
                        align(one.source, one.target, source_lang, target_lang, settings=settings) for one in documents
                    ]
                seconds = time.process_time() - began
                f1 = 100 * evaluate_set(documents, found).strict.f1
                values.append((f1, sum(len(moved_beads(beads)) for beads in found), seconds))
            (with_f1, reported, with_s), (f1, _, seconds) = values
            cells.append(f"{with_f1:.2f} ({with_f1 - f1:+.2f}), {reported} moved, {with_s:.2f} s for {seconds:.2f}")
        print(f"| {kind} | {' | '.join(cells)} |", flush=True)
