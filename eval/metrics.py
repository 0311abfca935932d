"""The metrics that scores are made of, each as one way from summed statistics to a number.

sacreBLEU computes BLEU (Papineni et al. 2002), chrF (Popović 2015), chrF++ (Popović 2017) and TER (Snover et al. 2006).
All of them are functions of sums of counts per segment, which is what lets one pass over the texts serve the corpus,
every domain, every interval and every test of significance. A learned metric (COMET, MetricX, BLEURT), whose numbers
come from elsewhere, is the mean of a column, and fits the same mould.

sacreBLEU's ``_extract_corpus_statistics``, ``_cache_references`` and ``_compute_score_from_stats`` are private; the
project pins ``sacrebleu<3`` and its tests hold every number equal to that of the ``sacrebleu`` command.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.languages import primary_subtag

TOKENIZERS = ("13a", "intl", "char", "none", "zh", "ja-mecab", "ko-mecab", "spm", "flores101", "flores200")
"""The tokenizers of BLEU that can be asked for; those after ``none`` need extra packages or a model of sacreBLEU's."""

_MAPPED_TOKENIZERS = {"zh": "zh", "ja": "ja-mecab", "ko": "ko-mecab"}
_CHARACTERS_FIRST = ("kk", "ru")
"""Targets whose rich endings make character n-grams the better first look, and whose quotation marks 13a misses."""

CHRF_COLUMNS = 18
"""chrF keeps three counts (hypothesis, reference, common) for each of six orders of character n-grams."""


class Metric(Protocol):
    """What every metric gives: names, and a score from the sums of its statistics.

    ``key`` is how it is asked for (``bleu:13a``), ``label`` how tables head it, ``name`` sacreBLEU's own name for it,
    ``digits`` the decimals that its scale can bear.
    """

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def higher_is_better(self) -> bool: ...  # noqa: D102
    @property
    def digits(self) -> int: ...  # noqa: D102

    def score(self, sums: Sequence[float]) -> float:
        """Return the corpus score of the segments whose statistics were summed."""
        ...

    def sentence_score(self, statistics: Sequence[float]) -> float:
        """Return the score of one segment."""
        ...

    def signature(self, bootstrap: int = 0, seed: int | None = None) -> str:
        """Return what a reader needs in order to compute the same number and its interval."""
        ...


class SacreMetric:
    """One of sacreBLEU's metrics, for a fixed number of references a segment.

    ``scorer`` is the sacreBLEU object; BLEU has a second one for sentences, where orders of n-grams that a short
    sentence cannot have must not count (``effective_order``).
    """

    digits = 2

    def __init__(self, key: str, label: str, scorer: Any, references: int, sentence_scorer: Any = None) -> None:
        self.key = key
        self.label = label
        self.scorer = scorer
        self.scorer.num_refs = references
        self._sentence_scorer = sentence_scorer or scorer
        self.name: str = scorer._compute_score_from_stats([0] * 64).name
        self.higher_is_better = self.name != "TER"

    def score(self, sums: Sequence[float]) -> float:
        """Return the corpus score of summed statistics, 0 to 100 (TER: from 0, may exceed 100, lower is better)."""
        return float(self.scorer._compute_score_from_stats(list(sums)).score)

    def sentence_score(self, statistics: Sequence[float]) -> float:
        """Return the score of one segment, as ``sacrebleu --sentence-level`` gives it."""
        return float(self._sentence_scorer._compute_score_from_stats(list(statistics)).score)

    def signature(self, bootstrap: int = 0, seed: int | None = None) -> str:
        """Return sacreBLEU's signature, as its command prints it for the same settings (``--confidence``).

        The samples of the ``bootstrap``, when not 0, are stated with the ``seed``. What a test of significance drew is
        no part of a score, and sacreBLEU never prints both.
        """
        signature = self.scorer.get_signature()
        if bootstrap:
            signature.update("bs", bootstrap)
            signature.update("seed", str(seed))
        return str(signature)


@dataclass(frozen=True, slots=True)
class ColumnMetric:
    """A metric whose score a segment was computed elsewhere; the corpus score is their mean.

    Its statistics are two columns: the score, and 1 for each segment (0 and 0 for one that has no score). ``origin``
    says where the numbers come from.
    """

    key: str
    label: str
    origin: str
    higher_is_better: bool = True
    digits: int = 2

    @property
    def name(self) -> str:
        """The metric's name; there is no other than the label."""
        return self.label

    def score(self, sums: Sequence[float]) -> float:
        """Return the mean."""
        return float(sums[0] / sums[1]) if sums[1] else 0.0

    def sentence_score(self, statistics: Sequence[float]) -> float:
        """Return the segment's own score, NaN where it has none."""
        return float(statistics[0]) if statistics[1] else math.nan

    def signature(self, bootstrap: int = 0, seed: int | None = None) -> str:
        """Return where the numbers come from, and how they were resampled."""
        return f"{self.origin}|bs:{bootstrap}|seed:{seed}" if bootstrap else self.origin


def column_metric(
    key: str, label: str, origin: str, higher_is_better: bool, scores: Mapping[str, Sequence[float]]
) -> ColumnMetric:
    """Return the metric of scores that were computed elsewhere, with the decimals that their scale can bear.

    A ten-thousandth of a scale to 1 (COMET) is as fine as a hundredth of one to 100; MetricX's goes to 25.
    """
    largest = max((abs(value) for values in scores.values() for value in values if math.isfinite(value)), default=1.0)
    return ColumnMetric(key, label, origin, higher_is_better, 4 if largest <= 2 else 3 if largest <= 25 else 2)


def default_metrics(target_lang: str | None) -> list[str]:
    """Return the keys of the metrics that are computed unasked, the one to look at first in front.

    ``13a`` leaves «», “”, № attached to words, so that BLEU of a Kazakh or Russian target depends on how a system types
    its quotation marks: there chrF++ comes first and BLEU is given with ``13a`` (comparable to published numbers) and
    with ``intl`` (which separates them). TER is slow and comes on request only.
    """
    if target_lang is not None and primary_subtag(target_lang) in _CHARACTERS_FIRST:
        return ["chrf++", "chrf", "bleu:13a", "bleu:intl"]
    return [f"bleu:{default_tokenizer(target_lang)}", "chrf", "chrf++"]


def default_tokenizer(target_lang: str | None) -> str:
    """Return sacreBLEU's tokenizer for a target language: its own map for zh, ja and ko, ``13a`` elsewhere."""
    return _MAPPED_TOKENIZERS.get(primary_subtag(target_lang or ""), "13a")


def expand_keys(names: Sequence[str], target_lang: str | None) -> list[str]:
    """Return metric keys from what a user writes: ``bleu`` gains the tokenizers of the target language.

    Raises ``InputError`` for an unknown metric or tokenizer.
    """
    keys: list[str] = []
    for name in (part.strip().lower() for given in names for part in given.split(",")):
        if name == "bleu":
            keys += [key for key in default_metrics(target_lang) if key.startswith("bleu:")]
        elif name in ("chrf", "chrf++", "ter", *(f"bleu:{tokenizer}" for tokenizer in TOKENIZERS)):
            keys.append(name)
        else:
            raise InputError(
                f"unknown metric '{name}'; known are bleu, chrf, chrf++, ter, and bleu:TOKENIZER with one of "
                f"{', '.join(TOKENIZERS)}"
            )
    return list(dict.fromkeys(keys))


def build_metrics(keys: Sequence[str], references: int = 1, lowercase: bool = False) -> list[SacreMetric]:
    """Return the metrics of ``expand_keys``'s keys, for that many references a segment.

    ``lowercase`` compares texts without regard to case (TER always does, as Tercom did).
    """
    bleus = sum(key.startswith("bleu:") for key in keys)
    return [_build(key, references, lowercase, bleus > 1) for key in keys]


def _build(key: str, references: int, lowercase: bool, several_bleus: bool) -> SacreMetric:
    """Return one metric."""
    if key == "ter":
        return SacreMetric(key, "TER", TER(), references)
    if key in ("chrf", "chrf++"):
        label, words = ("chrF", 0) if key == "chrf" else ("chrF++", 2)
        return SacreMetric(key, label, CHRF(word_order=words, lowercase=lowercase), references)
    tokenizer = key.removeprefix("bleu:")
    try:
        # Input that looks tokenized is our own checks' to report, with its line: ``force`` silences sacreBLEU's log.
        scorer = BLEU(tokenize=tokenizer, lowercase=lowercase, force=True)
        sentence = BLEU(tokenize=tokenizer, lowercase=lowercase, force=True, effective_order=True)
    except (ImportError, RuntimeError, OSError) as error:
        raise InputError(f"sacreBLEU's tokenizer '{tokenizer}' cannot be used: {error}") from error
    return SacreMetric(key, f"BLEU ({tokenizer})" if several_bleus else "BLEU", scorer, references, sentence)
