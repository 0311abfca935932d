"""From the raw text of a document to its sentences: mend, split, and lead the offsets back to the raw text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from qosmatin.corpus.hygiene import INVISIBLE_FAULTS, Fault, find_faults, mend
from qosmatin.corpus.model import Sentence, SplitDocument, sentence_text

from . import split


class Splitter(Protocol):
    """What splits a text: ``split``, with its abbreviations bound or not, or a ``SatSplitter``."""

    def __call__(
        self, text: str, lang: str, *, forced: Iterable[int] = (), joined: Iterable[int] = ()
    ) -> list[Sentence]:
        """Split a text; ``forced`` and ``joined`` are offsets into it."""
        ...


def segment(
    raw: str,
    lang: str,
    *,
    faults: Iterable[Fault] = INVISIBLE_FAULTS,
    splitter: Splitter = split,
    forced: Iterable[int] = (),
    joined: Iterable[int] = (),
    document: str = "",
) -> SplitDocument:
    """Split a raw text after mending those of its ``faults``; a forced boundary (raw offset) wins over a joined one.

    ``document`` is the id of the text, where it has one. Raises what the splitter raises.
    """
    mended = mend(raw, find_faults(raw, lang), faults)
    cuts = {mended.mended_offset(offset) for offset in forced}
    sentences = splitter(
        mended.text,
        lang,
        forced=sorted(cuts),
        joined=sorted({mended.mended_offset(offset) for offset in joined} - cuts),
    )
    return SplitDocument(
        document,
        lang,
        raw,
        tuple(Sentence(mended.raw_start(one.start), mended.raw_end(one.end), one.paragraph) for one in sentences),
        tuple(sentence_text(mended.text, one) for one in sentences),
    )


def sentences_of(lang: str | None, text: str) -> list[str]:
    """Return the sentences of a text, as people see them; its lines where it is of no language that is known here."""
    if lang is None:
        return [line.strip() for line in text.split("\n") if line.strip()]
    return list(segment(text, lang).texts)
