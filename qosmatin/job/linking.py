"""Links between the words of a sentence and of its translation, by what is known of two languages without a corpus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from qosmatin.align.links import cognate_links
from qosmatin.align.seed import seed_dictionary
from qosmatin.align.tokens import PUNCTUATION, located_tokens, tokenize_side, unit_of
from qosmatin.corpus.formats.projecting import Link, Linker, equal_links
from qosmatin.corpus.model import Range

_NEARNESS = 0.1
"""How much of its strength a link loses when its words stand at opposite ends of their sentences."""


def linker_for(source_lang: str, target_lang: str) -> Linker:
    """Return what links words of two languages: spelled alike, alike across scripts, or in the seed lexicon."""
    dictionary = seed_dictionary(source_lang, target_lang)

    def link(source: str, target: str) -> Sequence[Link]:
        sides = [tokenize_side([text], punctuation=False) for text in (source, target)]
        found = {(one, other): strength for one, other, strength in equal_links(source, target)}
        places = [_places(text) for text in (source, target)]
        for links in (dictionary.links(*sides), cognate_links(*sides)):
            for unit, other, strength in zip(links.source, links.target, links.strength, strict=True):
                for here in places[0][sides[0].units[unit]]:
                    for there in places[1][sides[1].units[other]]:
                        found[here, there] = max(found.get((here, there), 0.0), float(strength))
        return _strongest(found, (max(1, len(source)), max(1, len(target))))

    return link


def _strongest(found: dict[tuple[Range, Range], float], lengths: tuple[int, int]) -> list[Link]:
    """Return the links of which each word has one: the strongest, and of two as strong the one of about one place."""

    def rank(link: tuple[tuple[Range, Range], float]) -> float:
        (here, there), strength = link
        return strength - _NEARNESS * abs(here[0] / lengths[0] - there[0] / lengths[1])

    chosen: list[Link] = []
    taken: set[tuple[int, Range]] = set()
    for (here, there), strength in sorted(found.items(), key=rank, reverse=True):
        if not taken & {(0, here), (1, there)}:
            chosen.append((here, there, strength))
            taken |= {(0, here), (1, there)}
    return chosen


def _places(text: str) -> dict[str, list[Range]]:
    """Return where the units of a text stand."""
    found: dict[str, list[Range]] = defaultdict(list)
    for form, kind, place in located_tokens(text):
        if kind != PUNCTUATION:
            found[unit_of(form, kind)].append(place)
    return found
