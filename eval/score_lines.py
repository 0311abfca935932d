"""Files of plain lines with a score a segment, as metrics print or store them.

* A number on each line: ``gemba``, BLEURT, ``pymarian-eval``. The file's name may tell what they are of:
  ``SYSTEM.METRIC``.
* ``SYSTEM SCORE``, all segments of a system one after another: the ``.seg.score`` files of mt-metrics-eval (its README,
  "Specification"), whose names are ``METRIC-REFERENCE.seg.score``.
* ``FILE <tab> Segment N <tab> score: NUMBER``: what ``comet-score`` prints, its line for the whole system included.
* ``defaultdict(<class 'list'>, {...})``: what ``gemba --list_mqm_errors`` prints of each segment.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path

from qosmatin.corpus.errors import InputError

from .mqm import gemba_score

_NUMBER = re.compile(r"(\S+)")
_NAMED = re.compile(r"(\S+)\s+(\S+)")
_COMET = re.compile(r"(.+?)\t(?:Segment (\d+)\t)?score: (\S+)")
_GEMBA = re.compile(r"defaultdict\(<class 'list'>, (\{.*\})\)")
_SUFFIX = ".seg.score"
_NO_METRIC = {"", ".txt", ".score", ".scores", ".seg", ".out", ".log"}

Lines = tuple[str, dict[str | None, list[float]]]
"""The metric's name, and by the name of each system (None where it is not told) its scores in order."""


def read_lines(text: str, path: Path) -> Lines | None:
    """Return the scores of a file of plain lines, None where it is another file.

    Raises ``InputError`` with the line where a score is missing or no number.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        return None
    first = lines[0][1]
    if _GEMBA.fullmatch(first):
        return "GEMBA", {None: [_gemba(line, number, path) for number, line in lines]}
    if any(_COMET.fullmatch(line) for _, line in lines):
        return "COMET", _comet(lines, path)
    named = _NAMED.fullmatch(first)
    if named and _is_score(named[2]):
        return _metric_of(path), _named(lines, path)
    if _NUMBER.fullmatch(first) and _is_score(first):
        metric = "" if path.suffix in _NO_METRIC else path.suffix[1:]
        scores = [_number(line, number, path) for number, line in lines]
        return metric or "scores", {path.stem if metric else None: scores}
    return None


def _metric_of(path: Path) -> str:
    """Return what mt-metrics-eval calls a metric in a file's name, without the references that it used."""
    name = path.name.removesuffix(_SUFFIX) if path.name.endswith(_SUFFIX) else path.stem
    return re.sub(r"-(src|all|[^-.]*ref[^-]*)$", "", name, flags=re.IGNORECASE)


def _named(lines: Sequence[tuple[int, str]], path: Path) -> dict[str | None, list[float]]:
    found: dict[str | None, list[float]] = {}
    for number, line in lines:
        match = _NAMED.fullmatch(line)
        if match is None:
            raise InputError(f"'{line[:40]}' is no system with its score", path, number)
        found.setdefault(match[1], []).append(_number(match[2], number, path))
    return found


def _comet(lines: Sequence[tuple[int, str]], path: Path) -> dict[str | None, list[float]]:
    """Read what ``comet-score`` prints: systems take turns segment by segment, and their own scores come at the end."""
    found: dict[str | None, list[float]] = {}
    for number, line in lines:
        match = _COMET.fullmatch(line)
        if match is None or match[2] is None:  # what else it says, and the score of a system
            continue
        scores = found.setdefault(match[1], [])
        if int(match[2]) != len(scores):
            raise InputError(f"segment {len(scores)} of '{match[1]}' is not where it should be", path, number)
        scores.append(_number(match[3], number, path))
    if not found:
        raise InputError("it has the scores of systems, but of no segment; leave --only_system away", path)
    return found


def _gemba(line: str, number: int, path: Path) -> float:
    match = _GEMBA.fullmatch(line)
    try:
        errors = ast.literal_eval(match[1]) if match else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        errors = None
    if not isinstance(errors, dict):
        raise InputError(f"'{line[:40]}' is no list of errors", path, number)
    return gemba_score({severity: len(listed) for severity, listed in errors.items()})


def _is_score(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return word == "None"
    return True


def _number(word: str, number: int, path: Path) -> float:
    try:
        return float(word)
    except ValueError:
        what = "the segment has no score" if word == "None" else f"'{word[:40]}' is no score"
        raise InputError(f"{what}; score it again, or leave it away from all systems", path, number) from None
