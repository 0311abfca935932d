"""Filters that remember: exact repeats, near-duplicates, and sentences that every page carries."""

from __future__ import annotations

import hashlib
import zlib
from typing import Literal

import numpy as np
from pydantic import Field

from qosmatin.corpus.model import Pair

from .base import Filter, PairCheck
from .signatures import Signatures


class RepeatedFilter(Filter):
    """Refuses every pair after the first of the same two texts in the same translation."""

    name: Literal["repeated"]

    def check(self, source_lang: str, target_lang: str) -> PairCheck:
        """Return a check that has seen nothing yet."""
        del source_lang, target_lang
        seen: dict[bytes, str] = {}

        def reason(pair: Pair) -> str | None:
            first = seen.setdefault(_digest(pair.source_text, pair.target_text), pair.id)
            return None if first == pair.id else f"repeats pair {first}"

        return reason


def _digest(*texts: str) -> bytes:
    """Return what is remembered of texts: as good as they are, and a tenth of them."""
    sizes = ",".join(str(len(text)) for text in texts)
    return hashlib.blake2b("\0".join([sizes, *texts]).encode("utf-8", "surrogatepass"), digest_size=16).digest()


class NearDuplicateFilter(Filter):
    """Refuses every pair after the first of nearly the same texts, by MinHash (Broder 1997).

    Two pairs are near-duplicates when the estimated Jaccard similarity of their word trigrams, both sides taken
    together, is at least ``min_similarity``. Pairs of fewer than ``min_words`` words on both sides together pass.
    """

    name: Literal["near-duplicate"]
    min_similarity: float = Field(0.8, gt=0, lt=1)
    min_words: int = Field(10, ge=1)

    def check(self, source_lang: str, target_lang: str) -> PairCheck:
        """Return a check that has seen nothing yet."""
        del source_lang, target_lang
        from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - brings scipy, which takes a second to load

        empty = MinHash(num_perm=128, hashfunc=zlib.crc32)
        # The bands only propose: they should rather propose too many than miss one.
        seen = Signatures(MinHashLSH(threshold=self.min_similarity, num_perm=128, weights=(0.1, 0.9)).hashranges)

        def reason(pair: Pair) -> str | None:
            grams = [*word_ngrams(pair.source_text), *word_ngrams(pair.target_text)]
            if len(pair.source_text.split()) + len(pair.target_text.split()) < self.min_words:
                return None
            hashed = empty.copy()
            hashed.update_batch([gram.encode() for gram in grams])
            signature = hashed.hashvalues.astype(np.uint32, copy=False)
            similarity, first = seen.nearest(signature)
            if similarity >= self.min_similarity:
                return f"nearly repeats pair {first} (similarity {similarity:.2f})"
            seen.add(pair.id, signature)
            return None

        return reason


def word_ngrams(text: str, size: int = 3) -> set[str]:
    """Return the runs of ``size`` casefolded words; of a shorter text, the text itself."""
    words = text.casefold().split()
    return {" ".join(words[at : at + size]) for at in range(max(len(words) - size + 1, 1))}


class BoilerplateFilter(Filter):
    """Refuses a source text once it has stood in more than ``max_documents`` documents: menus, notices, by-lines."""

    name: Literal["boilerplate"]
    max_documents: int = Field(5, ge=1)

    def check(self, source_lang: str, target_lang: str) -> PairCheck:
        """Return a check that has seen nothing yet."""
        del source_lang, target_lang
        documents: dict[bytes, tuple[str, ...]] = {}
        names: dict[str, str] = {}

        def reason(pair: Pair) -> str | None:
            text, document = _digest(pair.source_text.casefold()), pair.source_document
            stands_in = documents.get(text, ())
            if document not in stands_in and len(stands_in) <= self.max_documents:  # more need not be remembered
                stands_in = documents[text] = (*stands_in, names.setdefault(document, document))
            if len(stands_in) > self.max_documents:
                return f"the source text stands in more than {self.max_documents} documents"
            return None

        return reason
