"""Small, stated changes to what an engine wrote; the engine's own words are kept beside, so each can be undone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qosmatin.corpus.languages import primary_subtag

from .settings import PostEdit

_QUOTES = {"en": ("“", "”"), "kk": ("«", "»"), "ru": ("«", "»")}
_QUOTED = re.compile(r"«([^«»“”„\"]*)»|“([^«»“”„\"]*)”|„([^«»“”„\"]*)“|\"([^«»“”„\"]*)\"")


def post_edit(source: str, target: str, lang: str, edits: Sequence[PostEdit]) -> str:
    """Return the translation with the edits that the config asks for.

    ``quotes``: pairs of quotation marks become the language's own. ``casing``: a translation whose first letter is
    small gets a capital one, where the source begins with one.
    """
    if "quotes" in edits:
        target = _with_quotes_of(lang, target)
    if "casing" in edits and source[:1].isupper() and target[:1].islower():
        target = target[0].upper() + target[1:]
    return target


def _with_quotes_of(lang: str, text: str) -> str:
    marks = _QUOTES.get(primary_subtag(lang))
    if marks is None:
        return text
    return _QUOTED.sub(lambda found: marks[0] + next(one for one in found.groups() if one is not None) + marks[1], text)
