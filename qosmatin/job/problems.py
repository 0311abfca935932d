"""What is wrong with single documents, and told while the others go on (``on_error: skip``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.storage.folder import CorpusFolder

REMEDY = "mend the file and run again, or list it under 'exclude'"


@dataclass(frozen=True, slots=True)
class Problem:
    """A document that was left out, or stands without its translation, and what to do.

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


def read_problems(folder: CorpusFolder) -> list[Problem]:
    """Return the problems of a corpus as the last reading left them."""
    return [Problem(**row) for row in folder.read("problems").to_pylist()]


def problem_rows(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return problems as rows of the table, and of ``report/problems.jsonl``."""
    return [asdict(problem) for problem in problems]
