"""Judging how likely the two sides of each pair say the same: a number of its own beside the aligner's confidence.

A pair may be well aligned and badly translated. What is judged are the texts as they are published, people's edits
included; null beads are no pairs. Filters and the review go by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from qosmatin.align import pair_quality
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.batches import in_batches
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.units import document_tables, tables, translations

from .encoding import encoder_settings, encoding

DOUBTFUL = 0.5
"""Pairs below are counted for the user."""


def _run_quality(job: Job, name: str) -> str:
    view = CorpusView(job.folder)
    langs = (job.config.sources[0].lang, job.config.translation(name).lang)
    places: list[tuple[str, str]] = []
    texts: list[tuple[str, str]] = []
    for batch in view.pair_batches(name):
        columns = (batch.table[one].to_pylist() for one in ("source_document", "id", "source_text", "target_text"))
        for document, pair, source, target in zip(*columns, strict=True):
            if source and target:
                places.append((document, pair))
                texts.append((source, target))
    with encoding(job) as embedder:
        found = pair_quality(texts, *langs, encoder=None if embedder is None else embedder.encode)

    def rows() -> Iterator[dict[str, Any]]:
        for (document, pair), quality in zip(places, found, strict=True):
            yield {"source_document": document, "pair_id": pair, "quality": round(quality, 4)}

    job.folder.write("quality", in_batches(rows()), name)
    if not found:
        return "no pairs"
    doubtful = int((np.array(found) < DOUBTFUL).sum())
    return f"{len(found):,} pairs judged: mean {np.mean(found):.2f}, {doubtful:,} below {DOUBTFUL}"


STAGE = Stage(
    name="quality",
    parts=lambda job: translations(job) if job.config.judges_quality else [],
    reads=lambda job, part: [
        *document_tables(job),
        *tables("sentences", "decisions"),
        f"translations/{part}.parquet",
        f"beads/{part}.parquet",
    ],
    settings=lambda job, part: [job.config.sources[0].lang, job.config.translation(part).lang, encoder_settings(job)],
    writes=lambda _job, part: [f"quality/{part}.parquet"],
    run=_run_quality,
)
