"""The engine ``memory``: what translation memories have of a corpus, exact matches alone."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

from qosmatin.config.job import MemoryTranslation
from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.formats.lines import line_text
from qosmatin.corpus.formats.segments import SegmentPair, last_change
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.model import Kind
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.batches import in_batches
from qosmatin.job.importing import merge_memories
from qosmatin.job.pipeline import Job
from qosmatin.job.units import source_ids


def memory_settings(job: Job, translation: MemoryTranslation) -> object:
    """Return what the stage depends on beside its tables."""
    units = [hash_path(path) for path in translation.memories]
    said = [translation.kind, translation.by, translation.licence, translation.lang, job.config.sources[0].lang]
    return [translation.engine, units, said]


def recall_corpus(job: Job, translation: MemoryTranslation) -> str:
    """Look every sentence of the sources up, into the table of translations; returns one line for the user."""
    langs = job.config.sources[0].lang, translation.lang
    told = Told()
    merged = merge_memories(translation.memories, *langs, told)
    known, others = newest_by_source(merged.segments, translation.kind)
    if not known:
        raise InputError(
            f"translation '{translation.name}': the memories have {others:,} units, and none of kind "
            f"'{translation.kind}'; name that under 'kind'",
            str(translation.memories[0]),
        )
    settings = json.dumps({"engine": "memory", "units": [hash_path(path) for path in translation.memories]})
    found: Counter[bool] = Counter()
    view = CorpusView(job.folder)

    def rows() -> Iterator[dict[str, Any]]:
        for source in source_ids(job):
            document = view.document(source)
            texts = [known.get(_key(text), "") for text in document.texts]
            found.update(bool(text) for text in texts)
            yield {
                "translation": translation.name,
                "source_document": source,
                "target_document": f"{source}@{translation.name}",
                "lang": translation.lang,
                "engine": translation.engine,
                "kind": translation.kind,
                "by": translation.by,
                "revision": None,
                "settings": settings,
                "licence": translation.licence,
                "sentences": [
                    {"text": text, "raw": None, "paragraph": one.paragraph, "flags": []}
                    for text, one in zip(texts, document.sentences, strict=True)
                ],
            }

    job.folder.write("translations", in_batches(rows()), translation.name)
    left_out = f"; {others:,} units of another kind left out" if others else ""
    counts = f"{found[True]:,} of {found.total():,} sentences stand in the memory ({len(known):,} sources){left_out}"
    return "; ".join([counts, *told.lines()])


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
        before = chosen.get(_key(segment.source))
        if before is None or last_change(before) <= last_change(segment):
            chosen[_key(segment.source)] = segment
    return {source: line_text(segment.target) for source, segment in chosen.items()}, others


def _key(text: str) -> str:
    """Return a text as sources are compared: composed characters, white space collapsed."""
    return unicodedata.normalize("NFC", line_text(text))
