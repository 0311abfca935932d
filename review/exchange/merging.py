"""Words that come from elsewhere, beside those of the store: the newer one on a pair stands, and none is lost silently.

A file of decisions, or a corpus folder, may say something of documents that people review here. What it says counts
where nobody here has said anything newer of that pair, and where it has not stood here before: what a person took back
does not return by being read again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine, and_, or_, select

from qosmatin.corpus.decisions import STORE_NAME, PlacedDecision, overrules, place_decisions, said_at
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Decision
from qosmatin.review.store import log
from qosmatin.review.store.database import open_database, sqlite_url, way_back
from qosmatin.review.store.rows import Aside, BeadRow, Change, DocumentRow
from qosmatin.review.store.schema import documents, operations

from .exporting import all_decisions, decisions_of
from .matching import counting_matches, match_decisions


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two people's words on one pair: what came from elsewhere, and what was said here. The newer one stands.

    ``document`` and ``number`` are the document and the row here; the number is None where the row is no more.
    """

    theirs: Decision
    ours: Decision
    document: str
    number: int | None

    @property
    def newer(self) -> Decision:
        """The word that stands."""
        return self.theirs if said_at(self.theirs) > said_at(self.ours) else self.ours

    @property
    def older(self) -> Decision:
        """The word that gave way."""
        return self.ours if self.newer is self.theirs else self.theirs

    @property
    def remark(self) -> str:
        """What gave way, in words that stay beside the pair, so that a person can still choose it."""
        return f"{_word(self.older)}: what {self.newer.reviewer} said is newer and stands, {_word(self.newer)}"

    def __str__(self) -> str:
        words = [f"{_word(one)} ({one.reviewer}, {one.at})" for one in (self.theirs, self.ours)]
        place = self.document if self.number is None else f"{self.document}, row {self.number}"
        both = f"{words[0]} against {words[1]} here"
        return f"{place} (pair {self.ours.pair_id}): {both}; {self.newer.reviewer}'s stands, it is newer"


def _word(decision: Decision) -> str:
    text = decision.value if decision.value is not None else decision.source_value
    return decision.operation if text is None else f"{decision.operation} “{text}”"


@dataclass(slots=True)
class Merged:
    """What counts of words from elsewhere, in the order in which they were said, and where they contradict ours."""

    counting: list[Decision] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)


def merge(
    connection: Connection,
    document: DocumentRow,
    rows: Sequence[BeadRow],
    asides: Sequence[Aside],
    said: Iterable[Decision],
) -> Merged:
    """Return what counts of ``said`` for a document of the store, whose ``rows`` and ``asides`` are what it has."""
    here = decisions_of(document, rows, asides)
    known = set(here)
    placed, _ = place_decisions(here, document.source, document.target)
    rows_at = {row.pair_id: row for row in rows}
    merged = Merged()
    for one in sorted((one for one in said if one not in known), key=said_at):
        ours = None if one.is_boundary else _ours(document, one, here, placed)
        row = rows_at.get(one.pair_id)
        # A row that somebody has touched and nobody decided on was decided on once, and given back.
        given_back = ours is None and row is not None and row.at is not None and row.at >= one.at
        if given_back or _stood_here(connection, document.id, one):
            continue
        if ours is not None and _says_other(one, ours):
            at = rows_at.get(ours.pair_id)
            number = None if at is None else at.number
            merged.disagreements.append(Disagreement(one, ours, document.source_document, number))
        if ours is None or said_at(one) > said_at(ours):
            merged.counting.append(one)
    return merged


def _ours(
    document: DocumentRow, one: Decision, here: Iterable[Decision], placed: Sequence[PlacedDecision]
) -> Decision | None:
    """Return the newest word of the store that a decision would overrule: on its pair, its place, or across it."""
    found = [other for other in here if other.pair_id == one.pair_id and not other.is_boundary]
    for place in place_decisions([one], document.source, document.target)[0]:
        found += [other.decision for other in placed if overrules(place, other)]
    return max(found, key=said_at, default=None)


def _says_other(one: Decision, other: Decision) -> bool:
    return (one.operation, one.value, one.source_value) != (other.operation, other.value, other.source_value)


def _stood_here(connection: Connection, document: int, decision: Decision) -> bool:
    """Whether this very decision was in force here once, and a person's operation ended that."""
    query = select(operations.c.change).where(
        operations.c.document == document, operations.c.kind != log.IMPORT, operations.c.change.contains(decision.at)
    )
    return any(
        any(aside.decision == decision for aside in change.asides_before)
        or any(
            (row.pair_id, row.reviewer, row.at) == (decision.pair_id, decision.reviewer, decision.at)
            for row in change.before
            if row.is_kept
        )
        for change in map(Change.from_json, connection.execute(query).scalars())
    )


def folder_decisions(
    folder: Path, from_files: Sequence[Decision], at_stake: int = 0
) -> tuple[list[Decision], list[Decision]]:
    """Return what people said of a corpus, oldest first, and what of it was said in the folder's own store.

    ``from_files`` counts where nobody said anything newer in the store (see ``merge``). ``at_stake`` is how many
    were in the store alone at the last run: raises ``InputError`` where it has never seen anything now.
    """
    engine = open_database(sqlite_url(folder))
    try:
        _check_not_emptied(engine, folder, at_stake)
        of_matches = [one for one in from_files if one.is_match]
        with engine.connect() as connection:
            counting = _counting(connection, [one for one in from_files if not one.is_match])
            counting += counting_matches(connection, of_matches)
            matches = match_decisions(connection)
        ours = [*all_decisions(engine), *matches]
    finally:
        engine.dispose()
    return sorted([*ours, *counting], key=said_at), ours


def _check_not_emptied(engine: Engine, folder: Path, lost: int) -> None:
    """Raise ``InputError`` where people's words were in a store that now has never seen any."""
    with engine.connect() as connection:
        if lost and connection.execute(select(operations.c.id).limit(1)).first() is None:
            path = folder / STORE_NAME
            raise InputError(
                f"the store is empty, and {lost} decisions of people were in it at the last run; {way_back(path)}", path
            )


def _counting(connection: Connection, said: Sequence[Decision]) -> list[Decision]:
    """Return the decisions that count beside a store; of a document that it does not have, each."""
    by_documents = defaultdict[frozenset[str], list[Decision]](list)
    for one in said:
        by_documents[frozenset(anchor.document for anchor in one.anchors)].append(one)
    counting: list[Decision] = []
    for names, some in by_documents.items():
        columns = (documents.c.source_document, documents.c.target_document)
        which = [column.in_(names) for column in columns]
        query = select(documents.c.id).where(and_(*which) if len(names) > 1 else or_(*which))
        numbers = connection.execute(query.order_by(documents.c.id)).scalars().all()
        found = [one for number in numbers for one in _merged(connection, number, some)]
        counting += dict.fromkeys(found) if numbers else some
    return counting


def _merged(connection: Connection, number: int, said: Sequence[Decision]) -> list[Decision]:
    document = log.read_document(connection, number)
    rows, asides = log.read_rows(connection, number), log.read_asides(connection, number)
    return merge(connection, document, rows, asides, said).counting
