"""Naming the pairs that the filters refuse, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from qosmatin.corpus.filters import filter_pairs
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.batches import in_batches
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.progress import progress
from qosmatin.job.units import tables, translations


def _run_filter(job: Job, name: str) -> str:
    view = CorpusView(job.folder)
    langs = (job.config.sources[0].lang, job.config.translation(name).lang)
    refused: Counter[str] = Counter()

    def rows() -> Iterator[dict[str, Any]]:
        with progress(job.console, f"filter {name}", None) as advance:
            for pair, filter_name, reason in filter_pairs(view.pairs(name), job.config.filters, *langs):
                refused[filter_name] += 1
                yield {"pair_id": pair.id, "filter": filter_name, "reason": reason}
                advance(1)

    job.folder.write("filtered", in_batches(rows()), name)
    total = job.folder.read("beads", name).num_rows
    reasons = ", ".join(f"{count:,} {filter_name}" for filter_name, count in refused.most_common())
    return f"{total - refused.total():,} of {total:,} beads kept" + (f"; refused: {reasons}" if reasons else "")


STAGE = Stage(
    name="filter",
    parts=translations,
    reads=lambda _job, part: [
        *tables("documents", "sentences", "decisions"),
        f"translations/{part}.parquet",
        f"beads/{part}.parquet",
    ],
    settings=lambda job, part: [
        [one.model_dump(mode="json") for one in job.config.filters],
        job.config.sources[0].lang,
        job.config.translation(part).lang,
    ],
    writes=lambda _job, part: [f"filtered/{part}.parquet"],
    run=_run_filter,
)
