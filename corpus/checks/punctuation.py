"""Checks of punctuation that hold across languages: how a text ends, and whether what it opens is closed."""

from __future__ import annotations

import re

_END = re.compile(r"([?!؟…]|\.\.\.|[:;؛])\s*$")
_QUOTED_END = re.compile(r"[?!؟…][\"'»”’)\]]+\W*$")
_SAME = {"؟": "?", "...": "…", "؛": ";"}
_PAIRS = ("()", "[]", "{}")
_QUOTES = re.compile(r"[«»“”„‟\"]")


def wrong_punctuation(source: str, target: str) -> list[str]:
    """Return the marks of a target that do not go with its source.

    That is a question, exclamation, ellipsis, colon or semicolon at the end of one side alone (as that mark), and
    brackets that are closed in the source and not in the target (as both). Quotation marks, of whatever kind on either
    side, count as such a pair (``«»``) where the source has a whole quotation and the target does not: one that goes
    on from the sentence before, or into the next, does so on both sides. Full stops and commas are left out: headlines
    and lists have them or not, by rules of their own.
    """
    ends = [_end(source), _end(target)]
    # A mark inside the quotation that ends a sentence may rightly stand in its middle on the other side.
    quoted = _QUOTED_END.search(source) or _QUOTED_END.search(target)
    wrong = [one for one in dict.fromkeys(ends) if one] if ends[0] != ends[1] and not quoted else []
    wrong += [pair for pair in _PAIRS if _is_closed(source, pair) and not _is_closed(target, pair)]
    quotes = len(_QUOTES.findall(source)), len(_QUOTES.findall(target))
    return [*wrong, "«»"] if quotes[0] and quotes[0] % 2 == 0 and quotes[1] % 2 else wrong


def _end(text: str) -> str:
    found = _END.search(text)
    return _SAME.get(found.group(1), found.group(1)) if found else ""


def _is_closed(text: str, pair: str) -> bool:
    return text.count(pair[0]) == text.count(pair[1])
