"""Lexicons that outlive the corpus they were learnt from: saved, merged, shown, and used as a prior for another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import write_text
from qosmatin.corpus.files.regular import open_regular, read_utf8
from qosmatin.corpus.languages import primary_subtag

from .links import Links
from .tokens import SideTokens

if TYPE_CHECKING:  # it brings compiled kernels
    from .lexicon import TranslationTable

_HEAD = "# qosmatin lexicon 1"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Pairs of units (see ``tokens``) with their probabilities in both directions, and how much was seen of them.

    ``pairs`` maps (source unit, target unit) to (t(target|source), t(source|target), expected count of the pair).
    """

    source_lang: str
    target_lang: str
    pairs: dict[tuple[str, str], tuple[float, float, float]]

    def swapped(self) -> Lexicon:
        """Return the same lexicon for the other direction."""
        pairs = {(t, s): (backward, forward, count) for (s, t), (forward, backward, count) in self.pairs.items()}
        return Lexicon(self.target_lang, self.source_lang, pairs)

    def links(self, source: SideTokens, target: SideTokens) -> Links:
        """Return the links between the units of two texts; the strength is the mean of both probabilities."""
        sources = {unit: number for number, unit in enumerate(source.units)}
        targets = {unit: number for number, unit in enumerate(target.units)}
        found = [
            (sources[s], targets[t], 0.5 * (forward + backward))
            for (s, t), (forward, backward, _) in self.pairs.items()
            if s in sources and t in targets
        ]
        array = np.array(found, dtype=np.float64).reshape(-1, 3)
        return Links(array[:, 0].astype(np.int64), array[:, 1].astype(np.int64), array[:, 2].copy())

    def translations(self, unit: str, limit: int = 10) -> list[tuple[str, float, float]]:
        """Return the likeliest targets of a source unit as (target, t(target|source), count)."""
        rows = [(t, forward, count) for (s, t), (forward, _, count) in self.pairs.items() if s == unit]
        return sorted(rows, key=lambda row: -row[1])[:limit]


def fitting(lexicon: Lexicon, source_lang: str, target_lang: str) -> Lexicon:
    """Return a lexicon in the direction of these languages; raise ``InputError`` when it is for others."""
    have = primary_subtag(lexicon.source_lang), primary_subtag(lexicon.target_lang)
    want = primary_subtag(source_lang), primary_subtag(target_lang)
    if have == want:
        return lexicon
    if have == want[::-1]:
        return lexicon.swapped()
    raise InputError(f"the lexicon is for {'-'.join(have)}, not {'-'.join(want)}; learn one for these languages")


def extract_lexicon(
    source: SideTokens,
    target: SideTokens,
    *,
    forward: TranslationTable,
    backward: TranslationTable,
    source_lang: str,
    target_lang: str,
) -> Lexicon:
    """Return what a corpus taught as a lexicon; pairs less likely than 1 in 100 both ways are left out."""
    probabilities: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for direction, table in enumerate((forward, backward)):
        rows = np.repeat(np.arange(len(table.starts) - 1), np.diff(table.starts))
        for a, b, value in zip(rows.tolist(), table.ids.tolist(), table.values.tolist(), strict=True):
            probabilities[(a, b) if direction == 0 else (b, a)][direction] = value
    pairs = {
        (source.units[s], target.units[t]): (round(f, 4), round(b, 4), round(float(source.counts[s]) * f, 2))
        for (s, t), (f, b) in probabilities.items()
        if max(f, b) >= 0.01
    }
    return Lexicon(source_lang, target_lang, pairs)


def merge_lexicons(lexicons: Sequence[Lexicon]) -> Lexicon:
    """Return one lexicon of several for the same languages; probabilities are averaged by how much each has seen."""
    if not lexicons:
        raise InputError("there is no lexicon to merge; name at least one")
    langs = lexicons[0].source_lang, lexicons[0].target_lang
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    seen_s: dict[str, float] = defaultdict(float)
    seen_t: dict[str, float] = defaultdict(float)
    for lexicon in lexicons:
        if (lexicon.source_lang, lexicon.target_lang) == langs[::-1]:
            lexicon = lexicon.swapped()  # noqa: PLW2901
        elif (lexicon.source_lang, lexicon.target_lang) != langs:
            raise InputError(
                f"lexicons for {lexicon.source_lang}-{lexicon.target_lang} and {'-'.join(langs)} do not mix"
            )
        for s, weight in _seen(lexicon, 0).items():
            seen_s[s] += weight
        for t, weight in _seen(lexicon, 1).items():
            seen_t[t] += weight
        weights_s, weights_t = _seen(lexicon, 0), _seen(lexicon, 1)
        for (s, t), (forward, backward, count) in lexicon.pairs.items():
            row = sums[s, t]
            row[0] += forward * weights_s[s]
            row[1] += backward * weights_t[t]
            row[2] += count
    pairs = {
        (s, t): (round(f / seen_s[s], 4), round(b / seen_t[t], 4), round(count, 2))
        for (s, t), (f, b, count) in sums.items()
    }
    return Lexicon(*langs, pairs)


def _seen(lexicon: Lexicon, side: int) -> dict[str, float]:
    """Return about how often each unit of one side was seen."""
    seen: dict[str, float] = defaultdict(float)
    for units, (_, _, count) in lexicon.pairs.items():
        seen[units[side]] += count + 0.01
    return seen


def save_lexicon(lexicon: Lexicon, path: Path | str) -> None:
    """Write a lexicon as a table: source, target, both probabilities, count; the likeliest of each source first."""
    rows = sorted(lexicon.pairs.items(), key=lambda item: (item[0][0], -item[1][0], item[0][1]))
    lines = [f"{_HEAD}\t{lexicon.source_lang}\t{lexicon.target_lang}"]
    lines += [f"{s}\t{t}\t{f:g}\t{b:g}\t{count:g}" for (s, t), (f, b, count) in rows]
    write_text(Path(path), "\n".join(lines) + "\n")


def load_lexicon(path: Path | str) -> Lexicon:
    """Read a lexicon that ``save_lexicon`` wrote; raises ``InputError`` with file and line."""
    lines = read_utf8(Path(path)).split("\n")
    langs = _languages(lines[0], path)
    pairs = dict(_read_rows(lines[1:], path))
    if not pairs:
        raise InputError("holds no pair of words; learn it anew from more text", path)
    return Lexicon(*langs, pairs)


def lexicon_languages(path: Path) -> tuple[str, str]:
    """Return the languages of a saved lexicon without reading it all; raises ``InputError`` where it is none."""
    with open_regular(path) as stream:
        return _languages(stream.readline(1000).decode("utf-8", errors="replace").rstrip("\r\n"), path)


def _languages(line: str, path: Path | str) -> tuple[str, str]:
    head = line.split("\t")
    if head[0] != _HEAD or len(head) != 3:
        raise InputError("is no lexicon; `qosmatin lexicon learn` writes them", path, 1)
    return head[1], head[2]


def _read_rows(lines: Iterable[str], path: Path | str) -> Iterable[tuple[tuple[str, str], tuple[float, float, float]]]:
    """Yield the pairs of a saved lexicon."""
    for number, line in enumerate(lines, start=2):
        if not line:
            continue
        cells = line.split("\t")
        try:
            source, target, *numbers = cells
            forward, backward, count = (float(text) for text in numbers)
        except ValueError:
            raise InputError("is no pair; expected source, target and three numbers", path, number) from None
        yield (source, target), (forward, backward, count)
