"""Warnings of input that makes a score mean something else than it seems to.

Each check looks at the texts alone and returns warnings; none changes a score. The thresholds are shares of lines, set
so that a text that is what it claims to be does not raise them (see ``docs/scoring.md``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from qosmatin.corpus.checks.form import is_copy
from qosmatin.corpus.checks.scripts import is_other_script, kazakh_share, russian_share, script_of
from qosmatin.corpus.languages import primary_subtag

from .scoring_set import ScoringSet

_SPACED_PUNCTUATION = re.compile(r"\w [.,!?;:](?: |$)")

_FORMS = {
    "{} have a tab in them; are they columns of a table?": re.compile(r"\S\t+\S"),
    "{} have markup such as <p> in them": re.compile(r"</?[A-Za-z][\w:-]*(?:\s+[\w:-]+\s*=\s*[\"'][^<>]*)?/?>"),
    "{} begin or end with a score": re.compile(r"^-?\d+\.\d{3,}\s+\S|\S(?:\t| \|\|\| )-?\d+\.\d+$"),
}
"""What a line of text does not hold, by what is said of it."""

_ENOUGH_LINES = 5
"""Below this many lines a share says nothing."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to know before a score is believed: which text, what, on how many lines, and the first of them.

    ``lines`` counts segments; ``first`` is the id of the first, or None where the whole text is meant.
    """

    text: str
    message: str
    lines: int
    first: str | None = None

    def __str__(self) -> str:
        where = "" if self.first is None else f" (first: {self.first})"
        return f"{self.text}: {self.message}{where}"


def check_set(material: ScoringSet) -> list[Remark]:
    """Return the warnings of a scoring set, those about references first."""
    references = {f"reference {number}": texts for number, texts in enumerate(material.references, 1)}
    warnings: list[Remark] = []
    for name, texts in {**references, **material.systems}.items():
        warnings += _check_empty(name, texts, material.ids)
        warnings += _check_language(name, texts, material.ids, material.target_lang)
        warnings += _check_form(name, texts, material.ids)
    if material.sources is not None:
        warnings += _check_language("source", material.sources, material.ids, material.source_lang)
        warnings += _check_form("source", material.sources, material.ids)
    for name, texts in material.systems.items():
        warnings += _check_against_reference(name, texts, material)
        warnings += _check_repeated(name, texts, material.ids)
    return warnings + list(_check_equal_systems(material))


def _lines(name: str, message: str, ids: Sequence[str], wrong: Sequence[bool], share: float = 0.0) -> Iterator[Remark]:
    """Yield one warning when more than the share of lines is wrong; ``{}`` in the message becomes how many."""
    count = sum(wrong)
    if count > share * len(wrong):
        yield Remark(name, message.format(f"{count} of {len(wrong)} lines"), count, ids[wrong.index(True)])


def _check_empty(name: str, texts: Sequence[str], ids: Sequence[str]) -> Iterator[Remark]:
    yield from _lines(name, "{} are empty", ids, [not text.strip() for text in texts])


def _check_form(name: str, texts: Sequence[str], ids: Sequence[str]) -> Iterator[Remark]:
    """Report lines that hold more than their text: columns, markup, a score that an aligner or a system wrote."""
    for message, pattern in _FORMS.items():
        yield from _lines(name, message, ids, [pattern.search(text) is not None for text in texts])


def _check_language(name: str, texts: Sequence[str], ids: Sequence[str], lang: str | None) -> Iterator[Remark]:
    """Compare scripts line by line, and tell Kazakh from Russian by the text as a whole."""
    if lang is None or script_of(lang) is None:
        return
    wrong = [is_other_script(text, lang) for text in texts]
    yield from _lines(name, f"{{}} are not in the script of '{lang}'", ids, wrong, 0.02 if len(texts) > 50 else 0.0)
    sample = " ".join(texts[:1000])
    if script_of(lang) != "Cyrl" or len(sample.split()) < 30 or sum(wrong) > len(wrong) / 2:
        return
    kazakh = kazakh_share(sample)
    if primary_subtag(lang) == "kk" and kazakh < 0.1:
        yield Remark(name, "hardly a letter that only Kazakh has; is this Kazakh?", len(texts))
    if primary_subtag(lang) == "ru" and kazakh > 0.1 and russian_share(sample) < 0.05:
        yield Remark(name, "many letters that Russian does not have; is this Russian?", len(texts))


def _share(texts: Sequence[str], test: Callable[[str], object]) -> float:
    return sum(bool(test(text)) for text in texts) / len(texts)


def _check_against_reference(name: str, texts: Sequence[str], material: ScoringSet) -> Iterator[Remark]:
    """Compare what should be alike in a system's output and the first reference: case, spacing, length."""
    reference = material.references[0]
    yield from _lines(
        name, "{} are copies of the reference", material.ids, list(map(_same, texts, reference)), share=0.5
    )
    if material.sources is not None:
        copied = list(map(is_copy, texts, material.sources))
        yield from _lines(name, "{} are copies of the source, not translated", material.ids, copied, share=0.02)
    if len(texts) < _ENOUGH_LINES:
        return
    yield from _check_case(name, texts, reference)
    yield from _check_tokenized(name, texts, reference)
    ratio = sum(map(len, texts)) / max(1, sum(map(len, reference)))
    if not 0.8 <= ratio <= 1.25:
        word = "shorter" if ratio < 1 else "longer"
        yield Remark(name, f"{word} than the reference: {ratio:.2f} times its characters", len(texts))


def _same(text: str, other: str) -> bool:
    return text == other and bool(text.strip())


def _has_capital(text: str) -> bool:
    return text != text.lower()


def _check_case(name: str, texts: Sequence[str], reference: Sequence[str]) -> Iterator[Remark]:
    ours, theirs = _share(texts, _has_capital), _share(reference, _has_capital)
    message = "looks lower-cased ({:.0%} of its lines have a capital, {:.0%} of {})"
    if theirs >= 0.5 and ours < 0.2:
        yield Remark(name, message.format(ours, theirs, "the reference's"), len(texts))
    if ours >= 0.5 and theirs < 0.2:
        yield Remark("reference 1", message.format(theirs, ours, f"{name}'s"), len(texts))


def _check_tokenized(name: str, texts: Sequence[str], reference: Sequence[str]) -> Iterator[Remark]:
    ours, theirs = _share(texts, _SPACED_PUNCTUATION.search), _share(reference, _SPACED_PUNCTUATION.search)
    message = "looks tokenized ({:.0%} of its lines have a space before punctuation, {:.0%} of {}); detokenize it"
    if ours >= 0.2 and ours > 3 * theirs:
        yield Remark(name, message.format(ours, theirs, "the reference's"), len(texts))
    if theirs >= 0.2 and theirs > 3 * ours:
        yield Remark("reference 1", message.format(theirs, ours, f"{name}'s"), len(texts))


def _check_repeated(name: str, texts: Sequence[str], ids: Sequence[str]) -> Iterator[Remark]:
    """Report the line that is put out most often, when it is long and makes 1 % of the output."""
    counts = Counter(text for text in texts if len(text.split()) >= 4)
    text, count = next(iter(counts.most_common(1)), ("", 0))
    if count >= max(3, 0.01 * len(texts)):
        yield Remark(name, f"{count} lines are all '{text[:60]}'", count, ids[list(texts).index(text)])


def _check_equal_systems(material: ScoringSet) -> Iterator[Remark]:
    names = list(material.systems)
    for number, name in enumerate(names):
        for other in names[:number]:
            if list(material.systems[name]) == list(material.systems[other]):
                yield Remark(name, f"identical to '{other}' on every line", material.segments)
