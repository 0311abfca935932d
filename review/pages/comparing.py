"""Two versions of one stretch of a document side by side: translations of the same sentences, before and after editing.

Two translations may group the sentences differently, and people may have mended sentence boundaries in one of them, so
the stretch is found by offsets into the source text: the smallest around a pair that both cut at its ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from qosmatin.corpus.model import Range, join_sentences
from qosmatin.review.errors import RefusedError
from qosmatin.review.store import log
from qosmatin.review.store.rows import BeadRow, DocumentRow
from qosmatin.review.store.schema import documents


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """One version of a translation: as it is now, or ``original``, as it was before people edited it."""

    document: int
    translation: str
    original: bool

    @property
    def key(self) -> str:
        """The version as an address names it."""
        return f"{self.document}{'o' if self.original else ''}"


@dataclass(frozen=True, slots=True)
class ComparedVersions:
    """Two versions of one stretch: their texts, and that of the source. ``versions`` are all there are.

    ``own`` is the text that the pair has now where the stretch is that pair and no more, so that either version can
    take its place; else None.
    """

    versions: tuple[Version, ...]
    left: Version
    right: Version
    source: str
    left_text: str
    right_text: str
    own: str | None


@dataclass(frozen=True, slots=True)
class _Sibling:
    """A translation of the document, with its rows."""

    document: DocumentRow
    rows: Sequence[BeadRow]

    def span(self, row: BeadRow) -> Range:
        """Return where the source of a row stands in the source text."""
        sentences = self.document.source.sentences[slice(*row.source)]
        return (sentences[0].start, sentences[-1].end) if sentences else (0, 0)

    def inside(self, span: Range) -> Sequence[BeadRow]:
        """Return the rows whose source touches a stretch, and those without a source between them."""
        touching = [at for at, row in enumerate(self.rows) if _touch(self.span(row), span)]
        return self.rows[touching[0] : touching[-1] + 1] if touching else []


def compare(connection: Connection, number: int, row: BeadRow, left: str = "", right: str = "") -> ComparedVersions:
    """Compare two versions of what a row of document ``number`` translates; ``left`` and ``right`` are their keys.

    Without keys: the original with the edited text, or another translation with this one. Raises ``RefusedError``
    when there are not two versions.
    """
    siblings = _siblings(connection, number)
    own = siblings[number]
    span = own.span(row) if row.source[0] < row.source[1] else None
    if span is None:
        siblings = {number: _Sibling(own.document, [row])}
    versions = tuple(sorted(_versions(siblings, span), key=lambda version: (version.document != number, version)))
    if len(versions) < 2:
        raise RefusedError("there is nothing to compare: one translation, and nobody has edited it here")
    by_key = {version.key: version for version in versions}
    right_version = by_key.get(right, versions[0])
    left_version = by_key.get(left) or next(version for version in versions if version != right_version)
    chosen = [siblings[version.document] for version in (left_version, right_version)]
    if span is not None:
        span = _common(span, chosen if number in (left_version.document, right_version.document) else [own, *chosen])
    left_text, right_text = (
        _text(siblings[version.document], span, version.original) for version in (left_version, right_version)
    )
    source = join_sentences(
        [inside.source_text for inside in (own.inside(span) if span else [row]) if inside.source_text]
    )
    alone = span is None or [inside.number for inside in own.inside(span)] == [row.number]
    own_text = row.target_text if alone else None
    return ComparedVersions(versions, left_version, right_version, source, left_text, right_text, own_text)


def _siblings(connection: Connection, number: int) -> dict[int, _Sibling]:
    """Return all translations of a document's source, by the numbers of their documents."""
    name = log.read_document(connection, number).source_document
    numbers = connection.execute(select(documents.c.id).where(documents.c.source_document == name)).scalars().all()
    return {one: _Sibling(log.read_document(connection, one), log.read_rows(connection, one)) for one in numbers}


def _versions(siblings: dict[int, _Sibling], span: Range | None) -> list[Version]:
    """Return the versions that there are of a stretch; originals only where something was edited."""
    versions = []
    for number, sibling in siblings.items():
        rows = sibling.rows if span is None else sibling.inside(span)
        name = sibling.document.translation
        if any(row.target_text for row in rows):
            versions.append(Version(number, name, False))
        if any(row.target_before is not None for row in rows):
            versions.append(Version(number, name, True))
    return versions


def _common(span: Range, siblings: Sequence[_Sibling]) -> Range:
    """Return the smallest stretch around ``span`` at whose ends all translations have a cut."""
    while True:
        spans = [
            span,
            *(
                sibling.span(row)
                for sibling in siblings
                for row in sibling.inside(span)
                if row.source[0] < row.source[1]
            ),
        ]
        wider = min(start for start, _ in spans), max(end for _, end in spans)
        if wider == span:
            return span
        span = wider


def _text(sibling: _Sibling, span: Range | None, original: bool) -> str:
    rows = sibling.rows if span is None else sibling.inside(span)
    texts = [row.target_machine if original else row.target_text for row in rows]
    return join_sentences([text for text in texts if text])


def _touch(one: Range, other: Range) -> bool:
    return one[0] < other[1] and other[0] < one[1]
