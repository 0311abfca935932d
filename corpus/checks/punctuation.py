"""Checks of punctuation that hold across languages: how a text ends, and whether what it opens is closed."""

from __future__ import annotations

import re

_END = re.compile(r"([?!؟…]|\.\.\.|[:;؛])\s*$")
_QUOTED_END = re.compile(r"[?!؟…][\"'»”’)\]]+\W*$")
_SAME = {"؟": "?", "...": "…", "؛": ";"}
_PAIRS = ("()", "[]", "{}", "«»")


def wrong_punctuation(source: str, target: str) -> list[str]:
    """Return the marks of a target that do not go with its source.

    That is a question, exclamation, ellipsis, colon or semicolon at the end of one side alone (as that mark), and
    brackets that are closed in the source and not in the target (as both). Full stops and commas are left out:
    headlines and lists have them or not, by rules of their own.
    """
    ends = [_end(source), _end(target)]
    # A mark inside the quotation that ends a sentence may rightly stand in its middle on the other side.
    quoted = _QUOTED_END.search(source) or _QUOTED_END.search(target)
    wrong = [one for one in dict.fromkeys(ends) if one] if ends[0] != ends[1] and not quoted else []
    return wrong + [pair for pair in _PAIRS if _is_closed(source, pair) and not _is_closed(target, pair)]


def _end(text: str) -> str:
    found = _END.search(text)
    return _SAME.get(found.group(1), found.group(1)) if found else ""


def _is_closed(text: str, pair: str) -> bool:
    return text.count(pair[0]) == text.count(pair[1])
