"""What a reader of scores should know of the metrics that were computed, in a sentence each."""

from __future__ import annotations

from collections.abc import Sequence

from qosmatin.corpus.languages import primary_subtag

from .agreement import SOURCE, is_lexical
from .metrics import Metric
from .pairwise import PairedTest

_LEXICAL = (
    "Only metrics that compare letters and words: they serve for versions of one system; between unrelated systems +2 "
    f"BLEU agreed with people little more often than a coin ({SOURCE}, section 4.3). Add a learned metric with --with "
    "or --import, or people's judgement."
)
_KAZAKH = (
    "chrF++ stands first: Kazakh packs into endings what English says in words, and a wrong ending costs BLEU the "
    "whole word and every n-gram over it, chrF++ a few letters."
)
_AGREEMENT = (
    "People agree: in how many of 100 pairs of systems that differ so much people ranked the two as the metric does "
    f"({SOURCE}; fitted on 94 languages together, not on Kazakh alone; no curve for chrF++, TER and other metrics "
    "without a figure)."
)


def advice(metrics: Sequence[Metric], target_lang: str | None, comparisons: Sequence[PairedTest]) -> list[str]:
    """Return the sentences that these metrics, in this language, call for."""
    found = [_AGREEMENT] if any(one.agreement is not None for one in comparisons) else []
    if metrics[0].key == "chrf++" and target_lang is not None and primary_subtag(target_lang) == "kk":
        found.append(_KAZAKH)
    if all(map(is_lexical, metrics)):
        found.append(_LEXICAL)
    return found
