"""Scores of single segments, row by row: what the score stage measured of each pair's translation.

Scores are of segments: the finest stretches of the source on whose ends the alignments of a translation and its
reference agree. A segment may hold several pairs; each of them then has the segment's score, and its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qosmatin.corpus.storage.pairs import PairBatch

# `document:first-last`, source sentences counted from 1 (see `qosmatin.eval.groups`).
_SEGMENT = r"^(?P<document>.*):(?P<first>\d+)-(?P<last>\d+)$"


@dataclass(frozen=True, slots=True)
class _Series:
    """The scores of one metric against one reference, by document and first sentence."""

    reference: str
    metric: str
    keys: NDArray[np.int64]
    ends: NDArray[np.int64]
    scores: NDArray[np.float64]
    segments: pa.Array[Any]

    def find(self, keys: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the place of the segment that holds each pair (key of its first sentence, sentences), or -1."""
        at = np.searchsorted(self.keys, keys, "right") - 1
        near = np.maximum(at, 0)
        same = (self.keys[near] >> 32) == (keys >> 32)
        inside = (keys & 0xFFFFFFFF) + lengths <= self.ends[near]
        return np.where((at >= 0) & same & inside, at, -1)

    def rows(self, places: NDArray[np.int64], kinds: Mapping[str, str]) -> pa.Table:
        """Return the scores at these places as rows."""
        count = len(places)
        columns: dict[str, Any] = {
            "metric": pa.repeat(pa.scalar(self.metric), count),
            "score": self.scores[places],
            "reference": pa.repeat(pa.scalar(self.reference), count),
            "reference_kind": pa.repeat(pa.scalar(kinds.get(self.reference), pa.string()), count),
            "segment": self.segments.take(places),
        }
        return pa.table(columns, schema=_ITEMS)


class SegmentScores:
    """The segment scores of one translation."""

    def __init__(self, scores: pa.Table, translation: str, kinds: Mapping[str, str]) -> None:
        """``scores`` is the table of that name; ``kinds`` maps translations to who made them."""
        mine = scores.filter(pc.equal(scores["hypothesis"], pa.scalar(translation)))
        extracted: Any = pc.extract_regex(mine["group"], _SEGMENT)
        places: Any = extracted.combine_chunks()
        mine = mine.append_column("place", places).filter(pc.is_valid(places))
        places = mine["place"].combine_chunks()
        documents = places.field("document").dictionary_encode()
        self._documents = documents.dictionary
        self._kinds = kinds
        columns = {
            "key": _key(documents.indices.to_numpy(), places.field("first").cast(pa.int64()).to_numpy() - 1),
            "end": places.field("last").cast(pa.int64()).to_numpy(),
        }
        named = mine.group_by(["reference", "metric"]).aggregate([]).to_pylist()
        self._series = [
            _series(mine, columns, *name)
            for name in sorted({(str(row["reference"]), str(row["metric"])) for row in named})
        ]

    def add(self, batch: PairBatch) -> PairBatch:
        """Return pairs with a column ``scores``; null where nothing was measured, or a person changed the text."""
        table = batch.table
        codes: Any = pc.index_in(table["source_document"], value_set=self._documents)
        known = pc.is_valid(codes).to_numpy()
        starts, ends = table["source_start"].to_numpy(), table["source_end"].to_numpy()
        keys = _key(pc.fill_null(codes, 0).to_numpy(), starts)
        measured = known & (starts < ends) & pc.not_equal(table["status"], pa.scalar("post-edited")).to_numpy()
        found = [one.find(keys, ends - starts) for one in self._series]
        places = np.array([np.where(measured, one, -1) for one in found], dtype=np.int64).reshape(-1, len(table)).T
        return replace(batch, table=table.append_column("scores", self._lists(places)))

    def _lists(self, places: NDArray[np.int64]) -> pa.Array[Any]:
        """Return a list of scores for each row: ``places`` has by row and series the place in the series or -1."""
        which = [np.flatnonzero(column >= 0) for column in places.T]
        parts = [
            one.rows(places[rows, number], self._kinds)
            for number, (one, rows) in enumerate(zip(self._series, which, strict=True))
        ]
        items = pa.concat_tables(parts) if parts else _ITEMS.empty_table()
        order = np.argsort(np.concatenate([*which, np.empty(0, dtype=np.int64)]), kind="stable")
        counts = (places >= 0).sum(axis=1)
        offsets = np.concatenate(([0], np.cumsum(counts)))
        # A null offset makes a null list.
        starts = pa.array(offsets, pa.int32(), mask=np.concatenate((counts == 0, [False])))
        structs: Any = items.take(order).to_struct_array().combine_chunks()
        return pa.ListArray.from_arrays(starts, structs if len(items) else pa.array([], pa.struct(list(_ITEMS))))


_TYPES: dict[str, pa.DataType] = {
    **dict.fromkeys(("metric", "reference", "reference_kind", "segment"), pa.string()),
    "score": pa.float64(),
}

_ITEMS = pa.schema(
    [pa.field(name, _TYPES[name]) for name in ("metric", "score", "reference", "reference_kind", "segment")]
)


def _key(documents: NDArray[Any], sentences: NDArray[Any]) -> NDArray[np.int64]:
    """Return numbers that sort by document and sentence."""
    keys: NDArray[np.int64] = (documents.astype(np.int64) << 32) + sentences
    return keys


def _series(table: pa.Table, columns: Mapping[str, NDArray[Any]], reference: str, metric: str) -> _Series:
    of_reference, of_metric = (
        pc.equal(table[name], pa.scalar(value)).to_numpy()
        for name, value in (("reference", reference), ("metric", metric))
    )
    rows = np.flatnonzero(of_reference & of_metric)
    rows = rows[np.argsort(columns["key"][rows], kind="stable")]
    picked = table.select(["score", "group"]).take(rows)
    return _Series(
        reference,
        metric,
        keys=columns["key"][rows],
        ends=columns["end"][rows],
        scores=picked["score"].to_numpy(),
        segments=picked["group"].combine_chunks(),
    )
