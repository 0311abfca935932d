"""Documents made ready to be matched: their sentences as tokens, and what each unit weighs in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qosmatin.align.tokens import PUNCTUATION, SideTokens, tokenize_side
from qosmatin.corpus.languages import SPLITTER_LANGUAGES, primary_subtag
from qosmatin.corpus.splitting.segmenting import segment

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_BOILERPLATE = 0.2
"""A line that stands in a larger share of a side's documents is no text of theirs."""

_FEWEST_REPEATS = 3
"""Documents in which a line must stand, however few there are, to be boilerplate."""


@dataclass(frozen=True, slots=True)
class DocumentTexts:
    """All documents of a side.

    The sentences of document i are ``sentences[starts[i]:starts[i + 1]]``; ``tokens`` are those of all sentences.
    ``units`` counts them [sentence, unit]. ``idf`` has
    the weight of each unit (0 for punctuation), ``terms`` its damped frequency in each document, 1 + ln tf [document,
    unit], punctuation left out. ``lengths`` are characters of sentences, ``document_lengths`` of documents; 1 at least.
    """

    sentences: list[str]
    starts: IntArray
    tokens: SideTokens
    units: sparse.csr_matrix
    idf: FloatArray
    terms: sparse.csr_matrix
    lengths: FloatArray
    document_lengths: FloatArray

    @property
    def count(self) -> int:
        """How many documents there are."""
        return len(self.starts) - 1

    def sentences_of(self, document: int) -> list[str]:
        """Return the sentences of a document."""
        return self.sentences[self.starts[document] : self.starts[document + 1]]


def read_side(texts: Sequence[str], lang: str) -> DocumentTexts:
    """Split and weigh the documents of a side; lines that many of them share are left out."""
    known = primary_subtag(lang) in SPLITTER_LANGUAGES
    documents = [_sentences(text, lang if known else None) for text in _without_boilerplate(texts)]
    sentences = [sentence for document in documents for sentence in document]
    starts = np.cumsum([0, *map(len, documents)]).astype(np.int64)
    tokens = tokenize_side(sentences)
    rows = np.repeat(np.arange(len(sentences)), np.diff(tokens.starts))
    ones = np.ones(len(tokens.ids), dtype=np.float32)
    units = sparse.csr_matrix((ones, (rows, tokens.ids)), shape=(len(sentences), len(tokens.units)))
    owners = np.repeat(np.arange(len(documents)), np.diff(starts))
    members = sparse.csr_matrix(
        (np.ones(len(sentences), dtype=np.float32), (owners, np.arange(len(sentences)))),
        shape=(len(documents), len(sentences)),
    )
    counts = (members @ units).tocsr()
    seen = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log((len(documents) + 1) / (seen + 0.5)).clip(0.0) * (tokens.kinds != PUNCTUATION)
    counts.data = 1.0 + np.log(counts.data)
    terms = (counts @ sparse.diags((tokens.kinds != PUNCTUATION).astype(np.float32))).tocsr()
    terms.eliminate_zeros()
    lengths = np.maximum(tokens.lengths.astype(np.float64), 1.0)
    return DocumentTexts(
        sentences=sentences,
        starts=starts,
        tokens=tokens,
        units=units,
        idf=idf,
        terms=terms,
        lengths=lengths,
        document_lengths=np.maximum(np.asarray(members @ lengths).ravel(), 1.0),
    )


def _sentences(text: str, lang: str | None) -> list[str]:
    """Return the sentences of a text; a language that the splitter does not know is cut at its lines."""
    if lang is None:
        return [line.strip() for line in text.split("\n") if line.strip()]
    return list(segment(text, lang).texts)


def _without_boilerplate(texts: Sequence[str]) -> list[str]:
    """Return the texts without the lines that every page carries."""
    lines = [text.split("\n") for text in texts]
    counts = Counter(line for document in lines for line in set(document) if line.strip())
    most = max(_FEWEST_REPEATS - 1, _BOILERPLATE * len(texts))
    return ["\n".join(line for line in document if counts[line] <= most) for document in lines]
