"""Scores of systems on a test set: of the corpus, of each part of it, and of each sentence.

The way of every number: texts -> statistics per segment (``segment_statistics``) -> sums -> score. ``score_systems`` is
the one entry; what it returns is what ``significance``, ``breakdown`` and the reports go on from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qosmatin.corpus.arguments import check_texts
from qosmatin.corpus.errors import InputError

from .metrics import Metric, build_metrics, default_metrics, expand_keys
from .segment_statistics import Statistics, column_sums, extract_statistics


@dataclass(frozen=True, slots=True)
class ScoredSystems:
    """Systems with their metrics' statistics.

    ``statistics[system][metric key]`` is an array of segments x counts. The first system is the baseline.
    """

    metrics: tuple[Metric, ...]
    statistics: Mapping[str, Mapping[str, Statistics]]

    @property
    def systems(self) -> list[str]:
        """The names of the systems, the baseline first."""
        return list(self.statistics)

    @property
    def segments(self) -> int:
        """The number of segments."""
        return len(self.statistics[self.systems[0]][self.metrics[0].key])

    def corpus_score(self, system: str, metric: Metric, rows: npt.NDArray[np.intp] | None = None) -> float:
        """Return the corpus score of all segments, or of those at the indexes ``rows``."""
        statistics = self.statistics[system][metric.key]
        return metric.score(column_sums(statistics if rows is None else statistics[rows]))

    def only(self, rows: npt.NDArray[np.intp]) -> ScoredSystems:
        """Return the same of the segments at these indexes alone."""
        return self._changed(lambda statistics: statistics[rows])

    def summed(self, labels: Sequence[str]) -> ScoredSystems:
        """Return the same with the segments of one label (of a document) summed to one row, in order of appearance.

        What draws rows at random then draws whole documents.
        """
        _, first, codes = np.unique(np.asarray(labels, dtype=str), return_index=True, return_inverse=True)
        order = np.argsort(np.argsort(first))[codes]
        rows = np.argsort(order, kind="stable")
        starts = np.flatnonzero(np.diff(order[rows], prepend=-1))
        return self._changed(
            lambda statistics: np.add.reduceat(
                statistics[rows], starts, axis=0, dtype=np.result_type(statistics.dtype, np.int64)
            )
        )

    def _changed(self, change: Callable[[Statistics], Statistics]) -> ScoredSystems:
        statistics = {
            system: {key: change(array) for key, array in by_metric.items()}
            for system, by_metric in self.statistics.items()
        }
        return ScoredSystems(self.metrics, statistics)

    def sentence_scores(self, system: str, metric: Metric) -> npt.NDArray[np.float64]:
        """Return the score of each segment (BLEU with effective order, as ``sacrebleu --sentence-level`` does)."""
        rows = self.statistics[system][metric.key].tolist()
        return np.fromiter((metric.sentence_score(row) for row in rows), np.float64, len(rows))

    def with_column(self, metric: Metric, columns: Mapping[str, Sequence[float]]) -> ScoredSystems:
        """Return the same with a metric whose segment scores, by system, were computed elsewhere (NaN: not scored).

        Raises ``InputError`` when a system or a segment has none.
        """
        statistics = {}
        for system, by_metric in self.statistics.items():
            if system not in columns:
                raise InputError(f"{metric.label}: no scores for system '{system}', only for {', '.join(columns)}")
            scores = np.asarray(columns[system], dtype=np.float64)
            if len(scores) != self.segments:
                raise InputError(f"{metric.label}: {len(scores)} scores for the {self.segments} segments of '{system}'")
            known = ~np.isnan(scores)
            counts = np.column_stack((np.where(known, scores, 0.0), known.astype(np.float64)))
            statistics[system] = {**by_metric, metric.key: counts}
        return ScoredSystems((*self.metrics, metric), statistics)


def score_systems(
    systems: Mapping[str, Sequence[str]],
    references: Sequence[Sequence[str]],
    metrics: Sequence[str] = (),
    *,
    target_lang: str | None = None,
    lowercase: bool = False,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> ScoredSystems:
    """Score systems' segments against references; the first system is the baseline of later comparisons.

    ``references`` is a list of references, each as long as every system. ``metrics`` are names as in ``expand_keys``;
    none means ``default_metrics`` of the target language. Raises ``InputError`` for an empty test set, unequal lengths
    or an unknown metric; files that differ in length are reported with their lines by ``checks.check_lengths``.
    """
    if not isinstance(systems, Mapping):
        raise InputError("systems are given by name: {'my system': [segments]}")
    for name, texts in systems.items():
        check_texts(texts, f"systems['{name}']")
    if isinstance(references, str):
        raise InputError("references is one text, and a list of references is meant, each a list of segments")
    for number, reference in enumerate(references):
        check_texts(reference, f"references[{number}]")
    if not systems or not references or not references[0]:
        raise InputError("nothing to score: at least one system, one reference and one segment are needed")
    lengths = {len(texts) for texts in (*systems.values(), *references)}
    if len(lengths) > 1:
        raise InputError(f"systems and references differ in their number of segments: {sorted(lengths)}")
    keys = expand_keys(metrics, target_lang) if metrics else default_metrics(target_lang)
    built = build_metrics(keys, len(references), lowercase)
    statistics = extract_statistics(built, list(systems.values()), references, workers, progress)
    return ScoredSystems(tuple(built), dict(zip(systems, statistics, strict=True)))


def average_sentence_bleu(scored: ScoredSystems, system: str) -> float:
    """Return the mean of the segments' sentence BLEU, as KazParC's tables have it; never to be called BLEU.

    Yeshpanov et al. (2024, "KazParC: Kazakh Parallel Corpus for Machine Translation") average BLEU over segments. The
    mean weighs a word in a short segment more than one in a long segment and is no corpus BLEU. Raises ``InputError``
    when BLEU was not computed.
    """
    for metric in scored.metrics:
        if metric.name == "BLEU":
            return float(scored.sentence_scores(system, metric).mean())
    raise InputError("the average of sentence BLEU needs BLEU among the metrics: add --metric bleu")
