"""Spans put in before people look (ESA with the help of a machine, ESA-AI): by the house's checks, or from a file."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qosmatin.corpus.checks.numbers import NUMBER, missing_numbers, numbers
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.text import read_text
from qosmatin.review.quality import text_marks

from .model import Item, units

Spans = list[dict[str, Any]]
Suggest = Callable[[Item, str], Spans]
"""Gives the spans of a system's output of an item."""

_WHOLE = ("copy", "language", "looping")
"""The marks that speak of a whole text."""


def by_checks(languages: tuple[str, str]) -> Suggest:
    """Return what suggests spans by the checks: lost names and numbers as missing, numbers that are not in the source,
    and texts that are untranslated, in another language or repeat themselves as a whole."""

    def suggest(item: Item, system: str) -> Spans:
        source, text = str(item.get("src", "")), str(item["tgt"][system])
        kinds = {mark.kind for mark in text_marks(source, text, *languages)}
        end = units(text)
        if kinds & set(_WHOLE):
            return [_span(0, max(end - 1, 0), "major")]
        spans = []
        wrong = set(missing_numbers(text, source))
        for match in NUMBER.finditer(text):
            if {part.significant for part in numbers(match.group())} & wrong:
                start = units(text[: match.start()])
                spans.append(_span(start, start + units(match.group()) - 1, "major"))
        if kinds & {"names", "numbers"} and not spans:
            spans.append(_span(end, end, "major" if "numbers" in kinds else "minor"))
        return spans

    return suggest


def by_file(path: Path) -> Suggest:
    """Return what suggests the spans of a JSONL file, a line for each output: ``item_id``, ``system``, ``error_spans``.

    Raises ``InputError``.
    """
    found: dict[tuple[str, str], Spans] = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            spans = [
                _span(int(one["start_i"]), int(one["end_i"]), one["severity"]) | _category(one)
                for one in row["error_spans"]
            ]
            found[str(row["item_id"]), str(row["system"])] = spans
        except (ValueError, KeyError, TypeError) as error:
            message = "a line has item_id, system and error_spans, each with start_i, end_i and severity"
            raise InputError(f"{message} ({error!r})", path, number) from None
    return lambda item, system: found.get((str(item["item_id"]), system), [])


def _category(span: Mapping[str, Any]) -> dict[str, Any]:
    return {"category": span["category"]} if span.get("category") else {}


def _span(start: int, end: int, severity: str) -> dict[str, Any]:
    return {"start_i": start, "end_i": end, "severity": severity, "category": None}


def suggest_spans(
    material: Sequence[Sequence[Item]], suggest: Suggest, share: float, seed: int
) -> list[list[dict[str, Any]]]:
    """Return documents in which so many of the items (0 to 1, drawn by the seed) have suggestions, and say so.

    The others have none, so that what suggestions do to people can be told from their scores.
    """
    chance = random.Random(f"{seed}/suggest")
    made: list[list[dict[str, Any]]] = []
    for items in material:
        made.append([])
        for item in items:
            one = dict(item)
            if chance.random() < share:
                one |= {"prefilled": True, "error_spans": {system: suggest(item, system) for system in item["tgt"]}}
            made[-1].append(one)
    return made
