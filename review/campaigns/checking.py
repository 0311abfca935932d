"""Whether an annotation is whole and makes sense, and whether it meets what is expected of it (attention checks).

What is expected stands in an item as Pearmut has it, by system: ``score`` (from, to), ``score_greaterthan`` (a system
that must have less), ``error_spans`` (each with ``start_i`` and ``end_i``, a number or from and to, and ``severity``,
all of which can be left out), and ``warning``, which is told; without it a failure is only noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from qosmatin.review.errors import RefusedError

from .model import Item, Rules, units

Opinion = Mapping[str, Any]
"""What is said of a system's output of an item: ``score`` and ``error_spans``, as Pearmut has them."""

Annotation = Sequence[Mapping[str, Opinion]]


def check_annotation(rules: Rules, items: Sequence[Item], systems: Sequence[str], given: object) -> Annotation:
    """Return what an annotator's page sent as an annotation.

    ``given`` is, for each item, a list with an opinion for each of ``systems``: ``score`` and ``spans``, each with
    ``start`` and ``end`` (both included, in UTF-16 code units; the length of the text stands for what is missing),
    ``severity`` and ``category``. Raises ``RefusedError`` for what is not whole, or makes no sense.
    """
    if not isinstance(given, list) or len(given) != len(items):
        raise RefusedError("this annotation is not of this document: reload the page")
    found = []
    for place, (item, opinions) in enumerate(zip(items, given, strict=True), start=1):
        if not isinstance(opinions, list) or len(opinions) != len(systems):
            raise RefusedError("this annotation is not of this document: reload the page")
        texts = [str(item["tgt"].get(system, "")) for system in systems]
        found.append(
            {
                system: _opinion(rules, place, text, one)
                for system, text, one in zip(systems, texts, opinions, strict=True)
            }
        )
        said = {one["score"] for one in found[-1].values()}
        if rules.choice and len(said) == 1 < len(systems) and said != {50}:
            raise RefusedError("say which translation of passage %(place)s is better", place=place)
    return found


def _opinion(rules: Rules, place: int, text: str, given: object) -> Opinion:
    if not isinstance(given, dict):
        raise RefusedError("this annotation is not of this document: reload the page")
    score = given.get("score")
    asked = rules.score or rules.choice
    if asked and score is None:
        raise RefusedError("passage %(place)s has no score yet", place=place)
    if score is not None and (isinstance(score, bool) or not isinstance(score, int) or not 0 <= score <= 100):
        raise RefusedError("a score is a whole number from 0 to 100")
    if rules.choice and score not in (0, 50, 100):
        raise RefusedError("say which translation of passage %(place)s is better", place=place)
    spans = given.get("spans", [])
    if not isinstance(spans, list) or len(spans) > 500:
        raise RefusedError("this annotation is not of this document: reload the page")
    kept = sorted((_span(rules, text, one) for one in spans), key=lambda span: span["start_i"])
    for before, after in pairwise(kept):
        if after["start_i"] <= before["end_i"]:
            raise RefusedError("two spans lie over each other: take one of them away")
    return {"score": score if asked else None, "error_spans": kept, "textfield": None}


def _span(rules: Rules, text: str, given: object) -> dict[str, Any]:
    span = given if isinstance(given, dict) else {}
    start, end, severity, category = (span.get(key) for key in ("start", "end", "severity", "category"))
    length = units(text)
    whole = type(start) is int and type(end) is int and 0 <= start <= end <= length
    if not whole or (end == length and start != length):
        raise RefusedError("a span lies outside of its text: reload the page")
    if severity not in rules.severities:
        raise RefusedError("every span needs a severity")
    if rules.categories and category not in rules.categories:
        raise RefusedError("every span needs a category")
    return {
        "start_i": start,
        "end_i": end,
        "category": category if rules.categories else None,
        "severity": severity,
    }


def unmet(items: Sequence[Item], annotation: Annotation) -> list[tuple[int, str, str | None]]:
    """Return what is expected and not met: the place of the item, the system, and the warning if there is one."""
    return [
        (place, system, rule.get("warning"))
        for place, (item, opinions) in enumerate(zip(items, annotation, strict=True))
        for system, rules in item.get("validation", {}).items()
        if system in opinions
        for rule in (rules if isinstance(rules, list) else [rules])
        if not _meets(rule, opinions, system)
    ]


def validations(items: Sequence[Item], annotation: Annotation) -> list[bool]:
    """Return for each item of which something is expected whether it is met."""
    failed = {place for place, _, _ in unmet(items, annotation)}
    return [place not in failed for place, item in enumerate(items) if item.get("validation")]


def _meets(rule: Mapping[str, Any], opinions: Mapping[str, Opinion], system: str) -> bool:
    score, spans = opinions[system].get("score"), opinions[system].get("error_spans", [])
    if "score" in rule and (score is None or not _within(score, rule["score"])):
        return False
    if "score_greaterthan" in rule:
        other = opinions.get(rule["score_greaterthan"], {}).get("score")
        if score is None or other is None or score <= other:
            return False
    return all(any(_fits(span, wanted) for span in spans) for wanted in rule.get("error_spans", []))


def _fits(span: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    places = all(_within(span[key], wanted[key]) for key in ("start_i", "end_i") if key in wanted)
    return places and ("severity" not in wanted or span["severity"] == wanted["severity"])


def _within(value: float, wanted: Any) -> bool:
    return bool(wanted[0] <= value <= wanted[1]) if isinstance(wanted, list) else bool(value == wanted)
