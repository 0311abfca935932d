"""What people said, as rows for files: a row for each output that was judged, or as Google's MQM tables have it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .model import units
from .results import Opinion

COLUMNS = (
    "annotator", "system", "document", "item", "domain", "score", "minutes", "part", "calibration", "prefilled",
    "checked", "at", "source", "target", "reference", "spans",
)  # fmt: skip
"""The columns of a row; ``spans`` is a list."""

MQM_COLUMNS = ("system", "doc", "doc_id", "seg_id", "rater", "source", "target", "category", "severity")
"""The columns of the tables of MQM ratings that were published for WMT."""


def rows(found: Iterable[Opinion]) -> Iterator[dict[str, Any]]:
    """Yield a row for each output that was judged, those of tutorials and checks too (``part``, ``checked``)."""
    for one in found:
        values = (
            one.annotator, one.system, one.document, one.item, one.domain, one.score, round(one.minutes, 4), one.part,
            one.calibration, one.prefilled, one.checked, one.at, one.source, one.text, one.reference,
            [dict(span) for span in one.spans],
        )  # fmt: skip
        yield dict(zip(COLUMNS, values, strict=True))


def mqm_rows(found: Sequence[Opinion]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each error that counts for a system, its words between <v> and </v>; ``No-error`` for none."""
    numbers: dict[tuple[str, str], int] = {}
    documents: dict[str, int] = {}
    for one in found:
        if not one.ranks:
            continue
        documents.setdefault(one.document, len(documents) + 1)
        place = numbers.setdefault((one.document, one.item), len(numbers) + 1)
        start = one.system, one.document, str(documents[one.document]), str(place), one.annotator, one.source
        for span in one.spans:
            category = str(span.get("category") or ("Accuracy/omission" if _is_missing(one.text, span) else "Other"))
            severity = str(span.get("severity") or "minor").capitalize()
            yield (*start, _marked(one.text, span), category, severity)
        if not one.spans:
            yield (*start, one.text, "No-error", "No-error")


def _is_missing(text: str, span: Any) -> bool:
    return bool(span["start_i"] >= units(text))


def _marked(text: str, span: Any) -> str:
    """Return a text with a span marked; offsets count UTF-16 code units, and both ends belong to it."""
    data = text.encode("utf-16-le", "surrogatepass")
    start, end = span["start_i"] * 2, (span["end_i"] + 1) * 2
    parts = [data[:start], data[start:end], data[end:]]
    before, inside, after = (part.decode("utf-16-le", "surrogatepass") for part in parts)
    return f"{before}<v>{inside}</v>{after}"
