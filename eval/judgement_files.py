"""Files of people's judgements: the TSV of Google's MQM campaigns, and what Pearmut's dashboard downloads.

* MQM TSV (``system``, ``doc``, ``doc_id``, ``seg_id``, ``rater``, ``source``, ``target``, ``category``, ``severity``):
  a row for each error, which ``<v>`` and ``</v>`` enclose in the target or, where something is missing, in the source.
* Pearmut (ESA, cESA, DA, MQM): ``{campaign: [entry, ...]}``, a list, or a line each. An entry holds a document's
  ``item`` list, and in ``annotation`` for each item and system a ``score`` of 0 to 100 and ``error_spans``. Their ends
  are inclusive, and count UTF-16 units as JavaScript does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qosmatin.corpus.error_spans import ErrorSpan, severity_of

MQM_COLUMNS = ("system", "rater", "source", "target", "category", "severity")
"""The columns without which a table is no MQM table."""

_MARK = re.compile(r"</?v>")
_PRACTICE = ("welcome_", "random_", "goodbye_")
"""Beginnings of the names of items that teach or check an annotator and judge no system."""
_RESET = "__RESET__"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person said of one system's translation of a segment; ``score`` is None where they only marked errors."""

    system: str
    source: str | None
    target: str
    score: float | None
    spans: tuple[ErrorSpan, ...]
    by: str


def is_mqm(first_line: str) -> bool:
    """Whether a file is a table of MQM, by its first line."""
    return set(MQM_COLUMNS) <= set(first_line.rstrip("\r").split("\t"))


def read_mqm(text: str) -> list[Judgement]:
    """Read an MQM TSV; raises ``ValueError`` for a row of another width."""
    header, *lines = [line.rstrip("\r") for line in text.split("\n")]
    names = header.split("\t")
    found: dict[tuple[str, ...], list[ErrorSpan]] = {}
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) < len(names):
            raise ValueError(f"line {number} has {len(cells)} columns, the first line {len(names)}")
        row = dict(zip(names, cells, strict=False))
        texts = _MARK.sub("", row["source"]).strip(), _MARK.sub("", row["target"]).strip()
        place = (row["system"], row.get("doc", ""), row.get("seg_id", ""), row["rater"], *texts)
        found.setdefault(place, []).extend(_mqm_spans(row))
    return [
        Judgement(system, source or None, target, None, tuple(spans), by)
        for (system, _, _, by, source, target), spans in found.items()
    ]


def _mqm_spans(row: Mapping[str, str]) -> Iterator[ErrorSpan]:
    """Yield the error that a row marks; an error that marks nothing is one of the whole translation."""
    severity = row["severity"].strip().lower()
    if severity in ("no-error", "no error", "") or row["category"].strip().lower() in ("no-error", "no error"):
        return
    category, by = row["category"].strip() or None, row["rater"]
    sides: tuple[Literal["target", "source"], ...] = ("target", "source")
    placed = [(side, *place) for side in sides for place in _marks(row[side])]
    for side, start, end in placed or [("target", 0, len(row["target"].strip()))]:
        yield ErrorSpan(start, end, severity_of(severity), category, by, side=side)


def _marks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the offsets that ``<v>`` encloses, in the text without marks and outer white space."""
    text = text.strip()
    for found in re.finditer(r"<v>(.*?)</v>", text, re.DOTALL):
        start = len(_MARK.sub("", text[: found.start()]))
        yield start, start + len(_MARK.sub("", found[1]))


def is_pearmut(rows: Sequence[Any]) -> bool:
    """Whether rows are entries of Pearmut's log."""
    return any(isinstance(row, dict) and "annotation" in row and "item" in row for row in rows)


def read_pearmut(entries: Sequence[Mapping[str, Any]]) -> list[Judgement]:
    """Read the entries of a log, in their order: a later answer of a person on an item takes an earlier one's place.

    Items that teach or check are left out, and what stood before a person's task was reset.
    """
    last: dict[tuple[str, str, str], Judgement] = {}
    for entry in entries:
        by = str(entry.get("user_id", "unknown"))
        if entry.get("annotation") == _RESET:
            last = {place: judgement for place, judgement in last.items() if place[0] != by}
        elif "item" in entry and not str(entry.get("item_i")).startswith(_PRACTICE):
            for number, (item, answer) in enumerate(zip(entry["item"], entry["annotation"], strict=True)):
                name = str(item.get("item_id") or f"{entry.get('item_i')}:{number}")
                for system, said in (answer or {}).items():
                    last[by, name, system] = _pearmut_judgement(system, item, said, by)
    return list(last.values())


def _pearmut_judgement(system: str, item: Mapping[str, Any], said: Mapping[str, Any], by: str) -> Judgement:
    target = str(item["tgt"][system])
    sliders = [value for value in (said.get("sliders") or {}).values() if value is not None]
    score = said.get("score")
    if score is None and sliders:
        score = sum(sliders) / len(sliders)  # as Pearmut itself ranks
    spans = []
    for span in said.get("error_spans") or ():
        start, end = (_code_points(target, int(at)) for at in (span["start_i"], span["end_i"] + 1))
        spans.append(ErrorSpan(start, end, severity_of(span.get("severity")), span.get("category"), by))
    source = item.get("src")
    return Judgement(system, None if source is None else str(source), target, score, tuple(spans), by)


def _code_points(text: str, units: int) -> int:
    """Return the offset in code points of an offset in UTF-16 units."""
    return len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore"))


def pearmut_entries(data: object) -> list[Any]:
    """Return the entries of what was downloaded: a list, or a list for each campaign."""
    if isinstance(data, dict):
        return [entry for entries in data.values() if isinstance(entries, list) for entry in entries]
    return data if isinstance(data, list) else []


def json_rows(text: str) -> list[Any]:
    """Return the rows of a file with a JSON value a line; raises ``ValueError`` where a line has none."""
    return [json.loads(line) for line in text.split("\n") if line.strip()]
