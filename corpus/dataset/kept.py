"""Text that people wrote into a card by hand, which the next run keeps: what stands between two marks.

Marks are comments of Markdown, so that nobody sees them on a page. The card has a place for text below its
introduction (``introduction``) and one above the citation (``notes``); a mark of another name stays with the notes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from qosmatin.corpus.errors import InputError
from qosmatin.corpus.files.regular import read_utf8

PLACES = ("introduction", "notes")

_BEGIN = re.compile(r"^<!-- kept: ([A-Za-z0-9_-]+) -->$")
_END = "<!-- end of kept -->"


def read_kept(card: Path) -> dict[str, str]:
    """Return the text between the marks of a card, by name; none where there is no card.

    Raises ``InputError`` for a mark that is not closed: what was written there would be lost.
    """
    found: dict[str, str] = {}
    if not card.is_file():
        return found
    name, began, lines = "", 0, list[str]()
    for number, line in enumerate(read_utf8(card).split("\n"), start=1):
        mark = _BEGIN.match(line.strip())
        if (mark and name) or (line.strip() == _END and not name):
            raise InputError(
                f"a mark of kept text stands inside of another, or ends none: {line.strip()}", card, number
            )
        if mark:
            name, began, lines = mark[1], number, []
        elif line.strip() == _END:
            found[name] = "\n".join(filter(None, (found.get(name), "\n".join(lines).strip("\n"))))
            name = ""
        elif name:
            lines.append(line)
    if name:
        raise InputError(f"the kept text '{name}' has no end; write a line {_END} behind it", card, began)
    return {name: text for name, text in found.items() if text.strip()}


def kept_blocks(kept: Mapping[str, str], place: str) -> str:
    """Return the marks of a place with what is kept between them."""
    others = [name for name in kept if name not in PLACES] if place == PLACES[-1] else []
    return "\n".join(f"<!-- kept: {name} -->\n{_text(kept, name)}{_END}" for name in (place, *others))


def _text(kept: Mapping[str, str], name: str) -> str:
    return f"{kept[name]}\n" if name in kept else ""
