"""What looks wrong in a pair, by the checks that the whole house shares: hints for a reviewer, never verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from qosmatin.corpus.checks import check_pair
from qosmatin.corpus.checks.names import lost_names
from qosmatin.corpus.checks.numbers import NUMBER, missing_numbers, numbers
from qosmatin.corpus.checks.punctuation import wrong_punctuation
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.corpus.terms import Glossary, TermCheck, glossary_of, read_terms
from qosmatin.review.words import N_

Glossaries = Mapping[str, Glossary]
"""Terms to obey (source to target) by target language."""

KINDS = {
    "numbers": N_("numbers"),
    "names": N_("names"),
    "punctuation": N_("punctuation"),
    "copy": N_("untranslated"),
    "language": N_("other language"),
    "length": N_("length"),
    "markup": N_("tags or addresses"),
    "looping": N_("repeats itself"),
    "glossary": N_("glossary"),
}
"""The marks in the order shown, and their words."""


@dataclass(frozen=True, slots=True)
class QualityMark:
    """One mark: its kind (see ``KINDS``) and what it is about, empty where the kind says it all."""

    kind: str
    about: str = ""


_DETAILS: dict[str, Callable[[str, str, str, str], list[str]]] = {
    "numbers": lambda source, target, _from, _to: _written(source, missing_numbers(source, target)),
    "names": lost_names,
    "punctuation": lambda source, target, _from, _to: [" ".join(wrong_punctuation(source, target))],
}


def hint_kinds(source: str, target: str, source_lang: str, target_lang: str) -> list[str]:
    """Return the kinds of the marks that two texts earn by themselves; none where one is empty."""
    if not source or not target:
        return []
    found = check_pair(source, target, source_lang, target_lang)
    return [*found, "punctuation"] if wrong_punctuation(source, target) else found


@lru_cache(maxsize=20_000)
def text_marks(source: str, target: str, source_lang: str, target_lang: str) -> tuple[QualityMark, ...]:
    """Return the marks that two texts earn by themselves (see ``hint_kinds``), each with what it is about."""
    sides = source, target, source_lang, target_lang
    found = {kind: ", ".join(_DETAILS[kind](*sides)) if kind in _DETAILS else "" for kind in hint_kinds(*sides)}
    return tuple(QualityMark(kind, found[kind]) for kind in KINDS if kind in found)


def quality_marks(
    source: str, target: str, source_lang: str, target_lang: str, glossaries: Glossaries, *, hints: int | None = None
) -> list[QualityMark]:
    """Return the marks of a pair, those of the glossary of its target language included.

    ``hints`` is what the store knows of the texts: 0 that there is nothing to be found in them.
    """
    marks = list(text_marks(source, target, source_lang, target_lang)) if hints != 0 else []
    check = term_check(glossaries, source_lang, target_lang) if source and target else None
    if check is not None and (missing := check.missing(source, target)):
        marks.append(QualityMark("glossary", ", ".join(f"{term} → {' / '.join(wanted)}" for term, wanted in missing)))
    return marks


_READY: dict[tuple[int, str, str], tuple[Glossary, TermCheck]] = {}
_MOST_READY = 20


def term_check(glossaries: Glossaries, source_lang: str, target_lang: str) -> TermCheck | None:
    """Return the glossary of a target language, ready to be asked; None where there is none. It is made once."""
    glossary = glossaries.get(target_lang)
    if not glossary:
        return None
    key = id(glossary), source_lang, target_lang
    if key not in _READY:
        if len(_READY) >= _MOST_READY:
            _READY.clear()
        _READY[key] = glossary, TermCheck(glossary, source_lang, target_lang)  # held, so that no other has its id
    return _READY[key][1]


def read_glossaries(folder: Path) -> Glossaries:
    """Return the glossaries in the config of the job that made a corpus, by target language: files, and engines'.

    What an engine was told outranks the files. Raises ``InputError`` for a file that cannot be read.
    """
    config: dict[str, Any] = CorpusFolder(folder).manifest().config or {}
    source_lang = next((one["lang"] for one in config.get("sources", [])), "")
    concepts = [concept for path in config.get("glossaries", []) for concept in read_terms(folder / path)]
    found: dict[str, dict[str, str | tuple[str, ...]]] = {}
    for lang in dict.fromkeys(one["lang"] for one in config.get("translations", [])):
        if terms := glossary_of(concepts, source_lang, lang):
            found[lang] = dict(terms)
    for translation in config.get("translations", []):
        if told := translation.get("glossary"):
            found.setdefault(translation["lang"], {}).update(told)
    return found


def _written(text: str, wanted: list[str]) -> list[str]:
    """Return the numbers of a text, as they are written there, that have some of the significant digits wanted."""
    found = [match.group() for match in NUMBER.finditer(text)]
    return list(dict.fromkeys(one for one in found if {part.significant for part in numbers(one)} & set(wanted)))
