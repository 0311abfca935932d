"""Taking in files of pairs: as the documents of a new corpus, or as one translation memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from qosmatin.corpus.decisions import decision_to_json
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.atomic import write_text
from qosmatin.corpus.formats.files import format_of, read_segments
from qosmatin.corpus.formats.lines import line_text
from qosmatin.corpus.formats.placing import collapse_tags
from qosmatin.corpus.formats.segments import SegmentPair, last_change
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.formats.xces import LinkedDocuments, MarkedSentence
from qosmatin.corpus.model import Anchor, Decision, Range, Side, Tag, pair_id
from qosmatin.corpus.presets import Preset
from qosmatin.corpus.presets.reading import read_collection

_SIDES: tuple[Side, Side] = ("source", "target")


@dataclass(slots=True)
class ImportedText:
    """One side of a document: its text so far, a segment a line, and its tags."""

    text: str = ""
    tags: list[Tag] = field(default_factory=list)

    def add(self, text: str, tags: Iterable[Tag] = (), gap: str = "\n") -> Range:
        """Add a segment below what there is; returns where it stands."""
        line = line_text(text)
        start = len(self.text) + len(gap) if self.text else 0
        self.text = f"{self.text}{gap}{line}" if self.text else line
        self.tags += (replace(tag, at=tag.at + start) for tag in collapse_tags(text, tags))
        return start, start + len(line)


@dataclass(slots=True)
class ImportedDocument:
    """A document of imported files: both sides, and the pairs of places that the files aligned."""

    source: ImportedText = field(default_factory=ImportedText)
    target: ImportedText = field(default_factory=ImportedText)
    links: list[tuple[Range, Range]] = field(default_factory=list)
    left_out: int = 0
    """Links that no bead can say: of sentences that do not stand side by side."""
    refused: int = 0
    """Pairs that a person refused: their texts are kept, and nothing joins them."""
    about: dict[str, str] = field(default_factory=dict)
    """What is known of both texts, by fields of ``Provenance``."""
    rows: list[dict[str, str]] = field(default_factory=list)
    """The further columns of each line, where the file is a table of a published collection."""

    def add_segment(self, segment: SegmentPair, number: int) -> None:
        """Add a pair; its tags are joined to each other by its number."""
        places = []
        for side, text, tags in (
            (self.source, segment.source, segment.source_tags),
            (self.target, segment.target, segment.target_tags),
        ):
            if line_text(text) or tags:
                places.append(side.add(text, [replace(tag, id=f"{number}:{tag.id}") for tag in tags]))
        if segment.status == "rejected":
            self.refused += 1
        elif len(places) == 2 and line_text(segment.source) and line_text(segment.target):
            self.links.append((places[0], places[1]))


def read_documents(
    files: Iterable[Path], source_lang: str, target_lang: str, told: Told | None = None
) -> dict[str, ImportedDocument]:
    """Read the documents of files, by id; a file that names none is one, called as the file.

    ``told`` is told which languages served, and what was left out. Raises ``InputError`` for what cannot be read.
    """
    documents: dict[str, ImportedDocument] = {}
    for path in files:
        whole = format_of(path).read_documents
        if whole is not None:
            of_file = {one.id: _document_of(one) for one in whole(path, source_lang, target_lang, told)}
            documents |= of_file
            continue
        is_aligned = False
        for number, segment in enumerate(read_pairs(path, source_lang, target_lang, told), start=1):
            document = documents.setdefault(segment.document or path.stem, ImportedDocument())
            document.add_segment(segment, number)
            is_aligned = is_aligned or bool(line_text(segment.source) and line_text(segment.target))
        if not is_aligned:
            raise InputError("each of its pairs has an empty side; is it translated, and exported with it?", path)
    return documents


def read_preset(
    wanted: Preset, files: Sequence[Path], langs: tuple[str, str], left_out: Counter[str]
) -> dict[str, ImportedDocument]:
    """Read the documents of a published collection; ``left_out`` counts what was not taken, by reason.

    Raises ``InputError`` for what is laid out otherwise, and where there is no pair.
    """
    documents: dict[str, ImportedDocument] = {}
    for pair in read_collection(wanted, files, langs, left_out):
        document = documents.setdefault(pair.document, ImportedDocument(about=dict(pair.about)))
        document.add_segment(SegmentPair(pair.source, pair.target), len(document.rows) + 1)
        document.rows.append(dict(pair.more))
    if not documents:
        raise InputError(_nothing(*langs), files[0])
    return documents


def write_columns(path: Path, documents: Mapping[str, ImportedDocument]) -> int:
    """Write the further columns of a collection, a row for each line of a document; returns how many columns."""
    names = list(dict.fromkeys(name for one in documents.values() for row in one.rows for name in row))
    lines = [["document", "line", *names]]
    for document, one in documents.items():
        lines += [
            [document, str(number), *(row.get(name, "") for name in names)] for number, row in enumerate(one.rows, 1)
        ]
    if names:
        write_text(path, "".join("\t".join(line_text(cell) for cell in row) + "\n" for row in lines))
    return len(names)


def read_pairs(path: Path, source_lang: str, target_lang: str, told: Told | None = None) -> Iterator[SegmentPair]:
    """Yield the pairs of a file; raises ``InputError`` where there is none, since somebody asked for them."""
    found = False
    for segment in read_segments(path, source_lang, target_lang, told):
        found = True
        yield segment
    if not found:
        raise InputError(_nothing(source_lang, target_lang), path)


def _nothing(source_lang: str, target_lang: str) -> str:
    return f"there is no pair of {source_lang} and {target_lang} in it; is it the right file, and the right languages?"


def _document_of(linked: LinkedDocuments) -> ImportedDocument:
    document = ImportedDocument()
    places = [
        _add_sentences(text, sentences)
        for text, sentences in ((document.source, linked.source), (document.target, linked.target))
    ]
    for source, target, _ in linked.links:
        spans = [_span(side, indexes) for side, indexes in zip(places, (source, target), strict=True)]
        if spans[0] and spans[1]:
            document.links.append((spans[0], spans[1]))
        elif source and target:
            document.left_out += 1
    return document


def _add_sentences(text: ImportedText, sentences: Sequence[MarkedSentence]) -> list[Range]:
    places: list[Range] = []
    for number, one in enumerate(sentences):
        same = number > 0 and one.paragraph == sentences[number - 1].paragraph
        places.append(text.add(one.text, gap="\n" if same else "\n\n"))
    return places


def _span(places: Sequence[Range], indexes: Sequence[int]) -> Range | None:
    """Return what the sentences of these indexes span; None unless they stand side by side, and hold something."""
    if not indexes or list(indexes) != list(range(indexes[0], indexes[-1] + 1)):
        return None
    start, end = places[indexes[0]][0], places[indexes[-1]][1]
    return (start, end) if start < end else None


def write_manifests(
    folder: Path,
    documents: Mapping[str, ImportedDocument],
    source_lang: str,
    target_lang: str,
    known: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Write the documents as a manifest for each language, with the inline tags beside the texts.

    ``known`` is what is known of all texts of a language, by fields of ``Provenance``.
    """
    for lang, side in ((source_lang, "source"), (target_lang, "target")):
        rows = []
        for name, document in documents.items():
            text: ImportedText = getattr(document, side)
            row = {"id": name, "lang": lang, "text": text.text, **(known or {}).get(lang, {}), **document.about}
            if text.tags:
                row["tags"] = [asdict(tag) for tag in text.tags]  # type: ignore[assignment]
            rows.append(json.dumps(row, ensure_ascii=False) + "\n")
        write_text(folder / f"{lang}.jsonl", "".join(rows))


def write_decisions(
    path: Path, documents: dict[str, ImportedDocument], translation: str, reviewer: str, at: str
) -> int:
    """Write the alignment of the documents as decisions that confirm it; returns how many.

    ``translation`` is what the config calls the translation: its documents are ``ID@translation``.
    """
    decisions = [
        one for name, document in documents.items() for one in _decisions(name, document, translation, reviewer, at)
    ]
    write_text(path, "".join(decision_to_json(one) + "\n" for one in decisions))
    return len(decisions)


def _decisions(name: str, document: ImportedDocument, translation: str, reviewer: str, at: str) -> Iterator[Decision]:
    names = name, f"{name}@{translation}"
    seen: Counter[tuple[str, str]] = Counter()
    for places in document.links:
        texts = tuple(
            side.text[slice(*place)] for side, place in zip((document.source, document.target), places, strict=True)
        )
        shown = texts[0].replace("\n", " "), texts[1].replace("\n", " ")
        anchors = tuple(
            Anchor(side, names[number], *places[number], texts[number]) for number, side in enumerate(_SIDES)
        )
        yield Decision(
            pair_id(*names, *shown, seen[shown]), anchors, operation="accept", value=None, reviewer=reviewer, at=at
        )
        seen[shown] += 1


@dataclass(slots=True)
class MergedMemory:
    """The units of a translation memory, and how many were left out: the same again, refused, or empty."""

    segments: list[SegmentPair] = field(default_factory=list)
    repeated: int = 0
    refused: int = 0
    empty: int = 0


def merge_memories(files: Sequence[Path], source_lang: str, target_lang: str, told: Told | None = None) -> MergedMemory:
    """Read the pairs of files as one memory: the same pair once, as it was last changed; none that a person refused.

    Of two that nothing dates, or that are of the same time, the later in the files stands, in its place. ``told`` is
    told which languages served, and what was left out. Raises ``InputError`` when nothing is left.
    """
    merged = MergedMemory()
    units: dict[tuple[str, str], SegmentPair] = {}
    for path in files:
        for segment in read_pairs(path, source_lang, target_lang, told):
            key = line_text(segment.source), line_text(segment.target)
            if not all(key):
                merged.empty += 1
            elif segment.status == "rejected":
                merged.refused += 1
            else:
                known = units.get(key)
                merged.repeated += known is not None
                if known is None or last_change(known) <= last_change(segment):
                    units.pop(key, None)
                    units[key] = segment
    merged.segments = list(units.values())
    if not units:
        counts = f"{merged.refused:,} refused, {merged.empty:,} empty"
        raise InputError(f"no pair in it can serve as a memory ({counts}); name other files", files[0])
    return merged
