"""What people confirmed in this review, as a memory that grows while they work.

The pairs are indexed in memory: the newest of them once, at the start or when much has changed at once, and what came
since as a small index of its own. Whether a pair still stands as it was is looked up when it is offered.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select, text

from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.corpus.memory import Index, Unit, build_index
from qosmatin.review.store.queries import at_places
from qosmatin.review.store.schema import beads, counts, documents, operations
from qosmatin.review.store.states import STATES

MOST = 100_000
"""Pairs that are kept, the newest confirmed: some 60 MB."""

AT_ONCE = 2_000
"""Pairs that are indexed while somebody waits: some tenths of a second. More are indexed beside."""

_CHANGED = 50
"""Documents that may have changed since the last look to be looked at one by one."""

_CONFIRMED = ("accepted", "post-edited")

Place = tuple[int, int]
"""A row: its document and number."""

Langs = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Part:
    """Some pairs and their index; ``places`` are those of its units."""

    places: list[Place]
    index: Index


class ConfirmedPairs:
    """Pairs that people confirmed, by languages."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._seen = -1
        self._whole: dict[Langs, _Part] = {}
        self._since: dict[Langs, dict[Place, SegmentPair]] = {}
        self._newest: dict[Langs, _Part] = {}
        self._loading: threading.Thread | None = None

    @property
    def is_ready(self) -> bool:
        """Whether all that was confirmed is known by now."""
        return self._loading is None

    def parts(self, langs: Langs) -> list[tuple[list[Place], Index]]:
        """Return the indexes of these languages, each with the rows of its units, as they are now."""
        with self._lock:
            self._refresh()
            found = (self._whole.get(langs), self._newest.get(langs))
            return [(one.places, one.index) for one in found if one is not None]

    def _refresh(self) -> None:
        if self._loading is not None:
            return
        with self._engine.connect() as connection:
            last = connection.execute(select(func.coalesce(func.max(operations.c.id), 0))).scalar_one()
            if last == self._seen:
                return
            changed = None if self._seen < 0 else self._changed(connection)
            if changed is not None:
                self._add(connection, changed)
            elif connection.execute(select(func.coalesce(func.sum(counts.c.reviewed), 0))).scalar_one() > AT_ONCE:
                self._loading = threading.Thread(target=self._load_beside, args=(last,), daemon=True)
                self._loading.start()
                return
            else:
                self._whole, self._since, self._newest = _load(connection), {}, {}
        self._seen = last

    def _changed(self, connection: Connection) -> list[int] | None:
        """Return the documents that changed since the last look; None where they are too many."""
        query = select(operations.c.document).distinct().where(operations.c.id > self._seen)
        found = [one for one in connection.execute(query.limit(_CHANGED + 1)).scalars() if one is not None]
        too_many = len(found) > _CHANGED or sum(map(len, self._since.values())) > AT_ONCE
        return None if too_many else found

    def _add(self, connection: Connection, changed: Iterable[int]) -> None:
        """Index what was confirmed in these documents since."""
        for document in changed:
            where = beads.c.document == document, beads.c.version > self._seen, beads.c.status.in_(_CONFIRMED)
            for langs, place, pair in _rows(connection, *where):
                self._since.setdefault(langs, {})[place] = pair
        self._newest = {langs: _part(pairs) for langs, pairs in self._since.items()}

    def _load_beside(self, last: int) -> None:
        with self._engine.connect() as connection:
            whole = _load(connection)
        with self._lock:
            self._whole, self._since, self._newest, self._seen, self._loading = whole, {}, {}, last, None

    def read(self, places: Iterable[Place]) -> dict[Place, Unit]:
        """Return the rows among these that are confirmed now, as units."""
        wanted = list(places)
        if not wanted:
            return {}
        columns = (
            beads.c.document, beads.c.number, beads.c.source_text, beads.c.target_text, beads.c.at, beads.c.reviewer,
            documents.c.source_document,
        )  # fmt: skip
        joined = at_places(wanted).join(documents, documents.c.id == beads.c.document)
        query = select(*columns).select_from(joined).where(beads.c.status.in_(_CONFIRMED))
        with self._engine.connect() as connection:
            return {
                (row.document, row.number): Unit(
                    row.source_text, row.target_text, None, row.at, row.reviewer, row.source_document
                )
                for row in connection.execute(query)
            }


def _load(connection: Connection) -> dict[Langs, _Part]:
    """Index the newest pairs that are confirmed, by languages."""
    found: dict[Langs, dict[Place, SegmentPair]] = {}
    for state in ("accepted", "edited"):  # in the words that the indexes of the store know
        for langs, place, pair in _rows(connection, text(STATES[state].sql)):
            found.setdefault(langs, {})[place] = pair
    return {langs: _part(pairs) for langs, pairs in found.items()}


def _rows(connection: Connection, *where: object) -> Iterable[tuple[Langs, Place, SegmentPair]]:
    columns = beads.c.document, beads.c.number, beads.c.source_text, beads.c.target_text
    query = select(*columns).where(*where, beads.c.source_text != "", beads.c.target_text != "")  # type: ignore[arg-type]
    rows = connection.execute(query.order_by(beads.c.version.desc()).limit(MOST)).all()
    langs: dict[int, Langs] = {}
    for row in rows:
        if row.document not in langs:
            which = select(documents.c.source_lang, documents.c.target_lang).where(documents.c.id == row.document)
            source_lang, target_lang = connection.execute(which).one()
            langs[row.document] = source_lang, target_lang
        yield langs[row.document], (row.document, row.number), SegmentPair(row.source_text, row.target_text)


def _part(pairs: dict[Place, SegmentPair]) -> _Part:
    return _Part(list(pairs), build_index(pairs.values()))
