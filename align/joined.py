"""Vectors of joined sentences, encoded where the vectors of single ones leave doubt.

What sentences say together is not the sum of what each says: in a sum "Yes." counts as much as the sentence behind it,
and neither half of a sentence says what the whole does. So once documents are searched, the texts of beads of several
sentences that are neither sure nor out of the question are encoded as one (vecalign, Thompson and Koehn 2019, does so
for all), and count as much as the sum. Then these documents are searched once more. What that brings is printed by
``python benchmarks/align.py --embeddings e5-small``, why by ``benchmarks/joined.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.model import join_sentences
from qosmatin.corpus.senses import Encode

from .embeddings import about, centres
from .evidence import Model, Texts
from .learning import SOFT_BEAD
from .moves import Corpus
from .sheets import Placed, searched_again
from .similarity import Joined, Matrix, Vectors, rows_as_dense

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_SURE = 1.0 - SOFT_BEAD
"""A bead more likely than this needs no second look; one less likely than ``SOFT_BEAD`` gets none."""

_SHARE = 0.5
"""How much the joined text counts in the cosine of a bead, beside the sum of its sentences."""

_BLOCK = 4096
"""Of how many beads, about, texts are encoded at a time: what is made of them is small."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of the doubtful beads of a document: first sentences, how many, and the text of those with several.

    ``first`` and ``count`` [bead] are counted over all documents, ``texts`` are as many as counts above one; ``middle``
    is that of the document's vectors, ``matrix`` has all sentences' vectors about it.
    """

    first: IntArray
    count: IntArray
    texts: list[str]
    middle: FloatArray
    matrix: Matrix

    def compared(self, rows: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
        """Return of each bead the sum of its sentences' vectors and the vector of its text, both of length one."""
        spans = zip(self.first.tolist(), self.count.tolist(), strict=True)
        sums = np.stack([rows_as_dense(self.matrix, np.arange(i, i + m)).sum(axis=0) for i, m in spans])
        sums = about(sums, np.zeros(sums.shape[1]))
        joined = sums.copy()
        if self.texts:
            joined[self.count > 1] = about(np.stack([rows[text] for text in self.texts]), self.middle)
        return sums, joined


def with_joined(
    corpus: Corpus, documents: Sequence[Placed], model: Model, encode: Encode
) -> tuple[list[Placed], Texts]:
    """Return documents searched again with the joined texts of doubtful beads as evidence, and texts that have it.

    ``corpus.texts`` are in the order of the documents, the vectors of their sentences last. Raises ``InputError`` when
    ``encode`` gives vectors of another length.
    """
    (*others, vectors) = corpus.texts.vectors
    beads, gains = [np.zeros((0, 4), dtype=np.int64)], [np.zeros(0)]
    for block in _blocks(corpus, documents, vectors):
        rows = _encoded((text for _, *sides in block for side in sides for text in side.texts), encode, vectors)
        for found, source, target in block:
            (sums_s, joined_s), (sums_t, joined_t) = source.compared(rows), target.compared(rows)
            known = sums_s.any(axis=1) & sums_t.any(axis=1)
            beads.append(found)
            gains.append(_SHARE * known * ((joined_s * joined_t).sum(axis=1) - (sums_s * sums_t).sum(axis=1)))
    order = np.argsort(np.concatenate(beads)[:, 0], kind="stable")
    joined = Joined(np.concatenate(beads)[order], np.concatenate(gains)[order])
    texts = replace(corpus.texts, vectors=(*others, replace(vectors, joined=joined)))
    return list(_searched(corpus, documents, texts, model, joined)), texts


def _searched(
    corpus: Corpus, documents: Sequence[Placed], texts: Texts, model: Model, joined: Joined
) -> Iterator[Placed]:
    """Yield all documents, those of which more is known now searched again."""
    edges = np.searchsorted(joined.beads[:, 0], [source for source, _ in corpus.ranges])
    touched = (edges[:, 1] > edges[:, 0]).tolist()
    again = partial(searched_again, texts=texts, model=model, settings=corpus.settings)
    found = corpus.hands.on_documents(again, [one for one, new in zip(documents, touched, strict=True) if new])
    for document, new in zip(documents, touched, strict=True):
        yield next(found) if new else document


def _blocks(
    corpus: Corpus, documents: Sequence[Placed], vectors: Vectors
) -> Iterator[list[tuple[IntArray, _Side, _Side]]]:
    """Yield the doubtful beads of documents [bead, 4] with both their sides, those of several documents together."""
    middles = [centres([task.vectors[side] for task in corpus.tasks if task.vectors]) for side in (0, 1)]
    block: list[tuple[IntArray, _Side, _Side]] = []
    for task, placed, (source, target), *own in zip(corpus.tasks, documents, corpus.ranges, *middles, strict=True):
        beads = _doubtful(placed)
        if len(beads):
            there = [task.target[sentence] for sentence in placed.order.tolist()]
            i, j, m, n = beads.T
            ours = _Side(i, m, _texts(task.source, i - source[0], m), own[0], vectors.source)
            theirs = _Side(j, n, _texts(there, j - target[0], n), own[1], vectors.target)
            block.append((beads, ours, theirs))
        if sum(len(beads) for beads, _, _ in block) >= _BLOCK:
            yield block
            block = []
    if block:
        yield block


def _doubtful(placed: Placed) -> IntArray:
    """Return the beads of a document [bead, 4] that have more than two sentences and are neither sure nor unlikely."""
    parts = [np.zeros((0, 4), dtype=np.int64)]
    for soft in (one.soft for one in placed.found):
        sizes = np.ptp(soft.source, axis=1), np.ptp(soft.target, axis=1)
        some = (soft.weights < _SURE) & (sizes[0] + sizes[1] > 2)
        parts.append(np.column_stack([soft.source[:, 0], soft.target[:, 0], *sizes])[some])
    return np.concatenate(parts)


def _texts(sentences: Sequence[str], first: IntArray, count: IntArray) -> list[str]:
    """Return the joined sentences of beads that have several."""
    spans = zip(first.tolist(), count.tolist(), strict=True)
    return [join_sentences(sentences[i : i + m]) for i, m in spans if m > 1]


def _encoded(texts: Iterable[str], encode: Encode, vectors: Vectors) -> dict[str, FloatArray]:
    """Return the vector of each distinct text."""
    distinct = list(dict.fromkeys(texts))
    rows = np.asarray(encode(distinct), dtype=np.float64)
    width = rows_as_dense(vectors.source, np.zeros(0, dtype=np.int64)).shape[1]
    if rows.shape != (len(distinct), width):
        raise InputError(f"encode gives an array {rows.shape} for {len(distinct)} texts; vectors have {width} numbers")
    return dict(zip(distinct, rows, strict=True))
