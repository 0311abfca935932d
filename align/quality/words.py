"""Which words of a pair the other side accounts for, by a lexicon that was learnt without that pair.

Pairs are dealt into folds by their source texts. The lexicon of a fold is learnt from all others, so that no pair is
explained by words that it taught itself. Each token then has log-odds: how much likelier it is beside the other side
than by itself. A word that usually has a partner and here has none is strongly negative.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qosmatin.align.lexicon import Prior, SoftBeads, TranslationTable, learn_table, make_prior
from qosmatin.align.links import Links, cognate_links, identity_links, join_links
from qosmatin.align.seed import seed_dictionary
from qosmatin.align.tokens import SideTokens, tokenize_side

from .kernels import token_odds

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FOLDS = 4
"""Parts into which pairs are dealt; a part is judged by what the others teach."""

_PRIOR_STRENGTH = 5.0
_ITERATIONS = 4
_DISCOUNT = 0.7
_UNIT_WEIGHT = 4.0
"""How many tokens the noise of a class counts for beside those of one unit."""


@dataclass(frozen=True, slots=True)
class Words:
    """The tokens of both sides of all pairs, and how strongly each is accounted for by the other (log-odds)."""

    source: SideTokens
    target: SideTokens
    source_odds: FloatArray
    target_odds: FloatArray


def fold_of(source: str) -> int:
    """Return the fold of a pair by its source, the same in every run."""
    return zlib.crc32(source.encode("utf-8", "surrogatepass")) % FOLDS


def judge_words(
    pairs: Sequence[tuple[str, str]],
    folds: IntArray,
    weights: FloatArray,
    source_lang: str,
    target_lang: str,
) -> Words:
    """Return how the words of pairs are accounted for; ``weights`` (0 to 1) say how much each pair teaches."""
    source = tokenize_side([one for one, _ in pairs], punctuation=False)
    target = tokenize_side([other for _, other in pairs], punctuation=False)
    links = join_links(
        [
            identity_links(source, target),
            seed_dictionary(source_lang, target_lang).links(source, target),
            cognate_links(source, target),
        ],
        max(1, len(target.units)),
    )
    back = Links(links.target, links.source, links.strength)
    priors = (
        make_prior(links, len(source.units), _PRIOR_STRENGTH),
        make_prior(back, len(target.units), _PRIOR_STRENGTH),
    )
    return Words(
        source,
        target,
        _odds(target, source, folds, weights, priors[1]),
        _odds(source, target, folds, weights, priors[0]),
    )


def _odds(a: SideTokens, b: SideTokens, folds: IntArray, weights: FloatArray, prior: Prior) -> FloatArray:
    """Return the log-odds of each token of side b given side a."""
    odds = np.zeros(len(b.ids))
    if not len(a.ids) or not len(b.ids):
        return odds
    for fold in range(FOLDS):
        judged = np.flatnonzero(folds == fold)
        if not len(judged):
            continue
        teaching = np.flatnonzero((folds != fold) & (weights > 0))
        ranges = np.stack([teaching, teaching + 1], axis=1)
        beads = SoftBeads(ranges, ranges, weights[teaching])
        table = learn_table(beads, a, b, prior=prior, iterations=_ITERATIONS, discount=_DISCOUNT)
        token_odds(judged, a.ids, a.starts, b.ids, b.starts, *_own_noise(table, a, b, teaching, weights).arrays(), odds)
    return odds


def _own_noise(
    table: TranslationTable, a: SideTokens, b: SideTokens, teaching: IntArray, weights: FloatArray
) -> TranslationTable:
    """Return the table with a noise for each unit: how often it had no partner, drawn to its class where it is rare."""
    odds = np.full(len(b.ids), np.nan)
    token_odds(teaching, a.ids, a.starts, b.ids, b.starts, *table.arrays(), odds)
    weight = np.repeat(weights, np.diff(b.starts))
    seen = ~np.isnan(odds)
    ids = b.ids[seen]
    alone = table.noise[ids] / np.exp(odds[seen])
    count = np.bincount(ids, weights=weight[seen], minlength=len(b.units))
    noisy = np.bincount(ids, weights=weight[seen] * alone, minlength=len(b.units))
    noise = (noisy + _UNIT_WEIGHT * table.noise) / (count + _UNIT_WEIGHT)
    noise = np.clip(noise, 0.02, 0.98)
    return replace(table, noise=noise, gain=table.gain * (1.0 - noise) / (1.0 - table.noise))
