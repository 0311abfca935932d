"""What differs between two texts, word by word, for people to read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# A combining mark is no word character to ``re``, but it belongs to the letter before it.
_PIECE = re.compile(r"\s+|[\w\u0300-\u036F]+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class DiffPart:
    """A stretch of two texts: ``equal`` (both say the same), ``replace``, ``delete`` (old only) or ``insert``."""

    operation: Literal["equal", "replace", "delete", "insert"]
    old: str
    new: str


def word_diff(old: str, new: str) -> list[DiffPart]:
    """Return how ``new`` came from ``old`` in steps of words, punctuation marks and white space.

    The ``old`` parts joined give the old text, the ``new`` parts the new one.
    """
    before, after = _PIECE.findall(old), _PIECE.findall(new)
    opcodes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    parts = [DiffPart(operation, "".join(before[a:b]), "".join(after[c:d])) for operation, a, b, c, d in opcodes]
    return _joined_over_blanks(parts)


def _joined_over_blanks(parts: list[DiffPart]) -> list[DiffPart]:
    """Make one change of changes that only a blank separates.

    Stretches whose words are all different would else be cut into as many changes as there are words.
    """
    joined: list[DiffPart] = []
    for number, part in enumerate(parts):
        blank = part.operation == "equal" and part.old.isspace() and 0 < number < len(parts) - 1
        after_change = bool(joined) and joined[-1].operation != "equal"
        if after_change and (blank or part.operation != "equal"):
            joined[-1] = DiffPart("replace", joined[-1].old + part.old, joined[-1].new + part.new)
        else:
            joined.append(part)
    return joined
