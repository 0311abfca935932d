"""Making a campaign of texts: what is judged, how it is shared out, attention checks and calibration.

All that is random depends on the seed: the same texts and settings make the same campaign.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from qosmatin.corpus.errors import InputError

from .model import RULES, Document, Item, Part, Protocol

ASSIGNMENTS = {"fixed": "task-based", "stream": "single-stream", "dynamic": "dynamic"}
"""The ways of assignment as Pearmut calls them."""

_WINDOW = 5
"""Passages of an attention check at most."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign is to be; see docs/campaigns.md.

    ``side_by_side`` is how many systems of a document are judged together (0: all; protocols that judge one, one).
    ``overlap`` is how many annotators judge a document. ``checks`` are made by spoiling a passage; one comes after
    every ``checks_every`` documents; ``checks_warn`` sends who fails back. ``calibration`` documents are judged by all
    at the beginning and at the end, and not ranked. ``tutorial`` are documents as Pearmut writes them, with their
    ``validation``.
    """

    protocol: Protocol
    languages: tuple[str, str]
    seed: int = 1
    assignment: str = "fixed"
    side_by_side: int = 0
    overlap: int = 1
    documents_each: int | None = None
    checks: int = 0
    checks_every: int = 5
    checks_warn: bool = False
    calibration: int = 0
    tutorial: Sequence[Sequence[Item]] = field(default_factory=list)


def build(
    plan: Plan, material: Sequence[Sequence[Item]], annotators: Sequence[str]
) -> tuple[dict[str, Any], list[Document]]:
    """Return the settings of a campaign and its documents, made of documents that have the outputs of all systems.

    Raises ``InputError`` when there is too little of something.
    """
    if plan.overlap > len(annotators):
        raise InputError(f"overlap {plan.overlap} needs as many annotators; there are {len(annotators)}")
    if plan.calibration >= len(material):
        raise InputError(f"of {len(material)} documents {plan.calibration} for calibration leave none to judge")
    systems = list(material[0][0]["tgt"])
    if RULES[plan.protocol].choice and len(systems) < 2:
        raise InputError("a choice needs two systems")
    chance = random.Random(f"{plan.seed}/build")
    order = list(material)
    chance.shuffle(order)
    held, ranked = order[: plan.calibration], order[plan.calibration :]
    calibrating = [_marked(_narrowed(one, chance.choice(_sets(plan, systems, chance)))) for one in held]
    checks = [_check(plan, ranked, systems, number, chance) for number in range(plan.checks)]
    documents = [
        *_numbered("welcome", [*plan.tutorial, *calibrating]),
        *_numbered("random", checks),
        *_numbered("goodbye", calibrating),
        *_shared_out(plan, ranked, systems, annotators, chance),
    ]
    return _info(plan, annotators), documents


def _info(plan: Plan, annotators: Sequence[str]) -> dict[str, Any]:
    own: dict[str, Any] = {"languages": list(plan.languages), "overlap": plan.overlap}
    info: dict[str, Any] = {
        "assignment": ASSIGNMENTS[plan.assignment],
        "protocol": plan.protocol,
        "seed": plan.seed,
        "users": list(annotators),
    }
    if plan.documents_each is not None:
        info["docs_per_user"] = plan.documents_each
    if plan.assignment == "dynamic":
        info["dynamic_models"] = plan.side_by_side or 2
        info["dynamic_coldstart"] = 5
    if plan.checks:
        info["data_random_prob"] = 1 / plan.checks_every
        own["checks_every"] = plan.checks_every
    if severities := RULES[plan.protocol].severities:
        info["mqm_severities"] = list(severities)
    return {**info, "qosmatin": own}


def _sets(plan: Plan, systems: Sequence[str], chance: random.Random) -> list[list[str]]:
    """Return the sets of systems whose outputs of a document are judged together."""
    order = list(systems)
    chance.shuffle(order)
    if plan.protocol == "pairwise":
        # Round a ring: each system meets two others, and all are judged equally often.
        pairs = [[one, order[(at + 1) % len(order)]] for at, one in enumerate(order)]
        return pairs if len(order) > 2 else pairs[:1]
    size = (plan.side_by_side or len(order)) if plan.protocol == "cESA" else 1
    size = (plan.side_by_side or 2) if plan.assignment == "dynamic" else size
    return [order[at : at + size] for at in range(0, len(order), size)]


def _narrowed(items: Sequence[Item], systems: Sequence[str]) -> list[dict[str, Any]]:
    """Return the items of a document with the outputs of some systems alone."""
    kept = []
    for item in items:
        one = {**item, "tgt": {system: item["tgt"][system] for system in systems}}
        if "error_spans" in item:
            one["error_spans"] = {system: spans for system, spans in item["error_spans"].items() if system in systems}
        kept.append(one)
    return kept


def _marked(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [{**item, "calibration": True} for item in items]


def _shared_out(
    plan: Plan,
    documents: Sequence[Sequence[Item]],
    systems: Sequence[str],
    annotators: Sequence[str],
    chance: random.Random,
) -> list[Document]:
    dynamic = plan.assignment == "dynamic"  # which systems are judged is then said document by document
    sets = [[list(systems)] if dynamic else _sets(plan, systems, chance) for _ in documents]
    units = [_narrowed(one, some) for one, of_one in zip(documents, sets, strict=True) for some in of_one]
    chance.shuffle(units)
    if plan.assignment != "fixed":
        return _numbered("data", units)
    lists: dict[str, list[Sequence[Item]]] = {name: [] for name in annotators}
    for at, unit in enumerate(units):
        for turn in range(plan.overlap):
            lists[annotators[(at + turn) % len(annotators)]].append(unit)
    for name, of_one in lists.items():
        chance.shuffle(of_one)
        del of_one[len(of_one) if plan.documents_each is None else plan.documents_each :]
        if not of_one:
            raise InputError(f"there is nothing for annotator '{name}': {len(units)} documents, overlap {plan.overlap}")
    return [document for name, of_one in lists.items() for document in _numbered("data", of_one, name)]


def _numbered(part: Part, documents: Sequence[Sequence[Item]], owner: str = "") -> list[Document]:
    return [Document(part, owner, place, items) for place, items in enumerate(documents)]


def _check(
    plan: Plan, documents: Sequence[Sequence[Item]], systems: Sequence[str], number: int, chance: random.Random
) -> list[Item]:
    """Return an attention check: a document in which one output of one passage has nothing to do with its source."""
    items = chance.choice(documents)
    some = chance.choice(_sets(plan, systems, chance))
    at, bad = chance.randrange(len(items)), chance.choice(some)
    start = max(0, min(at - _WINDOW // 2, len(items) - _WINDOW))
    kept = _narrowed(items[start : start + _WINDOW], some)
    spoiled = kept[at - start]
    own = str(spoiled["tgt"][bad])
    others = [str(item["tgt"][bad]) for one in documents for item in one if item["tgt"][bad] != own]
    # Fluent, and about something else; where there is nothing else, the words backwards.
    spoiled["tgt"] = {**spoiled["tgt"], bad: chance.choice(others) if others else " ".join(own.split()[::-1])}
    spoiled.pop("error_spans", None)
    spoiled["validation"] = {bad: _expected(plan)}
    return [{**item, "item_id": f"{item['item_id']}#check{number}"} for item in kept]


def _expected(plan: Plan) -> dict[str, Any]:
    """Return what is expected of who reads a spoiled output."""
    rules = RULES[plan.protocol]
    if rules.score:
        rule: dict[str, Any] = {"score": [0, 50]}
    elif rules.choice:
        rule = {"score": [0, 0]}
    else:
        rule = {"error_spans": [{}]}
    if plan.checks_warn:
        rule["warning"] = "Read this passage again: one translation says something else than the source."
    return rule
