"""Bringing what the pipeline made into the store, with what people said of it before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, Engine, select, text

from qosmatin.align import align
from qosmatin.corpus.decisions import PlacedDecision, decision_to_json, place_decisions
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.hashing import fingerprint
from qosmatin.corpus.model import Bead, Decision, SplitDocument, overlaps
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.corpus.storage.view import AlignedDocument, CorpusView
from qosmatin.review.editing.confirming import By, confirmed_with, replaced
from qosmatin.review.editing.mending import obey
from qosmatin.review.store import log
from qosmatin.review.store.comments import comments_in
from qosmatin.review.store.database import lock_imports, writing
from qosmatin.review.store.rows import Aside, BeadRow, Change, Comment, DocumentRow, new_row
from qosmatin.review.store.schema import documents
from qosmatin.review.store.search import drop_index, make_index

from .exporting import decisions_of
from .matching import import_matches
from .merging import Disagreement, merge

PIPELINE = "pipeline"
"""Who is written in the log for an import."""

SEEN = 0.005
"""How much a confidence or a quality must have moved for people to see it: it is shown in whole per cents."""

CHUNK = 5_000
"""Pairs after which an import is committed, so that it holds little and reviewers of other documents can go on."""


@dataclass(frozen=True, slots=True)
class Imported:
    """How many documents came in anew or changed, how many decisions lost their place by it, and who disagrees."""

    documents: int
    lost: int
    disagreements: tuple[Disagreement, ...] = ()


def import_corpus(engine: Engine, folder: Path) -> Imported:
    """Bring the documents of a corpus folder into the store, each that changed since it was last brought in.

    What people said stays: it is matched by pair id, then by its anchors; what has no place any more is set aside,
    shown, and still exported. Raises ``InputError`` when the folder holds no aligned corpus.
    """
    corpus = CorpusFolder(folder)
    names = corpus.parts("beads")
    if not names:
        raise InputError("no aligned corpus is here; name the folder that `qosmatin run` made", folder)
    if not corpus.manifest().units:
        raise InputError("the tables are of an older version; run `qosmatin run` again, it keeps what was said", folder)
    view = CorpusView(corpus)
    aligned_documents = (aligned for name in names for aligned in view.aligned_documents(name))
    import_matches(engine, corpus)
    return import_documents(engine, aligned_documents, [one for one in view.decisions if not one.is_match])


def import_documents(
    engine: Engine, aligned_documents: Iterable[AlignedDocument], said_before: Sequence[Decision]
) -> Imported:
    """Bring documents into the store, and set aside what was said of those that are no longer among them.

    ``said_before`` is what the folder knows, from the store's last run and from files; of a document that is in the
    store, what is newer counts (see ``merging``). Rows that stay what they were keep their number, and with it all that
    people can take back of them. Some documents at a time are committed: an import
    that was stopped goes on where it was.
    """
    said = defaultdict[str, list[Decision]](list)
    for decision in said_before:
        # A boundary is of the document that it lies in, on either side; a pair is found by its source.
        on = (anchor for anchor in decision.anchors if decision.is_boundary or anchor.side == "source")
        said[next(on).document].append(decision)
    count, seen = Counter[str](), set[tuple[str, str]]()
    disagreements: list[Disagreement] = []
    with writing(engine) as connection:
        if connection.execute(select(documents.c.id).limit(1)).first() is None:
            drop_index(connection)
    for chunk in _chunks(aligned_documents):
        with writing(engine) as connection:
            lock_imports(connection)
            for aligned in chunk:
                seen.add((aligned.translation, aligned.source.id))
                here = [*said[aligned.source.id], *said[aligned.target.id]]
                found = _import_document(connection, aligned, here)
                count.update(documents=found.documents, lost=found.lost)
                disagreements += found.disagreements
    with writing(engine) as connection:
        lock_imports(connection)
        for row in connection.execute(select(documents.c.id, documents.c.translation, documents.c.source_document)):
            if (row.translation, row.source_document) not in seen:
                count["lost"] += _set_document_aside(connection, row.id)
        make_index(connection)
        if count["documents"]:
            connection.execute(text("ANALYZE"))  # or the database takes a full table for an empty one
    return Imported(count["documents"], count["lost"], tuple(disagreements))


def _chunks(found: Iterable[AlignedDocument]) -> Iterator[list[AlignedDocument]]:
    """Yield documents, so many together as one transaction can take without keeping reviewers waiting."""
    chunk: list[AlignedDocument] = []
    for one in found:
        chunk.append(one)
        if sum(len(aligned.beads) for aligned in chunk) >= CHUNK:
            yield chunk
            chunk = []
    yield chunk


def _import_document(connection: Connection, aligned: AlignedDocument, said_before: Sequence[Decision]) -> Imported:
    """Import one document, if anything of it has changed; returns whether it had, and what came of it."""
    known = connection.execute(
        select(documents.c.id, documents.c.imported).where(
            documents.c.translation == aligned.translation,
            documents.c.source_document == aligned.source.id,
        )
    ).first()
    mark = _mark(aligned, said_before)
    if known is not None and known.imported == mark:
        return Imported(0, 0)
    number = known.id if known is not None else _next_document(connection)
    document = _document(number, aligned, mark)
    old = log.read_rows(connection, number)
    asides = log.read_asides(connection, number)
    before = log.lock_document(connection, number) if known is not None else document
    merged = merge(connection, before, old, asides, [one for one in said_before if _speaks_of(one, document)])
    decisions = [*decisions_of(before, old, asides), *merged.counting]
    flags = [(row.decision(before, "accept"), row) for row in old if row.category]
    free = log.next_number(connection, number)
    said = [decision for decision in decisions if decision.is_boundary]
    document, beads, gone = obey(document, aligned.beads, said)
    mended = [
        Aside(free + at, "lost" if decision in gone else "boundary", decision) for at, decision in enumerate(said)
    ]
    others = [decision for decision in decisions if decision.is_on_pair]
    change, lost = _placed(document, beads, others, flags, free + len(mended), quality=aligned.quality)
    change = replace(change, asides_after=(*mended, *change.asides_after))
    same = replace(before, imported=mark) == document
    change = only_what_changed(replace(change, before=tuple(old), asides_before=tuple(asides), document=document))
    change = replace(change, comments_after=_remarks(connection, number, old, change, merged.disagreements))
    log.append(connection, log.IMPORT, PIPELINE, number, change)
    # Where confidences moved and nothing else, people find what they left.
    moved = replace(change, document=None).is_by_row and all(map(BeadRow.stands_as, change.before, change.after))
    changed = known is None or not same or not moved
    return Imported(int(changed), lost + len(gone) if changed else 0, tuple(merged.disagreements))


def _remarks(
    connection: Connection,
    document: int,
    old: Sequence[BeadRow],
    change: Change,
    disagreements: Sequence[Disagreement],
) -> tuple[Comment, ...]:
    """Return what gave way to newer words as comments beside the pairs; what stands there already is not said twice."""
    rows = {row.pair_id: row for row in (*old, *change.after)}
    there = {(one.at, one.text) for some in comments_in(connection, [document]).values() for one in some}
    remarks = []
    for one in disagreements:
        row = rows.get(one.ours.pair_id)
        if row is None or (one.older.at, one.remark) in there:
            continue
        place = row.number, row.pair_id, row.source_start, row.target_start
        remarks.append(Comment(one.older.reviewer, one.older.at, one.remark, *place))
    return tuple(remarks)


def only_what_changed(change: Change) -> Change:
    """Return an import without the rows and asides that stay as they were; those that stay keep their numbers.

    A row whose confidence alone has moved by less than anybody sees is such a one, and so is one that was confirmed.
    """
    old = {(row.source, row.target, row.pair_id): row for row in change.before}
    before, after = {row.number: row for row in change.before}, []
    for row in change.after:
        known = old.get((row.source, row.target, row.pair_id))
        kept = row if known is None else replace(row, number=known.number, changed=known.changed, version=known.version)
        if known is not None and not known.confirmed and row.reviewer is None:
            kept = replace(kept, reviewer=known.reviewer, at=known.at)
        if known is not None and known.stands_as(kept) and (known.confirmed or not _moved(known, kept)):
            before.pop(known.number)
        else:
            after.append(kept)
    asides = {(aside.kind, aside.decision): aside for aside in change.asides_before}
    new = [one for one in change.asides_after if asides.pop((one.kind, one.decision), None) is None]
    return replace(
        change,
        before=tuple(before.values()),
        after=tuple(after),
        asides_before=tuple(asides.values()),
        asides_after=tuple(new),
    )


def _moved(known: BeadRow, row: BeadRow) -> bool:
    numbers = (known.confidence, row.confidence), (known.quality, row.quality)
    return any(was != now if was is None or now is None else abs(was - now) >= SEEN for was, now in numbers)


def _speaks_of(decision: Decision, document: DocumentRow) -> bool:
    """Whether a decision is of this pair of documents; a boundary, of one of them."""
    return {anchor.document for anchor in decision.anchors} <= {document.source_document, document.target_document}


def _placed(
    document: DocumentRow,
    beads: Sequence[Bead],
    decisions: Sequence[Decision],
    flagged: Sequence[tuple[Decision, BeadRow]],
    number: int,
    *,
    quality: Mapping[str, float],
) -> tuple[Change, int]:
    """Return the rows of a document with what people said of them, and how many decisions have no place."""
    rows = _rows(document, beads, number)
    by_id = {row.pair_id: row for row in rows}
    decisions = list({decision.pair_id: decision for decision in decisions}.values())
    exact = [decision for decision in decisions if decision.pair_id in by_id and decision.operation != "reject"]
    rest = [decision for decision in decisions if decision.pair_id not in by_id or decision.operation == "reject"]
    placed, lost = place_decisions(rest, document.source, document.target)
    matched = {(row.source, row.target): decision for decision in exact for row in [by_id[decision.pair_id]]}
    standing = [word for word in placed if (word.source, word.target) not in matched]
    confirmed = [word for word in standing if word.decision.confirms]
    texts = [word for word in standing if word.decision.operation == "replace"]
    refused = [word for word in standing if word.decision.operation == "reject"]
    have = {(row.source, row.target) for row in rows}
    if any((word.source, word.target) not in have for word in confirmed):
        fixed = _together(confirmed, [Bead(*place, 1.0) for place in matched])
        lost += [word.decision for word in confirmed if word.bead not in fixed]
        rows = _rows(document, _around(document, fixed, refused), number)
    have = {(row.source, row.target) for row in rows}
    lost += [word.decision for word in texts if (word.source, word.target) not in have]
    said = {**{(word.source, word.target): word.decision for word in (*texts, *confirmed)}, **matched}
    rows = [replace(row, quality=quality.get(row.pair_id)) for row in rows] if quality else rows
    rows = [_as_said(row, said.get((row.source, row.target))) for row in rows]
    places, _ = place_decisions([decision for decision, _ in flagged], document.source, document.target)
    rows = _with_flags(rows, flagged, places)
    free = number + len(rows)
    asides = (
        *(Aside(free + at, "refused", word.decision) for at, word in enumerate(refused)),
        *(Aside(free + len(refused) + at, "lost", decision) for at, decision in enumerate(lost)),
    )
    return Change(after=tuple(rows), asides_after=asides), len(lost)


def _together(confirmed: Sequence[PlacedDecision], first: Sequence[Bead]) -> list[Bead]:
    """Return the confirmed beads that can stand together with the first ones."""
    kept = list(first)
    for placed in confirmed:
        if not any(overlaps(placed, other) for other in kept):
            kept.append(placed.bead)
    return kept


def _around(document: DocumentRow, fixed: Sequence[Bead], refused: Sequence[PlacedDecision]) -> list[Bead]:
    """Align a document anew around confirmed beads that its alignment in the folder does not have."""
    source, target = document.source, document.target
    forbidden = [one.bead for one in refused]
    return align(
        source.texts, target.texts, document.source_lang, document.target_lang, fixed=fixed, forbidden=forbidden
    )


def _rows(document: DocumentRow, beads: Sequence[Bead], number: int) -> list[BeadRow]:
    """Return the beads as rows that nobody has reviewed."""
    rows: list[BeadRow] = []
    seen = Counter[tuple[str, str]]()
    for bead in beads:
        row = new_row(document, number + len(rows), bead, [])
        texts = (row.source_text, row.target_text)
        if seen[texts]:
            # Equal pairs are rare: only for them is the whole document looked through.
            row = new_row(document, row.number, bead, rows)
        seen[texts] += 1
        rows.append(row)
    return rows


def _as_said(row: BeadRow, decision: Decision | None) -> BeadRow:
    """Return a row as a person's decision leaves it."""
    if decision is None:
        return row
    by = By(decision.reviewer, decision.at)
    if not decision.edits:
        return confirmed_with(row, by)
    put = confirmed_with if decision.confirms else replaced
    return put(row, by, decision.source_value, decision.value)


def _with_flags(
    rows: Sequence[BeadRow], flagged: Sequence[tuple[Decision, BeadRow]], placed: Sequence[PlacedDecision]
) -> list[BeadRow]:
    """Return the rows with the flags that were on them: by pair id, by place, or on the pair that now has the place."""
    ranges = {id(word.decision): word for word in placed}
    result = list(rows)
    for decision, old in flagged:
        place = ranges.get(id(decision))
        at = next((at for at, row in enumerate(result) if row.pair_id == decision.pair_id), None)
        if at is None and place is not None:
            at = next((at for at, row in enumerate(result) if row.source[0] <= place.source[0] < row.source[1]), None)
        if at is None:
            at = min(range(len(result)), key=lambda index: abs(result[index].source_start - old.source_start))
        result[at] = replace(result[at], category=old.category, comment=old.comment, severity=old.severity)
    return result


def _set_document_aside(connection: Connection, number: int) -> int:
    """Set all that was said of a document aside that the folder no longer has."""
    document = log.lock_document(connection, number)
    rows, asides = log.read_rows(connection, number), log.read_asides(connection, number)
    if not rows:
        return 0
    said = decisions_of(document, rows, asides)
    free = log.next_number(connection, number)
    lost = tuple(Aside(free + at, "lost", decision) for at, decision in enumerate(said))
    gone = replace(document, imported="")
    log.append(connection, log.IMPORT, PIPELINE, number, Change(tuple(rows), (), tuple(asides), lost, gone))
    return len(lost)


def _next_document(connection: Connection) -> int:
    highest = connection.execute(select(documents.c.id).order_by(documents.c.id.desc()).limit(1)).scalar()
    return (highest or 0) + 1


def _document(number: int, aligned: AlignedDocument, mark: str) -> DocumentRow:
    source, target = aligned.source, aligned.target
    return DocumentRow(
        id=number,
        translation=aligned.translation,
        source_document=source.id,
        target_document=target.id,
        source_lang=source.lang,
        target_lang=target.lang,
        target_kind=aligned.target_provenance.kind,
        source=_storable(source),
        target=_storable(target),
        imported=mark,
    )


def _storable(side: SplitDocument) -> SplitDocument:
    # NUL is no text to PostgreSQL; a replacement character keeps all offsets.
    return replace(side, text=side.text.replace("\0", "\ufffd"))


def _mark(aligned: AlignedDocument, said: Sequence[Decision]) -> str:
    """Return a fingerprint of what the pipeline made of a document, and of what the folder knows was said of it."""
    sides = [
        [side.text, side.lang, provenance.kind, side.sentences, side.texts]
        for side, provenance in (
            (aligned.source, aligned.source_provenance),
            (aligned.target, aligned.target_provenance),
        )
    ]
    beads = [[bead.source, bead.target, bead.confidence] for bead in aligned.beads]
    judged = [sorted(aligned.quality.items())] if aligned.quality else []
    return fingerprint([sides, beads, [decision_to_json(one) for one in said], *judged])
