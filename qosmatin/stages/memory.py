"""The engine ``memory``: what translation memories have of a corpus, exactly or nearly."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from qosmatin.config.job import MemoryTranslation
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.formats.lines import line_text
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.memory import Match, Memory, open_memory
from qosmatin.corpus.memory.likeness import EXACT
from qosmatin.corpus.storage.view import NEARLY, CorpusView
from qosmatin.job.batches import in_batches
from qosmatin.job.memories import known_translations, source_key
from qosmatin.job.pipeline import Job
from qosmatin.job.units import source_ids


def memory_settings(job: Job, translation: MemoryTranslation) -> object:
    """Return what the stage depends on beside its tables."""
    units = [hash_path(path) for path in translation.memories]
    said = [translation.kind, translation.by, translation.licence, translation.lang, job.config.sources[0].lang]
    return [translation.engine, units, said, *([translation.min_match] if translation.min_match < EXACT else [])]


def recall_corpus(job: Job, translation: MemoryTranslation) -> str:
    """Look every sentence of the sources up, into the table of translations; returns one line for the user."""
    told = Told()
    known, others = known_translations(translation, job.config.sources[0].lang, told)
    said = {"min_match": translation.min_match} if translation.min_match < EXACT else {}
    settings = json.dumps({"engine": "memory", "units": [hash_path(path) for path in translation.memories], **said})
    found: Counter[str] = Counter()
    memory = None
    if translation.min_match < EXACT:
        memory = open_memory(translation.memories, job.config.sources[0].lang, translation.lang)
    view = CorpusView(job.folder)

    def rows() -> Iterator[dict[str, Any]]:
        for source in source_ids(job):
            document = view.document(source)
            recalled = [_recall(text, known, memory, translation) for text in document.texts]
            found.update("exactly" if not flags else "nearly" for text, flags in recalled if text)
            found["asked"] += len(recalled)
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
                    {"text": text, "raw": None, "paragraph": one.paragraph, "flags": flags}
                    for (text, flags), one in zip(recalled, document.sentences, strict=True)
                ],
            }

    job.folder.write("translations", in_batches(rows()), translation.name)
    left_out = f"; {others:,} units of another kind left out" if others else ""
    nearly = f", {found['nearly']:,} nearly" if memory is not None else ""
    asked = f"{found['exactly']:,} of {found['asked']:,} sentences stand in the memory{nearly}"
    counts = f"{asked} ({len(known):,} sources){left_out}"
    return "; ".join([counts, *told.lines()])


def _recall(
    text: str, known: dict[str, str], memory: Memory | None, translation: MemoryTranslation
) -> tuple[str, list[str]]:
    """Return what the memory has for a sentence, empty for nothing, and the flag of what it has nearly."""
    exact = known.get(source_key(text), "")
    if exact or memory is None:
        return exact, []
    nearest = memory.find(text, translation.min_match, limit=1, kinds=(None, translation.kind))
    return (line_text(nearest[0].target), [f"{NEARLY}{_percent(nearest[0])}"]) if nearest else ("", [])


def _percent(match: Match) -> int:
    """Return the percentage of a match that is not exact: another spelling of white space is no exact one here."""
    return min(match.percent, EXACT - 1)
