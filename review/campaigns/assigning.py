"""Which document an annotator is given next, and in which order its systems are shown.

First come the documents of ``welcome``, then those that are ranked, with an attention check after every so many of
them, and those of ``goodbye`` at the end. What is ranked is assigned in one of three ways:

* ``task-based``: each annotator's own list, in its order.
* ``single-stream``: all draw from one pool: of the documents that fewest have (until ``overlap`` have it), one at
  random.
* ``dynamic``: the same, but ``dynamic_models`` systems of it, those more often that are near each other. Systems with
  fewer than ``dynamic_coldstart`` documents come first. Then a pair of systems is drawn with the weight exp(-z²/2),
  0.01 at least, where z is the difference of their mean scores over its standard error, sqrt(s1²/n1 + s2²/n2); each
  further system with the sum of its weights to those drawn. Of the documents, one is drawn of those on which the drawn
  systems were judged least.

All that is random depends on the campaign's seed. What somebody was given and has not judged stays theirs; after two
hours it no longer keeps others from being given it.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, variance
from typing import Any

from sqlalchemy import Connection, insert, select

from qosmatin.review.store.campaign_tables import campaign_turns
from qosmatin.review.store.clock import from_now, now

from .keeping import Said, count_documents, find_document, lock_campaign, read_documents, read_said
from .model import Campaign, Document, Part

_HELD = timedelta(hours=2)
"""How long a document that somebody was given keeps others from being given it."""

_FLOOR = 0.01


@dataclass(frozen=True, slots=True)
class Turn:
    """A document in somebody's hands, with its systems in the order in which they are shown."""

    document: Document
    systems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an annotator has come: documents done, and in all."""

    done: int
    total: int


def next_turn(connection: Connection, campaign: Campaign, annotator: str) -> Turn | None:
    """Return what an annotator is to judge now, the same until they have; None when all is done."""
    lock_campaign(connection, campaign)
    alone = campaign.assignment == "task-based"
    everything = read_said(connection, campaign, annotator if alone else None)
    mine = {(one.part, one.place) for one in everything if one.annotator == annotator}
    given = _turns(connection, campaign)
    for who, part, place, shown, _ in given:
        if who == annotator and (part, place) not in mine:
            return Turn(find_document(connection, campaign, annotator, part, place), shown)
    choice = _choose(connection, campaign, annotator, everything, given)
    if choice is None:
        return None
    document, systems = choice
    turn = Turn(document, _shuffled(campaign, annotator, document, systems))
    key = {"campaign": campaign.id, "annotator": annotator, "part": document.part, "place": document.place}
    connection.execute(insert(campaign_turns).values(**key, systems=json.dumps(turn.systems), given=now()))
    return turn


def find_turn(connection: Connection, campaign: Campaign, annotator: str, part: Part, place: int) -> Turn | None:
    """Return a document that an annotator was given, judged or not; None where they were not."""
    table = campaign_turns
    query = select(table.c.systems).where(
        table.c.campaign == campaign.id, table.c.annotator == annotator, table.c.part == part, table.c.place == place
    )
    systems = connection.execute(query).scalar()
    if systems is None:
        return None
    return Turn(find_document(connection, campaign, annotator, part, place), tuple(json.loads(systems)))


def turns_of(connection: Connection, campaign: Campaign, annotator: str) -> list[tuple[Part, int]]:
    """Return the documents that an annotator was given, in the order in which they were."""
    return [(part, place) for who, part, place, _, _ in _turns(connection, campaign) if who == annotator]


def how_far(connection: Connection, campaign: Campaign, annotator: str) -> Standing:
    """Return how far an annotator has come: attention checks are not counted, nobody is to know of them."""
    done = {(one.part, one.place) for one in read_said(connection, campaign, annotator) if one.part != "random"}
    counts = count_documents(connection, campaign)
    owner = annotator if campaign.assignment == "task-based" else ""
    total = counts.get(("welcome", ""), 0) + counts.get(("goodbye", ""), 0)
    ranked = counts.get(("data", owner), 0)
    return Standing(len(done), total + min(ranked, _most(campaign) if owner == "" else ranked))


_Given = tuple[str, Part, int, tuple[str, ...], str]


def _turns(connection: Connection, campaign: Campaign) -> list[_Given]:
    table = campaign_turns
    query = select(table).where(table.c.campaign == campaign.id).order_by(table.c.given, table.c.part, table.c.place)
    return [
        (row.annotator, row.part, row.place, tuple(json.loads(row.systems)), row.given)
        for row in connection.execute(query)
    ]


def _most(campaign: Campaign) -> int:
    """Return how many documents an annotator judges at most."""
    most: int | None = campaign.info.get("docs_per_user")
    return 10**9 if most is None else most


def _choose(
    connection: Connection, campaign: Campaign, annotator: str, said: Sequence[Said], given: Sequence[_Given]
) -> tuple[Document, Sequence[str]] | None:
    mine = {(one.part, one.place) for one in said if one.annotator == annotator}

    def first_of(documents: Iterable[Document]) -> tuple[Document, Sequence[str]] | None:
        left = (one for one in documents if one.key not in mine and not one.is_form)
        found = next(left, None)
        return None if found is None else (found, found.systems)

    if welcome := first_of(read_documents(connection, campaign, "welcome")):
        return welcome
    ranked = sum(part == "data" for part, _ in mine)
    if check := _check_due(connection, campaign, annotator, ranked, sum(part == "random" for part, _ in mine)):
        return check
    if campaign.assignment == "task-based":
        found = first_of(read_documents(connection, campaign, "data", annotator))
    elif ranked >= _most(campaign):
        found = None
    else:
        found = _from_pool(connection, campaign, annotator, said, given)
    return found or first_of(read_documents(connection, campaign, "goodbye"))


def _check_due(
    connection: Connection, campaign: Campaign, annotator: str, ranked: int, seen: int
) -> tuple[Document, Sequence[str]] | None:
    """Return the attention check that is due: one after every so many documents, in an order of the annotator's own."""
    every = campaign.own.get("checks_every")
    if every is None and (share := campaign.info.get("data_random_prob")):
        every = max(1, round(1 / share))
    if not every or seen >= ranked // every:
        return None
    checks = read_documents(connection, campaign, "random")
    random.Random(f"{campaign.seed}/checks/{annotator}").shuffle(checks)
    return (checks[seen], checks[seen].systems) if seen < len(checks) else None


def _from_pool(
    connection: Connection, campaign: Campaign, annotator: str, said: Sequence[Said], given: Sequence[_Given]
) -> tuple[Document, Sequence[str]] | None:
    """Return a document of the pool for an annotator, and the systems of it that they are to judge."""
    documents = {one.place: one for one in read_documents(connection, campaign, "data", "")}
    since, until = from_now(-_HELD), from_now(_HELD)  # a clock may have been put back
    spoken = {(one.annotator, one.place) for one in said if one.part == "data"}
    # Whoever holds or has judged a document, and with which systems.
    held = [
        (who, place, systems)
        for who, part, place, systems, at in given
        if part == "data" and ((who, place) in spoken or since < at < until)
    ]
    turned = {(who, place) for who, place, _ in held}
    held += [
        (one.annotator, one.place, tuple(one.scores))
        for one in said
        if one.part == "data" and (one.annotator, one.place) not in turned
    ]
    mine = {place for who, place, _ in held if who == annotator}
    chance = random.Random(f"{campaign.seed}/{annotator}/{len(said)}")
    if campaign.assignment == "dynamic":
        return _dynamic(campaign, documents, mine=mine, held=held, said=said, chance=chance)
    counts = Counter(place for _, place, _ in held)
    overlap = campaign.own.get("overlap", 1)
    left = [place for place in sorted(documents) if place not in mine and counts[place] < overlap]
    if not left:
        return None
    least = min(counts[place] for place in left)
    chosen = documents[chance.choice([place for place in left if counts[place] == least])]
    return chosen, chosen.systems


def _dynamic(
    campaign: Campaign,
    documents: Mapping[int, Document],
    *,
    mine: set[int],
    held: Sequence[tuple[str, int, tuple[str, ...]]],
    said: Sequence[Said],
    chance: random.Random,
) -> tuple[Document, Sequence[str]] | None:
    left = [place for place in sorted(documents) if place not in mine]
    if not left:
        return None
    counts: Counter[str] = Counter(system for _, _, systems in held for system in systems)
    systems = sorted({system for one in documents.values() for system in one.systems})
    size = min(campaign.info.get("dynamic_models", 2), len(systems))
    start = campaign.info.get("dynamic_coldstart", 5)
    if min(counts[system] for system in systems) < start:
        chance.shuffle(systems)
        chosen = sorted(systems, key=lambda system: counts[system])[:size]
    else:
        chosen = draw_near(scores_of_systems(said), systems, size, chance)
    seen = Counter((place, system) for _, place, of_one in held for system in of_one)
    load = {place: sum(seen[place, system] for system in chosen) for place in left}
    least = min(load.values())
    if least >= campaign.own.get("overlap", 1) * len(chosen):
        return None
    return documents[chance.choice([place for place in left if load[place] == least])], chosen


def draw_near(
    scores: Mapping[str, Sequence[float]], systems: Sequence[str], size: int, chance: random.Random
) -> list[str]:
    """Return some systems, those that are near each other more often (the formula stands above)."""
    if size >= len(systems):
        return list(systems)
    if size == 1:
        return [chance.choice(systems)]
    weights = {
        (one, other): max(_FLOOR, math.exp(-(_distance(scores[one], scores[other]) ** 2) / 2))
        for at, one in enumerate(systems)
        for other in systems[at + 1 :]
    }
    chosen = list(chance.choices(list(weights), list(weights.values()))[0])
    while len(chosen) < size:
        left = [system for system in systems if system not in chosen]
        sums = [
            sum(weight for pair, weight in weights.items() if system in pair and set(pair) & set(chosen))
            for system in left
        ]
        chosen += chance.choices(left, sums)
    return chosen


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    """Return how many standard errors the means of two systems are apart."""
    if len(one) < 2 or len(other) < 2:
        return 0.0
    error = math.sqrt(variance(one) / len(one) + variance(other) / len(other))
    apart = abs(fmean(one) - fmean(other))
    return apart / error if error else (math.inf if apart else 0.0)


def scores_of_systems(said: Iterable[Said]) -> dict[str, list[float]]:
    """Return the scores that each system was given on what is ranked."""
    found: dict[str, list[float]] = defaultdict(list)
    for one in said:
        if one.part == "data":
            for system, scores in one.scores.items():
                found[system] += [score for score in scores if score is not None]
    return found


def _shuffled(campaign: Campaign, annotator: str, document: Document, systems: Sequence[Any]) -> tuple[str, ...]:
    """Return systems in the order in which an annotator sees them; those of a tutorial stand as they were written."""
    order = list(systems)
    if document.part != "welcome" and campaign.info.get("shuffle", True):
        random.Random(f"{campaign.seed}/{annotator}/{document.part}/{document.place}").shuffle(order)
    return tuple(order)
