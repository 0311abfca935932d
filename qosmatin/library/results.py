"""What the functions return: plain dataclasses, each of which is a table too (see ``tables.Rows``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qosmatin.corpus.model import Bead, Sentence, join_sentences

from .tables import Rows

if TYPE_CHECKING:
    from qosmatin.align import Match
    from qosmatin.align.batch import AlignOutcome
    from qosmatin.eval import Evaluation
    from qosmatin.translate.engine import Answer


def _schema(**columns: Any) -> pa.Schema:
    return pa.schema(list(columns.items()))


_TEXT, _COUNT, _NUMBER = pa.string(), pa.int64(), pa.float64()

_PAIR = _schema(source=_TEXT, target=_TEXT, confidence=_NUMBER, shape=_TEXT)


def _pair(source: Sequence[str], target: Sequence[str], bead: Bead) -> dict[str, Any]:
    return {
        "source": join_sentences(source[slice(*bead.source)]),
        "target": join_sentences(target[slice(*bead.target)]),
        "confidence": bead.confidence,
        "shape": bead.shape,
    }


@dataclass(frozen=True, slots=True)
class SplitText(Rows):
    """A text cut into sentences: ``sentences`` are offsets into ``text``, ``texts`` what people see of each."""

    text: str
    lang: str
    sentences: tuple[Sentence, ...]
    texts: tuple[str, ...]

    @property
    def title(self) -> str:
        """What it is, in one line."""
        return f"{len(self.texts)} sentences ({self.lang})"

    @property
    def schema(self) -> pa.Schema:
        """Offsets (start, end) into the text, the number of the paragraph, the text of the sentence."""
        return _schema(start=_COUNT, end=_COUNT, paragraph=_COUNT, text=_TEXT)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each sentence."""
        return [{**one._asdict(), "text": text} for one, text in zip(self.sentences, self.texts, strict=True)]


@dataclass(frozen=True, slots=True)
class AlignedTexts(Rows):
    """Two lists of sentences and the beads between them; a row is a pair, null beads too."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    source_lang: str
    target_lang: str
    beads: tuple[Bead, ...]

    @property
    def title(self) -> str:
        """What it is, in one line."""
        return f"{len(self.beads)} pairs ({self.source_lang}-{self.target_lang})"

    @property
    def schema(self) -> pa.Schema:
        """Source, target, confidence (0 to 1), shape (``1-2``: one source sentence, two target ones)."""
        return _PAIR

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each bead."""
        return [_pair(self.source, self.target, bead) for bead in self.beads]


@dataclass(frozen=True, slots=True)
class AlignedFiles(Rows):
    """The files of two folders, aligned; ``alone`` are the paths of those without a partner.

    ``documents`` has what became of each: sentences and beads, or the error that says why there are none.
    """

    documents: tuple[AlignOutcome, ...]
    alone: tuple[str, ...]
    source_lang: str
    target_lang: str

    @property
    def failed(self) -> dict[str, str]:
        """The documents that could not be aligned, each with its error."""
        return {one.job.id: one.error for one in self.documents if one.error is not None}

    @property
    def title(self) -> str:
        """What it is, in one line."""
        without = f", {len(self.failed)} failed" if self.failed else ""
        alone = f", {len(self.alone)} without a partner" if self.alone else ""
        return f"{len(self.documents)} documents{without}{alone} ({self.source_lang}-{self.target_lang})"

    @property
    def schema(self) -> pa.Schema:
        """The document's name, and what ``AlignedTexts`` has."""
        return pa.schema([pa.field("document", pa.string()), *_PAIR])

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each bead of each document."""
        return [
            {"document": one.job.id, **_pair(one.source, one.target, bead)}
            for one in self.documents
            for bead in one.beads
        ]


@dataclass(frozen=True, slots=True)
class Matches(Rows):
    """Which text translates which: by their places in the two lists, which had ``sources`` and ``targets`` texts."""

    matches: tuple[Match, ...]
    sources: int
    targets: int

    @property
    def title(self) -> str:
        """What it is, in one line."""
        return f"{len(self.matches)} matches of {self.sources} and {self.targets} texts"

    @property
    def schema(self) -> pa.Schema:
        """Places in the lists (source, target), confidence and covered (0 to 1), why."""
        why = pa.list_(pa.string())
        return _schema(source=_COUNT, target=_COUNT, confidence=_NUMBER, covered=_NUMBER, why=why)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each match."""
        return [
            {name: getattr(one, name) for name in self.schema.names} | {"why": list(one.why)} for one in self.matches
        ]


@dataclass(frozen=True, slots=True)
class Scores(Rows):
    """The scores of systems; ``evaluation`` has all figures (comparisons, parts, examples, scores of sentences)."""

    evaluation: Evaluation

    @property
    def title(self) -> str:
        """What it is, in one line."""
        return f"{self.evaluation.material.name}: {self.evaluation.material.segments} segments"

    @property
    def schema(self) -> pa.Schema:
        """System, metric, score, the bounds of its 95 % interval (low, high), signature."""
        return _schema(system=_TEXT, metric=_TEXT, score=_NUMBER, low=_NUMBER, high=_NUMBER, signature=_TEXT)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each system and metric."""
        return [
            {
                "system": one.system,
                "metric": self.evaluation.label_of(one.metric),
                "score": one.score,
                "low": one.interval and one.interval.low,
                "high": one.interval and one.interval.high,
                "signature": one.signature,
            }
            for one in self.evaluation.scores
        ]


@dataclass(frozen=True, slots=True)
class Translations(Rows):
    """Sentences and what an engine made of each, in order."""

    sources: tuple[str, ...]
    answers: tuple[Answer, ...]
    source_lang: str
    target_lang: str

    @property
    def texts(self) -> list[str]:
        """The translations alone; empty where the engine gave nothing."""
        return [answer.text for answer in self.answers]

    @property
    def title(self) -> str:
        """What it is, in one line."""
        return f"{len(self.sources)} sentences ({self.source_lang}-{self.target_lang})"

    @property
    def schema(self) -> pa.Schema:
        """Source, target, the engine's flags."""
        return _schema(source=_TEXT, target=_TEXT, flags=pa.list_(pa.string()))

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each sentence."""
        return [
            {"source": text, "target": answer.text, "flags": list(answer.flags)}
            for text, answer in zip(self.sources, self.answers, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class TableResult(Rows):
    """A table of a corpus under its name; rows become dictionaries when they are asked for."""

    name: str
    table: pa.Table

    @property
    def title(self) -> str:
        """What it is, in one line."""
        return f"{self.name}: {len(self):,} rows"

    @property
    def schema(self) -> pa.Schema:
        """That of the table."""
        return self.table.schema

    def rows(self) -> list[dict[str, Any]]:
        """Return all rows."""
        return self.table.to_pylist()

    def head(self, count: int) -> list[dict[str, Any]]:
        """Return the first rows."""
        return self.table.slice(0, count).to_pylist()

    def to_arrow(self) -> pa.Table:
        """Return the table."""
        return self.table

    def __len__(self) -> int:
        return self.table.num_rows
