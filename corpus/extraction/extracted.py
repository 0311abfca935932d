"""What an extraction gives: the text of a document, and what its format says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a document, and what the format says of it; ``date`` is ISO 8601."""

    text: str
    title: str | None = None
    date: str | None = None
    url: str | None = None


def joined(paragraphs: Iterable[str]) -> str:
    """Return the paragraphs that hold something as one text, a blank line between them."""
    return "\n\n".join(filter(None, (paragraph.strip() for paragraph in paragraphs)))


_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?(?=$|T| )")


def iso_date(text: str | None) -> str | None:
    """Return the date at the start of an ISO 8601 date or time, None for what is none."""
    match = _DATE.match((text or "").strip())
    return match[0] if match else None
