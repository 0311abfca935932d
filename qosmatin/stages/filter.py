"""Naming the pairs that the filters refuse, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from qosmatin.corpus.filters import filter_pairs
from qosmatin.corpus.senses import Senses
from qosmatin.corpus.storage.view import CorpusView
from qosmatin.job.batches import in_batches
from qosmatin.job.pipeline import Job, Stage
from qosmatin.job.progress import progress
from qosmatin.job.spreading import spreading
from qosmatin.job.units import document_tables, tables, translations

from .encoding import encoder_settings, encoding, senses_of


def _run_filter(job: Job, name: str) -> str:
    view = CorpusView(job.folder)
    langs = (job.config.sources[0].lang, job.config.translation(name).lang)
    refused: Counter[str] = Counter()
    overruled: list[dict[str, Any]] = []

    senses = filter_senses(job, view, name)

    def rows() -> Iterator[dict[str, Any]]:
        with progress(job.console, f"filter {name}", None) as advance, spreading(job.config) as spread:
            found = filter_pairs(view.pairs(name), job.config.filters, *langs, senses=senses, spread=spread)
            for pair, filter_name, reason, is_overruled in found:
                row = {"pair_id": pair.id, "filter": filter_name, "reason": reason}
                if is_overruled:
                    overruled.append({**row, "reviewer": pair.reviewer})
                else:
                    refused[filter_name] += 1
                    yield row
                advance(1)

    job.folder.write("filtered", in_batches(rows()), name)
    job.folder.write("overruled", [overruled], name)
    total = job.folder.read("beads", name).num_rows
    reasons = ", ".join(f"{count:,} {filter_name}" for filter_name, count in refused.most_common())
    said = [f"{total - refused.total():,} of {total:,} beads kept"]
    said += [f"refused: {reasons}"] if reasons else []
    pairs = len({row["pair_id"] for row in overruled})
    said += [f"{pairs:,} kept by a person's word against a filter"] if pairs else []
    return "; ".join(said)


def filter_senses(job: Job, view: CorpusView, name: str) -> tuple[Senses, Senses] | None:
    """Return the vectors of a translation's pairs, where a filter goes by them."""
    if not job.config.filters_by_vectors:
        return None
    with encoding(job) as embedder:
        return None if embedder is None else senses_of(embedder, view, name)


STAGE = Stage(
    name="filter",
    parts=translations,
    reads=lambda job, part: [
        *document_tables(job),
        *tables("sentences", "decisions"),
        f"translations/{part}.parquet",
        f"beads/{part}.parquet",
        *([f"quality/{part}.parquet"] if job.config.judges_quality else []),
    ],
    settings=lambda job, part: [
        [one.model_dump(mode="json") for one in job.config.filters],
        job.config.sources[0].lang,
        job.config.translation(part).lang,
        *([encoder_settings(job)] if job.config.filters_by_vectors else []),
    ],
    writes=lambda _job, part: [f"filtered/{part}.parquet", f"overruled/{part}.parquet"],
    run=_run_filter,
)
