"""Errors that people or metrics marked outside of the review, found again by the texts in which they are marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from qosmatin.corpus.error_spans import SEVERITIES, ErrorSpan, MarkedPart, MarkedText, marked

from .store.rows import BeadRow
from .words import N_

NEUTRAL = N_("neutral")
"""The severity that people cannot choose here, beside those of flags."""


@dataclass(frozen=True, slots=True)
class MarkedWords:
    """One error as it is told: the words (none where something is missing), how severe, of what kind, by whom."""

    words: str
    severity: str
    category: str | None
    by: str | None
    in_source: bool


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """The errors of a pair: its translation in stretches, and each error. ``before`` says that it was edited since."""

    parts: list[MarkedPart]
    errors: list[MarkedWords]
    before: bool

    @property
    def worst(self) -> str:
        """The severity of the worst error."""
        return max((one.severity for one in self.errors), key=SEVERITIES.index)


class MarkedErrors:
    """The errors that are known, by the translations in which they are marked; white space counts as one space."""

    def __init__(self, texts: Iterable[MarkedText] = ()) -> None:
        self._texts: dict[str, list[MarkedText]] = defaultdict(list)
        for one in texts:
            self._texts[_same(one.target)].append(one)

    def of(self, row: BeadRow) -> MarkedRow | None:
        """Return the errors of a pair, in its translation as it reads or as it was before it was edited; or None."""
        if not self._texts:
            return None
        for text, before in ((row.target_text, False), (row.target_before, True)):
            found = [one for one in self._texts.get(_same(text or ""), ()) if _fits(one, row)]
            if text and found:
                target, source = found[0].target, found[0].source or row.source_text
                spans = [span for one in found if one.target == target for span in one.spans]
                errors = list(dict.fromkeys(_words(span, source, target) for span in spans))
                return MarkedRow(marked(target, (span for span in spans if span.side == "target")), errors, before)
        return None


def _words(span: ErrorSpan, source: str, target: str) -> MarkedWords:
    text = (source if span.side == "source" else target)[span.start : span.end]
    return MarkedWords(text.strip(), span.severity, span.category, span.by, span.side == "source")


def _fits(one: MarkedText, row: BeadRow) -> bool:
    """Whether a text was judged as the translation of a row's source, which may have been edited."""
    return one.source is None or _same(one.source) in (_same(row.source_text), _same(row.source_before or ""))


def _same(text: str) -> str:
    return " ".join(text.split())
