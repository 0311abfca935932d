"""What an extraction gives: the text of a document, what its format says of it, and what was left out of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from qosmatin.corpus.model import LeftOut, Tag

from .marks import settle
from .page_links import NO_LINKS, PageLinks


@dataclass(frozen=True, slots=True)
class ExtractSettings:
    """What a person may decide about extraction.

    ``note_marks`` are dropped from the text, or stand beside it as inline tags; ``notes`` says whether footnotes and
    endnotes are read, after the body, ``headers`` whether the heads and feet of the pages of a Word document are, after
    all else. ``article`` takes the article of a web page alone; where it holds less than
    ``article_share`` of the words that the page shows, the rest is listed among what was left out. ``ocr`` is the
    language in which the pages of a PDF that are pictures are read, None where they are not. ``separate`` is the
    language whose lines alone are taken of a file in several, None for all.
    """

    note_marks: Literal["drop", "tags"] = "drop"
    notes: bool = True
    article: bool = True
    article_share: float = 0.5
    ocr: str | None = None
    separate: str | None = None
    headers: bool = False


EXTRACT_DEFAULTS = ExtractSettings()


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a document, and what the format says of it; ``date`` is ISO 8601, ``licence`` an SPDX identifier.

    ``tags`` are offsets into it: the note marks that were asked for, the times of subtitles. ``left_out`` lists what
    the file has and the text has not; ``links`` are a page's own address and those of its translations.
    """

    text: str
    title: str | None = None
    date: str | None = None
    url: str | None = None
    tags: tuple[Tag, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    licence: str | None = None
    rights: str | None = None
    links: PageLinks = NO_LINKS


def joined(paragraphs: Iterable[str]) -> str:
    """Return the paragraphs that hold something as one text, a blank line between them."""
    return "\n\n".join(filter(None, (paragraph.strip() for paragraph in paragraphs)))


def settled(paragraphs: Iterable[str], settings: ExtractSettings) -> tuple[str, tuple[Tag, ...], list[LeftOut]]:
    """Join paragraphs in which raised text is marked (``marks``): the text, its note marks as tags or as left out.

    A paragraph that says nothing is none.
    """
    done: list[str] = []
    tags: list[Tag] = []
    dropped: list[LeftOut] = []
    start = 0
    for paragraph in paragraphs:
        text, notes = settle(paragraph.strip())
        dropped += [LeftOut("note mark", mark) for _, mark in notes] if settings.note_marks == "drop" else []
        if not text.strip():
            continue
        lead = len(text) - len(text.lstrip())
        if settings.note_marks == "tags":
            tags += [
                Tag(start + max(at - lead, 0), "alone", str(len(tags) + number), "note", code=mark)
                for number, (at, mark) in enumerate(notes, start=1)
            ]
        done.append(text.strip())
        start += len(done[-1]) + 2
    return "\n\n".join(done), tuple(tags), dropped


_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?(?=$|T| )")


def iso_date(text: str | None) -> str | None:
    """Return the date at the start of an ISO 8601 date or time, None for what is none."""
    match = _DATE.match((text or "").strip())
    return match[0] if match else None
