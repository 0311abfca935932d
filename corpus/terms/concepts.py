"""What a glossary says: concepts, each with its words in several languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from qosmatin.corpus.languages import best_match

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing, and its ``words`` by language code, the preferred one first.

    ``deprecated`` are words that are not to be used. ``confidence`` (0 to 1) and ``count`` are of candidates that were
    learnt: how sure, and in how many pairs both stood.
    """

    words: Mapping[str, Words]
    deprecated: Mapping[str, Words] = field(default_factory=dict)
    id: str | None = None
    note: str | None = None
    confidence: float | None = None
    count: int | None = None


def glossary_of(concepts: Iterable[Concept], source_lang: str, target_lang: str) -> dict[str, Words]:
    """Return the source words of concepts, each with the target words that may stand for it, the preferred one first.

    A deprecated source word is known too: whoever wrote it means the concept. Concepts that lack one of the languages
    are passed over; a code serves another by ``languages.best_match``.
    """
    found: dict[str, dict[str, None]] = {}
    for concept in concepts:
        source, target = best_match(source_lang, concept.words), best_match(target_lang, concept.words)
        if source is None or target is None or source == target:
            continue
        for word in (*concept.words[source], *concept.deprecated.get(source, ())):
            found.setdefault(word, {}).update(dict.fromkeys(concept.words[target]))
    return {word: tuple(targets) for word, targets in found.items()}
