"""One evaluation from beginning to end: check, score, resample, compare, break down, pick examples.

``evaluate`` makes from a scoring set all the figures that the terminal and the reports show; they only lay them out.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from qosmatin.corpus.error_spans import ErrorSpan
from qosmatin.corpus.errors import InputError

from .advice import advice
from .breakdown import Part, break_down
from .checks import Remark, check_set
from .clusters import Rank, rank_systems
from .examples import Errors, ExampleList, Segments, most_different, worst
from .metrics import ColumnMetric, Metric
from .pairwise import PairedTest, compare_pairs
from .scores import ScoredSystems, average_sentence_bleu, score_systems
from .scoring_set import ScoringSet
from .significance import SAMPLES, SEED, TRIALS, Interval, bootstrap_scores, interval_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to evaluate.

    ``metrics``: names as in ``metrics.expand_keys``, none for the target language's defaults. ``samples`` and
    ``trials``: of the bootstrap and of approximate randomisation, 0 for none. ``examples``: how many sentences a list.
    ``resample_by``: a label (``document``) whose groups of segments are drawn and relabelled whole; None for segments.
    """

    metrics: tuple[str, ...] = ()
    lowercase: bool = False
    samples: int = SAMPLES
    trials: int = TRIALS
    seed: int = SEED
    workers: int = 1
    examples: int = 10
    average_sentence_bleu: bool = False
    resample_by: str | None = None

    def arguments(self) -> list[str]:
        """Return the options of ``qosmatin score`` that give these settings; the number of workers changes nothing."""
        words = [word for metric in self.metrics for word in ("--metric", metric)]
        words += ["--lowercase"] if self.lowercase else []
        words += ["--average-sentence-bleu"] if self.average_sentence_bleu else []
        words += ["--resample-by", self.resample_by] if self.resample_by else []
        return [*words, "--bootstrap", str(self.samples), "--trials", str(self.trials), "--seed", str(self.seed)]


@dataclass(frozen=True, slots=True)
class Column:
    """Scores a segment that were computed elsewhere, by system, and the errors that were marked in it."""

    metric: ColumnMetric
    scores: Mapping[str, Sequence[float]]
    spans: Mapping[str, Sequence[Sequence[ErrorSpan]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SystemScore:
    """A system's corpus score on a metric, with its signature and 95 % interval."""

    system: str
    metric: str
    score: float
    signature: str
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a quantity is spread over the segments: ``counts[name][i]`` lie from ``edges[i]`` to ``edges[i + 1]``.

    The first and the last class also hold what lies outside.
    """

    title: str
    edges: Sequence[float]
    counts: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one scoring set. ``sentence_scores[system][metric key]`` has one score a segment.

    ``comparisons`` has all pairs of systems, those with the baseline first; ``ranks`` the systems by metric, the best
    first. ``errors`` are those marked by metrics and people, by system and metric label, a sequence a segment.
    """

    material: ScoringSet
    settings: Settings
    metrics: tuple[Metric, ...]
    remarks: Sequence[Remark]
    scores: Sequence[SystemScore]
    comparisons: Sequence[PairedTest]
    ranks: Mapping[str, Sequence[Rank]]
    parts: Sequence[Part]
    examples: Sequence[ExampleList]
    distributions: Sequence[Distribution]
    sentence_scores: Mapping[str, Mapping[str, Floats]]
    averaged_bleu: Mapping[str, float]
    errors: Errors
    subcommand: str = "score"

    def command(self, *extra: str) -> str:
        """Return the command line that computes these figures again."""
        words = ["qosmatin", self.subcommand, *self.material.inputs, *self.settings.arguments(), *extra]
        return shlex.join(words)

    @property
    def against_baseline(self) -> list[PairedTest]:
        """The comparisons of every other system with the baseline."""
        baseline = next(iter(self.material.systems))
        return [one for one in self.comparisons if one.baseline == baseline]

    @property
    def pairs(self) -> dict[tuple[str, str], dict[str, PairedTest]]:
        """The comparisons by pair (baseline, system) and metric; none where all of them are with the baseline."""
        found: dict[tuple[str, str], dict[str, PairedTest]] = {}
        for one in self.comparisons if len(self.material.systems) > 2 else ():
            found.setdefault((one.baseline, one.system), {})[one.metric] = one
        return found

    @property
    def advice(self) -> list[str]:
        """What a reader should know of these metrics."""
        return advice(self.metrics, self.material.target_lang, self.comparisons)

    def score_of(self, system: str, metric: str) -> SystemScore:
        """Return the score of a system on the metric of this key."""
        return next(score for score in self.scores if (score.system, score.metric) == (system, metric))

    def label_of(self, metric: str) -> str:
        """Return the label of the metric of this key."""
        return self._metric(metric).label

    def shown(self, metric: str, value: float, sign: str = "") -> str:
        """Return a score, bound or difference (``sign`` is ``+``) with the decimals of its metric's scale."""
        return f"{value:{sign}.{self._metric(metric).digits}f}"

    def shown_sentence(self, value: float, sign: str = "") -> str:
        """Return a score of one sentence, or a difference, on the metric that sentences are ranked by."""
        return f"{value:{sign}.{sentence_metric(self.metrics).digits - 1}f}"

    def _metric(self, key: str) -> Metric:
        return next(found for found in self.metrics if found.key == key)


def evaluate(
    material: ScoringSet,
    settings: Settings,
    columns: Sequence[Column] = (),
    progress: Callable[[int], None] | None = None,
) -> Evaluation:
    """Compute all figures of a scoring set. ``columns`` bring scores of learned metrics.

    Raises ``InputError`` for an unknown metric and for columns that do not fit the segments.
    """
    scored = score_systems(
        material.systems,
        material.references,
        settings.metrics,
        target_lang=material.target_lang,
        lowercase=settings.lowercase,
        workers=settings.workers,
        progress=progress,
    )
    for column in columns:
        scored = scored.with_column(column.metric, column.scores)
    sentence_scores = {
        system: {metric.key: scored.sentence_scores(system, metric) for metric in scored.metrics}
        for system in scored.systems
    }
    drawn = scored if settings.resample_by is None else scored.summed(_blocks(material, settings.resample_by))
    errors = _errors(columns)
    sampled = bootstrap_scores(drawn, settings.samples, settings.seed) if settings.samples else None
    compared = sampled is not None and settings.trials and len(scored.systems) > 1
    comparisons = compare_pairs(scored, drawn, sampled, settings.trials, settings.seed) if compared and sampled else ()
    scores = _corpus_scores(scored, settings, sampled)
    return Evaluation(
        material=material,
        settings=settings,
        metrics=scored.metrics,
        remarks=check_set(material),
        scores=scores,
        comparisons=comparisons,
        ranks=_ranks(scored, scores, comparisons),
        parts=break_down(material, scored, settings.samples, settings.seed, settings.resample_by),
        examples=_examples(material, scored, sentence_scores, errors, settings.examples),
        distributions=_distributions(material, scored, sentence_scores),
        sentence_scores=sentence_scores,
        averaged_bleu={system: average_sentence_bleu(scored, system) for system in scored.systems}
        if settings.average_sentence_bleu
        else {},
        errors=errors,
    )


def _errors(columns: Sequence[Column]) -> Errors:
    """Return the errors that columns bring, by system and the label of the metric."""
    found: dict[str, dict[str, Sequence[Sequence[ErrorSpan]]]] = {}
    for column in columns:
        for system, spans in column.spans.items():
            found.setdefault(system, {})[column.metric.label] = spans
    return found


def _blocks(material: ScoringSet, dimension: str) -> Sequence[str]:
    """Return the label of each segment in the dimension that is drawn by; raises ``InputError`` where all are alike."""
    labels = material.labels_of(dimension)
    if len(set(labels)) < 2:
        raise InputError(
            f"all segments are of one {dimension}, and there is nothing to draw from; leave --resample-by out"
        )
    return labels


def _ranks(
    scored: ScoredSystems, scores: Sequence[SystemScore], comparisons: Sequence[PairedTest]
) -> dict[str, list[Rank]]:
    """Return the ranks on each metric; none where systems were not compared."""
    if not comparisons:
        return {}
    return {
        metric.key: rank_systems(
            metric, {score.system: score.score for score in scores if score.metric == metric.key}, comparisons
        )
        for metric in scored.metrics
    }


def choose_baseline(systems: Mapping[str, Sequence[str]], baseline: str | None) -> dict[str, Sequence[str]]:
    """Return the systems with the named one first. Raises ``InputError`` when there is no such system."""
    if baseline is None:
        return dict(systems)
    if baseline not in systems:
        raise InputError(f"no system '{baseline}' to be the baseline; there are {', '.join(systems)}")
    return {baseline: systems[baseline], **systems}


def _corpus_scores(
    scored: ScoredSystems, settings: Settings, sampled: Mapping[str, Mapping[str, Floats]] | None
) -> list[SystemScore]:
    """Return the corpus scores, with a signature that states how their intervals were sampled."""
    return [
        SystemScore(
            system,
            metric.key,
            scored.corpus_score(system, metric),
            _signature(metric, settings),
            interval_of(sampled[system][metric.key]) if sampled else None,
        )
        for system in scored.systems
        for metric in scored.metrics
    ]


def _signature(metric: Metric, settings: Settings) -> str:
    """Return a metric's signature; what was drawn, where that is not the segments, stands at its end."""
    drawn = f"|drawn:{settings.resample_by}" if settings.samples and settings.resample_by else ""
    return metric.signature(settings.samples, settings.seed) + drawn


def sentence_metric(metrics: Sequence[Metric]) -> Metric:
    """Return the metric that sentences are ranked by: chrF++ or chrF when computed, else the first.

    Sentence BLEU is 0 for most short sentences, which ranks nothing.
    """
    by_key = {metric.key: metric for metric in metrics}
    return by_key.get("chrf++") or by_key.get("chrf") or metrics[0]


def _examples(
    material: ScoringSet,
    scored: ScoredSystems,
    scores: Mapping[str, Mapping[str, Floats]],
    errors: Errors,
    count: int,
) -> list[ExampleList]:
    """Pick the worst sentences of the baseline (or the only system), and where each other one differs most."""
    if not count:
        return []
    metric = sentence_metric(scored.metrics)
    by_system = {system: scores[system][metric.key] for system in scored.systems}
    segments = Segments(material, by_system, errors)
    baseline, *others = scored.systems
    lists = [
        ExampleList(
            "worst",
            f"Worst sentences of {system}",
            metric.label,
            worst(segments, system, count, metric.higher_is_better),
        )
        for system in scored.systems
    ]
    for other in others:
        better, worse = most_different(
            segments, baseline=baseline, system=other, count=count, higher_is_better=metric.higher_is_better
        )
        lists.append(ExampleList("better", f"{other} better than {baseline}", metric.label, better))
        lists.append(ExampleList("worse", f"{other} worse than {baseline}", metric.label, worse))
    return [found for found in lists if found.examples]


def _distributions(
    material: ScoringSet, scored: ScoredSystems, scores: Mapping[str, Mapping[str, Floats]]
) -> list[Distribution]:
    """Count the classes of sentence scores, of length ratios and of confidences."""
    metric = sentence_metric(scored.metrics)
    reference = np.array([max(1, len(text)) for text in material.references[0]])
    ratios = {name: np.array([len(text) for text in texts]) / reference for name, texts in material.systems.items()}
    sentences = {system: scores[system][metric.key] for system in scored.systems}
    result = [
        _distribution(f"Sentence {metric.label}", sentences, np.linspace(0, 100, 21)),
        _distribution("Length of the output as a share of the reference's (characters)", ratios, np.linspace(0, 2, 21)),
    ]
    if isinstance(metric, ColumnMetric):
        result = result[1:]
    if material.confidence is not None:
        known = material.confidence[~np.isnan(material.confidence)]
        result.append(_distribution("Confidence of the alignment", {"segments": known}, np.linspace(0, 1, 21)))
    return result


def _distribution(title: str, values: Mapping[str, Floats], edges: Floats) -> Distribution:
    """Count classes, with what lies outside in the outermost ones."""
    counts = {
        name: np.histogram(np.clip(found, edges[0], edges[-1]), edges)[0].tolist() for name, found in values.items()
    }
    return Distribution(title, [round(float(edge), 6) for edge in edges], counts)
