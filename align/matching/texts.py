"""Documents made ready to be matched: their sentences as tokens, and what each unit weighs in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qosmatin.align.threads import ALONE, Hands
from qosmatin.align.tokens import PUNCTUATION, SideTokens, tokenize_side
from qosmatin.corpus.languages import SPLITTER_LANGUAGES, primary_subtag
from qosmatin.corpus.splitting.segmenting import sentences_of

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_BOILERPLATE = 0.2
"""A line that stands in a larger share of a side's documents is no text of theirs."""

DOCUMENTS = 64
"""How many documents a worker is given at a time, to split."""

_FEWEST_REPEATS = 3
"""Documents in which a line must stand, however few there are, to be boilerplate."""


@dataclass(frozen=True, slots=True)
class SideReader:
    """Cuts the documents of a side into sentences, without the lines that many of them share."""

    texts: Sequence[str]
    lang: str | None
    shared: frozenset[int]

    @classmethod
    def of(cls, texts: Sequence[str], lang: str) -> SideReader:
        """Go through the texts and find what they share; a language that no splitter knows is cut at its lines."""
        # Hashes of lines, not lines: all of them together are the texts.
        counts = Counter(line for text in texts for line in {hash(line) for line in text.split("\n") if line.strip()})
        most = max(_FEWEST_REPEATS - 1, _BOILERPLATE * len(texts))
        known = primary_subtag(lang) in SPLITTER_LANGUAGES
        shared = frozenset(line for line, count in counts.items() if count > most)
        return cls(texts, lang if known else None, shared)

    def sentences(self, document: int) -> list[str]:
        """Return the sentences of a document."""
        return sentences_of(self.lang, self._own(self.texts[document]))

    def all_sentences(self, hands: Hands) -> Iterator[list[str]]:
        """Yield the sentences of each document, in order."""
        return (hands.elsewhere or map)(partial(sentences_of, self.lang), map(self._own, self.texts))

    def _own(self, text: str) -> str:
        """Return the lines of a text that are its own. (Hashes differ by process, so this is not done elsewhere.)"""
        return "\n".join(line for line in text.split("\n") if hash(line) not in self.shared)


@dataclass(frozen=True, slots=True)
class DocumentTexts:
    """All documents of a side, as what is counted of them; their texts are asked for again where they are needed.

    The sentences of document i are those from ``starts[i]`` to ``starts[i + 1]``; ``tokens`` knows all units and words,
    and not where they stand. The units of sentence k, each once, are ``units[unit_starts[k]:unit_starts[k + 1]]``.
    ``idf`` has the weight of each unit (0 for punctuation), ``terms`` its damped frequency in each document, 1 + ln tf
    [document, unit], punctuation left out. ``lengths`` are characters of sentences, ``document_lengths`` of documents;
    1 at least.
    """

    starts: IntArray
    tokens: SideTokens
    unit_starts: NDArray[np.int32] | IntArray
    units: NDArray[np.int32]
    idf: FloatArray
    terms: sparse.csr_matrix
    lengths: FloatArray
    document_lengths: FloatArray
    reader: SideReader

    @property
    def count(self) -> int:
        """How many documents there are."""
        return len(self.starts) - 1

    def sentences_of(self, document: int) -> list[str]:
        """Return the sentences of a document."""
        return self.reader.sentences(document)


def read_side(texts: Sequence[str], lang: str, hands: Hands = ALONE) -> DocumentTexts:
    """Split and weigh the documents of a side; lines that many of them share are left out.

    ``hands`` split them. The texts are gone through twice, and none is kept but by who gives them: a sequence may read
    them from disk.
    """
    reader = SideReader.of(texts, lang)
    sizes: list[int] = []

    def sentences() -> Iterator[str]:
        for document in reader.all_sentences(hands):
            sizes.append(len(document))
            yield from document

    tokens = tokenize_side(sentences())
    starts = np.cumsum([0, *sizes]).astype(np.int64)
    total, documents = int(starts[-1]), len(sizes)
    ones = np.ones(len(tokens.ids), dtype=np.float32)
    units = sparse.csr_matrix((ones, tokens.ids, tokens.starts), shape=(total, len(tokens.units)))
    units.sum_duplicates()
    members = sparse.csr_matrix((np.ones(total, dtype=np.float32), np.arange(total), starts), shape=(documents, total))
    counts = (members @ units).tocsr()
    seen = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log((documents + 1) / (seen + 0.5)).clip(0.0) * (tokens.kinds != PUNCTUATION)
    counts.data = 1.0 + np.log(counts.data)
    terms = (counts @ sparse.diags((tokens.kinds != PUNCTUATION).astype(np.float32))).tocsr()
    terms.eliminate_zeros()
    lengths = np.maximum(tokens.lengths.astype(np.float64), 1.0)
    nowhere = np.zeros(0, dtype=np.int32)
    return DocumentTexts(
        starts=starts,
        tokens=replace(tokens, ids=nowhere, starts=nowhere.astype(np.int64)),
        unit_starts=units.indptr,
        units=units.indices,
        idf=idf,
        terms=terms,
        lengths=lengths,
        document_lengths=np.maximum(np.asarray(members @ lengths).ravel(), 1.0),
        reader=reader,
    )
