"""What stands before a pair in its document, as columns of the pair (``publish.context``).

A context is made of the pairs before, refused ones and sentences without a counterpart too, since a document is read
with all of its sentences. It never reaches over what the pair's config may not hold: work of another origin, and in
training what is kept from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qosmatin.corpus.storage.pairs import PairBatch

from .leaks import Leak
from .rows import CONTEXT_COLUMNS
from .writing import origin

FindLeaks = Callable[[Sequence[str], Sequence[str]], Sequence[Leak | None]]
"""Says of texts (sources, targets) which pairs may not be in training."""


def held_back(batch: PairBatch, split_of: Callable[[str], str], leaks: FindLeaks) -> list[Leak | None]:
    """Return for each pair of training, null ones too, why it may not be there; None for all others."""
    documents = batch.table["source_document"].combine_chunks().dictionary_encode()
    trained = pa.array([split_of(str(name)) == "train" for name in documents.dictionary.to_pylist()], pa.bool_())
    rows = np.flatnonzero(trained.take(documents.indices).to_numpy(zero_copy_only=False))
    some = replace(batch, table=batch.table.take(rows))
    found: list[Leak | None] = [None] * len(batch)
    for row, leak in zip(rows.tolist(), leaks(some.texts("source"), some.texts("target")), strict=True):
        found[row] = leak
    return found


def add_context(batch: PairBatch, pairs: int, barred: Sequence[bool]) -> PairBatch:
    """Add for each pair the texts of up to so many pairs before it, a column for each side.

    Both lists of a pair are of one length, so that they can be read side by side; a side without a counterpart is
    empty. A pair that is ``barred`` is part of no context, and no context reaches over it.
    """
    firsts = _first_rows(batch, np.asarray(barred, dtype=bool))
    places = np.arange(len(batch))
    lengths = np.minimum(places - firsts, pairs)
    ends = np.cumsum(lengths)
    rows = np.arange(int(lengths.sum())) + np.repeat(places - ends, lengths)
    offsets = pa.array(np.concatenate(([0], ends)), pa.int32())
    table = batch.table
    for name, side in zip(CONTEXT_COLUMNS, ("source", "target"), strict=True):
        texts = table[f"{side}_text"].combine_chunks().take(pa.array(rows))
        table = table.append_column(name, pa.ListArray.from_arrays(offsets, texts))
    return replace(batch, table=table)


def _first_rows(batch: PairBatch, barred: NDArray[Any]) -> NDArray[Any]:
    """Return for each row the first row that its context may begin with; the row itself where there is none."""
    origins = pa.array([origin(one) == "machine" for one in batch.provenances], pa.bool_())
    documents = batch.table["source_document"].combine_chunks().dictionary_encode().indices.to_numpy()
    machine = batch.by_provenance(origins.to_pylist(), pa.bool_()).to_numpy(zero_copy_only=False)
    begins = np.ones(len(batch), dtype=bool)
    begins[1:] = (documents[1:] != documents[:-1]) | (machine[1:] != machine[:-1]) | barred[:-1]
    firsts: NDArray[Any] = np.maximum.accumulate(np.where(begins, np.arange(len(batch)), 0))
    return firsts
