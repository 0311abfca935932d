"""The translator's desk: matches, concordance and terms for a pair."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.inflection import WORD, fold
from qosmatin.corpus.memory import ConcordanceLine, Match, Memory, open_memories, prepare
from qosmatin.corpus.memory.finding import best_matches, concordance_line
from qosmatin.corpus.memory.index import Side
from qosmatin.corpus.storage.folder import CorpusFolder
from qosmatin.review.quality import Glossaries, term_check

from .confirmed import ConfirmedPairs, Langs, Place

HERE = "review"
"""The name of the memory of what was confirmed here."""

MIN_MATCH = 50
MATCHES = 5
LINES = 15
_LOOKED_AT = 60

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TermLine:
    """A term of a pair: as it stands in the glossary and in the source, what is wanted, and whether it is there."""

    term: str
    written: str
    wanted: tuple[str, ...]
    is_there: bool


class Desk:
    """What a translator is offered beside a pair, from the memories of a job and from what was confirmed."""

    def __init__(self, engine: Engine, memories: Sequence[Path] = (), langs: Mapping[str, str] | None = None) -> None:
        """``memories`` are files of pairs, ``langs`` the source language of each target language of the job."""
        self._confirmed = ConfirmedPairs(engine)
        self._opened: dict[Langs, Memory] = {}
        self._opening: threading.Thread | None = None
        if memories and langs:
            self._opening = threading.Thread(target=self._open, args=(memories, langs), daemon=True)
            self._opening.start()

    def _open(self, memories: Sequence[Path], langs: Mapping[str, str]) -> None:
        """Open the memories beside: an index that has to be made takes a minute for each half a million pairs."""
        source_lang = next(iter(langs.values()))
        for path in memories:
            try:
                for lang, memory in open_memories([path], source_lang, langs).items():
                    known = self._opened.get((source_lang, lang))
                    indexes = (*known.indexes, *memory.indexes) if known else memory.indexes
                    self._opened[source_lang, lang] = Memory(indexes, source_lang, lang)
            except InputError as error:
                _LOG.warning("%s", error)

    @property
    def is_ready(self) -> bool:
        """Whether all memories are open, and all that was confirmed is known."""
        return self._confirmed.is_ready and (self._opening is None or not self._opening.is_alive())

    def wait(self) -> None:
        """Wait until the memories are open."""
        if self._opening is not None:
            self._opening.join()

    def matches(self, source: str, langs: Langs, place: Place) -> list[Match]:
        """Return what is like a source, likest first; the row of it itself, at ``place``, is none."""
        near: dict[Place, None] = {}
        for places, index in self._confirmed.parts(langs):
            units = (*index.exact(source), *index.candidates(source, _LOOKED_AT))
            near.update(dict.fromkeys(places[at] for at in units))
        near.pop(place, None)
        confirmed = ((HERE, unit) for unit in self._confirmed.read(near).values())
        found = best_matches(prepare(source), confirmed, langs[1], MIN_MATCH, limit=MATCHES)
        memory = self._opened.get(langs)
        found += memory.find(source, MIN_MATCH, limit=MATCHES) if memory else []
        found.sort(key=lambda one: -one.percent)  # of equals, what was confirmed here comes first
        distinct: dict[tuple[int, str], Match] = {}
        for one in found:
            distinct.setdefault((one.percent, one.target), one)
        return list(distinct.values())[:MATCHES]

    def concordance(self, words: str, side: Side, langs: Langs) -> list[ConcordanceLine]:
        """Return the pairs whose side has all of some words, in any form."""
        lang = langs[0] if side == "source" else langs[1]
        wanted = list(dict.fromkeys(WORD.findall(fold(words))))
        places = [
            places[int(at)]
            for places, index in self._confirmed.parts(langs)
            for at in index.having(side, wanted, lang)[:_LOOKED_AT]
        ]
        units = self._confirmed.read(dict.fromkeys(places)).values() if wanted else []
        lines = [line for unit in units if (line := concordance_line(unit, side, wanted, lang, HERE)) is not None]
        memory = self._opened.get(langs)
        lines += memory.concordance(words, side, LINES) if memory else []
        return lines[:LINES]


def terms_of(source: str, target: str, langs: Langs, glossaries: Glossaries) -> list[TermLine]:
    """Return the terms of a source in their order, each once, and whether the translation has what is wanted."""
    check = term_check(glossaries, *langs)
    if check is None:
        return []
    lines: dict[str, TermLine] = {}
    for one in check.find(source):
        is_there = check.is_obeyed(one.term, target)
        line = TermLine(one.term, source[one.start : one.end], check.wanted(one.term), is_there)
        lines.setdefault(one.term, line)
    return list(lines.values())


def open_desk(engine: Engine, folder: Path) -> Desk:
    """Return the desk of a corpus, with the memories that the config of its job names; they are opened beside."""
    config: dict[str, Any] = CorpusFolder(folder).manifest().config or {}
    translations = config.get("translations", [])
    named = [*config.get("memories", []), *(path for one in translations for path in one.get("memories") or [])]
    source_lang = next((one["lang"] for one in config.get("sources", [])), "")
    langs = {one["lang"]: source_lang for one in translations}
    return Desk(engine, [folder / path for path in dict.fromkeys(named)], langs)
