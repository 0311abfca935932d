"""From the raw text of a document to its sentences: mend, split, and lead the offsets back to the raw text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from qosmatin.corpus.hygiene import INVISIBLE_FAULTS, Fault, find_faults, mend
from qosmatin.corpus.model import Sentence, sentence_text

from . import split


class Splitter(Protocol):
    """What splits a text: ``split``, with its abbreviations bound or not, or a ``SatSplitter``."""

    def __call__(
        self, text: str, lang: str, *, forced: Iterable[int] = (), joined: Iterable[int] = ()
    ) -> list[Sentence]:
        """Split a text; ``forced`` and ``joined`` are offsets into it."""
        ...


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence as offsets into the raw text, and its text as people and models see it (see ``sentence_text``)."""

    sentence: Sentence
    text: str


def segment(
    raw: str,
    lang: str,
    *,
    faults: Iterable[Fault] = INVISIBLE_FAULTS,
    splitter: Splitter = split,
    forced: Iterable[int] = (),
    joined: Iterable[int] = (),
) -> list[Segment]:
    """Split a raw text after mending those of its ``faults``; a forced boundary (raw offset) wins over a joined one.

    Raises what the splitter raises.
    """
    mended = mend(raw, find_faults(raw), faults)
    cuts = {mended.mended_offset(offset) for offset in forced}
    sentences = splitter(
        mended.text,
        lang,
        forced=sorted(cuts),
        joined=sorted({mended.mended_offset(offset) for offset in joined} - cuts),
    )
    return [
        Segment(
            Sentence(mended.raw_start(one.start), mended.raw_end(one.end), one.paragraph),
            sentence_text(mended.text, one),
        )
        for one in sentences
    ]
