"""Documents cut into rows of the table of sentences, by whoever has a core free: workers import no more than this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qosmatin.corpus.hygiene import Fault
from qosmatin.corpus.splitting import split_lines
from qosmatin.corpus.splitting.segmenting import Splitter, segment


@dataclass(frozen=True, slots=True)
class Uncut:
    """A document on its way to be cut; one without a text has the sentences that it had.

    A boundary that a confirmed bead needs, or that a reviewer made (``forced``), stands even where the config joins.
    """

    id: str
    lang: str = ""
    text: str | None = None
    forced: tuple[int, ...] = ()
    joined: tuple[int, ...] = ()
    are_lines: bool = False

    def size(self) -> int:
        """Return how much work it is; a document that is left as it was is hardly any."""
        return 100 + len(self.text or "")


def cut_rows(
    splitter: Splitter, faults: tuple[Fault, ...], documents: Sequence[Uncut]
) -> list[tuple[str, list[dict[str, Any]] | None]]:
    """Return the sentences of documents as rows: found in the mended text, stored as offsets into the raw one."""
    return [(one.id, None if one.text is None else _sentences(one, one.text, splitter, faults)) for one in documents]


def _sentences(one: Uncut, raw: str, splitter: Splitter, faults: tuple[Fault, ...]) -> list[dict[str, Any]]:
    document = segment(
        raw,
        one.lang,
        faults=faults,
        splitter=split_lines if one.are_lines else splitter,
        forced=one.forced,
        joined=one.joined,
        document=one.id,
    )
    return [
        {"document": one.id, "index": index, **sentence._asdict(), "text": text}
        for index, (sentence, text) in enumerate(zip(document.sentences, document.texts, strict=True))
    ]
