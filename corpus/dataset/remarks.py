"""What stands against a pair that is published all the same: what filters had against it, and what people flagged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from qosmatin.corpus.decisions import Flag, place_decisions, said_at
from qosmatin.corpus.model import Anchor, Decision, Range, SplitDocument
from qosmatin.corpus.storage.pairs import PairBatch
from qosmatin.corpus.storage.view import CorpusView

from .rows import REMARK_COLUMNS


def flags_from_table(flags: pa.Table) -> list[Flag]:
    """Return the rows of the table of flags."""
    return [
        Flag(**{**row, "anchors": tuple(Anchor(**anchor) for anchor in row["anchors"])}) for row in flags.to_pylist()
    ]


def find_flags(view: CorpusView, translation: str, flags: Iterable[Flag]) -> tuple[dict[str, Flag], int]:
    """Return the flag of each pair of a translation that has one, and how many flags lost their place.

    A flag finds its pair by the id, or else by what its anchors quote; of several on a pair the newest stands.
    """
    targets = dict(view.document_pairs(translation))
    by_source: dict[str, list[Flag]] = defaultdict(list)
    for flag in sorted(flags, key=said_at):
        sides = {anchor.side: anchor.document for anchor in flag.anchors}
        if "source" in sides and targets.get(sides["source"]) == sides.get("target"):
            by_source[sides["source"]].append(flag)
    found: dict[str, Flag] = {}
    lost = 0
    for name, rows in view.beads_by_document(translation, by_source).items():
        source, target = view.document(name), view.document(targets[name])
        ids = {pair.id for _, pair in rows}
        places = {(pair.source_spans, pair.target_spans): pair.id for _, pair in rows}
        for flag in by_source[name]:
            pair = flag.pair_id if flag.pair_id in ids else _pair_at(flag, source, target, places)
            if pair is None:
                lost += 1
            else:
                found[pair] = flag
    return found, lost


_Spans = tuple[Range, ...]
_Places = Mapping[tuple[_Spans, _Spans], str]


def _pair_at(flag: Flag, source: SplitDocument, target: SplitDocument, places: _Places) -> str | None:
    """Return the pair that stands exactly where a flag's anchors point."""
    decision = Decision(flag.pair_id, flag.anchors, operation="accept", value=None, reviewer=flag.reviewer, at=flag.at)
    placed, _ = place_decisions([decision], source, target)
    if not placed:
        return None
    return places.get((_spans(source, placed[0].source), _spans(target, placed[0].target)))


def _spans(document: SplitDocument, sentences: Range) -> _Spans:
    return tuple((one.start, one.end) for one in document.sentences[slice(*sentences)])


class Remarks:
    """The columns that say what stands against a pair (``REMARK_COLUMNS``)."""

    def __init__(self, overruled: Sequence[Mapping[str, str]], flags: Mapping[str, Flag]) -> None:
        """``overruled`` are rows of the table of that name; ``flags`` are by pair."""
        self._filters: dict[str, list[str]] = defaultdict(list)
        for row in overruled:
            self._filters[row["pair_id"]].append(row["filter"])
        self._flags = flags

    def add(self, batch: PairBatch) -> PairBatch:
        """Return pairs with the columns; null where nothing stands against a pair."""
        ids = [str(name) for name in batch.table["id"].to_pylist()]
        flags = [self._flags.get(name) for name in ids]
        values: list[list[str | None]] = [
            [", ".join(self._filters[name]) if name in self._filters else None for name in ids],
            [None if flag is None else flag.category for flag in flags],
            [None if flag is None else flag.severity for flag in flags],
            [None if flag is None else flag.comment for flag in flags],
        ]
        table = batch.table
        for name, column in zip(REMARK_COLUMNS, values, strict=True):
            table = table.append_column(name, pa.array(column, pa.string()))
        return replace(batch, table=table)
