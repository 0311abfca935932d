"""Aligning again around what people confirmed, fast enough to answer a key press.

The aligner learns its words from a whole translation of the corpus once, beside the work of the pages; after that a
correction only searches the stretch that it touches (``Alignment.realign``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Engine, select

from qosmatin.align import Alignment, AlignSettings, Lexicon, Task, align_tasks, load_lexicon, read_dictionary
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Bead
from qosmatin.review.store.rows import DocumentRow, document_from
from qosmatin.review.store.schema import documents

_LOG = logging.getLogger(__name__)

LEARN_FROM = 20_000
"""Source sentences of a translation up to which the aligner learns from all of it; beyond, from the document alone."""

PATIENCE = 2.0
"""Seconds that an operation waits for the aligner to be ready before it goes on without."""


@dataclass(frozen=True, slots=True)
class JobEvidence:
    """What the job that made the corpus gives its aligner beside the texts, so that proposals agree with its next run.

    ``translated`` returns an engine's translation of a source document, a sentence each, for the translation of that
    name; None where there is none. Vectors of an embedding model are left out: they would keep a key press waiting.
    """

    lexicon: Path | None
    dictionaries: tuple[Path, ...]
    settings: AlignSettings
    translated: Callable[[str, str], Sequence[str] | None]


@dataclass(slots=True)
class _Learnt:
    """An alignment, which of its documents is which of the store's, and the sentences that each had."""

    alignment: Alignment
    places: dict[int, int]
    texts: list[tuple[tuple[str, ...], tuple[str, ...]]]
    lexicon: Lexicon | None = None

    def knows(self, document: DocumentRow) -> bool:
        """Whether the document's sentences are still those that were aligned: boundaries may have been mended since."""
        return self.texts[self.places[document.id]] == (document.source.texts, document.target.texts)


class Realigner:
    """The aligner of a running review."""

    def __init__(self, engine: Engine, evidence: JobEvidence | None = None) -> None:
        self._engine = engine
        self._evidence = evidence
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="realigner")
        self._learning: dict[tuple[str, int | None], Future[_Learnt]] = {}
        self._lock = Lock()

    def warm_up(self) -> None:
        """Begin to learn every translation that is small enough to be learnt whole."""
        with self._engine.connect() as connection:
            names = connection.execute(select(documents.c.translation).distinct()).scalars().all()
            firsts = [
                connection.execute(select(documents).where(documents.c.translation == name).limit(1)).mappings().one()
                for name in names
            ]
        for first in firsts:
            self._learn(document_from(dict(first)))

    def close(self) -> None:
        """Drop what has not begun."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def propose(self, document: DocumentRow, fixed: Sequence[Bead], forbidden: Sequence[Bead]) -> list[Bead] | None:
        """Return the beads of a document around the fixed ones, or None while the aligner is not ready.

        None, too, when what is fixed cannot stand together in a monotone alignment.
        """
        try:
            learnt = self._learn(document).result(PATIENCE)
            if not learnt.knows(document):
                learnt = self._learn_alone(document).result(PATIENCE)
        except FutureTimeoutError:
            return None
        if not learnt.knows(document):
            return None
        kept = {(bead.source, bead.target) for bead in fixed}
        refused = [bead for bead in forbidden if (bead.source, bead.target) not in kept]
        place = learnt.places[document.id]
        with self._lock:
            try:
                learnt.alignment = learnt.alignment.realign(place, fixed, refused)
            except InputError:
                return None
            return learnt.alignment.beads(place)

    def lexicon(self, document: DocumentRow) -> Lexicon | None:
        """Return what was learnt of the words of a document's translation, or None while that is not ready."""
        try:
            learnt = self._learn(document).result(PATIENCE)
        except FutureTimeoutError:
            return None
        with self._lock:
            learnt.lexicon = learnt.lexicon or learnt.alignment.lexicon()
            return learnt.lexicon

    def _learn(self, document: DocumentRow) -> Future[_Learnt]:
        """Return what is, or will be, learnt for a document."""
        with self._lock:
            key = (document.translation, None if self._is_small(document.translation) else document.id)
            if key not in self._learning:
                self._learning[key] = self._worker.submit(self._align, *key)
            return self._learning[key]

    def _learn_alone(self, document: DocumentRow) -> Future[_Learnt]:
        """Return what is, or will be, learnt of a document whose sentences are others than when all was learnt."""
        with self._lock:
            key = (document.translation, document.id)
            known = self._learning.get(key)
            if known is None or (known.done() and not known.result().knows(document)):
                self._learning[key] = self._worker.submit(self._align, *key)
            return self._learning[key]

    def _is_small(self, translation: str) -> bool:
        if (translation, None) in self._learning:
            return True
        query = select(documents.c.source).where(documents.c.translation == translation)
        with self._engine.connect() as connection:
            # A sentence takes some hundred characters of JSON: good enough to tell small from large.
            size = 0
            for source in connection.execute(query).scalars():
                size += len(source)
                if size > LEARN_FROM * 200:
                    return False
        return True

    def _align(self, translation: str, only: int | None) -> _Learnt:
        query = select(documents).where(documents.c.translation == translation).order_by(documents.c.id)
        if only is not None:
            query = query.where(documents.c.id == only)
        with self._engine.connect() as connection:
            rows = [document_from(dict(row)) for row in connection.execute(query).mappings()]
        tasks = [
            Task(
                row.source.texts,
                row.target.texts,
                source_paragraphs=[sentence.paragraph for sentence in row.source.sentences],
                target_paragraphs=[sentence.paragraph for sentence in row.target.sentences],
                translated=self._translated(row),
            )
            for row in rows
        ]
        langs = rows[0].source_lang, rows[0].target_lang
        alignment = align_tasks(tasks, *langs, **self._words(*langs))
        # Compiles what only re-alignment needs, so that the first key press need not wait for it.
        alignment.realign(0, (), alignment.beads(0)[:1])
        places = {row.id: place for place, row in enumerate(rows)}
        return _Learnt(alignment, places, [(row.source.texts, row.target.texts) for row in rows])

    def _translated(self, document: DocumentRow) -> Sequence[str] | None:
        """Return an engine's translation of a document; None once its sentences were mended."""
        if self._evidence is None:
            return None
        found = self._evidence.translated(document.translation, document.source_document)
        return found if found is not None and len(found) == len(document.source.texts) else None

    def _words(self, source_lang: str, target_lang: str) -> dict[str, Any]:
        """Return what the job's aligner knows of words, where the files that its config names are still there."""
        if self._evidence is None:
            return {}
        lexicon, dictionaries = self._evidence.lexicon, self._evidence.dictionaries
        known = {"settings": self._evidence.settings}
        try:
            return known | {
                "lexicon": None if lexicon is None else load_lexicon(lexicon),
                "dictionaries": [read_dictionary(path, source_lang, target_lang) for path in dictionaries],
            }
        except (InputError, OSError) as error:
            _LOG.warning("re-alignment goes without the job's lexicon and dictionaries: %s", error)
            return known
