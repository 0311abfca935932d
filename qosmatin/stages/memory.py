"""The engine ``memory``: what translation memories have of a corpus, exact matches alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from qosmatin.config.job import MemoryTranslation
from qosmatin.corpus.files.hashing import hash_path
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.batches import in_batches
from qosmatin.job.memories import known_translations, source_key
from qosmatin.job.pipeline import Job
from qosmatin.job.units import source_ids


def memory_settings(job: Job, translation: MemoryTranslation) -> object:
    """Return what the stage depends on beside its tables."""
    units = [hash_path(path) for path in translation.memories]
    said = [translation.kind, translation.by, translation.licence, translation.lang, job.config.sources[0].lang]
    return [translation.engine, units, said]


def recall_corpus(job: Job, translation: MemoryTranslation) -> str:
    """Look every sentence of the sources up, into the table of translations; returns one line for the user."""
    told = Told()
    known, others = known_translations(translation, job.config.sources[0].lang, told)
    settings = json.dumps({"engine": "memory", "units": [hash_path(path) for path in translation.memories]})
    found: Counter[bool] = Counter()
    view = CorpusView(job.folder)

    def rows() -> Iterator[dict[str, Any]]:
        for source in source_ids(job):
            document = view.document(source)
            texts = [known.get(source_key(text), "") for text in document.texts]
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
