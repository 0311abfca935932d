"""A package outside: an engine, a filter, formats of documents and of pairs, by entry points (see its pyproject)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from qosmatin.corpus.extraction import DocumentFormat
from qosmatin.corpus.extraction.extracted import Extracted
from qosmatin.corpus.filters.base import PairwiseFilter
from qosmatin.corpus.formats.files import Heading, PairFormat
from qosmatin.corpus.formats.segments import SegmentPair
from qosmatin.corpus.formats.told import Told
from qosmatin.corpus.model import Pair
from qosmatin.translate.engine import Answer, EngineSpec, TranslationRequest
from qosmatin.translate.settings import MachineSettings


class ShoutingSettings(MachineSettings):
    """An engine that says the same, aloud."""

    engine: Literal["shouting"]
    mark: str = "!"

    def spec(self, source_lang: str, target_lang: str) -> EngineSpec:
        langs = {"source_lang": source_lang, "target_lang": target_lang}
        return EngineSpec("shouting", "loudspeaker", None, None, self.answering() | langs)

    def open(self, source_lang: str, target_lang: str) -> Shouting:  # noqa: ARG002
        return Shouting(self.mark)


class Shouting:
    parallel = 1
    sorts = False
    max_source_tokens = None
    batch_tokens = 4096
    batch_sentences = 100

    def __init__(self, mark: str) -> None:
        self._mark = mark

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def translate(self, requests: Sequence[TranslationRequest]) -> list[Answer]:
        return [Answer(request.text.upper() + self._mark) for request in requests]

    def close(self) -> None:
        pass


class QuietFilter(PairwiseFilter):
    """Refuses pairs with a word in the target."""

    name: Literal["quiet"]
    word: str

    def reason(self, pair: Pair) -> str | None:
        return f"'{self.word}' is shouted" if self.word in pair.target_text else None


def read(path: Path, encoding: str | None) -> Extracted:
    return Extracted(path.read_text(encoding or "utf-8").removeprefix("note: "))


NOTE = DocumentFormat(name="note", suffixes=(".note",), module="qosmatin_shouting")


def read_arrows(path: Path, source_lang: str, target_lang: str, told: Told | None) -> Iterator[SegmentPair]:
    for line in path.read_text(encoding="utf-8").splitlines():
        source, target = line.split(" => ")
        yield SegmentPair(source, target)


def write_arrows(path: Path, segments: Iterable[SegmentPair], about: Heading) -> int:
    lines = [f"{one.source} => {one.target}\n" for one in segments]
    path.write_text("".join(lines), encoding="utf-8")
    return len(lines)


ARROWS = PairFormat(name="arrows", suffixes=(".arrows",), read=read_arrows, write=write_arrows)
