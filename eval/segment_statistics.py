"""Statistics per segment, computed once: every number that the reports show is a sum of them.

The texts go through sacreBLEU in chunks, so that the n-grams of a chunk, not of the whole corpus, are in memory at a
time; what remains is one small array of counts for each system and metric (2,000,000 segments of BLEU, chrF and chrF++:
about 270 MB). Chunks are independent, and more than one process may work on them.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from .metrics import CHRF_COLUMNS, SacreMetric

Statistics = npt.NDArray[Any]
"""An array of segments x counts."""

CHUNK = 500
"""Segments a chunk: enough for the work to outweigh the pickling, little enough to report progress by."""

_Chunk = tuple[list[Sequence[str]], list[Sequence[str]]]
_worker_metrics: list[SacreMetric] = []


def extract_statistics(
    metrics: Sequence[SacreMetric],
    systems: Sequence[Sequence[str]],
    references: Sequence[Sequence[str]],
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> list[dict[str, Statistics]]:
    """Return, for each system, the statistics by metric key: arrays of segments x counts.

    ``systems`` and ``references`` are lists of equally long lists of segments. ``workers`` is the number of processes;
    ``progress`` is told of each number of finished segments. Counts are unsigned 32-bit integers, TER's 64-bit floats
    (a mean over the references).
    """
    computed = [metric for metric in metrics if not _comes_with_chrf_plus(metric, metrics, len(references))]
    columns: list[dict[str, list[Statistics]]] = [{metric.key: [] for metric in computed} for _ in systems]
    for size, chunk in _run(computed, list(_chunks(systems, references)), workers):
        for system, arrays in zip(columns, chunk, strict=True):
            for metric, array in zip(computed, arrays, strict=True):
                system[metric.key].append(array)
        if progress is not None:
            progress(size)
    return [_assemble(system, metrics) for system in columns]


def column_sums(statistics: Statistics) -> list[float]:
    """Return the sums of the columns, as exactly as sacreBLEU adds them (integers, or floats one after another)."""
    if len(statistics) == 0:
        return [0] * statistics.shape[1]
    if np.issubdtype(statistics.dtype, np.integer):
        return list(statistics.sum(axis=0, dtype=np.int64).tolist())
    return list(np.cumsum(statistics, axis=0)[-1].tolist())


def _comes_with_chrf_plus(metric: SacreMetric, metrics: Sequence[SacreMetric], references: int) -> bool:
    """Whether chrF's counts are the first columns of chrF++'s, which are computed anyway.

    With several references each of the two picks its own best reference, so only one reference allows it.
    """
    return metric.key == "chrf" and references == 1 and any(other.key == "chrf++" for other in metrics)


def _assemble(parts: dict[str, list[Statistics]], metrics: Sequence[SacreMetric]) -> dict[str, Statistics]:
    """Join the chunks of one system, and give chrF its share of chrF++'s columns."""
    joined = {key: np.concatenate(arrays) for key, arrays in parts.items()}
    return {
        metric.key: joined[metric.key] if metric.key in joined else joined["chrf++"][:, :CHRF_COLUMNS]
        for metric in metrics
    }


def _chunks(systems: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> Iterator[_Chunk]:
    """Cut systems and references alike."""
    for start in range(0, len(references[0]), CHUNK):
        cut = slice(start, start + CHUNK)
        yield [system[cut] for system in systems], [reference[cut] for reference in references]


def _run(
    metrics: list[SacreMetric], chunks: list[_Chunk], workers: int
) -> Iterator[tuple[int, list[list[Statistics]]]]:
    """Yield, in order, each chunk's size and its statistics by system and metric."""
    sizes = [len(chunk[1][0]) for chunk in chunks]
    if workers <= 1 or len(chunks) == 1:
        yield from zip(sizes, (_chunk_statistics(metrics, chunk) for chunk in chunks), strict=True)
        return
    # Forking a process that holds threads (Arrow's, BLAS's) may hang it: start clean ones.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start_worker, (metrics,)) as pool:
        yield from zip(sizes, pool.map(_work, chunks), strict=True)


def _start_worker(metrics: list[SacreMetric]) -> None:
    """Keep the metrics in the worker, so that only texts and counts travel."""
    _worker_metrics[:] = metrics


def _work(chunk: _Chunk) -> list[list[Statistics]]:
    """Run in a worker."""
    return _chunk_statistics(_worker_metrics, chunk)


def _chunk_statistics(metrics: Sequence[SacreMetric], chunk: _Chunk) -> list[list[Statistics]]:
    """Return the statistics of one chunk by system and metric; references are taken apart once for all systems."""
    systems, references = chunk
    result: list[list[Statistics]] = [[] for _ in systems]
    for metric in metrics:
        dtype = np.float64 if metric.name == "TER" else np.uint32
        metric.scorer._ref_cache = metric.scorer._cache_references(references)
        for row, system in zip(result, systems, strict=True):
            row.append(np.array(metric.scorer._extract_corpus_statistics(system, None), dtype=dtype))
        metric.scorer._ref_cache = None
    return result
