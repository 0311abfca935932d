"""Finding which documents may translate each other, by what their texts say; people's word comes after (``pair``).

This is the long part of ``pairing: content``: it depends on nothing but the texts, so it is done again only when a
document has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from qosmatin.align.matching import Hint
from qosmatin.align.matching.hints import day_of
from qosmatin.align.matching.matcher import Matching, find_matching, matches_of
from qosmatin.align.matching.report import copies_of, parts_of
from qosmatin.align.matching.texts import DOCUMENTS
from qosmatin.align.threads import Hands
from qosmatin.corpus.reading.saved_pages import place_address
from qosmatin.corpus.storage.stored_table import StoredTable
from qosmatin.job.batches import ROWS_A_BATCH, in_batches
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.spreading import on_each, spreading
from qosmatin.job.units import by_content, tables


def _run_match(job: Job, name: str) -> str:
    (sources, source_texts, said), (targets, target_texts, said_there) = (_side(job, side) for side in (None, name))
    langs = job.config.sources[0].lang, job.config.translation(name).lang
    with spreading(job.config) as spread:
        hands = Hands(job.config.workers, on_each(spread, DOCUMENTS))
        matching = find_matching(source_texts, target_texts, *langs, hints=(said, said_there), hands=hands)
    matches = matches_of(matching)
    chosen = {(one.source, one.target) for one in matches}
    pairs = matching.candidates
    rows = (
        {
            "source_document": sources[i],
            "target_document": targets[j],
            "confidence": float(matching.probabilities[at]),
            "covered": float(matching.covered[at]),
            "chosen": (i, j) in chosen,
        }
        for at, (i, j) in enumerate(zip(pairs.source.tolist(), pairs.target.tolist(), strict=True))
    )
    job.folder.write("candidates", in_batches(rows), name)
    job.folder.write("relations", [_relations(matching, (sources, targets))], name)
    return f"{len(chosen):,} of {len(sources):,} sources and {len(targets):,} translations match"


def _relations(matching: Matching, names: tuple[list[str], list[str]]) -> list[dict[str, Any]]:
    """Return the rows of parts of documents, and of near-duplicates."""
    parts = [
        {
            "document": names[one.side][one.document],
            "relation": "part",
            "of": names[1 - one.side][one.whole],
            "larger": names[one.side][one.larger],
            "place": one.place,
        }
        for one in parts_of(matching, matches_of(matching))
    ]
    copies = [
        {
            "document": names[one.side][one.document],
            "relation": "copy",
            "of": names[one.side][one.of],
            "similarity": one.similarity,
        }
        for one in copies_of(matching)
    ]
    return [*parts, *copies]


def _side(job: Job, translation: str | None) -> tuple[list[str], Sequence[str], list[Hint]]:
    """Return the documents of a translation, or the sources (None): their ids, texts, and what else is known."""
    documents = job.folder.open("documents", ["id", "translation", "url", "date", "canonical", "alternates", "place"])
    names: list[str] = []
    places: list[int] = []
    hints: list[Hint] = []
    for start in range(0, len(documents), ROWS_A_BATCH):
        for place, row in enumerate(documents.rows(start, start + ROWS_A_BATCH).to_pylist(), start):
            if row["translation"] == translation:
                names.append(row["id"])
                places.append(place)
                name = row["id"].removesuffix(f"@{translation}")
                alternates = tuple(row["alternates"] or ())
                address = row["place"] and place_address(row["place"])
                hints.append(Hint(name, row["url"], day_of(row["date"]), alternates, row["canonical"], address))
    return names, _StoredTexts(job.folder.open("documents", ["text"]), places), hints


class _StoredTexts(Sequence[str]):
    """The texts of some documents of a table, read from disk whenever they are asked for."""

    def __init__(self, table: StoredTable, places: list[int]) -> None:
        self._table, self._places = table, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, number: int) -> str: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[str]: ...

    def __getitem__(self, number: int | slice) -> str | Sequence[str]:
        if isinstance(number, slice):
            return _StoredTexts(self._table, self._places[number])
        place = self._places[number]
        return str(self._table.rows(place, place + 1)["text"][0].as_py())

    def __iter__(self) -> Iterator[str]:
        """Read the texts in their order, a batch of rows at a time."""
        wanted = iter(self._places)
        place = next(wanted, -1)
        for start in range(0, len(self._table), ROWS_A_BATCH):
            if not start <= place < start + ROWS_A_BATCH:
                continue
            texts = self._table.rows(start, start + ROWS_A_BATCH)["text"]
            while start <= place < start + ROWS_A_BATCH:
                yield str(texts[place - start].as_py())
                place = next(wanted, -1)


def _outlook(job: Job, name: str) -> str:
    return f"{len(job.documents.sources):,} sources with {len(job.documents.translations[name]):,} translations"


STAGE = Stage(
    name="match",
    parts=by_content,
    reads=lambda _job, _part: tables("documents"),
    settings=lambda job, name: [job.config.sources[0].lang, job.config.translation(name).lang],
    writes=lambda _job, name: [f"candidates/{name}.parquet", f"relations/{name}.parquet"],
    run=_run_match,
    outlook=_outlook,
)
