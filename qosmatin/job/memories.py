"""What translation memories know of sources: one target for each, the newest."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from rich.console import Console

from qosmatin.config.job import MemoryTranslation
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.extraction import document_suffixes
from qosmatin.corpus.formats.lines import line_text
from qosmatin.corpus.formats.segments import SegmentPair, last_change
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.languages import check_splitter_language
from qosmatin.corpus.model import Kind
from qosmatin.corpus.reading.documents import read_file
from qosmatin.corpus.splitting import split
from qosmatin.corpus.storage.view import CorpusView

from .importing import merge_memories
from .opened import open_corpus
from .units import source_ids


def known_translations(translation: MemoryTranslation, source_lang: str, told: Told) -> tuple[dict[str, str], int]:
    """Map sources (``source_key``) to targets, and count the units that are of another kind than the config says.

    Raises ``InputError`` where the memories cannot be read, or have no unit of that kind.
    """
    merged = merge_memories(translation.memories, source_lang, translation.lang, told)
    known, others = newest_by_source(merged.segments, translation.kind)
    if not known:
        raise InputError(
            f"translation '{translation.name}': the memories have {others:,} units, and none of kind "
            f"'{translation.kind}'; name that under 'kind'",
            str(translation.memories[0]),
        )
    return known, others


def newest_by_source(segments: list[SegmentPair], kind: Kind) -> tuple[dict[str, str], int]:
    """Map sources to targets, and count the units that somebody else made than ``kind`` says.

    Of several targets the one that was changed last stands; what nothing dates gives way to what is dated, and of two
    of the same time the last in the files stands.
    """
    chosen: dict[str, SegmentPair] = {}
    others = 0
    for segment in segments:
        if segment.kind not in (None, kind):
            others += 1
            continue
        before = chosen.get(source_key(segment.source))
        if before is None or last_change(before) <= last_change(segment):
            chosen[source_key(segment.source)] = segment
    return {source: line_text(segment.target) for source, segment in chosen.items()}, others


def source_key(text: str) -> str:
    """Return a text as sources are compared: composed characters, white space collapsed."""
    return unicodedata.normalize("NFC", line_text(text))


def sentences_of(texts: Path, lang: str) -> dict[str, tuple[str, ...]]:
    """Return the sentences of documents by their names: the sources of a corpus folder, a text, or a folder of texts.

    Raises ``InputError`` where there are none.
    """
    if (texts / "manifest.json").is_file():
        job = open_corpus(texts, Console(stderr=True))
        view = CorpusView(job.folder)
        return {name: view.document(name).texts for name in source_ids(job)}
    suffixes = (".txt", *document_suffixes())
    files = sorted(one for one in texts.rglob("*") if one.suffix.lower() in suffixes) if texts.is_dir() else [texts]
    if not files:
        raise InputError(f"there are no texts in it; known are {', '.join(suffixes)}", texts)
    check_splitter_language(lang)
    found = {}
    for path in files:
        text = read_file(path, lang=lang).text
        found[path.name] = tuple(text[one.start : one.end] for one in split(text, lang))
    return found
