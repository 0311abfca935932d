"""Scoring texts that are in memory: the shortest way from lists of segments to figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from qosmatin.corpus.arguments import check_code, check_some_text, check_texts
from qosmatin.corpus.errors import InputError

from .evaluation import Evaluation, Settings, evaluate
from .scoring_set import ScoringSet


def score(
    systems: Mapping[str, Sequence[str]] | Sequence[str],
    references: Sequence[str] | Sequence[Sequence[str]],
    *,
    target_lang: str | None = None,
    sources: Sequence[str] | None = None,
    settings: Settings | None = None,
) -> Evaluation:
    """Score systems against references, a segment for each.

    ``systems`` are outputs by the name of the system, or the output of one alone, which is then called ``system``; the
    first is the baseline of the others. ``references`` is one list of segments, or a list of such lists. The language
    of the outputs chooses metrics and tokenizers where ``settings`` name none (see docs/scoring.md).

    Raises ``InputError`` for lists of unequal length, lists without a text in them, and what is no list of texts.
    """
    if isinstance(systems, str):
        check_texts(systems, "systems")
    named = dict(systems) if isinstance(systems, Mapping) else {"system": systems}
    for name, texts in named.items():
        check_texts(texts, f"systems['{name}']" if isinstance(systems, Mapping) else "systems")
    listed = _lists(references)
    for number, reference in enumerate(listed):
        check_some_text(reference, f"references[{number}]" if listed is references else "references")
    if sources is not None:
        check_texts(sources, "sources")
    return evaluate(
        ScoringSet(
            name=", ".join(named),
            systems=named,
            references=listed,
            ids=[f"segment {number}" for number in range(1, _count(named, listed, sources) + 1)],
            sources=sources,
            target_lang=None if target_lang is None else check_code(target_lang, "target_lang"),
        ),
        settings or Settings(),
    )


def _lists(references: Sequence[str] | Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Return references as a list of lists, whether one was given or several."""
    is_several = not isinstance(references, str) and all(isinstance(one, list | tuple) for one in references)
    return cast(Sequence[Sequence[str]], references if is_several and references else [references])


def _count(
    systems: Mapping[str, Sequence[str]], references: Sequence[Sequence[str]], sources: Sequence[str] | None
) -> int:
    """Return how many segments there are; raises ``InputError`` where lists differ in length."""
    lists = {**systems, **{f"reference {number}": one for number, one in enumerate(references, 1)}}
    if sources is not None:
        lists["the source"] = sources
    lengths = {name: len(texts) for name, texts in lists.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {count}" for name, count in lengths.items())
        raise InputError(f"the lists differ in their number of segments: {told}")
    return next(iter(lengths.values()))
