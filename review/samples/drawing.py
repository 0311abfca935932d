"""Samples for estimating how good a corpus is: drawn at random, judged blind, decided where judges differ.

What was reviewed doubt first says nothing about the rest. A sample does: each unreviewed pair of a translation is as
likely to be in it as any other. It keeps the texts as drawn, so that it stays what it was, whatever becomes of them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from sqlalchemy import Connection, and_, func, insert, select, tuple_

from qosmatin.corpus.errors import InputError
from qosmatin.review.errors import MissingError, RefusedError
from qosmatin.review.store.clock import now
from qosmatin.review.store.queries import translations
from qosmatin.review.store.sample_tables import judgements, sample_items, samples
from qosmatin.review.store.schema import beads, documents
from qosmatin.review.words import N_

Verdict = Literal["right", "wrong", "unsure"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""What can be said of a pair."""

VERDICT_WORDS: dict[Verdict, str] = {"right": N_("right"), "wrong": N_("wrong"), "unsure": N_("unsure")}

MOST = 2**31 - 1
"""The highest seed: what fits an integer of either database."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample: of which translation, from how many unreviewed pairs (``population``), and when it was drawn."""

    id: int
    translation: str
    seed: int
    population: int
    size: int
    drawn: str


@dataclass(frozen=True, slots=True)
class Item:
    """A pair of a sample as it was drawn. ``words`` are what each judge said last, ``decision`` what settled it."""

    number: int
    document: int
    bead: int
    pair_id: str
    source_lang: str
    target_lang: str
    source_text: str
    target_text: str
    words: Mapping[str, Verdict] = field(default_factory=dict)
    decision: tuple[str, Verdict] | None = None

    @property
    def is_disputed(self) -> bool:
        """Whether somebody should decide: judges differ, or one does not know."""
        said = set(self.words.values())
        return len(said) > 1 or "unsure" in said

    @property
    def verdict(self) -> Verdict | None:
        """What the estimate uses: the decision, or else what all judges said; None while they differ or none spoke."""
        if self.decision is not None:
            return self.decision[1]
        said = set(self.words.values())
        return said.pop() if len(said) == 1 else None


def choose_translation(connection: Connection, name: str | None) -> str:
    """Return the translation to draw from, which need not be named where there is one; raises ``InputError``."""
    known = translations(connection)
    if name is None and len(known) == 1:
        return known[0]
    if name not in known:
        wrong = "name one with --translation" if name is None else f"there is no translation '{name}'"
        raise InputError(f"{wrong}; this corpus has {', '.join(known) or 'none'}")
    return name


def draw(connection: Connection, translation: str, size: int, seed: int) -> Sample:
    """Draw a sample, the same for the same seed from the same store; all that there is, where ``size`` is more.

    Raises ``InputError`` when no pair is left that nobody has reviewed.
    """
    if size < 1 or not 0 <= seed <= MOST:
        raise InputError(f"a sample has a size of 1 or more and a seed of 0 to {MOST}")
    keys = _keys(connection, translation)
    if not keys:
        raise InputError(f"every pair of '{translation}' has been reviewed: there is nothing to draw from")
    chosen = sorted(random.Random(seed).sample(keys, min(size, len(keys))))
    row: dict[str, Any] = {
        "translation": translation,
        "seed": seed,
        "population": len(keys),
        "size": len(chosen),
        "drawn": now(),
    }
    number = connection.execute(insert(samples).values(**row).returning(samples.c.id)).scalar_one()
    for start in range(0, len(chosen), 500):
        pairs = _rows(connection, chosen[start : start + 500])
        values = [{"sample": number, "number": at, **pair} for at, pair in enumerate(pairs, start + 1)]
        connection.execute(insert(sample_items), values)
    return Sample(number, **row)


def _keys(connection: Connection, translation: str) -> list[tuple[int, int]]:
    """Return the unreviewed pairs of a translation in a fixed order; sentences without a counterpart are no pairs."""
    paired = and_(beads.c.source_start < beads.c.source_end, beads.c.target_start < beads.c.target_end)
    query = select(beads.c.document, beads.c.number).where(
        beads.c.translation == translation, beads.c.status == "unreviewed", paired
    )
    return [(document, bead) for document, bead in connection.execute(query.order_by(*query.selected_columns))]


def _rows(connection: Connection, keys: list[tuple[int, int]]) -> list[dict[str, Any]]:
    query = (
        select(
            beads.c.document, beads.c.number.label("bead"), beads.c.pair_id, documents.c.source_lang,
            documents.c.target_lang, beads.c.source_text, beads.c.target_text,
        )
        .join(documents, beads.c.document == documents.c.id)
        .where(tuple_(beads.c.document, beads.c.number).in_(keys))
        .order_by(beads.c.document, beads.c.number)
    )  # fmt: skip
    return [dict(row) for row in connection.execute(query).mappings()]


def all_samples(connection: Connection) -> list[Sample]:
    """Return the samples in the order in which they were drawn."""
    return [Sample(**row) for row in connection.execute(select(samples).order_by(samples.c.id)).mappings()]


def find_sample(connection: Connection, number: int) -> Sample:
    """Return a sample; raises ``MissingError`` when there is none of that number."""
    row = connection.execute(select(samples).where(samples.c.id == number)).mappings().first()
    if row is None:
        raise MissingError(N_("there is no such sample"))
    return Sample(**row)


def read_items(connection: Connection, sample: int) -> list[Item]:
    """Return the items of a sample in the order of the texts, with what was said of each."""
    words: dict[int, dict[str, Verdict]] = {}
    decisions: dict[int, tuple[str, Verdict]] = {}
    said = select(judgements).where(judgements.c.sample == sample).order_by(judgements.c.id)
    for judgement in connection.execute(said):  # the last word counts
        if judgement.adjudicates:
            decisions[judgement.item] = judgement.reviewer, judgement.verdict
        else:
            words.setdefault(judgement.item, {})[judgement.reviewer] = judgement.verdict
    columns = [column for column in sample_items.c if column.name != "sample"]
    rows = connection.execute(
        select(*columns).where(sample_items.c.sample == sample).order_by(sample_items.c.number)
    ).mappings()
    return [Item(**row, words=words.get(row["number"], {}), decision=decisions.get(row["number"])) for row in rows]


def count_judged(connection: Connection, reviewer: str) -> dict[int, int]:
    """Return how many items a judge has judged, by the number of the sample."""
    query = select(judgements.c.sample, func.count(judgements.c.item.distinct()).label("judged")).where(
        judgements.c.reviewer == reviewer, judgements.c.adjudicates.is_(False)
    )
    return {row.sample: row.judged for row in connection.execute(query.group_by(judgements.c.sample))}


def order_of(sample: Sample, reviewer: str) -> list[int]:
    """Return the numbers of the items in a judge's own order.

    It is random, so that what a judge has come through so far is itself a random sample, and judges who tire do not
    all tire at the same pairs.
    """
    numbers = list(range(1, sample.size + 1))
    random.Random(f"{sample.seed}/{sample.id}/{reviewer}").shuffle(numbers)
    return numbers


def judge(connection: Connection, sample: Sample, item: int, reviewer: str, verdict: str) -> None:
    """Add what a judge says of an item; what they said before stays in the table, and counts no more."""
    _add(connection, sample, item, reviewer, verdict, adjudicates=False)


def adjudicate(connection: Connection, sample: Sample, item: int, reviewer: str, verdict: str) -> None:
    """Add what settles an item; raises ``RefusedError`` when there is nothing to settle."""
    found = next((one for one in read_items(connection, sample.id) if one.number == item), None)
    if found is not None and not found.is_disputed:
        raise RefusedError("the judges agree on this pair: there is nothing to decide")
    _add(connection, sample, item, reviewer, verdict, adjudicates=True)


def _add(connection: Connection, sample: Sample, item: int, reviewer: str, verdict: str, *, adjudicates: bool) -> None:
    if verdict not in VERDICTS or not 1 <= item <= sample.size:
        raise RefusedError("this is no judgement of a pair of this sample")
    row = {"sample": sample.id, "item": item, "reviewer": reviewer, "verdict": verdict, "at": now()}
    connection.execute(insert(judgements).values(**row, adjudicates=adjudicates))
