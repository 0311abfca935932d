"""Judging how likely the two sides of each pair say the same: a number of its own beside the aligner's confidence.

A pair may be well aligned and badly translated. What is judged are the texts as they are published, people's edits
included; null beads are no pairs. Filters and the review go by it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from itertools import islice
from typing import Any

from qosmatin.align import pair_quality
from qosmatin.align.quality.meaning import Encode
from qosmatin.align.quality.scoring import block_sizes
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.batches import in_batches
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.spreading import Spread, here, spreading
from qosmatin.job.units import document_tables, tables, translations

from .encoding import encoder_settings, encoding

DOUBTFUL = 0.5
"""Pairs below are counted for the user."""


def _run_quality(job: Job, name: str) -> str:
    with encoding(job) as embedder:
        judging = _Judging(job, name, None if embedder is None else embedder.encode)
        # An encoder is opened once, and its vectors are kept by one process; it has all cores already.
        several = nullcontext(here) if embedder else spreading(job.config, at_once=len(block_sizes(judging.count)) > 1)
        with several as spread:
            job.folder.write("quality", in_batches(judging.rows(spread)), name)
    if not judging.count:
        return "no pairs"
    mean = judging.sum / judging.count
    return f"{judging.count:,} pairs judged: mean {mean:.2f}, {judging.doubtful:,} below {DOUBTFUL}"


class _Judging:
    """One pass over the pairs of a translation, block by block: no more of them are held than are worked on.

    ``count`` are all pairs, ``sum`` and ``doubtful`` tell what was found of them so far.
    """

    def __init__(self, job: Job, name: str, encoder: Encode | None = None) -> None:
        self._view, self._name = CorpusView(job.folder), name
        langs = (job.config.sources[0].lang, job.config.translation(name).lang)
        self._work = partial(pair_quality, source_lang=langs[0], target_lang=langs[1], encoder=encoder)
        self._waiting: deque[list[tuple[str, str]]] = deque()
        self.count = sum(1 for _ in self._pairs())
        self.sum, self.doubtful = 0.0, 0

    def rows(self, spread: Spread) -> Iterator[dict[str, Any]]:
        """Yield the row of each pair, in the order of the tables."""
        for found in spread(self._work, self._blocks()):
            self.sum += sum(found)
            self.doubtful += sum(one < DOUBTFUL for one in found)
            for (document, pair), quality in zip(self._waiting.popleft(), found, strict=True):
                yield {"source_document": document, "pair_id": pair, "quality": round(quality, 4)}

    def _pairs(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield document, id and both texts of each pair that has both."""
        for batch in self._view.pair_batches(self._name):
            columns = (batch.table[one].to_pylist() for one in ("source_document", "id", "source_text", "target_text"))
            yield from (one for one in zip(*columns, strict=True) if one[2] and one[3])

    def _blocks(self) -> Iterator[list[tuple[str, str]]]:
        """Yield the texts of the pairs that are judged together; who they are waits until they are."""
        pairs = self._pairs()
        for size in block_sizes(self.count):
            block = list(islice(pairs, size))
            self._waiting.append([(document, pair) for document, pair, _, _ in block])
            yield [(source, target) for _, _, source, target in block]


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
