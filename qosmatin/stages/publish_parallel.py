"""The config of several languages of a dataset: the same source in all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from qosmatin.corpus.dataset import (
    SPLITS,
    ParallelRow,
    ParallelSummary,
    SplitPlan,
    origin,
    parallel_rows,
    write_parallel,
)
from qosmatin.corpus.model import Provenance
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.pipeline import Job

from .leaks import Leaks
from .publish_said import Said

_DOCUMENTS = 500
"""Documents whose pairs in all languages are held in memory at a time."""


def write_parallel_rows(
    job: Job, view: CorpusView, plan: SplitPlan, leaks: Leaks, *, folder: Path, said: Said
) -> list[ParallelSummary]:
    """Write the multi-parallel config of the translations that the config names, if it names any."""
    if not job.config.publish.parallel:
        return []
    sections = [job.config.translation(name) for name in job.config.publish.parallel]
    source = job.config.sources[0]
    usual = origin([Provenance(one.kind) for one in (source, *sections)])
    languages = (source.lang, *(section.lang for section in sections))
    flags = {pair: flag for section in sections for pair, flag in said.flags[section.name].items()}
    canary = job.config.publish.card.canary
    return write_parallel(folder, languages, usual, _parallel_rows(job, view, plan, leaks, said), flags, canary=canary)


def _parallel_rows(
    job: Job, view: CorpusView, plan: SplitPlan, leaks: Leaks, said: Said
) -> Iterator[tuple[str, list[ParallelRow]]]:
    """Yield the rows of some documents at a time, with their split; what may not be in training is left out."""
    sections = [job.config.translation(name) for name in job.config.publish.parallel]
    refused = {
        one.lang: {*map(str, job.folder.read("filtered", one.name)["pair_id"].to_pylist()), *said.left_out(one.name)}
        for one in sections
    }
    names = [{source for source, _ in view.document_pairs(one.name)} for one in sections]
    for split in SPLITS:
        common = sorted(
            name for name, found in plan.splits.items() if found == split and all(name in of_one for of_one in names)
        )
        for start in range(0, len(common), _DOCUMENTS):
            some = common[start : start + _DOCUMENTS]
            beads = {one.lang: view.beads_by_document(one.name, set(some)) for one in sections}
            rows = [
                row
                for document in some
                for row in parallel_rows({lang: found.get(document, []) for lang, found in beads.items()}, refused)
            ]
            yield split, _without_leaks(rows, leaks) if split == "train" else rows


def _without_leaks(rows: list[ParallelRow], leaks: Leaks) -> list[ParallelRow]:
    pairs = [pair for row in rows for of_lang in row.pairs.values() for pair in of_lang]
    leaky: set[str] = set()
    for name in sorted({pair.translation for pair in pairs}):
        of_one = [pair for pair in pairs if pair.translation == name]
        found = leaks.of(name)([pair.source_text for pair in of_one], [pair.target_text for pair in of_one])
        leaky |= {pair.id for pair, leak in zip(of_one, found, strict=True) if leak is not None}
    return [row for row in rows if not any(pair.id in leaky for of_lang in row.pairs.values() for pair in of_lang)]
