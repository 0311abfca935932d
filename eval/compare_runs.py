"""Two runs of a job: the same translations of two corpus folders, on the segments that both have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.storage.folder import CorpusFolder

from .corpus_sets import Comparison, corpus_scoring_set, find_comparisons, printed_path
from .groups import LeftOut
from .scoring_set import ScoringSet

_Key = tuple[str, str, str, int]
"""A segment by document, source, reference, and how many equal ones stand before it."""


def corpus_run_sets(first: CorpusFolder, second: CorpusFolder) -> list[ScoringSet]:
    """Return, for each system and reference that both folders have, the two runs as systems of one set.

    A segment counts when both runs have it with the same source and reference; the others are left out, and counted.
    Raises ``InputError`` when the folders have no comparison in common.
    """
    theirs = {(one.reference, system) for one in find_comparisons(second) for system in one.systems}
    common = [(one.reference, system) for one in find_comparisons(first) for system in one.systems]
    sets = [_run_set(first, second, *pair) for pair in common if pair in theirs]
    if not sets:
        raise InputError(f"no translation is scored against the same reference here and in {second.path}", first.path)
    return sets


def _run_set(first: CorpusFolder, second: CorpusFolder, reference: str, system: str) -> ScoringSet:
    comparison = Comparison(reference, (system,))
    before, after = corpus_scoring_set(first, comparison), corpus_scoring_set(second, comparison)
    rows = dict(zip(_keys(after), range(after.segments), strict=True))
    shared = [(row, rows[key]) for row, key in enumerate(_keys(before)) if key in rows]
    if not shared:
        raise InputError(f"no segment of '{system}' against '{reference}' is the same in both runs", second.path)
    kept = before.only([row for row, _ in shared])
    other = after.only([row for _, row in shared])
    missing = before.segments + after.segments - 2 * len(shared)
    return ScoringSet(
        name=f"{system} against {reference}, A to B",
        systems={"A": kept.systems[system], "B": other.systems[system]},
        references=kept.references,
        ids=kept.ids,
        sources=kept.sources,
        target_lang=kept.target_lang,
        source_lang=kept.source_lang,
        labels=kept.labels,
        reference_kind=kept.reference_kind,
        biased=frozenset(("A", "B")) if system in before.biased else frozenset(),
        left_out=LeftOut(
            len(shared) + missing,
            len(shared) + missing,
            {"being in one run only": missing},
            {"being in one run only": missing},
        ),
        inputs=(printed_path(first.path), printed_path(second.path)),
    )


def _keys(material: ScoringSet) -> Iterator[_Key]:
    """Yield the key of each segment."""
    seen: Counter[tuple[str, str, str]] = Counter()
    sources = material.sources or [""] * material.segments
    for texts in zip(material.labels["document"], sources, material.references[0], strict=True):
        yield (*texts, seen[texts])
        seen[texts] += 1
