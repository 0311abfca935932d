"""Campaigns in the store: putting one in, and reading what is there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.hashing import fingerprint
from qosmatin.review.errors import MissingError
from qosmatin.review.store.campaign_tables import (
    campaign_annotators,
    campaign_documents,
    campaign_judgements,
    campaigns,
)
from qosmatin.review.store.clock import now
from qosmatin.review.words import N_

from .model import RESET, Campaign, Document, Judgement, Line, Part


@dataclass(frozen=True, slots=True)
class Said:
    """That an annotator judged a document, and the scores that each system of it got, an item each."""

    annotator: str
    part: Part
    place: int
    scores: Mapping[str, Sequence[float | None]]


_LOCK = 5_087_213
"""A number of our own for PostgreSQL's advisory lock."""


def add_campaign(
    connection: Connection,
    name: str,
    info: Mapping[str, Any],
    documents: Sequence[Document],
    annotators: Mapping[str, Mapping[str, Any]],
    *,
    rest: Mapping[str, Any] | None = None,
) -> tuple[Campaign, bool]:
    """Put a campaign in, with what is known of each annotator; returns it, and whether it was not there yet.

    The same again changes nothing. Raises ``InputError`` where another campaign has the name.
    """
    rest = rest or {}
    material = fingerprint([info, rest, [[*one.key, one.owner, one.items] for one in documents], list(annotators)])
    known = connection.execute(select(campaigns).where(campaigns.c.name == name)).first()
    if known is not None:
        if known.material != material:
            raise InputError(f"there is another campaign '{name}' here already; give this one another name")
        return _campaign(known), False
    values = {"name": name, "info": _json(info), "rest": _json(rest), "material": material, "made": now()}
    row = connection.execute(insert(campaigns).values(**values).returning(*campaigns.c)).one()
    rows = [
        {"campaign": row.id, "part": one.part, "owner": one.owner, "place": one.place, "items": _json(one.items)}
        for one in documents
    ]
    for start in range(0, len(rows), 500):
        connection.execute(insert(campaign_documents), rows[start : start + 500])
    for place, (annotator, progress) in enumerate(annotators.items()):
        entry = {"campaign": row.id, "annotator": annotator, "place": place, "progress": _json(progress)}
        connection.execute(insert(campaign_annotators).values(**entry))
    return _campaign(row), True


def all_campaigns(connection: Connection) -> list[Campaign]:
    """Return the campaigns in the order in which they were made."""
    return [_campaign(row) for row in connection.execute(select(campaigns).order_by(campaigns.c.id))]


def find_campaign(connection: Connection, number: int) -> Campaign:
    """Return a campaign; raises ``MissingError`` where there is none of that number."""
    row = connection.execute(select(campaigns).where(campaigns.c.id == number)).first()
    if row is None:
        raise MissingError(N_("there is no such campaign"))
    return _campaign(row)


def choose_campaign(connection: Connection, name: str | None) -> Campaign:
    """Return a campaign by its name, which need not be said where there is one; raises ``InputError``."""
    known = {one.name: one for one in all_campaigns(connection)}
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    if name is None or name not in known:
        wrong = "name the campaign" if name is None else f"there is no campaign '{name}'"
        raise InputError(f"{wrong}; here are {', '.join(known) or 'none (`qosmatin campaign new` makes one)'}")
    return known[name]


def lock_campaign(connection: Connection, campaign: Campaign) -> None:
    """Let nobody else be given a document of a campaign until the transaction ends (on SQLite one writes at a time)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key, :one)"), {"key": _LOCK, "one": campaign.id})


def annotators_of(connection: Connection, campaign: Campaign) -> dict[str, dict[str, Any]]:
    """Return the annotators of a campaign in their order, with what Pearmut said of each."""
    table = campaign_annotators
    query = select(table).where(table.c.campaign == campaign.id).order_by(table.c.place)
    return {row.annotator: json.loads(row.progress) for row in connection.execute(query)}


def read_documents(
    connection: Connection, campaign: Campaign, part: Part | None = None, owner: str | None = None
) -> list[Document]:
    """Return the documents of a campaign in their order: of a part, of an annotator's list, where those are named."""
    table = campaign_documents
    query = select(table).where(table.c.campaign == campaign.id)
    if part is not None:
        query = query.where(table.c.part == part)
    if owner is not None:
        query = query.where(table.c.owner == owner)
    rows = connection.execute(query.order_by(table.c.part, table.c.owner, table.c.place))
    return [Document(row.part, row.owner, row.place, json.loads(row.items)) for row in rows]


def find_document(connection: Connection, campaign: Campaign, annotator: str, part: Part, place: int) -> Document:
    """Return a document as an annotator has it; raises ``MissingError`` where there is none."""
    table = campaign_documents
    owner = annotator if part == "data" and campaign.assignment == "task-based" else ""
    query = select(table.c["items"]).where(
        table.c.campaign == campaign.id, table.c.part == part, table.c.owner == owner, table.c.place == place
    )
    items = connection.execute(query).scalar()
    if items is None:
        raise MissingError(N_("there is no such document in this campaign"))
    return Document(part, owner, place, json.loads(items))


def count_documents(connection: Connection, campaign: Campaign) -> dict[tuple[Part, str], int]:
    """Return how many documents there are, by part and by whose list they stand in."""
    table = campaign_documents
    query = select(table.c.part, table.c.owner, func.count()).where(table.c.campaign == campaign.id)
    return {
        (part, owner): count for part, owner, count in connection.execute(query.group_by(table.c.part, table.c.owner))
    }


def add_judgements(connection: Connection, campaign: Campaign, judgements: Iterable[Judgement]) -> None:
    """Add what annotators say; what they said of the same documents before stays, and counts no more."""
    rows = [
        {
            "campaign": campaign.id,
            "annotator": one.annotator,
            "part": one.part,
            "place": one.place,
            "at": one.at,
            "seconds": one.seconds,
            "imported": one.imported,
            "scores": None if one.line.get("annotation") == RESET else _json(scores_in(one.line)),
            "line": _json(one.line),
        }
        for one in judgements
    ]
    for start in range(0, len(rows), 200):
        connection.execute(insert(campaign_judgements), rows[start : start + 200])


def read_log(connection: Connection, campaign: Campaign, annotator: str | None = None) -> list[Judgement]:
    """Return all that was said in a campaign, in the order in which it was: by everybody, or by one annotator."""
    table = campaign_judgements
    query = select(table).where(table.c.campaign == campaign.id)
    if annotator is not None:
        query = query.where(table.c.annotator == annotator)
    return [
        Judgement(row.annotator, row.part, row.place, row.at, row.seconds, json.loads(row.line), row.imported)
        for row in connection.execute(query.order_by(table.c.id))
    ]


def scores_in(line: Line) -> dict[str, list[float | None]]:
    """Return the scores in a line of the log, by system, one for each item."""
    scores: dict[str, list[float | None]] = {}
    for of_item in line.get("annotation") or ():
        for system, opinion in (of_item if isinstance(of_item, dict) else {}).items():
            scores.setdefault(system, []).append(opinion.get("score") if isinstance(opinion, dict) else None)
    return scores


def read_said(connection: Connection, campaign: Campaign, annotator: str | None = None) -> list[Said]:
    """Return what counts of what was said, without its texts: by everybody, or by one annotator."""
    table = campaign_judgements
    query = select(table.c.annotator, table.c.part, table.c.place, table.c.scores).where(
        table.c.campaign == campaign.id
    )
    if annotator is not None:
        query = query.where(table.c.annotator == annotator)
    last: dict[str, dict[tuple[Any, ...], Said]] = {}
    for row in connection.execute(query.order_by(table.c.id)):
        if row.scores is None:
            last.pop(row.annotator, None)
            continue
        scores = json.loads(row.scores)
        key = row.part, row.place, tuple(sorted(scores))
        last.setdefault(row.annotator, {})[key] = Said(row.annotator, row.part, row.place, scores)
    return [one for of_one in last.values() for one in of_one.values()]


def standing(log: Iterable[Judgement]) -> list[Judgement]:
    """Return what counts of a log: the last word on each document and set of systems, after the last reset."""
    last: dict[str, dict[tuple[Any, ...], Judgement]] = {}
    for one in log:
        if one.line.get("annotation") == RESET:
            last.pop(one.annotator, None)
            continue
        systems = tuple(sorted(scores_in(one.line)))
        last.setdefault(one.annotator, {})[one.part, one.place, systems] = one
    return [one for of_one in last.values() for one in of_one.values()]


def _campaign(row: Any) -> Campaign:
    return Campaign(row.id, row.name, json.loads(row.info), json.loads(row.rest), row.made)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
