"""Pairs by the thousand: the join of documents, sentences, beads and decisions, as Arrow columns.

A row of a million costs a tenth in columns of what it costs as an object; ``PairBatch.pairs`` makes objects of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import Decision, Pair, Provenance, Range, ReviewStatus, pair_id

STATUS: dict[str, ReviewStatus] = {
    "accept": "accepted", "edit": "post-edited", "reject": "rejected", "replace": "unreviewed"
}  # fmt: skip
"""What becomes of a pair by each operation of a reviewer."""

Provenances = tuple[Provenance, Provenance]
"""Of a source and of a target text."""

_SPANS: Any = pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64())]))


@dataclass(frozen=True, slots=True)
class SideColumns:
    """One side of an aligned document: its sentences' texts and spans (character offsets), in order.

    ``apart`` are the sentences, by index, that are of another provenance than the document: what a memory has nearly.

    What ``SplitDocument`` is for one document at a time, this is for all of a corpus (see there why there are two).
    """

    document: str
    provenance: Provenance
    texts: pa.Array[Any]
    starts: pa.Array[Any]
    ends: pa.Array[Any]
    apart: Mapping[int, Provenance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlignedColumns:
    """An aligned document as columns.

    ``beads`` is a slice of the table of beads; ``decided`` has the decisions in force by the sentence ranges (source,
    target) of the bead that they speak of.
    """

    source: SideColumns
    target: SideColumns
    beads: pa.Table
    decided: Mapping[tuple[Range, Range], Decision] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PairBatch:
    """Pairs of one translation, null beads too, in the order of the tables.

    The columns of ``table`` are those of ``Pair``; ``source_start`` and ``source_end`` are the range of source
    sentences, ``target_start`` and ``target_end`` that of the translation's, and ``provenance`` is a row's place in
    ``provenances``.
    """

    translation: str
    table: pa.Table
    provenances: Sequence[Provenances]

    def __len__(self) -> int:
        return len(self.table)

    def where(self, mask: Any) -> PairBatch:
        """Return the rows for which ``mask`` (an array of truth values) holds."""
        return self if pc.all(mask).as_py() else replace(self, table=self.table.filter(mask))

    def judged(self, quality: pa.Table) -> PairBatch:
        """Return the pairs with what rows of the table ``quality`` say of them, in the column of that name."""
        at = pc.index_in(self.table["id"], quality["pair_id"].combine_chunks())
        column = self.table.schema.get_field_index("quality")
        return replace(self, table=self.table.set_column(column, "quality", quality["quality"].take(at)))

    def texts(self, side: str) -> list[str]:
        """Return the texts of a side (``source`` or ``target``)."""
        return [str(text) for text in self.table[f"{side}_text"].to_pylist()]

    def by_provenance(self, values: Sequence[Any], of_type: Any) -> pa.Array[Any]:
        """Return a column of what ``values`` says of each of the ``provenances``."""
        column: pa.Array[Any] = pa.array(values, of_type).take(self.table["provenance"].combine_chunks())
        return column

    def count_provenances(self) -> Iterator[tuple[Provenances, int]]:
        """Yield the provenances that rows have, with the number of these rows."""
        counts = np.bincount(self.table["provenance"].to_numpy(), minlength=len(self.provenances))
        return ((of_both, count) for of_both, count in zip(self.provenances, counts.tolist(), strict=True) if count)

    def pairs(self) -> Iterator[Pair]:
        """Yield the rows as ``Pair`` objects."""
        plain = [self.table[name].to_pylist() for name in _PLAIN]
        spans = [_span_tuples(self.table[name].combine_chunks()) for name in ("source_spans", "target_spans")]
        for place, source_spans, target_spans, *values in zip(
            self.table["provenance"].to_pylist(), *spans, *plain, strict=True
        ):
            source, target = self.provenances[place]
            yield Pair(
                translation=self.translation,
                source_spans=source_spans,
                target_spans=target_spans,
                source_provenance=source,
                target_provenance=target,
                **dict(zip(_PLAIN, values, strict=True)),
            )


_PLAIN = (
    "id", "source_document", "target_document", "position", "source_text", "target_text", "shape", "confidence",
    "aligner", "status", "reviewed_at", "reviewer", "quality",
)  # fmt: skip


def _span_tuples(spans: Any) -> list[tuple[Range, ...]]:
    starts, ends = (column.to_pylist() for column in spans.flatten().flatten())
    offsets = (spans.offsets.to_numpy() - spans.offsets[0].as_py()).tolist()
    flat = list(zip(starts, ends, strict=True))
    return [tuple(flat[low:high]) for low, high in pairwise(offsets)]


def pair_batch(translation: str, documents: Sequence[AlignedColumns]) -> PairBatch:
    """Join aligned documents of one translation to pairs.

    Raises ``InputError`` where beads do not cover the sentences of a document: then the tables do not belong together.
    """
    beads = pa.concat_tables([one.beads for one in documents])
    sizes = np.array([len(one.beads) for one in documents])
    ranges = {name: beads[name].to_numpy() for name in _RANGES}
    columns: dict[str, Any] = {}
    for side in ("source", "target"):
        sides = [one.source if side == "source" else one.target for one in documents]
        counts = ranges[f"{side}_end"] - ranges[f"{side}_start"]
        _check_cover(sides, counts, sizes)
        columns |= _side_columns(side, sides, _sentences(ranges[f"{side}_start"], counts, sides, sizes), counts)
        columns[f"{side}_document"] = _repeat([one.document for one in sides], sizes)
        columns[f"{side}_count"] = counts
    total = len(beads)
    shapes = np.char.add(
        np.char.add(columns.pop("source_count").astype("U6"), "-"), columns.pop("target_count").astype("U6")
    )
    columns |= {
        "id": _ids(documents, columns["source_text"].to_pylist(), columns["target_text"].to_pylist()),
        "position": np.arange(total) - np.repeat(np.cumsum(sizes) - sizes, sizes),
        "shape": pa.array(shapes.tolist(), pa.string()),
        "confidence": beads["confidence"],
        "aligner": beads["aligner"],
        "status": pa.repeat(pa.scalar("unreviewed"), total),
        "reviewed_at": pa.nulls(total, pa.string()),
        "reviewer": pa.nulls(total, pa.string()),
        "quality": pa.nulls(total, pa.float64()),
        "source_start": ranges["source_start"],
        "source_end": ranges["source_end"],
        "target_start": ranges["target_start"],
        "target_end": ranges["target_end"],
        "provenance": np.repeat(np.arange(len(documents), dtype=np.int32), sizes),
    }
    provenances = [(one.source.provenance, one.target.provenance) for one in documents]
    _set_apart(documents, ranges, columns["provenance"], provenances)
    if any(one.decided for one in documents):
        _obey(documents, ranges, columns, provenances)
    return PairBatch(translation, pa.table(columns), provenances)


_RANGES = ("source_start", "source_end", "target_start", "target_end")


def _check_cover(sides: Sequence[SideColumns], counts: NDArray[Any], sizes: NDArray[Any]) -> None:
    of_document = np.add.reduceat(counts, np.cumsum(sizes) - sizes)
    for side, count in zip(sides, of_document, strict=True):
        if count != len(side.texts):
            raise InputError(
                f"document {side.document}: its beads hold {count} sentences, its text has {len(side.texts)}; "
                "the tables do not belong together: run `qosmatin run`"
            )


def _sentences(
    first: NDArray[Any], counts: NDArray[Any], sides: Sequence[SideColumns], sizes: NDArray[Any]
) -> NDArray[Any] | None:
    """Return the sentences of all beads in their order, counted over all documents; None where they rise.

    ``first`` is the first sentence of each bead, ``counts`` how many it has, ``sizes`` the beads of each document.
    Where paragraphs moved, the targets do not rise.
    """
    before = np.cumsum([0, *(len(one.texts) for one in sides[:-1])])
    ends = np.cumsum(counts)
    at = np.repeat(first + np.repeat(before, sizes) - ends + counts, counts) + np.arange(int(counts.sum()))
    return None if (at == np.arange(len(at))).all() else at


def _side_columns(
    side: str, sides: Sequence[SideColumns], order: NDArray[Any] | None, counts: NDArray[Any]
) -> dict[str, Any]:
    """Return texts and spans of one side, whose sentences the beads have in this order."""
    offsets = pa.array(np.concatenate(([0], np.cumsum(counts))), pa.int32())
    texts, starts, ends = (
        pa.concat_arrays(list(parts)) if order is None else pa.concat_arrays(list(parts)).take(pa.array(order))
        for parts in zip(*((one.texts, one.starts, one.ends) for one in sides), strict=True)
    )
    spans = pa.StructArray.from_arrays([starts, ends], fields=list(_SPANS.value_type))
    return {
        # As `join_sentences` does it.
        f"{side}_text": pc.binary_join(pa.ListArray.from_arrays(offsets, texts), " "),
        f"{side}_spans": pa.ListArray.from_arrays(offsets, spans, type=_SPANS),
    }


def _repeat(values: Sequence[str], sizes: NDArray[Any]) -> pa.Array[Any]:
    return pa.array(values, pa.string()).take(np.repeat(np.arange(len(values)), sizes))


def _ids(documents: Sequence[AlignedColumns], sources: list[str], targets: list[str]) -> pa.Array[Any]:
    found = []
    texts = zip(sources, targets, strict=True)
    for one in documents:
        seen: dict[tuple[str, str], int] = {}
        names = one.source.document, one.target.document
        for _ in range(len(one.beads)):
            pair = next(texts)
            earlier = seen[pair] = seen.get(pair, -1) + 1
            found.append(pair_id(*names, *pair, earlier))
    return pa.array(found, pa.string())


def _set_apart(
    documents: Sequence[AlignedColumns],
    ranges: Mapping[str, NDArray[Any]],
    places: NDArray[Any],
    known: list[Provenances],
) -> None:
    """Give a pair the provenance of a sentence in its translation that has one of its own, of several the last's."""
    end = 0
    for one in documents:
        start, end = end, end + len(one.beads)
        of_both: dict[Provenance, int] = {}
        for row in range(start, end) if one.target.apart else ():
            sentences = range(int(ranges["target_start"][row]), int(ranges["target_end"][row]))
            for apart in (one.target.apart[at] for at in sentences if at in one.target.apart):
                if apart not in of_both:
                    of_both[apart] = len(known)
                    known.append((one.source.provenance, apart))
                places[row] = of_both[apart]


def _obey(
    documents: Sequence[AlignedColumns],
    ranges: Mapping[str, NDArray[Any]],
    columns: dict[str, Any],
    provenances: list[Provenances],
) -> None:
    """Put what people decided into the columns; an edited text gets a provenance of its own.

    What becomes of a pair is what the review makes of its row (``review.editing.confirming.confirmed_with``). It stands
    here a second time because a row of a million is too dear as an object; a property test holds the two together.
    """
    changed = ("source_text", "target_text", "status", "reviewed_at", "reviewer")
    lists: dict[str, list[Any]] = {name: columns[name].to_pylist() for name in changed}
    end = 0
    for one in documents:
        start, end = end, end + len(one.beads)
        for row in range(start, end) if one.decided else ():
            source, target, first, last = (int(ranges[name][row]) for name in _RANGES)
            decision = one.decided.get(((source, target), (first, last)))
            if decision is None:
                continue
            lists["status"][row] = STATUS[decision.operation]
            lists["reviewed_at"][row], lists["reviewer"][row] = decision.at, decision.reviewer
            if not decision.edits:
                continue
            edited = _edit(decision, one, lists, row, provenances[columns["provenance"][row]])
            if edited is None:
                lists["status"][row] = STATUS["accept" if decision.confirms else "replace"]
                continue
            columns["provenance"][row] = len(provenances)
            provenances.append(edited)
    columns |= {name: pa.array(values, pa.string()) for name, values in lists.items()}


def _edit(
    decision: Decision, of: AlignedColumns, lists: dict[str, list[Any]], row: int, provenances: Provenances
) -> Provenances | None:
    """Put an edit's texts in their places; returns the provenance of what a person mended, None if nothing was.

    A text that is as the machine made it (now, where an engine has learnt better) is no edit.
    """
    sides = list(provenances)
    values = (decision.source_value, decision.value)
    is_edited = False
    for number, (side, document) in enumerate((("source", of.source.document), ("target", of.target.document))):
        if values[number] not in (None, lists[f"{side}_text"][row]):
            is_edited = True
            lists[f"{side}_text"][row] = values[number]
            sides[number] = mended(sides[number], document)
    return (sides[0], sides[1]) if is_edited else None


def mended(provenance: Provenance, document: str) -> Provenance:
    """Return the provenance of a text of ``document`` that a person edited: a machine's becomes post-edited.

    A human's or an author's text that another person corrects stays what it was.
    """
    return replace(provenance, kind="post-edited", of=document) if provenance.kind == "machine" else provenance
