"""What is wrong with single documents and sentences, and told while the others go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.storage.folder import CorpusFolder

UNANSWERED = "unanswered"
"""The table of the sentences that an engine failed on, a part for each translation by an engine."""

REMEDY = "mend the file and run again, or list it under 'exclude'"


_SHOWN = 60
"""Characters of a sentence that are shown."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A document that was left out, or a document or sentence without its translation, and what to do.

    ``translation`` names the translation that it is of (None for a source), ``origin`` where it comes from.
    """

    document: str | None
    translation: str | None
    origin: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.problem}; {self.remedy}"


def problem_of(
    fault: InputError, translation: str | None, document: str | None = None, origin: str | None = None
) -> Problem:
    """Return the problem that a fault says, its remedy apart."""
    said, where = str(fault), ""
    if fault.path is not None:
        where = str(fault.path) if fault.line is None else f"{fault.path}:{fault.line}"
        said = said.removeprefix(f"{where}: ")
    what, _, remedy = said.partition("; ")
    return Problem(document, translation, where or origin or "", what, remedy or REMEDY)


def sentence_problem(document: str, translation: str, number: int, text: str, reason: str) -> Problem:
    """Return the problem of a sentence (counted from 1) that an engine failed on; ``reason`` is what it said."""
    said = reason or "the reply was no translation in the form asked for"
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    remedy = "translate it in the review, or have all such asked again: `qosmatin translate JOB.yaml --again`"
    return Problem(document, translation, f"{document}, sentence {number} ({shown})", said, remedy)


def read_problems(folder: CorpusFolder, translations: Sequence[str]) -> list[Problem]:
    """Return the problems of a corpus as the last reading, and the last work of these translations' engines left it."""
    found = folder.read("problems").to_pylist()
    for name in translations:
        if folder.table_path(UNANSWERED, name).exists():
            found += folder.read(UNANSWERED, name).to_pylist()
    return [Problem(**row) for row in found]


def problem_rows(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return problems as rows of the table, and of ``report/problems.jsonl``."""
    return [asdict(problem) for problem in problems]
